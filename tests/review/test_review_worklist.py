"""The worklist: its order, what it does not tell, and photographs that come a second time without being told."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reepi.core.reading import NewReading, Reading
from reepi.core.results import PhotoRow
from reepi.core.study import Patient, PhotoEntry, Protocol, ReadingProtocol, Study
from reepi.core.tissue import Tissue
from reepi.review.worklist import UNOPENED, UNREAD, Task, grown, next_unread, worklist
from reepi.store.readings import ReadingStore
from reepi.store.said import said_of
from reepi.store.trail import Trail

DAY_ZERO = date(2024, 3, 5)
VIEWS = ("trunk_anterior", "arm_left_anterior", "whole_posterior")
PATIENTS = (Patient("P2", "F", 40, 165, 62, None, DAY_ZERO), Patient("P1", "M", 67, 178, 80, None, None))

OPEN = ReadingProtocol()
NO_DAY = ReadingProtocol(blind_to_day=True)
NO_PATIENT = ReadingProtocol(blind_to_patient=True)
BLIND = ReadingProtocol(blind_to_day=True, blind_to_patient=True)


def entry(number: int) -> PhotoEntry:
    """Return one of many photographs: two patients, three views, a day later every six."""
    taken = datetime(2024, 3, 5, 9, 30) + timedelta(days=number // 6)
    return PhotoEntry(f"photos/{number:03d}.jpg", PATIENTS[number % 2].patient_id, taken, VIEWS[number // 2 % 3])


def study(reading: ReadingProtocol = OPEN, n: int = 24, name: str = "Study") -> Study:
    return Study(name, "infusion", (0,), Protocol(), PATIENTS, tuple(map(entry, range(n))), reading)


def read(task: Task, number: int = 1, reader: str = "Ada", state: str = "accepted") -> Reading:
    moment = datetime(2024, 4, 1, tzinfo=UTC)
    first = Reading(number, task.entry.file, "", reader, "accepted", "", "m.png", "0", "", "", moment)
    return replace(first, state=state, occasion=task.occasion)


def titles(tasks: tuple[Task, ...]) -> list[str]:
    return [task.title for task in tasks]


def files(tasks: tuple[Task, ...]) -> list[str]:
    return [task.entry.file for task in tasks]


def all_read(of: Study, reader: str = "Ada") -> list[Reading]:
    return [read(task, at, reader) for at, task in enumerate(worklist(of, reader, ()), start=1)]


def test_by_patient_day_and_view() -> None:
    """Whatever the order of ``photos.csv``; a patient without day zero has dates."""
    told = worklist(study(n=12), "Ada", ())
    assert titles(told)[:4] == [
        "P1, 2024-03-05, arm left anterior",
        "P1, 2024-03-05, trunk anterior",
        "P1, 2024-03-05, whole posterior",
        "P1, 2024-03-06, arm left anterior",
    ]
    assert titles(told)[6:8] == ["P2, day 0, arm left anterior", "P2, day 0, trunk anterior"]
    turned = replace(study(n=12), photos=study(n=12).photos[::-1])
    assert worklist(turned, "Ada", ()) == told


@pytest.mark.parametrize("reading", [OPEN, NO_DAY, NO_PATIENT, BLIND])
def test_everything_comes_once(reading: ReadingProtocol) -> None:
    """And as unread, the first time."""
    told = worklist(study(reading), "Ada", ())
    assert Counter(files(told)) == Counter(files(worklist(study(), "Ada", ())))
    assert {(task.state, task.occasion) for task in told} == {(UNREAD, 1)}


@given(moved=st.permutations(range(24)), reader=st.sampled_from(["Ada", "Ben"]))
def test_a_hidden_day_changes_nothing(moved: list[int], reader: str) -> None:
    """Other days give the same order and the same titles, so neither tells the day."""
    plain = study(NO_DAY)
    days = [plain.photos[at].taken_at for at in moved]
    other = replace(plain, photos=tuple(replace(e, taken_at=day) for e, day in zip(plain.photos, days, strict=True)))
    there, here = worklist(other, reader, ()), worklist(plain, reader, ())
    assert (files(there), titles(there)) == (files(here), titles(here))


@given(moved=st.permutations(range(24)), reading=st.sampled_from([NO_PATIENT, BLIND]))
def test_a_hidden_patient_changes_nothing(moved: list[int], reading: ReadingProtocol) -> None:
    """Nor do other patients and days: the title is a number and the view."""
    plain = study(reading)
    swapped = [
        replace(e, patient_id=plain.photos[at].patient_id, taken_at=plain.photos[at].taken_at)
        for e, at in zip(plain.photos, moved, strict=True)
    ]
    there, here = worklist(replace(plain, photos=tuple(swapped)), "Ada", ()), worklist(plain, "Ada", ())
    assert (files(there), titles(there)) == (files(here), titles(here))
    assert titles(here)[0] == f"photograph 1, {here[0].entry.view_name.replace('_', ' ')}"
    assert not any(word in title for title in titles(here) for word in ("P1", "P2", "day", "2024"))


def test_a_hidden_day_keeps_patients_together() -> None:
    """The patient is told and comes as one block; the day is neither told nor followed."""
    told = worklist(study(NO_DAY), "Ada", ())
    assert [task.entry.patient_id for task in told] == ["P1"] * 12 + ["P2"] * 12
    assert not any("day" in title or "2024" in title for title in titles(told))
    days = [task.entry.taken_at for task in told[:12]]
    assert days != sorted(days)


@pytest.mark.parametrize("reading", [NO_DAY, NO_PATIENT, BLIND])
def test_every_reader_has_an_order_of_their_own(reading: ReadingProtocol) -> None:
    """It stays the same, whatever the order of ``photos.csv``; another study has another."""
    ada = files(worklist(study(reading), "Ada", ()))
    assert ada == files(worklist(study(reading), "Ada", ()))
    assert ada == files(worklist(replace(study(reading), photos=study(reading).photos[::-1]), "Ada", ()))
    assert ada != files(worklist(study(reading), "Ben", ()))
    assert ada != files(worklist(study(reading, name="Another"), "Ada", ()))


def test_the_order_drawn_is_this_one() -> None:
    """From SHA-256 of study, reader and file, so it is the same on every machine and in every version."""
    import hashlib

    lots = {f: hashlib.sha256(f"Study\0Ada\0{f}".encode()).hexdigest() for f in (e.file for e in study().photos)}
    assert files(worklist(study(NO_PATIENT), "Ada", ())) == sorted(lots, key=lots.__getitem__)


def test_states_are_the_readers_own() -> None:
    """The newest counts; nobody else's is told."""
    first, second, *_ = worklist(study(), "Ada", ())
    said = [read(first), read(second, 2, "Ben"), read(first, 3, state="rejected")]
    told = worklist(study(), "Ada", said)
    assert [task.state for task in told[:3]] == ["rejected", UNREAD, UNREAD]
    assert told[0].is_read


