"""The command agree, run in process as a user would call it."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import reepi.cli.agree
import reepi.cli.rater_sources
from reepi.cli import app
from reepi.core.reading import NewReading
from reepi.core.regions import WHOLE_BODY
from reepi.core.results import AreaRow, EndpointRow, PhotoRow
from reepi.core.tissue import Tissue
from reepi.scoring.rater_values import RaterResult
from reepi.store.readings import ReadingStore
from reepi.store.results import ResultsFolder

runner = CliRunner()
SIZE = (64, 80)
PHOTOS = "file,patient_id,taken_at,view\n" + "".join(
    f"photos/{name}.png,P1,2024-03-1{day},whole_anterior\n" for day, name in enumerate("ab")
)


def call(*words: object) -> tuple[int, str, str]:
    result = runner.invoke(app, [str(word) for word in words])
    return result.exit_code, result.stdout, result.stderr


def rows(extra: float) -> tuple[list[AreaRow], list[EndpointRow]]:
    """Five patients with 5, 15, ... % BSA open at one visit, and ``extra`` more."""
    areas, endpoints = [], []
    for place in range(5):
        percent, day = 5 + 10.0 * place + extra, date(2024, 3, 1) + timedelta(place)
        areas.append(AreaRow(f"P{place}", day, 0, WHOLE_BODY, "open", percent, percent, percent, percent))
        grade = "SJS" if percent < 10 else "TEN" if percent > 30 else "overlap"
        endpoints.append(EndpointRow(f"P{place}", "severity_class", None, grade, None, None, "class", ""))
    return areas, endpoints


def wound(height: int) -> np.ndarray:
    mask = np.full(SIZE, Tissue.INTACT, np.uint8)
    mask[:height] = Tissue.DETACHED
    return mask


def scored(folder: Path, extra: float, height: int) -> Path:
    """Write results with a mask whose wound has so many rows."""
    results = ResultsFolder(folder)
    results.write_tables(*rows(extra))
    results.write_photos([PhotoRow("photos/a.png", "scored", "", 3.0, 1.0)])
    results.mask("photos/a.png").parent.mkdir()
    cv2.imwrite(str(results.mask("photos/a.png")), wound(height))
    return folder


def value(folder: Path, subject: str, measure: str) -> str:
    """Return the value of the one figure of that name."""
    (row,) = [
        row
        for row in csv.DictReader((folder / "agreement.csv").open())
        if (row["subject"], row["measure"], row["photograph"]) == (subject, measure, "")
    ]
    return row["value"]


def test_two_results_are_compared(tmp_path: Path) -> None:
    """The second sees 2 % BSA more everywhere and a wound of 15 rows in place of 10."""
    old, new = scored(tmp_path / "old", 0, 10), scored(tmp_path / "new", 2, 15)
    code, printed, _ = call("agree", old, new, "--out", tmp_path / "out")
    assert code == 0
    assert str(tmp_path / "out" / "index.html") in printed.replace("\n", "")
    assert "Open skin, bias" in printed
    assert float(value(tmp_path / "out", "open", "bias")) == pytest.approx(-2)
    assert float(value(tmp_path / "out", "mask: detached", "pooled Dice")) == pytest.approx(20 / 25)
    assert float(value(tmp_path / "out", "severity_class", "same class")) == pytest.approx(100)


def test_results_are_named_by_their_folders_or_by_the_user(tmp_path: Path) -> None:
    """``results`` says nothing, so the folder around it does; what the user says goes first."""
    first, second = scored(tmp_path / "one" / "results", 0, 10), scored(tmp_path / "two" / "results", 1, 10)
    assert call("agree", first, second.parent, "--out", tmp_path / "a")[0] == 0
    assert "one and two" in (tmp_path / "a" / "index.html").read_text()
    assert call("agree", first, second, "--name", "Ada", "--name", "Ben", "--out", tmp_path / "b")[0] == 0
    assert "Ada and Ben" in (tmp_path / "b" / "index.html").read_text()


def test_all_faults_of_the_call_are_named_at_once(tmp_path: Path) -> None:
    """Folders without results, and names that do not fit."""
    code, _, told = call("agree", tmp_path / "x", tmp_path / "y", "--name", "only")
    assert code == 2
    assert str(tmp_path / "x") in told
    assert str(tmp_path / "y") in told
    assert "1 names for 2 folders" in told


def test_a_name_given_twice_is_refused(tmp_path: Path) -> None:
    """Two raters of one name cannot be told apart."""
    old, new = scored(tmp_path / "old", 0, 10), scored(tmp_path / "new", 2, 15)
    code, _, told = call("agree", old, new, "--name", "Ada", "--name", "Ada")
    assert code == 2
    assert "'Ada' names two folders" in told


def test_a_damaged_mask_is_named(tmp_path: Path) -> None:
    """With its file, not a traceback."""
    old, new = scored(tmp_path / "old", 0, 10), scored(tmp_path / "new", 2, 15)
    (new / "masks" / "a.png").write_bytes(b"no png")
    code, _, told = call("agree", old, new)
    assert code == 2
    assert str(new / "masks" / "a.png") in told


def test_one_folder_must_be_a_study(tmp_path: Path) -> None:
    """Results alone have nobody to be compared with."""
    code, _, told = call("agree", scored(tmp_path / "old", 0, 10))
    assert code == 2
    assert "study.toml" in told


def test_missing_packages_are_named_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are computed by packages of an extra."""
    monkeypatch.setattr(reepi.cli.agree, "find_spec", lambda name: None if name == "pingouin" else object())
    code, _, told = call("agree", tmp_path, tmp_path)
    assert code == 2
    assert "pingouin not installed" in told
    assert "reepi[stats]" in told


