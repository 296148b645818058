"""PNG and TIFF of 16 bits a channel in colour: Pillow would keep the high byte only, before the profile is applied."""

from typing import Final

import cv2
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from reepi.core.images import Pixels
from reepi.imaging.assembling import shrunk
from reepi.imaging.colour import srgb_array

_PNG_DEPTH_AT: Final = 24
_TIFF_BITS: Final = 0x0102
_TIFF_PHOTOMETRIC: Final = 0x0106
_RGB: Final = 2

_ROW_STEP: Final = 8
"""One of so many rows is compared with what Pillow sees: what another decoder mistakes is the layout of all of them."""


def is_deep(image: Image.Image, content: bytes) -> bool:
    """Return whether an opened, not yet loaded image has 16 bits in each of its three colours."""
    if isinstance(image, PngImageFile):
        return image.mode in ("RGB", "RGBA") and content[_PNG_DEPTH_AT : _PNG_DEPTH_AT + 1] == b"\x10"
    if isinstance(image, TiffImageFile):
        bits = image.tag_v2.get(_TIFF_BITS, ())
        return image.tag_v2.get(_TIFF_PHOTOMETRIC) == _RGB and set(bits if isinstance(bits, tuple) else ()) == {16}
    return False


def decode_deep(content: bytes, image: Image.Image, profile: bytes | None, working_side: int) -> Pixels | None:
    """Return sRGB pixels (H, W, 3) at working size from 16 bits a channel, or None where only 8 bits can be had.

    That is so too where the 16 bits are of another picture than the 8 of Pillow.

    Parameters
    ----------
    content : bytes
        The file.
    image : Image.Image
        The same file loaded by Pillow, which has found it whole.
    profile : bytes, optional
        Its colour profile.
    working_side : int
        Long side of the result [px].
    """
    try:
        values = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if values is None or values.dtype != np.uint16 or values.ndim != 3 or values.shape[:2] != image.size[::-1]:
        return None
    if not _show_the_same(values, image):
        return None
    deep = shrunk(np.asarray(values[:, :, 2::-1], np.uint16), working_side)
    return srgb_array(deep, profile)


def _show_the_same(deep: np.ndarray, image: Image.Image) -> bool:
    """Return whether the high bytes of 16 bits, (H, W, B G R ...), are the 8 bits of an image, in some of its rows."""
    count = image.height // _ROW_STEP
    box = (0, 0, image.width, count * _ROW_STEP)
    shallow = np.asarray(image.resize((image.width, count), Image.Resampling.NEAREST, box))
    # The nearest row is that behind the middle of each step.
    rows = deep[_ROW_STEP // 2 : box[3] : _ROW_STEP, :, 2::-1]
    return np.array_equal(rows >> 8, shallow[..., :3])
