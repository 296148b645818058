"""What a full evaluation keeps of each photograph: counts and colours, never masks, so that memory stays flat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Mask, Pixels, TissueMap
from reepi.core.tissue import Tissue
from reepi.model.canvas import tissue_side
from reepi.model.data.datasets import DataSet, Sample
from reepi.model.evaluation.evaluating import as_photograph
from reepi.model.evaluation.metrics import pixels_by_prediction_and_set
from reepi.model.evaluation.skin_colour import lesion_contrast, typology_angle
from reepi.model.evaluation.subjects import DISEASED, OPEN_SKIN, SKIN, SUBJECTS, TISSUES, Subject, subject_counts
from reepi.model.evaluation.surface_distance import surface_dice
from reepi.model.inference import Segmenter

N_BINS: Final = 10
"""Equal bins of predicted probability, for the reliability of open skin."""

FALSE: Final = (TISSUES[Tissue.DETACHED], OPEN_SKIN)
"""Subjects whose false alarms on skin are counted apart."""

Counts = npt.NDArray[np.int64]
Told = Callable[[str], None]


@dataclass(frozen=True)
class PhotographRecord:
    """One photograph, measured.

    Parameters
    ----------
    sample : Sample
        Which photograph.
    size : (int, int)
        Height and width [px].
    counts : (S, 4) int64
        Of each subject: true positive, false positive, false negative, true negative pixels.
    surface : (S,) float64
        Normalised surface distance of each subject, nan where there is no border.
    table : (7, 256) int64
        Pixels by predicted tissue (row) and label set (column).
    skin, labelled : int
        Pixels that are surely skin; pixels that have a label at all.
    false_on_skin : (2, 2) int64
        For each subject of `FALSE`: pixels predicted so on skin whose label rules it out, and all such skin pixels.
    angle, contrast : float
        Typology angle [degrees] and contrast of lesions [CIEDE2000], nan where they cannot be told.
    reliability : (N_BINS, 3) float64
        By predicted probability of open skin: pixels, sum of the probability, pixels that are open.
    """

    sample: Sample
    size: tuple[int, int]
    counts: Counts
    surface: npt.NDArray[np.float64]
    table: Counts
    skin: int
    labelled: int
    false_on_skin: Counts
    angle: float
    contrast: float
    reliability: npt.NDArray[np.float64]


@dataclass(frozen=True)
class TissueRecords:
    """All photographs of one split of a data set, measured; one at least.

    Parameters
    ----------
    dataset : DataSet
        Which data set.
    photographs : tuple of PhotographRecord
        In the order of its samples.
    sure_of_intact : bool
        Whether tone and contrast rest on skin labelled intact; otherwise on skin that the model calls intact.
    """

    dataset: DataSet
    photographs: tuple[PhotographRecord, ...]
    sure_of_intact: bool

    @cached_property
    def patients(self) -> tuple[str, ...]:
        """Patient of each photograph."""
        return tuple(each.sample.patient_id for each in self.photographs)

    @property
    def knows_patients(self) -> bool:
        """Whether some patient has several photographs."""
        return len(set(self.patients)) < len(self.patients)

    @cached_property
    def counts(self) -> Counts:
        """(N, S, 4); see `PhotographRecord`."""
        return np.stack([each.counts for each in self.photographs])

    @cached_property
    def known(self) -> tuple[Subject, ...]:
        """Subjects that labels are sure of somewhere and rule out somewhere."""
        true, pixels = (self.counts[..., [0, 2]].sum(axis=(0, 2)), self.counts.sum(axis=(0, 2)))
        return tuple(s for s, here, all_ in zip(SUBJECTS, true, pixels, strict=True) if 0 < here < all_)

    @property
    def area_unit(self) -> str:
        """What areas are shares of: skin, where labels tell skin from background, or the photograph."""
        return "skin" if SKIN in self.known else "photograph"

    @cached_property
    def area(self) -> Counts:
        """Pixels that an area is a share of, (N,): labelled as skin, or all labelled ones."""
        return np.array([e.skin if self.area_unit == "skin" else e.labelled for e in self.photographs], np.int64)

    def area_errors(self, subject: int) -> npt.NDArray[np.float64]:
        """Return predicted less true area of a subject, (N,) [%], nan where the photograph shows no skin."""
        errors = 100.0 * (self.counts[:, subject, 1] - self.counts[:, subject, 2])
        return np.asarray(np.divide(errors, self.area, out=np.full(len(errors), np.nan), where=self.area > 0))


def record_tissue(
    segment: Segmenter, long_side: int, dataset: DataSet, samples: Sequence[Sample], told: Told = lambda _: None
) -> TissueRecords:
    """Measure a tissue model on samples of a data set, one at least.

    Parameters
    ----------
    segment : callable
        The model.
    long_side : int
        Largest long side at which its network sees a photograph [px].
    dataset : DataSet
        Says what mask values mean.
    samples : sequence of Sample
        Which photographs.
    told : callable
        Is told the stem of each photograph that is done.
    """
    sure = bool((dataset.labels.bits == 1 << Tissue.INTACT).any())
    records = []
    for sample in samples:
        photograph, sets = as_photograph(sample), dataset.labels.encode(sample.read_mask())
        records.append(record_photograph(sample, photograph.pixels, segment(photograph), sets, long_side, sure))
        told(sample.stem)
    return TissueRecords(dataset, tuple(records), sure)


def record_photograph(
    sample: Sample, pixels: Pixels, predicted: TissueMap, sets: Mask, long_side: int, sure_of_intact: bool
) -> PhotographRecord:
    """Return the record of one photograph.

    Parameters
    ----------
    sample : Sample
        Which photograph.
    pixels : (H, W, 3) uint8
        sRGB.
    predicted : TissueMap
        What the model says of it.
    sets : (H, W) uint8
        Label set of each pixel; 0 is unlabelled.
    long_side : int
        Largest long side at which the network sees a photograph [px].
    sure_of_intact : bool
        Whether the labels are ever sure of intact skin.
    """
    table = pixels_by_prediction_and_set(predicted.mask, sets)
    seen, mask, labels = _at_network_size(pixels, predicted.mask, sets, long_side)
    intact = labels == 1 << Tissue.INTACT
    if not sure_of_intact:
        intact = (mask == Tissue.INTACT) & (labels >> Tissue.INTACT & 1 > 0)
    return PhotographRecord(
        sample=sample,
        size=(sets.shape[0], sets.shape[1]),
        counts=subject_counts(table),
        surface=np.array([surface_dice(s.predicted[mask], s.certain[labels], s.excluded[labels]) for s in SUBJECTS]),
        table=table,
        skin=int(table[:, SKIN.certain].sum()),
        labelled=int(table[:, 1:].sum()),
        false_on_skin=np.array([_false_on_skin(table, subject) for subject in FALSE], np.int64),
        angle=typology_angle(seen, intact),
        contrast=lesion_contrast(seen, DISEASED.certain[labels], intact),
        reliability=_reliability(predicted.open, sets),
    )


def _at_network_size(pixels: Pixels, mask: Mask, sets: Mask, long_side: int) -> tuple[Pixels, Mask, Mask]:
    height, width = sets.shape
    scale = tissue_side((height, width), long_side) / max(height, width)
    if scale == 1:
        return pixels, mask, sets
    size = max(1, round(width * scale)), max(1, round(height * scale))
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    labels = (cv2.resize(each, size, interpolation=cv2.INTER_NEAREST_EXACT) for each in (mask, sets))
    seen, small, smaller = cv2.resize(pixels, size, interpolation=smooth), *labels
    return np.asarray(seen, np.uint8), np.asarray(small, np.uint8), np.asarray(smaller, np.uint8)


def _false_on_skin(table: Counts, subject: Subject) -> tuple[int, int]:
    skin = SKIN.certain & subject.excluded
    return int(table[subject.predicted][:, skin].sum()), int(table[:, skin].sum())


def _reliability(probability: npt.NDArray[np.float32], sets: Mask) -> npt.NDArray[np.float64]:
    decided = (OPEN_SKIN.certain | OPEN_SKIN.excluded)[sets]
    chances, true = probability[decided], OPEN_SKIN.certain[sets[decided]]
    bins = np.minimum((chances * N_BINS).astype(np.int64), N_BINS - 1)
    sums = [np.bincount(bins, weights, N_BINS) for weights in (None, chances, true)]
    return np.stack(sums, axis=-1).astype(np.float64)
