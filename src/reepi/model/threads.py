"""How many threads the libraries below may use in this process."""

import os
from typing import Final

import cv2
from threadpoolctl import ThreadpoolController

from reepi.core.errors import Fault, InputError

VARIABLE: Final = "REEPI_THREADS"
"""Environment variable with the number of threads, which processes that this one starts inherit."""


def threads() -> int | None:
    """Return how many threads this process may use, or None where nobody said.

    Raises
    ------
    InputError
        The environment says something that is no number of threads.
    """
    said = os.environ.get(VARIABLE, "").strip()
    if not said:
        return None
    if not said.isascii() or not said.isdigit() or int(said) < 1:
        raise InputError([Fault(VARIABLE, f"{said!r} is no number of threads", "Give a whole number from 1 on.")])
    return int(said)


def use_threads(number: int) -> None:
    """Let this process and those that it starts use so many threads; no result depends on the number.

    Networks that are loaded later run on so many, and OpenCV does. Several processes on one machine take one each:
    together they are faster than one process on all.

    Parameters
    ----------
    number : int
        Threads, from 1 on.
    """
    if number < 1:
        raise ValueError(f"a process needs at least one thread, not {number}")
    os.environ[VARIABLE] = str(number)
    cv2.setNumThreads(number)
    ThreadpoolController().limit(limits=number, user_api="openmp")
    plain_algebra()


def plain_algebra() -> None:
    """Keep linear algebra to one thread, in the libraries that are loaded already.

    Fits solve thousands of systems of a few dozen unknowns: sharing one costs more than solving it, and threads that
    wait for the next take the cores from others.
    """
    ThreadpoolController().limit(limits=1, user_api="blas")
