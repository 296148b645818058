"""``python -m reepi`` is the command ``reepi``."""

from reepi.cli import main

main()
