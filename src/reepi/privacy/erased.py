"""What somebody erased from a photograph by making it transparent: the colours below mostly stay in the file."""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from reepi.imaging.exif import read_exif
from reepi.imaging.file_types import file_type
from reepi.imaging.quiet import without_warnings

Bools = npt.NDArray[np.bool_]

OPAQUE: Final = 250
"""Pixels that are less opaque (of 255) count as erased: a soft brush leaves its edge half there, and a picture that was
made smaller is a little off everywhere."""

_WITH_ALPHA: Final = ("LA", "La", "PA", "RGBA", "RGBa")


def erased_pixels(content: bytes) -> Bools | None:
    """Return which pixels (H, W) of the upright picture are transparent, or None where none is.

    A single colour that stands for nothing hides nothing and does not count, unlike transparent entries of a palette.

    Parameters
    ----------
    content : bytes
        The file, which can be read. Of types other than PNG and TIFF none is looked for.
    """
    if file_type(content) not in ("png", "tiff"):
        return None
    with without_warnings():
        image = Image.open(io.BytesIO(content), formats=("PNG", "TIFF"))
        # Its EXIF may stand after the picture, and a TIFF is turned upright by loading.
        image.load()
    if image.mode not in _WITH_ALPHA and not (image.mode == "P" and "transparency" in image.info):
        return None
    opacity = np.asarray(image.convert("RGBA").getchannel("A"))
    upright = read_exif(image).upright(np.repeat(opacity[:, :, None], 3, axis=2))
    erased = upright[:, :, 0] < OPAQUE
    return erased if erased.any() else None
