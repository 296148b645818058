"""The commands train, evaluate and segment, run in process as a user would call them."""

import csv
import signal
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from reepi.cli import app
from reepi.model.architecture import ARCHITECTURES
from reepi.model.area_interval import SUBJECTS
from reepi.model.card import Calibration, Card, read_card
from reepi.model.folder import read_model, write_model
from reepi.model.network import build_network

runner = CliRunner()


def call(*words: object) -> tuple[int, str, str]:
    result = runner.invoke(app, [str(word) for word in words])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def untrained(tmp_path: Path) -> Path:
    folder = tmp_path / "untrained"
    write_model(folder, build_network("tissue"), Card("untrained", "tissue", ARCHITECTURES["tissue"], 64))
    return folder


def test_train_evaluate_and_write_the_card(squares: Path, tmp_path: Path) -> None:
    """From a data folder to a model whose card holds what evaluate measured."""
    model = tmp_path / "model"
    words = ("--max-steps", 1, "--batch-size", 1, "--threads", 1)
    status, out, err = call("train", squares, "--out", model, *words)
    assert (status, out.strip()) == (0, str(model))
    assert "2 train, 1 validation, 1 test photographs; masks tell background; intact; detached" in err
    assert "ends after 1 steps" in err
    assert "ended after 1 steps" in err
    assert "squares detached area error [% of photograph]" in err
    table = tmp_path / "figures.csv"
    example = squares / "images" / "p000.jpg"
    status, out, _ = call(
        "evaluate", model, squares, "--calibrate", "--update-card", "--out", table, "--example", example
    )
    assert status == 0
    assert "pooled Dice" in out
    rows = list(csv.DictReader(table.open()))
    assert {row["subject"] for row in rows} >= {"background", "intact", "detached", "open", "skin", "bare skin"}
    card = read_card(model)
    recorded = card.measured["squares, test"]
    assert set(recorded) >= {"detached pooled Dice", "bare skin pooled IoU", "detached false alarms [% of skin]"}
    assert not any("predicted as" in name or "view" in name for name in recorded)
    assert set(card.measured) >= {"squares, test", "calibration on validation data"}
    assert {path.name for path in model.iterdir()} == {
        "weights.safetensors", "card.toml", "README.md", "curves.png", "example_input.jpg",
        "example_expected.png", "seen.npz",
    }  # fmt: skip


@pytest.mark.parametrize("there", ["model/card.toml", "model.training/last.ckpt"])
def test_a_model_that_is_there_stays(squares: Path, tmp_path: Path, there: str) -> None:
    """Without --resume neither a model nor a training that can go on is lost: status 2, nothing is touched."""
    kept = tmp_path / there
    kept.parent.mkdir()
    kept.write_bytes(b"weeks of work")
    status, _, err = call("train", squares, "--out", tmp_path / "model", "--max-steps", 1)
    assert status == 2
    assert "is there already. Give --resume to go on, or name another folder" in err
    assert kept.read_bytes() == b"weeks of work"
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize("resume", [(), ("--resume",)])
def test_file_in_the_place_of_a_model_stays(squares: Path, tmp_path: Path, resume: tuple[str, ...]) -> None:
    """A model folder does not take the place of somebody's file: status 2 before anything is trained."""
    file = tmp_path / "thesis.docx"
    file.write_text("two years of work")
    status, _, err = call("train", squares, "--out", file, "--max-steps", 1, *resume)
    assert status == 2
    assert "thesis.docx: it is a file. Name a folder with --out." in err
    assert file.read_text() == "two years of work"
    assert not (tmp_path / "thesis.docx.training").exists()


