"""Readings take the place of proposals in areas, masks and overlays, and leave the model's results as they were."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from reepi.body.template import build_template
from reepi.core.chart_reading import ChartReading, CountingChart
from reepi.core.counting import CountingReadings, counting
from reepi.core.images import Mask
from reepi.core.reading import Reading
from reepi.core.regions import REGIONS
from reepi.core.results import AreaRow, PhotoRow
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.instruments import Instruments
from reepi.pipeline import Bench, scored_in_turn
from reepi.scoring.conclusion import study_score
from reepi.store.finished import FinishedPhotographs
from reepi.store.provenance import photograph_hash
from reepi.store.read_photographs import ReadPhotographs, shown_mask
from reepi.store.results import Picture, ResultsFolder
from reepi.store.study import read_study

PICTURES: tuple[Picture, ...] = ("overlay",)

Areas = dict[tuple[str, int | None, str, str], AreaRow]
Chest = tuple[Path, Areas]


def reading(study: Path, file: str, reader: str, number: int = 1) -> Reading:
    content = photograph_hash(study / file)
    return Reading(number, file, content, reader, "corrected", "", "m.png", reader, "", "", datetime.now(UTC))


def chart(tissue: np.ndarray) -> CountingChart:
    painted = ChartReading(1, "P1", date(2024, 3, 5), "Ada", "reader", tissue.copy(), "", datetime.now(UTC), "")
    return CountingChart((painted,))


def scored(
    study: Path,
    instruments: Instruments,
    read: Mapping[str, CountingReadings],
    masks: Mapping[str, Mask],
    charts: Mapping[tuple[str, date], CountingChart] | None = None,
    pictures: tuple[Picture, ...] = PICTURES,
) -> tuple[Areas, dict[str, PhotoRow]]:
    """Score a study with what counts of its readings; masks are named by their reader."""
    results, content = ResultsFolder(study / "results"), read_study(study)
    results.path.mkdir(exist_ok=True)
    archive = FinishedPhotographs(results, study, "model", pictures)
    readers = ReadPhotographs(results, study, archive, read, lambda each: masks[each.reader], pictures, {}, charts)
    bench = Bench(study, replace(instruments, readers=readers), archive)
    patients = [*scored_in_turn(content, bench)]
    areas = study_score(content, [patient.rows for _, patient in patients]).areas
    rows = {each.row.file: each.row for ended, _ in patients for each in ended}
    return {(row.patient_id, row.day, row.region, row.tissue): row for row in areas}, rows


def proposal(study: Path) -> Mask:
    return cv2.imread(str(ResultsFolder(study / "results").proposal("photos/a.png")), cv2.IMREAD_UNCHANGED)


@pytest.fixture
def chest(
    painted_study: Path, instruments: Instruments
) -> tuple[Path, dict[tuple[str, int | None, str, str], AreaRow]]:
    """A scored study whose first photograph shows an open chest, and its areas."""
    return painted_study, scored(painted_study, instruments, {}, {})[0]


def test_accepting_a_proposal_changes_no_number(chest: Chest, instruments: Instruments) -> None:
    """The mask as the model left it gives the areas that it gave, now with a reader behind them."""
    study, before = chest
    read = counting([reading(study, "photos/a.png", "Ada")], None)
    after, rows = scored(study, instruments, {"photos/a.png": read}, {"Ada": proposal(study)})
    assert {key: (row.percent_bsa, row.percent_bsa_full) for key, row in after.items()} == {
        key: (row.percent_bsa, row.percent_bsa_full) for key, row in before.items()
    }
    assert before["P1", 0, "trunk_anterior", "open"].source == "proposal"
    assert after["P1", 0, "trunk_anterior", "open"].source == "reading"
    assert after["P1", 5, "trunk_anterior", "open"].source == "proposal"
    assert rows["photos/a.png"].source == "reading by Ada"
    assert rows["photos/b.png"].source == "proposal"


def test_a_reader_outranks_the_model(chest: Chest, instruments: Instruments) -> None:
    """Who sees that the chest is only red closes it; the mask shown is the reader's, the model's is kept beside it."""
    study, before = chest
    model = proposal(study)
    red = np.where(model == Tissue.DETACHED, np.uint8(Tissue.ERYTHEMA), model)
    overlay = ResultsFolder(study / "results").overlay("photos/a.png").read_bytes()
    read = {"photos/a.png": counting([reading(study, "photos/a.png", "Ada")], None)}
    after, _ = scored(study, instruments, read, {"Ada": red})
    assert before["P1", 0, "whole_body", "open"].percent_bsa > 5
    assert after["P1", 0, "whole_body", "open"].percent_bsa == 0
    results = ResultsFolder(study / "results")
    np.testing.assert_array_equal(cv2.imread(str(results.mask("photos/a.png")), cv2.IMREAD_UNCHANGED), red)
    np.testing.assert_array_equal(proposal(study), model)
    assert results.overlay("photos/a.png").read_bytes() != overlay
    again, _ = scored(study, instruments, read, {})
    assert again == after, "what was laid on the body once is taken over without its mask"
    back, _ = scored(study, instruments, {}, {})
    assert back == before
    assert not results.set_aside("photos/a.png").exists()
    assert results.overlay("photos/a.png").read_bytes() == overlay


def test_no_overlay_shows_other_tissues_than_those_that_count(chest: Chest, instruments: Instruments) -> None:
    """Where readings come or go in a run without overlays, the old one goes, and comes anew where it is wanted."""
    study, _ = chest
    overlay = ResultsFolder(study / "results").overlay("photos/a.png")
    model, drawn = proposal(study), overlay.read_bytes()
    red = np.where(model == Tissue.DETACHED, np.uint8(Tissue.ERYTHEMA), model)
    read = {"photos/a.png": counting([reading(study, "photos/a.png", "Ada")], None)}
    scored(study, instruments, read, {"Ada": red}, pictures=())
    assert not overlay.exists()
    scored(study, instruments, read, {"Ada": red})
    drawn_read = overlay.read_bytes()
    assert drawn_read != drawn
    scored(study, instruments, read, {"Ada": red}, pictures=())
    assert overlay.read_bytes() == drawn_read, "nothing changed since"
    scored(study, instruments, {}, {}, pictures=())
    assert not overlay.exists()
    scored(study, instruments, {}, {})
    assert overlay.read_bytes() == drawn


def test_two_readers_count_half_each(chest: Chest, instruments: Instruments) -> None:
    """Nobody decided between open and closed: half the skin counts as open, and nobody is sure."""
    study, before = chest
    model = proposal(study)
    red = np.where(model == Tissue.DETACHED, np.uint8(Tissue.ERYTHEMA), model)
    read = counting([reading(study, "photos/a.png", "Ada"), reading(study, "photos/a.png", "Ben", 2)], None)
    after, _ = scored(study, instruments, {"photos/a.png": read}, {"Ada": model, "Ben": red})
    open_before = before["P1", 0, "trunk_anterior", "open"]
    open_after = after["P1", 0, "trunk_anterior", "open"]
    assert open_after.percent_bsa == pytest.approx(open_before.percent_bsa / 2)
    assert open_after.high - open_after.low > open_before.high - open_before.low


def test_rejected_and_outdated_readings(chest: Chest, instruments: Instruments) -> None:
    """A photograph that a reader rejected, or that was changed since it was read, does not count, and says why."""
    study, _ = chest
    rejected = replace(reading(study, "photos/a.png", "Ada"), state="rejected", reason="blurred", mask_sha256=None)
    areas, rows = scored(study, instruments, {"photos/a.png": counting([rejected], None)}, {})
    assert rows["photos/a.png"].status == "rejected"
    assert rows["photos/a.png"].reasons == "rejected_by_reader: Ada rejected it: blurred"
    assert areas["P1", 0, "whole_body", "unassessed"].percent_bsa == pytest.approx(100)
    old = replace(reading(study, "photos/a.png", "Ada"), photograph_sha256="other")
    _, rows = scored(study, instruments, {"photos/a.png": counting([old], None)}, {"Ada": proposal(study)})
    assert rows["photos/a.png"].reasons.startswith("reading_outdated")


def test_painted_chart_outranks_photographs(chest: Chest, instruments: Instruments) -> None:
    """Skin that loosens under the finger is open, whatever the photographs show, and a dressing hides it."""
    study, before = chest
    template = build_template(read_study(study).patient("P1"))
    back = template.regions == REGIONS.index("buttock_left")
    painted = np.full(template.n_faces, UNLABELLED, np.uint8)
    painted[back] = Tissue.DETACHABLE
    share = template.shares("patient", 40)[back].sum()
    after, _ = scored(study, instruments, {}, {}, {("P1", date(2024, 3, 5)): chart(painted)})
    chest_open = before["P1", 0, "whole_body", "open"].percent_bsa
    assert after["P1", 0, "whole_body", "detachable"].percent_bsa == pytest.approx(share)
    assert after["P1", 0, "whole_body", "open"].percent_bsa == pytest.approx(chest_open + share, abs=0.02)
    assert "bedside chart" in after["P1", 0, "whole_body", "open"].source
    painted[back] = Tissue.COVERED
    covered, _ = scored(study, instruments, {}, {}, {("P1", date(2024, 3, 5)): chart(painted)})
    assert covered["P1", 0, "whole_body", "detachable"].percent_bsa == 0
    assert covered["P1", 0, "whole_body", "unassessed"].percent_bsa >= share


def test_mask_that_cannot_be_read_is_told(chest: Chest, instruments: Instruments) -> None:
    """A reading whose mask is gone fails its photograph and no other."""
    study, _ = chest
    read = counting([reading(study, "photos/a.png", "Ada")], None)
    _, rows = scored(study, instruments, {"photos/a.png": read}, {})
    assert [row.status for row in rows.values()] == ["failed", "scored", "scored"]


def test_mask_for_others_holds_tissues_alone() -> None:
    """Skin that nobody labelled is covered, the rest background; where readers differ the first is shown."""
    first = np.array([[4, UNLABELLED, UNLABELLED, UNLABELLED]], np.uint8)
    second = np.array([[1, 5, UNLABELLED, UNLABELLED]], np.uint8)
    model = np.array([[1, 1, 1, 0]], np.uint8)
    assert shown_mask([first, second], model).tolist() == [[4, 5, Tissue.COVERED, Tissue.BACKGROUND]]
