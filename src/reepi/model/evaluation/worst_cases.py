"""Which photographs a model does worst on, so that a person can look at them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.model.evaluation.bootstrap import Floats
from reepi.model.evaluation.records import TissueRecords
from reepi.model.evaluation.subjects import BARE_SKIN, LESIONS, OPEN_SKIN, SUBJECTS, TISSUES, index_of
from reepi.model.evaluation.tissue_figures import dice_where_shown

N_WORST: Final = 8
"""Photographs shown for each data set."""

LEAST_SHARE: Final = 0.005
"""A tissue that takes less of the skin is too small for its Dice to rank a photograph: a few pixels decide it."""


@dataclass(frozen=True)
class Case:
    """A photograph worth looking at.

    Parameters
    ----------
    place : int
        Its place in the records.
    reason : str
        Why it is shown.
    """

    place: int
    reason: str


def worst_cases(records: TissueRecords, n: int = N_WORST) -> tuple[Case, ...]:
    """Return the photographs with the largest error of area, then those with the lowest Dice, half of each.

    Parameters
    ----------
    records : TissueRecords
        What was measured.
    n : int
        How many photographs at most.
    """
    wrong, right = area_wrong(records), photograph_dice(records)
    reason = "largest area error" if OPEN_SKIN in records.known else "most skin falsely called open"
    largest = [Case(int(place), reason) for place in _ranked(-wrong) if wrong[place] > 0][: (n + 1) // 2]
    taken = {case.place for case in largest}
    lowest = [Case(int(place), "lowest Dice") for place in _ranked(right) if place not in taken]
    return (*largest, *lowest[: n - len(largest)])


def area_wrong(records: TissueRecords) -> Floats:
    """Return by how much the area of open skin is wrong, (N,) [% of skin or photograph].

    Where labels only rule open skin out, every pixel called open is wrong.
    """
    return np.abs(records.area_errors(index_of(OPEN_SKIN)))


def photograph_dice(records: TissueRecords) -> Floats:
    """Return the mean Dice over the lesion tissues of each photograph, (N,), or of bare skin where labels know none.

    Nan where none of them takes `LEAST_SHARE`.
    """
    known = [TISSUES[tissue] for tissue in LESIONS if TISSUES[tissue] in records.known]
    places = [index_of(subject) for subject in known or [BARE_SKIN]]
    true = records.counts[:, places, 0] + records.counts[:, places, 2]
    enough = true >= np.maximum(LEAST_SHARE * records.area, 1)[:, None]
    each = np.where(enough, dice_where_shown(records.counts[:, places]), 0.0)
    n = enough.sum(axis=1)
    return np.asarray(np.divide(each.sum(axis=1), n, out=np.full(len(n), np.nan), where=n > 0))


def true_shares(records: TissueRecords) -> Floats:
    """Return the true area of every subject on every photograph, (N, S) [% of skin or photograph]."""
    return _shares(records.counts[..., 0] + records.counts[..., 2], records)


def predicted_shares(records: TissueRecords) -> Floats:
    """Return the predicted area, where the label decides, of every subject on every photograph, (N, S) [%]."""
    return _shares(records.counts[..., 0] + records.counts[..., 1], records)


def _shares(pixels: npt.NDArray[np.int64], records: TissueRecords) -> Floats:
    area = np.repeat(records.area[:, None], len(SUBJECTS), axis=1)
    return np.asarray(np.divide(100.0 * pixels, area, out=np.full(area.shape, np.nan), where=area > 0))


def _ranked(values: Floats) -> npt.NDArray[np.int64]:
    """Return the places of known values from the smallest on; equal ones in their order."""
    order = np.argsort(values, kind="stable")
    return np.asarray(order[np.isfinite(values[order])])
