"""The colour profile of Adobe RGB, for photographs whose EXIF alone says that they are in it."""

import struct
from typing import Final

from reepi.imaging.colour_profile import HEADER_BYTES, assembled_profile

_PRIMARIES: Final = {
    b"rXYZ": (0.60974, 0.31111, 0.01947),
    b"gXYZ": (0.20528, 0.62567, 0.06087),
    b"bXYZ": (0.14919, 0.06322, 0.74457),
    b"wtpt": (0.95045, 1.0, 1.08905),
}
"""XYZ under D50 of red, green and blue, and the white, as the ICC profile of Adobe RGB (1998) has them."""

_GAMMA: Final = 563
"""Power of the transfer curve in parts of 256, 2.19921875 (Adobe RGB (1998) Color Image Encoding, May 2005)."""

_D50: Final = bytes.fromhex("0000f6d6000100000000d32d")


def _profile() -> bytes:
    header = bytearray(HEADER_BYTES)
    header[8:24] = b"\x02\x10\0\0mntrRGB XYZ "
    header[36:40], header[68:80] = b"acsp", _D50
    curve = b"curv\0\0\0\0" + struct.pack(">IHxx", 1, _GAMMA)
    colours = {name: b"XYZ \0\0\0\0" + _fixed(values) for name, values in _PRIMARIES.items()}
    return assembled_profile(
        bytes(header), "colour profile", {**colours, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    )


def _fixed(values: tuple[float, ...]) -> bytes:
    return struct.pack(">3i", *(round(value * 65536) for value in values))


ADOBE_RGB: Final = _profile()
