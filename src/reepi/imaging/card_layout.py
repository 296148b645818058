"""The capture card: where its markers, patches and ruler lie, and what colour each patch is."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

MARKER_BITS: Final = 4
"""Bits along a marker's side. Few and large ones are still told apart where the whole card is 150 pixels wide."""

PATCHES: Final[Mapping[str, tuple[int, int, int]]] = {
    # Skin from light to dark: middles of the steps of the Monk skin tone scale (M. Monk, 2022; skintone.google).
    "skin 2": (243, 231, 219),
    "skin 4": (234, 218, 186),
    "skin 5": (215, 189, 150),
    "skin 6": (160, 126, 86),
    "skin 7": (130, 92, 67),
    "skin 9": (58, 49, 42),
    # What SJS/TEN does to skin: erythema, new epidermis, denuded dermis, dusky skin, slough, necrosis.
    "erythema": (214, 132, 122),
    "pink": (232, 168, 160),
    "dermis": (176, 54, 52),
    "dusky": (118, 78, 88),
    "slough": (204, 178, 112),
    "necrosis": (84, 66, 58),
    # Corners of the colours that print, so that a correction is held on all sides.
    "red": (190, 40, 44),
    "green": (60, 148, 72),
    "blue": (44, 60, 148),
    "cyan": (40, 140, 172),
    "magenta": (188, 76, 140),
    "yellow": (230, 196, 40),
    # Grey steps, even in lightness.
    "white": (243, 243, 243),
    "grey 80": (198, 198, 198),
    "grey 65": (158, 158, 158),
    "grey 50": (119, 119, 119),
    "grey 35": (82, 82, 82),
    "black": (52, 52, 52),
}
"""Colour of each patch in even daylight, sRGB, row by row. Neutral greys differ in L* by about 15."""

GREYS: Final = slice(18, 24)
"""The grey steps among the patches, from white to black."""

N_MARKERS: Final = 8
"""Markers of one card: all around its patches, so that any two that are seen hold it."""

_SIZE: Final = (148.0, 105.0)
_MARKER: Final = 18.0
_MARKERS: Final = ((4, 4), (65, 4), (126, 4), (4, 43.5), (126, 43.5), (4, 83), (65, 83), (126, 83))
_FIRST_PATCH: Final = (26.0, 26.0)
_PITCH: Final = (16.0, 12.0)
_PATCH: Final = (15.0, 11.0)
_COLUMNS: Final = 6
_RULER: Final = (24.0, 80.0)
"""Design at A6 [mm]; x to the right, y down, from the upper left corner."""


@dataclass(frozen=True)
class CardLayout:
    """A size of the card.

    Parameters
    ----------
    kind : str
        ``reepi-a6`` or ``reepi-a5``.
    size : (float, float)
        Width and height [mm].
    scale : float
        How much larger than A6.
    first_marker : int
        Number of its first marker; the sizes have markers of their own, so that a millimetre is never mistaken.
    """

    kind: str
    size: tuple[float, float]
    scale: float
    first_marker: int

    @property
    def markers(self) -> dict[int, Floats]:
        """Corners of each marker by its number, (4, 2): clockwise from its upper left [mm]."""
        side = _MARKER * self.scale
        square = np.array([[0, 0], [side, 0], [side, side], [0, side]])
        places = np.array(_MARKERS) * self.scale
        return {self.first_marker + number: place + square for number, place in enumerate(places)}

    @property
    def patches(self) -> Floats:
        """Corners of each patch, (24, 4, 2), in the order of `PATCHES` [mm]."""
        number = np.arange(len(PATCHES))
        grid = np.stack([number % _COLUMNS, number // _COLUMNS], 1)
        first = (np.array(_FIRST_PATCH) + grid * _PITCH) * self.scale
        width, height = np.array(_PATCH) * self.scale
        square = np.array([[0, 0], [width, 0], [width, height], [0, height]])
        return np.asarray(first[:, None] + square)

    @property
    def ground(self) -> Floats:
        """Corners of the black ground that the patches lie on, (4, 2) [mm]: against it, what covers one is told."""
        corners = self.patches.reshape(-1, 2)
        (left, top), (right, bottom) = corners.min(axis=0) - self.scale, corners.max(axis=0) + self.scale
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]])

    @property
    def ruler(self) -> tuple[Floats, int]:
        """Where the ruler begins [mm], and its length [mm]: whole centimetres."""
        return np.array(_RULER) * self.scale, int(100 * self.scale) // 10 * 10

    @property
    def outline(self) -> Floats:
        """Corners of the card, (4, 2), clockwise from its upper left [mm]."""
        width, height = self.size
        return np.array([[0, 0], [width, 0], [width, height], [0, height]])

    @property
    def middle(self) -> Floats:
        """Middle of the card, (2,) [mm]."""
        return np.array(self.size) / 2


LAYOUTS: Final[Mapping[str, CardLayout]] = {
    "a6": CardLayout("reepi-a6", _SIZE, 1.0, 0),
    "a5": CardLayout("reepi-a5", (210.0, 148.0), 2**0.5, N_MARKERS),
}
"""The card by paper size. The A5 card is the A6 card, larger by the root of two, but for its ruler."""


@functools.cache
def reference_colours() -> Floats:
    """Return the colour of each patch in even daylight, (24, 3), sRGB of 0 to 255."""
    return np.array(list(PATCHES.values()), np.float64)
