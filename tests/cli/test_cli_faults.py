"""Scoring under fault: a second run, a full disk, folders that vanish, no memory, damaged marks; the next goes on."""

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from dicom_objects import dicom_object
from reepi.cli import app, batch
from reepi.cli.batch import score_folder
from reepi.cli.models import Models
from reepi.core.errors import FolderGone
from reepi.core.images import Photograph, TissueMap
from reepi.core.surface import SurfaceMap
from reepi.imaging import decoding_process, pillow_images
from reepi.instruments import Instruments
from reepi.store import results as results_module
from reepi.store.results import DAMAGED, ResultsFolder
from reepi.store.surfaces import pack_photograph, unpack_record, unpack_surface

Run = Callable[..., Result]


@pytest.fixture
def run(models: Models, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on models that are right on painted photographs, without the report."""
    monkeypatch.setattr(Models, "chosen", classmethod(lambda cls, *folders: models))
    monkeypatch.setattr(batch, "write_report", lambda results, study: results)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def scored(scored_once: Path, tmp_path: Path) -> Path:
    """A study that was scored into its own results folder, undisturbed."""
    return shutil.copytree(scored_once, tmp_path / "scored")


@pytest.fixture
def study(scored: Path, tmp_path: Path) -> Path:
    """The same study before that."""
    shutil.copytree(scored, tmp_path / "study")
    shutil.rmtree(tmp_path / "study" / "results")
    return tmp_path / "study"


@pytest.fixture(scope="module")
def undisturbed(scored_once: Path) -> dict[str, bytes]:
    """What a run that nothing happens to writes."""
    return written(scored_once / "results")


def written(results: Path) -> dict[str, bytes]:
    """Return the bytes of every file of a results folder but the report; of those with times, that they are there."""
    paths = sorted(path for path in results.rglob("*") if path.is_file() and path.suffix != ".html")
    assert not [path for path in paths if path.name.startswith(".")]
    names = [path.relative_to(results).as_posix() for path in paths]
    timed = ("photos.csv", "run.json", "work/")
    return {name: b"" if name.startswith(timed) else (results / name).read_bytes() for name in names}


def test_the_second_of_two_runs_is_told(run: Run, study: Path, tmp_path: Path) -> None:
    """Status 2, one line, nothing on standard output and nothing written; so for the report. Another folder is free."""
    results = ResultsFolder(study / "results")
    with results.alone("scoring it elsewhere"):
        for command in ("score", "report"):
            second = run(command, study)
            assert (second.exit_code, second.stdout) == (2, "")
            assert f"process {os.getpid()} on " in second.stderr
            assert "scoring it elsewhere" in second.stderr
        assert [path.name for path in results.path.iterdir()] == [results.lock.name]
        assert run("score", study, "--out", tmp_path / "other").exit_code == 0


@contextmanager
def disk_full_after(writes: int, number: int) -> Iterator[list[int]]:
    """Let every write fail with an error of the system once so many went well; gives the count of those."""
    done = [0]
    sync = os.fsync

    def counted(file: int) -> None:
        if done[0] >= writes:
            raise OSError(number, os.strerror(number))
        done[0] += 1
        sync(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", counted)
        yield done


class TestDisk:
    def test_a_full_disk_ends_the_run_and_the_next_goes_on(
        self, run: Run, study: Path, undisturbed: dict[str, bytes]
    ) -> None:
        """At whatever write it is full: status 1, one message with the file, no photograph is blamed, no part is left.

        What is finished is never measured again, and the end is that of a run that nothing happened to.
        """
        results = study / "results"
        marks: dict[str, int] = {}
        for writes in (0, 4, 9, 20, 2, 5, 10):
            with disk_full_after(writes, errno.ENOSPC):
                stopped = run("score", study)
            assert stopped.exit_code == 1
            assert stopped.stderr.count("disk is full") == 1
            assert str(results) in stopped.stderr
            assert "failed" not in stopped.stdout + stopped.stderr
            assert not [path for path in results.rglob("*") if path.name.startswith(".")]
            now = {path.name: path.stat().st_mtime_ns for path in results.glob("work/*.npz")}
            assert now.items() >= marks.items()
            marks = now
        assert len(marks) == 3
        assert run("score", study).exit_code == 0
        assert written(results) == undisturbed

    @pytest.mark.parametrize("kind", ["file", "in a file", "too long"])
    def test_a_results_folder_that_cannot_be(self, run: Run, study: Path, tmp_path: Path, kind: str) -> None:
        (tmp_path / "taken").touch()
        folder = {"file": "taken", "in a file": "taken/results", "too long": "x" * 300}[kind]
        result = run("score", study, "--out", tmp_path / folder)
        assert result.exit_code == (2 if kind == "file" else 1)
        assert folder in result.stderr
        assert "hoose" in result.stderr
        assert "Errno" not in result.stderr


class TestVanishing:
    @pytest.mark.parametrize("emptied", [False, True])
    def test_the_study_folder(self, models: Models, study: Path, tmp_path: Path, emptied: bool) -> None:
        """It stops instead of rejecting all that is left as missing; an empty mount point is no study either."""
        away = tmp_path / "away"

        def segmented(photograph: Photograph) -> TissueMap:
            study.rename(away)
            if emptied:
                study.mkdir()
            return models.instruments().segment(photograph)

        disturbed = _with(models, segment=segmented)
        with pytest.raises(FolderGone, match="study is gone"):
            score_folder(study, tmp_path / "results", disturbed, report=False)
        marks = {path.stem for path in (tmp_path / "results" / "work").glob("*.npz")}
        assert len(marks) == 1

    def test_the_results_folder(self, models: Models, study: Path, tmp_path: Path) -> None:
        """It is not begun anew under the place where its disk was."""
        results = tmp_path / "results"

        def segmented(photograph: Photograph) -> TissueMap:
            shutil.rmtree(results, ignore_errors=True)
            return models.instruments().segment(photograph)

        with pytest.raises(FolderGone, match="results is gone"):
            score_folder(study, results, _with(models, segment=segmented), report=False)
        assert not results.exists()


def _with(models: Models, **changes: object) -> Models:
    """Return models some of whose instruments are others."""
    instruments = replace(models.instruments(), **changes)  # type: ignore[arg-type]

    class Changed(type(models)):  # type: ignore[misc]
        def instruments(self) -> Instruments:
            return instruments

    return Changed(models.tissue, models.correspondence)


class TestMemory:
    def test_a_photograph_without_memory_fails_alone(
        self, models: Models, study: Path, undisturbed: dict[str, bytes], tmp_path: Path
    ) -> None:
        """Its reason is plain, the others are scored, and the next run tries it again."""
        calls = []

        def segmented(photograph: Photograph) -> TissueMap:
            calls.append(photograph)
            if len(calls) == 2:
                raise MemoryError
            return models.instruments().segment(photograph)

        outcome = score_folder(study, tmp_path / "results", _with(models, segment=segmented), report=False)
        assert sorted(photo.status for photo in outcome.photos) == ["failed", "scored", "scored"]
        assert ["not enough memory" in photo.reasons for photo in outcome.photos].count(True) == 1
        score_folder(study, tmp_path / "results", models, report=False)
        assert written(tmp_path / "results") == undisturbed

    def test_a_photograph_that_cannot_be_read_for_lack_of_memory_is_tried_again(
        self, run: Run, scored: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """That says nothing of the photograph: it is no rejection that the next run takes over."""

        def decoded(*arguments: object) -> None:
            raise MemoryError

        for mark in (scored / "results" / "work").glob("*.npz"):
            mark.unlink()
        with monkeypatch.context() as patch:
            patch.setattr(pillow_images, "_decode", decoded)
            stopped = run("score", scored)
        assert (stopped.exit_code, "3 failed" in stopped.stdout) == (1, True)
        assert stopped.stderr.count("no_memory: There was not enough memory") == 3
        assert not list((scored / "results" / "work").glob("*.npz"))

    def test_a_photograph_whose_extra_is_missing_is_tried_again(
        self, run: Run, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Once the extra is there, the next run reads it; what was found without it is not kept."""
        pytest.importorskip("pydicom", reason="the extra dicom is not installed")
        with Image.open(study / "photos" / "a.png") as picture:
            (study / "photos" / "a.png").write_bytes(dicom_object(np.asarray(picture.convert("RGB"))))
        without = tmp_path / "without"
        without.mkdir()
        (without / "pydicom.py").write_text("raise ImportError('not installed')\n")
        with monkeypatch.context() as patch:
            # Photographs are decoded in a process of their own, which looks there before it looks at what is installed.
            patch.setattr(decoding_process, "_idle", [])
            patch.setenv("PYTHONPATH", str(without))
            stopped = run("score", study)
        assert (stopped.exit_code, "2 scored, 0 rejected, 1 failed" in stopped.stdout) == (1, True)
        assert "no_extra: The file is a DICOM object." in stopped.stderr
        assert "3 scored" in run("score", study).stdout

    def test_memory_may_end_while_a_photograph_is_packed(
        self, models: Models, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing of it is left that could be taken for its results."""
        pack, calls = results_module.registration_text, []

        def packed(*arguments: object) -> str:
            calls.append(arguments)
            if len(calls) == 1:
                raise MemoryError
            return pack(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(results_module, "registration_text", packed)
        outcome = score_folder(study, tmp_path / "results", models, report=False)
        (failed,) = [photo for photo in outcome.photos if photo.status == "failed"]
        left = [path for path in (tmp_path / "results").rglob("*") if path.stem == Path(failed.file).stem]
        assert left == []


class TestDamagedMarks:
    CONTENT = pack_photograph(SurfaceMap.unseen(7), json.dumps({"key": "k", "row": {}, "steps": {}}))

    @staticmethod
    def is_damaged(content: bytes) -> bool:
        """Say whether it is told to be damaged; what else is raised would end a run."""
        try:
            unpack_record(content)
            unpack_surface(content)
        except DAMAGED:
            return True
        return False

    def test_cut_anywhere(self) -> None:
        assert all(self.is_damaged(self.CONTENT[:length]) for length in range(len(self.CONTENT)))

    def test_bytes_changed_anywhere(self) -> None:
        """Nothing but what is expected is raised, whatever byte is another."""
        for place in range(len(self.CONTENT)):
            self.is_damaged(self.CONTENT[:place] + bytes([255 - self.CONTENT[place]]) + self.CONTENT[place + 1 :])

    def test_damaged_marks_are_measured_anew(self, run: Run, scored: Path, undisturbed: dict[str, bytes]) -> None:
        """One that is empty, one that was cut and one with other bytes in its middle."""
        empty, cut, changed = sorted((scored / "results" / "work").glob("*.npz"))
        empty.write_bytes(b"")
        cut.write_bytes(cut.read_bytes()[:-1])
        whole = changed.read_bytes()
        changed.write_bytes(whole[:200] + bytes(255 - each for each in whole[200:260]) + whole[260:])
        assert run("score", scored).exit_code == 0
        assert written(scored / "results") == undisturbed
        assert min(path.stat().st_size for path in (empty, cut, changed)) > 1000


def test_no_time_decides_what_is_finished(run: Run, scored: Path, undisturbed: dict[str, bytes]) -> None:
    """Every file is of 1970 or of a hundred years on: nothing is measured again, and the results are the same."""
    for number, path in enumerate(sorted(path for path in scored.rglob("*") if path.is_file())):
        os.utime(path, (0, 0) if number % 2 else (4e9, 4e9))
    mark = ResultsFolder(scored / "results").work("a.png")
    before = mark.stat().st_mtime_ns
    assert run("score", scored).exit_code == 0
    assert mark.stat().st_mtime_ns == before
    assert written(scored / "results") == undisturbed
