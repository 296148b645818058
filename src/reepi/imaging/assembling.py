"""The end that every decoder shares: stored pixels to an upright photograph at working size."""

from dataclasses import replace
from typing import TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Photograph, Pixels
from reepi.imaging.exif import Exif

DeepPixels = npt.NDArray[np.uint16]

P = TypeVar("P", Pixels, DeepPixels)


def photograph_of(pixels: Pixels, stored: tuple[int, int], exif: Exif, working_side: int) -> Photograph:
    """Return the photograph of decoded pixels.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB as stored in the file, at its size or already smaller.
    stored : (int, int)
        Height and width as stored in the file [px].
    exif : Exif
        How to turn the pixels upright, and the focal length.
    working_side : int
        Long side of the result [px].
    """
    pixels = exif.upright(shrunk(pixels, working_side))
    return Photograph(pixels, exif.upright_size(stored), exif.focal_px(pixels.shape[:2]))


def reduced(photograph: Photograph, working_side: int) -> Photograph:
    """Return a photograph with a long side of at most ``working_side`` [px]."""
    pixels = shrunk(photograph.pixels, working_side)
    focal_px = photograph.focal_px
    if focal_px is not None:
        focal_px *= max(pixels.shape) / max(photograph.size)
    return replace(photograph, pixels=pixels, focal_px=focal_px)


def shrunk(pixels: P, working_side: int) -> P:
    """Return pixels (H, W, C) with a long side of at most ``working_side`` [px], by the mean of what falls together."""
    height, width = pixels.shape[:2]
    scale = working_side / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(pixels.dtype, copy=False)
