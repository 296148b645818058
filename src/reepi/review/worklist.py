"""What a reader still has to read, in which order, and what the reader is told of it."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reepi.core.reading import Reading
from reepi.core.results import PhotoRow
from reepi.core.study import PhotoEntry, Study
from reepi.review.lots import lot
from reepi.scoring.visits import day_number, visit_date
from reepi.store.read_photographs import REFUSED, REJECTED

UNREAD = "proposed"
"""State of a photograph that the reader has not read."""

UNOPENED = "cannot be opened"
"""State of a photograph that the reader has not read because its file or the patient's body does not allow it."""

Key = tuple[str, int]
"""Photograph and occasion."""


@dataclass(frozen=True)
class Task:
    """One photograph to read.

    Parameters
    ----------
    entry : PhotoEntry
        The photograph.
    occasion : int
        1, or 2 for a hidden repeat. Never shown.
    title : str
        What the reader is told: patient, day and view, as far as the protocol allows.
    state : str
        ``proposed`` until it is read, then how the reader's newest reading ended; or ``cannot be opened``.
    status : str
        How scoring ended it: ``scored``, ``rejected`` or ``failed``; empty where the study was not scored.
    reasons : str
        Why it was not scored.
    residual_mm : float or None
        Estimated error of its place on the body [mm].
    doubt_percent : float or None
        Skin that the model is expected to have misread [% of the skin in it].
    """

    entry: PhotoEntry
    occasion: int
    title: str
    state: str = UNREAD
    status: str = ""
    reasons: str = ""
    residual_mm: float | None = None
    doubt_percent: float | None = None

    @property
    def key(self) -> Key:
        """Photograph and occasion."""
        return self.entry.file, self.occasion

    @property
    def name(self) -> str:
        """Photograph and occasion as a text, for the reader's drafts."""
        return f"{self.entry.file}#{self.occasion}"

    @property
    def is_read(self) -> bool:
        """Whether the reader has finished it."""
        return self.state not in (UNREAD, UNOPENED)

    @property
    def waits(self) -> bool:
        """Whether the reader still has to read it, and can."""
        return self.state == UNREAD


def worklist(
    study: Study,
    reader: str,
    readings: Iterable[Reading],
    photos: Iterable[PhotoRow] = (),
    doubts: Mapping[str, float] | None = None,
    unopened: Collection[str] = (),
) -> tuple[Task, ...]:
    """Return what a reader has to read, in order.

    Photographs come by patient, day and view. Where the protocol hides the day or the patient, they come in an order
    that tells neither: always the same for one reader, another for every reader. Hidden repeats come last, once
    everything that can be opened has been read for the first time.

    Parameters
    ----------
    study : Study
        The study, with its reading protocol.
    reader : str
        Who reads.
    readings : iterable of Reading
        The reader's own readings, in the order of saving; nobody else's.
    photos : iterable of PhotoRow
        How scoring ended the photographs.
    doubts : mapping of str to float, optional
        See `Task.doubt_percent`, by file.
    unopened : collection of str
        Files that cannot be opened.
    """
    ended = {row.file: row for row in photos}
    newest = {(each.photograph, each.occasion): each.state for each in readings if each.reader == reader}
    first = [_task(study, entry, 1, place) for place, entry in enumerate(_in_order(study, reader), start=1)]
    tasks = [_as_scored(task, ended.get(task.entry.file), doubts or {}) for task in first]
    tasks = [_in_state(task, newest, unopened) for task in tasks]
    if not any(task.waits for task in tasks):
        again = [
            _repeated(study, tasks[at], place)
            for place, at in enumerate(_repeats(study, reader, tasks), len(tasks) + 1)
        ]
        tasks += [_in_state(task, newest, unopened) for task in again]
    return tuple(tasks)


def next_unread(tasks: Sequence[Task], after: int) -> int | None:
    """Return the place of the next photograph that waits behind a place, from the start again after the end."""
    order = [*range(after + 1, len(tasks)), *range(min(after + 1, len(tasks)))]
    return next((at for at in order if tasks[at].waits), None)


def grown(tasks: Sequence[Task], found: Sequence[Task]) -> tuple[Task, ...]:
    """Return a worklist as it was found anew; every task keeps its place, and what is new comes last."""
    by_key = {task.key: task for task in found}
    known = {task.key for task in tasks}
    return (*(by_key.get(task.key, task) for task in tasks), *(task for task in found if task.key not in known))


def _in_state(task: Task, newest: Mapping[Key, str], unopened: Collection[str]) -> Task:
    return replace(task, state=newest.get(task.key, UNOPENED if task.entry.file in unopened else UNREAD))


def _in_order(study: Study, reader: str) -> list[PhotoEntry]:
    entries = study.photos
    if study.reading.blind_to_patient:
        return sorted(entries, key=lambda entry: lot(study.name, reader, entry.file))
    if study.reading.blind_to_day:
        return sorted(entries, key=lambda entry: (entry.patient_id, lot(study.name, reader, entry.file)))
    return sorted(
        entries, key=lambda entry: (entry.patient_id, visit_date(entry.taken_at), entry.view_name, entry.file)
    )


def _by_view(entry: PhotoEntry) -> tuple[str, str]:
    return entry.view_name, entry.file


def _repeats(study: Study, reader: str, tasks: Sequence[Task]) -> list[int]:
    """Return the places of the photographs that come again, in an order drawn by lot."""
    read = [at for at, task in enumerate(tasks) if task.is_read]
    # Rounded first: 7 % of 100 is 7.000000000000001 in floating point, and would be 8 photographs.
    wanted = math.ceil(round(study.reading.repeats_percent / 100 * len(read), 6))
    drawn = sorted(read, key=lambda at: lot(study.name, reader, "again " + tasks[at].entry.file))
    return drawn[:wanted]


def _repeated(study: Study, task: Task, place: int) -> Task:
    """Return a photograph as it comes again: counted on, so that its number does not tell that it was there before."""
    return replace(task, occasion=2, state=UNREAD, title=_task(study, task.entry, 2, place).title)


def _task(study: Study, entry: PhotoEntry, occasion: int, place: int) -> Task:
    hidden = study.reading
    parts = [f"photograph {place}" if hidden.blind_to_patient else entry.patient_id]
    if not (hidden.blind_to_day or hidden.blind_to_patient):
        day = day_number(visit_date(entry.taken_at), study.patient(entry.patient_id).day_zero_date)
        parts.append(visit_date(entry.taken_at).isoformat() if day is None else f"day {day}")
    return Task(entry, occasion, ", ".join([*parts, entry.view_name.replace("_", " ")]))


def _as_scored(task: Task, row: PhotoRow | None, doubts: Mapping[str, float]) -> Task:
    if row is None:
        return task
    status, reasons = _found_by_program(row)
    return replace(
        task,
        status=status,
        reasons=reasons,
        residual_mm=row.residual_mm,
        doubt_percent=doubts.get(row.file),
    )


def _found_by_program(row: PhotoRow) -> tuple[str, str]:
    """Return how a photograph ended and why, without what other readers said: readers are blind to each other."""
    if row.reasons.startswith(f"{REJECTED}: "):
        return ("scored" if row.residual_mm is not None else ""), ""
    return row.status, REFUSED if row.reasons.startswith(f"{REFUSED}: ") else row.reasons
