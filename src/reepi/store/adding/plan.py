"""What photographs that come in are: whose, of which day and view, how sure that is, and what keeps one out."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, Generic, TypeVar

from reepi.core.study import Patient, Study
from reepi.core.views import VIEW_NAMES
from reepi.store.adding.date_clues import DateClue, date_clue, with_time
from reepi.store.adding.patient_clues import patient_clue, without_patients
from reepi.store.adding.view_clues import view_clue
from reepi.store.adding.words import without_drawn

Value = TypeVar("Value")

BEFORE_DAYS: Final = 60
"""A photograph of a patient is hardly older than the disease by so many days; a camera's clock is wrong more often."""


@dataclass(frozen=True)
class Guess(Generic[Value]):
    """A value, whether it may be taken without asking, and what it rests on.

    Parameters
    ----------
    value : object or None
        None where there is not even a guess.
    sure : bool
        Whether it needs no confirmation.
    why : str
        What it rests on, or why it is unsure.
    """

    value: Value | None
    sure: bool
    why: str

    def __post_init__(self) -> None:
        if self.sure and self.value is None:
            raise ValueError("nothing cannot be sure")


@dataclass(frozen=True)
class Source:
    """A file that is offered to a study, looked at.

    Parameters
    ----------
    path : Path
        Where it is.
    names : tuple of str
        Names that may tell something: folders from the outermost, then the file without its ending.
    content_hash : str
        Hash of its bytes; empty where they cannot be read.
    taken_at : datetime, optional
        By the camera's clock, or by the archive that it comes from.
    changed_at : datetime, optional
        When the file was last written, by what it holds or by its folder.
    patient_id, view : str, optional
        As the archive that it comes from tells them.
    mm_per_px : float, optional
        Scale at the skin, if known [mm/px].
    problem : str
        Why it cannot be added, such as that it is no photograph; empty where nothing is wrong.
    """

    path: Path
    names: tuple[str, ...]
    content_hash: str
    taken_at: datetime | None = None
    changed_at: datetime | None = None
    patient_id: str | None = None
    view: str | None = None
    mm_per_px: float | None = None
    problem: str = ""


@dataclass(frozen=True)
class Addition:
    """What a photograph would be in the study.

    Parameters
    ----------
    file : Path
        Where it is now.
    patient_id : Guess of str
        Whose skin it shows.
    taken_at : Guess of datetime
        When it was taken; midnight where only the day is known.
    view : Guess of str
        The view.
    views : tuple of str
        Views that it may be, where the view is unsure.
    content_hash : str
        Hash of its bytes.
    mm_per_px : float, optional
        Scale at the skin, if known [mm/px].
    problem : str
        What keeps it out, with the remedy; empty where nothing does.
    present : bool
        Whether it is in the study already, so that nothing has to be done.
    unknown_patient : str
        Whose it is by its names or its archive, where the study does not know that patient and nothing else is wrong.
    """

    file: Path
    patient_id: Guess[str]
    taken_at: Guess[datetime]
    view: Guess[str]
    views: tuple[str, ...]
    content_hash: str
    mm_per_px: float | None = None
    problem: str = ""
    present: bool = False
    unknown_patient: str = ""

    @property
    def complete(self) -> bool:
        """Whether it could be added as it stands, once somebody has confirmed it."""
        values = (self.patient_id.value, self.taken_at.value, self.view.value)
        return not self.problem and not self.present and None not in values

    @property
    def sure(self) -> bool:
        """Whether it can be added without asking."""
        return self.complete and self.patient_id.sure and self.taken_at.sure and self.view.sure

    @property
    def why(self) -> str:
        """What keeps it out or what it rests on, in a sentence for people."""
        if self.problem:
            return self.problem
        parts = (("patient", self.patient_id), ("day", self.taken_at), ("view", self.view))
        doubts = [f"{name}: {guess.why}" for name, guess in parts if not guess.sure]
        return "; ".join(doubts) or "; ".join(dict.fromkeys(guess.why for _, guess in parts))


