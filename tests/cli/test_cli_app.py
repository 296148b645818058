"""Calls that name the wrong thing, and calls that are stopped: the exit status, and what is told."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from reepi.cli import app


@pytest.fixture
def study(painted_study: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study in the folder that the calls are made in."""
    monkeypatch.chdir(painted_study)
    (painted_study / "folder").mkdir()
    (painted_study / "notes.txt").write_text("mine")
    return painted_study


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("score . --out photos.csv", "photos.csv: it is a file. Choose a folder"),
        ("score study.toml", "study.toml: it is a file. Name the study folder"),
        ("report study.toml", "study.toml: it is a file"),
        ("card folder", "folder: it is a folder. Name the PDF file"),
        ("card notes.txt", "notes.txt: it is no name of a PDF file"),
        ("card notes.txt --guide", "notes.txt: it is no name of a PDF file"),
        ("add . --from-table nosuch.csv", "nosuch.csv: there is no such file. Name the table"),
        ("add . --from-table folder", "folder: it is a folder. Name the table"),
    ],
)
def test_what_was_named_is_told(study: Path, call: str, told: str) -> None:
    """One line that says what is there and what to name, and no file is touched."""
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file()}
    result = CliRunner().invoke(app, call.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert {path: path.read_bytes() for path in study.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("call", "writes"),
    [("card card.pdf", "card_pdf.write_card"), ("card card.pdf --guide", "ward_guide.write_guide")],
)
def test_a_card_is_printed_before_the_first_photograph(
    study: Path, monkeypatch: pytest.MonkeyPatch, call: str, writes: str
) -> None:
    """The ward needs card and guide to take it."""
    (study / "photos.csv").write_text("file,patient_id,taken_at,view\n")
    printed = []
    monkeypatch.setattr(f"reepi.report.{writes}", lambda *arguments: printed.append(arguments[-1].name))
    result = CliRunner().invoke(app, [*call.split(), "--study", "."])
    assert (result.exit_code, printed) == (0, ["Two patients"])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("score .", "Stopped. The same command goes on where it stopped."),
        ("check .", "Stopped."),
        ("report .", "Stopped."),
    ],
)
def test_ctrl_c_is_answered(study: Path, monkeypatch: pytest.MonkeyPatch, call: str, told: str) -> None:
    """Whoever stops a command is told that it has ended, and whether it goes on; the status is the usual 130."""

    def stopped(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    for place in ("reepi.cli.batch.score_folder", "reepi.cli.check._study_folder", "reepi.report.write_report"):
        monkeypatch.setattr(place, stopped)
    result = CliRunner().invoke(app, call.split())
    assert result.exit_code == 130
    assert result.stderr.splitlines() == [told]
