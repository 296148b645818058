"""Counts, Dice and intervals, on masks small enough to count by eye."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.tissue import Tissue
from reepi.model.evaluation import TissueEvaluation, pooled_dice_interval
from reepi.model.metrics import Distances, dice, label_set_confusion, label_set_counts, mean_dice

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


def test_confusion_by_hand() -> None:
    """Rows are true, columns predicted, unlabelled pixels are left out."""
    confusion = label_set_confusion(np.array([[4, 1, 4, 4]], np.uint8), CERTAIN)
    assert confusion.sum() == 3
    assert confusion[Tissue.DETACHED, Tissue.INTACT] == confusion[Tissue.INTACT, Tissue.DETACHED] == 1


@given(st.lists(st.integers(0, 6), min_size=1, max_size=50))
def test_perfect_masks_have_dice_one(values: list[int]) -> None:
    """A mask against itself is 1 for every tissue in it."""
    mask = np.array([values], np.uint8)
    scores = dice(label_set_counts(mask, (1 << mask).astype(np.uint8)))
    assert all(scores[value] == 1 for value in values)
    assert np.isnan(scores[[t for t in Tissue if t not in values]]).all()


def test_interval_holds_the_value_and_vanishes_for_equal_patients() -> None:
    """Patients that are alike give no spread; one photograph repeated is one patient."""
    alike = np.tile([[8, 1, 1]], (6, 1))
    low, high = pooled_dice_interval(alike, list("abcdef"), 0)
    assert low == high == pytest.approx(16 / 18)
    mixed = np.array([[9, 0, 1], [1, 9, 0], [5, 5, 5], [8, 1, 1]])
    low, high = pooled_dice_interval(mixed, list("abcd"), 0)
    assert low < dice(mixed.sum(axis=0)) < high


def test_figures_by_hand() -> None:
    """Two photographs of one wound pixel each, one found: Dice 2/3 pooled, 1/2 on average, half the area lost."""
    certain = np.array([[16, 2]], np.uint8)
    masks = (np.array([[4, 1]], np.uint8), np.array([[1, 1]], np.uint8))
    measured = TissueEvaluation(
        "x",
        ("a", "b"),
        np.stack([label_set_counts(mask, certain) for mask in masks]),
        np.full((2, 7), 2),
        sum(label_set_confusion(mask, certain) for mask in masks),
    )
    found = {figure.key: figure.value for figure in measured.figures()}
    assert found["detached pooled Dice"] == pytest.approx(2 / 3)
    assert found["detached Dice per photograph"] == pytest.approx(0.5)
    assert found["detached area bias [% of photograph]"] == pytest.approx(-25)
    assert found["detached predicted as intact [% of its pixels]"] == pytest.approx(50)


def test_distances_in_centimetres() -> None:
    """Metres in, centimetres out; nothing in, not a number out."""
    summary = Distances.of(np.array([0.01, 0.02, 0.03]))
    assert (summary.median_cm, summary.n) == (pytest.approx(2), 3)
    assert np.isnan(Distances.of(np.zeros(0)).median_cm)
