"""Where in a photograph a card may be: a glimpse at half its size, so that the search for one looks there alone."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.imaging.card_drawing import marker_dictionary

Floats = npt.NDArray[np.float64]
Grey = npt.NDArray[np.uint8]
Window = tuple[slice, slice]

WINDOWS: Final = (9, 27)
"""Windows of the adaptive threshold [px at half size]: for patches of 8 pixels, and for those of 20 and more."""

NEAR: Final = 6.0
"""Squares of one card are no further from each other than so many of their sides; neighbours are one to two apart."""

ALIKE: Final = 3.0
"""Sides of squares of one card, markers and patches, differ by no larger a factor, also where it is slanted."""

CROWD: Final = 2
"""So many squares near each other may be a card, which has 32. Blurred, slanted and covered cards that can be found
show no more at half size: with 4, one in 50 was lost. Two photographs in five without a card show fewer."""

BLACK_SHARE: Final = 0.6
"""A card's square, with a black rim, is somewhere no lighter than this share of its lightest or of the paper around. Of
384 cards that were found in drawn scenes, none was lost at 0.4 either."""

RIM: Final = 0.1
DARKEST, LIGHTEST = 5, 95
"""Width of what is looked at around a square, as a share of its side, and the percentiles that are its extremes."""

AROUND: Final = 12.0
"""Surroundings of a crowd that are searched [sides of its largest square]: a card is 13 patches wide."""


def card_window(grey: Grey, least_perimeter: float) -> Window | None:
    """Return rows and columns of a photograph (H, W) that hold all places where a card may be, or None without any.

    Parameters
    ----------
    grey : (H, W) uint8
        The photograph.
    least_perimeter : float
        Perimeter of the smallest marker that is sought [px].
    """
    corners = _with_black(grey, _squares(grey, least_perimeter))
    middles, sides = corners.mean(axis=1), np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).mean(axis=1)
    apart = np.linalg.norm(middles[:, None] - middles, axis=2)
    smaller, larger = np.minimum(sides[:, None], sides), np.maximum(sides[:, None], sides)
    crowded = ((apart < NEAR * smaller) & (larger < ALIKE * smaller)).sum(axis=1) >= CROWD
    if not crowded.any():
        return None
    reach = AROUND * sides[crowded, None]
    left, top = np.floor((middles[crowded] - reach).min(axis=0)).astype(int).clip(0)
    right, bottom = np.ceil((middles[crowded] + reach).max(axis=0)).astype(int)
    return slice(int(top), int(bottom) + 1), slice(int(left), int(right) + 1)


def _squares(grey: Grey, least_perimeter: float) -> Floats:
    """Return the corners of everything with four of them that stands out, told or not, (N, 4, 2) [px]."""
    height, width = (side - side % 2 for side in grey.shape)
    # Halves that are whole are taken by the fast way.
    small = cv2.resize(grey[:height, :width], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    parameters = cv2.aruco.DetectorParameters()
    parameters.adaptiveThreshWinSizeMin, parameters.adaptiveThreshWinSizeMax = WINDOWS
    parameters.adaptiveThreshWinSizeStep = WINDOWS[1] - WINDOWS[0]
    parameters.minMarkerPerimeterRate = least_perimeter / 2 / max(small.shape)
    told, _, others = cv2.aruco.ArucoDetector(marker_dictionary(), parameters).detectMarkers(small)
    return 2 * np.array([*told, *others], np.float64).reshape(-1, 4, 2) + 0.5


def _with_black(grey: Grey, corners: Floats) -> Floats:
    """Return those of the squares (N, 4, 2) that are as dark beside what is around them as a card's rim."""
    return corners[[_darkest_share(grey, square) <= BLACK_SHARE for square in corners]]


def _darkest_share(grey: Grey, square: Floats) -> float:
    around = RIM * np.ptp(square, axis=0).max()
    left, top = np.floor(square.min(axis=0) - around).clip(0).astype(int)
    right, bottom = np.ceil(square.max(axis=0) + around).astype(int)
    darkest, lightest = np.percentile(grey[top : bottom + 1 : 2, left : right + 1 : 2], (DARKEST, LIGHTEST))
    return float(darkest / max(lightest, 1.0))
