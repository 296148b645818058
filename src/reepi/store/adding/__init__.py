"""Photographs that come into a study: what names and cameras tell, the plan, and its carrying out."""
