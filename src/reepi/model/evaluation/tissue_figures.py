"""The figures of a tissue model on a data set, with intervals over patients: from records, pure."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.tissue import Tissue
from reepi.model.data.label_sets import set_name
from reepi.model.evaluation.bootstrap import Bootstrap, Floats, summary
from reepi.model.evaluation.evaluating import Figure
from reepi.model.evaluation.metrics import dice_parts
from reepi.model.evaluation.records import FALSE, TissueRecords
from reepi.model.evaluation.subjects import BARE_SKIN, LESIONS, OPEN_SKIN, SKIN, TISSUES, Subject, index_of
from reepi.model.evaluation.surface_distance import TOLERANCE_PX

POOLED_DICE: Final = "pooled Dice"
POOLED_IOU: Final = "pooled IoU"
PHOTOGRAPH_DICE: Final = "Dice per photograph"
PATIENT_DICE: Final = "Dice per patient"
SURFACE_DICE: Final = f"surface Dice at {TOLERANCE_PX:g} px"
FALSE_ON_SKIN: Final = "false alarms [% of skin]"
FALSE_ANYWHERE: Final = "false alarms anywhere [% of skin]"
ALL_LESIONS: Final = "lesions"
"""Subject of the mean over the four lesion tissues."""

CONFUSED: Final = "predicted as"
"""Start of the measure of a cell of the confusion table."""

Numbers = npt.NDArray[np.int64] | npt.NDArray[np.float64]

_WHOLE: Final = (SKIN, BARE_SKIN)
"""Subjects that are told by their IoU."""


def tissue_figures(records: TissueRecords, seed: int = 0) -> tuple[Figure, ...]:
    """Return the figures of all photographs of a data set.

    Parameters
    ----------
    records : TissueRecords
        What was measured.
    seed : int
        Seed of the bootstrap.
    """
    drawn = Bootstrap(records.patients, seed)
    found = [figure for subject in records.known for figure in _subject_figures(records, subject, drawn)]
    return (*found, *_lesion_figures(records, drawn), *_false_figures(records, drawn), *_confusion_figures(records))


def _subject_figures(records: TissueRecords, subject: Subject, drawn: Bootstrap) -> Iterable[Figure]:
    place = index_of(subject)
    counts = records.counts[:, place]
    shown = counts[:, 0] + counts[:, 2] > 0
    by_patient = drawn.by_patient(counts)
    unit, whole = f"[% of {records.area_unit}]", subject in _WHOLE
    minor = whole or subject is TISSUES[Tissue.BACKGROUND]
    errors = records.area_errors(place)
    surface = np.where(shown, np.array([each.surface[place] for each in records.photographs]), np.nan)
    measured: tuple[tuple[str, Floats, int, bool], ...] = (
        (POOLED_DICE, drawn.ratios(*dice_parts(counts)), len(shown), whole),
        (POOLED_IOU, drawn.ratios(*iou_parts(counts)), len(shown), not whole),
        (PHOTOGRAPH_DICE, drawn.means(dice_where_shown(counts)), int(shown.sum()), whole),
        (
            PATIENT_DICE,
            drawn.patient_means(dice_where_shown(by_patient)),
            int(shown.sum()),
            whole or not records.knows_patients,
        ),
        (SURFACE_DICE, drawn.means(surface), int(np.isfinite(surface).sum()), minor),
        (f"area error {unit}", drawn.means(abs(errors)), int(np.isfinite(errors).sum()), minor),
        (f"area bias {unit}", drawn.means(errors), int(np.isfinite(errors).sum()), subject is not OPEN_SKIN),
    )
    for measure, replicates, n, detail in measured:
        if np.isfinite(replicates[0]):
            yield Figure(records.dataset.name, subject.name, measure, *summary(replicates), n, detail=detail)


def _lesion_figures(records: TissueRecords, drawn: Bootstrap) -> Iterable[Figure]:
    if set(LESIONS) <= {tissue for subject in records.known for tissue in subject.tissues if subject in TISSUES}:
        value = summary(lesion_dice(records, drawn))
        yield Figure(records.dataset.name, ALL_LESIONS, "mean pooled Dice", *value, len(records.photographs))


def _false_figures(records: TissueRecords, drawn: Bootstrap) -> Iterable[Figure]:
    """Yield false alarms as a share of the skin that is surely not the subject: on that skin, and in all."""
    on_skin = np.stack([each.false_on_skin for each in records.photographs])
    for place, subject in enumerate(FALSE):
        false, skin = on_skin[:, place, 0], on_skin[:, place, 1]
        if skin.any():
            anywhere = records.counts[:, index_of(subject), 1]
            for measure, pixels in ((FALSE_ON_SKIN, false), (FALSE_ANYWHERE, anywhere)):
                value = summary(drawn.ratios(100 * pixels, skin))
                yield Figure(records.dataset.name, subject.name, measure, *value, int((skin > 0).sum()))


def _confusion_figures(records: TissueRecords) -> Iterable[Figure]:
    for (name, row), n in zip(confusion(records).items(), _photographs_by_set(records), strict=True):
        for predicted, pixels in zip(Tissue, row, strict=True):
            measure = f"{CONFUSED} {predicted.label} [% of its pixels]"
            share = 100 * float(pixels / row.sum())
            yield Figure(records.dataset.name, name, measure, share, None, None, n, detail=True)


def confusion(records: TissueRecords) -> dict[str, npt.NDArray[np.int64]]:
    """Return pixels by predicted tissue, (7,), of every label set that occurs, those of one tissue first."""
    table = np.sum([each.table for each in records.photographs], axis=0)
    return {set_name(bits): table[:, bits] for bits in _sets_present(records)}


def _sets_present(records: TissueRecords) -> list[int]:
    present = np.any([each.table.any(axis=0) for each in records.photographs], axis=0)
    return sorted((int(bits) for bits in np.flatnonzero(present) if bits), key=lambda bits: (bits.bit_count(), bits))


def _photographs_by_set(records: TissueRecords) -> list[int]:
    return [sum(bool(each.table[:, bits].any()) for each in records.photographs) for bits in _sets_present(records)]


def lesions_shown(records: TissueRecords, members: npt.NDArray[np.bool_] | None = None) -> list[Tissue]:
    """Return the lesion tissues that some of the photographs, (N,), truly show."""
    counts = records.counts if members is None else records.counts[members]
    return [tissue for tissue in LESIONS if TISSUES[tissue] in records.known and counts[:, tissue, [0, 2]].any()]


def lesion_dice(
    records: TissueRecords,
    drawn: Bootstrap,
    members: npt.NDArray[np.bool_] | None = None,
    tissues: Sequence[Tissue] | None = None,
) -> Floats:
    """Return the mean pooled Dice of lesion tissues, (1 + RESAMPLES,).

    Parameters
    ----------
    records : TissueRecords
        What was measured.
    drawn : Bootstrap
        Of its patients.
    members : (N,) bool, optional
        Which photographs; all where not given.
    tissues : sequence of Tissue, optional
        Which tissues; all that these photographs truly show where not given.
    """
    counts = records.counts if members is None else records.counts * members[:, None, None]
    known = lesions_shown(records, members) if tissues is None else list(tissues)
    above, below = dice_parts(counts[:, known])
    ratios = drawn.ratios(above, below)
    return np.asarray(ratios.mean(axis=1) if known else np.full(len(ratios), np.nan))


def iou_parts(counts: Numbers) -> tuple[Floats, Floats]:
    """Return TP and TP + FP + FN of counts (..., 4): their quotient is the intersection over union (Jaccard, 1901)."""
    hit, false, missed = (counts[..., place].astype(np.float64) for place in (0, 1, 2))
    return hit, hit + false + missed


def dice_where_shown(counts: Numbers) -> Floats:
    """Return the Dice of each row of counts (..., 4); nan where the subject is not truly there."""
    above, below = dice_parts(counts)
    there = counts[..., 0] + counts[..., 2] > 0
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=there))
