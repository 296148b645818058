"""Measure skin detachment and healing in SJS/TEN from standardised photographs."""

__version__ = "0.1.0"
