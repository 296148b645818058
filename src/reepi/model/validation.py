"""Measures a network during training, on photographs that are kept out of it."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.images import Photograph
from reepi.core.tissue import Tissue
from reepi.core.views import VIEWS
from reepi.model.datasets import DataSet, Sample
from reepi.model.engines import Forward, torch_forward
from reepi.model.metrics import Distances, dice, label_set_counts, mean_dice
from reepi.model.network import Network
from reepi.model.prediction import predict_correspondence, predict_tissue
from reepi.model.sampling import TISSUE_LONG_SIDE, Canonical

MOST_PHOTOGRAPHS: Final = 48
"""Photographs per data set in a validation; more tell little more and cost training time."""


class TissueValidation:
    """Pooled Dice of each data set; the score is their mean."""

    def __init__(self, datasets: Sequence[DataSet]) -> None:
        self._datasets = datasets

    def __call__(self, network: Network) -> dict[str, float]:
        """Return the score and the Dice of tissues by data set."""
        forward = torch_forward(network)
        figures: dict[str, float] = {}
        means = []
        for dataset in self._datasets:
            counts = np.zeros((len(Tissue), 3), np.int64)
            for sample in _spread(dataset.of_split("validation")):
                predicted = predict_tissue(forward, _photograph(sample), TISSUE_LONG_SIDE).mask
                counts += label_set_counts(predicted, dataset.labels.encode(sample.read_mask()))
            means.append(mean_dice(counts))
            labelled = counts[:, 0] + counts[:, 2] > 0
            figures |= {f"{dataset.name}_{t.label}": float(dice(counts)[t]) for t in Tissue if labelled[t]}
        known = [mean for mean in means if np.isfinite(mean)]
        return {"score": float(np.mean(known)) if known else 0.0, **figures}


class CorrespondenceValidation:
    """Median distance to the true point of the body; the score is its negative."""

    def __init__(self, datasets: Sequence[DataSet]) -> None:
        self._datasets = [(dataset, Canonical.read(dataset.folder)) for dataset in datasets]

    def __call__(self, network: Network) -> dict[str, float]:
        """Return the score, the median and 90th percentile distance [cm]."""
        forward = torch_forward(network)
        each = [
            point_distances(forward, sample, canonical)
            for dataset, canonical in self._datasets
            for sample in _spread([s for s in dataset.of_split("validation") if s.faces and s.view], 3)
        ]
        summary = Distances.of(np.concatenate(each) if each else np.zeros(0))
        return {"score": -summary.median_cm, "median_cm": summary.median_cm, "p90_cm": summary.p90_cm}


def point_distances(forward: Forward, sample: Sample, canonical: Canonical) -> npt.NDArray[np.float64]:
    """Return the distance [m] of every predicted point from the true one, over the body pixels of the grid."""
    photograph, codes = _photograph(sample), sample.read_face_codes()
    predicted = predict_correspondence(forward, photograph, VIEWS[str(sample.view)])
    true = _codes_on_grid(codes, predicted.photograph_pixels())
    distances = np.linalg.norm(predicted.points - canonical.points(true), axis=-1)
    return np.asarray(distances[true > 0], np.float64)


def _codes_on_grid(codes: npt.NDArray[np.uint16], xy: npt.NDArray[np.float64]) -> npt.NDArray[np.uint16]:
    columns, rows = (np.rint(xy[..., axis]).astype(np.int64) for axis in (0, 1))
    inside = (rows >= 0) & (rows < codes.shape[0]) & (columns >= 0) & (columns < codes.shape[1])
    found = codes[rows.clip(0, codes.shape[0] - 1), columns.clip(0, codes.shape[1] - 1)]
    return np.where(inside, found, np.uint16(0))


def _photograph(sample: Sample) -> Photograph:
    pixels = sample.read_image()
    return Photograph(pixels, (pixels.shape[0], pixels.shape[1]))


def _spread(samples: Sequence[Sample], more: int = 1) -> list[Sample]:
    places = np.linspace(0, len(samples) - 1, min(len(samples), MOST_PHOTOGRAPHS * more)).astype(int)
    return [samples[place] for place in places]
