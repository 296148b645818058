"""What is costly to make and the same for everybody, kept as arrays in the user's cache."""

import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import platformdirs

T = TypeVar("T")

DAMAGED: Final = (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile)
"""What reading an archive raises that is missing or damaged: then what it held is made anew."""


def cache_folder(what: str) -> Path:
    """Return where something is kept (environment variable ``REEPI_CACHE`` overrides the user's cache)."""
    root = os.environ.get("REEPI_CACHE")
    return (Path(root) if root else Path(platformdirs.user_cache_dir("reepi"))) / what


def kept_or_made(
    path: Path, read: Callable[[Path], T], make: Callable[[], T], arrays: Callable[[T], Mapping[str, Any]]
) -> T:
    """Return what an archive holds; where it is missing or damaged, make it anew and keep its arrays."""
    try:
        return read(path)
    except DAMAGED:
        made = make()
    keep_arrays(path, arrays(made))
    return made


def keep_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write an archive beside its final name, then rename; a cache that cannot be written is done without."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, ignore_cleanup_errors=True) as unfinished:
            part = Path(unfinished) / path.name
            np.savez(part, **arrays)
            part.replace(path)
    except OSError:
        return
