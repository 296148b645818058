"""From a reviewed study to its audit and the agreement of its readers, as a user would call it."""

import csv
import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import reepi.review.app
from reepi.cli import app
from reepi.cli.batch import score_folder
from reepi.cli.models import Models
from reepi.cli.raters import rater_rows
from reepi.core.tissue import Tissue
from reepi.review.app import open_review
from reepi.review.edits import retissued
from reepi.store.results import ResultsFolder

runner = CliRunner()


def call(*words: object) -> tuple[int, str, str]:
    result = runner.invoke(app, [str(word) for word in words])
    return result.exit_code, result.stdout, result.stderr


def read_all(study: Path, reader: str, chest: Tissue | None = None) -> None:
    """Read everything, hidden repeats too; the detached chest of the first photograph may get another tissue."""
    review = open_review(study, reader)
    going = review.resume()
    while going:
        places = np.argwhere(review.mask == Tissue.DETACHED)
        if chest is not None and len(places):
            review.edit(retissued(review.mask, tuple(places[len(places) // 2]), chest))
        review.accept()
        going = review.next()
    review.close()


@pytest.fixture
def reviewed(painted_study: Path, models: Models) -> Path:
    """A study that Ada and Ben read: he sees erythema where she sees detached skin. Every photograph comes twice."""
    settings = painted_study / "study.toml"
    settings.write_text(settings.read_text() + "\n[reading]\nreaders = 2\nrepeats_percent = 100\n")
    score_folder(painted_study, painted_study / "results", models)
    read_all(painted_study, "Ada")
    read_all(painted_study, "Ben", Tissue.ERYTHEMA)
    return painted_study


def test_audit_counts_every_number_once_more(reviewed: Path, models: Models) -> None:
    """Readings newer than the results are told; after scoring everything holds; a number that was changed is named."""
    status, told, _ = call("audit", reviewed)
    assert status == 0
    assert "12 events are newer than the results; score again" in told
    score_folder(reviewed, reviewed / "results", models)
    status, told, _ = call("audit", reviewed)
    assert (status, "12 events." in told and "Everything holds." in told) == (0, True)
    assert "newer" not in told
    path = ResultsFolder(reviewed / "results").areas
    lines = path.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if ",whole_body,open," in line)
    lines[at] = lines[at].replace(",open,", ",open,1")
    path.write_text("\n".join(lines) + "\n")
    status, told, _ = call("audit", reviewed)
    assert status == 1
    assert f"areas.csv, line {at + 1}: it says" in told


def test_audit_counts_numbers_of_every_model_that_was_used(painted_study: Path, models: Models, tmp_path: Path) -> None:
    """The shipped models are three, one of them for whole persons' landmarks; all identify what was measured."""
    (tmp_path / "pose").mkdir()
    (tmp_path / "pose" / "card.toml").write_text('name = "pose"\n')
    score_folder(painted_study, painted_study / "results", replace(models, pose=tmp_path / "pose"))
    status, told, _ = call("audit", painted_study)
    assert (status, "Everything holds." in told) == (0, True), told


def test_audit_writes_nothing(reviewed: Path) -> None:
    """Looking leaves every file as it is, also where readings came after the results."""
    before = {path: path.read_bytes() for path in reviewed.rglob("*") if path.is_file()}
    call("audit", reviewed)
    assert {path: path.read_bytes() for path in reviewed.rglob("*") if path.is_file()} == before


def test_audit_of_results_that_cannot_be_replayed(reviewed: Path) -> None:
    """Where what a photograph gave is not kept, that is told, and not passed over."""
    ResultsFolder(reviewed / "results").work("photos/a.png").unlink()
    status, told, _ = call("audit", reviewed)
    assert status == 1
    assert "photos/a.png: what it gave is not kept" in told


def test_raters_are_measured_alone(reviewed: Path) -> None:
    """Ada confirms the model to the last digit, Ben sees nothing open; asking changes no file."""
    found = rater_rows(reviewed, reviewed / "results", None)
    assert list(found) == ["model", "Ada", "Ben"]

    def opened(rater: str) -> float:
        return next(
            row.percent_bsa
            for row in found[rater].areas
            if (row.patient_id, row.day, row.region, row.tissue) == ("P1", 0, "whole_body", "open")
        )

    assert opened("Ada") == opened("model") > 5
    assert opened("Ben") == 0
    kept = ResultsFolder(reviewed / "results").read_areas()
    assert {row.source for row in kept} <= {"proposal", ""}


def test_endpoints_of_patients_whom_a_reader_did_not_see_are_not_the_readers(reviewed: Path) -> None:
    """Cleo read one photograph: what follows from all visits of a patient is hers only where she saw them all."""
    review = open_review(reviewed, "Cleo")
    assert review.resume()
    review.accept()
    review.close()
    found = rater_rows(reviewed, reviewed / "results", None)
    visits, read = ({(row.patient_id, row.date) for row in found[name].areas} for name in ("model", "Cleo"))
    assert len(read) == 1
    unread = {patient for patient, _ in visits - read}
    assert unread
    assert not {row.patient_id for row in found["Cleo"].endpoints} & unread
    assert {row.patient_id for row in found["Ada"].endpoints} == {patient for patient, _ in visits}


def test_agreement_with_oneself_and_others(reviewed: Path, tmp_path: Path) -> None:
    """Readers are compared with the model, with each other and with their own hidden repeats."""
    status, _, trouble = call("agree", reviewed, "--out", tmp_path / "out")
    assert status == 0, trouble
    with (tmp_path / "out" / "agreement.csv").open(newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if (row["measure"], row["subject"]) == ("pooled Dice", "mask: open")
        ]
    found = {(row["first"], row["second"]): float(row["value"]) for row in rows if row["value"]}
    assert found["Ada", "Ada, again"] == 1
    assert found["model", "Ada"] == 1
    assert found["Ada", "Ben"] == 0


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make a package look as if it were not installed."""
    real = importlib.util.find_spec

    def _hide(package: str) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else real(name))

    return _hide


def test_review_without_napari_says_what_to_install(painted_study: Path, missing: Callable[[str], None]) -> None:
    """The remedy is in the message."""
    missing("napari")
    status, _, trouble = call("review", painted_study, "--reader", "Ada")
    assert status == 2
    assert 'pip install "reepi[review]" PyQt6' in trouble


@pytest.mark.parametrize(("reader", "told"), [(" ", "is no reader's name"), ("x" * 65, "is no reader's name")])
def test_review_wants_a_name(painted_study: Path, reader: str, told: str) -> None:
    """A reading without a name cannot be traced."""
    status, _, trouble = call("review", painted_study, "--reader", reader)
    assert status == 2
    assert told in trouble


def test_review_opens_a_window_on_the_study(painted_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command opens the review of the reader that it was given, and tells how far it is."""
    shown = []
    monkeypatch.setattr(reepi.review.app, "run", shown.append)
    status, _, told = call("review", painted_study, "--reader", "Ada")
    assert status == 0, told
    assert "3 photographs, 0 read" in told
    assert shown[0].desk.reader == "Ada"
