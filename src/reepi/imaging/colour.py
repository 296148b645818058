"""Any decoded image to 8-bit sRGB."""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from reepi.core.images import Pixels
from reepi.imaging.matrix_profile import read_matrix_profile

_SIXTEEN_BIT: Final = ("I;16", "I;16L", "I;16B", "I;16N", "I")


def srgb_pixels(image: Image.Image) -> Pixels:
    """Return an image as sRGB pixels, (H, W, 3) uint8.

    Grey becomes colour, 16 bits become 8, alpha is dropped, and a colour profile that came with the file is applied; a
    damaged profile counts as sRGB.

    Raises
    ------
    ValueError
        The image's colour model cannot be shown in sRGB.
    """
    if image.mode in _SIXTEEN_BIT:
        return _grey_from_16_bit(np.asarray(image))
    if image.mode == "F":
        raise ValueError("floating-point pixels have no known white")
    profiled = _through_profile(image)
    return np.asarray(profiled if profiled is not None else _plain(image))


def srgb_array(values: npt.NDArray[np.uint8] | npt.NDArray[np.uint16], profile: bytes | None) -> Pixels:
    """Return stored colours (H, W, 3) of 8 or 16 bits as sRGB (H, W, 3) uint8.

    The profile is applied before 16 bits become 8, unless it is one of tables, which are applied at 8 bits.
    """
    deep = values.dtype == np.uint16
    if deep and profile is not None and not _is_srgb(profile) and (matrix := read_matrix_profile(profile)) is not None:
        return matrix.srgb(values)
    image = Image.fromarray(np.ascontiguousarray(values >> 8 if deep else values).astype(np.uint8))
    image.info["icc_profile"] = profile
    return srgb_pixels(image)


def _is_srgb(profile: bytes) -> bool:
    try:
        return "srgb" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).lower()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return True


def _grey_from_16_bit(values: np.ndarray) -> Pixels:
    # 65535 is white: the high byte is the 8-bit value.
    grey = (np.clip(values, 0, 65535).astype(np.uint16) >> 8).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in ("P", "PA"):
        # Through RGBA, for palettes that carry transparency.
        return image.convert("RGBA").convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _through_profile(image: Image.Image) -> Image.Image | None:
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or image.mode not in ("RGB", "CMYK"):
        return None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return None
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
