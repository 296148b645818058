"""Pixels of a JPEG straight from the decoder, which tells of damage that Pillow's fills with grey and passes over."""

import re
from typing import Final

import simplejpeg
from PIL.JpegImagePlugin import JpegImageFile

from reepi.core.errors import PhotographRejected
from reepi.core.images import Pixels

_COLOURS: Final = {"RGB": "RGB", "L": "GRAY"}
"""The decoder's names of Pillow's modes; CMYK is left to Pillow, which knows what programs mean by it."""

_HOLES: Final = re.compile(
    "premature end of data segment|bad Huffman code|instead of RST|extraneous bytes before marker 0xd[0-7]"
)
"""What the decoder says where the data of a part of the picture are missing or damaged (libjpeg, jerror.h). Bytes too
many at the very end, before the marker 0xd9, are written by some cameras and harm nothing."""


def jpeg_pixels(image: JpegImageFile, content: bytes) -> Pixels | None:
    """Return the pixels of a JPEG, (H, W, 3) or (H, W, 1), or None where Pillow has to decode it.

    They are the same as Pillow's.

    Parameters
    ----------
    image : JpegImageFile
        Opened and not loaded; its size is the one that is wanted, as after ``draft``.
    content : bytes
        The file.

    Raises
    ------
    PhotographRejected
        With the code ``truncated``: a part of the picture is missing. A progressive file passes, which has all of the
        picture early.
    """
    colours = _COLOURS.get(image.mode)
    if colours is None:
        return None
    width, height = image.size
    try:
        pixels = simplejpeg.decode_jpeg(content, colours, min_height=height, min_width=width, strict=True)
    except ValueError as error:
        if not image.info.get("progressive") and _HOLES.search(str(error)):
            explanation = "A part of the picture is missing or damaged. Copy it again from the camera."
            raise PhotographRejected("truncated", explanation) from error
        return None
    return pixels if pixels.shape[:2] == (height, width) else None
