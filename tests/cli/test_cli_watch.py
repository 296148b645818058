"""``reepi watch``: photographs that arrive are added, scored and listed; trouble is told and the watch goes on."""

import io
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageFilter
from typer.testing import CliRunner, Result

from reepi.cli import app, batch, incoming, watch
from reepi.cli.models import Models
from reepi.cli.watching import RETRY_SECONDS, Watch
from reepi.core.errors import PhotographRejected
from reepi.core.reshoot import ReshootRow
from reepi.core.results import PhotoRow
from reepi.core.study import PhotoEntry
from reepi.core.views import VIEW_NAMES
from reepi.store.adding.arriving import Arrivals
from reepi.store.adding.placing import Added, add_photographs
from reepi.store.locking import locked
from reepi.store.results import ResultsFolder
from reepi.store.rows import read_rows
from reepi.store.shipped import sample_study
from reepi.store.study import read_study

PATIENTS = """\
patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date
P1,F,40,165,62,2024-03-01,2024-03-05
"""


class Scorer:
    """Counts how often it scores; every photograph is scored but those of heads, which are never found."""

    def __init__(self, study: Path) -> None:
        self.study = study
        self.calls, self.broken = 0, False

    def __call__(self) -> object:
        self.calls += 1
        if self.broken:
            raise RuntimeError("no memory")
        rows = [self._row(entry) for entry in read_study(self.study).photos]
        ResultsFolder(self.study / "results").write_photos(rows)
        return rows

    @staticmethod
    def _row(entry: PhotoEntry) -> PhotoRow:
        if entry.view.part == "head":
            return PhotoRow(entry.file, "rejected", "not_registered: The body was not found.", None, None)
        return PhotoRow(entry.file, "scored", "", 5.0, 0.1)


@pytest.fixture
def study(study_folder: Callable[..., Path]) -> Path:
    """A study of one patient without photographs."""
    return study_folder(patients=PATIENTS, photos="")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """The folder in which photographs arrive."""
    (tmp_path / "inbox" / "P1").mkdir(parents=True)
    return tmp_path / "inbox"


@pytest.fixture
def told() -> list[str]:
    """What was told."""
    return []


@pytest.fixture
def watched(study: Path, inbox: Path, told: list[str]) -> Watch:
    """A watch with a scorer that measures nothing, and no network to name views."""
    return Watch(study, study / "results", Arrivals(inbox), Scorer(study), None, told.append)


def files(study: Path) -> list[str]:
    return [entry.file for entry in read_study(study, may_be_empty=True).photos]


def introduce(study: Path) -> None:
    """Give the second patient a line."""
    with (study / "patients.csv").open("a") as table:
        table.write("P2,M,60,180,80,2024-03-01,2024-03-05\n")


def test_a_photograph_arrives(
    watched: Watch, study: Path, inbox: Path, told: list[str], painted_pictures: dict[str, bytes]
) -> None:
    """Added once it is still, scored once, and in the list of its day; the folder is left as it is."""
    (inbox / "P1" / "2024-03-05 whole body front.png").write_bytes(painted_pictures["a.png"])
    watched.look()
    assert files(study) == []
    watched.look()
    assert files(study) == ["photos/P1_2024-03-05_whole_anterior.png"]
    assert [row.status for row in ResultsFolder(study / "results").read_photos()] == ["scored"]
    assert (study / "results" / "reshoot_2024-03-05.html").is_file()
    watched.look()
    assert watched.score.calls == 1  # type: ignore[attr-defined]
    assert not watched.failed
    assert [path.name for path in inbox.rglob("*.png")] == ["2024-03-05 whole body front.png"]


def test_rejected_and_missing_views_are_listed(
    watched: Watch, study: Path, inbox: Path, painted_pictures: dict[str, bytes]
) -> None:
    """The head was not found; the front was taken before and is missing now."""
    (inbox / "P1" / "day0 whole front.png").write_bytes(painted_pictures["a.png"])
    (inbox / "P1" / "day5 face.png").write_bytes(painted_pictures["b.png"])
    watched.look()
    watched.look()
    rows = (study / "results" / "reshoot_2024-03-10.csv").read_text().splitlines()[1:]
    assert [row.split(",")[3:5] for row in rows] == [["head_anterior", "take again"], ["whole_anterior", "take"]]