def test_scoring_is_told() -> None:
    """With the doubt; a photograph that was not scored has neither."""
    first, second, *_ = worklist(study(), "Ada", ())
    rows = [PhotoRow(first.entry.file, "rejected", "blurred: Too blurred.", 7.0, 1.0)]
    told = worklist(study(), "Ada", (), rows, {first.entry.file: 3.0, second.entry.file: 9.0})
    task = told[0]
    assert (task.status, task.reasons, task.residual_mm, task.doubt_percent) == (
        "rejected",
        "blurred: Too blurred.",
        7.0,
        3.0,
    )
    assert (told[1].status, told[1].doubt_percent) == ("", None)


def test_what_others_said_is_not_told_by_scoring() -> None:
    """A study scored in between says in ``photos.csv`` who rejected what and why: that is for nobody's worklist."""
    first, second, *_ = worklist(study(), "Ben", ())
    rows = [
        PhotoRow(first.entry.file, "rejected", "rejected_by_reader: Ada rejected it: blurred", 7.0, 1.0, "reading"),
        PhotoRow(second.entry.file, "rejected", "registration_refused: Ada refused its place: arm", 7.0, 1.0),
    ]
    told = worklist(study(), "Ben", (), rows)
    assert [(task.status, task.reasons) for task in told[:2]] == [("scored", ""), ("rejected", "registration_refused")]
    assert not any("Ada" in repr(task) for task in told)


@pytest.mark.parametrize(("percent", "n", "wanted"), [(0, 24, 0), (10, 24, 3), (100, 24, 24), (0.1, 3, 1), (7, 100, 7)])
def test_so_many_come_again(percent: float, n: int, wanted: int) -> None:
    """The share of the protocol, rounded up, each once and only after everything was read."""
    protocol = ReadingProtocol(blind_to_patient=True, repeats_percent=percent)
    said = all_read(study(protocol, n))
    assert len(worklist(study(protocol, n), "Ada", said[:-1])) == n
    told = worklist(study(protocol, n), "Ada", said)
    again = told[n:]
    assert len(again) == wanted
    assert {task.occasion for task in again} <= {2}
    assert all(task.is_read for task in told[:n])
    assert not any(task.is_read for task in again)
    assert len(set(files(again))) == wanted


def test_a_repeat_looks_like_any_other() -> None:
    """Its number goes on where the others ended; all else is as the first time, but for having been read."""
    protocol = ReadingProtocol(blind_to_patient=True, repeats_percent=25)
    said = all_read(study(protocol))
    rows = [PhotoRow(e.file, "scored", "", 4.0, 1.0) for e in study().photos]
    told = worklist(study(protocol), "Ada", said, rows)
    assert [title.split(",")[0] for title in titles(told)] == [f"photograph {n}" for n in range(1, 31)]
    of_first = {task.entry.file: task for task in told[:24]}
    for task in told[24:]:
        first = of_first[task.entry.file]
        assert task == replace(first, occasion=2, state=UNREAD, title=task.title)
        assert task.title.split(", ")[1] == first.title.split(", ")[1]


