"""Rendered patients of known body surface involved: lesions, looks, scenes, photographs and their truth."""
