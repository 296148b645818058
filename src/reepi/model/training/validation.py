"""Measures a network during training, on photographs that are kept out of it."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.tissue import Tissue
from reepi.model.canvas import TISSUE_LARGEST_SIDE
from reepi.model.data.canonical import Canonical
from reepi.model.data.datasets import DataSet, spread
from reepi.model.engines import torch_forward
from reepi.model.evaluation.evaluating import TissueEvaluation, area_errors, evaluate_tissue, placed_photograph
from reepi.model.evaluation.metrics import Counts, Distances, dice
from reepi.model.network import Network
from reepi.model.prediction import predict_correspondence, predict_tissue

MOST_PHOTOGRAPHS: Final = {"tissue": 32, "correspondence": 144}
"""Photographs per data set in a validation; more tell little more and cost training time."""

SCORE, DICE, AREA_ERROR = "score", "Dice", "area error [% of photograph]"
"""Names of figures; Dice and area error follow data set and tissue."""

AREA_WEIGHT: Final = 2.0
DICE_WEIGHT: Final = 1.0
"""What an area that is wrong weighs in the score, and what Dice weighs beside it.

The area is what is wanted, so it comes first. Alone it would be a poor guide: tissue at the wrong place can have the
right area, and on some thirty photographs it is noisier than Dice.
"""


LEAST_CM: Final = 0.1
"""Distances below this count as this [cm]: a fifth of a face of the body."""


class TissueValidation:
    """Area error and pooled Dice by data set and tissue, and a score of both; see `tissue_score`.

    Parameters
    ----------
    datasets : sequence of DataSet
        Their validation split is used.
    """

    def __init__(self, datasets: Sequence[DataSet]) -> None:
        self._parts = [(d, spread(d.of_split("validation"), MOST_PHOTOGRAPHS["tissue"])) for d in datasets]

    def __call__(self, network: Network) -> dict[str, float]:
        """Return the score, and by data set and tissue Dice and area error; the score is nan without photographs."""
        forward = torch_forward(network)
        measured = [
            evaluate_tissue(lambda p: predict_tissue(forward, p, TISSUE_LARGEST_SIDE), dataset, samples)
            for dataset, samples in self._parts
            if samples
        ]
        figures: dict[str, float] = {SCORE: tissue_score(measured)}
        for evaluation in measured:
            errors, dices = area_errors(evaluation), dice(evaluation.counts.sum(axis=0))
            for tissue in evaluation.tissues:
                name = f"{evaluation.dataset} {tissue.label}"
                figures[f"{name} {DICE}"] = float(dices[tissue])
                figures[f"{name} {AREA_ERROR}"] = float(errors[:, tissue].mean())
        return figures


def tissue_score(evaluations: Sequence[TissueEvaluation]) -> float:
    """Return how good tissue masks are, 1 at best and 0 at worst; nan where nothing was labelled.

    Notes
    -----
    The mean over data sets of the mean over their labelled tissues of ::

        1 - (AREA_WEIGHT * min(1, a) + DICE_WEIGHT * (1 - Dice)) / (AREA_WEIGHT + DICE_WEIGHT)

    where ``a`` is the area error, |predicted - true| pixels summed over photographs, divided by the true pixels. So a
    data set of small wounds weighs as much as one of whole bodies, which errors in % of the photograph would not give.
    """
    means = [_tissue_qualities(e.counts, e.tissues).mean() for e in evaluations if e.tissues]
    return float(np.mean(means)) if means else float("nan")


def _tissue_qualities(counts: Counts, tissues: Sequence[Tissue]) -> npt.NDArray[np.float64]:
    chosen = counts[:, list(tissues)]
    true_pixels = (chosen[..., 0] + chosen[..., 2]).sum(axis=0)
    area_error = np.minimum(1.0, np.abs(chosen[..., 1] - chosen[..., 2]).sum(axis=0) / true_pixels)
    loss = AREA_WEIGHT * area_error + DICE_WEIGHT * (1 - dice(chosen.sum(axis=0)))
    return np.asarray(1 - loss / (AREA_WEIGHT + DICE_WEIGHT))


class CorrespondenceValidation:
    """Distance to the true point of the body; see `places_score`.

    Parameters
    ----------
    datasets : sequence of DataSet
        Their validation photographs with faces and views are used.
    """

    def __init__(self, datasets: Sequence[DataSet]) -> None:
        parts = [(d, [s for s in d.of_split("validation") if s.faces and s.view]) for d in datasets]
        self._parts = [
            (Canonical.read(dataset.folder), spread(samples, MOST_PHOTOGRAPHS["correspondence"]))
            for dataset, samples in parts
        ]

    def __call__(self, network: Network) -> dict[str, float]:
        """Return score, median and 90th percentile distance [cm], and views named rightly [%]; nan without samples."""
        forward = torch_forward(network)
        each = [
            placed_photograph(lambda p, view: predict_correspondence(forward, p, view), sample, canonical)
            for canonical, samples in self._parts
            for sample in samples
        ]
        summary = Distances.of(np.concatenate([placed.distances for placed in each]) if each else np.zeros(0))
        named = 100 * float(np.mean([placed.named == placed.view for placed in each])) if each else float("nan")
        figures = {"median_cm": summary.median_cm, "p90_cm": summary.p90_cm, "views named [%]": named}
        return {SCORE: places_score([placed.distances for placed in each]), **figures}


def places_score(distances: Sequence[npt.NDArray[np.float64]]) -> float:
    """Return how well photographs (N,) of distances [m] are placed, larger is better; nan without any.

    Notes
    -----
    The negative geometric mean [cm] over photographs of their median distance. The median of all pixels would say
    nothing of the photographs that are placed badly: whole persons turned round, the wrong side.
    """
    medians = [100 * float(np.median(each)) for each in distances if each.size]
    return -float(np.exp(np.mean(np.log(np.maximum(medians, LEAST_CM))))) if medians else float("nan")
