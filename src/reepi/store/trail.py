"""The trail of a study: events that are only added, each bound to the one before by its hash."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reepi.core.errors import Fault, InputError
from reepi.core.reading import checked_reader
from reepi.core.trail import KINDS, Event, EventKind, canonical_json
from reepi.store.database_url import shown_url
from reepi.store.provenance import bytes_hash
from reepi.store.reading_database import DATABASE, open_database, trouble_told
from reepi.store.settings import SETTINGS_FILE, read_settings
from reepi.store.trail_rows import EventRow, create_events, missing_guards, refuse_old_tables, wait_turn

FIRST: Final = "0" * 64
"""What the first event of a study folder's own data base names as the event before it."""

MOST_ATTEMPTS: Final = 50
"""How often saving is tried again when another reader saved in the same moment."""


@dataclass(frozen=True)
class Break:
    """A place at which the trail does not hold.

    Parameters
    ----------
    number : int
        Number of the row.
    problem : str
        What is wrong with it.
    """

    number: int
    problem: str


class Trail:
    """The events of one study, in its folder or in a data base of several readers.

    Nothing is created until the first event is added, so looking leaves a study as it is. Each row's hash is checked
    once, when the object first sees it.

    Parameters
    ----------
    study : Path
        The study folder.
    url : str, optional
        Data base of several readers, one for each study; the file in the study folder if none.
    """

    def __init__(self, study: Path, url: str | None = None) -> None:
        self.study = study
        self._file = None if url else study / DATABASE
        self.where = shown_url(url) if url else str(self._file)
        with trouble_told(self.where):
            self._engine = open_database(url or study / DATABASE)
        self.first = first_hash(study, url)
        self._seen: tuple[Event, ...] = ()
        self._is_ours = False
        self._last: int | None = None

    def append(
        self, kind: EventKind, subject: str, reader: str, content: Mapping[str, Any], event_id: str = ""
    ) -> Event:
        """Add an event behind the last one and return it once it is on the disk.

        Parameters
        ----------
        kind : str
            What is said; one of `reepi.core.trail.KINDS`.
        subject : str
            What it is said of.
        reader : str
            Who says it.
        content : mapping
            Plain values for JSON.
        event_id : str
            Identifier of the event. The same event sent again is not added again, but returned as it was kept.

        Raises
        ------
        InputError
            The data base cannot be used, its last row was changed, or the identifier belongs to another event.
        ValueError
            The kind or the reader is none, or this is the trail as it once was.
        """
        if self._last is not None:
            raise ValueError("nothing can be added to the past")
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is no kind of event; use one of {', '.join(KINDS)}")
        said = {"kind": kind, "subject": subject, "reader": checked_reader(reader), "content": canonical_json(content)}
        with trouble_told(self.where):
            if self._file is not None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            self._refuse_foreign()
            create_events(self._engine)
            return self._follow(said, event_id or uuid4().hex)

    def events(self, kind: EventKind | None = None) -> tuple[Event, ...]:
        """Return all events, or those of one kind, in order, after the hashes of all were checked.

        Raises
        ------
        InputError
            The data base cannot be used, or an event was changed, moved or removed; names the first such place.
        """
        seen = self._verified()
        seen = seen if self._last is None else seen[: self._last]
        return seen if kind is None else tuple(event for event in seen if event.kind == kind)

    def head(self) -> Event | None:
        """Return the newest event, or None where there is none; see `events`."""
        return next(reversed(self.events()), None)

    def until(self, number: int) -> "Trail":
        """Return the trail as it was when it ended with an event of a number; 0 is before the first.

        Everything that counts can so be asked of one moment, while others go on saving. It cannot be added to.
        """
        past = copy(self)
        past._last = max(number, 0)
        return past

    def rows(self, since: int = 0) -> list[EventRow]:
        """Return the rows from a number on as they lie there, unchecked, in the order of their numbers."""
        with trouble_told(self.where):
            if self._file is not None and not self._file.is_file():
                return []
            self._refuse_foreign()
            if not inspect(self._engine).has_table(EventRow.__tablename__):
                return []
            with Session(self._engine) as session:
                chosen = select(EventRow).where(EventRow.number >= since).order_by(EventRow.number)
                return list(session.scalars(chosen))

    def missing_guards(self) -> tuple[str, ...]:
        """Return what the data base would no longer refuse to do to an event; nothing where there is no event."""
        if not self.rows():
            return ()
        with trouble_told(self.where):
            return missing_guards(self._engine)

    def _verified(self) -> tuple[Event, ...]:
        seen = self._seen
        rows = self.rows(seen[-1].number if seen else 0)
        if seen and (not rows or rows[0].row_sha256 != seen[-1].sha256):
            # What was seen is gone: begin anew, so that the place is named.
            seen, rows = (), self.rows()
        elif seen:
            rows = rows[1:]
        for broken in broken_places(rows, self.first, seen[-1] if seen else None):
            where = f"row {broken.number} of the trail {broken.problem}"
            raise InputError([Fault(self.where, where, "Run reepi audit, and restore the data base from a copy.")])
        self._seen = seen + tuple(map(to_event, rows))
        return self._seen

    def _refuse_foreign(self) -> None:
        if not self._is_ours and (self._file is None or self._file.is_file()):
            refuse_old_tables(self._engine, self.where)
            self._refuse_other_study()
            self._is_ours = True

    def _refuse_other_study(self) -> None:
        if not inspect(self._engine).has_table(EventRow.__tablename__):
            return
        with Session(self._engine) as session:
            row = session.get(EventRow, 1)
        # A row that was changed is the audit's business.
        if row is not None and row.row_sha256 == row.hash() and row.previous_sha256 != self.first:
            remedy = "Name this study's own data base, or give the study back the name it had in study.toml."
            raise InputError([Fault(self.where, "it holds the trail of another study", remedy)])

    def _follow(self, said: Mapping[str, str], event_id: str) -> Event:
        """Add a row behind the last one; again where another reader's came between."""
        for _ in range(MOST_ATTEMPTS):
            with Session(self._engine) as session:
                wait_turn(session.connection())
                kept = session.scalars(select(EventRow).where(EventRow.event_id == event_id)).first()
                if kept is not None:
                    return self._same(kept, said)
                last = session.scalars(select(EventRow).order_by(EventRow.number.desc()).limit(1)).first()
                row = self._next_row(last, said, event_id)
                session.add(row)
                try:
                    session.commit()
                except IntegrityError:
                    continue
                return to_event(row)
        raise OSError("others are saving all the time")

    def _next_row(self, last: EventRow | None, said: Mapping[str, str], event_id: str) -> EventRow:
        if last is not None and last.row_sha256 != last.hash():
            problem = f"row {last.number} of the trail was changed, so nothing can follow it"
            raise InputError([Fault(self.where, problem, "Run reepi audit, and restore the data base from a copy.")])
        number, before = (1, self.first) if last is None else (last.number + 1, last.row_sha256)
        now = datetime.now(UTC).isoformat(timespec="microseconds")
        row = EventRow(number=number, event_id=event_id, **said, saved_at=now, previous_sha256=before)
        row.row_sha256 = row.hash()
        return row

    def _same(self, kept: EventRow, said: Mapping[str, str]) -> Event:
        if any(getattr(kept, name) != value for name, value in said.items()):
            problem = f"the event {kept.event_id} was saved before with another content (row {kept.number})"
            raise InputError([Fault(self.where, problem, "Save it again as a new event.")])
        return to_event(kept)


