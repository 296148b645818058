"""Two readers' masks: every differing pixel is in one area, and each area is decided by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reepi.core.tissue import UNLABELLED, Tissue
from reepi.review.differences import MOST_AREAS, decided, differences, least_px_of

MASKS = arrays.arrays(np.uint8, (9, 12), elements=st.sampled_from([0, 1, 3, 4, UNLABELLED]))


def intact(height: int = 60, width: int = 80) -> np.ndarray:
    return np.full((height, width), Tissue.INTACT, np.uint8)


def with_two_areas() -> np.ndarray:
    """Return a mask with 10 x 20 detached pixels, 6 x 6 red ones and 2 more."""
    mask = intact()
    mask[5:15, 10:30] = Tissue.DETACHED
    mask[30:36, 50:56] = Tissue.ERYTHEMA
    mask[50, 5] = mask[50, 70] = Tissue.COVERED
    return mask


def test_areas_come_largest_first_and_small_ones_together() -> None:
    """With their place, their size and what each reader says there."""
    areas = differences(intact(), with_two_areas(), least_px=20)
    assert [(area.number, area.top, area.left, area.inside.shape) for area in areas] == [
        (0, 5, 10, (10, 20)),
        (1, 30, 50, (6, 6)),
        (2, 50, 5, (1, 66)),
    ]
    assert [area.size_px for area in areas] == [200, 36, 2]
    assert [area.rest for area in areas] == [False, False, True]
    assert {area.first for area in areas} == {Tissue.INTACT}
    assert [area.second for area in areas] == [Tissue.DETACHED, Tissue.ERYTHEMA, Tissue.COVERED]


def test_an_area_is_named_by_most_of_its_pixels() -> None:
    """12 of 16 pixels are detached, 4 detachable: one area."""
    second = intact()
    second[10:14, 10:13], second[10:14, 13] = Tissue.DETACHED, Tissue.DETACHABLE
    (area,) = differences(intact(), second, least_px=4)
    assert (area.size_px, area.first, area.second) == (16, Tissue.INTACT, Tissue.DETACHED)


def test_a_border_drawn_a_little_apart_ties_no_areas_together() -> None:
    """Two squares joined by a line of one pixel are two areas; the line is in the rest."""
    second = intact(100, 200)
    second[20:60, 20:60] = second[20:60, 120:150] = Tissue.DETACHED
    second[40, 60:120] = Tissue.DETACHED
    areas = differences(intact(100, 200), second, least_px=400)
    assert [area.rest for area in areas] == [False, False, True]
    assert [area.size_px for area in areas] == pytest.approx([1600, 1200, 60], abs=5)


def test_a_round_area_keeps_its_rim() -> None:
    """All pixels of a disk are decided with it."""
    second = intact(200, 200)
    rows, columns = np.indices(second.shape)
    second[(rows - 100) ** 2 + (columns - 100) ** 2 < 40**2] = Tissue.DETACHED
    areas = differences(intact(200, 200), second, least_px=900)
    assert [area.rest for area in areas] == [False]


def test_no_more_areas_than_anybody_decides() -> None:
    """The smallest of very many join the rest."""
    second = intact(200, 400)
    second[::4, ::4] = Tissue.DETACHED
    areas = differences(intact(200, 400), second, least_px=1)
    assert len(areas) == MOST_AREAS + 1
    assert areas[-1].rest
    assert sum(area.size_px for area in areas) == 50 * 100


def test_no_opinion_is_no_difference() -> None:
    """What one reader left unlabelled is the other's."""
    second = intact()
    second[:10] = UNLABELLED
    assert differences(intact(), second, 1) == ()
    assert (decided(intact(), second, (), {}) == intact()).all()


def test_each_area_follows_its_own_choice() -> None:
    """The first reader is right on the large area, the second on the small; the rest stays open."""
    first, second = intact(), with_two_areas()
    areas = differences(first, second, 20)
    mask = decided(first, second, areas, {0: "first", 1: "second"})
    assert (mask[5:15, 10:30] == Tissue.INTACT).all()
    assert (mask[30:36, 50:56] == Tissue.ERYTHEMA).all()
    assert np.argwhere(mask == UNLABELLED).tolist() == [[50, 5], [50, 70]]


@given(first=MASKS, second=MASKS, least=st.integers(1, 120))
def test_areas_are_a_partition_of_what_differs(first: np.ndarray, second: np.ndarray, least: int) -> None:
    """No pixel twice, none left out, the sizes ordered."""
    areas = differences(first, second, least)
    count = np.zeros(first.shape, int)
    for area in areas:
        count[area.window] += area.inside
    differ = (first != second) & (first != UNLABELLED) & (second != UNLABELLED)
    np.testing.assert_array_equal(count, differ.astype(int))
    covered = np.zeros(first.shape, bool)
    for area in areas:
        covered[area.window] |= area.inside
    np.testing.assert_array_equal(covered, differ)
    sizes = [area.size_px for area in areas if not area.rest]
    assert sizes == sorted(sizes, reverse=True)
    assert [area.number for area in areas] == list(range(len(areas)))
    assert [area.rest for area in areas[:-1]] == [False] * len(areas[:-1])


@given(first=MASKS, second=MASKS)
def test_a_reader_who_is_always_right_is_the_result(first: np.ndarray, second: np.ndarray) -> None:
    """But where that reader said nothing, the other's tissue stands. Neither mask is changed."""
    kept = first.copy(), second.copy()
    areas = differences(first, second, 3)
    mask = decided(first, second, areas, {area.number: "second" for area in areas})
    np.testing.assert_array_equal(mask, np.where(second == UNLABELLED, first, second))
    np.testing.assert_array_equal(first, kept[0])
    np.testing.assert_array_equal(second, kept[1])


@given(first=MASKS, second=MASKS)
def test_readers_can_change_places(first: np.ndarray, second: np.ndarray) -> None:
    """The areas are the same, and so is the result of opposite choices."""
    there, back = differences(first, second, 3), differences(second, first, 3)
    assert [(a.top, a.left, a.size_px) for a in there] == [(b.top, b.left, b.size_px) for b in back]
    one = decided(first, second, there, {area.number: "first" for area in there[::2]})
    other = decided(second, first, back, {area.number: "second" for area in back[::2]})
    np.testing.assert_array_equal(one, other)


def test_what_cannot_be_compared_is_refused() -> None:
    """Masks of two sizes; a choice of nobody, or of no area."""
    with pytest.raises(ValueError, match="one size"):
        differences(intact(), intact(10, 10), 1)
    areas = differences(intact(), with_two_areas(), 20)
    with pytest.raises(ValueError, match="areas 0 to 2"):
        decided(intact(), with_two_areas(), areas, {3: "first"})
    with pytest.raises(ValueError, match="'first' or 'second'"):
        decided(intact(), with_two_areas(), areas, {0: "third"})  # type: ignore[dict-item]


def test_the_smallest_area_grows_with_the_photograph() -> None:
    """2400 pixels of 12 megapixels, never less than one."""
    assert least_px_of((3000, 4000)) == 2400
    assert least_px_of((10, 10)) == 1
