"""``reepi score`` and ``reepi report``, through the object that the user gets: output, errors and exit statuses."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.models import CommandInfo
from typer.testing import CliRunner, Result

from reepi.cli import app, batch
from reepi.cli.models import Models
from reepi.instruments import Instruments
from reepi.report import printing, writing
from reepi.store.results import ResultsFolder

Run = Callable[..., Result]


@pytest.fixture
def run(models: Models, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on models that are right on painted photographs, without the report."""
    monkeypatch.setattr(Models, "chosen", classmethod(lambda cls, *folders: models))
    monkeypatch.setattr(batch, "write_report", lambda results, study: results)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


class TestScore:
    def test_everything_scored(self, run: Run, painted_study: Path) -> None:
        """Status 0; counts, step times and where the results are on standard output; originals untouched."""
        before = sorted(path.name for path in painted_study.iterdir())
        result = run("score", painted_study)
        assert result.exit_code == 0
        assert "3 photographs: 3 scored, 0 rejected, 0 failed" in result.stdout
        assert all(step in result.stdout for step in ("read", "segment", "register", "project"))
        assert sorted(path.name for path in painted_study.iterdir()) == sorted([*before, "results"])

    def test_what_counts_for_nothing_is_told_once(self, run: Run, painted_study: Path) -> None:
        """On standard error, by scoring and by checking; the study is not refused."""
        with (painted_study / "study.toml").open("a") as settings:
            settings.write("\n[lesen]\nreaders = 2\n")
        remark = "Not known, and left out: [lesen] in study.toml."
        for command in ("score", "check"):
            result = run(command, painted_study)
            assert result.exit_code != 2
            assert result.stderr.count(remark) == 1

    def test_workers_and_a_cluster_exclude_each_other(self, run: Run, painted_study: Path) -> None:
        """Status 2, and what to do; nothing is begun."""
        result = run("score", painted_study, "--workers", 2, "--scheduler", "tcp://127.0.0.1:9")
        assert result.exit_code == 2
        assert "Give one of them" in result.stderr
        assert not (painted_study / "results").exists()

    def test_rejected_is_no_failure(self, run: Run, painted_study: Path, tmp_path: Path) -> None:
        """A photograph that is rejected with a reason leaves the status at 0; the reason is told as it happens."""
        (painted_study / "photos" / "b.png").write_bytes(b"")
        result = run("score", painted_study, "--out", tmp_path / "elsewhere")
        assert result.exit_code == 0
        assert "1 rejected" in result.stdout
        assert "photos/b.png: rejected, empty" in result.stderr
        assert (tmp_path / "elsewhere" / "areas.csv").is_file()
        assert not (painted_study / "results").exists()

    def test_dates_and_repeated_files_are_told_and_change_no_number(self, run: Run, painted_study: Path) -> None:
        """They stand in photos.csv, also of a run that goes on; rejected ones have a reason."""
        (painted_study / "photos" / "d.png").write_bytes((painted_study / "photos" / "c.png").read_bytes())
        (painted_study / "photos" / "e.png").write_bytes(b"")
        photos = painted_study / "photos.csv"
        with photos.open("a") as table:
            table.write("photos/d.png,P1,2024-03-25,whole_posterior\nphotos/e.png,P1,2024-03-25,whole_anterior\n")
        results = painted_study / "results"
        run("score", painted_study)
        told = {row.file: row.reasons for row in ResultsFolder(results).read_photos()}
        assert told["photos/d.png"].endswith("outside_visit; repeated")
        assert told["photos/e.png"].startswith("empty: ")
        assert not any("repeated" in reasons for file, reasons in told.items() if file != "photos/d.png")
        before = (results / "photos.csv").read_bytes()
        run("score", painted_study)
        assert (results / "photos.csv").read_bytes() == before
        with_visit = (painted_study / "study.toml").read_text().replace("[0, 5, 7]", "[0, 5, 7, 20]")
        areas = (results / "areas.csv").read_bytes()
        (painted_study / "study.toml").write_text(with_visit)
        run("score", painted_study)
        assert "outside_visit" not in (results / "photos.csv").read_text()
        assert (results / "areas.csv").read_bytes() == areas

    def test_failure_is_status_1_and_the_rest_is_written(
        self, run: Run, painted_study: Path, models: Models, instruments: Instruments, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What failed shows in the status; what was scored is there; the next run tries the failed one again."""

        def breaks(*arguments: object) -> None:
            raise RuntimeError("no memory")

        with monkeypatch.context() as patch:
            patch.setattr(type(models), "instruments", lambda self: replace(instruments, register=breaks))
            result = run("score", painted_study)
        assert result.exit_code == 1
        assert "3 failed" in result.stdout
        assert "RuntimeError: no memory" in (painted_study / "results" / "photos.csv").read_text()
        assert run("score", painted_study).exit_code == 0

    def test_wrong_study_is_status_2_with_all_faults(self, run: Run, study_folder: Callable[..., Path]) -> None:
        """All faults are on standard error, a line each, and nothing is written."""
        folder = study_folder(patients="patient_id,sex\n", photos="file\n../../secret.jpg\n")
        result = run("score", folder)
        assert result.exit_code == 2
        assert result.stdout == ""
        lines = result.stderr.splitlines()
        assert len(lines) >= 7
        assert all(line.startswith(("patients.csv", "photos.csv")) for line in lines)
        assert not (folder / "results").exists()

    def test_overlays_can_be_left_out(self, run: Run, painted_study: Path) -> None:
        """Without overlays no picture of the patient is written."""
        run("score", painted_study, "--no-overlays")
        assert not (painted_study / "results" / "overlays").exists()
        assert (painted_study / "results" / "masks" / "a.png").is_file()

    def test_debug_leaves_the_borders_of_the_regions(self, run: Run, painted_study: Path) -> None:
        """They come for every photograph that was scored, also where everything else was finished before."""
        run("score", painted_study)
        assert not (painted_study / "results" / "debug").exists()
        run("score", painted_study, "--debug")
        scored = {path.stem for path in (painted_study / "results" / "registrations").iterdir()}
        assert scored
        assert {path.stem for path in (painted_study / "results" / "debug").iterdir()} == scored

    def test_results_that_are_a_file(self, run: Run, painted_study: Path, tmp_path: Path) -> None:
        """The call is wrong: a sentence, not a traceback."""
        (tmp_path / "taken").touch()
        result = run("score", painted_study, "--out", tmp_path / "taken")
        assert result.exit_code == 2
        assert "taken" in result.stderr
        assert "Traceback" not in result.stderr


class TestCalls:
    @pytest.mark.parametrize(
        "arguments", [["score"], ["score", "--nothing"], ["nothing"], ["report"], ["score", "a", "b"]]
    )
    def test_wrong_call_is_status_2(self, run: Run, arguments: list[str]) -> None:
        """A call that cannot be understood tells its usage on standard error."""
        result = run(*arguments)
        assert result.exit_code == 2
        assert "Usage" in result.stderr

    def test_missing_folder(self, run: Run, tmp_path: Path) -> None:
        """A study that is not there is a wrong call."""
        result = run("score", tmp_path / "nothing")
        assert (result.exit_code, "no such folder" in result.stderr) == (2, True)

    @pytest.mark.parametrize("command", app.registered_commands, ids=lambda command: command.name)
    def test_help_holds_brackets_as_they_are_read(self, run: Run, command: CommandInfo) -> None:
        """Nothing in it is marked up, so no bracket needs a backslash."""
        told = run(command.name, "--help").stdout
        assert "Usage" in told
        assert "\\[" not in told

    def test_version(self, run: Run) -> None:
        """The version alone, for scripts."""
        assert run("--version").stdout.startswith("reepi 0")


def test_report_of_a_study_that_was_not_scored(run: Run, painted_study: Path) -> None:
    """Status 2, and what to do first."""
    result = run("report", painted_study)
    assert result.exit_code == 2
    assert "Score the study first" in result.stderr


def test_report_is_written_again(models: Models, painted_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report can be had from the results alone; without a browser there is no PDF, and the user is told how."""
    results = painted_study / "results"
    batch.score_folder(painted_study, results, models)
    (results / "report.html").unlink()
    (results / "report.pdf").write_bytes(b"%PDF-of earlier numbers")
    monkeypatch.setattr(printing, "find_browser", lambda: None)
    result = CliRunner().invoke(app, ["report", str(painted_study)])
    assert result.exit_code == 0
    assert (results / "report.html").is_file()
    assert not (results / "report.pdf").exists()
    assert "REEPI_BROWSER" in result.stderr
    assert "PDF" not in result.stdout
    assert "No PDF" in result.stderr
    assert CliRunner().invoke(app, ["report", str(painted_study), "--pdf"]).exit_code == 1
    printed: list[str] = []
    monkeypatch.setattr(printing, "find_browser", lambda: "browser")
    monkeypatch.setattr(writing, "print_pdf", lambda page, target, browser: printed.append(f"{browser}: {target.name}"))
    assert "report.pdf" not in CliRunner().invoke(app, ["report", str(painted_study), "--no-pdf"]).stdout
    assert "report.pdf" in CliRunner().invoke(app, ["report", str(painted_study)]).stdout
    assert printed == ["browser: report.pdf"]


def test_report_tells_that_the_study_changed_since(
    models: Models, painted_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On standard error and in the page, which hold the patients of now beside the numbers of before."""
    results = painted_study / "results"
    batch.score_folder(painted_study, results, models)
    monkeypatch.setattr(printing, "find_browser", lambda: None)
    told = "patients.csv changed since the study was scored: the report holds them as they are now"
    assert told not in CliRunner().invoke(app, ["report", str(painted_study)]).stderr
    assert told not in (results / "report.html").read_text()
    patients = painted_study / "patients.csv"
    patients.write_text(patients.read_text().replace("165", "166"))
    assert told in CliRunner().invoke(app, ["report", str(painted_study)]).stderr
    assert told in (results / "report.html").read_text()


def test_results_of_two_runs_are_told_and_not_exported(scored_once: Path, tmp_path: Path) -> None:
    """After a run that stopped between two tables; those of a version without hashes are taken as they are."""
    study = Path(shutil.copytree(scored_once, tmp_path / "study"))
    results = ResultsFolder(study / "results")
    results.areas.write_text(results.areas.read_text().replace("trunk_anterior,open,", "trunk_anterior,open,1", 1))

    def told(*command: str) -> Result:
        return CliRunner().invoke(app, [command[0], str(study), *command[1:]])

    reported = told("report", "--no-pdf")
    assert "areas.csv is not what the last whole run wrote" in reported.stderr
    assert "areas.csv is not what the last whole run wrote" in results.report.read_text()
    for form in ("csv", "redcap"):
        exported = told("export", "--to", form)
        assert (exported.exit_code, exported.stderr.count("areas.csv: it is not what the run of")) == (2, 1)
        assert "Score the study again." in exported.stderr
        assert not (results.path / form).exists()
    run = json.loads(results.run.read_text())
    del run["outputs"]
    results.run.write_text(json.dumps(run))
    assert "not what" not in told("report", "--no-pdf").stderr
    assert told("export", "--to", "csv").exit_code == 0


def test_help_of_segment_tells_every_type_that_is_read() -> None:
    """Photographs of a telephone are among them."""
    told = " ".join(CliRunner().invoke(app, ["segment", "--help"]).stdout.split())
    assert all(kind in told for kind in ("JPEG", "PNG", "TIFF", "HEIC", "AVIF", "raw", "DICOM"))


def test_help_answers_fast_and_without_heavy_imports() -> None:
    """Help needs less than a second of computing, since it imports neither torch nor the body model."""
    code = """
import json, sys, time
from typer.models import CommandInfo
from typer.testing import CliRunner
from reepi.cli import app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
print(json.dumps([time.process_time(), sorted({name.split(".")[0] for name in sys.modules})]))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    seconds, loaded = json.loads(told)
    assert seconds < 1
    assert not {"torch", "numpy", "pandas", "cv2", "anny", "matplotlib", "openvino"} & set(loaded)
