"""How good a model is on data kept apart: right and wrong pixels by tissue, distances on the body by view."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.images import Photograph
from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES, VIEWS
from reepi.model.data.canonical import Canonical
from reepi.model.data.datasets import DataSet, Sample
from reepi.model.evaluation.metrics import Counts, Distances, label_set_counts
from reepi.model.inference import CorrespondencePredictor, Segmenter

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
    stratum : str
        Which of the photographs, such as ``look: mixed``; nothing for all of them.
    detail : bool
        Whether it is for files and reports only: such figures are too many to print or for a card.
    """

    dataset: str
    subject: str
    measure: str
    value: float
    low: float | None
    high: float | None
    n: int
    stratum: str = ""
    detail: bool = False

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
    """

    dataset: str
    patients: tuple[str, ...]
    counts: Counts
    decided: npt.NDArray[np.int64]

    @property
    def tissues(self) -> tuple[Tissue, ...]:
        """Tissues that the labels are sure of somewhere."""
        return tuple(t for t in Tissue if (self.counts[:, t, 0] + self.counts[:, t, 2]).sum() > 0)


def evaluate_tissue(
    segment: Segmenter, dataset: DataSet, samples: Sequence[Sample], told: Told = lambda _: None
) -> TissueEvaluation:
    """Count right and wrong pixels of a tissue model on samples of a data set, one at least: quick, for training.

    The full evaluation is `records.record_tissue`.
    """
    counts, decided = [], []
    for sample in samples:
        predicted, sets = segment(as_photograph(sample)).mask, dataset.labels.encode(sample.read_mask())
        counts.append(label_set_counts(predicted, sets))
        decided.append([int(((sets == 1 << t) | ((sets > 0) & ((sets >> t) & 1 == 0))).sum()) for t in Tissue])
        told(sample.stem)
    patients = tuple(sample.patient_id for sample in samples)
    return TissueEvaluation(dataset.name, patients, np.stack(counts), np.array(decided, np.int64))


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


def area_errors(evaluation: TissueEvaluation) -> npt.NDArray[np.float64]:
    """Return how far each tissue's area is from the labelled one, by photograph [% of its decided pixels], (N, 7)."""
    wrong = np.abs(evaluation.counts[..., 1] - evaluation.counts[..., 2])
    return np.asarray(100 * wrong / np.maximum(evaluation.decided, 1))