@dataclass(frozen=True)
class Stated:
    """What the caller says of all photographs at once; it needs no confirmation.

    Parameters
    ----------
    patient_id, view : str, optional
        Whose they are, and what they show.
    taken_at : datetime, optional
        When they were taken.
    """

    patient_id: str | None = None
    view: str | None = None
    taken_at: datetime | None = None


STATED: Final = "as you said"


def plan_additions(
    study: Study,
    sources: Iterable[Source],
    listed: Mapping[str, str],
    stated: Stated | None = None,
    today: date | None = None,
) -> list[Addition]:
    """Return what each file would be in the study, in the order of their names.

    Nothing is read or written.

    Parameters
    ----------
    study : Study
        The study.
    sources : iterable of Source
        The files, looked at.
    listed : mapping of str to str
        Files of the study by the hash of their content.
    stated : Stated, optional
        What the caller says of all of them.
    today : date, optional
        No photograph is taken later; the day of the computer if none.
    """
    today = today or date.today()
    planned: list[Addition] = []
    known = {entry.file: entry.patient_id for entry in study.photos}
    first: dict[str, Addition] = {}
    for source in sorted(sources, key=lambda each: _natural(str(each.path))):
        addition = _planned(study, source, stated or Stated(), today)
        if source.content_hash and (file := listed.get(source.content_hash)):
            addition = _again(addition, f"it is in the study as {file}", known.get(file))
        elif (twin := _first_of(addition, first)) is not None:
            addition = _again(addition, f"it is the same picture as {twin.file}", _said_to_be_of(twin))
        planned.append(addition)
    return planned


def _again(addition: Addition, told: str, patient_id: str | None) -> Addition:
    """Return an addition whose picture is there already: settled, unless it is said to be of somebody else."""
    if _said_to_be_of(addition) not in (None, patient_id):
        problem = f"{told}, of {patient_id or 'nobody'}, and its name tells another patient"
        return replace(addition, problem=problem, unknown_patient="")
    return replace(addition, problem=told, present=True, unknown_patient="")


def _said_to_be_of(addition: Addition) -> str | None:
    return addition.patient_id.value or addition.unknown_patient or None


def _first_of(addition: Addition, first: dict[str, Addition]) -> Addition | None:
    """Return the addition before this one that has the same content; None where this one has a problem of its own."""
    if not addition.content_hash:
        return None
    twin = first.setdefault(addition.content_hash, addition)
    own_problem = addition.problem and not addition.unknown_patient
    return None if twin is addition or own_problem else twin


def _planned(study: Study, source: Source, stated: Stated, today: date) -> Addition:
    patients = [patient.patient_id for patient in study.patients]
    known = [*patients, *([source.patient_id] if source.patient_id else [])]
    names = [without_drawn(name, known) for name in source.names]
    who, unknown = _patient(source, names, stated, patients)
    day_zero = study.patient(who.value).day_zero_date if who.value is not None else None
    names = [without_patients(name, known) for name in names]
    when = _when(source, names, stated, day_zero)
    if who.value is not None and stated.taken_at is None:
        when = _judged(when, study.patient(who.value), today)
    view, views = _view(source, names, stated)
    found = Addition(source.path, who, when, view, views, source.content_hash, source.mm_per_px, source.problem)
    if not unknown or source.problem:
        return found
    problem = f"{unknown} is not in patients.csv. Add a line for the patient there"
    return replace(found, problem=problem, unknown_patient=unknown)


def _patient(source: Source, names: Sequence[str], stated: Stated, patients: Collection[str]) -> tuple[Guess[str], str]:
    """Return the patient, and the name of one whom the study does not know where no other is told."""
    if stated.patient_id is not None:
        return Guess(stated.patient_id, True, STATED), ""
    clue = patient_clue(names, patients)
    if source.patient_id is not None:
        return _archived_patient(source.patient_id, clue.patient_id, patients)
    if clue.patient_id is not None:
        return Guess(clue.patient_id, not clue.doubt, clue.doubt or "by its name"), ""
    if clue.unknown:
        return Guess(None, False, ""), clue.unknown
    if len(patients) == 1:
        return Guess(next(iter(patients)), False, "the study's only patient"), ""
    return Guess(None, False, "no name tells it"), ""


