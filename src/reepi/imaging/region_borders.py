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

Lines = npt.NDArray[np.uint8]
"""(H, W): how far lines and letters cover each pixel, 0 to 255."""

LINE: Final = 1 / 500
"""Width of a border, as a share of the photograph's long side."""

LETTER: Final = 1 / 48
"""Height of a name's letters, as a share of the photograph's long side."""

LEAST_DEPTH: Final = 1.2
"""Regions whose middle lies less deep inside them than so many letters bear no name: it would cover its neighbours."""

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
    regions : (h, w) int8
        Index in `reepi.core.regions.REGIONS` of what each pixel shows, or `NO_REGION`; a smaller picture is enlarged.
    caption : str
        Written into the bottom left corner.
    """
    enlarged = cv2.resize(regions.view(np.uint8), pixels.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    regions = np.asarray(enlarged, np.uint8).view(np.int8)
    side = max(regions.shape)
    width, height = max(1, round(side * LINE)), side * LETTER
    present = [int(region) for region in np.unique(regions) if region != NO_REGION]
    lines: Lines = np.zeros(regions.shape, np.uint8)
    contours = [line for region in present for line in _contours(regions == region)]
    cv2.drawContours(lines, contours, -1, 255, width, cv2.LINE_AA)
    for region in present:
        place, depth = _roomiest(regions == region)
        if depth >= LEAST_DEPTH * height:
            _write_name(lines, REGIONS[region].split("_"), place, height)
    if caption:
        _write(lines, caption, (round(height), round(lines.shape[0] - height)), height)
    round_brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
    halo = np.asarray(cv2.dilate(lines, round_brush), np.uint8)
    return _painted(_painted(pixels, halo, _DARK), lines, _LIGHT)


def _painted(pixels: Pixels, cover: Lines, colour: tuple[int, int, int]) -> Pixels:
    """Return pixels with a colour over them as far as it covers, 0 to 255."""
    share = cover[..., None] / np.float32(255)
    return np.asarray(np.round(pixels * (1 - share) + np.array(colour, np.float32) * share), np.uint8)


def _contours(area: npt.NDArray[np.bool_]) -> Iterable[npt.NDArray[np.int32]]:
    found, _ = cv2.findContours(area.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return [np.asarray(contour, np.int32) for contour in found]


def _roomiest(area: npt.NDArray[np.bool_]) -> tuple[tuple[int, int], float]:
    """Return the place (x, y) that lies deepest inside an area, and how deep [px]."""
    # Beyond the photograph nothing is known of the region, so a name keeps away from the edge as well.
    depth = cv2.distanceTransform(np.pad(area, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return (int(column), int(row)), float(depth[row, column])


def _write_name(lines: Lines, words: list[str], middle: tuple[int, int], height: float) -> None:
    """Write the words of a name below each other around a place."""
    top = middle[1] - 0.75 * height * (len(words) - 1)
    for number, word in enumerate(words):
        (length, _), _ = cv2.getTextSize(word, _FONT, height / _FONT_HEIGHT, 1)
        left = float(np.clip(middle[0] - length / 2, 0, max(0, lines.shape[1] - length)))
        _write(lines, word, (round(left), round(top + 1.5 * height * number + height / 2)), height)


def _write(lines: Lines, text: str, corner: tuple[int, int], height: float) -> None:
    """Write a line of text with its bottom left corner at a place."""
    cv2.putText(lines, text, corner, _FONT, height / _FONT_HEIGHT, 255, max(1, round(height / 9)), cv2.LINE_AA)
