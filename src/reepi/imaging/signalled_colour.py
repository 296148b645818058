"""Colours that a HEIC or AVIF file states by code points instead of a profile (ITU-T H.273)."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from reepi.core.errors import PhotographRejected
from reepi.core.images import Pixels
from reepi.imaging.matrix_profile import Floats, MatrixProfile, srgb_light

Chromaticities = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]

_PRIMARIES: Final[dict[int, Chromaticities]] = {
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
"""Chromaticities x, y of red, green and blue: BT.709 and sRGB, BT.2020, Display P3 (ITU-T H.273, table 2)."""

_D65: Final = (0.3127, 0.3290)
_BT_709: Final = 1

_HIGH_DYNAMIC_RANGE: Final = frozenset({16, 18})
"""Transfer curves PQ and HLG: their white is no paper white, so a picture in them has no one rendering in sRGB."""

_POWERS: Final = {4: 2.2, 5: 2.8, 8: 1.0}
"""Plain powers; every other curve of a photograph is shown as if it were sRGB's (BT.709's among them)."""


@dataclass(frozen=True)
class SignalledColour:
    """Primaries and transfer curve by their numbers in ITU-T H.273."""

    primaries: int
    transfer: int

    def srgb(self, values: np.ndarray) -> Pixels:
        """Return stored values (H, W, 3), 8 or 16 bit, as sRGB (H, W, 3) uint8.

        Raises
        ------
        PhotographRejected
            The picture is in high dynamic range.
        """
        if self.transfer in _HIGH_DYNAMIC_RANGE:
            raise PhotographRejected(
                "unreadable", "The picture is in high dynamic range (PQ or HLG). Export it as JPEG."
            )
        primaries = _PRIMARIES.get(self.primaries, _PRIMARIES[_BT_709])
        stored = np.linspace(0, 1, 4096)
        curve = (
            np.asarray(stored ** _POWERS[self.transfer], np.float64) if self.transfer in _POWERS else srgb_light(stored)
        )
        to_srgb = np.linalg.inv(_to_xyz(_PRIMARIES[_BT_709])) @ _to_xyz(primaries)
        return MatrixProfile(to_srgb, np.stack([curve] * 3)).srgb(values)


def signalled_in(content: bytes) -> SignalledColour | None:
    """Return what the first colour box of an ISO base media file states (ISO/IEC 14496-12, 12.1.5), if it has one.

    None also where it states sRGB, so that nothing has to be done.
    """
    at = content.find(b"colrnclx")
    if at < 0 or at + 12 > len(content):
        return None
    colour = SignalledColour(*(int.from_bytes(content[at + i : at + i + 2], "big") for i in (8, 10)))
    plain = colour.primaries not in _PRIMARIES or colour.primaries == _BT_709
    return None if plain and colour.transfer not in _HIGH_DYNAMIC_RANGE | set(_POWERS) else colour


def _to_xyz(primaries: Chromaticities) -> Floats:
    """Return linear light of primaries under D65 to XYZ, (3, 3) (SMPTE RP 177)."""
    columns = np.array([_xyz(point) for point in primaries]).T
    return np.asarray(columns * np.linalg.solve(columns, _xyz(_D65)))


def _xyz(point: tuple[float, float]) -> Floats:
    x, y = point
    return np.array([x / y, 1, (1 - x - y) / y])
