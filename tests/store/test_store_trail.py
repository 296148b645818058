"""The trail: events are only added, each bound to the one before, in SQLite and in PostgreSQL alike."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from reepi.core.errors import InputError
from reepi.core.trail import canonical_json, event_hash, subject_visit, visit_subject
from reepi.store.database_url import shown_url
from reepi.store.reading_database import DATABASE, open_database
from reepi.store.trail import FIRST, Trail

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str | None:
    """Each kind of data base; None is the file in the study folder."""
    return request.getfixturevalue("postgres_url") if request.param == "postgresql" else None


@pytest.fixture
def trail(tmp_path: Path, url: str | None) -> Callable[[], Trail]:
    """Open the trail of one study anew."""
    return lambda: Trail(tmp_path, url)


@pytest.fixture
def outside(tmp_path: Path, url: str | None) -> Callable[..., None]:
    """Do to the data base what only another program would."""

    def _do(*commands: str) -> None:
        engine = open_database(url or f"sqlite:///{tmp_path / DATABASE}")
        with engine.begin() as connection:
            for command in commands:
                connection.exec_driver_sql(command)
        engine.dispose()

    return _do


def unguarded(url: str | None) -> list[str]:
    on = " ON events" if url else ""
    return [f"DROP TRIGGER events_no_{action}{on}" for action in ("update", "delete")]


def add(trail: Trail, number: int, reader: str = "Ada", event_id: str = "") -> None:
    trail.append("points", f"photos/{number}.png", reader, {"said": number}, event_id)


def test_what_is_added_comes_back(trail: Callable[[], Trail]) -> None:
    """Numbers from 1 without gaps, each bound to the one before, content and words as they were, time in UTC."""
    first = trail().append("points", "photos/ä b.png", "Zoë 研", {"b": 1.5, "a": "née \x00"})
    second = trail().append("chart", "P01 2024-03-05", "Ben", {})
    found = trail().events()
    assert found == (first, second)
    assert [event.number for event in found] == [1, 2]
    assert found[0].content == {"a": "née \x00", "b": 1.5}
    assert found[1].previous_sha256 == found[0].sha256
    assert found[0].saved_at.utcoffset() is not None
    assert trail().head() == second
    assert trail().events("chart") == (second,)


def test_looking_creates_nothing(tmp_path: Path) -> None:
    """A study without events stays as it is."""
    assert (Trail(tmp_path).events(), Trail(tmp_path).head()) == ((), None)
    assert list(tmp_path.iterdir()) == []


def test_a_hash_can_be_checked_without_this_program(trail: Callable[[], Trail]) -> None:
    """SHA-256 of a JSON list of the event's parts, as the README says; computed here with the standard library."""
    import hashlib

    add(trail(), 1)
    event = trail().events()[0]
    said = ["points", event.subject, "Ada", '{"said":1}', event.saved_at.isoformat(timespec="microseconds")]
    parts = [1, event.event_id, *said, event.previous_sha256]
    assert hashlib.sha256(json.dumps(parts, separators=(",", ":")).encode()).hexdigest() == event.sha256


def test_the_same_event_sent_twice_is_kept_once(trail: Callable[[], Trail]) -> None:
    """A sender who heard no answer sends again; the second answer is the first event."""
    first = trail().append("points", "photos/1.png", "Ada", {"said": 1}, "an-id")
    add(trail(), 2)
    assert trail().append("points", "photos/1.png", "Ada", {"said": 1}, "an-id") == first
    assert len(trail().events()) == 2
    with pytest.raises(InputError, match="saved before with another content"):
        trail().append("points", "photos/1.png", "Ada", {"said": 2}, "an-id")


@pytest.mark.parametrize("change", ["UPDATE events SET reader = 'Ben'", "DELETE FROM events"])
def test_the_data_base_refuses_to_change_an_event(
    trail: Callable[[], Trail], outside: Callable[..., None], change: str
) -> None:
    """Events are only added, even from outside this program."""
    add(trail(), 1)
    with pytest.raises(DatabaseError, match="only added"):
        outside(change)
    assert trail().missing_guards() == ()


