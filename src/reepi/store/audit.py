"""Whether a study's trail still says what was said: its order, contents, masks, photographs and end."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from reepi.core.errors import InputError
from reepi.core.reading import Reading
from reepi.core.study import Study
from reepi.core.trail import Event, EventKind, canonical_json, subject_visit
from reepi.scoring.visits import photos_by_visit
from reepi.store.charts import event_to_chart
from reepi.store.masks import MASKS, read_mask, tissue_pixels
from reepi.store.provenance import photograph_hash
from reepi.store.reader_points import event_to_points
from reepi.store.readings import event_to_reading
from reepi.store.registrations import event_to_decision
from reepi.store.signatures import event_to_signature
from reepi.store.study import inside
from reepi.store.trail import Trail, broken_places, to_event
from reepi.store.trail_rows import EventRow

SHORTEST_HEAD: Final = 16
"""Characters of a head's hash that may be given instead of all 64: chance does not hit so many."""

_MEANING: Final[dict[EventKind, Callable[[Event], object]]] = {
    "reading": event_to_reading,
    "points": event_to_points,
    "registration": event_to_decision,
    "chart": event_to_chart,
    "signature": event_to_signature,
}

_OF_VISITS: Final = ("chart", "signature")
"""Kinds whose subject is a visit; that of the others is a photograph."""


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold.

    Parameters
    ----------
    where : str
        File or data base.
    problem : str
        What is wrong with it.
    number : int, optional
        Row of the trail that tells it.
    """

    where: str
    problem: str
    number: int | None = None

    def __str__(self) -> str:
        row = "" if self.number is None else f"row {self.number}, "
        return f"{row}{self.where}: {self.problem}"


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Parameters
    ----------
    events : int
        Number of events.
    head : str
        Hash of the newest, which stands for all before it; empty where there is none.
    findings : tuple of Finding
        What does not hold; empty if everything does.
    remarks : tuple of Finding
        What is no fault, but worth a look.
    """

    events: int
    head: str
    findings: tuple[Finding, ...]
    remarks: tuple[Finding, ...] = ()


def audit_trail(folder: Path, study: Study, trail: Trail, heads: Mapping[str, str] | None = None) -> Audit:
    """Check a study's trail, the masks that it names and the photographs that it speaks of.

    Parameters
    ----------
    folder : Path
        The study folder.
    study : Study
        What it says.
    trail : Trail
        Its trail.
    heads : mapping of str to str, optional
        Hashes that were the trail's head once, by where they were written down; each must still be in the trail.

    Raises
    ------
    InputError
        The data base cannot be used at all.
    """
    rows = trail.rows()
    events, findings = _read(rows)
    findings += [Finding(trail.where, broken.problem, broken.number) for broken in broken_places(rows, trail.first)]
    findings += [
        Finding(trail.where, f"the data base no longer refuses to {action} events") for action in trail.missing_guards()
    ]
    findings += _lost_heads(trail.where, rows, heads or {})
    for check in (_unknown_subjects, _unseen_charts, _changed_photographs, _changed_masks, _strange_adjudicators):
        findings += check(folder, study, events)
    findings += [*_empty_signatures(events), *_silent_changes(events)]
    head = rows[-1].row_sha256 if rows else ""
    ordered = sorted(findings, key=lambda finding: finding.number or 0)
    return Audit(len(rows), head, tuple(ordered), tuple(_nameless_masks(folder, events)))


