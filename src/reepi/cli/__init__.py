"""The ``reepi`` command: one file per subcommand, heavy imports inside them."""

from reepi.cli.app import app, main

__all__ = ["app", "main"]
