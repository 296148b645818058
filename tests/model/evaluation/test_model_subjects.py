"""Subjects: what a label decides about a tissue, or several taken as one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reepi.core.tissue import Tissue
from reepi.model.data.label_sets import set_name
from reepi.model.evaluation.metrics import label_set_counts, pixels_by_prediction_and_set
from reepi.model.evaluation.subjects import BARE_SKIN, OPEN_SKIN, SKIN, SUBJECTS, TISSUES, index_of, subject_counts

BACKGROUND, INTACT, DETACHABLE, DETACHED, CLOTHES = 1, 2, 8, 16, 1 | 64


def counted(predicted: list[int], sets: list[int]) -> np.ndarray:
    table = pixels_by_prediction_and_set(np.array([predicted], np.uint8), np.array([sets], np.uint8))
    return subject_counts(table)


@given(arrays(np.uint8, (3, 5), elements=st.integers(0, 6)), arrays(np.uint8, (3, 5), elements=st.integers(0, 127)))
def test_single_tissues_are_counted_as_in_training(predicted: np.ndarray, sets: np.ndarray) -> None:
    """True positive, false positive and false negative are those of the quick evaluation."""
    counts = subject_counts(pixels_by_prediction_and_set(predicted, sets))
    assert (counts[: len(TISSUES), :3] == label_set_counts(predicted, sets)).all()


@given(arrays(np.uint8, (3, 5), elements=st.integers(0, 6)), arrays(np.uint8, (3, 5), elements=st.integers(0, 127)))
def test_nothing_is_counted_twice(predicted: np.ndarray, sets: np.ndarray) -> None:
    """The four counts of a subject never exceed the labelled pixels, and reach them where labels are single tissues."""
    counts = subject_counts(pixels_by_prediction_and_set(predicted, sets))
    assert (counts.sum(axis=1) <= (sets > 0).sum()).all()
    single = (1 << predicted).astype(np.uint8)
    assert (subject_counts(pixels_by_prediction_and_set(predicted, single)).sum(axis=1) == predicted.size).all()


def test_clothes_say_nothing_of_skin_but_are_not_bare() -> None:
    """Clothes called intact are wrong for bare skin, and left out for skin; covered skin under them is neither."""
    counts = counted([Tissue.INTACT, Tissue.COVERED, Tissue.INTACT], [CLOTHES, CLOTHES, INTACT])
    assert counts[index_of(SKIN)].tolist() == [1, 0, 0, 0]
    assert counts[index_of(BARE_SKIN)].tolist() == [1, 1, 0, 1]


def test_detachable_for_detached_is_right_for_open() -> None:
    """The two tissues of open skin may stand for each other in it."""
    counts = counted([Tissue.DETACHABLE, Tissue.DETACHED, Tissue.INTACT], [DETACHED, DETACHABLE, DETACHABLE | DETACHED])
    assert counts[index_of(OPEN_SKIN)].tolist() == [2, 0, 1, 0]
    assert counts[Tissue.DETACHED].tolist() == [0, 1, 1, 0]


def test_names_are_told_apart() -> None:
    """Figures are found by name."""
    assert len({subject.name for subject in SUBJECTS}) == len(SUBJECTS)


def test_label_sets_in_words() -> None:
    """The shorter way of saying it."""
    assert set_name(BACKGROUND) == "background"
    assert set_name(CLOTHES) == "background or covered"
    assert set_name(0b1100111) == "anything but detachable or detached"
    assert set_name(0b1111111) == "anything"