@pytest.mark.parametrize("out", [".", ".."])
def test_model_is_no_folder_that_the_user_is_in(
    squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    """It changes as a whole, and would do so with all that it holds."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    status, _, err = call("train", squares, "--out", out, "--max-steps", 1)
    assert status == 2
    assert "it is the folder that you are in" in err


def test_training_that_is_stopped_says_how_it_goes_on(
    squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C: the status of an interrupted program, and that --resume is what goes on."""

    def stopped(*words: object) -> None:
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("reepi.cli.train._told_every", lambda steps: stopped)
    words = ("--max-steps", 1, "--batch-size", 1, "--threads", 1)
    try:
        status, _, err = call("train", squares, "--out", tmp_path / "model", *words)
    finally:
        signal.signal(signal.SIGINT, before)
    assert status == 130
    assert err.splitlines()[-1] == "Stopped. The same command with --resume goes on from the last checkpoint."


def test_the_report_has_a_page_and_two_tables(squares: Path, untrained: Path, tmp_path: Path) -> None:
    """The tables name every subject and every photograph of the split; the same call writes the same bytes."""
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        status, out, _ = call("evaluate", untrained, squares, "--split", "train", "--report", folder)
        assert (status, out.strip().splitlines()[-1]) == (0, str(folder / "index.html"))
    assert {path.name for path in first.iterdir()} == {"index.html", "figures.csv", "photographs.csv"}
    photographs = list(csv.DictReader((first / "photographs.csv").open()))
    assert [row["stem"] for row in photographs] == ["p000", "p001"]
    assert float(photographs[0]["detached_true_percent"]) == pytest.approx(100 * 16 * 20 / (64 * 48))
    for name in ("figures.csv", "photographs.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


@pytest.mark.parametrize("task", ["tissue", "correspondence"])
def test_training_without_what_calibration_needs_is_finished(bodies: Path, tmp_path: Path, task: str) -> None:
    """Validation masks that label nothing, or photographs without a view: a warning, and the whole model folder."""
    cv2.imwrite(str(bodies / "masks" / "p002.png"), np.full((96, 72), 255, np.uint8))
    table = bodies / "samples.csv"
    table.write_text(table.read_text().replace("validation,trunk_anterior", "validation,"))
    words = ("--task", task, "--max-steps", 1, "--batch-size", 1, "--threads", 1)
    status, out, err = call("train", bodies, "--out", tmp_path / "model", *words)
    assert (status, out.strip()) == (0, str(tmp_path / "model"))
    assert "warning: the model is not calibrated." in err
    assert (tmp_path / "model" / "README.md").is_file()
    assert (tmp_path / "model" / "seen.npz").is_file() == (task == "tissue")


def test_bad_masks_stop_training_with_all_their_names(squares: Path, tmp_path: Path) -> None:
    """Nothing is trained, every fault is shown, and the status says that the call is wrong."""
    for name in ("p000", "p001"):
        cv2.imwrite(str(squares / "masks" / f"{name}.png"), np.full((96, 72), 99, np.uint8))
    status, _, err = call("train", squares, "--out", tmp_path / "model")
    assert status == 2
    assert "p000.png" in err
    assert "p001.png" in err
    assert not (tmp_path / "model").exists()


def test_empty_split_is_told(squares: Path, untrained: Path) -> None:
    """A split without photographs is a wrong call."""
    (squares / "samples.csv").write_text("stem,patient_id,split\n" + "".join(f"p00{n},a,train\n" for n in range(4)))
    status, _, err = call("evaluate", untrained, squares)
    assert status == 2
    assert "no photographs in the split test" in err


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_figures_that_cannot_be_written_are_told_before_measuring(
    squares: Path, untrained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """Status 1 and the name that was given, before a photograph is looked at."""
    monkeypatch.setattr("reepi.model.evaluation.measuring.measure_fully", lambda *words: pytest.fail("it measured"))
    (tmp_path / "taken").touch()
    status, _, err = call("evaluate", untrained, squares, option, tmp_path / "taken" / "e.csv")
    assert status == 1
    assert f"{tmp_path / 'taken' / 'e.csv'}: cannot be written, a file lies where a folder is needed" in err


def test_segment_names_bad_files_and_does_the_others(squares: Path, untrained: Path, tmp_path: Path) -> None:
    """A mask has the size of its photograph; a broken file is rejected with its reason and the status is 0."""
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    out = tmp_path / "out"
    status, told, err = call("segment", squares / "images" / "p000.jpg", broken, "--out", out, "--model", untrained)
    assert status == 0
    assert "broken.jpg: rejected" in err
    assert told.strip() == str(out / "p000.png")
    mask = cv2.imread(str(out / "p000.png"), cv2.IMREAD_UNCHANGED)
    assert mask is not None
    assert mask.shape == (96, 72)
    assert {path.name for path in out.iterdir()} == {"p000.png", "p000_overlay.jpg", "areas.csv"}


def test_two_files_of_one_name_are_refused(squares: Path, untrained: Path, tmp_path: Path) -> None:
    """One mask must not overwrite another, and every missing file is named."""
    status, _, err = call("segment", "a/x.jpg", "b/x.jpg", "--out", tmp_path / "out", "--model", untrained)
    assert status == 2
    assert err.count("same mask name") == 2
    assert err.count("no such file") == 2


def test_areas_of_single_photographs_come_with_intervals(squares: Path, untrained: Path, tmp_path: Path) -> None:
    """A factor in the card gives an interval around the area; without one its cells stay empty."""
    network, card = read_model(untrained)
    write_model(untrained, network, replace(card, calibration=Calibration(area={"detached": 2.0})))
    photograph, out = squares / "images" / "p000.jpg", tmp_path / "out"
    assert call("segment", photograph, "--out", out, "--model", untrained)[0] == 0
    rows = {row["tissue"]: row for row in csv.DictReader((out / "areas.csv").open())}
    assert set(rows) == set(SUBJECTS)
    low, middle, high = (float(rows["detached"][column]) for column in ("low", "percent_of_skin", "high"))
    assert 0 <= low <= middle <= high <= 100
    assert (rows["erythema"]["low"], rows["erythema"]["high"]) == ("", "")
    assert rows["open"]["model"] == read_card(untrained).sha256


class TestWhereMasksGo:
    @pytest.mark.parametrize("aside", [False, True])
    def test_no_photograph_is_replaced(self, squares: Path, untrained: Path, tmp_path: Path, aside: bool) -> None:
        """Neither by its own mask nor by that of another, through whatever path; status 2, and nothing is written."""
        folder = tmp_path / "photographs"
        folder.mkdir()
        pixels = np.zeros((96, 72, 3), np.uint8)
        for name in ("z.png", "y.jpg", "y_overlay.jpg"):
            cv2.imwrite(str(folder / name), pixels)
        before = {path: path.read_bytes() for path in folder.iterdir()}
        if aside:
            (tmp_path / "link").symlink_to(folder)
        out = tmp_path / "link" if aside else folder
        status, told, err = call("segment", *sorted(before), "--out", out, "--model", untrained)
        assert (status, told) == (2, "")
        assert err.count("would take its place") == 2
        assert {path: path.read_bytes() for path in folder.iterdir()} == before

    @pytest.mark.parametrize(
        ("name", "earlier"), [("p000.png", False), ("p000_overlay.jpg", False), ("p000.png", True)]
    )
    def test_nothing_is_replaced_that_no_earlier_call_wrote(
        self, squares: Path, untrained: Path, tmp_path: Path, name: str, earlier: bool
    ) -> None:
        """A mask drawn by hand or a photograph stays, also beside the masks of another call; status 2."""
        images, out = squares / "images", tmp_path / "out"
        out.mkdir()
        if earlier:
            assert call("segment", images / "p001.jpg", "--out", out, "--model", untrained)[0] == 0
        (out / name).write_bytes(b"drawn by hand")
        status, _, err = call("segment", images / "p000.jpg", "--out", out, "--model", untrained)
        assert status == 2
        assert f"{name}: a mask or an overlay would take its place" in err
        assert (out / name).read_bytes() == b"drawn by hand"

    @pytest.mark.parametrize("name", ["study.toml", "run.json", "areas.csv"])
    def test_no_table_of_a_study_is_replaced(self, squares: Path, untrained: Path, tmp_path: Path, name: str) -> None:
        """A study, its results, or areas under another header: status 2, and the folder stays as it is."""
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / name).write_text("patient_id,date\n")
        photograph = squares / "images" / "p000.jpg"
        status, _, err = call("segment", photograph, "--out", tmp_path / "out", "--model", untrained)
        assert status == 2
        assert "it holds a study, or the results of one" in err
        assert [path.name for path in (tmp_path / "out").iterdir()] == [name]

    def test_earlier_masks_may_be_made_anew(self, squares: Path, untrained: Path, tmp_path: Path) -> None:
        """The same call twice: the second one is as good as the first."""
        for _ in range(2):
            words = ("segment", squares / "images" / "p000.jpg", "--out", tmp_path / "out", "--model", untrained)
            assert call(*words)[0] == 0

    def test_folders_and_files_in_each_others_place_are_named(
        self, squares: Path, untrained: Path, tmp_path: Path
    ) -> None:
        """A folder as photograph and a file as folder: a wrong call, which says what each is."""
        (tmp_path / "truth.csv").touch()
        status, _, err = call("segment", squares, "--out", tmp_path / "new", "--model", untrained)
        assert status == 2
        assert f"{squares}: it is a folder" in err
        photograph = squares / "images" / "p000.jpg"
        status, _, err = call("segment", photograph, "--out", tmp_path / "truth.csv", "--model", untrained)
        assert status == 2
        assert "truth.csv: it is a file" in err
