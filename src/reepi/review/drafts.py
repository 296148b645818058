"""Unsaved work of one reader, every step in a small file at once: a killed window loses the stroke in hand at most."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from reepi.core.errors import Fault, InputError

_VERSION: Final = 1
"""Version of the tables, kept in the file."""

_WAIT_S: Final = 1.0
"""How long a second window waits before it says that a first one is open [s]."""

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS drafts (
    item TEXT PRIMARY KEY, base TEXT NOT NULL, done INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS steps (
    item TEXT NOT NULL REFERENCES drafts (item), number INTEGER NOT NULL,
    kind TEXT NOT NULL, undo BLOB NOT NULL, redo BLOB NOT NULL, PRIMARY KEY (item, number));
"""

_BEGUN: Final = (
    "INSERT INTO drafts VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET base = excluded.base WHERE drafts.done = 0"
)

_STEP: Final = "INSERT INTO steps VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True)
class Step:
    """One step of unsaved work.

    Parameters
    ----------
    kind : str
        What it changed, such as ``mask``.
    undo, redo : bytes
        What takes it back, and what does it again; their meaning is the kind's.
    """

    kind: str
    undo: bytes
    redo: bytes


class Drafts:
    """The unsaved work of one reader on all photographs and charts, in a SQLite file of its own.

    One window at a time: the file stays locked while it is open, and the lock ends with its process, however that
    ends. A step is safe from a killed process as soon as `Draft.push` returns; a power failure may cost the last ones,
    never the file.

    Parameters
    ----------
    path : Path
        The file; it is made if it is missing, its folder too.

    Raises
    ------
    InputError
        Another window has it open, it is no such file, or the folder cannot be written to.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=_WAIT_S)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _prepare(self) -> None:
        # Exclusive before the first use: write-ahead logging then needs no shared memory, and nobody else comes in.
        self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise InputError([Fault(str(self._path), f"it has version {version}", "It needs a newer reepi.")])
        self._connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = {_VERSION}; COMMIT;")

    def draft(self, item: str) -> "Draft":
        """Return the unsaved work on one photograph or chart, empty or as it was left."""
        return Draft(self, item)

    def items(self) -> tuple[str, ...]:
        """Return what there is unsaved work on, in alphabetical order."""
        rows = self.ask("SELECT item FROM drafts WHERE done > 0 ORDER BY item")
        return tuple(str(item) for (item,) in rows)

    def ask(self, question: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows that answer an SQL question."""
        with self._told():
            return self._connection.execute(question, values).fetchall()

    def change(self, *orders: tuple[str, tuple[object, ...]]) -> None:
        """Carry out SQL orders, each with its values, all of them or none."""
        with self._told(), self._connection:
            for order, values in orders:
                self._connection.execute(order, values)

    def close(self) -> None:
        """Let the file go. Nothing is lost without this: every step is there already."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise InputError([self._fault(error)]) from error

    def _fault(self, error: Exception) -> Fault:
        where = str(self._path)
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            return Fault(where, "another window of the same reader has it open", "Go on there, or close that window.")
        problem = f"unsaved work cannot be kept ({error})"
        return Fault(where, problem, "Check disk and rights; if the file is damaged, move it away and start again.")


class Draft:
    """The steps of unsaved work on one photograph or chart, with a place in them: done before it, undone behind.

    Parameters
    ----------
    drafts : Drafts
        The file.
    item : str
        Which photograph or chart.
    """

    def __init__(self, drafts: Drafts, item: str) -> None:
        self._drafts = drafts
        self._item = item

    @property
    def base(self) -> str:
        """What the first step was made on, as told to `push`; empty if there is none."""
        rows = self._drafts.ask("SELECT base FROM drafts WHERE item = ?", self._item)
        return str(rows[0][0]) if rows else ""

    @property
    def done(self) -> int:
        """How many steps are done, those that were undone left out."""
        rows = self._drafts.ask("SELECT done FROM drafts WHERE item = ?", self._item)
        return int(str(rows[0][0])) if rows else 0

    def push(self, kind: str, undo: bytes, redo: bytes, base: str = "") -> None:
        """Keep a step that was just done; steps that were undone before it are forgotten.

        Parameters
        ----------
        kind : str
            What it changed, such as ``mask``.
        undo, redo : bytes
            What takes it back, and what does it again.
        base : str, optional
            What the work began with, such as the hash of a mask; only that of the first step that is done is kept.

        Raises
        ------
        InputError
            The step could not be written; all before it are still there.
        """
        number = self.done + 1
        self._drafts.change(
            (_BEGUN, (self._item, base)),
            ("DELETE FROM steps WHERE item = ? AND number >= ?", (self._item, number)),
            (_STEP, (self._item, number, kind, undo, redo)),
            self._moved_to(number),
        )

    def undo(self) -> Step | None:
        """Go back by one step and return it, None at the beginning."""
        done = self.done
        return self._go(done, done - 1)

    def redo(self) -> Step | None:
        """Go forward by one step and return it, None at the end."""
        done = self.done
        return self._go(done + 1, done + 1)

    def steps(self) -> tuple[Step, ...]:
        """Return the steps that are done, oldest first: what a new window does again."""
        return self._found("number <= ?", self.done)

    def undone(self) -> tuple[Step, ...]:
        """Return the steps that can be done again, in that order."""
        return self._found("number > ?", self.done)

    def clear(self) -> None:
        """Forget all steps: the work is saved, or given up."""
        self._drafts.change(*self._forgotten)

    def replace(self, steps: Sequence[Step], base: str = "") -> None:
        """Let other steps take the place of all that are kept, at once and as done; see `push`."""
        numbered = enumerate(steps, start=1)
        self._drafts.change(
            *self._forgotten,
            (_BEGUN, (self._item, base)),
            *((_STEP, (self._item, number, step.kind, step.undo, step.redo)) for number, step in numbered),
            self._moved_to(len(steps)),
        )

    @property
    def _forgotten(self) -> tuple[tuple[str, tuple[object, ...]], ...]:
        return (
            ("DELETE FROM steps WHERE item = ?", (self._item,)),
            ("DELETE FROM drafts WHERE item = ?", (self._item,)),
        )

    def _go(self, number: int, done: int) -> Step | None:
        found = self._found("number = ?", number)
        if not found:
            return None
        self._drafts.change(self._moved_to(done))
        return found[0]

    def _moved_to(self, done: int) -> tuple[str, tuple[object, ...]]:
        return "UPDATE drafts SET done = ? WHERE item = ?", (done, self._item)

    def _found(self, which: str, number: int) -> tuple[Step, ...]:
        question = f"SELECT kind, undo, redo FROM steps WHERE item = ? AND {which} ORDER BY number"  # noqa: S608
        return tuple(Step(*row) for row in self._drafts.ask(question, self._item, number))  # type: ignore[arg-type]
