"""JPEGs whose compressed data stop before the picture does: the decoder fills the rest with grey and says nothing."""

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image

from reepi.core.images import Pixels
from reepi.imaging.jpeg_files import shortened_jpeg

FILLED: Final = 128
"""Value of every channel where there were no data (libjpeg, jdhuff.c)."""

LEAST_ROWS: Final = 32
LEAST_FILLED: Final = 1 << 15
"""Rows and pixels of grey at the bottom of a picture from which its end is looked into. One that is meant so takes at
least twice `CUT_BYTES` for them: two bits for 64 pixels."""

CUT_BYTES: Final = 64
"""Bytes that are taken from the end of the compressed data to see what they stand for; several blocks."""


def lacks_its_end(
    image: Image.Image, content: bytes, stored: tuple[int, int], decode: Callable[[bytes], Image.Image]
) -> bool:
    """Return whether the grey at the bottom of a baseline JPEG stands for data that are missing.

    Without the last bytes of its data a picture is the same above a grey border; one that stops early stops earlier.

    Parameters
    ----------
    image : Image.Image
        As it was decoded, at any size.
    content : bytes
        The file.
    stored : (int, int)
        Height and width as stored in the file [px].
    decode : callable
        Decodes another file to the same size.
    """
    if not _is_filled(image.crop((0, image.height - 1, image.width, image.height))):
        return False
    rows = np.asarray(image).reshape(image.height, -1)
    above = _rows_above(rows)
    filled = (len(rows) - above) * stored[0] / len(rows)
    if filled < LEAST_ROWS or filled * stored[1] < LEAST_FILLED:
        return False
    shortened = np.asarray(decode(shortened_jpeg(content, CUT_BYTES))).reshape(rows.shape)
    return not np.array_equal(shortened[:above], rows[:above])


def _rows_above(rows: Pixels) -> int:
    """Return how many rows of values (H, N) lie above the grey."""
    seen = np.flatnonzero((rows != FILLED).any(axis=1))
    return int(seen[-1]) + 1 if len(seen) else 0


def _is_filled(row: Image.Image) -> bool:
    return row.getextrema() in ((FILLED, FILLED), ((FILLED, FILLED),) * 3)
