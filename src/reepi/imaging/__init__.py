"""File to photograph at working size, and masks back to files: reading, quality, encoding."""