def test_another_format_that_arrives_later_is_no_further_picture(
    watched: Watch, study: Path, inbox: Path, painted_pictures: dict[str, bytes]
) -> None:
    """Nor does it wait for a word."""
    (inbox / "P1" / "day0 whole front.png").write_bytes(painted_pictures["a.png"])
    watched.look()
    watched.look()
    Image.open(io.BytesIO(painted_pictures["a.png"])).save(inbox / "P1" / "day0 whole front.jpg")
    for _ in range(3):
        watched.look()
    assert files(study) == ["photos/P1_2024-03-05_whole_anterior.png"]
    assert watched.n_waiting() == 0


def test_what_is_unsure_waits_for_a_word(
    watched: Watch, study: Path, inbox: Path, painted_pictures: dict[str, bytes]
) -> None:
    """Listed, not scored; once somebody completed its line it is added, and the list is empty."""
    (inbox / "P1" / "IMG_1.png").write_bytes(painted_pictures["a.png"])
    watched.look()
    watched.look()
    assert (files(study), watched.n_waiting()) == ([], 1)
    written = watched.waiting.read_text()
    watched.look()
    assert watched.waiting.read_text() == written
    day = written.splitlines()[1].split(",")[3]
    watched.waiting.write_text(written.replace("\n,", "\nyes,").replace(f",{day},,", ",2024-03-05,whole_anterior,"))
    watched.look()
    assert files(study) == ["photos/P1_2024-03-05_whole_anterior.png"]
    assert watched.n_waiting() == 0


