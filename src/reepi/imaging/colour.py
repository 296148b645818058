"""Any decoded image to 8-bit sRGB."""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from reepi.core.images import Pixels
from reepi.imaging.adobe_rgb import ADOBE_RGB
from reepi.imaging.exif import Exif
from reepi.imaging.matrix_profile import read_matrix_profile
from reepi.imaging.srgb_profiles import is_srgb

_SIXTEEN_BIT: Final = ("I;16", "I;16L", "I;16B", "I;16N", "I")

_PROFILED: Final = {b"RGB ": "RGB", b"GRAY": "L", b"CMYK": "CMYK"}
"""Pillow's modes of the colour models that a profile's header names (ICC.1:2022, table 19)."""


def stated_profile(image: Image.Image, exif: Exif) -> bytes | None:
    """Return the colour profile that an image carries, or that of Adobe RGB where its EXIF alone says so."""
    profile = image.info.get("icc_profile")
    return profile if isinstance(profile, bytes) and profile else ADOBE_RGB if exif.adobe_rgb else None


def srgb_pixels(image: Image.Image, profile: bytes | None) -> Pixels:
    """Return an image as sRGB pixels, (H, W, 3) uint8.

    Grey becomes colour, 16 bits become 8, alpha is dropped, and the colour profile is applied; a damaged one counts as
    sRGB.

    Raises
    ------
    ValueError
        The image's colour model cannot be shown in sRGB.
    """
    if image.mode == "F":
        raise ValueError("floating-point pixels have no known white")
    flat = _flat(image)
    profiled = None if profile is None or is_srgb(profile) else _through(flat, profile)
    return np.asarray(profiled if profiled is not None else _as_mode(flat, "RGB"))


def srgb_array(values: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], profile: bytes | None) -> Pixels:
    """Return stored colours (H, W, 3), or grey (H, W, 1), of 8 or 16 bits as sRGB (H, W, 3) uint8.

    The profile is applied before 16 bits become 8, unless it is one of tables, which are applied at 8 bits.
    """
    deep = values.dtype == np.uint16
    if deep and profile is not None and not is_srgb(profile) and (matrix := read_matrix_profile(profile)) is not None:
        return matrix.srgb(values)
    plain = np.ascontiguousarray(values >> 8 if deep else values).astype(np.uint8, copy=False)
    if plain.shape[2] == 3 and (profile is None or is_srgb(profile)):
        return plain
    return srgb_pixels(Image.fromarray(plain[..., 0] if plain.shape[2] == 1 else plain), profile)


def _flat(image: Image.Image) -> Image.Image:
    """Return an image in grey, RGB or CMYK of 8 bits; alpha is dropped without mixing in a background."""
    if image.mode in _SIXTEEN_BIT:
        # 65535 is white: the high byte is the 8-bit value.
        values = np.clip(np.asarray(image), 0, 65535).astype(np.uint16)
        return Image.fromarray((values >> 8).astype(np.uint8))
    if image.mode in ("P", "PA"):
        # Through RGBA, for palettes that carry transparency.
        return image.convert("RGBA").convert("RGB")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode in ("LA", "1") else "RGB")


def _through(image: Image.Image, profile: bytes) -> Image.Image | None:
    """Return a flat image in sRGB, or None where its profile is of another colour model or damaged."""
    mode = _PROFILED.get(profile[16:20])
    if mode is None or (mode != image.mode and (mode, image.mode) != ("RGB", "L")):
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(
            _as_mode(image, mode), source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _as_mode(image: Image.Image, mode: str) -> Image.Image:
    # Pillow would copy what is so already.
    return image if image.mode == mode else image.convert(mode)
