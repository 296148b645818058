"""PNG files without metadata, chunk by chunk; and photographs written anew as PNG where their own type cannot stay."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image

from reepi.core.images import Pixels

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"

_PICTURE: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP"})
"""Chunks that the picture and its colours need (PNG, third edition, section 11); profile and EXIF are written anew."""


def cleaned_png(content: bytes, exif: bytes, profile: bytes | None) -> bytes:
    """Return a PNG file with nothing but its picture, a block of EXIF and a colour profile.

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
        The chunks of the file do not hold together.
    """
    parts = [_SIGNATURE]
    for kind, data in _chunks(content):
        if kind not in _PICTURE:
            continue
        parts.append(_packed(kind, data))
        if kind == b"IHDR":
            if profile:
                parts.append(_packed(b"iCCP", b"profile\0\0" + zlib.compress(profile, 9)))
            if exif:
                parts.append(_packed(b"eXIf", exif))
    return b"".join(parts)


def new_png(pixels: Pixels, exif: bytes) -> bytes:
    """Return sRGB pixels (H, W, 3) as a PNG file with a block of EXIF, which may be empty."""
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "PNG", compress_level=3)
    return cleaned_png(content.getvalue(), exif, None)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and data of each chunk up to the end of the picture; what follows it is no part of it."""
    if not content.startswith(_SIGNATURE):
        raise ValueError("this is no PNG file")
    place, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        if place + 12 > len(content):
            raise ValueError("the picture has no end")
        length, kind = struct.unpack_from(">I4s", content, place)
        if place + 12 + length > len(content):
            raise ValueError("a chunk is cut off")
        yield kind, content[place + 8 : place + 8 + length]
        place += 12 + length


def _packed(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
