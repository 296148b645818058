"""Masks and pictures for the eye as the bytes of image files. None of them carries metadata of the photograph."""

import functools
import io
import itertools
import struct
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image
from zlib_ng import zlib_ng

from reepi.core.images import Mask, Photograph, Pixels
from reepi.core.tissue import COLOURS, Tissue
from reepi.imaging.assembling import shrunk
from reepi.imaging.region_borders import Regions, draw_region_borders

OVERLAY_QUALITY: Final = 85
"""JPEG quality of overlays: for looking at, not for measuring."""

TRAINING_QUALITY: Final = 95
"""JPEG quality of photographs that a network learns from; with full colour, what it adds is below a camera's noise."""

MASK_LEVEL: Final = 2
"""Level of compression of masks by zlib-ng. Of 12 megapixels, with every row less the one above it, it writes in 5 ms
what OpenCV takes 19 ms for, in a third of the bytes; a higher level saves little."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"

_GREY_8_BIT: Final = bytes([8, 0, 0, 0, 0])
"""Bits a value, colour type, and the ways to compress, filter and interlace, as a PNG's header has them."""

_LESS_ABOVE: Final = 2
"""PNG's name of the filter that takes the row above away from each row."""

_TINT: Final = 0.35
"""Weight of a tissue's colour over the photograph."""

_TOLD: Final = tuple(tissue for tissue in Tissue if tissue not in (Tissue.BACKGROUND, Tissue.INTACT))


SMALL_SIDE: Final = 320
"""Long side of a photograph of the report [px]: twenty of them a visit make a page that still opens at once."""

SMALL_QUALITY: Final = 62
"""WebP quality of a photograph of the report; some ten kilobytes each."""


def encode_small(pixels: Pixels) -> bytes:
    """Return pixels (H, W, 3), sRGB, as a small WebP for the report, without metadata."""
    content = io.BytesIO()
    # A closer search makes the files a tenth smaller and takes twice as long.
    Image.fromarray(shrunk(pixels, SMALL_SIDE)).save(content, "WEBP", quality=SMALL_QUALITY, method=2)
    return content.getvalue()


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

    Notes
    -----
    PNG (ISO/IEC 15948) is put together here, since neither OpenCV nor Pillow writes one value a pixel as fast as it is
    compressed.
    """
    wide = resized_mask(mask, (mask.shape[0], size[1]))
    # Of rows that are equal, as most of an enlarged mask's are, the first alone differs from the one above.
    source = _nearest(np.arange(mask.shape[0], dtype=np.uint16)[:, None], (size[0], 1))[:, 0]
    others = np.flatnonzero(np.diff(source)) + 1
    rows = np.zeros((size[0], size[1] + 1), np.uint8)
    rows[:, 0], rows[0, 1:] = _LESS_ABOVE, wide[source[0]]
    rows[others, 1:] = wide[source[others]] - wide[source[others - 1]]
    header = struct.pack(">II", size[1], size[0]) + _GREY_8_BIT
    parts = (b"IHDR", header), (b"IDAT", zlib_ng.compress(rows.data, MASK_LEVEL)), (b"IEND", b"")
    return _PNG + b"".join(itertools.starmap(_png_chunk, parts))


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib_ng.crc32(kind + content))


def resized_mask(mask: Mask, size: tuple[int, int]) -> Mask:
    """Return a mask at a size (H, W) [px]: every pixel takes the value at its middle, so enlarging loses nothing."""
    return np.asarray(_nearest(mask, size), np.uint8)


def _nearest(values: npt.NDArray[Any], size: tuple[int, int]) -> npt.NDArray[Any]:
    return cv2.resize(values, (size[1], size[0]), interpolation=cv2.INTER_NEAREST_EXACT)


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


def encode_overlay(photograph: Photograph, mask: Mask, left_out: npt.NDArray[np.bool_] | None = None) -> bytes:
    """Return a photograph at working size with its tissues tinted and outlined, as JPEG without metadata.

    Skin that is ``left_out`` (H, W) of the measurement is dark grey, whatever its tissue.
    """
    painted = overlay(photograph.pixels, mask)
    if left_out is not None:
        dark = left_out & (mask != Tissue.BACKGROUND)
        painted[dark] = photograph.pixels[dark].mean(axis=1, keepdims=True) * _LEFT_OUT_LIGHT
    return _looked_at(painted)


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
        area = (mask == tissue).astype(np.uint8)
        if area.any():
            left, top, width, height = cv2.boundingRect(area)
            part = np.s_[top : top + height, left : left + width]
            cv2.copyTo(cv2.LUT(painted[part], _tinted(tissue)), area[part], painted[part])
            outlines, _ = cv2.findContours(area, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
            cv2.drawContours(painted, outlines, -1, COLOURS[tissue], max(1, max(mask.shape) // 500))
    return painted


_LEFT_OUT_LIGHT: Final = 0.5
"""Light that is left of what is not measured in an overlay."""


@functools.cache
def _tinted(tissue: Tissue) -> npt.NDArray[np.uint8]:
    """Return each value of each channel under a tissue's colour, (1, 256, 3)."""
    values, colour = np.arange(256)[None, :, None], np.array(COLOURS[tissue], np.float32)
    return np.asarray(values * (1 - _TINT) + colour * _TINT, np.uint8)
