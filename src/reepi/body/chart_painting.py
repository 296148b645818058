"""How a body chart is painted: what each code of a face looks like, in the report and in the review alike."""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels
from reepi.core.tissue import COLOURS, Tissue

UNASSESSED_CODE: Final = len(Tissue)
"""Code of a face of which too little was assessed; codes below it are tissues."""

NOT_SKIN_CODE: Final = len(Tissue) + 1
"""Code of a face that is not skin (eyes, mouth)."""

UNASSESSED_LIGHT: Final = (246, 246, 244)
UNASSESSED_DARK: Final = (200, 203, 206)
"""Stripes of unassessed skin: no tissue has a pattern, so it cannot be taken for one."""

NOT_SKIN: Final = (232, 234, 236)
OUTLINE: Final = (90, 98, 108)
PAPER: Final = (255, 255, 255)

STRIPE_PX: Final = 8
"""Distance between stripes [px]."""

_OUTLINE_INDEX: Final = NOT_SKIN_CODE + 1
_STRIPE_INDEX: Final = NOT_SKIN_CODE + 2

CHART_PALETTE: Final = (
    # In place of the background, which no face is painted as.
    PAPER,
    *(COLOURS[tissue] for tissue in Tissue if tissue is not Tissue.BACKGROUND),
    UNASSESSED_LIGHT,
    NOT_SKIN,
    OUTLINE,
    UNASSESSED_DARK,
)
"""sRGB colour of each value of `chart_indices`."""


def chart_indices(
    faces: npt.NDArray[np.int32], outlines: npt.NDArray[np.bool_], codes: npt.NDArray[np.uint8]
) -> npt.NDArray[np.uint8]:
    """Return a chart painted with codes, as places in `CHART_PALETTE`, (H, W).

    Parameters
    ----------
    faces : (H, W) int32
        Face of each pixel, or `NO_FACE`.
    outlines : (H, W) bool
        Lines over it.
    codes : (F,) uint8
        Tissue of each face, `UNASSESSED_CODE` or `NOT_SKIN_CODE`.
    """
    # `NO_FACE` is -1, and so the last place.
    indices = np.append(codes, np.uint8(Tissue.BACKGROUND))[faces]
    indices[(indices == UNASSESSED_CODE) & stripes(faces.shape)] = _STRIPE_INDEX
    indices[outlines] = _OUTLINE_INDEX
    return np.asarray(indices, np.uint8)


def palette_pixels(indices: npt.NDArray[np.uint8]) -> Pixels:
    """Return the colours (H, W, 3) of places in `CHART_PALETTE` (H, W)."""
    return np.take(np.array(CHART_PALETTE, np.uint8), indices, axis=0)


@lru_cache(maxsize=8)
def stripes(shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Return where the dark stripes of unassessed skin lie on a picture of a shape (H, W); not to be written to."""
    rows, columns = np.arange(shape[0])[:, None], np.arange(shape[1])
    striped = np.asarray((rows + columns) % STRIPE_PX < STRIPE_PX // 4)
    striped.flags.writeable = False
    return striped
