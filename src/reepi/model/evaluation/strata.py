"""Groups of photographs in which a tissue model is measured apart: by skin tone, contrast, view and look."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.model.evaluation.bootstrap import Bootstrap, Floats, summary
from reepi.model.evaluation.evaluating import Figure
from reepi.model.evaluation.metrics import dice_parts
from reepi.model.evaluation.records import FALSE, TissueRecords
from reepi.model.evaluation.skin_colour import TONES, tone_of
from reepi.model.evaluation.subjects import BARE_SKIN, LESIONS, OPEN_SKIN, TISSUES, Subject, index_of
from reepi.model.evaluation.tissue_figures import (
    ALL_LESIONS,
    FALSE_ON_SKIN,
    POOLED_DICE,
    POOLED_IOU,
    iou_parts,
    lesion_dice,
    lesions_shown,
)

TONE_THIRD: Final = "skin tone, thirds"
PATIENT_TONE_THIRD: Final = "skin tone of the patient, thirds"
TONE_GROUP: Final = "skin tone, groups"
CONTRAST_THIRD: Final = "contrast of lesions, thirds"
LOOK: Final = "look"
PART: Final = "part of the body"
VIEW: Final = "view"

TONE_THIRDS: Final = ("lightest", "middle", "darkest")
CONTRAST_THIRDS: Final = ("highest", "middle", "lowest")

TONE_DIFFERENCE: Final = "mean pooled Dice, lightest less darkest third of skin tones"
PATIENT_TONE_DIFFERENCE: Final = f"{TONE_DIFFERENCE}, by patient"

Members = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Stratum:
    """A group of photographs.

    Parameters
    ----------
    kind, group : str
        What they are grouped by, and which group it is.
    members : (N,) bool
        Which photographs.
    """

    kind: str
    group: str
    members: Members

    @property
    def name(self) -> str:
        """Both in one, as figures carry it."""
        return f"{self.kind}: {self.group}"

    @property
    def n(self) -> int:
        """Photographs in it."""
        return int(self.members.sum())


def strata_of(records: TissueRecords) -> tuple[Stratum, ...]:
    """Return every group with a photograph in it; photographs whose value cannot be told are in no group."""
    each = records.photographs
    angles, contrasts = np.array([e.angle for e in each]), np.array([e.contrast for e in each])
    tones = [tone_of(angle) if np.isfinite(angle) else None for angle in angles]
    views = [e.sample.view for e in each]
    found = [
        *_thirds(TONE_THIRD, TONE_THIRDS, angles),
        *(_thirds(PATIENT_TONE_THIRD, TONE_THIRDS, _by_patient(angles, records)) if records.knows_patients else ()),
        *_groups(TONE_GROUP, tones, [name for name, _ in TONES]),
        *_thirds(CONTRAST_THIRD, CONTRAST_THIRDS, contrasts),
        *_groups(LOOK, [e.sample.look for e in each]),
        *_groups(PART, [view.split("_")[0] if view else None for view in views]),
        *_groups(VIEW, views),
    ]
    return tuple(stratum for stratum in found if stratum.n)


def _thirds(kind: str, names: Sequence[str], values: Floats) -> Iterable[Stratum]:
    """Yield thirds of the photographs whose value is known, from the highest values to the lowest.

    Photographs of one value, such as those of one patient, stay together.
    """
    different = np.unique(values[np.isfinite(values)])[::-1]
    if len(different) >= len(names):
        sizes = np.array([np.sum(values == value) for value in different])
        part = (np.cumsum(sizes) - sizes / 2) * len(names) // sizes.sum()
        for place, name in enumerate(names):
            yield Stratum(kind, name, np.isin(values, different[part == place]))


def _groups(kind: str, words: Sequence[str | None], order: Sequence[str] | None = None) -> Iterable[Stratum]:
    for word in order if order is not None else sorted({word for word in words if word}):
        yield Stratum(kind, word, np.array([each == word for each in words]))


def _by_patient(values: Floats, records: TissueRecords) -> Floats:
    """Return, for every photograph, the median over its patient's photographs."""
    patients = np.asarray(records.patients)
    medians = np.full(len(values), np.nan)
    for patient in np.unique(patients):
        mine = patients == patient
        known = values[mine & np.isfinite(values)]
        medians[mine] = np.median(known) if len(known) else np.nan
    return medians


def strata_figures(records: TissueRecords, strata: Sequence[Stratum], seed: int = 0) -> tuple[Figure, ...]:
    """Return the figures of each stratum, and how far apart the lightest and darkest third of skin tones are."""
    drawn = Bootstrap(records.patients, seed)
    found = [figure for stratum in strata for figure in _stratum_figures(records, stratum, drawn)]
    return (*found, *_tone_differences(records, strata, drawn))


def _stratum_figures(records: TissueRecords, stratum: Stratum, drawn: Bootstrap) -> Iterable[Figure]:
    for subject, measure, replicates in _measured(records, stratum.members, drawn):
        if np.isfinite(replicates[0]):
            value = summary(replicates)
            yield Figure(records.dataset.name, subject, measure, *value, stratum.n, stratum.name, detail=True)


def _measured(records: TissueRecords, members: Members, drawn: Bootstrap) -> Iterable[tuple[str, str, Floats]]:
    yield ALL_LESIONS, "mean pooled Dice", lesion_dice(records, drawn, members)
    for subject in (*(TISSUES[tissue] for tissue in LESIONS), OPEN_SKIN):
        if subject in records.known:
            yield subject.name, POOLED_DICE, _pooled(records, subject, members, drawn, dice_parts)
    if BARE_SKIN in records.known:
        yield BARE_SKIN.name, POOLED_IOU, _pooled(records, BARE_SKIN, members, drawn, iou_parts)
    if OPEN_SKIN in records.known:
        errors = np.where(members, abs(records.area_errors(index_of(OPEN_SKIN))), np.nan)
        yield OPEN_SKIN.name, f"area error [% of {records.area_unit}]", drawn.means(errors)
    false = np.stack([each.false_on_skin for each in records.photographs]) * members[:, None, None]
    yield FALSE[0].name, FALSE_ON_SKIN, drawn.ratios(100 * false[:, 0, 0], false[:, 0, 1])


def _pooled(
    records: TissueRecords,
    subject: Subject,
    members: Members,
    drawn: Bootstrap,
    parts: Callable[[npt.NDArray[np.int64]], tuple[Floats, Floats]],
) -> Floats:
    counts = records.counts[:, index_of(subject)] * members[:, None]
    if not counts[:, [0, 2]].any():
        return np.full(1, np.nan)
    return drawn.ratios(*parts(counts))


def _tone_differences(records: TissueRecords, strata: Sequence[Stratum], drawn: Bootstrap) -> Iterable[Figure]:
    for kind, measure in ((TONE_THIRD, TONE_DIFFERENCE), (PATIENT_TONE_THIRD, PATIENT_TONE_DIFFERENCE)):
        ends = [s for name in (TONE_THIRDS[0], TONE_THIRDS[-1]) for s in strata if (s.kind, s.group) == (kind, name)]
        if len(ends) == 2:
            # Of the same tissues: a tissue that one third alone shows is no difference between tones.
            shown = [lesions_shown(records, stratum.members) for stratum in ends]
            both = [tissue for tissue in shown[0] if tissue in shown[1]]
            light, dark = (lesion_dice(records, drawn, stratum.members, both) for stratum in ends)
            if np.isfinite(light[0] - dark[0]):
                n = sum(stratum.n for stratum in ends)
                yield Figure(records.dataset.name, ALL_LESIONS, measure, *summary(light - dark), n)
