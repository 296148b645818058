"""Arrays from ``.npz`` files, safe to read in several threads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np

_ONE_AT_A_TIME: Final = threading.RLock()
"""Held while arrays are read. NumPy parses their headers as Python text, and in Python 3.11.7 and others of its time
two threads that parse at once may end with a SystemError (cpython issue 106905, mended by its pull request 113035)."""


@contextmanager
def opened_arrays(source: Path | BinaryIO) -> Iterator[Any]:
    """Open an ``.npz`` file or its bytes as `numpy.load` does, for one thread at a time; nothing in it is executed."""
    with _ONE_AT_A_TIME, np.load(source, allow_pickle=False) as arrays:
        yield arrays
