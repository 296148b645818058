"""What the evaluation of a tissue model says, as values: pure, without pictures and without markup."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from reepi.core.tissue import Tissue
from reepi.model.card import Card
from reepi.model.data.splits import Split
from reepi.model.evaluation.evaluating import Figure
from reepi.model.evaluation.measuring import Measured
from reepi.model.evaluation.records import FALSE, PhotographRecord, TissueRecords
from reepi.model.evaluation.strata import (
    CONTRAST_THIRD,
    LOOK,
    PART,
    PATIENT_TONE_DIFFERENCE,
    PATIENT_TONE_THIRD,
    TONE_DIFFERENCE,
    TONE_GROUP,
    TONE_THIRD,
    VIEW,
    Stratum,
    strata_of,
)
from reepi.model.evaluation.subjects import BARE_SKIN, LESIONS, OPEN_SKIN, SKIN, TISSUES, index_of
from reepi.model.evaluation.tissue_figures import (
    ALL_LESIONS,
    FALSE_ANYWHERE,
    FALSE_ON_SKIN,
    PATIENT_DICE,
    PHOTOGRAPH_DICE,
    POOLED_DICE,
    POOLED_IOU,
    SURFACE_DICE,
    confusion,
)
from reepi.model.evaluation.worst_cases import Case, photograph_dice, predicted_shares, true_shares, worst_cases
from reepi.report.words import number

HEADLINES: Final = (
    (ALL_LESIONS, "mean pooled Dice", "Mean Dice of the four lesion tissues"),
    (OPEN_SKIN.name, POOLED_DICE, "Open skin, pooled Dice"),
    (TISSUES[Tissue.DETACHED].name, POOLED_DICE, "Detached, pooled Dice"),
    (TISSUES[Tissue.DETACHED].name, PHOTOGRAPH_DICE, "Detached, mean Dice per photograph"),
    (TISSUES[Tissue.DETACHED].name, SURFACE_DICE, f"Detached, {SURFACE_DICE}"),
    (OPEN_SKIN.name, "area error [% of skin]", "Open skin, mean area error [% of skin]"),
    (OPEN_SKIN.name, "area error [% of photograph]", "Open skin, mean area error [% of photograph]"),
    (ALL_LESIONS, TONE_DIFFERENCE, "Mean Dice, lightest less darkest third of skin tones"),
    (BARE_SKIN.name, POOLED_IOU, "Bare skin against all else, IoU"),
    (SKIN.name, POOLED_IOU, "Skin against background, IoU"),
    (TISSUES[Tissue.DETACHED].name, FALSE_ON_SKIN, "False detached on skin [% of skin]"),
    (TISSUES[Tissue.DETACHED].name, FALSE_ANYWHERE, "False detached anywhere [% of skin]"),
)
"""Subject, measure and title of the figures that a reader asks for first."""

SHOWN_KINDS: Final = (TONE_THIRD, PATIENT_TONE_THIRD, TONE_GROUP, CONTRAST_THIRD, LOOK, PART)
"""Groupings whose tables stand open; that by view is long and is folded."""


@dataclass(frozen=True)
class Column:
    """A column of a table of figures: its heading, and which figure stands in it."""

    title: str
    measure: str
    subject: str | None = None


@dataclass(frozen=True)
class FigureTable:
    """A table of figures with its rows' heads.

    Parameters
    ----------
    title, heading : str
        What the table is by, and what its rows are.
    columns : tuple of Column
        What the columns are.
    rows : tuple
        Of each row its name, the number of its photographs, and a figure or nothing for each column.
    """

    title: str
    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, int, tuple[Figure | None, ...]], ...]


@dataclass(frozen=True)
class CaseContent:
    """A photograph worth looking at, with what was measured on it."""

    case: Case
    record: PhotographRecord
    dice: float | None
    true_open: float | None
    predicted_open: float | None

    def words(self, unit: str) -> str:
        """Return what was measured on it in words; areas are shares of the unit, skin or photograph."""
        sample, (height, width) = self.record.sample, self.record.size
        true = "" if self.true_open is None else f"true {number(self.true_open, 2)}, "
        predicted = "" if self.predicted_open is None else f"predicted {number(self.predicted_open, 2)} % of {unit}"
        parts = [
            f"open skin: {true}{predicted}" if predicted else "",
            "" if self.dice is None else f"mean Dice {number(self.dice, 2)}",
            (sample.view or "").replace("_", " "),
            f"look {sample.look}" if sample.look else "",
            f"{width} x {height} px",
        ]
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class DataSetContent:
    """What was measured on one data set.

    Parameters
    ----------
    anchor : str
        Where links jump to.
    records : TissueRecords
        Every photograph.
    headlines : tuple
        Title and figure.
    tissues, false_alarms : FigureTable
        By tissue and group of tissues.
    strata : tuple of FigureTable
        By grouping.
    differences : tuple
        Title and figure of each difference between skin tones.
    confusion : tuple
        Of each label set its name, its pixels, and the share called each tissue [%].
    cases : tuple of CaseContent
        The worst photographs.
    n_toned, n_contrasted : int
        Photographs whose skin tone, and whose contrast, could be told.
    """

    anchor: str
    records: TissueRecords
    headlines: tuple[tuple[str, Figure], ...]
    tissues: FigureTable
    false_alarms: FigureTable
    strata: tuple[FigureTable, ...]
    differences: tuple[tuple[str, Figure], ...]
    confusion: tuple[tuple[str, int, tuple[float, ...]], ...]
    cases: tuple[CaseContent, ...]
    n_toned: int
    n_contrasted: int

    @property
    def n_patients(self) -> int:
        """Patients, or photographs where no patients are known."""
        return len(set(self.records.patients))


@dataclass(frozen=True)
class EvaluationContent:
    """Everything the report of an evaluation says."""

    card: Card
    split: Split
    command: str
    datasets: tuple[DataSetContent, ...]


Figures = Mapping[tuple[str, str, str], Figure]
"""Figures of one data set by stratum, subject and measure."""


def evaluation_content(measured: Measured, split: Split, command: str) -> EvaluationContent:
    """Return what the report of a tissue model's evaluation says.

    Parameters
    ----------
    measured : Measured
        What was found.
    split : "train", "validation" or "test"
        Which part of the data it was.
    command : str
        What the user called.
    """
    sets = tuple(
        _dataset(f"data-{number}", records, [f for f in measured.figures if f.dataset == records.dataset.name])
        for number, records in enumerate(measured.records, start=1)
    )
    return EvaluationContent(measured.card, split, command, sets)


def _dataset(anchor: str, records: TissueRecords, figures: Iterable[Figure]) -> DataSetContent:
    found = {(figure.stratum, figure.subject, figure.measure): figure for figure in figures}
    strata = strata_of(records)
    kinds = dict.fromkeys(stratum.kind for stratum in strata)
    differences = {"by photograph": TONE_DIFFERENCE, "by patient": PATIENT_TONE_DIFFERENCE}
    return DataSetContent(
        anchor,
        records,
        headlines=tuple((t, found["", s, m]) for s, m, t in HEADLINES if ("", s, m) in found),
        tissues=_tissue_table(records, found),
        false_alarms=_false_table(found),
        strata=tuple(_strata_table(kind, [s for s in strata if s.kind == kind], records, found) for kind in kinds),
        differences=tuple(
            (title, found["", ALL_LESIONS, m]) for title, m in differences.items() if ("", ALL_LESIONS, m) in found
        ),
        confusion=tuple(
            (name, int(row.sum()), tuple(100 * float(pixels / row.sum()) for pixels in row))
            for name, row in confusion(records).items()
        ),
        cases=_cases(records),
        n_toned=sum(bool(np.isfinite(each.angle)) for each in records.photographs),
        n_contrasted=sum(bool(np.isfinite(each.contrast)) for each in records.photographs),
    )


def _tissue_table(records: TissueRecords, found: Figures) -> FigureTable:
    unit = f"[% of {records.area_unit}]"
    columns = (
        Column(POOLED_DICE, POOLED_DICE),
        Column(POOLED_IOU, POOLED_IOU),
        Column(PHOTOGRAPH_DICE, PHOTOGRAPH_DICE),
        *((Column(PATIENT_DICE, PATIENT_DICE),) if records.knows_patients else ()),
        Column(SURFACE_DICE, SURFACE_DICE),
        Column(f"area error {unit}", f"area error {unit}"),
        Column(f"area bias {unit}", f"area bias {unit}"),
    )
    rows = []
    for subject in records.known:
        shown = int((records.counts[:, index_of(subject)][:, [0, 2]].sum(axis=1) > 0).sum())
        rows.append((subject.name, shown, tuple(found.get(("", subject.name, column.measure)) for column in columns)))
    return FigureTable("tissue", "tissue", columns, tuple(rows))


def _false_table(found: Figures) -> FigureTable:
    columns = (Column("on that skin", FALSE_ON_SKIN), Column("anywhere, clothes and background too", FALSE_ANYWHERE))
    rows = []
    for subject in FALSE:
        cells = tuple(found.get(("", subject.name, column.measure)) for column in columns)
        rows += [(f"false {subject.name}", cells[0].n, cells)] if cells[0] else []
    return FigureTable("false alarms", "false alarms [%]", columns, tuple(rows))


def _strata_table(kind: str, strata: Iterable[Stratum], records: TissueRecords, found: Figures) -> FigureTable:
    lesions = [TISSUES[tissue].name for tissue in LESIONS if TISSUES[tissue] in records.known]
    columns = (
        *((Column("mean of lesions", "mean pooled Dice", ALL_LESIONS),) if len(lesions) > 1 else ()),
        *(Column(name, POOLED_DICE, name) for name in lesions),
        Column("open", POOLED_DICE, OPEN_SKIN.name),
        Column(
            f"open, area error [% of {records.area_unit}]", f"area error [% of {records.area_unit}]", OPEN_SKIN.name
        ),
        Column("bare skin, IoU", POOLED_IOU, BARE_SKIN.name),
        Column("false detached [% of skin]", FALSE_ON_SKIN, TISSUES[Tissue.DETACHED].name),
    )
    rows = [
        (s.group.replace("_", " "), s.n, tuple(found.get((s.name, str(c.subject), c.measure)) for c in columns))
        for s in strata
    ]
    used = [place for place in range(len(columns)) if any(row[2][place] for row in rows)]
    kept = tuple((name, n, tuple(cells[place] for place in used)) for name, n, cells in rows)
    return FigureTable(kind, "group", tuple(columns[place] for place in used), kept)


def _cases(records: TissueRecords) -> tuple[CaseContent, ...]:
    dice, place = photograph_dice(records), index_of(OPEN_SKIN)
    true, predicted = true_shares(records)[:, place], predicted_shares(records)[:, place]
    true = true if OPEN_SKIN in records.known else np.full(len(true), np.nan)
    return tuple(
        CaseContent(
            case,
            records.photographs[case.place],
            *(_known(values[case.place]) for values in (dice, true, predicted)),
        )
        for case in worst_cases(records)
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def is_folded(table: FigureTable) -> bool:
    """Return whether a table of strata is long and stands folded."""
    return table.title == VIEW or table.title not in SHOWN_KINDS
