"""What a decoder raises on a file that nobody vouches for, as a reason that a user can act on."""

import struct
import zlib
from typing import Final

from reepi.core.errors import PhotographRejected

DECODING_ERRORS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    RuntimeError,
    MemoryError,
    OverflowError,
    AttributeError,
    struct.error,
    zlib.error,
)
"""What decoders raise on damaged files."""

NO_MEMORY: Final = "no_memory"
NO_EXTRA: Final = "no_extra"

OF_THE_MACHINE: Final = frozenset({NO_MEMORY, NO_EXTRA})
"""Codes of rejections that say nothing of the photograph: this machine, as it is now, cannot read it."""

_CUT_SHORT: Final = ("truncated", "unexpected end", "premature end", "not enough", "unrecognized data stream")
"""Words of the decoders where a file ends too early."""


def damaged(error: Exception) -> PhotographRejected:
    """Return the rejection of a file on which a decoder raised ``error``."""
    if isinstance(error, MemoryError):
        explanation = "The file needs more memory than a photograph may take. Export it smaller, as JPEG."
        return PhotographRejected("too_large", explanation)
    if any(word in str(error).lower() for word in _CUT_SHORT):
        return PhotographRejected("truncated", "The file ends too early. Copy it again from the camera.")
    return PhotographRejected("unreadable", "The file is damaged. Copy it again from the camera.")


def no_memory() -> PhotographRejected:
    """Return the rejection of a file for which this process has no memory now; another time it may have.

    A file on which a decoder with a memory of its own ends is too large, whatever the machine; see `damaged`.
    """
    explanation = "There was not enough memory to read it. End other programs, use fewer workers, or export it smaller."
    return PhotographRejected(NO_MEMORY, explanation)


def no_extra(what: str, extra: str) -> PhotographRejected:
    """Return the rejection of a file that only an extra of the package reads, which is not installed."""
    remedy = f"Install the extra that reads it, pip install 'reepi[{extra}]', or export the photograph as JPEG."
    return PhotographRejected(NO_EXTRA, f"The file is {what}. {remedy}")


def several(count: int) -> PhotographRejected:
    """Return the rejection of a file that holds several pictures, of which none is marked as the photograph."""
    explanation = f"The file holds {count} pictures. Save the one that shows the patient in a file of its own."
    return PhotographRejected("several_pictures", explanation)
