"""``reepi export``: a scored study for the archive."""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reepi.cli import app, export
from reepi.store.results import ResultsFolder
from written_results import as_of_one_run

run = CliRunner().invoke


@pytest.fixture
def small(scored_once: Path, tmp_path: Path) -> Path:
    """A scored study with one visit's area of the whole body."""
    folder = Path(shutil.copytree(scored_once, tmp_path / "study"))
    results = ResultsFolder(folder / "results")
    results.write_tables([row for row in results.read_areas() if row.region == "whole_body"][:1], [])
    as_of_one_run(results)
    return folder


def test_objects_lie_in_the_results(small: Path) -> None:
    told = run(app, ["export", str(small), "--to", "dicom"])
    assert told.exit_code == 0, told.output
    assert "3 photographs, 3 masks and 1 report of visits" in told.output
    assert len(list((small / "results" / "dicom").rglob("*.dcm"))) == 7


def test_trouble_is_status_1_and_the_rest_is_written(small: Path, tmp_path: Path) -> None:
    (small / "photos" / "b.png").unlink()
    told = run(app, ["export", str(small), "--to", "dicom", "--out", str(tmp_path / "out")])
    assert told.exit_code == 1
    assert "photos/b.png: missing" in told.output
    assert len(list((tmp_path / "out").rglob("photograph_*.dcm"))) == 2


def test_a_mask_that_is_missing_is_told_with_what_to_do(small: Path, tmp_path: Path) -> None:
    ResultsFolder(small / "results").mask("photos/b.png").unlink()
    told = run(app, ["export", str(small), "--to", "dicom", "--out", str(tmp_path / "out")])
    assert told.exit_code == 1
    assert "is missing. Score the study again." in told.stderr
    assert "Errno" not in told.output


def test_what_came_since_the_scoring_is_told(small: Path) -> None:
    """A photograph on the list that the archive does not get is named, and that the list is another one."""
    assert "since" not in run(app, ["export", str(small), "--to", "dicom"]).stderr
    with (small / "photos.csv").open("a") as table:
        table.write("photos/late.png,P1,2024-03-11T09:30:00,whole_anterior\n")
    told = run(app, ["export", str(small), "--to", "dicom"])
    assert told.exit_code == 0
    assert "photos.csv changed since the study was scored" in told.stderr
    assert "Not exported, on the list since the study was scored: photos/late.png." in told.stderr


def test_results_of_two_runs_are_not_exported(small: Path) -> None:
    """After a run that stopped between two tables."""
    ResultsFolder(small / "results").write_tables([], [])
    told = run(app, ["export", str(small), "--to", "dicom"])
    assert (told.exit_code, "areas.csv: it is not what the run of" in told.stderr) == (2, True)
    assert not (small / "results" / "dicom").exists()


def test_study_without_results_is_wrong_input(study_folder: Callable[..., Path]) -> None:
    assert run(app, ["export", str(study_folder()), "--to", "dicom"]).exit_code == 2


def test_only_what_works_is_offered(small: Path) -> None:
    assert run(app, ["export", str(small), "--to", "paper"]).exit_code == 2


def test_missing_extra_is_told_with_its_remedy(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        export, "find_spec", lambda name: None if name == "highdicom" else importlib.util.find_spec(name)
    )
    told = run(app, ["export", str(small), "--to", "dicom"])
    assert told.exit_code == 2
    assert "pip install 'reepi[dicom]'" in told.output
