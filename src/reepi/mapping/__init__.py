"""From photograph to body surface: correspondences, fit, registration, projection onto faces, fusion of a visit."""
