"""The few camera settings that the measurement uses. Nothing else of a file's metadata is looked at or kept."""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from reepi.core.images import Pixels

_ORIENTATION: Final = 0x0112
_EXIF_BLOCK: Final = 0x8769
_INTEROPERABILITY: Final = 0xA005
_INTEROPERABILITY_INDEX: Final = 0x0001
_COLOUR_SPACE: Final = 0xA001
_FOCAL_LENGTH_35MM: Final = 0xA405
_PIXEL_X: Final = 0xA002
_PIXEL_Y: Final = 0xA003

_ADOBE_RGB: Final = "R03"
"""Interoperability index of photographs in Adobe RGB (CIPA DC-009, DCF 2.0, optional files)."""

_SRGB: Final = 1

DIAGONAL_35MM: Final = math.hypot(36.0, 24.0)
"""Diagonal of the 36 x 24 mm frame [mm]; the equivalent focal length refers to it (CIPA DCG-001)."""

FOCAL_RANGE_35MM: Final = (8.0, 1200.0)
"""Equivalent focal lengths that exist [mm]; other values are taken as unknown."""

CROP_TOLERANCE: Final = 0.01
"""A side ratio that differs by more from the recorded one shows a crop, after which the focal length is unknown."""


@dataclass(frozen=True)
class Exif:
    """Camera settings of a photograph.

    Parameters
    ----------
    orientation : int
        EXIF orientation, 1 to 8; how the stored picture must be turned.
    focal_35mm : float, optional
        Focal length in 35 mm equivalent [mm].
    recorded_size : (int, int), optional
        Height and width that the camera wrote down [px], before anybody cropped the picture.
    adobe_rgb : bool
        Whether the camera wrote down that colours are in Adobe RGB; a colour profile has the last word.
    """

    orientation: int = 1
    focal_35mm: float | None = None
    recorded_size: tuple[int, int] | None = None
    adobe_rgb: bool = False

    def upright(self, pixels: Pixels) -> Pixels:
        """Return stored pixels (H, W, 3) turned upright; the argument stays as it is."""
        turned = {
            2: lambda p: p[:, ::-1],
            3: lambda p: p[::-1, ::-1],
            4: lambda p: p[::-1],
            5: lambda p: p.swapaxes(0, 1),
            6: lambda p: np.rot90(p, -1),
            7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
            8: lambda p: np.rot90(p, 1),
        }.get(self.orientation, lambda p: p)(pixels)
        return np.ascontiguousarray(turned)

    def upright_size(self, stored: tuple[int, int]) -> tuple[int, int]:
        """Return height and width of the upright picture from those stored [px]."""
        return (stored[1], stored[0]) if self.orientation >= 5 else stored

    def focal_px(self, size: tuple[int, int]) -> float | None:
        """Return the focal length [px] of the picture at ``size`` (height, width) [px], or None if it is unknown."""
        if self.focal_35mm is None or self._cropped(size):
            return None
        return self.focal_35mm / DIAGONAL_35MM * math.hypot(*size)

    def _cropped(self, size: tuple[int, int]) -> bool:
        if self.recorded_size is None:
            return False
        recorded = max(self.recorded_size) / min(self.recorded_size)
        return abs(max(size) / min(size) / recorded - 1) > CROP_TOLERANCE


def read_exif(image: Image.Image) -> Exif:
    """Return the camera settings of a loaded image; what is damaged or implausible counts as not there."""
    return _settings(image.getexif)


def exif_of(content: bytes) -> Exif:
    """Return the camera settings that a block of EXIF holds, or a camera raw file that is built like a TIFF."""

    def load() -> Image.Exif:
        tags = Image.Exif()
        tags.load(content)
        return tags

    return _settings(load)


def _settings(load: Callable[[], Image.Exif]) -> Exif:
    try:
        tags = load()
        block, interoperability = tags.get_ifd(_EXIF_BLOCK), tags.get_ifd(_INTEROPERABILITY)
    except (OSError, SyntaxError, ValueError, LookupError, TypeError, EOFError, struct.error):
        return Exif()
    orientation = _number(tags.get(_ORIENTATION))
    return Exif(
        orientation=int(orientation) if orientation is not None and orientation in range(1, 9) else 1,
        focal_35mm=_within(_number(block.get(_FOCAL_LENGTH_35MM)), FOCAL_RANGE_35MM),
        recorded_size=_size(_number(block.get(_PIXEL_Y)), _number(block.get(_PIXEL_X))),
        adobe_rgb=interoperability.get(_INTEROPERABILITY_INDEX) == _ADOBE_RGB and block.get(_COLOUR_SPACE) != _SRGB,
    )


def _number(value: object) -> float | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _within(value: float | None, limits: tuple[float, float]) -> float | None:
    return value if value is not None and limits[0] <= value <= limits[1] else None


def _size(height: float | None, width: float | None) -> tuple[int, int] | None:
    if height is None or width is None or min(height, width) < 1:
        return None
    return int(height), int(width)