@pytest.fixture
def study(study_folder: Callable[..., Path]) -> Path:
    """A study of two photographs; Ada and Ben read the first, Ada alone the second, and a model proposed."""
    folder = study_folder(photos=PHOTOS)
    (folder / "photos").mkdir()
    for name in "ab":
        Image.fromarray(np.full((*SIZE, 3), 90, np.uint8)).save(folder / "photos" / f"{name}.png")
    store = ReadingStore(folder)
    store.save(NewReading("photos/a.png", "Ada", "corrected"), wound(10))
    store.save(NewReading("photos/b.png", "Ada", "accepted"), wound(10))
    store.save(NewReading("photos/a.png", "Ben", "accepted"), wound(15))
    store.save(NewReading("photos/a.png", "tissue", "proposed", model_name="tissue"), wound(20))
    return folder


def fake_rows(folder: Path, results: Path, database: str | None) -> dict[str, RaterResult]:
    """Stand in for scoring each reader alone: Ben sees 3 % BSA more; the model brings a mask of its own."""
    model = RaterResult(*rows(5), {"photos/a.png": lambda: wound(20)})
    return {"Ada": RaterResult(*rows(0)), "Ben": RaterResult(*rows(3)), "model": model}


def test_readers_of_a_study_are_compared_with_their_masks(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Areas come from scoring each reader alone, masks from their readings, the model's from itself."""
    monkeypatch.setattr(reepi.cli.rater_sources, "rater_rows", fake_rows)
    code, printed, told = call("agree", study)
    assert code == 0
    assert "in common" not in told
    assert "model" in printed
    found = list(csv.DictReader((study / "agreement" / "agreement.csv").open()))
    pooled = {
        (row["first"], row["second"]): float(row["value"])
        for row in found
        if (row["subject"], row["measure"]) == ("mask: detached", "pooled Dice")
    }
    assert pooled == {
        ("Ada", "Ben"): pytest.approx(20 / 25),
        ("Ada", "model"): pytest.approx(20 / 30),
        ("Ben", "model"): pytest.approx(30 / 35),
    }
    bias = {
        (row["first"], row["second"]): float(row["value"]) for row in found if row["measure"] == "bias" and row["value"]
    }
    assert bias["Ada", "Ben"] == pytest.approx(-3)


def test_a_study_read_by_one_has_nobody_to_agree_with(study_folder: Callable[..., Path]) -> None:
    """The user is told what is missing."""
    code, _, told = call("agree", study_folder(photos=PHOTOS))
    assert code == 2
    assert "reading" in told
