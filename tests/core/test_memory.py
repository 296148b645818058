"""Memory that nothing uses is kept for the next photograph, and given back in the end."""

import ctypes
import os
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


AGAIN = """
import resource, sys, threading
import numpy as np
from reepi.core.memory import keep_memory

def photographs():
    for _ in range(20):
        [np.ones(3_000_000, np.uint8) for _ in range(10)]

if sys.argv[1] == "kept":
    keep_memory()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for work in (photographs, photographs):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not GLIBC, reason="the C library has no mallopt")
def test_memory_is_kept_for_what_comes_next() -> None:
    """Arrays of one photograph after the other take the same pages, in every thread."""
    given = {}
    # Settings of the allocator that this process may have been begun with would be the processes' too.
    bare = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    for how in ("kept", "not kept"):
        done = subprocess.run([sys.executable, "-c", AGAIN, how], capture_output=True, text=True, check=True, env=bare)
        given[how] = int(done.stdout)
    assert given["kept"] < given["not kept"] / 5
