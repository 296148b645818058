"""When a photograph was taken, by its camera's clock. Nothing else of a file's metadata is looked at or kept.

BigTIFF, which no camera writes, tells nothing here.
"""

import io
import re
import struct
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from PIL import Image

from reepi.imaging.quiet import without_warnings

_EXIF_BLOCK: Final = 0x8769
_ORIGINAL: Final = 0x9003
_DIGITIZED: Final = 0x9004
_CHANGED: Final = 0x0132

_BLOCK: Final = re.compile(rb"Exif\0\0(?=II\*\0|MM\0\*)")
"""Beginning of a block of EXIF, as JPEG, HEIC and the raw files of some makers hold it."""

MAX_BLOCK_BYTES: Final = 1024 * 1024
"""A block of EXIF ends before that; what a JPEG holds is no longer than 64 KiB, other files have some more."""

_TIFF_HEADS: Final = (b"II*\0", b"IIRO", b"IIRS", b"IIU\0", b"MM\0*", b"MMOR")
"""First bytes of what is built like a TIFF, Olympus ORF and Panasonic RW2 among it."""

_CANON: Final = b"ftypcrx "
_CANON_TOP: Final = re.compile(rb"CMT1(?=II\*\0|MM\0\*)")
_CANON_BLOCK: Final = re.compile(rb"CMT2(?=II\*\0|MM\0\*)")
"""Boxes of a Canon CR3 that hold the tags of a photograph and those of its camera, each as a TIFF of its own."""

_MOMENT: Final = re.compile(r"(\d{4})[:-](\d{2})[:-](\d{2})[ T](\d{2}):(\d{2}):(\d{2})")

_DAMAGED: Final = (
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    EOFError,
    struct.error,
    Image.DecompressionBombError,
)
"""What damaged metadata raise."""


def taken_at(content: bytes) -> datetime | None:
    """Return when the shutter of the photograph in the bytes of a file fell, or None where the file does not tell.

    By the camera's own clock, without a time zone. No pixel is decoded. A date that no clock can have set, such as that
    of zeros, counts as not told.

    Parameters
    ----------
    content : bytes
        JPEG, PNG, TIFF, HEIC, AVIF or a camera raw file.
    """
    return _first_told(content, lambda tags, block: (block.get(_ORIGINAL), block.get(_DIGITIZED)))


def changed_at(content: bytes) -> datetime | None:
    """Return when a program last wrote the file, by its metadata, or None where these do not tell.

    Cameras write the time of the shutter there and programs that edit a picture that of saving it.

    Parameters
    ----------
    content : bytes
        See `taken_at`.
    """
    return _first_told(content, lambda tags, block: (tags.get(_CHANGED),))


def _first_told(
    content: bytes, told_of: Callable[[Mapping[int, object], Mapping[int, object]], Iterable[object]]
) -> datetime | None:
    """Return the first moment of those that are looked up in the tags of a file and its camera's block."""
    try:
        # Pillow warns of damaged blocks, of which nobody here can do anything.
        with without_warnings():
            tags = _tags(content)
            block = tags.get_ifd(_EXIF_BLOCK)
        told = [*told_of(tags, block)]
    except _DAMAGED:
        return None
    return next((moment for moment in map(_moment, told) if moment is not None), None)


def _tags(content: bytes) -> Image.Exif:
    tags = Image.Exif()
    if content[4:12] == _CANON:
        tags = _loaded(content, _CANON_TOP)
        tags.get_ifd(_EXIF_BLOCK).update(_loaded(content, _CANON_BLOCK))
    elif _BLOCK.search(content):
        tags = _loaded(content, _BLOCK)
    elif content[:4] in _TIFF_HEADS:
        tags.load((b"MM\0*" if content.startswith(b"MM") else b"II*\0") + content[4:])
    elif content.startswith(b"\x89PNG"):
        return Image.open(io.BytesIO(content), formats=("PNG",)).getexif()
    return tags


def _loaded(content: bytes, beginning: re.Pattern[bytes]) -> Image.Exif:
    tags = Image.Exif()
    if found := beginning.search(content):
        tags.load(content[found.end() : found.end() + MAX_BLOCK_BYTES])
    return tags


def _moment(value: object) -> datetime | None:
    found = _MOMENT.match(str(value)) if value else None
    try:
        return None if found is None else datetime(*map(int, found.groups()))  # type: ignore[arg-type]
    except ValueError:
        return None