def broken_places(rows: Iterable[EventRow], first: str, last: Event | None = None) -> list[Break]:
    """Return every place at which rows do not follow each other.

    Parameters
    ----------
    rows : iterable of EventRow
        In the order of their numbers.
    first : str
        Hash that the first event names as the one before it.
    last : Event, optional
        Event that the rows follow.
    """
    number, before = (0, first) if last is None else (last.number, last.sha256)
    found = []
    for row in rows:
        if row.row_sha256 != row.hash():
            found.append(Break(row.number, "was changed"))
        if row.number != number + 1:
            found.append(Break(row.number, _missing(number + 1, row.number - 1)))
        elif row.previous_sha256 != before:
            found.append(Break(row.number, _unbound(number)))
        number, before = row.number, row.row_sha256
    return found


def _missing(first: int, last: int) -> str:
    gone = f"row {first} is" if first == last else f"rows {first} to {last} are"
    return f"follows row {first - 1}: {gone} missing"


def _unbound(number: int) -> str:
    if number == 0:
        return "is the first, but does not begin the trail of this study"
    return f"is not bound to row {number}: one of them was changed, moved or put in its place"


def to_event(row: EventRow) -> Event:
    """Return the event of a row (`ValueError` if its kind or time is none)."""
    if row.kind not in KINDS:
        raise ValueError(f"{row.kind!r} is no kind of event")
    saved_at = datetime.fromisoformat(row.saved_at)
    if saved_at.tzinfo is None:
        raise ValueError(f"{row.saved_at!r} does not say that it is UTC")
    said = (row.kind, row.subject, row.reader, row.content)
    return Event(row.number, row.event_id, *said, saved_at, row.previous_sha256, row.row_sha256)


def first_hash(study: Path, url: str | None) -> str:
    """Return what the first event names as the event before it.

    In a data base on a server that is the hash of the study's name, so that two studies cannot share one by mistake.
    """
    if url is None:
        return FIRST
    settings, _ = read_settings(study / SETTINGS_FILE)
    return bytes_hash(f"reepi trail of {settings.name if settings else ''}".encode())
