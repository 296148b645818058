"""Annotated photographs: data folders, what their masks mean, faults, splits."""
