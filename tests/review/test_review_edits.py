"""Brush, polygon and bucket paint what geometry says, and nothing else."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from skimage.draw import polygon as drawn_polygon

from reepi.core.images import Mask
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.review.edits import connected, filled, polygon, retissued, stroke
from reepi.review.patches import Patch

INTACT, DETACHED = Tissue.INTACT, Tissue.DETACHED
FLOATS = st.floats(-30, 90)
PATHS = st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=5)


def skin(height: int = 60, width: int = 60) -> Mask:
    """Return a mask of intact skin."""
    return np.full((height, width), INTACT, np.uint8)


def after(mask: Mask, patch: Patch | None) -> Mask:
    """Return a mask after a change."""
    changed = mask.copy()
    if patch is not None:
        patch.apply(changed)
    return changed


def test_one_click_gives_the_connected_area_another_tissue() -> None:
    """Two squares of detached skin; only the one that was clicked becomes re-epithelialised."""
    mask = skin()
    mask[5:15, 5:15] = mask[30:50, 30:40] = DETACHED
    changed = after(mask, retissued(mask, (40, 35), Tissue.REEPITHELIALISED))
    assert (changed[30:50, 30:40] == Tissue.REEPITHELIALISED).all()
    changed[30:50, 30:40] = DETACHED
    np.testing.assert_array_equal(changed, mask)


@given(arrays(np.uint8, (7, 8), elements=st.sampled_from([0, 1, 4])), st.integers(0, 6), st.integers(0, 7))
def test_connected_areas_are_those_of_scipy(mask: Mask, row: int, col: int) -> None:
    """Neighbours share a side; another library finds the same area."""
    labels, _ = ndimage.label(mask == mask[row, col])
    area = connected(mask, (row, col))
    assert area is not None
    inside = np.zeros(mask.shape, np.bool_)
    inside[area.window] = area.inside
    np.testing.assert_array_equal(inside, labels == labels[row, col])


def test_an_outline_is_filled_whatever_lies_inside() -> None:
    """A drawn ring holds what is poured into it, though it holds diagonally only and skin of two tissues is inside."""
    mask = skin()
    rows, cols = np.mgrid[:60, :60]
    distance = np.abs(rows - 30) + np.abs(cols - 30)
    mask[distance == 20] = DETACHED
    mask[28:33, 28:33] = Tissue.ERYTHEMA
    changed = after(mask, filled(mask, (30, 30), DETACHED, over=set(Tissue) - {DETACHED}))
    np.testing.assert_array_equal(changed == DETACHED, distance <= 20)


def test_a_fill_stays_out_of_tissues_that_are_not_named() -> None:
    """A place on a tissue outside `over` is not filled."""
    mask = skin()
    mask[10:20, 10:20] = Tissue.COVERED
    assert filled(mask, (15, 15), DETACHED, over={INTACT}) is None


@pytest.mark.parametrize("at", [(-5, 3), (3, 60), (float("nan"), 0)])
def test_a_click_beside_the_photograph_changes_nothing(at: tuple[float, float]) -> None:
    """Rows and columns never count from the other end."""
    assert retissued(skin(), at, DETACHED) is None


def test_the_same_tissue_again_is_no_change() -> None:
    """Nothing changes: no step for the history."""
    mask = skin()
    assert retissued(mask, (5, 5), INTACT) is None
    assert stroke(mask, [(5, 5)], 3, INTACT) is None
    assert polygon(mask, [(1, 1), (1, 9), (9, 9)], INTACT) is None


def test_a_square_polygon_is_a_square() -> None:
    """Corners on pixel centres: the border belongs to it."""
    changed = after(skin(), polygon(skin(), [(10, 10), (10, 30), (20, 30), (20, 10)], DETACHED))
    assert (changed[10:21, 10:31] == DETACHED).all()
    assert (changed == DETACHED).sum() == 11 * 21


@given(st.lists(st.tuples(FLOATS, FLOATS), min_size=3, max_size=7))
def test_polygons_are_those_of_another_library_to_a_pixel(corners: list[tuple[float, float]]) -> None:
    """What scikit-image finds inside is painted, and nothing further than about a pixel from it or from an edge."""
    mask = skin()
    painted = after(mask, polygon(mask, corners, DETACHED)) == DETACHED
    rows, cols = np.array(corners).T
    inside = np.zeros(mask.shape, np.bool_)
    inside[drawn_polygon(rows, cols, mask.shape)] = True
    doubtful = distance_to(mask, [*corners, corners[0]]) <= 1.6
    np.testing.assert_array_equal(painted[~doubtful], inside[~doubtful])


@given(PATHS, st.floats(0, 25))
def test_a_stroke_paints_what_the_brush_passed(path: list[tuple[float, float]], radius: float) -> None:
    """A pixel is painted if it is no further from the path than the radius, to a pixel and the rounding of its ends."""
    mask = skin()
    painted = after(mask, stroke(mask, path, radius, DETACHED)) == DETACHED
    distance = distance_to(mask, path)
    assert painted[distance <= radius - 1].all()
    assert not painted[distance > radius + 2].any()


@pytest.mark.parametrize("radius", [3, 10, 25])
def test_a_touch_is_a_disk(radius: float) -> None:
    """The area of a touch is that of a circle, within five per cent and a ring of half a pixel."""
    painted = after(skin(), stroke(skin(), [(30, 30)], radius, DETACHED)) == DETACHED
    area = np.pi * radius**2
    assert abs(painted.sum() - area) <= 0.05 * area + np.pi * radius


def test_painting_spares_what_may_not_be_painted_over() -> None:
    """A stroke over intact skin only leaves background and dressings."""
    mask = skin()
    mask[:, 20:30] = Tissue.BACKGROUND
    mask[:, 40:50] = Tissue.COVERED
    changed = after(mask, stroke(mask, [(30, 0), (30, 59)], 5, DETACHED, over={INTACT}))
    np.testing.assert_array_equal(changed[:, 20:30], mask[:, 20:30])
    np.testing.assert_array_equal(changed[:, 40:50], mask[:, 40:50])
    assert (changed[30, :20] == DETACHED).all()
    corners = [(0, 0), (0, 59), (59, 59), (59, 0)]
    everywhere = after(mask, polygon(mask, corners, UNLABELLED, over={INTACT}))
    np.testing.assert_array_equal(everywhere == UNLABELLED, mask == INTACT)


@pytest.mark.parametrize("path", [[], [(-500, -500)], [(1e9, 1e9)], [(-40, 200), (-50, 300)]])
def test_painting_beside_the_photograph_changes_nothing(path: list[tuple[float, float]]) -> None:
    """No place, or places far out."""
    assert stroke(skin(), path, 5, DETACHED) is None


@pytest.mark.parametrize(
    "edit",
    [
        lambda mask: stroke(mask, [(3, float("nan"))], 5, DETACHED),
        lambda mask: stroke(mask, [(3, 3)], -1, DETACHED),
        lambda mask: stroke(mask, [(3, 3)], float("nan"), DETACHED),
        lambda mask: stroke(mask, [(3, 3)], 5, 9),
        lambda mask: polygon(mask, [(3, 3), (5, 5), (9, float("inf"))], DETACHED),
        lambda mask: polygon(mask, [(3, 3), (5, 5), (9, 2)], 200),
        lambda mask: retissued(mask, (3, 3), 7),
    ],
)
def test_impossible_edits_are_refused(edit: Callable[[Mask], Patch | None]) -> None:
    """A radius is a size, a place a number, a value a tissue."""
    with pytest.raises(ValueError, match=r"brush|number|no mask value"):
        edit(skin())


def distance_to(mask: Mask, path: list[tuple[float, float]]) -> np.ndarray:
    """Return the distance of each pixel's centre to a path [px], by the geometry of segments."""
    centres = np.stack(np.mgrid[: mask.shape[0], : mask.shape[1]], axis=-1).astype(float)
    nearest = np.linalg.norm(centres - path[0], axis=-1)
    for start, end in zip(np.array(path[:-1]), np.array(path[1:]), strict=True):
        along = end - start
        share = np.clip((centres - start) @ along / max(along @ along, 1e-12), 0, 1)
        nearest = np.minimum(nearest, np.linalg.norm(centres - start - share[..., None] * along, axis=-1))
    return nearest