def test_a_missing_guard_is_told(trail: Callable[[], Trail], outside: Callable[..., None], url: str | None) -> None:
    """Who takes a guard away is found, whether or not they used it."""
    add(trail(), 1)
    outside(unguarded(url)[1])
    assert trail().missing_guards() == ("DELETE",)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE events SET reader = 'Eve' WHERE number = 2", "row 2 of the trail was changed"),
        ("UPDATE events SET content = '{\"said\":9}' WHERE number = 3", "row 3 of the trail was changed"),
        ("UPDATE events SET saved_at = '2001-01-01T00:00:00+00:00' WHERE number = 1", "row 1 of the trail was changed"),
        ("UPDATE events SET event_id = 'x' WHERE number = 1", "row 1 of the trail was changed"),
        ("DELETE FROM events WHERE number = 1", "row 2 of the trail follows row 0: row 1 is missing"),
        ("DELETE FROM events WHERE number IN (2, 3)", "row 4 of the trail follows row 1: rows 2 to 3 are missing"),
    ],
)
def test_a_change_behind_its_back_is_told(
    trail: Callable[[], Trail], outside: Callable[..., None], url: str | None, change: str, told: str
) -> None:
    """Who takes the guards away and changes or removes a row breaks the chain of hashes."""
    for number in range(1, 5):
        add(trail(), number)
    outside(*unguarded(url), change)
    with pytest.raises(InputError, match=told):
        trail().events()


def test_a_swapped_order_is_told(trail: Callable[[], Trail], outside: Callable[..., None], url: str | None) -> None:
    """Two events that change places carry hashes of other numbers."""
    for number in range(1, 4):
        add(trail(), number)
    move = "UPDATE events SET number = {1} WHERE number = {0}"
    outside(*unguarded(url), *(move.format(*places) for places in ((1, 9), (2, 1), (9, 2))))
    with pytest.raises(InputError, match="row 1 of the trail was changed"):
        trail().events()


def test_nothing_follows_a_changed_row(
    trail: Callable[[], Trail], outside: Callable[..., None], url: str | None
) -> None:
    """Saving behind a row that was changed is loud, so that the trail does not go on as if nothing were."""
    add(trail(), 1)
    outside(*unguarded(url), "UPDATE events SET reader = 'Eve'")
    with pytest.raises(InputError, match="nothing can follow it"):
        add(trail(), 2)


def test_an_open_trail_sees_what_others_add_and_what_goes(
    trail: Callable[[], Trail], outside: Callable[..., None], url: str | None
) -> None:
    """A window that stays open reads on from where it was; when its last row is gone it looks at everything again."""
    ours = trail()
    add(ours, 1)
    assert len(ours.events()) == 1
    add(trail(), 2)
    add(trail(), 3)
    assert [event.number for event in ours.events()] == [1, 2, 3]
    outside(*unguarded(url), "DELETE FROM events WHERE number = 3", "UPDATE events SET reader = 'E' WHERE number = 1")
    with pytest.raises(InputError, match="row 1 of the trail was changed"):
        ours.events()


def test_the_past_stays_as_it_was(trail: Callable[[], Trail]) -> None:
    """What counted at an event still does when others have added more; nothing can be added to it."""
    now = trail()
    for number in range(1, 4):
        add(now, number)
    past = now.until(2)
    add(now, 4)
    assert [event.number for event in past.events()] == [1, 2]
    assert past.head() == now.events()[1]
    assert (now.until(0).events(), now.until(0).head()) == ((), None)
    assert [event.number for event in now.until(99).events()] == [1, 2, 3, 4]
    with pytest.raises(ValueError, match="past"):
        add(past, 5)
    assert len(now.events()) == 4


