"""The data base of readings: how it is opened, how its trouble is told, and the photograph that an event speaks of."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from reepi.core.errors import Fault, InputError, PhotographRejected
from reepi.imaging.reading import read_bytes
from reepi.store.database_url import driver_named, shown_url
from reepi.store.provenance import bytes_hash
from reepi.store.study import inside

DATABASE: Final = "readings/readings.sqlite"
"""Where readings lie in a study folder, unless a data base is named by its URL."""

WAIT_S: Final = 30
"""How long one process waits for another's writing [s]."""


def open_database(where: str | Path) -> Engine:
    """Return the engine of a data base; nothing is created yet. PostgreSQL is spoken to by psycopg, unless named.

    Parameters
    ----------
    where : str or Path
        Its URL, or the file of SQLite, in whose path ``?`` and ``%`` are letters.
    """
    url = URL.create("sqlite", database=str(where)) if isinstance(where, Path) else where
    if isinstance(url, URL) or url.startswith("sqlite"):
        return create_engine(url, connect_args={"timeout": WAIT_S}, poolclass=NullPool)
    # A window stays open for hours: a connection that the server closed meanwhile is made anew.
    return create_engine(driver_named(url), connect_args={"connect_timeout": WAIT_S}, pool_pre_ping=True, pool_size=1)


@contextmanager
def trouble_told(where: str) -> Iterator[None]:
    """Turn what a data base raises into a fault that names it."""
    try:
        yield
    except InputError:
        raise
    except ModuleNotFoundError as error:
        problem = f"the package for this data base is not installed ({error.name})"
        raise InputError([Fault(where, problem, 'Install it with pip install "reepi[postgres]".')]) from error
    except (SQLAlchemyError, OSError, ValueError) as error:
        reason = shown_url(" ".join(str(getattr(error, "orig", None) or error).split()))
        problem = f"the data base of readings cannot be used ({reason})"
        remedy = "Check its URL, rights and server." if "://" in where else "Check the file, or restore a copy."
        raise InputError([Fault(where, problem, remedy)]) from error


def photograph_as_read(study: Path, file: str, sha256: str) -> bytes:
    """Return a photograph's bytes, if they are still those that the reader saw.

    Parameters
    ----------
    study : Path
        The study folder.
    file : str
        File as in ``photos.csv``.
    sha256 : str
        Hash of what the reader saw; empty takes the file as it is.

    Raises
    ------
    InputError
        It lies outside the study, cannot be read, or was changed.
    """
    path = inside(study, file)
    if path is None:
        raise InputError([Fault(file, "it leaves the study folder", "Copy it into the study.")])
    try:
        content = read_bytes(path)
    except PhotographRejected as rejection:
        raise InputError([Fault(str(path), str(rejection), "A reading needs its photograph.")]) from rejection
    if sha256 not in ("", bytes_hash(content)):
        raise InputError([Fault(str(path), "the photograph was changed while it was read", "Open it again.")])
    return content
