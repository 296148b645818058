"""JPEG files without metadata, segment by segment: the compressed picture stays as it is, bit for bit."""

import struct
from collections.abc import Iterator
from typing import Final

Segment = tuple[int, bytes]
"""Marker and content, without marker and length."""

_START: Final = b"\xff\xd8"
_END: Final = b"\xff\xd9"
_SCAN: Final = 0xDA
_ADOBE: Final = 0xEE
_ICC_START: Final = b"ICC_PROFILE\0"
_ICC_PART: Final = 65519
"""Bytes of a profile that fit in one segment (ICC.1:2022, annex B.4)."""

_PICTURE: Final = frozenset({*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDD}) - {0xC8}
"""Frames, tables, restart interval and scans (ITU-T T.81, table B.1); all else is application data or comment."""

_BASELINE: Final = 0xC0
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers that say how the picture is coded (ITU-T T.81, table B.1); baseline is the one that every decoder knows."""

_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})


def cleaned_jpeg(content: bytes, exif: bytes, profile: bytes | None) -> bytes:
    """Return a JPEG file with nothing but its picture, a block of EXIF and a colour profile.

    Also gone is all that follows the picture, such as further pictures, depth maps and films of a telephone.

    Parameters
    ----------
    content : bytes
        The file.
    exif : bytes
        Block of EXIF to keep; may be empty.
    profile : bytes, optional
        Colour profile to keep.

    Raises
    ------
    ValueError
        The segments of the file do not hold together, or it has no end.
    """
    segments = list(_segments(content))
    jfif = any(marker == 0xE0 and data.startswith(b"JFIF\0") for marker, data in segments)
    parts = [_START]
    if jfif:
        # Version 1.1, no unit, square pixels, no thumbnail: colours are told by it, resolution is not used.
        parts.append(_packed(0xE0, b"JFIF\0\x01\x01\x00\x00\x01\x00\x01\x00\x00"))
    if exif:
        parts.append(_packed(0xE1, b"Exif\0\0" + exif))
    parts += [_packed(0xE2, part) for part in _profile_parts(profile or b"")]
    for marker, data in segments:
        if marker in _PICTURE:
            parts.append(_written(marker, data))
        elif marker == _ADOBE and data.startswith(b"Adobe") and len(data) >= 12:
            # Version and flags of the program that wrote it go; the colour transform decides the colours.
            parts.append(_packed(_ADOBE, b"Adobe\x00\x64\x00\x00\x00\x00" + data[11:12]))
    return b"".join([*parts, _END])


def is_baseline(content: bytes) -> bool:
    """Return whether a JPEG file holds one picture in baseline coding.

    Raises
    ------
    ValueError
        The segments of the file do not hold together, or it has no end.
    """
    return [marker for marker, _ in _segments(content) if marker in _FRAMES] == [_BASELINE]


def _segments(content: bytes) -> Iterator[Segment]:
    """Yield the segments up to the end of the picture; that of a scan carries its length and compressed data."""
    if not content.startswith(_START):
        raise ValueError("this is no JPEG file")
    place = 2
    while True:
        marker, place = _marker(content, place)
        if marker == 0xD9:
            return
        if marker in _STANDALONE:
            continue
        (length,) = struct.unpack_from(">H", content, place) if place + 2 <= len(content) else (0,)
        if length < 2 or place + length > len(content):
            raise ValueError("a segment is cut off")
        if marker == _SCAN:
            end = _end_of_scan(content, place + length)
            yield marker, content[place:end]
            place = end
        else:
            yield marker, content[place + 2 : place + length]
            place += length


def _marker(content: bytes, place: int) -> tuple[int, int]:
    start = content.find(b"\xff", place)
    while start >= 0 and content[start : start + 1] == b"\xff":
        start += 1
        if start < len(content) and content[start] not in (0x00, 0xFF):
            return content[start], start + 1
        if start < len(content) and content[start] == 0x00:
            start = content.find(b"\xff", start)
    raise ValueError("the picture has no end")


def _end_of_scan(content: bytes, place: int) -> int:
    """Return where compressed data end: at the next marker that is no restart and no stuffed byte."""
    while (place := content.find(b"\xff", place)) >= 0 and place + 1 < len(content):
        if content[place + 1] not in (0x00, 0xFF) and not 0xD0 <= content[place + 1] <= 0xD7:
            return place
        place += 1 if content[place + 1] == 0xFF else 2
    raise ValueError("the picture has no end")


def _written(marker: int, data: bytes) -> bytes:
    # A scan carries its length already.
    return _packed(marker, data) if marker != _SCAN else b"\xff\xda" + data


def _packed(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _profile_parts(profile: bytes) -> list[bytes]:
    pieces = [profile[start : start + _ICC_PART] for start in range(0, len(profile), _ICC_PART)]
    return [_ICC_START + bytes([number, len(pieces)]) + piece for number, piece in enumerate(pieces, 1)]
