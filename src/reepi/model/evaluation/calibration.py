"""Makes a network's confidence honest: temperatures fitted on validation data, and the error that is left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from reepi.core.tissue import Tissue
from reepi.model.card import Calibration
from reepi.model.data.canonical import Canonical
from reepi.model.data.datasets import DataSet, Sample, spread
from reepi.model.data.label_sets import LabelSets
from reepi.model.data.splits import Split
from reepi.model.engines import Floats, Forward
from reepi.model.evaluation.evaluating import placed_photograph
from reepi.model.prediction import predict_correspondence, softmax, tempered, tissue_logits

PIXELS_PER_PHOTOGRAPH: Final = 1500
MOST_PHOTOGRAPHS: Final = 100
N_BINS: Final = 15
TEMPERATURES: Final = (0.3, 5.0)
"""Range that a temperature is sought in."""

FEWEST_PIXELS: Final = 2000
"""Pixels predicted as a tissue from which it gets a temperature of its own."""


@dataclass(frozen=True)
class LabelledLogits:
    """Logits of single pixels with what their label allows.

    Parameters
    ----------
    logits : (7, N) float32
        Of the network.
    label_sets : (N,) uint8
        Bit t is set if tissue t is possible; never 0.
    weights : (N,) float64
        Weight of each pixel, so that every data set counts alike.
    """

    logits: Floats
    label_sets: npt.NDArray[np.uint8]
    weights: npt.NDArray[np.float64]

    def where(self, chosen: npt.NDArray[np.bool_]) -> "LabelledLogits":
        """Return the pixels that are chosen, (N,)."""
        return LabelledLogits(self.logits[:, chosen], self.label_sets[chosen], self.weights[chosen])

    @property
    def allowed(self) -> npt.NDArray[np.bool_]:
        """Which tissues each pixel's label allows, (7, N)."""
        return np.asarray((self.label_sets[None] >> np.arange(len(Tissue))[:, None]) & 1 > 0)


def collect_logits(forward: Forward, datasets: Sequence[DataSet], long_side: int, split: Split) -> LabelledLogits:
    """Return logits and labels of pixels drawn from one split of data sets; none of masks without any label."""
    rng = np.random.default_rng(0)
    parts = []
    for dataset in datasets:
        samples = spread(dataset.of_split(split), MOST_PHOTOGRAPHS)
        pairs = [_pixels(forward, dataset, sample, long_side, rng) for sample in samples]
        n = sum(len(sets) for _, sets in pairs)
        parts += [(logits, sets, np.full(len(sets), 1 / n)) for logits, sets in pairs if n]
    if not parts:
        return LabelledLogits(np.zeros((len(Tissue), 0), np.float32), np.zeros(0, np.uint8), np.zeros(0))
    logits, sets, weights = zip(*parts, strict=True)
    return LabelledLogits(np.concatenate(logits, axis=1), np.concatenate(sets), np.concatenate(weights))


def _pixels(
    forward: Forward, dataset: DataSet, sample: Sample, long_side: int, rng: np.random.Generator
) -> tuple[Floats, npt.NDArray[np.uint8]]:
    logits = tissue_logits(forward, sample.read_image(), long_side)
    sets = dataset.labels.encode(sample.read_mask())
    sets = np.asarray(cv2.resize(sets, logits.shape[:0:-1], interpolation=cv2.INTER_NEAREST_EXACT), np.uint8).ravel()
    labelled = np.flatnonzero(sets)
    chosen = rng.choice(labelled, min(len(labelled), PIXELS_PER_PHOTOGRAPH), replace=False)
    return logits.reshape(len(Tissue), -1)[:, chosen], sets[chosen]


def fit_temperatures(pixels: LabelledLogits) -> Calibration:
    """Return the temperature of all pixels, and that of each predicted tissue that has pixels enough."""
    predicted = pixels.logits.argmax(axis=0)
    chosen = {tissue.label: predicted == tissue for tissue in Tissue}
    by_tissue = {
        name: fit_temperature(pixels.where(where)) for name, where in chosen.items() if where.sum() >= FEWEST_PIXELS
    }
    return Calibration(fit_temperature(pixels), by_tissue)


def fit_temperature(pixels: LabelledLogits) -> float:
    """Return the temperature with the smallest label-set likelihood loss (Guo et al., ICML 2017)."""

    def loss(temperature: float) -> float:
        probabilities = softmax(pixels.logits / np.float32(temperature))
        right = np.maximum((probabilities * pixels.allowed).sum(axis=0), 1e-9)
        return float(-(np.log(right) * pixels.weights).sum())

    return float(minimize_scalar(loss, bounds=TEMPERATURES, method="bounded").x)


def calibration_error(pixels: LabelledLogits, temperatures: Floats, alike: npt.NDArray[np.int64]) -> float:
    """Return the expected calibration error over equal bins of confidence (Naeini, Cooper & Hauskrecht, AAAI 2015).

    Parameters
    ----------
    pixels : LabelledLogits
        Of one data set.
    temperatures : (7,) float32
        Temperature of each predicted tissue.
    alike : (7,) int
        Group of each tissue; see `told_apart`. Tissues that the labels cannot tell apart are one prediction: its
        confidence is their sum, and it is right if the label allows the most probable of them.
    """
    probabilities = softmax(tempered(pixels.logits, temperatures))
    chosen = probabilities.argmax(axis=0)
    confidence = (probabilities * (alike[:, None] == alike[chosen][None])).sum(axis=0)
    right = np.take_along_axis(pixels.allowed, chosen[None], axis=0)[0]
    bins = np.minimum((confidence * N_BINS).astype(int), N_BINS - 1)
    gaps = np.bincount(bins, (confidence - right) * pixels.weights, N_BINS)
    return float(np.abs(gaps).sum() / pixels.weights.sum())


def told_apart(labels: LabelSets) -> npt.NDArray[np.int64]:
    """Return a group number for each tissue, (7,); tissues of one group are in the same label sets of a data set."""
    sets = np.unique(labels.bits[labels.known & (labels.bits > 0)])
    belongs = [tuple((sets >> tissue) & 1) for tissue in Tissue]
    return np.array([belongs.index(each) for each in belongs], np.int64)


def distance_factor(forward: Forward, datasets: Sequence[DataSet], split: Split) -> tuple[float, float]:
    """Return the factor that makes a correspondence network's expected distances true on average.

    Under the Laplace law of the loss the likeliest factor is the mean of distance / expected distance.

    Returns
    -------
    factor : float
        Multiply expected distances by it.
    n : float
        Pixels that it rests on; the factor is 1 where there are none.
    """
    each = []
    for dataset in datasets:
        canonical = Canonical.read(dataset.folder)
        samples = [s for s in dataset.of_split(split) if s.faces and s.view]
        for sample in spread(samples, 2 * MOST_PHOTOGRAPHS):
            each.append(placed_photograph(lambda p, view: predict_correspondence(forward, p, view), sample, canonical))
    ratios = np.concatenate([np.ones(0), *(placed.distances / placed.sigma for placed in each)])
    return float(ratios.mean()) if len(ratios) else 1.0, float(len(ratios))
