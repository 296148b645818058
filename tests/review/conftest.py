"""A scored study to read, and a display for windows that nobody looks at."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from reepi.cli.models import Models


@pytest.fixture
def scored_study(scored_once: Path, tmp_path: Path) -> Path:
    """A copy of the scored study."""
    return Path(shutil.copytree(scored_once, tmp_path / "study"))


@pytest.fixture
def scored_again(models: "Models") -> Callable[[Path], None]:
    """Score a study once more, as its readings stand."""
    from reepi.cli.batch import score_folder

    def _score(study: Path) -> None:
        score_folder(study, study / "results", models)

    return _score


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """A screen in memory; where there is none the test is skipped with a loud reason, in CI it fails."""
    there = os.environ.get("DISPLAY")
    if there:
        yield there
        return
    if shutil.which("Xvfb") is None:
        reason = "no display and no Xvfb: apt-get install xvfb libgl1 libegl1 libgl1-mesa-dri (make test does)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as screen:
        os.close(writing)
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        os.environ["DISPLAY"] = f":{number}"
        yield f":{number}"
        os.environ.pop("DISPLAY")
        screen.terminate()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of windows are kept after the test, to be looked at."""
    folder = Path(__file__).parents[2] / "test-output" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
