"""The report as PDF: printed by a browser of the Chromium family that is on the machine, without any network."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from reepi.core.errors import ReepiError
from reepi.store.files import write_bytes

CHOSEN: Final = "REEPI_BROWSER"
"""Environment variable that names the browser."""

NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
    "brave-browser",
)
"""Programs of the Chromium family, as they are called on the search path."""

PLACES: Final[Mapping[str, tuple[str, ...]]] = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        "C:/Program Files/Google/Chrome/Application/chrome.exe",
        "C:/Program Files (x86)/Google/Chrome/Application/chrome.exe",
        "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
        "C:/Program Files/Microsoft/Edge/Application/msedge.exe",
    ),
}
"""Where they are installed on systems that have them on no search path."""

SECONDS: Final = 600
"""A browser that takes longer is stopped [s]; 32 photographs take some ten seconds, hundreds were not timed."""

OPTIONS: Final = (
    "--headless=new",
    "--disable-gpu",
    "--no-pdf-header-footer",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--metrics-recording-only",
    "--proxy-server=127.0.0.1:9",
    "--generate-pdf-document-outline",
)
"""Prints without header, and reaches nothing: even the proxy is one that nobody listens on."""

HOW_TO: Final = (
    "Install Chromium, Chrome or Edge, or name one in the environment variable REEPI_BROWSER; or open report.html in "
    "any browser and print it."
)


class NoPdf(ReepiError):
    """The report could not be printed; the text says why and what to do."""


def find_browser(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> str | None:
    """Return the program that prints, or None where there is none.

    Parameters
    ----------
    environment : mapping of str to str, optional
        Environment variables; those of this process by default.
    platform : str
        As in `sys.platform`.

    Raises
    ------
    NoPdf
        ``REEPI_BROWSER`` names no program.
    """
    chosen = (os.environ if environment is None else environment).get(CHOSEN, "")
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise NoPdf(f"{CHOSEN} names {chosen}, which is no program. {HOW_TO}")
        return found
    return _first([*map(shutil.which, NAMES), *map(shutil.which, PLACES.get(platform, ()))])


def print_pdf(html: Iterable[str], pdf: Path, browser: str, seconds: float = SECONDS) -> None:
    """Print a page to a PDF file in one step: the old file stays until the new one is whole.

    Parameters
    ----------
    html : iterable of str
        The page, in pieces.
    pdf : Path
        Where the PDF goes.
    browser : str
        Program of the Chromium family.
    seconds : float
        After which it is stopped [s].

    Raises
    ------
    NoPdf
        The browser failed, or took too long.
    OSError
        The PDF cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="reepi-print-", ignore_cleanup_errors=True) as folder:
        page, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        with page.open("w", encoding="utf-8") as file:
            file.writelines(html)
        _run(print_command(browser, page, printed, Path(folder) / "profile"), seconds)
        content = printed.read_bytes() if printed.is_file() else b""
    if not content.startswith(b"%PDF"):
        raise NoPdf(f"{browser} printed nothing. {HOW_TO}")
    write_bytes(pdf, content)


def print_command(browser: str, page: Path, pdf: Path, profile: Path, *, root: bool | None = None) -> list[str]:
    """Return the call of a browser that prints a page.

    Parameters
    ----------
    browser : str
        The program.
    page, pdf, profile : Path
        What to print, where to, and the empty folder in which the browser keeps what it writes down.
    root : bool, optional
        Whether the call is by the superuser, for whom Chromium only starts without its sandbox.
    """
    by_root = hasattr(os, "geteuid") and os.geteuid() == 0 if root is None else root
    sandbox = ["--no-sandbox"] if by_root else []
    return [browser, *OPTIONS, *sandbox, f"--user-data-dir={profile}", f"--print-to-pdf={pdf}", page.as_uri()]


def _run(command: list[str], seconds: float) -> None:
    """Run a browser to its end; stop it with all its processes when it takes too long."""
    quiet = subprocess.DEVNULL
    try:
        browser = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)  # noqa: S603
    except OSError as error:
        raise NoPdf(f"{command[0]} could not be started ({error}). {HOW_TO}") from error
    try:
        status = browser.wait(seconds)
    except subprocess.TimeoutExpired:
        raise NoPdf(f"{command[0]} took longer than {seconds:g} s to print and was stopped. {HOW_TO}") from None
    finally:
        _stop(browser)
    if status:
        raise NoPdf(f"{command[0]} ended with {status} and printed nothing. {HOW_TO}")


def _stop(browser: subprocess.Popen[bytes]) -> None:
    """End what is left of a browser; its processes make a group of their own where the system has such groups."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(browser.pid, signal.SIGKILL)
        else:
            browser.kill()
    except (ProcessLookupError, PermissionError):
        pass
    browser.wait()


def _first(found: Iterable[str | None]) -> str | None:
    return next((path for path in found if path), None)
