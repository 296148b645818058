"""The README tells the truth: all commands are in it and exist, its examples run, its links lead somewhere."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest
import typer.main

from reepi.cli import app
from reepi.core.results import AreaRow
from reepi.core.views import VIEWS
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = set(typer.main.get_command(app).commands)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_every_command_is_named() -> None:
    """A command that the README does not name does not exist for its reader."""
    assert {command for command in COMMANDS if f"`reepi {command}" in README} == COMMANDS


def test_every_named_command_exists() -> None:
    """Nothing is promised that is not there."""
    named = set(re.findall(r"`reepi ([a-z]+)", README + "".join(f"`{line}" for line in blocks("sh"))))
    assert named <= COMMANDS


def test_every_make_target_exists() -> None:
    """So with the targets of make."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z-]+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_links_and_benchmarks_exist() -> None:
    """Every file that the README points to is in the repository."""
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", README) + re.findall(r"python (benchmarks/\w+\.py)", README)
    assert [path for path in linked if not (ROOT / path).is_file()] == []


def test_example_study_is_valid(tmp_path: Path) -> None:
    """The study folder that the README shows is read without a fault."""
    (settings,), tables = blocks("toml"), blocks("csv")
    (tmp_path / "study.toml").write_text(settings, encoding="utf-8")
    for name, table in zip(("patients.csv", "photos.csv"), tables, strict=True):
        (tmp_path / name).write_text(table, encoding="utf-8")
    study = read_study(tmp_path)
    assert study.protocol.almost_complete_percent == 90
    assert {row["view"] for row in csv.DictReader(io.StringIO(tables[1]))} <= set(VIEWS)


def test_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example prints the open skin of the demo's visits."""
    monkeypatch.chdir(tmp_path)
    row = AreaRow("P01", date(2024, 3, 5), 0, "whole_body", "open", 12, 12.5, 11, 14)
    ResultsFolder(Path("demo/results")).write_tables([row], [])
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})  # noqa: S102 - the README's own example
    assert capsys.readouterr().out == "P01, day 0: 12.5 % BSA (11.0 to 14.0)\n"
