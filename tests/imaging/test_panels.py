"""Pictures of a photograph, its prediction and its doubt."""

import numpy as np

from reepi.core.tissue import COLOURS, Tissue
from reepi.imaging.panels import heat, uncertainty_panel


def test_three_pictures_stand_side_by_side() -> None:
    """The photograph is there as it is; the prediction is tinted where it is detached; bright where unsure."""
    pixels = np.full((200, 100, 3), 128, np.uint8)
    mask = np.full((200, 100), Tissue.INTACT, np.uint8)
    mask[50:150, 20:80] = Tissue.DETACHED
    unsure = np.zeros((200, 100), np.float32)
    unsure[:100] = 1
    panel = uncertainty_panel(pixels, mask, unsure)
    first, second, third = (panel[32:232, 8 + 116 * n : 108 + 116 * n] for n in range(3))
    np.testing.assert_array_equal(first, pixels)
    assert (second[100, 50] != 128).any()
    assert (second[10, 10] == 128).all()
    assert third[50, 50].sum() > 2 * third[150, 50].sum()


def test_colours_that_occur_are_explained() -> None:
    """The legend shows the colour of a tissue that is there, and of none that is not."""
    pixels, mask = np.zeros((300, 300, 3), np.uint8), np.full((300, 300), Tissue.DETACHABLE, np.uint8)
    legend = uncertainty_panel(pixels, mask, np.zeros((300, 300), np.float32))[340:]
    assert (legend == COLOURS[Tissue.DETACHABLE]).all(axis=-1).any()
    assert not (legend == COLOURS[Tissue.DETACHED]).all(axis=-1).any()


def test_large_photographs_are_shrunk_and_doubt_is_clipped() -> None:
    """Three pictures of at most 512 pixels; more than certain doubt is no other colour."""
    pixels, mask = np.zeros((1024, 600, 3), np.uint8), np.zeros((1024, 600), np.uint8)
    panel = uncertainty_panel(pixels, mask, np.full((1024, 600), 3, np.float32))
    assert panel.shape[1] == 3 * (300 + 16)
    np.testing.assert_array_equal(panel[40:540, 640:900], np.broadcast_to(panel[40, 640], (500, 260, 3)))


def test_doubt_is_dark_to_bright() -> None:
    """The heat of a grey photograph grows with doubt."""
    grey = np.full((1, 3, 3), 100, np.uint8)
    shown = heat(grey, np.array([[0, 0.5, 1]], np.float32)).sum(axis=-1, dtype=int)[0]
    assert list(shown) == sorted(shown)
