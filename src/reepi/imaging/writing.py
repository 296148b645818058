"""Masks and pictures for the eye as the bytes of image files. None of them carries metadata of the photograph."""

import io
from typing import Final

import cv2
import numpy as np
from PIL import Image

from reepi.core.images import Mask, Photograph, Pixels
from reepi.core.tissue import COLOURS, Tissue
from reepi.imaging.region_borders import Regions, draw_region_borders

OVERLAY_QUALITY: Final = 85
"""JPEG quality of overlays: for looking at, not for measuring."""

TRAINING_QUALITY: Final = 95
"""JPEG quality of photographs that a network learns from; with full colour, what it adds is below a camera's noise."""

_TINT: Final = 0.35
"""Weight of a tissue's colour over the photograph."""

_TOLD: Final = tuple(tissue for tissue in Tissue if tissue not in (Tissue.BACKGROUND, Tissue.INTACT))


def encode_photograph(pixels: Pixels) -> bytes:
    """Return pixels (H, W, 3), sRGB, as JPEG for training, without metadata."""
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "JPEG", quality=TRAINING_QUALITY, subsampling=0)
    return content.getvalue()


def encode_mask(mask: Mask, size: tuple[int, int]) -> bytes:
    """Return a mask as a single-channel PNG of another size, by nearest neighbour.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel at working size.
    size : (int, int)
        Height and width of the upright original [px].
    """
    enlarged = resized_mask(mask, size)
    # Masks are long runs of one value: run-length compression is the fastest and nearly the smallest.
    options = [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    encoded, content = cv2.imencode(".png", enlarged, options)
    if not encoded:
        raise ValueError(f"a mask of {enlarged.shape} {enlarged.dtype} cannot be written as PNG")
    return content.tobytes()


def resized_mask(mask: Mask, size: tuple[int, int]) -> Mask:
    """Return a mask at a size (H, W) [px]: every pixel takes the value at its middle, so enlarging loses nothing."""
    resized = cv2.resize(mask, (size[1], size[0]), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(resized, np.uint8)


def blackened(pixels: Pixels, hidden: Mask) -> Pixels:
    """Return pixels (H, W, 3) with black where a mask (h, w) of any size is not 0."""
    return np.where(resized_mask(hidden, pixels.shape[:2])[..., None] > 0, np.uint8(0), pixels)


def decode_mask(content: bytes) -> Mask:
    """Return the mask (H, W) uint8 of a PNG file's bytes.

    Raises
    ------
    ValueError
        The bytes are no single-channel 8-bit image.
    """
    mask = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED) if content else None
    if mask is None or mask.ndim != 2 or mask.dtype != np.uint8:
        raise ValueError("this is no mask: a single-channel 8-bit PNG is needed")
    return np.asarray(mask, np.uint8)


def encode_overlay(photograph: Photograph, mask: Mask) -> bytes:
    """Return a photograph at working size with its tissues tinted and outlined, as JPEG without metadata."""
    return _looked_at(overlay(photograph.pixels, mask))


def encode_region_borders(photograph: Photograph, regions: Regions, caption: str = "") -> bytes:
    """Return a photograph at working size with borders and names of regions on it, as JPEG without metadata."""
    return _looked_at(draw_region_borders(photograph.pixels, regions, caption))


def _looked_at(pixels: Pixels) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "JPEG", quality=OVERLAY_QUALITY)
    return content.getvalue()


def overlay(pixels: Pixels, mask: Mask) -> Pixels:
    """Return pixels (H, W, 3) with every tissue but intact skin tinted and outlined in its colour."""
    painted = pixels.copy()
    for tissue in _TOLD:
        area = mask == tissue
        if area.any():
            colour = np.array(COLOURS[tissue], np.float32)
            painted[area] = (painted[area] * (1 - _TINT) + colour * _TINT).astype(np.uint8)
            outlines, _ = cv2.findContours(area.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
            cv2.drawContours(painted, outlines, -1, COLOURS[tissue], max(1, max(mask.shape) // 500))
    return painted
