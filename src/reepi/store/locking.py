"""One at a time: a file that says who is at work in a folder, on one machine or on a share of several.

The operating system holds the lock and lets go of it when the process ends, however that ends. So no lock is ever left
behind by a killed process, and neither clocks nor numbers of processes decide anything. What stands in the file is for
people. Network shares (NFS, SMB) pass such locks on to their server, so it also counts between machines.
"""

import errno
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from reepi.core.errors import ReepiError
from reepi.store.files import not_written

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

RETRY_SECONDS: Final = 0.05
"""Time between two tries while one waits for another [s]: far less than anything that is done under a lock."""

_HELD_BY_OTHERS: Final = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
"""What systems answer where another process holds a lock."""

_NO_LOCKS: Final = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""What file systems answer that have no locks, as some of clusters and of network shares."""

_MARK_BYTE: Final = 1 << 30
"""The byte that is locked on Windows, where others cannot read what is locked: far behind the text."""


class Locked(ReepiError):
    """Somebody else is at work."""


@contextmanager
def locked(path: Path, what: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold a lock while something is done that only one may do.

    Where the file system has no locks, the file itself is the lock: it keeps others out until it is removed, and one
    that a killed process left there is removed by hand, as the message says.

    Parameters
    ----------
    path : Path
        File of the lock; its folder is there.
    what : str
        What is done, for the message to others.
    wait_seconds : float
        How long to wait for another to end [s].

    Raises
    ------
    Locked
        Another holds it; the message names machine, process and file.
    NotWritten
        The folder cannot be written to.
    """
    until = time.monotonic() + wait_seconds
    while (held := _taken(path)) is None:
        if time.monotonic() >= until:
            raise Locked(_message(path))
        time.sleep(RETRY_SECONDS)
    try:
        _write_holder(held, what)
        yield
    finally:
        _given_back(path, held)


def _taken(path: Path) -> int | None:
    """Return the open file of a lock that is now ours, or None where it is another's."""
    while True:
        try:
            file, is_new = _opened(path)
        except OSError as error:
            raise not_written(path, error) from error
        try:
            _lock(file)
        except OSError as error:
            if is_new and error.errno in _NO_LOCKS:
                return file
            os.close(file)
            if error.errno in (*_NO_LOCKS, *_HELD_BY_OTHERS):
                return None
            raise not_written(path, error) from error
        if _is_still(path, file):
            return file
        # Its last holder removed the file between our two steps: this is a lock that nobody else finds any more.
        os.close(file)


def _opened(path: Path) -> tuple[int, bool]:
    """Return the open file of a lock, and whether it was made now; no link of a stranger's folder is followed."""
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    while True:
        with suppress(FileExistsError):
            return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o666), True
        with suppress(FileNotFoundError):
            return os.open(path, flags), False


def _is_still(path: Path, file: int) -> bool:
    """Say whether an open file is the one that others find; opened anew, since shares remember names for a while."""
    try:
        with path.open("rb") as found:
            return os.path.samestat(os.fstat(found.fileno()), os.fstat(file))
    except OSError:
        return False


def _lock(file: int) -> None:
    if sys.platform == "win32":
        os.lseek(file, _MARK_BYTE, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write_holder(file: int, what: str) -> None:
    """Write who holds a lock; on a full disk nobody is told, but the lock holds all the same."""
    text = json.dumps({"host": socket.gethostname(), "process": os.getpid(), "what": what})
    with suppress(OSError):
        os.ftruncate(file, 0)
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, text.encode())


def _given_back(path: Path, file: int) -> None:
    """Remove the file and let go of it, in this order, so that nobody's lock but ours is removed."""
    if sys.platform == "win32":
        # An open file cannot be removed there, neither by us nor while another has opened it meanwhile.
        os.close(file)
        with suppress(OSError):
            path.unlink()
        return
    with suppress(OSError):
        if _is_still(path, file):
            path.unlink()
    os.close(file)


def _message(path: Path) -> str:
    try:
        holder = json.loads(path.read_text(encoding="utf-8"))
        who = f"process {holder['process']} on {holder['host']} is at it ({holder['what']})"
    except (OSError, ValueError, TypeError, KeyError):
        who = "another process is at it"
    return f"{path.parent}: {who}. Wait for it or end it; if there is none, remove {path.name}."
