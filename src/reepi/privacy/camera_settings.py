"""The few camera settings that the measurement uses, as a block of EXIF with nothing else in it."""

import struct
from fractions import Fraction
from typing import Final

from reepi.imaging.exif import Exif

_ORIENTATION: Final = 0x0112
_EXIF_BLOCK: Final = 0x8769
_PIXEL_X: Final = 0xA002
_PIXEL_Y: Final = 0xA003
_FOCAL_LENGTH_35MM: Final = 0xA405

_SHORT: Final = 3
_LONG: Final = 4
_RATIONAL: Final = 5
_HEAD: Final = struct.pack("<2sHI", b"II", 42, 8)

Entry = tuple[int, int, bytes]


def minimal_exif(exif: Exif) -> bytes:
    """Return a block of EXIF (TIFF 6.0, little-endian) with orientation, focal length and recorded size.

    What is not known is left out; the block is empty where nothing is to be said.
    """
    block = _block_entries(exif)
    top: list[Entry] = (
        [(_ORIENTATION, _SHORT, struct.pack("<HH", exif.orientation, 0))] if exif.orientation != 1 else []
    )
    if not block:
        return _HEAD + _directory(top, 8) if top else b""
    after = 8 + _length(len(top) + 1)
    top.append((_EXIF_BLOCK, _LONG, struct.pack("<I", after)))
    return _HEAD + _directory(top, 8) + _directory(block, after)


def _block_entries(exif: Exif) -> list[Entry]:
    entries: list[Entry] = []
    if exif.recorded_size is not None:
        height, width = exif.recorded_size
        entries += [(_PIXEL_X, _LONG, struct.pack("<I", width)), (_PIXEL_Y, _LONG, struct.pack("<I", height))]
    if exif.focal_35mm is not None:
        entries.append((_FOCAL_LENGTH_35MM, *_focal(exif.focal_35mm)))
    return entries


def _focal(focal_mm: float) -> tuple[int, bytes]:
    """Return type and value of a focal length: a short, as the standard says, unless that would change it."""
    if focal_mm.is_integer():
        return _SHORT, struct.pack("<HH", int(focal_mm), 0)
    near = Fraction(focal_mm).limit_denominator(1_000_000)
    return _RATIONAL, struct.pack("<II", near.numerator, near.denominator)


def _length(entries: int) -> int:
    return 2 + 12 * entries + 4


def _directory(entries: list[Entry], place: int) -> bytes:
    """Return a directory that stands at ``place``; values of more than four bytes follow it."""
    after, fixed, following = place + _length(len(entries)), b"", b""
    for tag, kind, value in sorted(entries):
        fixed += struct.pack("<HHI", tag, kind, 1)
        if len(value) <= 4:
            fixed += value
        else:
            fixed += struct.pack("<I", after + len(following))
            following += value
    return struct.pack("<H", len(entries)) + fixed + struct.pack("<I", 0) + following
