"""Reviewing: what a reader sees, corrects and decides."""
