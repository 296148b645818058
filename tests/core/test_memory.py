"""Memory that nothing uses is given back."""

import ctypes
import subprocess
import sys

import pytest

GLIBC = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")

CODE = """
import os
from reepi.core.memory import give_back_memory

def held():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

small = [bytes(60_000) for _ in range(3000)]
kept = small[::200]
del small
before = held()
give_back_memory()
print(before - held())
"""


@pytest.mark.skipif(not GLIBC, reason="the C library has no malloc_trim")
def test_freed_memory_goes_back_to_the_system() -> None:
    """Pieces that are still used, spread over all of it, do not hold the rest."""
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 100
