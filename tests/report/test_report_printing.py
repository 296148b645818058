"""Printing by a browser: which one, what it is told, and what happens where there is none."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reepi.report import printing
from reepi.report.printing import CHOSEN, HOW_TO, NoPdf, find_browser, print_pdf

PAGE = "<!doctype html><title>t</title><p>words"


def known(*names: str) -> Callable[[str], str | None]:
    """Return a system on which these programs are found where they are asked for."""
    return lambda name: name if name in names else None


def browser(folder: Path, *lines: str) -> str:
    """Write a browser that does what a script says; it knows its ``arguments`` and the PDF's path, ``printed``."""
    path = folder / "browser"
    head = [
        f"#!{sys.executable}",
        "import sys, time, pathlib",
        "arguments = sys.argv[1:]",
        "told = dict(each.split('=', 1) for each in arguments if '=' in each)",
        "printed = pathlib.Path(told['--print-to-pdf'])",
    ]
    path.write_text("\n".join([*head, *lines]))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


@pytest.mark.parametrize(
    ("environment", "platform", "there", "found"),
    [
        ({CHOSEN: "mine"}, "linux", ("mine", "chromium"), "mine"),
        ({}, "linux", ("google-chrome", "msedge"), "google-chrome"),
        ({}, "linux", (), None),
        ({}, "darwin", ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",), ...),
        ({}, "win32", ("C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",), ...),
        ({}, "linux", ("C:/Program Files/Google/Chrome/Application/chrome.exe",), None),
    ],
)
def test_the_browser_is_the_named_one_else_one_of_the_system(
    environment: dict[str, str],
    platform: str,
    there: tuple[str, ...],
    found: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On the path, or in the usual place of that system."""
    monkeypatch.setattr(printing.shutil, "which", known(*there))
    expected = there[0] if found is ... else found
    assert find_browser(environment, platform) == expected


def test_a_named_browser_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other one is taken in its place, and the user is told how to print."""
    monkeypatch.setattr(printing.shutil, "which", known("chromium"))
    with pytest.raises(NoPdf, match="REEPI_BROWSER names gone") as told:
        find_browser({CHOSEN: "gone"}, "linux")
    assert HOW_TO in str(told.value)


def test_the_browser_gets_the_page_and_an_empty_profile(tmp_path: Path) -> None:
    """It is told to stay off the network, and the PDF is what it printed."""
    told = browser(
        tmp_path,
        "page = pathlib.Path(arguments[-1].removeprefix('file://')).read_text()",
        "fresh = not pathlib.Path(told['--user-data-dir']).exists()",
        "printed.write_text('%PDF-' + page + str(fresh) + ' '.join(arguments))",
    )
    print_pdf([PAGE], tmp_path / "results" / "report.pdf", told)
    content = (tmp_path / "results" / "report.pdf").read_text()
    assert content.startswith(f"%PDF-{PAGE}True")
    for option in ("--headless", "--no-pdf-header-footer", "--disable-background-networking"):
        assert option in content
    assert ("--no-sandbox" in content) == (os.geteuid() == 0)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("sys.exit('cannot open display')", "ended with 1 and printed nothing"),
        ("printed.write_text('<html>')", "printed nothing"),
        ("time.sleep(60)", "took longer than 1 s to print and was stopped"),
    ],
)
def test_a_browser_that_fails_leaves_the_earlier_pdf(tmp_path: Path, line: str, why: str) -> None:
    """And nothing half-written lies about."""
    target = tmp_path / "results" / "report.pdf"
    target.parent.mkdir()
    target.write_bytes(b"%PDF-earlier")
    with pytest.raises(NoPdf, match=why):
        print_pdf([PAGE], target, browser(tmp_path, line), seconds=1)
    assert target.read_bytes() == b"%PDF-earlier"
    assert list(target.parent.iterdir()) == [target]
