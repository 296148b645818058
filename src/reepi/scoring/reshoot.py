"""What is left to photograph on a day: views that failed, views that are missing, and visits without photographs."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from reepi.core.findings import PLACE_BY_HAND, REMEDIES
from reepi.core.reshoot import ReshootRow, Todo
from reepi.core.results import PhotoRow
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.views import VIEW_NAMES
from reepi.scoring.visits import day_number, photos_by_visit

HABIT_SHARE: Final = 0.5
"""A view that at least so many of a patient's earlier visits have is missed in the next; a single close-up is not."""

_CODED: Final = re.compile(r"([a-z][a-z0-9_]*)(?:: *(.*))?", re.DOTALL)

_AGAIN: Final = "Take the photograph again."
_FAILED: Final = "The program failed on it; score the study again, and take it again if that does not help."

Visits = Mapping[tuple[str, date], Sequence[PhotoEntry]]


def reshoot_rows(study: Study, ended: Sequence[PhotoRow], day: date) -> list[ReshootRow]:
    """Return what is left to photograph on a day, by patient and view.

    A view of which one photograph is good is settled, whatever became of others of the same view. The protocol says for
    which findings a photograph should be taken again; others are told.

    Parameters
    ----------
    study : Study
        The study.
    ended : sequence of PhotoRow
        How its photographs ended; one that is not among them was not measured yet and is waited for.
    day : date
        The day.
    """
    visits = photos_by_visit(study.photos)
    by_file = {row.file: row for row in ended}
    rows: list[ReshootRow] = []
    for patient in study.patients:
        entries = visits.get((patient.patient_id, day), ())
        planned = planned_views(study, patient.patient_id, day, visits)
        if entries:
            rows += _unsettled(patient, day, entries, by_file, study.capture.refuse)
            rows += _missing(patient, day, [view for view in planned if view not in {e.view_name for e in entries}])
        elif day_number(day, patient.day_zero_date) in study.visit_days:
            rows += _missing(patient, day, planned or ("",))
    return rows


def planned_views(study: Study, patient_id: str, day: date, visits: Visits) -> tuple[str, ...]:
    """Return the views that a visit should have: those of the protocol, else those that earlier visits have by habit.

    Parameters
    ----------
    study : Study
        The study.
    patient_id : str
        The patient.
    day : date
        Date of the visit.
    visits : mapping
        Photographs by patient and date.
    """
    if study.capture.views:
        return study.capture.views
    earlier = [
        {entry.view_name for entry in each} for (who, at), each in visits.items() if who == patient_id and at < day
    ]
    share = {view: sum(view in views for views in earlier) / len(earlier) for view in VIEW_NAMES} if earlier else {}
    return tuple(view for view, part in share.items() if part >= HABIT_SHARE)


def _missing(patient: Patient, day: date, views: Sequence[str]) -> Iterator[ReshootRow]:
    number = day_number(day, patient.day_zero_date)
    for view in views:
        remedy = (
            "The day has no photograph of this view."
            if view
            else "A visit is planned for this day and has no photograph."
        )
        yield ReshootRow(patient.patient_id, day, number, view, "take", "", "missing", remedy)


def _unsettled(
    patient: Patient,
    day: date,
    entries: Sequence[PhotoEntry],
    ended: Mapping[str, PhotoRow],
    refused: Collection[str],
) -> Iterator[ReshootRow]:
    """Yield what is wrong with the photographs of views of which none is good."""
    number = day_number(day, patient.day_zero_date)
    for view in dict.fromkeys(entry.view_name for entry in entries):
        rows = [ended.get(entry.file) for entry in entries if entry.view_name == view]
        if any(row is None or (row.status == "scored" and not row.reasons) for row in rows):
            continue
        found = [
            (row.file, _todo(row, code, refused), code, text) for row in rows if row for code, text in _reasons(row)
        ]
        told = _most_urgent(found)
        for file, todo, code, text in told:
            remedy = text or REMEDIES.get(code, _AGAIN if todo == "take again" else "")
            yield ReshootRow(patient.patient_id, day, number, view, todo, file, code, remedy)


def _most_urgent(found: list[tuple[str, Todo, str, str]]) -> list[tuple[str, Todo, str, str]]:
    """Return what is told of a view: where one photograph of it counts, only what is to be looked at in such ones."""
    spoilt = {file for file, todo, _, _ in found if todo == "take again"}
    counting = [each for each in found if each[0] not in spoilt]
    return counting or [each for each in found if each[1] == "take again"]


def _todo(row: PhotoRow, code: str, refused: Collection[str]) -> Todo:
    kept = row.status == "scored" or code == PLACE_BY_HAND
    return "look at" if kept and code not in refused else "take again"


def _reasons(row: PhotoRow) -> list[tuple[str, str]]:
    """Return code and explanation of each reason; a photograph that was not scored has one."""
    if row.status == "failed":
        return [("failed", _FAILED)]
    texts = [row.reasons] if row.status == "rejected" else row.reasons.split("; ")
    return [_coded(text) for text in texts if text]


def _coded(text: str) -> tuple[str, str]:
    match = _CODED.fullmatch(text)
    return (match[1], match[2] or "") if match else ("other", text)