def _archived_patient(told: str, named: str | None, patients: Collection[str]) -> tuple[Guess[str], str]:
    """Return the patient of a photograph whose archive tells one: a hospital's number mostly is not the study's."""
    if told not in patients:
        unknown = "" if named is not None else told
        return Guess(named, False, f"its archive tells {told}, who is not in patients.csv"), unknown
    if named not in (None, told):
        return Guess(told, False, f"its archive tells {told}, its name {named}"), ""
    return Guess(told, True, "by its archive"), ""


def _when(source: Source, names: Sequence[str], stated: Stated, day_zero: date | None) -> Guess[datetime]:
    if stated.taken_at is not None:
        return Guess(stated.taken_at, True, STATED)
    clue = date_clue(names, day_zero)
    if clue.dates:
        return _named_day(clue, source.taken_at)
    if source.taken_at is not None:
        return Guess(source.taken_at, True, "by the camera's clock")
    if source.changed_at is not None:
        return Guess(source.changed_at, False, "only the file's own time tells it")
    return Guess(None, False, "neither name nor camera tells it")


def _named_day(clue: DateClue, camera: datetime | None) -> Guess[datetime]:
    """Return when a photograph was taken by its names, which a camera's clock may confirm."""
    if camera is not None and camera.date() in clue.dates:
        why = "by its name and the camera's clock"
        return Guess(camera, not clue.contradicted, clue.doubt if clue.contradicted else why)
    day = clue.dates[0]
    if camera is not None:
        why = f"its name tells {day.isoformat()}, the camera's clock {camera.date().isoformat()}"
        return Guess(with_time(day, clue.at or camera.time()), False, why)
    return Guess(with_time(day, clue.at), not clue.doubt, clue.doubt or "by its name")


def _judged(when: Guess[datetime], patient: Patient, today: date) -> Guess[datetime]:
    """Return a day of which we are sure only if the patient can have been photographed on it."""
    if when.value is None:
        return when
    day = when.value.date()
    known = [each for each in (patient.index_date, patient.day_zero_date) if each is not None]
    if day > today:
        return Guess(when.value, False, f"{day.isoformat()} lies in the future; {when.why}")
    if known and day < min(known) - timedelta(days=BEFORE_DAYS):
        return Guess(when.value, False, f"{day.isoformat()} lies long before the disease; {when.why}")
    return when


def _view(source: Source, names: Sequence[str], stated: Stated) -> tuple[Guess[str], tuple[str, ...]]:
    """Return the view, and all that it may be."""
    if stated.view is not None:
        return Guess(stated.view, True, STATED), (stated.view,)
    clue = view_clue(names)
    if clue.only is not None:
        return Guess(clue.only, True, "by its name"), clue.views
    if source.view is not None and (not clue.told or source.view in clue.views):
        return Guess(source.view, False, "by the body part that its archive tells"), (source.view,)
    if clue.told and len(clue.views) == 1:
        return Guess(clue.views[0], False, clue.doubt), clue.views
    if clue.doubt:
        return Guess(None, False, clue.doubt), clue.views
    if len(clue.views) == len(VIEW_NAMES):
        return Guess(None, False, "no name tells it"), clue.views
    return Guess(None, False, _choice(clue.views)), clue.views


def _choice(views: Sequence[str]) -> str:
    told = f"{', '.join(views[:-1])} or {views[-1]}" if len(views) <= 4 else f"{len(views)} views fit its name"
    return f"it may be {told}" if len(views) <= 4 else told


def _natural(text: str) -> list[tuple[int, str]]:
    """Return what sorts names with numbers as people count: IMG_9 before IMG_10."""
    return [(int(part), "") if part.isdigit() else (-1, part.casefold()) for part in re.split(r"(\d+)", text)]
