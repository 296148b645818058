"""The table of readings: rows are added, and the data base itself refuses to change or remove one."""

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


def create_tables(engine: Engine) -> None:
    """Create what is missing; several processes may do so at once."""
    table = ReadingRow.__table__
    if not isinstance(table, Table):
        raise TypeError("readings are kept in a table")
    with engine.begin() as connection:
        connection.execute(CreateTable(table, if_not_exists=True))
        if engine.dialect.name == "sqlite":
            for action in ("UPDATE", "DELETE"):
                connection.execute(_refusal(action))


def _refusal(action: str) -> TextClause:
    return text(
        f"CREATE TRIGGER IF NOT EXISTS readings_no_{action.lower()} BEFORE {action} ON readings "
        "BEGIN SELECT RAISE(ABORT, 'readings are only added'); END"
    )
