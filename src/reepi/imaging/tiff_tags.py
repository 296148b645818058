"""The tags of a TIFF-like file that tell a photograph from a camera's raw data, walked with limits."""

import struct
from typing import Final

BITS: Final = 0x0102
PHOTOMETRIC: Final = 0x0106
_SUB_DIRECTORIES: Final = 0x014A
DNG_VERSION: Final = 0xC612

_PLACES: Final = ((0x0111, 0x0117), (0x0144, 0x0145))
"""Where the strips or tiles of a picture lie, and how many bytes each has."""

_KEPT: Final = frozenset({BITS, PHOTOMETRIC, _SUB_DIRECTORIES, DNG_VERSION}).union(*_PLACES)

_FORMATS: Final = {1: "B", 3: "H", 4: "I", 13: "I"}
"""Whole numbers of the TIFF types byte, short, long and directory (TIFF 6.0, section 2)."""

MAX_DIRECTORIES: Final = 32
"""Raw files have fewer than ten; a file with more is damaged or built to keep a reader busy."""

_MAX_ENTRIES: Final = 1024
_MAX_VALUES: Final = 65536

Directory = dict[int, tuple[int, ...]]


def read_directories(content: bytes) -> list[Directory]:
    """Return the tags kept of every directory and sub-directory of a classic TIFF; what is damaged is left out."""
    order = "<" if content[:2] == b"II" else ">"
    if len(content) < 8 or content[2:4] not in (b"*\0", b"\0*"):
        return []
    waiting, seen = [struct.unpack(order + "I", content[4:8])[0]], set[int]()
    directories: list[Directory] = []
    while waiting and len(seen) < MAX_DIRECTORIES:
        place = waiting.pop(0)
        if place in seen or not 8 <= place <= len(content) - 2:
            continue
        seen.add(place)
        directory, following = _directory(content, place, order)
        directories.append(directory)
        waiting += [*directory.get(_SUB_DIRECTORIES, ()), following]
    return directories


def ends_early(content: bytes) -> bool:
    """Return whether the largest picture of a TIFF-like file lies in part behind the file's end."""
    largest, end = 0, 0
    for directory in read_directories(content):
        for offsets, counts in _PLACES:
            pieces = list(zip(directory.get(offsets, ()), directory.get(counts, ()), strict=False))
            if (size := sum(count for _, count in pieces)) > largest:
                largest, end = size, max(offset + count for offset, count in pieces)
    return end > len(content)


def _directory(content: bytes, place: int, order: str) -> tuple[Directory, int]:
    """Return the tags of the directory at ``place`` and the place of the one that follows, 0 for none."""
    count = min(struct.unpack_from(order + "H", content, place)[0], _MAX_ENTRIES)
    end = place + 2 + 12 * count
    if end + 4 > len(content):
        return {}, 0
    directory: Directory = {}
    for at in range(place + 2, end, 12):
        tag, kind, number = struct.unpack_from(order + "HHI", content, at)
        if tag in _KEPT and kind in _FORMATS:
            directory[tag] = _values(content, at + 8, order, _FORMATS[kind], min(number, _MAX_VALUES))
    return directory, struct.unpack_from(order + "I", content, end)[0]


def _values(content: bytes, at: int, order: str, form: str, number: int) -> tuple[int, ...]:
    layout = f"{order}{number}{form}"
    if struct.calcsize(layout) > 4:
        at = struct.unpack_from(order + "I", content, at)[0]
    if at + struct.calcsize(layout) > len(content):
        return ()
    return tuple(struct.unpack_from(layout, content, at))
