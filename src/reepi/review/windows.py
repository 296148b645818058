"""Windows of a photograph, and how they are made smaller for work that needs no more."""

from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from reepi.review.patches import Area

Window = tuple[slice, slice]
"""Rows and columns of a rectangle of a photograph."""

_Number = TypeVar("_Number", bound=np.integer[Any] | np.floating[Any])


def widened(window: Window, size: tuple[int, ...], margin: int) -> Window:
    """Return a window with a margin on each side [px], cut to a photograph of a size."""
    rows, cols = (
        slice(max(0, part.start - margin), min(length, part.stop + margin))
        for part, length in zip(window, size, strict=True)
    )
    return rows, cols


def moved(area: Area, window: Window) -> npt.NDArray[np.bool_]:
    """Return an area's pixels in a window around it."""
    inside = np.zeros((window[0].stop - window[0].start, window[1].stop - window[1].start), np.bool_)
    height, width = area.inside.shape
    top, left = area.top - window[0].start, area.left - window[1].start
    inside[top : top + height, left : left + width] = area.inside
    return inside


def reduced(image: npt.NDArray[_Number], factor: float) -> npt.NDArray[_Number]:
    """Return an image made smaller, each pixel the mean of those it covers."""
    height, width = (max(1, round(length / factor)) for length in image.shape[:2])
    return resized(image, (height, width), cv2.INTER_AREA)


def resized(image: npt.NDArray[_Number], size: tuple[int, ...], interpolation: int) -> npt.NDArray[_Number]:
    """Return an image at another height and width [px]."""
    if image.shape[:2] == size:
        return image
    return np.asarray(cv2.resize(image, (size[1], size[0]), interpolation=interpolation), image.dtype)
