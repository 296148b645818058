"""A change of a mask goes there and back, packs and unpacks, and refuses a mask it does not belong to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reepi.core.images import Mask
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.review.patches import Area, Patch, pixel_at, relabelled

VALUES = st.sampled_from([*Tissue, UNLABELLED])
MASKS = arrays(np.uint8, (6, 9), elements=VALUES)
INSIDE = arrays(np.bool_, (4, 5))


@given(MASKS, INSIDE, VALUES, st.none() | st.sets(VALUES))
def test_a_change_does_what_it_says_and_is_taken_back(
    mask: Mask, inside: np.ndarray, tissue: int, over: set[int] | None
) -> None:
    """Applied, the area has the tissue wherever painting is allowed, all else stays; the inverse restores the mask."""
    untouched = mask.copy()
    expected = mask.copy()
    allowed = np.isin(mask[1:5, 3:8], [*Tissue, UNLABELLED] if over is None else list(over))
    expected[1:5, 3:8][inside & allowed] = tissue
    patch = relabelled(mask, Area(1, 3, inside), tissue, over)
    np.testing.assert_array_equal(mask, untouched)
    if patch is None:
        np.testing.assert_array_equal(expected, mask)
        return
    changed = mask.copy()
    patch.apply(changed)
    np.testing.assert_array_equal(changed, expected)
    patch.inverse.apply(changed)
    np.testing.assert_array_equal(changed, mask)
    assert patch.inverse.inverse == patch


@given(MASKS, MASKS)
def test_packed_changes_come_back(before: Mask, after: Mask) -> None:
    """Bytes and back is the same change, at the same place."""
    patch = Patch(12, 70000, before, after)
    assert Patch.unpacked(patch.packed()) == patch


def test_the_rectangle_is_the_smallest_around_what_changes() -> None:
    """One pixel of an area of twenty is not yet detached: the patch is that pixel."""
    mask = np.full((10, 10), Tissue.DETACHED, np.uint8)
    mask[4, 6] = Tissue.INTACT
    patch = relabelled(mask, Area(2, 3, np.ones((4, 5), np.bool_)), Tissue.DETACHED)
    assert patch == Patch(4, 6, np.array([[1]], np.uint8), np.array([[4]], np.uint8))


def test_a_change_of_another_mask_is_refused_and_leaves_it() -> None:
    """Undo after the mask was replaced must not write stale pixels."""
    patch = Patch(0, 0, np.array([[1]], np.uint8), np.array([[4]], np.uint8))
    other = np.full((3, 3), 2, np.uint8)
    with pytest.raises(ValueError, match="another mask"):
        patch.apply(other)
    assert (other == 2).all()
    with pytest.raises(ValueError, match="another mask"):
        patch.apply(np.zeros((0, 0), np.uint8))


def test_what_a_change_was_made_from_can_move_on() -> None:
    """The patch keeps its own pixels, and nobody can change them."""
    source = np.array([[1]], np.uint8)
    patch = Patch(0, 0, source, np.array([[4]], np.uint8))
    source[0, 0] = 6
    assert patch.before[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        patch.after[0, 0] = 5


@pytest.mark.parametrize("damage", [lambda c: b"", lambda c: c[:-3], lambda c: b"RPP9" + c[4:], lambda c: c[:20]])
def test_damaged_bytes_are_refused(damage: object) -> None:
    """Nothing half-read is applied to a mask."""
    content = Patch(0, 0, np.zeros((5, 5), np.uint8), np.ones((5, 5), np.uint8)).packed()
    with pytest.raises(ValueError, match="no change of a mask"):
        Patch.unpacked(damage(content))  # type: ignore[operator]


def test_impossible_changes_are_refused() -> None:
    """Before and after are one rectangle inside the mask, and a value is a tissue."""
    with pytest.raises(ValueError, match="one rectangle"):
        Patch(0, 0, np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8))
    with pytest.raises(ValueError, match="inside"):
        Patch(-1, 0, np.zeros((2, 2), np.uint8), np.ones((2, 2), np.uint8))
    for value in (7, -1, 254):
        with pytest.raises(ValueError, match="no mask value"):
            relabelled(np.zeros((2, 2), np.uint8), Area(0, 0, np.ones((2, 2), np.bool_)), value)


@pytest.mark.parametrize(
    ("at", "pixel"),
    [((0, 0), (0, 0)), ((-0.5, 1.4), (0, 1)), ((2.49, 3.49), (2, 3)), ((2.5, 0), None), ((-0.6, 0), None),
     ((float("nan"), 0), None), ((0, float("inf")), None)],
)  # fmt: skip
def test_a_place_belongs_to_the_pixel_whose_centre_is_nearest(
    at: tuple[float, float], pixel: tuple[int, int] | None
) -> None:
    """Pixel (0, 0) reaches from -0.5 to 0.5; outside there is none."""
    assert pixel_at(np.zeros((3, 4), np.uint8), at) == pixel
