"""Unsaved work, written down step by step: a window that is killed loses at most the stroke in hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, LargeBinary, create_engine, delete, event, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from reepi.core.errors import Fault, InputError

FOLDER: Final = "readings/drafts"
"""Where drafts lie in a study folder, one file for each reader."""

WAIT_S: Final = 5
"""How long a second window of the same reader is waited for [s]."""


class Base(DeclarativeBase):
    """Tables of a drafts file."""


class StepRow(Base):
    """One step of unsaved work."""

    __tablename__ = "steps"

    number: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    undo: Mapped[bytes] = mapped_column(LargeBinary)
    redo: Mapped[bytes] = mapped_column(LargeBinary)
    undone: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True)
class Step:
    """Something that was done and can be undone.

    Parameters
    ----------
    kind : str
        What it was done to.
    undo, redo : bytes
        What takes it back, and what does it again.
    """

    kind: str
    undo: bytes
    redo: bytes


class Drafts:
    """The unsaved work of one reader.

    Parameters
    ----------
    path : Path
        Its file; made when the first step is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine: Engine | None = None

    def names(self) -> tuple[str, ...]:
        """Return what there is unsaved work on, the latest first."""
        if not self.path.is_file():
            return ()
        latest = func.max(StepRow.number)
        chosen = select(StepRow.item).where(~StepRow.undone).group_by(StepRow.item).order_by(latest.desc())
        with self.session() as session:
            return tuple(session.scalars(chosen))

    def draft(self, name: str) -> "Draft":
        """Return the unsaved work on something."""
        return Draft(self, name)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session in which everything is written, or nothing (`InputError` where that is not possible)."""
        try:
            with Session(self._opened()) as session:
                yield session
                session.commit()
        except (SQLAlchemyError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error)
            problem = f"unsaved work cannot be written down ({reason})"
            remedy = "Check the disk and the rights of the folder; close a second window of the same reader."
            raise InputError([Fault(str(self.path), problem, remedy)]) from error

    def _opened(self) -> Engine:
        if self._engine is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(f"sqlite:///{self.path}", connect_args={"timeout": WAIT_S})
            event.listen(engine, "connect", _write_ahead)
            Base.metadata.create_all(engine)
            self._engine = engine
        return self._engine


class Draft:
    """The unsaved work on one photograph.

    Parameters
    ----------
    drafts : Drafts
        Where it is kept.
    name : str
        What it is work on.
    """

    def __init__(self, drafts: Drafts, name: str) -> None:
        self._drafts = drafts
        self._name = name

    def steps(self) -> tuple[Step, ...]:
        """Return what was done and not undone, in order."""
        if not self._drafts.path.is_file():
            return ()
        chosen = select(StepRow).where(StepRow.item == self._name, ~StepRow.undone).order_by(StepRow.number)
        with self._drafts.session() as session:
            return tuple(_step(row) for row in session.scalars(chosen))

    def push(self, step: Step) -> None:
        """Write a step down; what was undone before can no longer be done again."""
        with self._drafts.session() as session:
            session.execute(delete(StepRow).where(StepRow.item == self._name, StepRow.undone))
            session.add(StepRow(item=self._name, kind=step.kind, undo=step.undo, redo=step.redo))

    def undo(self) -> Step | None:
        """Mark the last step as undone and return it, or None where there is none."""
        return self._marked(StepRow.number.desc(), undone=True)

    def redo(self) -> Step | None:
        """Mark the step that was undone last as done and return it, or None where there is none."""
        return self._marked(StepRow.number.asc(), undone=False)

    def clear(self) -> None:
        """Forget all steps: what they led to is saved."""
        if self._drafts.path.is_file():
            with self._drafts.session() as session:
                session.execute(delete(StepRow).where(StepRow.item == self._name))

    def _marked(self, order: object, *, undone: bool) -> Step | None:
        if not self._drafts.path.is_file():
            return None
        candidates = StepRow.undone if not undone else ~StepRow.undone
        chosen = select(StepRow).where(StepRow.item == self._name, candidates).order_by(order).limit(1)  # type: ignore[arg-type]
        with self._drafts.session() as session:
            row = session.scalars(chosen).first()
            if row is None:
                return None
            found = _step(row)
            session.execute(update(StepRow).where(StepRow.number == row.number).values(undone=undone))
            return found


def _step(row: StepRow) -> Step:
    return Step(row.kind, row.undo, row.redo)


def _write_ahead(connection: object, _: object) -> None:
    """Let a step be on the disk once it is written, without waiting for the whole file."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.close()
