"""What to annotate next: how unlike and how unsure a photograph is."""
