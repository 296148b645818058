"""What a tissue model is measured on: single tissues, and the groups of tissues that a reader asks about."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.tissue import ASSESSED, OPEN, Tissue

TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE, TRUE_NEGATIVE = range(4)
"""Columns of `subject_counts`."""

_SETS: Final = np.arange(1 << len(Tissue))


@dataclass(frozen=True)
class Subject:
    """A tissue, or several taken as one.

    Parameters
    ----------
    name : str
        The word for it in figures.
    tissues : tuple of Tissue
        What belongs to it.
    """

    name: str
    tissues: tuple[Tissue, ...]

    @cached_property
    def certain(self) -> npt.NDArray[np.bool_]:
        """Whether a label set, the index, can only mean this subject, (256,)."""
        return _padded((_SETS > 0) & (_SETS & ~self._bits == 0))

    @cached_property
    def excluded(self) -> npt.NDArray[np.bool_]:
        """Whether a label set, the index, cannot mean this subject, (256,)."""
        return _padded((_SETS > 0) & (_SETS & self._bits == 0))

    @cached_property
    def predicted(self) -> npt.NDArray[np.bool_]:
        """Whether a predicted tissue, the index, belongs to this subject, (7,)."""
        return np.isin(np.arange(len(Tissue)), self.tissues)

    @property
    def _bits(self) -> int:
        return sum(1 << tissue for tissue in self.tissues)


def _padded(sets: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return np.pad(sets, (0, 256 - len(sets)))


OPEN_SKIN: Final = Subject("open", OPEN)
"""Detachable and detached: what counts as body surface involved."""

SKIN: Final = Subject("skin", tuple(tissue for tissue in Tissue if tissue is not Tissue.BACKGROUND))
"""The patient's skin, seen or covered. A label that may mean covered or background, such as clothes, says nothing."""

BARE_SKIN: Final = Subject("bare skin", ASSESSED)
"""Skin whose tissue can be seen. Clothes, dressings and background are not bare skin: labels of clothes do decide."""

TISSUES: Final = tuple(Subject(tissue.label, (tissue,)) for tissue in Tissue)

SUBJECTS: Final = (*TISSUES, OPEN_SKIN, SKIN, BARE_SKIN)
"""All subjects; tables of counts keep this order."""

LESIONS: Final = (Tissue.ERYTHEMA, Tissue.DETACHABLE, Tissue.DETACHED, Tissue.REEPITHELIALISED)
"""Tissues that a course of the disease consists of; their mean Dice is the subject ``lesions``."""

DISEASED: Final = Subject("diseased", LESIONS)
"""Any of the lesion tissues, for the contrast with the skin around."""


def subject_counts(table: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return what each subject's label decides: (S, 4) true positive, false positive, false negative, true negative.

    A pixel is positive if its label set holds nothing but the subject, negative if it holds nothing of it; otherwise
    it says nothing about the subject and is left out.

    Parameters
    ----------
    table : (7, 256) int64
        Pixels by predicted tissue and label set; see `metrics.pixels_by_prediction_and_set`.
    """
    return np.array([_counts(table, subject) for subject in SUBJECTS], np.int64)


def _counts(table: npt.NDArray[np.int64], subject: Subject) -> tuple[int, int, int, int]:
    hit, missed = table[subject.predicted], table[~subject.predicted]
    sure, without = subject.certain, subject.excluded
    counts = hit[:, sure].sum(), hit[:, without].sum(), missed[:, sure].sum(), missed[:, without].sum()
    return int(counts[0]), int(counts[1]), int(counts[2]), int(counts[3])


def index_of(subject: Subject) -> int:
    """Return the place of a subject in `SUBJECTS`."""
    return SUBJECTS.index(subject)
