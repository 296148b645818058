"""Study folders, results folders and what the package ships: the places where files are opened and written."""
