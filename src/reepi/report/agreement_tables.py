"""Agreement as CSV: one line a figure, and one line a visit with what both raters said of it."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from io import StringIO
from typing import Final

from reepi.scoring.rater_agreement import RaterAgreement
from reepi.scoring.rater_figures import AgreementFigure
from reepi.store.rows import escape, format_number

Cell = str | int | float | None

VISIT_COLUMNS: Final = (
    "first",
    "second",
    "subject",
    "unit",
    "patient_id",
    "visit",
    "first_value",
    "second_value",
    "difference",
)
"""Columns of ``visits.csv``."""


def agreement_csv(figures: Iterable[AgreementFigure]) -> str:
    """Return figures as CSV, one a line; the columns are the fields of `AgreementFigure`."""
    columns = [field.name for field in fields(AgreementFigure)]
    return _csv(columns, ([asdict(figure)[column] for column in columns] for figure in figures))


def visits_csv(found: RaterAgreement) -> str:
    """Return what every two raters said of each visit that both have, so that the figures can be computed again."""
    return _csv(VISIT_COLUMNS, _visits(found))


def _visits(found: RaterAgreement) -> Iterable[list[Cell]]:
    for pair in found.pairs:
        for numbers in pair.numbers:
            for patient, visit, (first, second) in zip(
                numbers.patients, numbers.visits, numbers.values.tolist(), strict=True
            ):
                named = [pair.first, pair.second, numbers.quantity.name, numbers.quantity.unit, patient, visit]
                yield [*named, first, second, first - second]


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    return format_number(value) if isinstance(value, float) else escape(str(value))
