"""A picture as the raw file of a camera whose sensor is known: what reading camera raw is measured against."""

import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels

WHITE_LEVEL: Final = 16383
"""Sensor value of white: 14 bits, as in most cameras."""

_XYZ_TO_SRGB: Final = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)
"""XYZ under D65 to linear sRGB (IEC 61966-2-1): this camera's filters see the primaries of sRGB."""

_BYTE, _ASCII, _SHORT, _LONG, _RATIONAL, _SRATIONAL = 1, 2, 3, 4, 5, 10
_LAYOUTS: Final = {_BYTE: "B", _ASCII: "B", _SHORT: "H", _LONG: "I", _RATIONAL: "II", _SRATIONAL: "ii"}
_EXIF_POINTER: Final = 0x8769
_HEADER: Final = 8

Entry = tuple[int, int, tuple[int, ...]]


def dng_file(pixels: Pixels, orientation: int = 1, focal_35mm: int = 50) -> bytes:
    """Return a picture (H, W, 3), sRGB, as an uncompressed DNG (DNG 1.4) with a red-green-green-blue sensor.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The picture as stored, before it is turned by ``orientation``; sides even.
    orientation : int
        EXIF orientation written into the file.
    focal_35mm : int
        Focal length in 35 mm equivalent written into the file [mm].
    """
    sensor = mosaic(pixels).astype("<u2").tobytes()
    exif = _directory([(0xA405, _SHORT, (focal_35mm,))], _HEADER)
    place = _HEADER + len(exif)
    # The directory has the same length wherever the sensor's data lie behind it.
    length = len(_directory(_entries(pixels.shape[:2], orientation, 0), place))
    entries = _entries(pixels.shape[:2], orientation, place + length)
    return struct.pack("<2sHI", b"II", 42, place) + exif + _directory(entries, place) + sensor


def _entries(size: tuple[int, int], orientation: int, sensor_at: int) -> list[Entry]:
    """Return the tags of a DNG of a size (H, W) [px] whose sensor's data lie at ``sensor_at``."""
    height, width = size
    matrix = tuple(part for row in _XYZ_TO_SRGB for value in row for part in (round(value * 10000), 10000))
    return [
        (254, _LONG, (0,)),
        (256, _LONG, (width,)),
        (257, _LONG, (height,)),
        (258, _SHORT, (16,)),
        (259, _SHORT, (1,)),
        (262, _SHORT, (32803,)),
        (271, _ASCII, tuple(b"reepi\0")),
        (272, _ASCII, tuple(b"phantom\0")),
        (273, _LONG, (sensor_at,)),
        (274, _SHORT, (orientation,)),
        (277, _SHORT, (1,)),
        (278, _LONG, (height,)),
        (279, _LONG, (2 * height * width,)),
        (33421, _SHORT, (2, 2)),
        (33422, _BYTE, (0, 1, 1, 2)),
        (_EXIF_POINTER, _LONG, (_HEADER,)),
        (50706, _BYTE, (1, 4, 0, 0)),
        (50708, _ASCII, tuple(b"reepi phantom\0")),
        (50717, _LONG, (WHITE_LEVEL,)),
        (50721, _SRATIONAL, matrix),
        (50728, _RATIONAL, (1, 1, 1, 1, 1, 1)),
        (50778, _SHORT, (21,)),
    ]


def mosaic(pixels: Pixels) -> npt.NDArray[np.uint16]:
    """Return what the sensor records of a picture (H, W, 3), sRGB: one colour's linear light a pixel, (H, W)."""
    stored = pixels / 255
    light = np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)
    sensor = light[..., 1].copy()
    sensor[::2, ::2], sensor[1::2, 1::2] = light[::2, ::2, 0], light[1::2, 1::2, 2]
    return np.asarray(np.rint(sensor * WHITE_LEVEL), np.uint16)


def _directory(entries: list[Entry], place: int) -> bytes:
    """Return a TIFF directory that lies at ``place`` in the file, its longer values behind it."""
    head = struct.pack("<H", len(entries))
    behind = b""
    end = place + 2 + 12 * len(entries) + 4
    for tag, kind, values in entries:
        content = struct.pack(f"<{len(values)}{_LAYOUTS[kind][0]}", *values)
        count = len(values) // len(_LAYOUTS[kind])
        if len(content) > 4:
            where, behind = end + len(behind), behind + content + b"\0" * (len(content) % 2)
            content = struct.pack("<I", where)
        head += struct.pack("<HHI", tag, kind, count) + content.ljust(4, b"\0")
    return head + struct.pack("<I", 0) + behind
