"""How many threads the libraries below may use in this process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import cv2
from threadpoolctl import ThreadpoolController

from reepi.core.errors import Fault, InputError

VARIABLE: Final = "REEPI_THREADS"
"""Environment variable with the number of threads, which processes that this one starts inherit."""

_lanes = 1
"""Photographs that this process measures at a time, each in a lane of its own."""


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


@contextmanager
def side_by_side(lanes: int) -> Iterator[None]:
    """Let networks that are loaded meanwhile share the cores, since so many photographs are measured at a time.

    A network on all cores would wait for those that the other lanes have, and they for it.

    Parameters
    ----------
    lanes : int
        Photographs at a time, from 1 on.
    """
    global _lanes
    before, _lanes = _lanes, lanes
    try:
        yield
    finally:
        _lanes = before


def network_threads() -> int | None:
    """Return on how many threads a network runs that is loaded now, or None for as many as there are cores.

    Raises
    ------
    InputError
        As `threads`.
    """
    return threads() if _lanes == 1 else max(1, (threads() or os.cpu_count() or 1) // _lanes)


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
