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


@dataclass(frozen=True)
class Placed:
    """How a correspondence model did on one photograph.

    Parameters
    ----------
    view : str
        The declared view, which is the true one.
    distances : (N,) float64
        Distance of the predicted from the true point over the body pixels of the grid [m].
    sigma : (N,) float64
        Expected distances [m].
    named : str
        The view that the model takes the photograph for.
    """

    view: str
    distances: npt.NDArray[np.float64]
    sigma: npt.NDArray[np.float64]
    named: str


def evaluate_correspondence(
    predict: CorrespondencePredictor, dataset: DataSet, samples: Sequence[Sample], told: Told = lambda _: None
) -> tuple[Figure, ...]:
    """Measure a correspondence model on samples of a data set, by view: distance to the true point, view named."""
    canonical = Canonical.read(dataset.folder)
    placed = []
    for sample in samples:
        if sample.faces and sample.view:
            placed.append(placed_photograph(predict, sample, canonical))
            told(sample.stem)
    subjects = {"all": placed} | {view: [each for each in placed if each.view == view] for view in VIEW_NAMES}
    return tuple(
        figure for subject, each in subjects.items() if each for figure in _figures(dataset.name, subject, each)
    )


def _figures(dataset: str, subject: str, placed: Sequence[Placed]) -> Iterable[Figure]:
    summary = Distances.of(np.concatenate([each.distances for each in placed]))
    named = 100 * float(np.mean([each.named == each.view for each in placed]))
    for measure, value in (
        ("median distance [cm]", summary.median_cm),
        ("90th percentile distance [cm]", summary.p90_cm),
        ("view named rightly [%]", named),
    ):
        yield Figure(dataset, subject, measure, value, None, None, len(placed))


def placed_photograph(predict: CorrespondencePredictor, sample: Sample, canonical: Canonical) -> Placed:
    """Return how a correspondence model did on a sample with faces and a view."""
    codes, view = sample.read_face_codes(), str(sample.view)
    predicted = predict(as_photograph(sample), VIEWS[view])
    true = _codes_at(codes, predicted.photograph_pixels())
    distances = np.linalg.norm(predicted.points - canonical.points(true), axis=-1)
    return Placed(
        view,
        np.asarray(distances[true > 0], np.float64),
        np.asarray(predicted.sigma[true > 0], np.float64),
        max(predicted.views, key=lambda name: predicted.views[name]),
    )


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
