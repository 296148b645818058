"""The commands collect and suggest, run in process as a user would call them."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from reepi.cli import app
from reepi.core.reading import NewReading
from reepi.core.tissue import Tissue
from reepi.model.architecture import ARCHITECTURES
from reepi.model.card import Card
from reepi.model.data.datasets import read_datasets
from reepi.model.folder import write_model
from reepi.model.network import build_network
from reepi.model.suggestion.seen import write_seen
from reepi.store.readings import ReadingStore

runner = CliRunner()
SIZE = (96, 128)
MASK = np.full(SIZE, Tissue.INTACT, np.uint8)

PHOTOS = "file,patient_id,taken_at,view\n" + "".join(
    f"photos/{name}.png,P1,2024-03-1{day},whole_anterior\n" for day, name in enumerate(("a", "b", "c", "d", "odd"))
)


def call(*words: object) -> tuple[int, str, str]:
    result = runner.invoke(app, [str(word) for word in words])
    return result.exit_code, result.stdout, result.stderr


def skin(seed: int) -> np.ndarray:
    """Return a photograph (96, 128, 3) of even skin with a red patch somewhere."""
    rng = np.random.default_rng(seed)
    pixels = np.full((*SIZE, 3), (200, 160, 140), np.uint8)
    row, column = rng.integers(10, 50, 2)
    pixels[row : row + 30, column : column + 40] = (160, 40, 50)
    return pixels


@pytest.fixture
def study(study_folder: Callable[..., Path]) -> Path:
    """A study of four photographs of skin and an odd one, a chequered board, that nobody read."""
    folder = study_folder(photos=PHOTOS)
    (folder / "photos").mkdir()
    for seed, name in enumerate("abcd"):
        Image.fromarray(skin(seed)).save(folder / "photos" / f"{name}.png")
    board = np.where(np.indices(SIZE).sum(axis=0) // 8 % 2 > 0, 255, 0).astype(np.uint8)
    Image.fromarray(np.stack([board, 255 - board, board], axis=-1)).save(folder / "photos" / "odd.png")
    return folder


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained model that saw 40 photographs of skin of that kind, all to train on."""
    data = tmp_path_factory.mktemp("skin")
    for part in ("images", "masks"):
        (data / part).mkdir()
    (data / "dataset.toml").write_text('name = "skin"\nsource = "generated"\nlicence = "CC0-1.0"\n')
    for seed in range(10, 50):
        Image.fromarray(skin(seed)).save(data / "images" / f"s{seed}.png")
        Image.fromarray(MASK).save(data / "masks" / f"s{seed}.png")
    lines = [f"s{seed},s{seed},train\n" for seed in range(10, 50)]
    (data / "samples.csv").write_text("stem,patient_id,split\n" + "".join(lines))
    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(0)
    write_model(folder, build_network("tissue"), Card("untrained", "tissue", ARCHITECTURES["tissue"], 128))
    write_seen(folder, read_datasets([data]))
    return folder


@pytest.fixture
def model(made_once: Path, tmp_path: Path) -> Path:
    """A copy of that model, to change."""
    return Path(shutil.copytree(made_once, tmp_path / "model"))


def read(study: Path, name: str, reader: str = "Ada", value: int = 1) -> None:
    ReadingStore(study).save(NewReading(f"photos/{name}.png", reader, "accepted"), np.full(SIZE, value, np.uint8))


