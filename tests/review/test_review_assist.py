"""Areas snap to colour edges, superpixels to what looks alike; answers are drawn squares and disks."""

from collections.abc import Callable

import numpy as np
import pytest

from reepi.core.images import Mask, Pixels
from reepi.core.tissue import Tissue
from reepi.review.assist import grown, shrunk
from reepi.review.patches import Patch, relabelled
from reepi.review.superpixels import superpixel

INTACT, DETACHED, COVERED, BACKGROUND = Tissue.INTACT, Tissue.DETACHED, Tissue.COVERED, Tissue.BACKGROUND


def wound(radius: float, size: int = 200) -> np.ndarray:
    """Return which pixels lie in a disk in the middle, (size, size)."""
    rows, cols = np.mgrid[:size, :size]
    return np.hypot(rows - size / 2, cols - size / 2) <= radius


def photograph(radius: float = 50, size: int = 200) -> Pixels:
    """Return pale skin with a red disk, and a camera's noise."""
    pixels = np.where(wound(radius, size)[..., None], (170, 50, 50), (220, 180, 150))
    noise = np.random.default_rng(0).normal(0, 5, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def labelled(inside: np.ndarray) -> Mask:
    """Return a mask, detached inside and intact elsewhere."""
    return np.where(inside, DETACHED, INTACT).astype(np.uint8)


def after(mask: Mask, patch: Patch | None) -> Mask:
    """Return a mask after a change."""
    changed = mask.copy()
    if patch is not None:
        patch.apply(changed)
    return changed


def wrong_px(mask: Mask, truth: np.ndarray) -> float:
    """Return how far the border is from the truth's on average [px]: wrong pixels by the length of the border."""
    return float(((mask == DETACHED) != truth).sum() / (2 * np.pi * np.sqrt(truth.sum() / np.pi)))


@pytest.mark.parametrize("size", [200, 1000])
@pytest.mark.parametrize("edit", [grown, shrunk])
def test_a_border_near_an_edge_snaps_to_it(edit: Callable[..., Patch | None], size: int) -> None:
    """A border drawn too near or too far ends within a pixel of working size of the true one."""
    truth = wound(size / 4, size)
    drawn = labelled(wound(size * (0.22 if edit is grown else 0.28), size))
    untouched, pixels = drawn.copy(), photograph(size / 4, size)
    snapped = after(drawn, edit(drawn, pixels, (size / 2, size / 2), size * 0.05))
    assert wrong_px(drawn, truth) > 0.02 * size
    assert wrong_px(snapped, truth) < max(1.0, 0.05 * size / 12)
    np.testing.assert_array_equal(drawn, untouched)
    np.testing.assert_array_equal(pixels, photograph(size / 4, size))


@pytest.mark.parametrize("step", [1, 4, 9.5])
def test_a_border_moves_by_no_more_than_a_step(step: float) -> None:
    """The edge lies further away than a step: the border stays within it."""
    near, far = labelled(wound(25)), labelled(wound(75))
    assert not (after(near, grown(near, photograph(), (100, 100), step)) == DETACHED)[~wound(26 + step)].any()
    assert (after(far, shrunk(far, photograph(), (100, 100), step)) == DETACHED)[wound(74 - step)].all()


def test_growing_only_grows_and_shrinking_only_shrinks() -> None:
    """No pixel moves the other way."""
    mask = labelled(wound(47) ^ wound(10))
    larger = after(mask, grown(mask, photograph(), (100, 60), 8))
    smaller = after(mask, shrunk(mask, photograph(), (100, 60), 8))
    assert (larger[mask == DETACHED] == DETACHED).all()
    assert (smaller[mask == INTACT] == INTACT).all()


def test_an_area_does_not_grow_over_what_it_may_not() -> None:
    """Background is spared unless it is named; a dressing if only intact skin is."""
    mask = labelled(wound(45))
    mask[:80][mask[:80] == INTACT] = BACKGROUND
    mask[120:][mask[120:] == INTACT] = COVERED
    usual = after(mask, grown(mask, photograph(), (100, 100), 10))
    assert (usual[mask == BACKGROUND] == BACKGROUND).all()
    assert (usual[mask == COVERED] == DETACHED).any()
    careful = after(mask, grown(mask, photograph(), (100, 100), 10, over={INTACT}))
    np.testing.assert_array_equal(careful == COVERED, mask == COVERED)
    bold = after(mask, grown(mask, photograph(), (100, 100), 10, over=set(Tissue)))
    assert wrong_px(bold, wound(50)) < 1


def test_what_an_area_gives_up_becomes_its_nearest_neighbour() -> None:
    """Red skin on the left and a dressing on the right of a wound drawn too large."""
    mask = labelled(wound(56))
    mask[:, :100][mask[:, :100] == INTACT] = Tissue.ERYTHEMA
    mask[:, 100:][mask[:, 100:] == INTACT] = COVERED
    changed = after(mask, shrunk(mask, photograph(), (100, 100), 10))
    given_up = (mask == DETACHED) & (changed != DETACHED)
    assert given_up.sum() > 1000
    assert (changed[:, :98][given_up[:, :98]] == Tissue.ERYTHEMA).all()
    assert (changed[:, 102:][given_up[:, 102:]] == COVERED).all()


def test_a_thin_area_does_not_vanish_at_once() -> None:
    """A line much thinner than a step keeps its middle."""
    mask = labelled(np.zeros((200, 200), np.bool_))
    mask[98:102, 60:140] = DETACHED
    changed = after(mask, shrunk(mask, photograph(), (100, 100), 12))
    assert (changed[100, 70:130] == DETACHED).mean() > 0.9


def test_only_the_area_that_was_clicked_moves() -> None:
    """Another area of the same tissue, two steps away, stays."""
    mask = labelled(wound(45))
    mask[5:20, 5:20] = DETACHED
    changed = after(mask, shrunk(mask, photograph(), (100, 100), 8))
    np.testing.assert_array_equal(changed[:25, :25], mask[:25, :25])


def test_where_nothing_can_move_nothing_changes() -> None:
    """A whole photograph of one tissue, and a place beside it."""
    whole = np.full((200, 200), DETACHED, np.uint8)
    assert grown(whole, photograph(), (100, 100), 8) is None
    assert shrunk(whole, photograph(), (100, 100), 8) is None
    assert grown(labelled(wound(50)), photograph(), (-3, 100), 8) is None
    assert superpixel(photograph(), (100, 900), 20) is None


@pytest.mark.parametrize("size_px", [8, 20, 60])
@pytest.mark.parametrize("at", [(100, 100), (100, 147), (54, 100), (0, 0), (199, 199)])
def test_a_superpixel_holds_its_place_and_keeps_to_one_colour(at: tuple[int, int], size_px: float) -> None:
    """It holds the pixel clicked, is connected, of about the size asked for, and hardly crosses the edge."""
    mask = labelled(np.zeros((200, 200), np.bool_))
    area = superpixel(photograph(), at, size_px)
    assert area is not None
    painted = after(mask, relabelled(mask, area, DETACHED)) == DETACHED
    assert painted[at]
    assert 0.15 * size_px**2 < painted.sum() < 4 * size_px**2
    same_side = wound(50) == wound(50)[at]
    assert same_side[painted].mean() > 0.9


def test_a_superpixel_is_the_same_wherever_it_is_clicked() -> None:
    """Every pixel of it under the same square of the grid, here of 40 px, gives the same area."""
    first = superpixel(photograph(), (90, 90), 40)
    assert first is not None
    places = np.argwhere(first.inside) + np.array([first.top, first.left])
    places = places[(places // 40 == 90 // 40).all(axis=1)]
    assert len(places) > 100
    for row, col in places[:: len(places) // 5].tolist():
        again = superpixel(photograph(), (row, col), 40)
        assert again is not None
        assert (again.top, again.left) == (first.top, first.left)
        np.testing.assert_array_equal(again.inside, first.inside)


def test_impossible_calls_are_refused() -> None:
    """A step and a superpixel have a size, mask and photograph the same one."""
    mask = labelled(wound(50))
    for edit in (grown, shrunk):
        with pytest.raises(ValueError, match="one size"):
            edit(mask[:100], photograph(), (50, 50), 5)
        for step in (0, -3, float("nan"), float("inf")):
            with pytest.raises(ValueError, match="1 px or more"):
                edit(mask, photograph(), (100, 100), step)
    for size in (0, 1, float("nan")):
        with pytest.raises(ValueError, match="2 px or more"):
            superpixel(photograph(), (100, 100), size)
