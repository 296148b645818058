"""A photograph, what a model says of it and where it is unsure, side by side."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Mask, Pixels
from reepi.core.tissue import COLOURS, Tissue
from reepi.imaging.masks import shrunk_mask
from reepi.imaging.writing import overlay

Floats = npt.NDArray[np.float32]

PANEL_SIDE: Final = 512
"""Long side of each of the three pictures [px]."""

MARGIN: Final = 8
"""White around every picture [px]."""

LINE: Final = 24
"""Height of a line of text [px]."""

SKIN_BORDER: Final = (60, 230, 90)
"""Colour of the line between skin and background: none that skin, tissues or rooms have."""

_WHITE: Final = 255
_INK: Final = (40, 40, 40)
_HEAT: Final = 0.75
"""Weight of the uncertainty's colour over the grey photograph."""


def uncertainty_panel(pixels: Pixels, mask: Mask, uncertainty: Floats) -> Pixels:
    """Return photograph, prediction and uncertainty in a row, with the colours explained below.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The photograph.
    mask : (H, W) uint8
        The prediction.
    uncertainty : (H, W) float32
        0 where the model is sure, 1 where it cannot tell two tissues apart; more counts as 1.
    """
    height, width = pixels.shape[:2]
    scale = min(PANEL_SIDE / max(height, width), 1.0)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    small = np.asarray(_resized(pixels, size), np.uint8)
    unsure = np.asarray(_resized(np.clip(uncertainty, 0, 1), size), np.float32)
    pictures = [
        ("photograph", small),
        ("prediction", _outlined(small, shrunk_mask(mask, size))),
        ("uncertainty", heat(small, unsure)),
    ]
    row = np.concatenate([_framed(picture, title) for title, picture in pictures], axis=1)
    return np.concatenate([row, _legend(row.shape[1], sorted({*np.unique(mask).tolist()}))])


def heat(pixels: Pixels, uncertainty: Floats) -> Pixels:
    """Return a grey photograph (H, W, 3) with uncertainty (H, W) from 0 (dark) to 1 (bright) over it."""
    grey = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=-1)
    colours = cv2.applyColorMap(np.rint(255 * uncertainty).astype(np.uint8), cv2.COLORMAP_INFERNO)[..., ::-1]
    return np.asarray(np.rint(grey * (1 - _HEAT) + colours * _HEAT), np.uint8)


def _outlined(pixels: Pixels, mask: Mask) -> Pixels:
    """Return pixels with their tissues, and with the border between skin and background drawn."""
    painted = overlay(pixels, mask)
    skin = (mask != Tissue.BACKGROUND).astype(np.uint8)
    borders, _ = cv2.findContours(skin, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(painted, borders, -1, SKIN_BORDER, 1), np.uint8)


def _resized(image: Pixels | Floats, size: tuple[int, int]) -> npt.NDArray[np.generic]:
    if image.shape[:2] == size:
        return image
    return np.asarray(cv2.resize(image, (size[1], size[0]), interpolation=cv2.INTER_AREA))


def _framed(picture: Pixels, title: str) -> Pixels:
    framed = cv2.copyMakeBorder(
        picture, LINE + MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=(_WHITE, _WHITE, _WHITE)
    )
    return _written(np.asarray(framed, np.uint8), title, MARGIN, LINE)


def _legend(width: int, values: Sequence[int]) -> Pixels:
    """Return the colours of the tissues that occur, and of uncertainty, as lines of text (h, width, 3)."""
    tissues = [Tissue(value) for value in values if value != Tissue.BACKGROUND]
    entries = [(COLOURS[tissue], tissue.label) for tissue in tissues if tissue != Tissue.INTACT]
    entries += [(SKIN_BORDER, "border of skin")] if tissues else []
    told = [(_heat_colour(0), "sure"), (_heat_colour(255), "two tissues as likely as each other")]
    strip = np.full((LINE, width, 3), _WHITE, np.uint8)
    column = MARGIN
    for colour, label in [*entries, *told]:
        needed = LINE + _text_width(label) + MARGIN
        if column + needed > width and column > MARGIN:
            strip = np.concatenate([strip, np.full((LINE, width, 3), _WHITE, np.uint8)])
            column = MARGIN
        cv2.rectangle(strip, (column, len(strip) - LINE + 6), (column + 14, len(strip) - 6), colour, cv2.FILLED)
        strip = _written(strip, label, column + LINE - 4, len(strip) - 7)
        column += needed
    return strip


def _heat_colour(value: int) -> tuple[int, int, int]:
    blue, green, red = cv2.applyColorMap(np.array([[value]], np.uint8), cv2.COLORMAP_INFERNO)[0, 0].tolist()
    return red, green, blue


def _written(image: Pixels, text: str, column: int, row: int) -> Pixels:
    return np.asarray(cv2.putText(image, text, (column, row), _FONT, 0.45, _INK, 1, cv2.LINE_AA), np.uint8)


def _text_width(text: str) -> int:
    return int(cv2.getTextSize(text, _FONT, 0.45, 1)[0][0])


_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX
