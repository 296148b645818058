"""Colour profiles without what tells whose screen or camera they are from: only the numbers that make colours stay."""

import struct
from typing import Final

from reepi.imaging.srgb_profiles import is_srgb

HEADER_BYTES: Final = 128
MAX_TAGS: Final = 100
"""ICC.1:2022 defines about fifty; a profile with more is damaged."""

_COLOUR_TAGS: Final = frozenset(
    (
        *(b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"bkpt", b"chad", b"chrm", b"cicp"),
        *(b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"D2B0", b"D2B1", b"D2B2", b"D2B3"),
        *(b"B2D0", b"B2D1", b"B2D2", b"B2D3", b"gamt"),
    )
)
"""Tags that hold numbers of the colour transformation (ICC.1:2022, section 9)."""

_IDENTIFYING: Final = (4, 8), (24, 36), (40, 44), (48, 64), (80, 128)
"""Header fields that go: preferred engine, date and time, platform, manufacturer and model with attributes, creator,
identifier and what is reserved (ICC.1:2022, section 7.2)."""


def cleaned_profile(profile: bytes) -> bytes | None:
    """Return a colour profile that gives the same colours and says nothing else, or None where it is damaged.

    Its description becomes ``sRGB`` where it is sRGB's, which readers go by, and ``colour profile`` elsewhere.
    """
    tags = _tags(profile)
    if tags is None:
        return None
    kept = {tag: data for tag, data in tags.items() if tag in _COLOUR_TAGS}
    name = "sRGB" if is_srgb(profile) else "colour profile"
    return assembled_profile(_blank_header(profile[:HEADER_BYTES]), name, kept)


def assembled_profile(header: bytes, name: str, numbers: dict[bytes, bytes]) -> bytes:
    """Return the profile of a header, a description and tags of numbers."""
    modern = header[8] >= 4
    told = {b"desc": _localised(name) if modern else _described(name)}
    told[b"cprt"] = _localised("none") if modern else b"text\0\0\0\0none\0"
    return _assembled(header, {**told, **numbers})


def _tags(profile: bytes) -> dict[bytes, bytes] | None:
    if len(profile) < HEADER_BYTES + 4 or profile[36:40] != b"acsp":
        return None
    (count,) = struct.unpack_from(">I", profile, HEADER_BYTES)
    if count > MAX_TAGS or len(profile) < HEADER_BYTES + 4 + 12 * count:
        return None
    tags = {}
    for number in range(count):
        name, place, size = struct.unpack_from(">4sII", profile, HEADER_BYTES + 4 + 12 * number)
        if place + size > len(profile):
            return None
        tags[name] = profile[place : place + size]
    return tags


def _blank_header(header: bytes) -> bytes:
    blank = bytearray(header)
    for start, end in _IDENTIFYING:
        blank[start:end] = bytes(end - start)
    return bytes(blank)


def _described(name: str) -> bytes:
    """Return a text description of version 2 (ICC.1:2001-04, section 6.5.17)."""
    text = name.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)


def _localised(name: str) -> bytes:
    """Return a text of version 4 in one language (ICC.1:2022, section 10.15)."""
    text = name.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(text), 28) + text


def _assembled(header: bytes, tags: dict[bytes, bytes]) -> bytes:
    place = HEADER_BYTES + 4 + 12 * len(tags)
    table, body, placed = struct.pack(">I", len(tags)), b"", dict[bytes, int]()
    for name, data in tags.items():
        # Curves that three colours share are kept once.
        if data not in placed:
            placed[data] = place + len(body)
            body += data + bytes(-len(data) % 4)
        table += struct.pack(">4sII", name, placed[data], len(data))
    size = struct.pack(">I", place + len(body))
    return size + header[4:] + table + body