def test_what_a_person_saves_while_photographs_are_copied_stays(
    watched: Watch, study: Path, inbox: Path, painted_pictures: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copying takes seconds, and up to half a minute where another adds to the study; the word is heard afterwards."""
    (inbox / "P1" / "IMG_1.png").write_bytes(painted_pictures["a.png"])
    watched.look()
    watched.look()
    for name in ("day5 whole body front.png", "IMG_2.png"):
        (inbox / "P1" / name).write_bytes(painted_pictures["b.png" if name.startswith("day5") else "c.png"])
    watched.look()

    def saved_meanwhile(*arguments: object) -> list[Added]:
        results = add_photographs(*arguments)  # type: ignore[arg-type]
        written = watched.waiting.read_text()
        day = written.splitlines()[1].split(",")[3]
        watched.waiting.write_text(written.replace("\n,", "\nyes,").replace(f",{day},,", ",2024-03-05,whole_anterior,"))
        return results

    with monkeypatch.context() as patch:
        patch.setattr("reepi.cli.watching.add_photographs", saved_meanwhile)
        watched.look()
    assert [line.split(",")[0] for line in watched.waiting.read_text().splitlines()] == ["add", "yes", ""]
    watched.look()
    assert "photos/P1_2024-03-05_whole_anterior.png" in files(study)


class TestUnknownPatient:
    @pytest.fixture
    def stranger(self, watched: Watch, inbox: Path, painted_pictures: dict[str, bytes]) -> Path:
        """A photograph of a patient who is not in patients.csv, looked at."""
        (inbox / "P2").mkdir()
        photograph = inbox / "P2" / "2024-03-05 whole body front.png"
        photograph.write_bytes(painted_pictures["a.png"])
        watched.look()
        watched.look()
        return photograph

    def test_it_is_added_once_the_patient_has_a_line(
        self, watched: Watch, study: Path, stranger: Path, told: list[str]
    ) -> None:
        """It waits until then, and what it is told to do is what helps."""
        assert (files(study), watched.n_waiting()) == ([], 1)
        (said,) = told
        assert said.endswith("P2 is not in patients.csv. Add a line for the patient there")
        introduce(study)
        watched.look()
        assert files(study) == ["photos/P2_2024-03-05_whole_anterior.png"]
        assert watched.n_waiting() == 0

    def test_what_is_still_unsure_then_is_told_anew(
        self, watched: Watch, study: Path, inbox: Path, stranger: Path, told: list[str]
    ) -> None:
        """The line no longer says that the patient is missing, and names him; what a person wrote in it stays."""
        stranger.rename(inbox / "P2" / "2024-03-05.png")
        watched.look()
        watched.look()
        watched.waiting.write_text(watched.waiting.read_text().replace(",2024-03-05,", ",2024-03-06,"))
        introduce(study)
        watched.look()
        (line,) = watched.waiting.read_text().splitlines()[1:]
        assert line.split(",")[2:5] == ["P2", "2024-03-06", ""]
        assert "patients.csv" not in line
        assert "view: no name tells it" in told[-1]

    def test_what_a_person_said_of_it_counts_before_its_names(
        self, watched: Watch, study: Path, stranger: Path
    ) -> None:
        """It is added as what its line says."""
        line = watched.waiting.read_text().replace("\n,", "\nyes,").replace(",,2024-03-05,", ",P2,2024-03-05,")
        watched.waiting.write_text(line.replace("whole_anterior", "whole_posterior"))
        introduce(study)
        watched.look()
        assert files(study) == ["photos/P2_2024-03-05_whole_posterior.png"]
        assert watched.n_waiting() == 0

    def test_one_that_nobody_wants_stays_out(self, watched: Watch, study: Path, stranger: Path) -> None:
        """A person said no, and a watch that begins anew hears it too."""
        watched.waiting.write_text(watched.waiting.read_text().replace("\n,", "\nno,"))
        introduce(study)
        again = Watch(study, watched.results, Arrivals(watched.arrivals.folder), Scorer(study), None, print)
        for each in (watched, again, again):
            each.look()
        assert (files(study), watched.n_waiting()) == ([], 0)
        assert watched.waiting.read_text().splitlines()[1].startswith("no,")


class TestMissingFiles:
    @pytest.fixture
    def listed(self, watched: Watch, inbox: Path, painted_pictures: dict[str, bytes]) -> Callable[[str, str], None]:
        """A photograph of nobody known and one of no view, and a person who writes something for something else."""
        (inbox / "P2").mkdir()
        (inbox / "P2" / "2024-03-05 whole body front.png").write_bytes(painted_pictures["a.png"])
        (inbox / "P1" / "IMG_1 2024-03-05.png").write_bytes(painted_pictures["c.png"])
        watched.look()
        watched.look()

        def write(before: str, after: str) -> None:
            assert before in watched.waiting.read_text()
            watched.waiting.write_text(watched.waiting.read_text().replace(before, after))

        return write

    def test_a_mount_point_without_its_share_changes_nothing(
        self, watched: Watch, study: Path, inbox: Path, listed: Callable[[str, str], None]
    ) -> None:
        """Neither a word that was said nor a line that waits is lost, and a no stays one once the share is back."""
        listed(f"\n,{inbox}/P2", f"\nno,{inbox}/P2")
        introduce(study)
        watched.look()
        before = watched.waiting.read_text()
        inbox.rename(inbox.with_name("away"))
        inbox.mkdir()
        watched.look()
        assert watched.waiting.read_text() == before
        inbox.rmdir()
        inbox.with_name("away").rename(inbox)
        for _ in range(3):
            watched.look()
        assert (files(study), watched.waiting.read_text()) == ([], before)

    def test_what_somebody_wrote_stays_without_its_file(
        self, watched: Watch, study: Path, inbox: Path, listed: Callable[[str, str], None]
    ) -> None:
        """Filled in but not decided, its line says that the file is gone; nobody's line goes with its file."""
        listed("2024-03-05,,", "2024-03-05,trunk_left,")
        for path in [*inbox.rglob("*.png")]:
            path.unlink()
        (inbox / "P1" / "more.png").write_bytes(b"no picture")
        for _ in range(3):
            watched.look()
        lines = watched.waiting.read_text().splitlines()[1:]
        assert [line.split(",")[0] for line in lines] == ["", "cannot"]
        assert ",P1,2024-03-05,trunk_left," in lines[0]
        assert "the file is not there any more" in lines[0]

    def test_a_watch_that_begins_anew_keeps_what_it_did_not_write(
        self, watched: Watch, study: Path, inbox: Path, listed: Callable[[str, str], None]
    ) -> None:
        (inbox / "P1" / "IMG_1 2024-03-05.png").unlink()
        again = Watch(study, watched.results, Arrivals(inbox), Scorer(study), None, print)
        again.look()
        again.look()
        assert len(again.waiting.read_text().splitlines()) == 3

    def test_a_no_is_heard_under_another_name(
        self, watched: Watch, study: Path, inbox: Path, listed: Callable[[str, str], None]
    ) -> None:
        """The same picture waits for another word; its names alone do not bring it in."""
        listed(f"\n,{inbox}/P2", f"\nno,{inbox}/P2")
        introduce(study)
        (inbox / "P2").rename(inbox / "P2 again")
        for _ in range(3):
            watched.look()
        assert files(study) == []
        (line,) = [line for line in watched.waiting.read_text().splitlines() if "P2 again" in line]
        assert line.startswith(",")
        assert "no was said to it as" in line


def test_what_was_kept_out_by_a_mishap_comes_in_when_that_is_mended(
    watched: Watch, study: Path, inbox: Path, painted_pictures: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a decoder that was not installed: it was no person who kept it out."""
    (inbox / "P1" / "day0 whole front.png").write_bytes(painted_pictures["a.png"])

    def unreadable(*arguments: object) -> None:
        raise PhotographRejected("unreadable", "Install what reads it.")

    with monkeypatch.context() as patch:
        patch.setattr("reepi.store.adding.sources.decode_photograph", unreadable)
        watched.look()
        watched.look()
    assert watched.waiting.read_text().splitlines()[1].startswith("cannot,")
    assert watched.n_waiting() == 0
    watched.arrivals.again()
    watched.look()
    assert files(study) == ["photos/P1_2024-03-05_whole_anterior.png"]
    assert watched.waiting.read_text().splitlines()[1:] == []


def test_a_line_that_is_filled_in_wrongly_is_told(
    watched: Watch, study: Path, inbox: Path, told: list[str], painted_pictures: dict[str, bytes]
) -> None:
    (inbox / "P1" / "IMG_1.png").write_bytes(painted_pictures["a.png"])
    watched.look()
    watched.look()
    watched.waiting.write_text(watched.waiting.read_text().replace("\n,", "\nyes,"))
    for _ in range(3):
        watched.look()
    assert files(study) == []
    assert [text for text in told if "line 2" in text and "view" in text] == [
        "to_place.csv, line 2: view is empty. Fill it in."
    ]


def test_a_bad_file_is_listed_and_the_rest_goes_on(
    watched: Watch, study: Path, inbox: Path, painted_pictures: dict[str, bytes]
) -> None:
    (inbox / "P1" / "day0 back.png").write_bytes(painted_pictures["c.png"][:200])
    (inbox / "P1" / "day0 whole front.png").write_bytes(painted_pictures["a.png"])
    watched.look()
    watched.look()
    assert files(study) == ["photos/P1_2024-03-05_whole_anterior.png"]
    assert "day0 back.png" in watched.waiting.read_text()


def test_a_scoring_that_fails_is_tried_again_later(
    watched: Watch,
    study: Path,
    inbox: Path,
    told: list[str],
    painted_pictures: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not at once, so that nothing runs hot, and the photographs are in the study all the while."""
    now = [1000.0]
    monkeypatch.setattr("reepi.cli.watching.time.monotonic", lambda: now[0])
    watched.score.broken = True  # type: ignore[attr-defined]
    (inbox / "P1" / "day0 whole front.png").write_bytes(painted_pictures["a.png"])
    for _ in range(4):
        watched.look()
    assert (len(files(study)), watched.score.calls) == (1, 1)  # type: ignore[attr-defined]
    now[0] += RETRY_SECONDS + 1
    watched.look()
    assert watched.score.calls == 2  # type: ignore[attr-defined]
    assert len([text for text in told if "no memory" in text]) == 1
    watched.score.broken = False  # type: ignore[attr-defined]
    now[0] += RETRY_SECONDS + 1
    watched.look()
    assert len(ResultsFolder(study / "results").read_photos()) == 1


def test_trouble_is_told_once_and_nothing_is_lost(
    watched: Watch, study: Path, inbox: Path, told: list[str], painted_pictures: dict[str, bytes]
) -> None:
    """A share that is away and a study that somebody is editing are met again at the next look."""
    (inbox / "P1" / "day0 whole front.png").write_bytes(painted_pictures["a.png"])
    watched.look()
    patients = (study / "patients.csv").read_text()
    (study / "patients.csv").write_text("patient_id\n")
    watched.look()
    watched.look()
    assert len(told) == 1
    assert watched.failed
    (study / "patients.csv").write_text(patients)
    inbox.rename(inbox.with_name("away"))
    watched.look()
    inbox.with_name("away").rename(inbox)
    watched.look()
    watched.look()
    assert len(files(study)) == 1


def test_a_fault_that_nobody_foresaw_does_not_end_it(
    watched: Watch,
    study: Path,
    inbox: Path,
    told: list[str],
    painted_pictures: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Told once, by its kind, and met again at the next look."""
    (inbox / "P1" / "day0 whole front.png").write_bytes(painted_pictures["a.png"])
    with monkeypatch.context() as patch:
        patch.setattr("reepi.cli.watching.planned", lambda *arguments: 1 / 0)
        for _ in range(3):
            watched.look()
    assert told == ["ZeroDivisionError: division by zero"]
    assert watched.failed
    watched.look()
    assert len(files(study)) == 1


class TestCommand:
    @pytest.fixture
    def run(self, models: Models, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
        """Run the command on painted models, without waiting."""
        monkeypatch.setattr(Models, "chosen", classmethod(lambda cls, *folders: models))
        monkeypatch.setattr(batch, "write_report", lambda results, study: results)
        monkeypatch.setattr(watch, "STILL_SECONDS", 0.0)
        views = {name: float(name == "trunk_posterior") for name in VIEW_NAMES}
        seen = type("Seen", (), {"views": views})()
        monkeypatch.setattr(incoming, "body_predictor", lambda model: lambda: lambda photograph, view: seen)
        return lambda *arguments: CliRunner().invoke(app, ["watch", *map(str, arguments)])

    def test_once(
        self, run: Callable[..., Result], study: Path, inbox: Path, painted_pictures: dict[str, bytes]
    ) -> None:
        """Scored on painted models. Status 0 where everything is in its place, 1 where something waits."""
        (inbox / "P1" / "day0 whole front.png").write_bytes(painted_pictures["a.png"])
        result = run(study, inbox, "--once")
        assert result.exit_code == 0, result.output
        assert "-> photos/P1_2024-03-05_whole_anterior.png" in result.stdout
        (inbox / "P1" / "IMG_7.png").write_bytes(painted_pictures["b.png"])
        for _ in range(2):
            # The second has nothing new to tell, and tells it all the same.
            result = run(study, inbox, "--once")
            assert result.exit_code == 1
            assert "1 waits in to_place.csv: complete its line there." in result.stdout
        assert "trunk_posterior" in (study / "to_place.csv").read_text()
        assert not list(study.glob(".*lock"))

    def test_one_watcher_a_study(self, run: Callable[..., Result], study: Path, inbox: Path) -> None:
        with locked(study / watch.LOCK_FILE, "watching the other"):
            result = run(study, inbox, "--once")
        assert result.exit_code == 2
        assert "watching the other" in result.stderr

    def test_ctrl_c_ends_it_in_order(
        self, run: Callable[..., Result], study: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def pressed(*arguments: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(watch, "_looks", pressed)
        result = run(study, inbox)
        assert result.exit_code == 0
        assert "ended" in result.stderr
        assert not list(study.glob(".*lock"))

    def test_somebody_else_is_scoring(
        self, run: Callable[..., Result], study: Path, inbox: Path, painted_pictures: dict[str, bytes]
    ) -> None:
        """The photograph is added and waits for its scoring; the next watch scores it."""
        (inbox / "P1" / "day0 whole front.png").write_bytes(painted_pictures["a.png"])
        results = ResultsFolder(study / "results")
        with results.alone("scoring elsewhere"):
            result = run(study, inbox, "--once")
        assert (result.exit_code, len(files(study))) == (1, 1)
        assert "tried again later" in result.stdout
        assert "scoring elsewhere" in result.stdout
        assert run(study, inbox, "--once").exit_code == 0
        assert len(results.read_photos()) == 1

    def test_wrong_calls(self, run: Callable[..., Result], study: Path, inbox: Path, tmp_path: Path) -> None:
        """No study, no folder, and a folder of results."""
        assert run(tmp_path / "nothing", inbox).exit_code == 2
        assert run(study, tmp_path / "nothing").exit_code == 2
        assert run(study, study).exit_code == 2


def test_the_signal_that_ends_services_ends_it_in_order(study: Path, inbox: Path) -> None:
    """Like Ctrl-C, once it holds its lock: a holder has written who it is; in a process of its own, as services are."""
    command = [sys.executable, "-m", "reepi", "watch", str(study), str(inbox)]
    lock = study / watch.LOCK_FILE
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        while service.poll() is None and not (lock.exists() and lock.read_bytes()):
            time.sleep(0.01)
        service.terminate()
        _, said = service.communicate(timeout=120)
    assert service.returncode == 0, said
    assert said.splitlines() == ["The watch has ended."]
    assert not list(study.glob(".*lock"))


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_it_in_order_amid_an_import_too(sent: signal.Signals) -> None:
    """Text that is executed marks a process interrupted for good where a plain KeyboardInterrupt passes through."""
    program = """
import os, sys
from reepi.cli import watch
try:
    with watch._ended_by_signals():
        exec(f"os.kill(os.getpid(), {sys.argv[1]})\\nwhile True: pass")
except KeyboardInterrupt:
    print("in order")
"""
    done = subprocess.run([sys.executable, "-c", program, str(int(sent))], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout.split()) == (0, ["in", "order"]), done.stderr


def test_the_signals_mean_afterwards_what_they_meant_before() -> None:
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(each) for each in signals]
    with watch._ended_by_signals():
        assert all(signal.getsignal(each) is watch._end for each in signals)
    assert [signal.getsignal(each) for each in signals] == before


@pytest.mark.slow
def test_the_sample_study_arrives(tmp_path: Path) -> None:
    """With the shipped models: a first visit, named as people name things, is added, scored and listed."""
    sample, study, inbox = sample_study(), tmp_path / "study", tmp_path / "inbox"
    study.mkdir()
    for name in ("study.toml", "patients.csv"):
        shutil.copy(sample / name, study)
    words = {"head_anterior": "visage", "trunk_posterior": "Rücken", "arm_left_anterior": "left arm front"}
    for entry in read_study(sample).photos:
        if "_d00_" in entry.file:
            target = inbox / "P01" / "jour 0" / f"{words.get(entry.view_name, entry.view_name)}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(sample / entry.file, target)
    (inbox / "P01" / "jour 0" / "visage.jpg").write_bytes(
        blurred((inbox / "P01" / "jour 0" / "visage.jpg").read_bytes())
    )
    result = CliRunner().invoke(app, ["watch", str(study), str(inbox), "--once"])
    assert result.exit_code == 0, result.output
    assert len(ResultsFolder(study / "results").read_photos()) == 8
    listed = read_rows(study / "results" / "reshoot_2026-01-05.csv", ReshootRow)
    assert "head_anterior" in [row.view for row in listed if row.todo == "take again"]


def blurred(content: bytes) -> bytes:
    picture = Image.open(io.BytesIO(content)).filter(ImageFilter.GaussianBlur(15))
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()
