"""Counts and Dice, on masks small enough to count by eye."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.tissue import Tissue
from reepi.model.evaluation.metrics import Distances, dice, label_set_counts, mean_dice

CERTAIN = np.array([[16, 16, 2, 0]], np.uint8)


def test_counts_by_hand() -> None:
    """Detached, detached, intact, unlabelled; one of two wounds is found, and one healthy pixel is called wound."""
    predicted = np.array([[4, 1, 4, 4]], np.uint8)
    counts = label_set_counts(predicted, CERTAIN)
    assert counts[Tissue.DETACHED].tolist() == [1, 1, 1]
    assert counts[Tissue.INTACT].tolist() == [0, 1, 1]
    assert dice(counts)[Tissue.DETACHED] == pytest.approx(0.5)
    assert mean_dice(counts) == pytest.approx(0.25)


def test_coarse_labels_say_nothing_of_their_members() -> None:
    """In {background, covered} neither is right or wrong, but detached is wrong."""
    sets = np.array([[1 | 64, 1 | 64, 1 | 64]], np.uint8)
    counts = label_set_counts(np.array([[0, 6, 4]], np.uint8), sets)
    assert counts[[Tissue.BACKGROUND, Tissue.COVERED]].sum() == 0
    assert counts[Tissue.DETACHED].tolist() == [0, 1, 0]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=50))
def test_perfect_masks_have_dice_one(values: list[int]) -> None:
    """A mask against itself is 1 for every tissue in it."""
    mask = np.array([values], np.uint8)
    scores = dice(label_set_counts(mask, (1 << mask).astype(np.uint8)))
    assert all(scores[value] == 1 for value in values)
    assert np.isnan(scores[[t for t in Tissue if t not in values]]).all()


def test_distances_in_centimetres() -> None:
    """Metres in, centimetres out; nothing in, not a number out."""
    summary = Distances.of(np.array([0.01, 0.02, 0.03]))
    assert (summary.median_cm, summary.n) == (pytest.approx(2), 3)
    assert np.isnan(Distances.of(np.zeros(0)).median_cm)
