"""The report of agreement as its reader gets it: complete, offline, the same each time, whatever names hold."""

import base64
import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from reepi.core.regions import WHOLE_BODY
from reepi.core.results import AreaRow, EndpointRow
from reepi.core.tissue import Tissue
from reepi.report.agreement_content import MOST_PHOTOGRAPHS, agreement_content, counted, outside, shown, spread
from reepi.report.agreement_drawings import difference_drawing
from reepi.report.agreement_tables import VISIT_COLUMNS, agreement_csv, visits_csv
from reepi.report.agreement_writing import write_agreement
from reepi.scoring.rater_agreement import RaterAgreement, rater_agreement
from reepi.scoring.rater_figures import AgreementFigure
from reepi.scoring.rater_values import RaterResult

COMMAND = "reepi agree made-up"
ODD, PLAIN = "<b>Ada</b> $x^$", "Ben"
N_PATIENTS = 6


def made(extra: float, wound_rows: int) -> RaterResult:
    """Six patients with three visits; ``extra`` more open skin the larger the area; a photograph of each visit."""
    areas, endpoints = [], []
    masks: dict[str, Callable[[], np.ndarray]] = {}
    for place in range(N_PATIENTS):
        name = "=1+1" if place == 0 else f"P{place}"
        tops = [(8 + 9 * place) * share * (1 + extra) + extra * (place % 2) for share in (1, 0.6, 0.1)]
        for visit, percent in enumerate(tops):
            day = date(2024, 3, 1) + timedelta(4 * visit)
            areas.append(AreaRow(name, day, 4 * visit, WHOLE_BODY, "open", percent, percent, percent, percent))
            mask = np.full((20, 20), Tissue.INTACT, np.uint8)
            mask[: wound_rows + place] = Tissue.DETACHED
            masks[f"photos/<i>{place}{visit}.png"] = lambda mask=mask: mask
        grade = "TEN" if tops[0] > 30 else "overlap"
        endpoints.append(EndpointRow(name, "severity_class", None, grade, None, None, "class", ""))
        endpoints.append(EndpointRow(name, "responder", 7, "yes" if place % 2 else "no", None, None, "yes/no", ""))
    return RaterResult(areas, endpoints, masks)


@pytest.fixture(scope="module")
def found() -> RaterAgreement:
    """Two raters, one with a name that would break a page and start mathematics in a drawing."""
    return rater_agreement({ODD: made(0.0, 4), PLAIN: made(0.15, 5)})


@pytest.fixture
def page(found: RaterAgreement, tmp_path: Path) -> Path:
    """The written report."""
    return write_agreement(tmp_path / "report", found, "made <i>up</i>", COMMAND)


def test_the_page_is_whole_and_fetches_nothing(page: Path) -> None:
    """Drawings are inside it, there is no script, and figures, methods and sources are named."""
    text = page.read_text()
    sources = re.findall(r'src="([^"]{0,40})', text)
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert not re.findall(r"<script|<link|href=\"(?!#)|url\(", text)
    for words in ("ICC(2,1)", "limit of agreement", "Weighted kappa", "Dice", "Methods", COMMAND, "Shrout", "Zou"):
        assert words in text


def test_names_are_escaped(page: Path) -> None:
    """In the page as text, in the tables without a formula, in the drawing as themselves."""
    text = page.read_text()
    assert "<b>Ada" not in text
    assert "<i>" not in text
    assert "&lt;b&gt;Ada" in text
    patients = {row["patient_id"] for row in csv.DictReader((page.parent / "visits.csv").open())}
    assert "'=1+1" in patients
    drawing = base64.b64decode(re.findall(r"data:image/svg\+xml;base64,([^\"]+)", text)[0])
    words = " ".join(element.text or "" for element in ElementTree.fromstring(drawing).iter())  # noqa: S314
    assert f"{ODD} less {PLAIN}" in words


