"""Where a card may be is told at a glimpse, and a card is never outside of it."""

from dataclasses import replace

import numpy as np
import pytest

from reepi.imaging.card_layout import LAYOUTS
from reepi.imaging.card_places import card_window
from reepi.imaging.planes import mapped
from reepi.phantom.card_scenes import Placement, lay_card

LEAST_PERIMETER = 40.0
WALL = np.full((1201, 1601, 3), 190, np.uint8)
STRAIGHT = Placement((800.0, 600.0), 3.0)


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize(
    "placement",
    [STRAIGHT, replace(STRAIGHT, px_per_mm=1.5, tilt_degrees=45.0), replace(STRAIGHT, covered=0.4, blur_px=1.5)],
    ids=["straight", "small and tilted", "covered and blurred"],
)
def test_the_whole_card_lies_in_the_window(kind: str, placement: Placement) -> None:
    """What is not searched holds no part of the card, also where its squares are seen in part."""
    laid = lay_card(WALL, LAYOUTS[kind], placement, np.random.default_rng(2))
    window = card_window(laid.pixels[..., 1].copy(), LEAST_PERIMETER)
    assert window is not None
    rows, columns = window
    (left, top), (right, bottom) = (
        end(mapped(laid.to_photograph, LAYOUTS[kind].outline), axis=0) for end in (np.min, np.max)
    )
    assert columns.start <= max(left, 0)
    assert rows.start <= max(top, 0)
    assert columns.stop >= right
    assert rows.stop >= bottom


def test_a_wall_and_a_lone_square_are_not_searched() -> None:
    """Single squares, such as pictures on a wall, are no card, whose squares stand close together."""
    lone = WALL[..., 0].copy()
    assert card_window(lone, LEAST_PERIMETER) is None
    lone[300:400, 300:400] = 20
    lone[900:1000, 1200:1300] = 20
    assert card_window(lone, LEAST_PERIMETER) is None


def test_squares_without_black_are_not_searched() -> None:
    """A tiled floor or a mottled skin has squares by the dozen, but none with a black rim."""
    tiles = WALL[..., 0].copy()
    for row, column in np.ndindex(4, 5):
        tiles[300 + 100 * row : 360 + 100 * row, 400 + 100 * column : 460 + 100 * column] = 140
    assert card_window(tiles, LEAST_PERIMETER) is None
    tiles[tiles == 140] = 40
    assert card_window(tiles, LEAST_PERIMETER) is not None


def test_a_small_photograph_is_looked_at_too() -> None:
    """Nothing is assumed of the size of a photograph, and none is too small to be halved."""
    assert card_window(np.full((65, 64), 90, np.uint8), LEAST_PERIMETER) is None
