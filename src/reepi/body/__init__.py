"""The patient's body as a triangle surface: shape, regions, pose, charts and ray casting."""
