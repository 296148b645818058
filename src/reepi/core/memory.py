"""Memory of long runs: what the C library keeps of it, though nothing uses it any more."""

import ctypes
import sys


def give_back_memory() -> None:
    """Give memory that was freed back to the system.

    The allocator of glibc gives back what lies at the end of its heaps alone, so a run of thousands of photographs
    seems to grow though nothing is kept. Takes milliseconds; does nothing where the C library has no ``malloc_trim``.
    """
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
