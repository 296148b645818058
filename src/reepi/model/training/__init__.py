"""From annotated photographs to weights."""
