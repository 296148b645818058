"""Readers' points are added, never changed, and go out to a table and back as they were."""

import csv
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DatabaseError

from reepi.core.errors import InputError, PhotographRejected
from reepi.core.reader_points import NewPoints, ReaderPoint, points_hash, points_to_text, text_to_points
from reepi.core.reading import NewReading
from reepi.store.point_tables import COLUMNS, import_points, read_points, write_points
from reepi.store.reader_points import PointStore, unchanged_points
from reepi.store.reading_database import DATABASE
from reepi.store.readings import ReadingStore

CHEST = ReaderPoint(0.5, 0.25, 7, (0.1, 0.2, 0.7))
KNEE = ReaderPoint(1 / 3, 0.9, 4000, (1.0, 0.0, 0.0))
ADA = NewPoints("photos/a.png", "Ada", (CHEST, KNEE))


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder with two photographs."""
    (tmp_path / "photos").mkdir()
    for name, grey in (("a.png", 90), ("b.png", 91)):
        Image.fromarray(np.full((64, 96, 3), grey, np.uint8)).save(tmp_path / "photos" / name)
    return tmp_path


def outside(study: Path, *commands: str) -> None:
    """Do to the data base what only another program would."""
    with create_engine(f"sqlite:///{study / DATABASE}").begin() as connection:
        for command in commands:
            connection.execute(text(command))


@pytest.mark.parametrize(
    ("x", "y", "face", "corners"),
    [
        (-0.1, 0.5, 0, (1, 0, 0)),
        (0.5, 1.1, 0, (1, 0, 0)),
        (float("nan"), 0.5, 0, (1, 0, 0)),
        (0.5, 0.5, -1, (1, 0, 0)),
        (0.5, 0.5, 0, (0.5, 0.6, 0)),
        (0.5, 0.5, 0, (1.5, -0.5, 0)),
        (0.5, 0.5, 0, (float("nan"), 0.5, 0.5)),
    ],
)
def test_no_point_lies_nowhere(x: float, y: float, face: int, corners: tuple[float, float, float]) -> None:
    """Outside the photograph, on no face or outside its face, a point cannot be made."""
    with pytest.raises(ValueError, match=r"outside the photograph|no face|no weights"):
        ReaderPoint(x, y, face, corners)


@given(x=st.floats(0, 1), y=st.floats(0, 1), face=st.integers(0, 10**6), share=st.floats(0, 1))
def test_points_survive_as_text(x: float, y: float, face: int, share: float) -> None:
    """Every bit of every number comes back."""
    points = (ReaderPoint(x, y, face, (share, 1 - share, 0.0)), CHEST)
    assert text_to_points(points_to_text(points)) == points


def test_what_is_saved_comes_back(study: Path) -> None:
    """A new store on the same folder gives the same points, with the hash of the photograph."""
    saved = PointStore(study).save(ADA)
    assert PointStore(study).newest() == (saved,)
    assert saved.points == (CHEST, KNEE)
    assert saved.photograph_sha256 == hashlib.sha256((study / "photos" / "a.png").read_bytes()).hexdigest()
    assert saved.points_sha256 == hashlib.sha256(points_to_text(ADA.points).encode()).hexdigest()


def test_the_newest_of_each_reader_count_together_and_all_are_kept(study: Path) -> None:
    """Ada, then Ben, then Ada again; who takes points back leaves those of the other."""
    store = PointStore(study)
    store.save(ADA)
    store.save(replace(ADA, reader="Ben", points=(KNEE,)))
    both = store.counting()["photos/a.png"]
    assert (both.reader, both.points) == ("Ada and Ben", (*ADA.points, KNEE))
    assert both.points_sha256 == points_hash(both.points)
    store.save(replace(ADA, points=(CHEST,)))
    assert store.counting()["photos/a.png"].points == (KNEE, CHEST)
    store.save(replace(ADA, points=()))
    assert store.counting()["photos/a.png"].points == (KNEE,)
    assert [len(saved.points) for saved in store.history()] == [2, 1, 1, 0]


def test_points_on_another_version_of_the_photograph_no_longer_count(study: Path) -> None:
    """Ben placed his on the file as it is now; what Ada saw may lie elsewhere in it."""
    store, path = PointStore(study), study / "photos" / "a.png"
    store.save(ADA)
    path.write_bytes(path.read_bytes() + b"more")
    store.save(replace(ADA, reader="Ben", points=(KNEE,), photograph_sha256=""))
    assert store.counting()["photos/a.png"].points == (KNEE,)


def test_looking_creates_nothing(study: Path) -> None:
    """A study without points stays as it is."""
    assert PointStore(study).counting() == {}
    assert not (study / "readings").exists()


def test_points_lie_beside_readings(study: Path) -> None:
    """Both are kept in one trail, and neither store gives what the other saved."""
    ReadingStore(study).save(NewReading("photos/a.png", "Ada", "rejected", "blurred"), None)
    PointStore(study).save(ADA)
    assert ([each.number for each in ReadingStore(study).newest()], PointStore(study).newest()[0].number) == ([1], 2)


@pytest.mark.parametrize("change", ["UPDATE events SET reader = 'Ben'", "DELETE FROM events"])
def test_the_data_base_refuses_to_change_a_row(study: Path, change: str) -> None:
    """Rows are only added, even from outside this program."""
    PointStore(study).save(ADA)
    with pytest.raises(DatabaseError, match="only added"):
        outside(study, change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET reader = 'Eve' WHERE number = 2",
        "UPDATE events SET content = '{}' WHERE number = 1",
        "DELETE FROM events WHERE number = 1",
        "DELETE FROM events WHERE number = 2",
    ],
)
def test_a_row_changed_behind_its_back_is_told(study: Path, change: str) -> None:
    """Who takes the guards away and changes or removes a row breaks the chain of hashes."""
    for reader in ("Ada", "Ben", "Cem"):
        PointStore(study).save(replace(ADA, reader=reader))
    guards = [f"DROP TRIGGER events_no_{action}" for action in ("update", "delete")]
    outside(study, *guards, change)
    with pytest.raises(InputError, match=r"readings\.sqlite: row \d of the trail"):
        PointStore(study).newest()


def test_readers_at_once_lose_nothing(study: Path) -> None:
    """Six readers save at the same moment; the chain holds."""
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: PointStore(study).save(replace(ADA, reader=f"R{n}")), range(6)))
    assert {saved.reader for saved in PointStore(study).newest()} == {f"R{n}" for n in range(6)}


def test_points_need_their_photograph(study: Path) -> None:
    """Missing, outside the study or changed while it was looked at: told, and nothing saved."""
    store = PointStore(study)
    for new, problem in (
        (replace(ADA, photograph="photos/none.png"), "none.png"),
        (replace(ADA, photograph="../a.png"), "leaves the study folder"),
        (replace(ADA, photograph_sha256="f" * 64), "changed while it was read"),
    ):
        with pytest.raises(InputError, match=problem):
            store.save(new)
    assert store.history() == ()


def test_a_damaged_data_base_is_told(study: Path) -> None:
    """No traceback: the file is named."""
    (study / "readings").mkdir()
    (study / DATABASE).write_bytes(b"no data base at all, but long enough to be looked at" * 20)
    with pytest.raises(InputError, match=r"readings\.sqlite"):
        PointStore(study).counting()


def test_points_of_a_changed_photograph_are_not_used(study: Path) -> None:
    """They may lie elsewhere on the new one: the photograph is rejected until they are placed again."""
    PointStore(study).save(ADA)
    counting = PointStore(study).counting()
    assert unchanged_points(study, counting, "photos/a.png") == ADA.points
    assert unchanged_points(study, counting, "photos/b.png") == ()
    (study / "photos" / "a.png").write_bytes((study / "photos" / "b.png").read_bytes())
    with pytest.raises(PhotographRejected, match=r"points_outdated: .* since Ada placed points"):
        unchanged_points(study, counting, "photos/a.png")


def test_a_table_gives_the_same_points(study: Path, tmp_path: Path) -> None:
    """Out of one store, into another: the same points, readers and hashes; names that look like formulas survive."""
    store = PointStore(study)
    store.save(ADA)
    store.save(replace(ADA, reader="=Ben", points=(KNEE,)))
    table = tmp_path / "points.csv"
    write_points(table, store.newest())
    with table.open(newline="") as file:
        assert tuple(next(csv.reader(file))) == COLUMNS
    before = [(saved.photograph, saved.reader, saved.points, saved.photograph_sha256) for saved in store.newest()]
    other = PointStore(study, f"sqlite:///{tmp_path / 'other.sqlite'}")
    after = [
        (saved.photograph, saved.reader, saved.points, saved.photograph_sha256) for saved in import_points(other, table)
    ]
    assert after == before


GOOD = "photos/a.png,Ada,0.5,0.5,3,1,0,0\n"
HEADER = ",".join(COLUMNS[:-1]) + "\n"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("photos/c.png,Ada,0.5,0.5,3,1,0,0\n", "no photograph 'photos/c.png'"),
        ("photos/a.png,Ada,1.5,0.5,3,1,0,0\n", "outside the photograph"),
        ("photos/a.png,Ada,here,0.5,3,1,0,0\n", "x 'here' cannot be read"),
        ("photos/a.png,Ada,0.5,0.5,3.5,1,0,0\n", "no whole number"),
        ("photos/a.png,Ada,0.5,0.5,3,1,1,0\n", "no weights of three corners"),
        ("photos/a.png,,0.5,0.5,3,1,0,0\n", "reader is empty"),
        (f"photos/a.png,{'A' * 65},0.5,0.5,3,1,0,0\n", "no reader's name"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_saved(study: Path, tmp_path: Path, line: str, problem: str) -> None:
    """File, line, problem; the good line above it is not saved either."""
    table = tmp_path / "points.csv"
    table.write_text(HEADER + GOOD + line)
    with pytest.raises(InputError, match=problem) as told:
        import_points(PointStore(study), table, ["photos/a.png", "photos/b.png"])
    assert {(fault.where, fault.line) for fault in told.value.faults} == {("points.csv", 3)}
    assert PointStore(study).history() == ()


def test_all_wrong_lines_are_told_at_once(tmp_path: Path) -> None:
    """Two wrong lines, two faults; a missing column is one of the whole table."""
    table = tmp_path / "points.csv"
    table.write_text(HEADER + GOOD.replace("0.5", "2") + GOOD + GOOD.replace("Ada", ""))
    with pytest.raises(InputError) as told:
        read_points(table)
    assert [fault.line for fault in told.value.faults] == [2, 4]
    table.write_text("file,reader\nphotos/a.png,Ada\n")
    with pytest.raises(InputError, match="the column face is missing"):
        read_points(table)


def test_one_photograph_has_one_hash(tmp_path: Path) -> None:
    """Lines of one reader that speak of two states of a photograph are not mixed."""
    table = tmp_path / "points.csv"
    first, second = (GOOD.rstrip() + f",{letter * 64}\n" for letter in "ab")
    table.write_text(",".join(COLUMNS) + "\n" + first + second)
    with pytest.raises(InputError, match="line 3: the photograph has another hash"):
        read_points(table)


def test_a_reader_typed_in_two_ways_has_one_set_of_points(tmp_path: Path) -> None:
    """Two sets of one reader would be saved one over the other."""
    table = tmp_path / "points.csv"
    table.write_text(
        HEADER + "a.jpg,Zo\u00eb,0.1,0.2,7,1,0,0\n" + "a.jpg,Zoe\u0308,0.3,0.4,8,1,0,0\n", encoding="utf-8"
    )
    (new,) = read_points(table)
    assert (new.reader, len(new.points)) == ("Zo\u00eb", 2)
