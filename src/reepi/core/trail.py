"""Events of a study's trail as values: who said what of what, when, each bound to the one before by its hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, get_args

EventKind = Literal["reading", "points", "registration", "chart", "signature"]

KINDS: Final[tuple[EventKind, ...]] = get_args(EventKind)

Visit = tuple[str, date]
"""Patient and day."""


@dataclass(frozen=True)
class Event:
    """One row of the trail. It is never changed: who thinks again adds another.

    Parameters
    ----------
    number : int
        Place in the trail, counted from 1 without gaps.
    event_id : str
        Identifier given by the sender; the same event sent twice is kept once.
    kind : "reading", "points", "registration", "chart" or "signature"
        What is said.
    subject : str
        What it is said of: a file as in ``photos.csv``, or a visit (see `visit_subject`).
    reader : str
        Who said it.
    text : str
        What was said, as canonical JSON (see `canonical_json`).
    saved_at : datetime
        When, UTC.
    previous_sha256 : str
        Hash of the event before.
    sha256 : str
        Hash of all of the above.
    """

    number: int
    event_id: str
    kind: EventKind
    subject: str
    reader: str
    text: str
    saved_at: datetime
    previous_sha256: str
    sha256: str

    @property
    def content(self) -> dict[str, Any]:
        """What was said, as plain values; a fresh copy each time."""
        return dict(json.loads(self.text))


def canonical_json(content: Mapping[str, Any]) -> str:
    """Return plain values as JSON; the same values always give the same text (`ValueError` for NaN and infinity)."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def event_hash(
    number: int, event_id: str, kind: str, subject: str, reader: str, text: str, saved_at: str, previous_sha256: str
) -> str:
    """Return the SHA-256 of an event: of its parts as a JSON list, so that no two events give the same text."""
    parts = [number, event_id, kind, subject, reader, text, saved_at, previous_sha256]
    return hashlib.sha256(json.dumps(parts, separators=(",", ":"), ensure_ascii=True).encode("ascii")).hexdigest()


def visit_subject(patient_id: str, day: date) -> str:
    """Return how the trail names a visit, such as "P01 2024-03-05"."""
    return f"{patient_id} {day.isoformat()}"


def subject_visit(subject: str) -> Visit:
    """Return patient and date of a visit as the trail names it (`ValueError` if it names none)."""
    patient_id, separator, day = subject.rpartition(" ")
    if not (patient_id and separator):
        raise ValueError(f"{subject!r} names no visit")
    return patient_id, date.fromisoformat(day)
