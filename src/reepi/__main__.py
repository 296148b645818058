"""Lets ``python -m reepi`` do what ``reepi`` does."""

from reepi.cli import main

main()
