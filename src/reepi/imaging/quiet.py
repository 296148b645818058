"""Keeps libraries' warnings back while a file is read, in however many threads."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

_lock = threading.Lock()
_inside = 0
_until_last = ExitStack()


@contextmanager
def without_warnings() -> Iterator[None]:
    """Let nothing warn of what is done here.

    Which warnings are shown is a matter of the whole process: `warnings.catch_warnings` of two threads would leave
    behind what the first to come had found or what the second had. Here the first to come keeps them back, and the last
    to go brings back what was.
    """
    global _inside
    with _lock:
        if _inside == 0:
            _until_last.enter_context(warnings.catch_warnings())
            warnings.simplefilter("ignore")
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _until_last.close()
