"""The numbers of an evaluation as CSV: one line a figure, one line a photograph."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from io import StringIO

import numpy as np

from reepi.model.evaluation.evaluating import Figure
from reepi.model.evaluation.records import TissueRecords
from reepi.model.evaluation.skin_colour import tone_of
from reepi.model.evaluation.subjects import SUBJECTS
from reepi.model.evaluation.tissue_figures import dice_where_shown
from reepi.model.evaluation.worst_cases import predicted_shares, true_shares
from reepi.store.rows import escape, format_number

Cell = str | int | float | None


def figures_csv(figures: Sequence[Figure]) -> str:
    """Return figures as CSV, one a line."""
    columns = [field.name for field in fields(Figure)]
    return _csv(columns, ([asdict(figure)[column] for column in columns] for figure in figures))


def photographs_csv(records: Sequence[TissueRecords]) -> str:
    """Return what was measured on each photograph, one a line.

    Of every subject: its true and its predicted area in percent of the area that ``area_of`` names, its Dice and its
    normalised surface distance; cells are empty where the labels do not tell.
    """
    columns = ["dataset", "stem", "patient_id", "view", "look", "typology_angle_degrees", "skin_tone"]
    columns += ["lesion_contrast_ciede2000", "area_of"]
    for subject in SUBJECTS:
        word = subject.name.replace(" ", "_")
        columns += [f"{word}_true_percent", f"{word}_predicted_percent", f"{word}_dice", f"{word}_surface_dice"]
    return _csv(columns, (line for each in records for line in _lines(each)))


def _lines(records: TissueRecords) -> Iterable[list[Cell]]:
    true, predicted, dice = true_shares(records), predicted_shares(records), dice_where_shown(records.counts)
    known = np.array([subject in records.known for subject in SUBJECTS])
    for place, each in enumerate(records.photographs):
        sample, angle = each.sample, each.angle
        tone = tone_of(angle) if np.isfinite(angle) else None
        line: list[Cell] = [records.dataset.name, sample.stem, sample.patient_id, sample.view, sample.look]
        line += [angle, tone, each.contrast, records.area_unit]
        columns = np.stack([true[place], predicted[place], dice[place], each.surface], axis=1)
        columns[~known, 0] = np.nan
        line += [float(value) for value in columns.ravel()]
        yield line


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Cell) -> str:
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return format_number(value) if isinstance(value, float) else escape(str(value))
