"""How good a model is on data kept apart: per tissue and per view, with intervals over patients."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.images import Photograph
from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES, VIEWS
from reepi.model.datasets import DataSet, Sample
from reepi.model.inference import CorrespondencePredictor, Segmenter
from reepi.model.metrics import Counts, Distances, dice, label_set_confusion, label_set_counts
from reepi.model.sampling import Canonical

RESAMPLES: Final = 500
"""Bootstrap samples of patients (Efron & Tibshirani 1993, percentile method); enough for two digits."""

INTERVAL: Final = (5.0, 95.0)
"""Percentiles of the 90 % interval."""

CONFUSED: Final = "predicted as"
"""Start of the measure of a cell of the confusion table."""

Told = Callable[[str], None]


@dataclass(frozen=True)
class Figure:
    """One measured number.

    Parameters
    ----------
    dataset : str
        Data set it was measured on.
    subject : str
        Tissue or view, or ``all``.
    measure : str
        What was measured, with its unit in brackets.
    value : float
        The number.
    low, high : float, optional
        90 % interval over patients.
    n : int
        Photographs that it rests on.
    """

    dataset: str
    subject: str
    measure: str
    value: float
    low: float | None
    high: float | None
    n: int

    @property
    def is_confusion(self) -> bool:
        """Whether it is a cell of the confusion table: for files, too many to print."""
        return self.measure.startswith(CONFUSED)

    @property
    def key(self) -> str:
        """Name of the figure inside its data set."""
        return f"{self.subject} {self.measure}"


@dataclass(frozen=True)
class TissueEvaluation:
    """Counts of a tissue model on one data set.

    Parameters
    ----------
    dataset : str
        Name of the data set.
    patients : tuple of str
        Patient of each photograph.
    counts : (N, 7, 3) int64
        Per photograph and tissue: true positive, false positive, false negative pixels.
    decided : (N, 7) int64
        Pixels whose label says whether they are the tissue.
    confusion : (7, 7) int64
        Pixels by true (row) and predicted (column) tissue, where the label is one tissue.
    """

    dataset: str
    patients: tuple[str, ...]
    counts: Counts
    decided: npt.NDArray[np.int64]
    confusion: npt.NDArray[np.int64]

    @property
    def tissues(self) -> tuple[Tissue, ...]:
        """Tissues that the labels are sure of somewhere."""
        return tuple(t for t in Tissue if (self.counts[:, t, 0] + self.counts[:, t, 2]).sum() > 0)

    def figures(self, seed: int = 0) -> tuple[Figure, ...]:
        """Return pooled Dice with its interval, mean Dice per photograph and area error, per tissue."""
        found: list[Figure] = []
        for tissue in self.tissues:
            counts, n, label = self.counts[:, tissue], len(self.patients), tissue.label
            low, high = pooled_dice_interval(counts, self.patients, seed)
            each = dice(counts)[counts[:, 0] + counts[:, 2] > 0]
            error = 100 * (counts[:, 1] - counts[:, 2]) / np.maximum(self.decided[:, tissue], 1)
            found += [
                Figure(self.dataset, label, "pooled Dice", float(dice(counts.sum(axis=0))), low, high, n),
                Figure(self.dataset, label, "Dice per photograph", float(each.mean()), None, None, len(each)),
                Figure(self.dataset, label, "area error [% of photograph]", float(abs(error).mean()), None, None, n),
                Figure(self.dataset, label, "area bias [% of photograph]", float(error.mean()), None, None, n),
            ]
        return (*found, *self._confusion_figures())

    def _confusion_figures(self) -> Iterable[Figure]:
        for true, row in zip(Tissue, self.confusion, strict=True):
            for predicted, pixels in zip(Tissue, row, strict=True):
                if row.sum():
                    share, name = 100 * float(pixels / row.sum()), f"{CONFUSED} {predicted.label} [% of its pixels]"
                    yield Figure(self.dataset, true.label, name, share, None, None, len(self.patients))


def evaluate_tissue(
    segment: Segmenter, dataset: DataSet, samples: Sequence[Sample], told: Told = lambda _: None
) -> TissueEvaluation:
    """Measure a tissue model on samples of a data set, one at least."""
    counts, decided, confusion = [], [], np.zeros((len(Tissue), len(Tissue)), np.int64)
    for sample in samples:
        predicted, sets = segment(as_photograph(sample)).mask, dataset.labels.encode(sample.read_mask())
        counts.append(label_set_counts(predicted, sets))
        decided.append([int(((sets == 1 << t) | ((sets > 0) & ((sets >> t) & 1 == 0))).sum()) for t in Tissue])
        confusion += label_set_confusion(predicted, sets)
        told(sample.stem)
    patients = tuple(sample.patient_id for sample in samples)
    return TissueEvaluation(dataset.name, patients, np.stack(counts), np.array(decided, np.int64), confusion)


def pooled_dice_interval(counts: Counts, patients: Sequence[str], seed: int) -> tuple[float, float]:
    """Return the 90 % interval of the pooled Dice, by drawing patients with replacement.

    Parameters
    ----------
    counts : (N, 3)
        True positive, false positive, false negative pixels per photograph.
    patients : sequence of str
        Patient of each photograph; those of one patient are drawn together.
    seed : int
        Seed of the drawing.
    """
    names, index = np.unique(np.asarray(patients), return_inverse=True)
    sums = np.zeros((len(names), 3), np.int64)
    np.add.at(sums, index, counts)
    drawn = np.random.default_rng(seed).integers(len(names), size=(RESAMPLES, len(names)))
    low, high = np.nanpercentile(dice(sums[drawn].sum(axis=1)), INTERVAL)
    return float(low), float(high)


def evaluate_correspondence(
    predict: CorrespondencePredictor, dataset: DataSet, samples: Sequence[Sample], told: Told = lambda _: None
) -> tuple[Figure, ...]:
    """Measure a correspondence model on samples of a data set: distance to the true point, by view."""
    canonical = Canonical.read(dataset.folder)
    by_view: dict[str, list[npt.NDArray[np.float64]]] = {}
    for sample in samples:
        if sample.faces and sample.view:
            by_view.setdefault(sample.view, []).append(point_errors(predict, sample, canonical)[0])
            told(sample.stem)
    return tuple(_distance_figures(dataset.name, by_view))


def _distance_figures(dataset: str, by_view: dict[str, list[npt.NDArray[np.float64]]]) -> Iterable[Figure]:
    everything = [distances for each in by_view.values() for distances in each]
    subjects = {"all": everything} | {view: by_view[view] for view in VIEW_NAMES if view in by_view}
    for subject, each in subjects.items():
        if each:
            summary = Distances.of(np.concatenate(each))
            yield Figure(dataset, subject, "median distance [cm]", summary.median_cm, None, None, len(each))
            yield Figure(dataset, subject, "90th percentile distance [cm]", summary.p90_cm, None, None, len(each))


def point_errors(
    predict: CorrespondencePredictor, sample: Sample, canonical: Canonical
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the distance [m] of every predicted from the true point over the body pixels of the grid, and its sigma.

    Returns
    -------
    (N,), (N,)
        Distances and expected distances [m].
    """
    codes = sample.read_face_codes()
    predicted = predict(as_photograph(sample), VIEWS[str(sample.view)])
    true = _codes_at(codes, predicted.photograph_pixels())
    distances = np.linalg.norm(predicted.points - canonical.points(true), axis=-1)
    return np.asarray(distances[true > 0], np.float64), np.asarray(predicted.sigma[true > 0], np.float64)


def _codes_at(codes: npt.NDArray[np.uint16], xy: npt.NDArray[np.float64]) -> npt.NDArray[np.uint16]:
    columns, rows = (np.rint(xy[..., axis]).astype(np.int64) for axis in (0, 1))
    inside = (rows >= 0) & (rows < codes.shape[0]) & (columns >= 0) & (columns < codes.shape[1])
    found = codes[rows.clip(0, codes.shape[0] - 1), columns.clip(0, codes.shape[1] - 1)]
    return np.where(inside, found, np.uint16(0))


def as_photograph(sample: Sample) -> Photograph:
    """Return a sample's photograph at the size it is stored in."""
    pixels = sample.read_image()
    return Photograph(pixels, (pixels.shape[0], pixels.shape[1]))
