"""TIFF files of every kind of number, uncompressed and in one strip (TIFF 6.0)."""

import struct

import numpy as np

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2

_SAMPLE_FORMATS = {"u": 1, "i": 2, "f": 3}


def tiff(values: np.ndarray, photometric: int = RGB, by_plane: bool = False) -> bytes:
    """Return the file of values (H, W, C), pixel by pixel or plane by plane."""
    height, width, channels = values.shape
    planes = np.moveaxis(values, 2, 0) if by_plane else values[None]
    body = b"".join(plane.astype(plane.dtype.newbyteorder("<")).tobytes() for plane in planes)
    size = len(body) // len(planes)
    extra = channels - (3 if photometric == RGB else 1)
    entries = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, [8 * values.itemsize] * channels),
        259: (3, [1]),
        262: (3, [photometric]),
        273: (4, [8 + plane * size for plane in range(len(planes))]),
        277: (3, [channels]),
        278: (4, [height]),
        279: (4, [size] * len(planes)),
        284: (3, [2 if by_plane else 1]),
        338: (3, [0] * extra),
        339: (3, [_SAMPLE_FORMATS[values.dtype.kind]] * channels),
    }
    return _assembled(body, {tag: entry for tag, entry in entries.items() if entry[1]})


def _assembled(body: bytes, entries: dict[int, tuple[int, list[int]]]) -> bytes:
    place = 8 + len(body) + len(body) % 2
    beyond = place + 2 + 12 * len(entries) + 4
    table, far = struct.pack("<H", len(entries)), b""
    for tag, (kind, numbers) in entries.items():
        packed = struct.pack(f"<{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        if len(packed) > 4:
            packed, far = struct.pack("<I", beyond + len(far)), far + packed + bytes(len(packed) % 4)
        table += struct.pack("<HHI", tag, kind, len(numbers)) + packed.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<I", place) + body + bytes(len(body) % 2) + table + bytes(4) + far
