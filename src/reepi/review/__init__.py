"""The dermatologist's review in napari: pure parts, a controller without Qt, and the window."""
