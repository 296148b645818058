"""Counts and distances that say how good a prediction is; pure, on arrays."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.images import Mask
from reepi.core.tissue import Tissue

Floats = npt.NDArray[np.float64]

Counts = npt.NDArray[np.int64]
"""(7, 3): true positive, false positive and false negative pixels of each tissue."""


def label_set_counts(predicted: Mask, label_sets: npt.NDArray[np.uint8]) -> Counts:
    """Return the counts of each tissue where its label set decides.

    A pixel is positive for tissue t if its set is {t}, negative if t is not in it; where t is one of several, it says
    nothing about t.

    Parameters
    ----------
    predicted : (H, W) uint8
        Predicted tissue.
    label_sets : (H, W) uint8
        Bit t is set if tissue t is possible; 0 is unlabelled.
    """
    table = pixels_by_prediction_and_set(predicted, label_sets)
    sets = np.arange(256)
    counts = np.zeros((len(Tissue), 3), np.int64)
    for tissue in Tissue:
        sure = sets == 1 << tissue
        without = ((sets >> tissue) & 1 == 0) & (sets > 0)
        counts[tissue] = table[tissue, sure].sum(), table[tissue, without].sum(), table[:, sure].sum()
    counts[:, 2] -= counts[:, 0]
    return counts


def pixels_by_prediction_and_set(predicted: Mask, label_sets: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Return pixels by predicted tissue (row) and label set (column), (7, 256)."""
    pairs = predicted.astype(np.int64).ravel() * 256 + label_sets.ravel()
    return np.bincount(pairs, minlength=len(Tissue) * 256).reshape(len(Tissue), 256)


def dice(counts: Counts) -> npt.NDArray[np.float64]:
    """Return 2 TP / (2 TP + FP + FN) of each row; nan where no pixel was true or predicted (Dice, Ecology 1945)."""
    above, below = dice_parts(counts)
    return np.asarray(np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0))


def dice_parts(counts: npt.NDArray[np.int64] | Floats) -> tuple[Floats, Floats]:
    """Return 2 TP and 2 TP + FP + FN of counts (..., 3 or more): their quotient is Dice (Dice, Ecology 1945;26:297)."""
    hit, false, missed = (counts[..., place].astype(np.float64) for place in (0, 1, 2))
    return 2 * hit, 2 * hit + false + missed


def mean_dice(counts: Counts) -> float:
    """Return the mean Dice of the tissues that the labels are sure of somewhere; nan if there is none."""
    labelled = counts[:, 0] + counts[:, 2] > 0
    return float(dice(counts)[labelled].mean()) if labelled.any() else float("nan")


@dataclass(frozen=True)
class Distances:
    """Summary of distances between predicted and true points.

    Parameters
    ----------
    median_cm, p90_cm : float
        Median and 90th percentile [cm].
    n : int
        Number of pixels.
    """

    median_cm: float
    p90_cm: float
    n: int

    @classmethod
    def of(cls, distances_m: npt.NDArray[np.floating]) -> "Distances":
        """Return the summary of distances [m]; nan where there are none."""
        if not distances_m.size:
            return cls(float("nan"), float("nan"), 0)
        median, p90 = np.percentile(distances_m, (50, 90)) * 100
        return cls(float(median), float(p90), int(distances_m.size))
