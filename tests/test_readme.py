"""README and pages tell the truth: all commands are there and exist, examples run, links lead somewhere."""

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
README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))
COMMANDS = set(typer.main.get_command(app).commands)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text_of(page), re.DOTALL)


def headings(page: Path) -> set[str]:
    """Return the anchors that the headings of a page get."""
    return {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^#+ (.+)", text_of(page), re.M)
    }


def test_every_command_is_named() -> None:
    """A command that the README does not name does not exist for its reader."""
    assert {command for command in COMMANDS if f"`reepi {command}" in text_of(README)} == COMMANDS


def test_every_page_is_linked() -> None:
    """Nobody finds a page that the README does not lead to."""
    assert {f"docs/{page.name}" for page in PAGES[1:]} <= set(re.findall(r"\]\(([^)#]+)\)", text_of(README)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_named_command_exists(page: Path) -> None:
    """Nothing is promised that is not there."""
    shell = "".join(f"`{line}" for block in blocks(page, "sh") for line in block.splitlines(keepends=True))
    assert set(re.findall(r"`reepi ([a-z]+)", text_of(page) + shell)) <= COMMANDS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_exists(page: Path) -> None:
    """So with the targets of make."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)`", text_of(page), re.MULTILINE):
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_benchmarks_exist(page: Path) -> None:
    """Every file, and every heading in it, that a page points to is in the repository."""
    for path, heading in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", text_of(page)):
        target = page.parent / path if path else page
        assert target.is_file(), path
        assert not heading or heading in headings(target), heading
    scripts = re.findall(r"python\s(benchmarks/\w+\.py)", text_of(page))
    assert [script for script in scripts if not (ROOT / script).is_file()] == []


@pytest.mark.parametrize("page", [README, ROOT / "docs" / "study-folder.md"], ids=lambda page: page.name)
def test_example_study_is_valid(tmp_path: Path, page: Path) -> None:
    """The study folder that is shown is read without a fault."""
    (settings,), tables = blocks(page, "toml"), blocks(page, "csv")
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
    page = ROOT / "docs" / "results.md"
    (example,) = blocks(page, "python")
    exec(compile(example, page.name, "exec"), {})  # noqa: S102 - the page's own example
    assert capsys.readouterr().out == "P01, day 0: 12.5 % BSA (11.0 to 14.0)\n"
