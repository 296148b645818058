"""URLs of data bases: with the driver that is installed, and without the password for every eye."""

import re
from typing import Final

_SECRET: Final = re.compile(r"(?<=://)([^:/@\s]*):[^/\s]*@|(?<=[?&]password=)[^&\s]*")


def driver_named(url: str) -> str:
    """Return a data base's URL in which PostgreSQL is spoken to by psycopg, unless another driver is named."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def shown_url(url: str) -> str:
    """Return a data base's URL, or a command with one, without its password."""
    return _SECRET.sub(lambda found: "***" if found[1] is None else f"{found[1]}:***@", url)
