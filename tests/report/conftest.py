"""A browser to open reports with, and the report of a scored study."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reepi.report import write_report
from reepi.report.printing import find_browser

WINDOW = (1280, 900)


@pytest.fixture(scope="session")
def browser_program() -> str:
    """A browser of the Chromium family; skips where there is none, but not in continuous integration, which has one."""
    found = find_browser()
    if found is None or shutil.which("chromedriver") is None:
        if os.environ.get("CI") == "true":
            raise FileNotFoundError("no Chromium and chromedriver")
        pytest.skip("REPORT IN A BROWSER NOT TESTED: there is no Chromium with its driver")
    return found


@pytest.fixture(scope="module")
def chrome(browser_program: str) -> Iterator[Any]:
    """A headless browser that writes down its console and every request."""
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser_program
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
        "--window-size={},{}".format(*WINDOW),
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # With the driver named, selenium looks for none in the network.
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def page(scored_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of two patients, the first with two visits, on bodies that look like bodies."""
    study = Path(shutil.copytree(scored_once, tmp_path_factory.mktemp("browser") / "study"))
    return write_report(study / "results", study)
