"""Superpixels: the pixels around a place that look alike, for one click to give them a tissue."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from skimage.segmentation import slic

from reepi.core.images import Pixels
from reepi.review.edits import connected
from reepi.review.patches import Area, Place, pixel_at
from reepi.review.windows import reduced, resized

_SUPERPIXEL_SIDE_PX: Final = 20
"""Side of a superpixel in the reduced window [px]."""

_MARGIN: Final = 2
"""Superpixels around the one that was clicked, on each side, that are computed with it."""

_COMPACTNESS: Final = 10.0
"""Weight of nearness against likeness of colour (CIELAB) in a superpixel; the library's usual value."""


def superpixel(pixels: Pixels, at: Place, size_px: float) -> Area | None:
    """Return the pixels around a place that look alike.

    Superpixels are those of SLIC (Achanta et al., doi:10.1109/TPAMI.2012.120; scikit-image) in a window that begins
    at a multiple of their size, so that clicks near each other divide the photograph in the same way.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The photograph, sRGB.
    at : (float, float)
        Row and column [px].
    size_px : float
        Side of a square of a superpixel's area [px], 2 or more.

    Returns
    -------
    Area or None
        None if the place lies outside the photograph; `relabelled` gives the area a tissue.
    """
    if not 2 <= size_px < np.inf:
        raise ValueError(f"a superpixel has a side of 2 px or more, not {size_px}")
    place = pixel_at(pixels[..., 0], at)
    if place is None:
        return None
    window = _tiles(pixels.shape, place, round(size_px))
    seen = pixels[window]
    small = reduced(seen, max(1.0, size_px / _SUPERPIXEL_SIDE_PX))
    side = min(size_px, _SUPERPIXEL_SIDE_PX)
    number = max(1, round(small.shape[0] * small.shape[1] / side**2))
    labels = slic(small, number, _COMPACTNESS, sigma=1, start_label=0).astype(np.int32)
    large = resized(labels, seen.shape[:2], cv2.INTER_NEAREST_EXACT)
    row, col = place[0] - window[0].start, place[1] - window[1].start
    return _connected_part(large == large[row, col], (row, col), window)


def _tiles(size: tuple[int, ...], place: tuple[int, int], side: int) -> tuple[slice, slice]:
    rows, cols = (
        slice(max(0, (at // side - _MARGIN) * side), min(length, (at // side + _MARGIN + 1) * side))
        for at, length in zip(place, size, strict=False)
    )
    return rows, cols


def _connected_part(inside: npt.NDArray[np.bool_], place: tuple[int, int], window: tuple[slice, slice]) -> Area | None:
    part = connected(inside.view(np.uint8), place)
    if part is None:
        return None
    return Area(window[0].start + part.top, window[1].start + part.left, part.inside)
