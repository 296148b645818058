"""A JPEG file as the pixel data of a DICOM image: the same compressed pixels without what a camera wrote beside."""

import io
import struct
from dataclasses import dataclass
from typing import Final

from PIL import Image

_START: Final = b"\xff\xd8"
_BASELINE: Final = 0xC0
_SCAN: Final = 0xDA
_END: Final = 0xD9
_NEEDED: Final = frozenset((_BASELINE, 0xC4, 0xDB, 0xDD, 0xE0, 0xEE))
"""Segments that decoding needs: frame, Huffman and quantisation tables, restart interval, JFIF and Adobe marks."""

_OTHER_FRAMES: Final = frozenset(range(0xC1, 0xD0)) - {0xC4, 0xC8, 0xCC}
_UPRIGHT: Final = (None, 1)
_ORIENTATION: Final = 0x0112


@dataclass(frozen=True)
class JpegStream:
    """A baseline JPEG that may be wrapped as it is.

    Parameters
    ----------
    content : bytes
        The stream from start to end of image, without metadata.
    size : (int, int)
        Height and width [px].
    colour : bool
        Three components in YCbCr; else one, grey.
    icc_profile : bytes or None
        Its colour profile.
    """

    content: bytes
    size: tuple[int, int]
    colour: bool
    icc_profile: bytes | None

    @property
    def photometric(self) -> str:
        """DICOM's name of its colour space."""
        return "YBR_FULL_422" if self.colour else "MONOCHROME2"


def wrappable(content: bytes) -> JpegStream | None:
    """Return the compressed pixels of a JPEG file, or None where they cannot be a DICOM image as they are.

    That takes an upright photograph (DICOM pixels are not turned by the reader), baseline coding with 8 bits (transfer
    syntax 1.2.840.10008.1.2.4.50) and grey or YCbCr.
    """
    if not content.startswith(_START):
        return None
    try:
        with Image.open(io.BytesIO(content)) as image:
            # MPO is a JPEG with further pictures behind it, which are left out.
            fits = image.format in ("JPEG", "MPO") and image.getexif().get(_ORIENTATION) in _UPRIGHT
            fits = fits and (image.mode == "L" or (image.mode == "RGB" and image.info.get("adobe_transform", 1) == 1))
            stream = bare_stream(content) if fits else None
            if stream is None:
                return None
            return JpegStream(stream, image.size[::-1], image.mode == "RGB", image.info.get("icc_profile"))
    except (OSError, ValueError, SyntaxError, struct.error):
        return None


def bare_stream(content: bytes) -> bytes | None:
    """Return a baseline JPEG from start to end of image without metadata, or None where it is not one.

    Raises
    ------
    ValueError
        The file ends before the image does.
    """
    kept, at = [_START], 2
    while True:
        marker, end = _marker(content, at)
        if marker == _END:
            return b"".join([*kept, b"\xff\xd9"])
        if marker in _OTHER_FRAMES:
            return None
        start, end = end - 2, end + _length(content, end)
        if marker == _SCAN:
            end = _scan_end(content, end)
        if marker in _NEEDED or marker == _SCAN:
            kept.append(content[start:end])
        at = end


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """Return the marker at a place, passing over fill bytes, and where it ends."""
    if content[at : at + 1] != b"\xff":
        raise ValueError("no marker where one must be")
    while content[at : at + 1] == b"\xff":
        at += 1
    if at >= len(content):
        raise ValueError("the file ends before the image")
    return content[at], at + 1


def _length(content: bytes, at: int) -> int:
    if at + 2 > len(content):
        raise ValueError("the file ends before the image")
    return int.from_bytes(content[at : at + 2], "big")


def _scan_end(content: bytes, at: int) -> int:
    """Return where coded data end: at the first marker that neither stuffs a byte nor restarts (ITU T.81, B.1.1)."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise ValueError("the file ends before the image")
        following = content[at + 1]
        if following == 0xFF:
            at += 1
        elif following == 0 or 0xD0 <= following <= 0xD7:
            at += 2
        else:
            return at
