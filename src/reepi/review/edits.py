"""What a reader does to a mask by hand: brush, polygon, bucket, and another tissue for a whole area.

Each function leaves the mask as it is and returns the change as a `Patch`, or None where nothing changes.
"""

from collections.abc import Collection
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Mask
from reepi.review.patches import Area, Patch, Place, check_value, one_of, pixel_at, relabelled

_Window = tuple[int, int, int, int]
"""Top, left, bottom, right of a rectangle of pixels; bottom and right lie past the last one."""

_SUBPIXEL_BITS: Final = 4
"""Places are drawn to a sixteenth of a pixel."""

_BESIDE: Final = 3
"""Polygons are drawn on a canvas with so much room around the mask [px]."""

_FURTHEST_PX: Final = 2.0**15
"""Places further out than this are drawn here [px]; no photograph is that large."""


def retissued(mask: Mask, at: Place, tissue: int) -> Patch | None:
    """Return the change that gives the connected area under a place another tissue; see `filled`."""
    return filled(mask, at, tissue)


def filled(mask: Mask, at: Place, tissue: int, over: Collection[int] | None = None) -> Patch | None:
    """Return the change that pours a tissue into the area around a place.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel.
    at : (float, float)
        Row and column [px].
    tissue : int
        What the area becomes: a `Tissue`, or `UNLABELLED`.
    over : collection of int, optional
        What the area is made of; the tissue under the place if not given. With every tissue but the new one, an
        outline that the reader drew is filled, whatever lies inside.

    Returns
    -------
    Patch or None
        None if the place lies outside the photograph or outside `over`.
    """
    area = connected(mask, at, over)
    return None if area is None else relabelled(mask, area, tissue)


def connected(mask: Mask, at: Place, over: Collection[int] | None = None) -> Area | None:
    """Return the connected area around a place whose pixels are one of some tissues.

    Pixels are neighbours through their sides, so a line one pixel wide holds, however it runs.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel.
    at : (float, float)
        Row and column [px].
    over : collection of int, optional
        Tissues of the area; the one under the place if not given.

    Returns
    -------
    Area or None
        None if the place lies outside the photograph, or on no such tissue.
    """
    pixel = pixel_at(mask, at)
    if pixel is None:
        return None
    ground = one_of((int(mask[pixel]),) if over is None else over).view(np.uint8)[mask]
    if not ground[pixel]:
        return None
    _, _, _, (left, top, width, height) = cv2.floodFill(ground, None, pixel[::-1], (2,), flags=4)
    return Area(top, left, ground[top : top + height, left : left + width] == 2)


def polygon(mask: Mask, corners: npt.ArrayLike, tissue: int, over: Collection[int] | None = None) -> Patch | None:
    """Return the change that paints a polygon, border included.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel.
    corners : (N, 2) float
        Row and column of each corner [px], in order around; parts inside an even number of turns stay unpainted.
    tissue : int
        What is painted: a `Tissue`, or `UNLABELLED`.
    over : collection of int, optional
        What may be painted over; everything if not given.

    Returns
    -------
    Patch or None
        None for fewer than three corners too.
    """
    check_value(tissue)
    places = _cut(_places(corners), mask.shape)
    window = _window(mask, places, 1)
    if window is None or len(places) < 3:
        return None
    canvas = np.zeros((mask.shape[0] + 2 * _BESIDE, mask.shape[1] + 2 * _BESIDE), np.uint8)
    cv2.fillPoly(canvas, [_drawn(places, (-_BESIDE, -_BESIDE))], (1,), shift=_SUBPIXEL_BITS)
    top, left, bottom, right = (side + _BESIDE for side in window)
    return _painted(mask, canvas[top:bottom, left:right], window, tissue, over)


def stroke(
    mask: Mask, path: npt.ArrayLike, radius_px: float, tissue: int, over: Collection[int] | None = None
) -> Patch | None:
    """Return the change that a round brush leaves along a path.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel.
    path : (N, 2) float
        Row and column of the places that the brush went through [px]; one place paints a disk.
    radius_px : float
        Radius of the brush [px]; below half a pixel it paints a line one pixel wide.
    tissue : int
        What is painted: a `Tissue`, or `UNLABELLED`. An eraser paints intact skin.
    over : collection of int, optional
        What may be painted over; everything if not given.

    Raises
    ------
    ValueError
        The radius is no size, or a place no number.
    """
    if not 0 <= radius_px < _FURTHEST_PX:
        raise ValueError(f"a brush has a radius from 0 to {_FURTHEST_PX:.0f} px, not {radius_px}")
    check_value(tissue)
    places = _places(path)
    window = _window(mask, places, radius_px + 2)
    if window is None:
        return None
    canvas = np.zeros((window[2] - window[0], window[3] - window[1]), np.uint8)
    thickness = max(1, round(2 * radius_px))
    cv2.polylines(canvas, [_drawn(places, window[:2])], False, (1,), thickness, shift=_SUBPIXEL_BITS)
    return _painted(mask, canvas, window, tissue, over)


def _painted(mask: Mask, canvas: Mask, window: _Window, tissue: int, over: Collection[int] | None) -> Patch | None:
    return relabelled(mask, Area(window[0], window[1], canvas.view(np.bool_)), tissue, over)


def _places(places: npt.ArrayLike) -> npt.NDArray[np.float64]:
    array = np.asarray(places, np.float64).reshape(-1, 2)
    if not np.isfinite(array).all():
        raise ValueError("a place in a photograph has a row and a column that are numbers")
    return np.clip(array, -_FURTHEST_PX, _FURTHEST_PX)


def _window(mask: Mask, places: npt.NDArray[np.float64], margin: float) -> _Window | None:
    """Return the rectangle of the mask that is drawn on, None if it is empty."""
    if not len(places):
        return None
    low = np.clip(np.floor(places.min(axis=0) - margin), 0, mask.shape).astype(int)
    high = np.clip(np.ceil(places.max(axis=0) + margin) + 1, 0, mask.shape).astype(int)
    if (low >= high).any():
        return None
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _cut(corners: npt.NDArray[np.float64], size: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Return the part of a polygon near a mask, since OpenCV 5 fills wrongly what reaches far beyond its picture.

    Sutherland and Hodgman, Reentrant polygon clipping, doi:10.1145/360767.360802.
    """
    for axis in (0, 1):
        for sign, limit in ((-1.0, 1.0), (1.0, float(size[axis]))):
            kept = []
            for start, end in zip(np.roll(corners, 1, axis=0), corners, strict=True):
                outside = sign * np.array([start[axis], end[axis]]) - limit
                if (outside > 0).any() and (outside <= 0).any():
                    kept.append(start + (end - start) * outside[0] / (outside[0] - outside[1]))
                if outside[1] <= 0:
                    kept.append(end)
            corners = np.array(kept).reshape(-1, 2)
    return corners


def _drawn(places: npt.NDArray[np.float64], first: tuple[int, int]) -> npt.NDArray[np.int32]:
    """Return places as the drawing library wants them: column before row, from a first pixel, in parts of a pixel."""
    shifted = (places - first)[:, ::-1] * 2**_SUBPIXEL_BITS
    # A line of one place is not drawn; from the place to itself it is a disk.
    return np.asarray(np.rint(shifted[[0, *range(len(shifted))]]), np.int32)
