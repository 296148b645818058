"""Points that readers placed on photographs: sets that are only added, each bound to the one before by its hash."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from reepi.core.errors import Fault, InputError, PhotographRejected
from reepi.core.reader_points import NewPoints, ReaderPoint, SavedPoints, points_to_text, text_to_points
from reepi.store.provenance import bytes_hash, photograph_hash
from reepi.store.reading_database import DATABASE, open_database, photograph_as_read, trouble_told
from reepi.store.reading_rows import PointsRow, create_tables

FIRST: Final = "0" * 64
"""What the first row names as the row before it."""

MOST_ATTEMPTS: Final = 50
"""How often saving is tried again when another reader saved in the same moment."""


class PointStore:
    """The points of one study folder, kept with its readings.

    Nothing is created until the first points are saved, so looking leaves a study as it is.

    Parameters
    ----------
    study : Path
        The study folder.
    url : str, optional
        Data base of several readers; the file in the study folder if none.
    """

    def __init__(self, study: Path, url: str | None = None) -> None:
        self._study = study
        self._file = None if url else study / DATABASE
        self._where = url or str(self._file)
        self._engine = open_database(url or f"sqlite:///{self._file}")

    def save(self, new: NewPoints) -> SavedPoints:
        """Add all points of a photograph by one reader; they take the place of that reader's earlier ones.

        Raises
        ------
        InputError
            The photograph is missing or changed while it was read, or saving failed.
        """
        content = photograph_as_read(self._study, new.photograph, new.photograph_sha256)
        values = {
            "photograph": new.photograph,
            "photograph_sha256": bytes_hash(content),
            "reader": new.reader,
            "points": points_to_text(new.points),
        }
        with trouble_told(self._where):
            if self._file is not None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            create_tables(self._engine)
            return self._follow(values)

    def history(self) -> tuple[SavedPoints, ...]:
        """Return everything that was saved, in order, after the hashes of all rows were checked.

        Raises
        ------
        InputError
            The data base cannot be used, or a row was changed or removed; names the first.
        """
        with trouble_told(self._where):
            rows = self._rows()
        before = FIRST
        for row in rows:
            if row.previous_sha256 != before or row.row_sha256 != _row_hash(row):
                problem = f"row {row.number} of the readers' points, or one before it, was changed or removed"
                raise InputError([Fault(self._where, problem, "Restore the data base from a copy.")])
            before = row.row_sha256
        return tuple(_saved(row) for row in rows)

    def newest(self) -> tuple[SavedPoints, ...]:
        """Return the newest of each photograph and reader, in the order of saving."""
        last = {(saved.photograph, saved.reader): saved for saved in self.history()}
        return tuple(sorted(last.values(), key=lambda saved: saved.number))

    def counting(self) -> dict[str, SavedPoints]:
        """Return what a photograph is registered by, by file: the newest points of all its readers.

        Who took points back leaves those of the others.
        """
        return {saved.photograph: saved for saved in self.newest() if saved.points}

    def _rows(self) -> list[PointsRow]:
        if self._file is not None and not self._file.is_file():
            return []
        # Data bases of earlier versions hold readings but no points.
        if not inspect(self._engine).has_table(PointsRow.__tablename__):
            return []
        with Session(self._engine) as session:
            return list(session.scalars(select(PointsRow).order_by(PointsRow.number)))

    def _follow(self, values: Mapping[str, str]) -> SavedPoints:
        """Add a row behind the last one; again where another reader's came between."""
        for _ in range(MOST_ATTEMPTS):
            with Session(self._engine) as session:
                last = session.scalars(select(PointsRow).order_by(PointsRow.number.desc()).limit(1)).first()
                before = FIRST if last is None else last.row_sha256
                row = PointsRow(**values, saved_at=datetime.now(UTC).isoformat(), previous_sha256=before)
                row.row_sha256 = _row_hash(row)
                session.add(row)
                try:
                    session.commit()
                except IntegrityError:
                    continue
                return _saved(row)
        raise OSError("others are saving all the time")


def unchanged_points(study: Path, counting: Mapping[str, SavedPoints], file: str) -> tuple[ReaderPoint, ...]:
    """Return the points that a photograph is registered by, none where no reader placed any.

    Parameters
    ----------
    study : Path
        The study folder.
    counting : mapping of str to SavedPoints
        See `PointStore.counting`.
    file : str
        File as in ``photos.csv``.

    Raises
    ------
    PhotographRejected
        The photograph was changed since; its points may lie elsewhere now.
    """
    saved = counting.get(file)
    if saved is None:
        return ()
    if photograph_hash(study / file) != saved.photograph_sha256:
        raise PhotographRejected(
            "points_outdated",
            f"the photograph was changed since {saved.reader} placed points on it. Restore it, or place them again.",
        )
    return saved.points


def _row_hash(row: PointsRow) -> str:
    parts = (row.previous_sha256, row.photograph, row.photograph_sha256, row.reader, row.points, row.saved_at)
    return bytes_hash(repr(parts).encode())


def _saved(row: PointsRow) -> SavedPoints:
    return SavedPoints(
        number=row.number,
        photograph=row.photograph,
        photograph_sha256=row.photograph_sha256,
        reader=row.reader,
        points=text_to_points(row.points),
        points_sha256=bytes_hash(row.points.encode()),
        saved_at=datetime.fromisoformat(row.saved_at),
    )
