"""Confidence that can be believed: temperatures by predicted tissue, and the error over what labels tell apart."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from reepi.cli.evaluate import calibration_lines
from reepi.core.tissue import Tissue
from reepi.model.architecture import ARCHITECTURES, FINE_GRID
from reepi.model.card import Calibration, Card
from reepi.model.data.datasets import read_datasets
from reepi.model.data.label_sets import parse_label_sets
from reepi.model.evaluation.calibrating import CALIBRATION_ERROR, HELD, recalibrated
from reepi.model.evaluation.calibration import (
    FEWEST_PIXELS,
    LabelledLogits,
    calibration_error,
    collect_logits,
    fit_temperature,
    fit_temperatures,
    told_apart,
)
from reepi.model.prediction import ONES

EACH = np.arange(7)
"""Every tissue is told apart from every other."""


def drawn(temperatures: np.ndarray, count: int = 30_000) -> LabelledLogits:
    """Labels drawn from the probabilities of logits, and those logits told too loudly, by predicted tissue."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (7, count))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=0)
    labels = (probabilities.cumsum(axis=0) > rng.random(count)).argmax(axis=0)
    loud = logits * temperatures[logits.argmax(axis=0)]
    return LabelledLogits(loud.astype(np.float32), (1 << labels).astype(np.uint8), np.full(count, 1 / count))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_temperature_that_was_put_in_is_found(temperature: float) -> None:
    """Logits multiplied by a factor need that factor as temperature; the error is then small."""
    pixels = drawn(np.full(7, temperature))
    found = fit_temperature(pixels)
    assert found == pytest.approx(temperature, rel=0.05)
    assert calibration_error(pixels, np.full(7, found, np.float32), EACH) < 0.015
    assert temperature == 1.0 or calibration_error(pixels, ONES, EACH) > 0.05


def test_each_predicted_tissue_has_its_own_temperature() -> None:
    """Tissues that are told more loudly than others are quietened more, which one temperature could not do."""
    put_in = np.array([1, 1, 1, 3, 3, 1, 1], float)
    pixels = drawn(put_in)
    found = fit_temperatures(pixels)
    assert found.temperatures == pytest.approx(put_in, rel=0.15)
    single = np.full(7, found.temperature, np.float32)
    assert calibration_error(pixels, found.temperatures, EACH) < calibration_error(pixels, single, EACH)


def test_rare_tissue_takes_the_temperature_of_all() -> None:
    """Below `FEWEST_PIXELS` a tissue's own temperature would be chance."""
    pixels = drawn(np.full(7, 2.0), FEWEST_PIXELS)
    found = fit_temperatures(pixels)
    assert not found.by_tissue
    assert found.temperatures == pytest.approx(np.full(7, found.temperature))


def test_masks_that_label_nothing_are_passed_over(make_squares: Callable[..., Path], tmp_path: Path) -> None:
    """One such data set takes no part, and changes nothing for the others; of it alone there is no pixel."""
    labelled, blank = make_squares(tmp_path / "labelled"), make_squares(tmp_path / "blank")
    for path in (blank / "masks").glob("*.png"):
        cv2.imwrite(str(path), np.full((96, 72), 255, np.uint8))
    some, none = read_datasets([labelled, blank])

    def forward(pixels: np.ndarray, view: int) -> tuple[np.ndarray, ...]:
        return (np.zeros((1, 7, *pixels.shape[2:]), np.float32),)

    alone, both = (collect_logits(forward, each, 128, "validation") for each in ([some], [some, none]))
    assert len(alone.label_sets) == len(both.label_sets) > 0
    assert alone.weights.sum() == pytest.approx(both.weights.sum()) == pytest.approx(1)
    assert collect_logits(forward, [none], 128, "validation").logits.shape == (7, 0)


def test_labels_are_those_in_the_middle_of_each_logit(make_squares: Callable[..., Path], tmp_path: Path) -> None:
    """A border through a logit leaves it to the side on which its middle lies."""
    folder = make_squares(tmp_path / "data")
    mask = np.zeros((1024, 768), np.uint8)
    mask[:, 258:] = 1
    cv2.imwrite(str(folder / "masks" / "p002.png"), mask)
    cv2.imwrite(str(folder / "images" / "p002.jpg"), mask * 99 + np.arange(768, dtype=np.uint8) % 2)

    def forward(pixels: np.ndarray, view: int) -> tuple[np.ndarray, ...]:
        rows, columns = (side // FINE_GRID for side in pixels.shape[2:])
        logits = np.zeros((1, 7, rows, columns), np.float32)
        logits[0, 0] = np.arange(columns)
        return (logits,)

    found = collect_logits(forward, read_datasets([folder]), 384, "validation")
    # 192 logits for 1024 rows: the middle of column 48 is 48.5 * 16 / 3 = 258.7, right of the border.
    columns = found.logits[0]
    assert columns[found.label_sets == 1].max() == 47
    assert columns[found.label_sets == 2].min() == 48


def test_what_labels_cannot_tell_apart_is_one_prediction() -> None:
    """Sure that it is no wound but unsure what else it is: calibrated, if masks know wounds only."""
    labels = parse_label_sets({"0": ["background", "intact", "erythema"], "1": "detached"}, "", [])
    alike = told_apart(labels)
    assert alike[Tissue.BACKGROUND] == alike[Tissue.INTACT] == alike[Tissue.ERYTHEMA] != alike[Tissue.DETACHED]
    logits = np.full((7, 10), -20, np.float32)
    logits[:3] = 0
    pixels = LabelledLogits(logits, np.full(10, 0b111, np.uint8), np.ones(10))
    assert calibration_error(pixels, ONES, alike) == pytest.approx(0, abs=1e-5)
    assert calibration_error(pixels, ONES, EACH) == pytest.approx(2 / 3, abs=1e-3)


def test_figures_of_another_calibration_leave_the_card() -> None:
    """What it was worth, the new one need not be; what does not rest on it stays, as all does without a change."""
    old, new = Calibration(1.0, {}, {"open": 2.0}), Calibration(1.2)
    kept = {"command": "reepi evaluate", "detached pooled Dice": 0.8}
    gone = {f"all {CALIBRATION_ERROR}": 0.1, f"open {HELD}": 0.9, f"all {HELD}": 0.9}
    card = Card("x", "tissue", ARCHITECTURES["tissue"], 64, calibration=old).with_measured("d, test", kept | gone)
    assert recalibrated(card, new).measured == {"d, test": kept}
    assert recalibrated(card, new).calibration == new
    assert recalibrated(card, old) == card
    assert calibration_lines(old, new) == [
        "temperature 1.200",
        "warning: the area of open has no interval any more, as too few of these photographs tell it",
    ]
    assert calibration_lines(new, old) == ["temperature 1.000"]
