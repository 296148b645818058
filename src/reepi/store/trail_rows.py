"""The table of events: rows are added, and the data base itself refuses to change or remove one."""

from typing import Final

from sqlalchemy import Connection, Engine, String, Table, inspect, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateTable

from reepi.core.errors import Fault, InputError
from reepi.core.trail import event_hash

SHA256: Final = String(64)

OLD_TABLES: Final = ("readings", "reader_points")
"""Tables of versions that were never released. What lies in them is in no trail, so it is not read as if it were."""

_TURN: Final = 0x7265657069
"""Number of the PostgreSQL lock of whose turn it is to make the table or add an event: "reepi" in ASCII. Unlike a lock
on the table it needs no right to change rows, so readers can be given the rights to look and to add alone."""

_GUARDED: Final = {"sqlite": ("UPDATE", "DELETE"), "postgresql": ("UPDATE", "DELETE", "TRUNCATE")}
"""What each data base refuses to do to an event."""


class Base(DeclarativeBase):
    """Tables of the data base of readings."""


class EventRow(Base):
    """One event; see `reepi.core.trail.Event`."""

    __tablename__ = "events"

    # Numbers are given by the trail, not by the data base, so that one which is missing shows.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    reader: Mapped[str]
    content: Mapped[str]
    saved_at: Mapped[str]
    # Unique: two writers at once cannot both follow the same event.
    previous_sha256: Mapped[str] = mapped_column(SHA256, unique=True)
    row_sha256: Mapped[str] = mapped_column(SHA256)

    def hash(self) -> str:
        """Return the hash that its content gives."""
        said = (self.kind, self.subject, self.reader, self.content, self.saved_at)
        return event_hash(self.number, self.event_id, *said, self.previous_sha256)


def create_events(engine: Engine) -> None:
    """Create the table and its guards if they are missing; several processes may do so at once."""
    if inspect(engine).has_table(EventRow.__tablename__):
        return
    table = EventRow.__table__
    if not isinstance(table, Table):
        raise TypeError("events are kept in a table")
    with engine.begin() as connection:
        wait_turn(connection)
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            index.create(connection, checkfirst=True)
        for command in _guards(engine.dialect.name):
            connection.execute(text(command))


def wait_turn(connection: Connection) -> None:
    """Let nobody else add an event until the transaction of a connection ends."""
    if connection.dialect.name == "sqlite":
        connection.execute(text("BEGIN IMMEDIATE"))
    elif connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_TURN})"))


def missing_guards(engine: Engine) -> tuple[str, ...]:
    """Return what the data base would no longer refuse, such as ``UPDATE``."""
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D' AND tgrelid = 'events'::regclass",
    }
    dialect = engine.dialect.name
    if dialect not in catalogue:
        return ()
    with engine.connect() as connection:
        there = set(connection.scalars(text(catalogue[dialect])))
    return tuple(action for action in _GUARDED[dialect] if _guard(action) not in there)


def refuse_old_tables(engine: Engine, where: str) -> None:
    """Refuse a data base that holds readings or points of before there was a trail.

    Raises
    ------
    InputError
        It does; names the table.
    """
    there = inspect(engine).get_table_names()
    with engine.connect() as connection:
        filled = [
            name
            for name in OLD_TABLES
            if name in there and connection.execute(select(text("1")).select_from(text(name)).limit(1)).first()
        ]
    if filled:
        problem = f"its table {filled[0]} was written before readings were kept as a trail of events"
        raise InputError([Fault(where, problem, "Move the folder readings/ away and read the study again.")])


def _guard(action: str) -> str:
    return f"events_no_{action.lower()}"


def _guards(dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS {_guard(action)} BEFORE {action} ON events "
            "BEGIN SELECT RAISE(ABORT, 'events are only added'); END"
            for action in _GUARDED[dialect]
        ]
    if dialect == "postgresql":
        refusal = (
            "CREATE OR REPLACE FUNCTION events_are_only_added() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'events are only added'; END $$"
        )
        return [refusal] + [
            f"CREATE OR REPLACE TRIGGER {_guard(action)} BEFORE {action} ON events "
            "FOR EACH STATEMENT EXECUTE FUNCTION events_are_only_added()"
            for action in _GUARDED[dialect]
        ]
    return []
