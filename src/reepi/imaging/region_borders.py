"""Where the mapping believes each region of the body to lie, drawn on the photograph: most of its errors show there."""

from collections.abc import Iterable
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels
from reepi.core.regions import NO_REGION, REGIONS

Regions = npt.NDArray[np.int8]
"""(H, W): index in `reepi.core.regions.REGIONS` of what each pixel shows, or `NO_REGION`."""

LINE: Final = 1 / 500
"""Width of a border, as a share of the photograph's long side."""

LEAST_NAMED: Final = 0.004
"""Regions that fill less of the photograph than this bear no name."""

LETTER: Final = 1 / 45
"""Height of a name's letters, as a share of the photograph's long side."""

_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
_FONT_HEIGHT: Final = 22
"""Height of the font's capital letters at scale 1 [px]."""

_LIGHT, _DARK = (255, 255, 255), (20, 30, 45)


def draw_region_borders(pixels: Pixels, regions: Regions, caption: str = "") -> Pixels:
    """Return a photograph (H, W, 3) with the borders and names of the regions on it, light on dark.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The photograph, sRGB.
    regions : (H, W) int8
        Index in `reepi.core.regions.REGIONS` of what each pixel shows, or `NO_REGION`.
    caption : str
        Written into the bottom left corner.
    """
    drawn = pixels.copy()
    side = max(regions.shape)
    width = max(1, round(side * LINE))
    present = [int(region) for region in np.unique(regions) if region != NO_REGION]
    contours = [line for region in present for line in _contours(regions == region)]
    for colour, thickness in ((_DARK, 3 * width), (_LIGHT, width)):
        cv2.drawContours(drawn, contours, -1, colour, thickness, cv2.LINE_AA)
    for region in present:
        area = regions == region
        if area.mean() >= LEAST_NAMED:
            _write_name(drawn, REGIONS[region].split("_"), _roomiest(area), side * LETTER)
    if caption:
        height = round(side * LETTER)
        _write(drawn, caption, (height, drawn.shape[0] - height), height)
    return drawn


def _contours(area: npt.NDArray[np.bool_]) -> Iterable[npt.NDArray[np.int32]]:
    lines, _ = cv2.findContours(area.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return [np.asarray(line, np.int32) for line in lines]


def _roomiest(area: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Return the place (x, y) that lies deepest inside an area."""
    # Beyond the photograph nothing is known of the region, so a name keeps away from the edge as well.
    depth = cv2.distanceTransform(np.pad(area, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(column), int(row)


def _write_name(drawn: Pixels, words: list[str], middle: tuple[int, int], height: float) -> None:
    """Write the words of a name below each other around a place."""
    top = middle[1] - 0.75 * height * (len(words) - 1)
    for number, word in enumerate(words):
        (length, _), _ = cv2.getTextSize(word, _FONT, height / _FONT_HEIGHT, 1)
        left = float(np.clip(middle[0] - length / 2, 0, max(0, drawn.shape[1] - length)))
        _write(drawn, word, (round(left), round(top + 1.5 * height * number + height / 2)), height)


def _write(drawn: Pixels, text: str, corner: tuple[int, int], height: float) -> None:
    """Write a line of text with its bottom left corner at a place."""
    width = max(1, round(height / 10))
    for colour, thickness in ((_DARK, 3 * width), (_LIGHT, width)):
        cv2.putText(drawn, text, corner, _FONT, height / _FONT_HEIGHT, colour, thickness, cv2.LINE_AA)
