"""Steps of unsaved work outlive a killed process, one window at a time, undone and done again in one order."""

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.errors import InputError
from reepi.core.tissue import Tissue
from reepi.review.drafts import Draft, Drafts, Step
from reepi.review.edits import retissued, stroke
from reepi.review.history import Change, History
from reepi.review.patches import Patch

PUSHER = """
import sys
from pathlib import Path
from reepi.review.drafts import Drafts
draft = Drafts(Path(sys.argv[1])).draft("a.jpg")
for number in range(1_000_000):
    draft.push("points", b"", str(number).encode())
    print(number, flush=True)
"""


def test_a_killed_process_loses_no_step_that_was_pushed(tmp_path: Path) -> None:
    """A process pushes without end and is killed in the middle: what it said is pushed, is there."""
    path = tmp_path / "deep" / "ada.sqlite"
    process = subprocess.Popen([sys.executable, "-c", PUSHER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(60):
        last = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    last = int(([last, *process.stdout.read().split()])[-1])
    process.wait()
    with Drafts(path) as drafts:
        kept = [int(step.redo) for step in drafts.draft("a.jpg").steps()]
    assert kept[: last + 1] == list(range(last + 1))
    assert len(kept) <= last + 2


def test_a_second_window_is_told_so(tmp_path: Path) -> None:
    """While one is open another process gets a clear fault; when the first is killed, it can go on."""
    path = tmp_path / "ada.sqlite"
    with subprocess.Popen([sys.executable, "-c", PUSHER, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(InputError, match=r"another window .* close that window"):
            Drafts(path)
        process.kill()
    with Drafts(path) as drafts:
        assert drafts.items() == ("a.jpg",)
        with pytest.raises(InputError, match="another window"):
            Drafts(path)
    Drafts(path).close()


@given(st.lists(st.sampled_from(["push", "undo", "redo", "clear", "reopen"]), max_size=25))
def test_steps_behave_like_a_list_with_a_place_in_it(tmp_path_factory: pytest.TempPathFactory, acts: list[str]) -> None:
    """Against a plain list: any order of pushing, undoing, redoing, clearing and opening again."""
    path = tmp_path_factory.mktemp("drafts") / "ada.sqlite"
    steps: list[Step] = []
    done = 0
    drafts = Drafts(path)
    other = drafts.draft("b.jpg")
    other.push("chart", b"1", b"2")
    for number, act in enumerate(acts):
        draft, step = drafts.draft("a.jpg"), Step("points", b"%d" % number, b"%d!" % number)
        if act == "push":
            draft.push(step.kind, step.undo, step.redo)
            steps[done:] = [step]
            done += 1
        elif act == "undo":
            assert draft.undo() == (steps[done - 1] if done else None)
            done = max(0, done - 1)
        elif act == "redo":
            assert draft.redo() == (steps[done] if done < len(steps) else None)
            done = min(len(steps), done + 1)
        elif act == "clear":
            draft.clear()
            steps, done = [], 0
        else:
            drafts.close()
            drafts = Drafts(path)
        assert drafts.draft("a.jpg").steps() == tuple(steps[:done])
        assert drafts.draft("a.jpg").undone() == tuple(steps[done:])
        assert drafts.items() == (("a.jpg",) if done else ()) + ("b.jpg",)
    assert drafts.draft("b.jpg").steps() == (Step("chart", b"1", b"2"),)
    drafts.close()


def test_a_stroke_is_kept_within_five_milliseconds(tmp_path: Path) -> None:
    """Pushing is part of the stroke; the middle one of many strokes counts, a shared machine has slow ones."""
    mask = np.full((3000, 4000), Tissue.INTACT, np.uint8)
    seconds = []
    with Drafts(tmp_path / "ada.sqlite") as drafts:
        history = History(drafts.draft("a.jpg"))
        for row in range(100, 2100, 50):
            patch = stroke(mask, [(row, 200), (row, 600)], 25, Tissue.DETACHED)
            begin = time.perf_counter()
            history.push_patch(patch)
            seconds.append(time.perf_counter() - begin)
    assert np.median(seconds) < 0.005


def test_a_step_that_cannot_be_written_is_loud_and_the_others_stay(tmp_path: Path) -> None:
    """The disk is full: a fault names the file, what was there is there."""
    with Drafts(tmp_path / "ada.sqlite") as drafts:
        draft = drafts.draft("a.jpg")
        draft.push("points", b"", b"1")
        (pages,) = drafts.ask("PRAGMA page_count")[0]
        drafts.ask(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(InputError, match=r"ada\.sqlite: unsaved work cannot be kept .*full"):
            draft.push("points", b"", bytes(100_000))
        assert draft.steps() == (Step("points", b"", b"1"),)


@pytest.mark.parametrize("content", [b"this is no data base, and long enough to be told from one" * 20])
def test_a_file_that_is_no_draft_is_refused(tmp_path: Path, content: bytes) -> None:
    """It is named, and left as it is."""
    path = tmp_path / "ada.sqlite"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"ada\.sqlite: unsaved work cannot be kept"):
        Drafts(path)
    assert path.read_bytes() == content


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """Tables that this version does not know are not written to."""
    path = tmp_path / "ada.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(InputError, match="newer reepi"):
        Drafts(path)


def history_of(draft: Draft) -> History:
    """Return the history of a mask called "proposal"."""
    return History(draft, "proposal")


def test_everything_is_undone_in_one_order_and_restored(tmp_path: Path) -> None:
    """Strokes, a chart and points; undone one by one, done again, and done again by a new window."""
    start = np.full((50, 60), Tissue.INTACT, np.uint8)
    mask = start.copy()
    with Drafts(tmp_path / "ada.sqlite") as drafts:
        history = history_of(drafts.draft("a.jpg"))
        first = stroke(mask, [(10, 10), (40, 40)], 5, Tissue.DETACHED)
        assert first is not None
        first.apply(mask)
        history.push_patch(first)
        history.push("chart", b"empty", b"painted")
        second = retissued(mask, (10, 10), Tissue.REEPITHELIALISED)
        assert second is not None
        second.apply(mask)
        history.push_patch(second)
        history.push("points", b"none", b"one")
        history.push_patch(None)
        history.push("points", b"one", b"one")
        assert history.undo() == Change("points", b"none")
        assert history.undo() == Change("mask", patch=second.inverse)
        assert history.undo() == Change("chart", b"empty")
        assert history.undo() == Change("mask", patch=first.inverse)
        assert history.undo() is None
        assert not history.unsaved
        for _ in range(3):
            history.redo()
    with Drafts(tmp_path / "ada.sqlite") as drafts:
        history = history_of(drafts.draft("a.jpg"))
        restored = start.copy()
        for step in history.steps():
            if step.kind == "mask":
                Patch.unpacked(step.redo).apply(restored)
        np.testing.assert_array_equal(restored, mask)
        assert [step.kind for step in history.steps()] == ["mask", "chart", "mask"]
        assert history.redo() == Change("points", b"one")
        assert history.redo() is None
        assert history.fits
        assert history.unsaved
        assert not History(drafts.draft("a.jpg"), "another reading").fits
        history.clear()
        assert History(drafts.draft("a.jpg"), "another reading").fits


def test_steps_on_two_bases_are_never_mixed(tmp_path: Path) -> None:
    """Work on a proposal goes on only on that proposal; once all of it is undone, on anything."""
    with Drafts(tmp_path / "ada.sqlite") as drafts:
        draft = drafts.draft("a.jpg")
        History(draft, "proposal").push("points", b"", b"1")
        with pytest.raises(ValueError, match="cleared first"):
            History(draft, "reading").push("points", b"1", b"2")
        draft.undo()
        History(draft, "reading").push("points", b"", b"3")
        assert draft.base == "reading"
        History(draft, "reading").push("points", b"3", b"4")
        assert [step.redo for step in draft.steps()] == [b"3", b"4"]


def test_a_damaged_step_is_told(tmp_path: Path) -> None:
    """Bytes that are no patch are not applied."""
    with Drafts(tmp_path / "ada.sqlite") as drafts:
        drafts.draft("a.jpg").push("mask", b"", b"RPP1 and nothing")
        with pytest.raises(InputError, match="no change of a mask"):
            History(drafts.draft("a.jpg")).undo()


def test_steps_take_the_place_of_others_at_once(tmp_path: Path) -> None:
    """As done, on a base of their own; what was undone is gone, and a step that cannot be kept leaves the old."""
    with Drafts(tmp_path / "ada.sqlite") as drafts:
        draft = drafts.draft("a.jpg")
        old = History(draft, "proposal")
        old.push("points", b"", b"1")
        old.push("points", b"1", b"2")
        old.undo()
        with pytest.raises(InputError):
            History(draft, "reading").replace([Step("points", b"", b"3"), Step("points", None, b"4")])  # type: ignore[arg-type]
        assert [step.redo for step in draft.steps()] == [b"1"]
        new = History(draft, "reading")
        new.replace([Step("points", b"", b"3"), Step("points", b"3", b"4")])
        assert new.fits
        assert draft.undone() == ()
        assert [new.undo(), new.undo()] == [Change("points", b"3"), Change("points", b"")]
