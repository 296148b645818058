"""The report of an evaluation as its reader gets it: complete, offline, the same each time, whatever names hold."""

import base64
import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from reepi.core.images import Photograph, TissueMap
from reepi.core.tissue import COLOURS, Tissue
from reepi.model.architecture import ARCHITECTURES
from reepi.model.card import Card
from reepi.model.data.datasets import DataSet, Sample
from reepi.model.data.label_sets import parse_label_sets
from reepi.model.evaluation.measuring import Measured
from reepi.model.evaluation.records import record_tissue
from reepi.model.evaluation.strata import strata_figures, strata_of
from reepi.model.evaluation.tissue_figures import tissue_figures
from reepi.report.evaluation_pictures import LEFT_OPEN, truth_picture
from reepi.report.evaluation_tables import figures_csv, photographs_csv
from reepi.report.evaluation_writing import shown, spread, write_evaluation

N = 6
COMMAND = "reepi evaluate tissue made-up --report evaluation"


def half_right(photograph: Photograph) -> TissueMap:
    """Call every pixel by its colour, but miss whatever lies in the lower half."""
    mask = np.where(photograph.pixels[..., 1] < 90, np.uint8(Tissue.DETACHED), np.uint8(Tissue.INTACT))
    mask[len(mask) // 2 :] = Tissue.INTACT
    mask[photograph.pixels.max(axis=2) < 40] = Tissue.BACKGROUND
    return TissueMap.from_mask(mask)


@pytest.fixture
def made(tmp_path: Path) -> DataSet:
    """Six photographs of two patients: skin on the left, a wound in it that grows; names that would break a page."""
    samples = []
    for number in range(N):
        mask = np.zeros((80, 60), np.uint8)
        mask[:, :40] = Tissue.INTACT
        mask[20 : 45 + 4 * number, 10:30] = Tissue.DETACHED
        colours = np.array([[0, 0, 0], [200 - 15 * number, 160 - 10 * number, 130]] + [[170, 20, 30]] * 5, np.uint8)
        image, label = tmp_path / f"<b>{number}.png", tmp_path / f"<b>{number}_mask.png"
        cv2.imwrite(str(image), colours[mask][..., ::-1])
        cv2.imwrite(str(label), mask)
        stem = f"<b>{number}" if number else "=1+1"
        samples.append(Sample(stem, image, label, "ab"[number % 2], "test", "trunk_anterior", look="raw"))
    name = "made <i>up</i>"
    return DataSet(tmp_path, name, "drawn", "CC0-1.0", parse_label_sets(None, name, []), tuple(samples))


@pytest.fixture
def measured(made: DataSet) -> Measured:
    """What was measured on them."""
    records = record_tissue(half_right, 768, made, made.samples)
    figures = (*tissue_figures(records), *strata_figures(records, strata_of(records)))
    return Measured(Card("tissue & co", "tissue", ARCHITECTURES["tissue"], 768, sha256="ab" * 32), figures, (records,))


Written = Callable[[str], Path]


@pytest.fixture
def written(measured: Measured, tmp_path: Path) -> Written:
    """Write the report into a folder of a name."""
    return lambda name: write_evaluation(tmp_path / name, measured, half_right, "test", COMMAND)


def test_the_page_is_whole_and_fetches_nothing(written: Written) -> None:
    """Every picture is inside it, there is no script, and headline, methods and model are named."""
    page = written("report").read_text()
    sources = re.findall(r'src="([^"]{0,40})', page)
    assert len(sources) >= 2 + 3 * N
    assert all(source.startswith("data:image/") for source in sources)
    assert not re.findall(r"<script|<link|href=\"(?!#)|url\(", page)
    for words in ("Headline figures", "Worst cases", "Methods", "Confusion", "ab" * 32, COMMAND, "CC0-1.0"):
        assert words in page


def test_names_are_escaped(written: Written) -> None:
    """In the page as text, in the tables without a formula."""
    page = written("report")
    text = page.read_text()
    assert "<b>1" not in text
    assert "&lt;b&gt;1" in text
    assert "made &lt;i&gt;up" in text
    stems = [row["stem"] for row in csv.DictReader((page.parent / "photographs.csv").open())]
    assert stems[:2] == ["'=1+1", "<b>1"]


def test_the_same_evaluation_gives_the_same_bytes(written: Written) -> None:
    """There is no date in it."""
    first, second = written("first").parent, written("second").parent
    for name in ("index.html", "figures.csv", "photographs.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_worst_cases_show_photograph_truth_and_prediction(written: Written, made: DataSet) -> None:
    """The pictures are JPEGs of the photograph's shape."""
    found = re.findall(r"data:image/jpeg;base64,([^\"]+)", written("report").read_text())
    assert len(found) == 3 * N
    assert {Image.open(io.BytesIO(base64.b64decode(each))).size for each in found} == {(60, 80)}


def test_truth_is_grey_where_the_label_is_open() -> None:
    """One tissue has its colour; two, and none, have a colour that no tissue has."""
    picture = truth_picture(np.array([[1 << Tissue.DETACHED, 0b11, 0]], np.uint8))
    assert picture.tolist() == [[list(COLOURS[Tissue.DETACHED]), list(LEFT_OPEN), list(LEFT_OPEN)]]
    assert LEFT_OPEN not in COLOURS.values()


def test_photographs_table_holds_areas_that_can_be_checked(measured: Measured) -> None:
    """First photograph: a wound of 25 rows and 20 columns in 80 x 40 pixels of skin, 20 rows of it found."""
    row = next(csv.DictReader(io.StringIO(photographs_csv(measured.records))))
    assert float(row["detached_true_percent"]) == pytest.approx(100 * 25 * 20 / (80 * 40))
    assert float(row["detached_predicted_percent"]) == pytest.approx(100 * 20 * 20 / (80 * 40))
    assert float(row["detached_dice"]) == pytest.approx(2 * 20 / (25 + 20))
    assert row["erythema_dice"] == row["erythema_true_percent"] == ""
    assert (row["patient_id"], row["view"], row["look"], row["area_of"]) == ("a", "trunk_anterior", "raw", "skin")


def test_figures_table_holds_every_figure(measured: Measured) -> None:
    """Strata among them."""
    rows = list(csv.DictReader(io.StringIO(figures_csv(measured.figures))))
    assert len(rows) == len(measured.figures)
    assert {row["stratum"] for row in rows} >= {"", "look: raw", "part of the body: trunk"}


def test_figures_in_words(measured: Measured) -> None:
    """Percentages have two decimals, shares three; what is missing is a dash."""
    figure = replace(measured.figures[0], measure="pooled Dice", value=0.5, low=0.25, high=0.75)
    assert (shown(figure), spread(figure)) == ("0.500", "0.250 to 0.750")
    assert shown(replace(figure, measure="area error [% of skin]", value=-0.001)) == "0.00"
    assert (shown(None), spread(None), spread(replace(figure, low=None))) == ("–", "", "")
