"""The capture card as pixels: what it looks like, flat and in even daylight."""

from typing import Final

import cv2
import numpy as np

from reepi.core.images import Pixels
from reepi.imaging.card_layout import MARKER_BITS, CardLayout, reference_colours

WHITE: Final = (243, 243, 243)
INK: Final = (28, 28, 28)


def marker_dictionary() -> cv2.aruco.Dictionary:
    """Return the markers of the card: 4 x 4 bits, of which few are used, far apart from one another."""
    return cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)


def marker_cells(number: int) -> np.ndarray:
    """Return the cells of a marker with its black border, (6, 6) bool; True is white."""
    side = MARKER_BITS + 2
    picture = cv2.aruco.generateImageMarker(marker_dictionary(), number, side, borderBits=1)
    return np.asarray(picture > 127)


def card_pixels(layout: CardLayout, px_per_mm: float) -> Pixels:
    """Return the card as a picture (H, W, 3) sRGB, at a scale [px/mm]."""
    width, height = (round(side * px_per_mm) for side in layout.size)
    picture = np.full((height, width, 3), WHITE, np.uint8)
    for number, corners in layout.markers.items():
        cells = marker_cells(number)
        colours = np.where(cells[..., None], WHITE, INK).astype(np.uint8)
        _lay(picture, corners, colours, px_per_mm)
    _lay(picture, layout.ground, np.full((1, 1, 3), INK, np.uint8), px_per_mm)
    for corners, colour in zip(layout.patches, reference_colours(), strict=True):
        _lay(picture, corners, np.full((1, 1, 3), colour, np.uint8), px_per_mm)
    _draw_ruler(picture, layout, px_per_mm)
    return picture


def _lay(picture: Pixels, corners: np.ndarray, cells: Pixels, px_per_mm: float) -> None:
    left, top = (round(float(value) * px_per_mm) for value in corners[0])
    right, bottom = (round(float(value) * px_per_mm) for value in corners[2])
    picture[top:bottom, left:right] = cv2.resize(cells, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST)


def _draw_ruler(picture: Pixels, layout: CardLayout, px_per_mm: float) -> None:
    (left, bottom), length = layout.ruler
    thickness = max(1, round(0.2 * px_per_mm))
    for mm in range(length + 1):
        tick = 4.0 if mm % 10 == 0 else (3.0 if mm % 5 == 0 else 2.0)
        column = round((left + mm) * px_per_mm)
        first, last = round((bottom - tick) * px_per_mm), round(bottom * px_per_mm)
        picture[first:last, column : column + thickness] = INK