def test_with_the_patient_told_a_repeat_has_the_same_title() -> None:
    """There is no number that could betray it, and none that could hide it."""
    protocol = ReadingProtocol(blind_to_day=True, repeats_percent=10)
    told = worklist(study(protocol), "Ada", all_read(study(protocol)))
    assert len(told) == 27
    assert all(task.title in titles(told[:24]) for task in told[24:])


def test_what_cannot_be_opened_is_neither_read_nor_to_be_read() -> None:
    """The rest can be finished without it, and none of the repeats is of it; what was read before stays read."""
    protocol = ReadingProtocol(repeats_percent=100)
    first, *others = worklist(study(protocol, 6), "Ada", ())
    lost = {first.entry.file, others[0].entry.file}
    told = worklist(study(protocol, 6), "Ada", [read(task) for task in others], unopened=lost)
    assert [task.state for task in told[:3]] == [UNOPENED, "accepted", "accepted"]
    assert (told[0].is_read, told[0].waits) == (False, False)
    assert {task.entry.file for task in told[6:]} == {task.entry.file for task in others}
    assert {task.entry.file for task in told[6:] if not task.waits} == {others[0].entry.file}


def test_a_repeat_has_a_state_of_its_own() -> None:
    """Reading it again is told; the first reading stays, and readers repeat different photographs."""
    protocol = ReadingProtocol(blind_to_day=True, repeats_percent=25)
    said = all_read(study(protocol))
    repeat = worklist(study(protocol), "Ada", said)[24]
    told = worklist(study(protocol), "Ada", [*said, read(repeat, 99, state="corrected")])
    assert [task.state for task in told[24:26]] == ["corrected", UNREAD]
    assert {task.state for task in told[:24]} == {"accepted"}
    ben = worklist(study(protocol), "Ben", all_read(study(protocol), "Ben"))
    assert set(files(ben[24:])) != set(files(told[24:]))


@given(n=st.integers(0, 60), percent=st.floats(0, 100))
def test_repeats_are_never_fewer_than_wanted_nor_one_too_many(n: int, percent: float) -> None:
    """The smallest whole number that is the share or more."""
    protocol = ReadingProtocol(repeats_percent=percent)
    again = len(worklist(study(protocol, n), "Ada", all_read(study(protocol, n)))) - n
    assert again - 1 < percent / 100 * n + 1e-5
    assert again >= percent / 100 * n - 1e-5


@given(states=st.lists(st.booleans(), max_size=12), after=st.integers(-1, 12))
def test_next_unread_is_the_nearest_behind(states: list[bool], after: int) -> None:
    """From the start again after the end; itself last; none only where all are read."""
    after = min(after, len(states) - 1)
    tasks = [Task(entry(0), 1, "", "accepted" if is_read else UNREAD) for is_read in states]
    found = next_unread(tasks, after)
    if found is None:
        assert all(states)
        return
    assert not states[found]
    steps = (found - after - 1) % len(states)
    assert all(states[(after + 1 + step) % len(states)] for step in range(steps))


def test_a_hidden_repeat_never_counts(tmp_path: Path) -> None:
    """Neither instead of the first reading, nor where it would be the only one."""
    (tmp_path / "photos").mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (96, 64)).save(tmp_path / "photos" / f"{name}.png")
    store = ReadingStore(tmp_path)
    new = NewReading("photos/a.png", "Ada", "corrected")
    first = store.save(new, np.full((64, 96), Tissue.INTACT, np.uint8))
    alone = said_of(tmp_path, Trail(tmp_path)).counting
    detached = np.full((64, 96), Tissue.DETACHED, np.uint8)
    repeat = store.save(replace(new, occasion=2), detached)
    store.save(replace(new, photograph="photos/b.png", occasion=2), detached)
    told = said_of(tmp_path, Trail(tmp_path))
    assert told.counting == alone
    assert told.counting["photos/a.png"].readings == (first,)
    assert repeat.sha256 not in str(told.record)
    assert said_of(tmp_path, Trail(tmp_path), "Ada").counting == alone
    assert {each.photograph for each in store.repeats()} == {"photos/a.png", "photos/b.png"}


def test_a_list_only_grows() -> None:
    """Whoever is at a place of it stays there: what came is last, and what is no longer asked for keeps its state."""
    a, b, c, d = (Task(entry(number), 1, name) for number, name in enumerate("abcd"))
    told = grown([a, replace(b, state=UNOPENED), c], [d, replace(c, state="accepted"), a])
    assert [(task.title, task.state) for task in told] == [
        ("a", UNREAD),
        ("b", UNOPENED),
        ("c", "accepted"),
        ("d", UNREAD),
    ]
