"""How large and how small a photograph may be; every decoder asks before it decodes."""

from typing import Final

from reepi.core.errors import PhotographRejected

WORKING_SIDE: Final = 1024
"""Long side of a photograph at working size [px]."""

FINE_SIDE: Final = 2048
"""Long side of the finer copy of a photograph, in which a capture card is sought [px]: there an A5 card beside a whole
body is 200 pixels wide, and an A6 card beside a limb 400."""

LEAST_FINE_SIDE: Final = 1900
"""Long side with which the finer copy is content [px]: the half of a 12-megapixel photograph, 4000 pixels and a little
less or more, is decoded in half the time of the whole."""

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
"""Larger files are no photographs of a patient: a 150-megapixel 8-bit TIFF with some room."""

MAX_PIXELS: Final = 150_000_000
"""More pixels than any camera at a bedside has; what is above could be a decompression bomb."""

MIN_SIDE: Final = 64
"""A shorter side [px] holds too little skin to measure."""


def needed_side(side: int) -> int:
    """Return the long side that a decoder must give for a photograph of a long side of at most ``side`` [px]."""
    return LEAST_FINE_SIDE if side == FINE_SIDE else side


def check_size(size: tuple[int, int]) -> None:
    """Reject a photograph that is too large to decode or too small to measure.

    Parameters
    ----------
    size : (int, int)
        Height and width as the file's header gives them [px].

    Raises
    ------
    PhotographRejected
        With the code ``too_large`` or ``too_small``.
    """
    height, width = size
    if width * height > MAX_PIXELS:
        explanation = f"{width} x {height} pixels are more than {MAX_PIXELS:,}. Export it smaller."
        raise PhotographRejected("too_large", explanation)
    if min(width, height) < MIN_SIDE:
        explanation = f"{width} x {height} pixels are too few; the shorter side needs {MIN_SIDE}. Give the original."
        raise PhotographRejected("too_small", explanation)