WRITER = """
import sys
from pathlib import Path
from reepi.store.trail import Trail
trail = Trail(Path(sys.argv[1]), sys.argv[2] or None)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[4])):
    for _ in range(2):
        trail.append("points", f"photos/{number}.png", sys.argv[3], {"said": number}, f"{sys.argv[3]}-{number}")
"""


def test_processes_at_once_lose_nothing_and_double_nothing(
    tmp_path: Path, trail: Callable[[], Trail], url: str | None
) -> None:
    """Three processes start at one word, before there is a table, and send 25 events each, every one of them twice."""
    command = [sys.executable, "-c", WRITER, str(tmp_path), url or ""]
    writers = [
        subprocess.Popen([*command, reader, "25"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for reader in ("Ada", "Ben", "Cem")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    events = trail().events()
    assert [event.number for event in events] == list(range(1, 76))
    assert {(event.reader, event.content["said"]) for event in events} == {
        (reader, number) for reader in ("Ada", "Ben", "Cem") for number in range(25)
    }
    # They did write at once: each reader's events are not one block.
    assert len({event.reader for event in events[:60]}) > 1


ENDLESS = """
import itertools, sys
from pathlib import Path
from reepi.store.trail import Trail
trail = Trail(Path(sys.argv[1]), sys.argv[2] or None)
for number in itertools.count():
    trail.append("points", "photos/a.png", "Ada", {"said": number})
    print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_was_saved(
    tmp_path: Path, trail: Callable[[], Trail], url: str | None
) -> None:
    """Whatever it was told to be saved is there, the trail holds, and others go on."""
    command = [sys.executable, "-c", ENDLESS, str(tmp_path), url or ""]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    for _ in range(20):
        writer.stdout.readline()
    writer.kill()
    rest = writer.stdout.read().split("\n")
    writer.wait(timeout=30)
    # A line that was cut off by the kill has no end.
    last = max([19, *map(int, filter(None, rest[:-1]))])
    said = [event.content["said"] for event in trail().events()]
    assert said == list(range(len(said)))
    assert len(said) > last
    add(trail(), 1)
    assert len(trail().events()) == len(said) + 1


def test_threads_at_once_lose_nothing(trail: Callable[[], Trail]) -> None:
    """Six readers save at the same moment, before there is a table."""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: add(trail(), number, f"R{number}"), range(6)))
    assert {event.reader for event in trail().events()} == {f"R{number}" for number in range(6)}


@pytest.mark.parametrize(
    ("table", "fill"),
    [("readings", "INSERT INTO readings VALUES (1)"), ("reader_points", "INSERT INTO reader_points VALUES (1)")],
)
def test_a_data_base_from_before_the_trail_is_refused(
    tmp_path: Path, outside: Callable[..., None], url: str | None, table: str, fill: str
) -> None:
    """What lies in tables of versions never released is named, not passed over; empty tables do no harm."""
    (tmp_path / "readings").mkdir()
    outside(f"CREATE TABLE {table} (number INTEGER)")
    assert Trail(tmp_path, url).events() == ()
    outside(fill)
    for use in (lambda: Trail(tmp_path, url).events(), lambda: add(Trail(tmp_path, url), 1)):
        with pytest.raises(InputError, match=f"its table {table} was written before"):
            use()


def test_two_studies_cannot_share_a_data_base(study_folder: Callable[..., Path], postgres_url: str) -> None:
    """A URL left in the environment from another study is told before anything is mixed."""
    folder = study_folder()
    add(Trail(folder, postgres_url), 1)
    settings = (folder / "study.toml").read_text()
    (folder / "study.toml").write_text(settings.replace("Two patients", "Another study"))
    for use in (lambda: Trail(folder, postgres_url).events(), lambda: add(Trail(folder, postgres_url), 2)):
        with pytest.raises(InputError, match="it holds the trail of another study"):
            use()
    (folder / "study.toml").write_text(settings)
    assert len(Trail(folder, postgres_url).events()) == 1


def test_readers_need_only_look_and_add(tmp_path: Path, postgres_url: str) -> None:
    """A role that may neither change rows nor tables saves and reads; it cannot take the guards away."""
    add(Trail(tmp_path, postgres_url), 1)
    engine = open_database(postgres_url)
    role = f"reader_{uuid4().hex}"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        connection.exec_driver_sql(f"GRANT SELECT, INSERT ON events TO {role}")
    engine.dispose()
    theirs = postgres_url.replace("//reepi@", f"//{role}@")
    add(Trail(tmp_path, theirs), 2)
    assert len(Trail(tmp_path, theirs).events()) == 2
    assert Trail(tmp_path, theirs).missing_guards() == ()
    engine = open_database(theirs)
    for forbidden in ("DROP TRIGGER events_no_update ON events", "UPDATE events SET reader = 'Eve'"):
        with engine.connect() as connection, pytest.raises(DatabaseError, match=r"must be owner|permission denied"):
            connection.exec_driver_sql(forbidden)
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["postgresql://reader:secret@127.0.0.1:1/study", "nosuch://x", "no url at all", "sqlite:////nowhere/at.all"]
)
def test_a_data_base_that_cannot_be_reached_is_told(tmp_path: Path, url: str) -> None:
    """No traceback, and no password."""
    with pytest.raises(InputError, match="cannot be used") as told:
        add(Trail(tmp_path, url), 1)
    assert "secret" not in str(told.value)


def test_passwords_are_not_shown() -> None:
    """Neither before the host nor among the options; what holds none stays."""
    assert shown_url("postgresql://ada:p@ss:w@host/db") == "postgresql://ada:***@host/db"
    assert shown_url("postgresql://host/db?user=a&password=x&sslmode=require").endswith(
        "?user=a&password=***&sslmode=require"
    )
    for harmless in ("postgresql://ada@host/db", "reepi score study --out a:b@c", "sqlite:////tmp/x"):
        assert shown_url(harmless) == harmless


def test_an_unknown_kind_or_reader_is_refused(tmp_path: Path) -> None:
    """Nothing is created by a call that is wrong."""
    for kind, reader in (("opinion", "Ada"), ("points", " ")):
        with pytest.raises(ValueError, match=r"no kind of event|no reader's name"):
            Trail(tmp_path).append(kind, "photos/1.png", reader, {})  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@given(st.dictionaries(st.text(max_size=5), PLAIN, max_size=4))
def test_canonical_text_is_one_for_all_orders(content: dict[str, object]) -> None:
    """However a mapping was filled, its text is the same, and gives the values back."""
    turned = dict(reversed(content.items()))
    assert canonical_json(turned) == canonical_json(content)
    assert json.loads(canonical_json(content)) == content


@given(st.integers(0, 7), st.text(min_size=1))
def test_every_part_of_an_event_moves_its_hash(place: int, other: str) -> None:
    """Number, identifier, kind, subject, reader, content, time and the event before all count."""
    parts: list[object] = [1, "id", "points", "a.png", "Ada", "{}", "2024", FIRST]
    changed = [2 if index == 0 else f"{part}{other}" if index == place else part for index, part in enumerate(parts)]
    changed[0] = 2 if place == 0 else 1
    assert event_hash(*changed) != event_hash(*parts)  # type: ignore[arg-type]
    assert len(event_hash(*parts)) == 64  # type: ignore[arg-type]


@given(st.from_regex(r"\w[\w.@+ -]{0,20}\w", fullmatch=True), st.dates())
def test_a_visit_comes_back_from_its_name(patient: str, day: object) -> None:
    """Patients may have spaces in their identifiers."""
    assert subject_visit(visit_subject(patient, day)) == (patient, day)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["whose skin?", "My%20study", "a#b", "50 % off"])
def test_the_data_base_lies_in_its_study(tmp_path: Path, name: str) -> None:
    """Whatever a folder is called, what is said of its photographs is kept in it, and in no other."""
    study = tmp_path / name
    study.mkdir()
    add(Trail(study), 1)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert len(Trail(study).events()) == 1
