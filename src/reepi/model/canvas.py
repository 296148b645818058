"""Sizes at which the two networks see a photograph, in training and in use."""

from typing import Final

TISSUE_LEAST_SIDE: Final = 512
TISSUE_LARGEST_SIDE: Final = 768
"""Range of the long side at which the tissue network sees a photograph [px]: its own size where that lies between."""

CORRESPONDENCE_CANVAS: Final = (224, 160)
"""Long and short side of the correspondence network's canvas [px]; turned with the photograph."""


def tissue_side(size: tuple[int, ...], largest: int = TISSUE_LARGEST_SIDE) -> int:
    """Return the long side [px] at which the tissue network sees a photograph of a size (height, width)."""
    return min(largest, max(*size, TISSUE_LEAST_SIDE))


def correspondence_canvas(photograph: tuple[int, ...]) -> tuple[int, int]:
    """Return the correspondence network's canvas (rows, columns) for a photograph (height, width, ...)."""
    long, short = CORRESPONDENCE_CANVAS
    return (long, short) if photograph[0] >= photograph[1] else (short, long)
