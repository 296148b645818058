"""One at a time: a file that says who is at work in a folder, on one machine or on a share of several."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from reepi.core.errors import ReepiError

RENEWED_SECONDS: Final = 60.0
"""A lock is renewed so often while it is held."""

SILENT_SECONDS: Final = 15 * 60
"""A lock of another machine that was not renewed for so long was left behind: nobody can ask there for its process."""


class Locked(ReepiError):
    """Somebody else is at work."""


@contextmanager
def locked(path: Path, what: str, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold a lock while something is done that only one may do.

    A lock that a killed process left behind is taken over: one of this machine whose process is gone, or one of another
    machine that was not renewed for `SILENT_SECONDS`.

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
    """
    own = json.dumps({"host": socket.gethostname(), "process": os.getpid(), "what": what})
    until = time.monotonic() + wait_seconds
    while not _taken(path, own):
        left = _text(path)
        if _left_behind(path):
            # Another may have taken it over meanwhile; theirs is not to be removed.
            if _text(path) == left:
                path.unlink(missing_ok=True)
        elif time.monotonic() >= until:
            raise Locked(_message(path))
        else:
            time.sleep(0.05)
    ended = threading.Event()
    threading.Thread(target=_renew, args=(path, ended), daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        if _text(path) == own:
            path.unlink(missing_ok=True)


def _renew(path: Path, ended: threading.Event) -> None:
    while not ended.wait(RENEWED_SECONDS):
        try:
            os.utime(path)
        except OSError:
            # The share is gone for a while, or somebody took the lock away; neither ends the work.
            continue


def _taken(path: Path, own: str) -> bool:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(own)
    except FileExistsError:
        return False
    return True


def _left_behind(path: Path) -> bool:
    try:
        silent = time.time() - path.stat().st_mtime
        holder = json.loads(_text(path))
        host, process = holder["host"], int(holder["process"])
    except FileNotFoundError:
        return True
    except (OSError, ValueError, TypeError, KeyError):
        # Being written at this moment, or by a process that was killed in between.
        return silent > SILENT_SECONDS
    return not _runs(process) if host == socket.gethostname() else silent > SILENT_SECONDS


def _runs(process: int) -> bool:
    if os.name == "nt":
        # Signal 0 would end a process there; its lock counts until it is silent.
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _message(path: Path) -> str:
    try:
        holder = json.loads(_text(path))
        who = f"process {holder['process']} on {holder['host']} is at it ({holder['what']})"
    except (ValueError, TypeError, KeyError):
        who = "another process is at it"
    return f"{path.parent}: {who}. Wait for it or end it; if there is none, remove {path.name}."
