"""Photographs that come into a study: what their folders, names and cameras tell, the plan, and how it is carried out."""
