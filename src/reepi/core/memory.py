"""Memory of long runs: what the C library keeps of it, though nothing uses it any more."""

import ctypes
import sys
from collections.abc import Callable
from typing import Any, Final

KEPT_BYTES: Final = 1 << 29
"""So much free memory is kept at hand [bytes]; all that one photograph needs."""

OWN_MAPPING_BYTES: Final = 1 << 25
"""Pieces from this size on are asked of the system each time [bytes]; glibc allows no more. Arrays of a photograph are
smaller."""

_SETTINGS: Final = (
    (-8, "MALLOC_ARENA_MAX", 1),
    (-1, "MALLOC_TRIM_THRESHOLD_", KEPT_BYTES),
    (-3, "MALLOC_MMAP_THRESHOLD_", OWN_MAPPING_BYTES),
)
"""Number (malloc.h), environment variable and value of settings of glibc. One heap serves all threads: those that
threads have of their own cannot keep as much."""

KEEPS_MEMORY: Final = {variable: str(value) for _, variable, value in _SETTINGS}
"""Environment of processes that keep memory from their beginning; see `keep_memory`."""


def keep_memory() -> None:
    """Let this process, and threads that begin later, keep the memory of one photograph for the next.

    Else glibc gives large arrays back to the system as soon as nobody uses them, which has to make the next ones anew,
    page by page: a twentieth of a photograph's time. Does nothing where the C library has no ``mallopt``. What is kept
    goes by `give_back_memory`.
    """
    if setting := _function("mallopt"):
        for number, _, value in _SETTINGS:
            setting(number, value)


def give_back_memory() -> None:
    """Give memory that was freed back to the system.

    The allocator of glibc gives back what lies at the end of its heaps alone, so a run of thousands of photographs
    seems to grow though nothing is kept. Takes milliseconds; does nothing where the C library has no ``malloc_trim``.
    """
    if trim := _function("malloc_trim"):
        trim(0)


def _function(name: str) -> Callable[..., Any] | None:
    """Return a function of the C library, or None where it has none of that name."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