def test_the_odd_photograph_is_unlike_training_and_those_read_are_left_out(
    study: Path, model: Path, tmp_path: Path
) -> None:
    """Table, CSV and pictures; the same bytes again; what was read is not in it."""
    read(study, "b")
    words = ("suggest", study, "--model", model, "--most", 2, "--pictures", tmp_path / "pictures", "--out")
    status, told, _ = call(*words, tmp_path / "first.csv")
    assert status == 0
    assert "Annotate next: 2 of 4 photographs" in told
    rows = list(csv.DictReader((tmp_path / "first.csv").open()))
    assert {row["file"] for row in rows} == {f"photos/{name}.png" for name in ("a", "c", "d", "odd")}
    furthest = max(rows, key=lambda row: float(row["distance"]))
    assert furthest["file"] == "photos/odd.png"
    assert "unlike the training photographs" in furthest["why"]
    assert (furthest["patient_id"], furthest["day"], furthest["view"]) == ("P1", "9", "whole_anterior")
    assert all(2 * float(row["distance"]) < float(furthest["distance"]) for row in rows if row is not furthest)
    assert [path.stem[:3] for path in sorted((tmp_path / "pictures").iterdir())] == ["001", "002"]
    call(*words, tmp_path / "second.csv")
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()


def test_readers_who_differ_bring_a_photograph_back(study: Path, model: Path, tmp_path: Path) -> None:
    """Two who agree settle it; a third who sees it otherwise is a reason to look again."""
    for name in "abcd":
        read(study, name)
        read(study, name, "Ben")
    read(study, "c", "Cem", Tissue.DETACHED)
    assert call("suggest", study, "--model", model, "--out", tmp_path / "out.csv")[0] == 0
    rows = {row["file"]: row for row in csv.DictReader((tmp_path / "out.csv").open())}
    assert set(rows) == {"photos/c.png", "photos/odd.png"}
    assert rows["photos/c.png"]["readers_differ_percent"] == "100"


def test_a_photograph_that_cannot_be_read_is_told_and_left_out(study: Path, model: Path) -> None:
    """The others are ranked; a model that does not say what it saw is told as well."""
    (study / "photos" / "a.png").write_bytes(b"no picture")
    (model / "seen.npz").unlink()
    status, told, err = call("suggest", study, "--model", model)
    assert status == 0
    assert "photos/a.png: left out, unreadable" in err
    assert "seen.npz" in err
    assert "of 4 photographs" in told


@pytest.mark.parametrize(
    ("name", "status", "problem"),
    [
        ("photos.csv", 2, "study's own files"),
        ("photos", 2, "it is a folder"),
        ("patients.csv/a.csv", 1, "cannot be written"),
    ],
)
def test_a_table_in_a_wrong_place_is_told_before_photographs_are_examined(
    study: Path, name: str, status: int, problem: str
) -> None:
    """The study's own tables stay as they are; no model is asked for, so a missing one is not told."""
    before = (study / "photos.csv").read_bytes()
    ended, _, err = call("suggest", study, "--model", study / "none", "--out", study / name)
    assert ended == status
    assert problem in err
    assert (study / "photos.csv").read_bytes() == before


def test_collect_says_what_became_of_the_readings(study: Path, tmp_path: Path) -> None:
    """Numbers, differing readers, splits, and the folder last; it loads as training data."""
    read(study, "a")
    read(study, "b")
    read(study, "b", "Ben", Tissue.ERYTHEMA)
    status, told, _ = call("collect", study, "--out", tmp_path / "data")
    lines = told.splitlines()
    assert status == 0
    assert lines == [
        "2 photographs of 1 patient from 1 study.",
        "1 photograph read by several: where they differ (100.0 % of skin on average, 100.0 % at most) pixels are "
        "unlabelled.",
        "Split by patient: 2 train, 0 validation, 0 test.",
        str(tmp_path / "data"),
    ]
    (dataset,) = read_datasets([tmp_path / "data"])
    assert "not for publication" in dataset.licence


def test_collect_names_faults_and_ends_with_two(study: Path, tmp_path: Path) -> None:
    """A photograph changed after reading is a wrong input."""
    read(study, "a")
    Image.fromarray(skin(99)).save(study / "photos" / "a.png")
    status, _, err = call("collect", study, "--out", tmp_path / "data")
    assert status == 2
    assert "a.png: it was changed since Ada read it" in err
    assert not (tmp_path / "data").exists()
