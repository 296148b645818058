"""Surface Dice of squares, whose borders can be counted by hand."""

import numpy as np
import pytest

from reepi.model.evaluation.surface_distance import distance_to, surface_dice

SIDE = 40


def square(left: int, side: int = SIDE) -> np.ndarray:
    mask = np.zeros((80, 90), bool)
    mask[20 : 20 + side, left : left + side] = True
    return mask


def test_equal_masks_have_surface_dice_one() -> None:
    """Even without tolerance."""
    assert surface_dice(square(20), square(20), ~square(20), 0) == 1


@pytest.mark.parametrize("shift", [1, 3, 4])
def test_shifts_within_the_tolerance_cost_nothing(shift: int) -> None:
    """Every border pixel has one of the other square that far away, or nearer."""
    assert surface_dice(square(20 + shift), square(20), ~square(20), 4) == 1


def test_a_shift_past_the_tolerance_costs_the_sides_that_moved() -> None:
    """Shifted by 6 with a tolerance of 4: of 156 border pixels, top and bottom keep 38 each, and the side inside 8."""
    assert surface_dice(square(26), square(20), ~square(20), 4) == pytest.approx((38 + 38 + 8) / 156)


def test_swapping_truth_and_prediction_changes_nothing() -> None:
    """Where the label decides everywhere, the measure is symmetric."""
    one, other = square(20), square(30, 25)
    assert surface_dice(one, other, ~other, 4) == surface_dice(other, one, ~one, 4)


def test_a_miss_is_nought_and_nothing_to_find_is_nan() -> None:
    """One border only, and none."""
    empty = np.zeros((80, 90), bool)
    assert surface_dice(empty, square(20), ~square(20)) == 0
    assert surface_dice(square(20), empty, ~empty) == 0
    assert np.isnan(surface_dice(empty, empty, ~empty))


def test_the_frame_is_no_border() -> None:
    """Skin that fills the photograph has no border; half of it has one line."""
    full = np.ones((80, 90), bool)
    assert np.isnan(surface_dice(full, full, ~full))
    half = np.zeros((80, 90), bool)
    half[:, :45] = True
    assert surface_dice(np.roll(half, 5, axis=1) | half, half, ~half, 4) == 0


def test_borders_where_the_label_is_open_do_not_count() -> None:
    """The right part of a prediction is wrong, but nobody labelled there; what is left is right."""
    certain, excluded = square(20), ~square(20)
    predicted = square(20)
    predicted[20:60, 60:75] = True
    assert surface_dice(predicted, certain, excluded, 4) < 1
    excluded[:, 60:] = False
    assert surface_dice(predicted, certain, excluded, 4) == 1


def test_distances_are_euclidean() -> None:
    """3, 4, 5."""
    places = np.zeros((10, 10), bool)
    places[0, 0] = True
    assert distance_to(places)[3, 4] == pytest.approx(5)
