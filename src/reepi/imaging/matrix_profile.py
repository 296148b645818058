"""Colour profiles of three primaries and three curves, applied at full depth; the common ones are of this kind."""

import struct
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels

Floats = npt.NDArray[np.float64]

SRGB_FROM_XYZ_D50: Final = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
)
"""XYZ under D50, Bradford-adapted, to linear sRGB (Lindbloom, brucelindbloom.com, RGB/XYZ matrices)."""

_PRIMARIES: Final = (b"rXYZ", b"gXYZ", b"bXYZ")
_CURVES: Final = (b"rTRC", b"gTRC", b"bTRC")

_PARAMETERS: Final = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}
"""Number of parameters of each kind of parametric curve (ICC.1:2022, table 68)."""

_MAX_TAGS: Final = 100

_SAME_PRIMARIES: Final = 0.005
"""How far the linear light of primaries may be from sRGB's, 1 for white: less than what 8 bits tell apart."""

_SAME_CURVE: Final = 1
"""How far curves may be from sRGB's [of 255]: profiles that are made small have curves of few points."""


@dataclass(frozen=True)
class MatrixProfile:
    """Colours given by primaries and transfer curves.

    Parameters
    ----------
    to_srgb : (3, 3) float64
        Linear light of the profile's primaries to linear sRGB.
    curves : (3, N) float64
        Linear light, 0 to 1, at N evenly spaced stored values of each channel.
    """

    to_srgb: Floats
    curves: Floats

    @property
    def is_srgb(self) -> bool:
        """Whether its colours are sRGB's."""
        stored = np.linspace(0, 255, self.curves.shape[1])
        off = np.abs(encoded_srgb(self.curves) - stored)
        return bool(np.abs(self.to_srgb - np.eye(3)).max() <= _SAME_PRIMARIES and off.max() <= _SAME_CURVE)

    def srgb(self, values: npt.NDArray[np.uint8] | npt.NDArray[np.uint16]) -> Pixels:
        """Return stored values (H, W, 3), 8 or 16 bit, as sRGB (H, W, 3) uint8; colours outside sRGB are clipped."""
        white = np.iinfo(values.dtype).max
        stored = np.linspace(0, 1, self.curves.shape[1])
        tables = [np.interp(np.arange(white + 1) / white, stored, curve).astype(np.float32) for curve in self.curves]
        light = np.stack([table[values[..., channel]] for channel, table in enumerate(tables)], axis=-1)
        return encoded_srgb(light @ self.to_srgb.T.astype(np.float32))


def encoded_srgb(light: npt.NDArray[np.floating]) -> Pixels:
    """Return linear light (..., 3), 1 for white, as 8-bit sRGB (IEC 61966-2-1)."""
    light = np.clip(light, 0, 1)
    curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(curved * 255), np.uint8)


def srgb_light(stored: Floats) -> Floats:
    """Return the linear light of sRGB values between 0 and 1 (IEC 61966-2-1)."""
    return np.asarray(np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4))


def read_matrix_profile(content: bytes) -> MatrixProfile | None:
    """Return the profile that an ICC profile's bytes hold, or None if it is of another kind or damaged."""
    try:
        if content[16:20] != b"RGB " or content[20:24] != b"XYZ " or b"A2B0" in content[132 : 132 + 12 * _MAX_TAGS]:
            return None
        tags = _tags(content)
        primaries = np.array([_xyz(tags[name]) for name in _PRIMARIES]).T
        curves = np.array([_curve(tags[name]) for name in _CURVES])
    except (struct.error, KeyError, ValueError, IndexError):
        return None
    sound = np.isfinite(primaries).all() and np.isfinite(curves).all() and (np.diff(curves) >= 0).all()
    return MatrixProfile(SRGB_FROM_XYZ_D50 @ primaries, curves) if sound else None


def _tags(content: bytes) -> dict[bytes, bytes]:
    count = min(struct.unpack_from(">I", content, 128)[0], _MAX_TAGS)
    entries = (struct.unpack_from(">4sII", content, 132 + 12 * entry) for entry in range(count))
    return {name: content[place : place + length] for name, place, length in entries}


def _xyz(tag: bytes) -> list[float]:
    return [value / 65536 for value in struct.unpack_from(">3i", tag, 8)]


def _curve(tag: bytes, samples: int = 4096) -> Floats:
    """Return the linear light of evenly spaced stored values, (samples,)."""
    stored = np.linspace(0, 1, samples)
    if tag[:4] == b"para":
        return np.clip(_parametric(tag, stored), 0, 1)
    if tag[:4] != b"curv":
        raise ValueError("an unknown kind of curve")
    count = struct.unpack_from(">I", tag, 8)[0]
    if count == 0:
        return stored
    values = np.frombuffer(tag, ">u2", count, 12).astype(np.float64)
    if count == 1:
        return np.asarray(stored ** (values[0] / 256))
    return np.interp(stored, np.linspace(0, 1, count), values / 65535)


def _parametric(tag: bytes, stored: Floats) -> Floats:
    kind = struct.unpack_from(">H", tag, 8)[0]
    g, a, b, c, d, e, f = _seven(kind, [v / 65536 for v in struct.unpack_from(f">{_PARAMETERS[kind]}i", tag, 12)])
    with np.errstate(invalid="ignore"):
        return np.where(stored >= d, np.maximum(a * stored + b, 0) ** g + e, c * stored + f)


def _seven(kind: int, given: list[float]) -> list[float]:
    """Return g, a, b, c, d, e, f of the fullest kind of parametric curve (ICC.1:2022, 10.18) for any kind."""
    if kind == 0:
        return [given[0], 1, 0, 0, 0, 0, 0]
    if kind in (1, 2):
        g, a, b, *level = given
        e = level[0] if level else 0.0
        return [g, a, b, 0, -b / a if a else 0.0, e, e]
    return given if kind == 4 else [*given, 0, 0]
