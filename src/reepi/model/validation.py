"""Measures a network during training, on photographs that are kept out of it."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from reepi.model.datasets import DataSet, Sample
from reepi.model.engines import torch_forward
from reepi.model.evaluation import evaluate_tissue, point_errors
from reepi.model.metrics import Distances, dice, mean_dice
from reepi.model.network import Network
from reepi.model.prediction import predict_correspondence, predict_tissue
from reepi.model.sampling import TISSUE_LARGEST_SIDE, Canonical

MOST_PHOTOGRAPHS: Final = {"tissue": 32, "correspondence": 144}
"""Photographs per data set in a validation; more tell little more and cost training time."""


class TissueValidation:
    """Pooled Dice of each data set; the score is their mean.

    Parameters
    ----------
    datasets : sequence of DataSet
        Their validation split is used.
    """

    def __init__(self, datasets: Sequence[DataSet]) -> None:
        self._parts = [(d, spread(d.of_split("validation"), MOST_PHOTOGRAPHS["tissue"])) for d in datasets]

    def __call__(self, network: Network) -> dict[str, float]:
        """Return the score and the Dice of tissues by data set."""
        forward = torch_forward(network)
        figures: dict[str, float] = {}
        means = []
        for dataset, samples in self._parts:
            if samples:
                measured = evaluate_tissue(lambda p: predict_tissue(forward, p, TISSUE_LARGEST_SIDE), dataset, samples)
                pooled = measured.counts.sum(axis=0)
                means.append(mean_dice(pooled))
                figures |= {f"{dataset.name} {t.label}": float(dice(pooled)[t]) for t in measured.tissues}
        return {"score": float(np.nanmean(means)) if np.isfinite(means).any() else 0.0, **figures}


class CorrespondenceValidation:
    """Distance to the true point of the body; the score is the negative median.

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
        """Return the score, the median and 90th percentile distance [cm]."""
        forward = torch_forward(network)
        each = [
            point_errors(lambda p, view: predict_correspondence(forward, p, view), sample, canonical)[0]
            for canonical, samples in self._parts
            for sample in samples
        ]
        summary = Distances.of(np.concatenate(each) if each else np.zeros(0))
        score = -summary.median_cm if summary.n else 0.0
        return {"score": score, "median_cm": summary.median_cm, "p90_cm": summary.p90_cm}


def spread(samples: Sequence[Sample], most: int) -> tuple[Sample, ...]:
    """Return at most so many samples, evenly from the first to the last."""
    places = np.linspace(0, len(samples) - 1, min(len(samples), most)).astype(int)
    return tuple(samples[place] for place in places)
