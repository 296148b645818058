"""The tables of readings: rows are added, and the data base itself refuses to change or remove one."""

from typing import Final

from sqlalchemy import Engine, String, Table, TextClause, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateTable

SHA256: Final = String(64)


class Base(DeclarativeBase):
    """Tables of the data base of readings."""


class ReadingRow(Base):
    """One saved reading; see `reepi.core.reading.Reading`."""

    __tablename__ = "readings"
    # A number is never given twice, so the order of saving can be told even after a crash.
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True)
    photograph: Mapped[str] = mapped_column(index=True)
    photograph_sha256: Mapped[str] = mapped_column(SHA256)
    reader: Mapped[str] = mapped_column(index=True)
    state: Mapped[str]
    reason: Mapped[str]
    mask_file: Mapped[str | None]
    mask_sha256: Mapped[str | None] = mapped_column(SHA256)
    model_name: Mapped[str]
    model_sha256: Mapped[str]
    saved_at: Mapped[str]


class PointsRow(Base):
    """The points that a reader saved of one photograph; see `reepi.core.reader_points.SavedPoints`.

    Every row carries the hash of the row before it, so that a row which somebody changed or removed from outside shows.
    """

    __tablename__ = "reader_points"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True)
    photograph: Mapped[str] = mapped_column(index=True)
    photograph_sha256: Mapped[str] = mapped_column(SHA256)
    reader: Mapped[str] = mapped_column(index=True)
    points: Mapped[str]
    saved_at: Mapped[str]
    # Unique: two writers at once cannot both follow the same row.
    previous_sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    row_sha256: Mapped[str] = mapped_column(SHA256)


def create_tables(engine: Engine) -> None:
    """Create what is missing; several processes may do so at once."""
    with engine.begin() as connection:
        for row in (ReadingRow, PointsRow):
            table = row.__table__
            if not isinstance(table, Table):
                raise TypeError("readings are kept in tables")
            connection.execute(CreateTable(table, if_not_exists=True))
            if engine.dialect.name == "sqlite":
                for action in ("UPDATE", "DELETE"):
                    connection.execute(_refusal(table.name, action))


def _refusal(table: str, action: str) -> TextClause:
    return text(
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{action.lower()} BEFORE {action} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'readings are only added'); END"
    )
