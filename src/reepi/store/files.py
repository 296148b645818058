"""Whole files or none: every write goes to a temporary file that is then renamed, or is one put to an object store."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, cast

UNFINISHED: Final = ".part"
"""End of the name of a file that is being written, or that a killed run left behind."""


def is_remote(path: Path) -> bool:
    """Return whether a path lies in an object store; then it is a `upath.UPath`, which is no `Path` but acts as one."""
    return not isinstance(cast(object, path), Path)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file in one step, so that a reader or a killed run sees the old file or the new one, never a part.

    Missing folders are made. The temporary file lies beside its target, since a rename is only atomic there. In an
    object store there are no folders, and a put is atomic by itself.

    Raises
    ------
    OSError
        The folder cannot be written to, or the disk is full.
    """
    if is_remote(path):
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file in one step, with line ends as given; see `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def remove_files(paths: Iterable[Path]) -> None:
    """Remove files that may or may not be there."""
    for path in paths:
        path.unlink(missing_ok=True)