def test_the_same_raters_give_the_same_bytes(found: RaterAgreement, tmp_path: Path) -> None:
    """There is no date in it, and resampling starts from a fixed seed."""
    first, second = (write_agreement(tmp_path / name, found, "t", COMMAND).parent for name in "ab")
    again = write_agreement(tmp_path / "c", rater_agreement({ODD: made(0.0, 4), PLAIN: made(0.15, 5)}), "t", COMMAND)
    for name in ("index.html", "agreement.csv", "visits.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes() == (again.parent / name).read_bytes()


def test_the_figures_table_holds_every_figure(found: RaterAgreement) -> None:
    """One line each, values to 8 decimals, methods and reasons beside them."""
    rows = list(csv.DictReader(io.StringIO(agreement_csv(found.figures))))
    assert len(rows) == len(found.figures)
    for row, each in zip(rows, found.figures, strict=True):
        assert (row["subject"], row["measure"], row["method"]) == (each.subject, each.measure, each.method)
        assert row["value"] == "" if each.value is None else float(row["value"]) == pytest.approx(each.value, abs=1e-8)


def test_the_visits_table_gives_the_bias_again(found: RaterAgreement) -> None:
    """Who averages the differences of its lines by patient finds the bias of the figures table."""
    rows = list(csv.DictReader(io.StringIO(visits_csv(found))))
    assert tuple(rows[0]) == VISIT_COLUMNS
    assert len(rows) == 3 * N_PATIENTS
    means = [
        np.mean([float(row["difference"]) for row in rows if row["patient_id"] == name])
        for name in {row["patient_id"] for row in rows}
    ]
    (bias,) = [each for each in found.figures if (each.subject, each.measure) == ("open", "bias")]
    assert np.mean(means) == pytest.approx(bias.value, abs=1e-6)
    assert all(
        float(row["first_value"]) - float(row["second_value"]) == pytest.approx(float(row["difference"]), abs=1e-7)
        for row in rows
    )


def test_raters_with_nothing_in_common_are_told(tmp_path: Path) -> None:
    """The page says so and stands."""
    empty = rater_agreement({"a": made(0, 4), "b": RaterResult((), ())})
    text = write_agreement(tmp_path, empty, "t", COMMAND).read_text()
    assert "no visit, no patient and no photograph in common" in text
    assert "<img" not in text


def test_three_raters_have_an_overview(tmp_path: Path) -> None:
    """All at once, and two at a time with a link to each pair."""
    three = rater_agreement({"a": made(0, 4), "b": made(0.1, 4), "model": made(0.3, 6)})
    text = write_agreement(tmp_path, three, "t", COMMAND).read_text()
    assert "all 3 raters at once" in text
    assert {"#pair-1", "#pair-2", "#pair-3"} <= set(re.findall(r'href="([^"]+)"', text))


def test_the_photographs_that_overlap_least_come_first(found: RaterAgreement) -> None:
    """Wounds of 4 and 5 rows overlap less than those of 9 and 10."""
    (pair,) = agreement_content(found, "t", COMMAND).pairs
    assert len(pair.apart) == MOST_PHOTOGRAPHS
    assert pair.apart[0].photograph == "photos/<i>00.png"
    assert pair.apart[0].value == pytest.approx(8 / 9)
    assert [each.value for each in pair.apart] == sorted(each.value or 0 for each in pair.apart)


def test_what_neither_names_is_no_line(found: RaterAgreement) -> None:
    """Tables hold what there is; what there is not is told in a sentence."""
    (pair,) = agreement_content(found, "t", COMMAND).pairs
    assert [line.title for line in pair.masks] == ["Open", "Detached", "Intact", "Skin"]
    assert pair.unnamed == ("detachable", "erythema", "reepithelialised", "covered")
    assert "Erythema" in pair.missing


def test_a_visit_far_from_the_others_is_named(tmp_path: Path) -> None:
    """Of thirty patients one differs by 40 % BSA: it lies outside the limits and stands in the drawing."""
    day = date(2024, 3, 1)
    rows = [AreaRow(f"P{n}", day, 0, WHOLE_BODY, "open", n, n, n, n) for n in range(30)]
    off = [AreaRow(f"P{n}", day, 0, WHOLE_BODY, "open", 0, n + n % 3 + 40 * (n == 7), 0, 0) for n in range(30)]
    both = rater_agreement({"a": RaterResult(rows, ()), "b": RaterResult(off, ())})
    line = agreement_content(both, "t", COMMAND).pairs[0].numbers[0]
    assert [line.numbers.patients[place] for place in outside(line)] == ["P7"]
    assert b"P7 2024-03-01" in difference_drawing(line, "a", "b")
    assert b"P8 2024-03-01" not in difference_drawing(line, "a", "b")


def test_numbers_in_words() -> None:
    """Value with unit, interval or reason, and what it rests on; a dash where there is none."""
    each = AgreementFigure("a", "b", "open", "bias", "", -2.345, -3.0, None, "% BSA", 1, "visits", 1, "m", "why")
    assert (shown(each), spread(each), counted(each)) == ("-2.35 % BSA", "why", "1 visit of 1 patient")
    assert (shown(None), spread(None)) == ("–", "")