def recorded_head(run: Path) -> str:
    """Return the trail's head as the record of a run, ``run.json``, tells it; empty where it tells none."""
    try:
        head = json.loads(run.read_text(encoding="utf-8"))["trail"]["head"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return head if isinstance(head, str) else ""


def _read(rows: Sequence[EventRow]) -> tuple[list[Event], list[Finding]]:
    """Return the events whose content means something, and a finding for each row whose does not."""
    events, findings = [], []
    for row in rows:
        try:
            event = to_event(row)
            _MEANING[event.kind](event)
            if canonical_json(event.content) != event.text:
                raise ValueError("its content is not written as this program writes it")
        except (ValueError, TypeError) as error:
            findings.append(Finding(row.subject, f"its content cannot be read ({error})", row.number))
            continue
        events.append(event)
    return events, findings


def _lost_heads(where: str, rows: Sequence[EventRow], heads: Mapping[str, str]) -> Iterator[Finding]:
    for source, head in heads.items():
        wanted = head.strip().lower()
        if len(wanted) < SHORTEST_HEAD or not any(row.row_sha256.startswith(wanted) for row in rows):
            problem = (
                f"it holds no event {wanted or '(empty)'}, which {source} names: events at its end were removed, "
                "or all of it was written anew"
            )
            yield Finding(where, problem)


def _unknown_subjects(_: Path, study: Study, events: Sequence[Event]) -> Iterator[Finding]:
    files = {entry.file for entry in study.photos}
    patients = {patient.patient_id for patient in study.patients}
    for event in events:
        of_visit = event.kind in _OF_VISITS
        if of_visit and subject_visit(event.subject)[0] not in patients:
            yield Finding(event.subject, "its patient is not in patients.csv", event.number)
        if not of_visit and event.subject not in files:
            yield Finding(event.subject, "it is not in photos.csv", event.number)


def _unseen_charts(_: Path, study: Study, events: Sequence[Event]) -> Iterator[Finding]:
    """Tell body charts that count for nothing, since no photograph is of their day any more."""
    visits, patients = photos_by_visit(study.photos), {patient.patient_id for patient in study.patients}
    newest = {_place(event): event for event in events if event.kind == "chart"}
    for event in newest.values():
        visit = subject_visit(event.subject)
        if visit[0] in patients and visit not in visits and event_to_chart(event).says_something:
            problem = f"the body chart that {event.reader} painted counts for nothing: photos.csv has none of that day"
            yield Finding(event.subject, problem, event.number)


def _changed_photographs(folder: Path, _: Study, events: Sequence[Event]) -> Iterator[Finding]:
    """Tell photographs that are not what the newest events of their readers speak of; what those replaced is past."""
    hash_now = cache(lambda file: photograph_hash(path) if (path := inside(folder, file)) is not None else "outside")
    newest = {_place(event): event for event in events if event.kind not in _OF_VISITS}
    for event in newest.values():
        if (now := hash_now(event.subject)) != event.content["photograph_sha256"]:
            state = "was changed" if len(now) == len(event.sha256) else f"cannot be read ({now})"
            yield Finding(event.subject, f"the photograph that {event.reader} saw {state}", event.number)


def _place(event: Event) -> tuple[Any, ...]:
    said = event.content
    return event.kind, event.subject, event.reader, said.get("role"), said.get("occasion")


def _changed_masks(folder: Path, _: Study, events: Sequence[Event]) -> Iterator[Finding]:
    checked: dict[tuple[str, str | None], dict[int, int] | InputError] = {}
    for event in events:
        if event.kind != "reading" or (reading := event_to_reading(event)).mask_file is None:
            continue
        key = (reading.mask_file, reading.mask_sha256)
        if key not in checked:
            checked[key] = _counted(folder, reading)
        found = checked[key]
        if isinstance(found, InputError):
            yield from (Finding(fault.where, fault.problem, event.number) for fault in found.faults)
        elif found != dict(reading.tissue_pixels):
            yield Finding(
                reading.mask_file, "its pixels are not those that were counted when it was saved", event.number
            )


def _counted(folder: Path, reading: Reading) -> dict[int, int] | InputError:
    try:
        return tissue_pixels(read_mask(folder, reading))
    except InputError as error:
        return error


def _strange_adjudicators(_: Path, study: Study, events: Sequence[Event]) -> Iterator[Finding]:
    named = study.reading.adjudicators
    for event in events:
        if named and event.content.get("role") == "adjudicator" and event.reader not in named:
            problem = f"{event.reader} decided as adjudicator, but study.toml names only {', '.join(named)}"
            yield Finding(event.subject, problem, event.number)


def _empty_signatures(events: Sequence[Event]) -> Iterator[Finding]:
    before: set[str] = set()
    for event in events:
        if event.kind == "signature":
            lost = [sha256 for sha256 in event.content["signed"] if sha256 not in before]
            if lost:
                problem = f"{event.reader} signed what is not in the trail before: {lost[0]}"
                yield Finding(event.subject, problem, event.number)
        before.add(event.sha256)


def _silent_changes(events: Sequence[Event]) -> Iterator[Finding]:
    """Tell what a reader changed after signing without saying why; `demand_reason` lets nobody."""
    signed: dict[tuple[str, str], int] = {}
    for event in events:
        said = event.content
        if event.kind == "signature":
            signed |= dict.fromkeys([(event.reader, what) for what in (event.subject, *said["files"])], event.number)
        elif said.get("occasion", 1) == 1 and not str(said.get("reason", "")).strip():
            number = signed.get((event.reader, event.subject))
            if number is not None:
                problem = f"{event.reader} changed it after signing (row {number}) without a reason"
                yield Finding(event.subject, problem, event.number)


def _nameless_masks(folder: Path, events: Sequence[Event]) -> Iterator[Finding]:
    named = {event.content.get("mask_file") for event in events if event.kind == "reading"}
    for path in sorted((folder / MASKS).glob("*.png")):
        file = path.relative_to(folder).as_posix()
        if file not in named:
            problem = "no event names this mask: saving stopped half-way, or events were removed"
            yield Finding(file, problem)
