"""An adjudicator sees what the readers said, all of it, and settles nothing that came later."""

from pathlib import Path

import numpy as np
import pytest
from reviewed import chest, opened

from reepi.core.errors import InputError
from reepi.core.regions import REGIONS
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.review.controller import Review
from reepi.review.edits import retissued, stroke
from reepi.store.readings import ReadingStore


def read(study: Path, reader: str, tissue: Tissue) -> Review:
    """Let a reader call the chest of the first photograph a tissue."""
    review = opened(study, reader, at=0)
    review.edit(retissued(review.photograph.proposal, chest(opened(study, "Eve", at=0)), tissue))
    review.accept()
    return review


def differ(study: Path) -> None:
    read(study, "Ada", Tissue.REEPITHELIALISED)
    read(study, "Ben", Tissue.ERYTHEMA)


def test_one_rejected_and_one_corrected(scored_study: Path) -> None:
    """Cleo begins with the mask of who read it, not with the model's, and hears the reason of who did not."""
    ada = read(scored_study, "Ada", Tissue.ERYTHEMA)
    opened(scored_study, "Ben", at=0).reject("blurred")
    cleo = opened(scored_study, "Cleo")
    assert cleo.photograph.case is None
    np.testing.assert_array_equal(cleo.mask, ada.mask)
    assert "rejected it (blurred)" in cleo.trouble
    assert "Ada" not in cleo.trouble
    reading = cleo.accept()
    np.testing.assert_array_equal(ReadingStore(scored_study).mask(reading), ada.mask)


@pytest.mark.parametrize("end", ["accept", "reject"])
def test_what_was_read_since_is_not_settled(scored_study: Path, end: str) -> None:
    """Ben reads again while Cleo decides: she is asked to open it anew, and nothing is saved."""
    differ(scored_study)
    cleo = opened(scored_study, "Cleo")
    assert cleo.photograph.case is not None
    ben = opened(scored_study, "Ben", at=0)
    ben.edit(stroke(ben.mask, [(10, 10), (60, 90)], 30, Tissue.COVERED))
    ben.accept()
    for area in cleo.photograph.case.areas:
        cleo.decide(area.number, "second")
    with pytest.raises(InputError, match="read it again since you opened it"):
        cleo.accept() if end == "accept" else cleo.reject("blurred")
    assert ReadingStore(scored_study).decided() == {}
    cleo.open(cleo.at)
    assert "what you had decided is not taken over" in cleo.trouble
    assert cleo.undecided
    assert (cleo.mask == UNLABELLED).any()
    for area in cleo.photograph.case.areas:
        cleo.decide(area.number, "second")
    assert cleo.accept().role == "adjudicator"
    cleo.edit(stroke(cleo.mask, [(10, 10), (60, 90)], 30, Tissue.INTACT))
    assert cleo.accept().role == "adjudicator"


def test_a_photograph_opened_ahead_is_opened_anew(scored_study: Path) -> None:
    """If a reader read it again in between: its case would be the old one."""
    differ(scored_study)
    cleo = opened(scored_study, "Cleo")
    ready = cleo.desk.open(cleo.tasks[0])
    ben = opened(scored_study, "Ben", at=0)
    ben.edit(stroke(ben.mask, [(10, 10), (60, 90)], 30, Tissue.COVERED))
    ben.accept()
    cleo.open(0, ready)
    assert cleo.photograph.judged == cleo.desk.judged("photos/a.png") != ready.judged


def test_what_readers_agree_on_by_now_is_passed(scored_study: Path) -> None:
    """Cleo is not shown the model's proposal in place of a dispute that is over."""
    differ(scored_study)
    cleo = opened(scored_study, "Cleo")
    read(scored_study, "Ben", Tissue.REEPITHELIALISED)
    assert not cleo.open_first([0])
    assert "agree by now" in str(cleo.passed[0])
    assert cleo.desk.tasks() == ()


def test_an_adjudicator_goes_on_from_the_chart_that_counts(scored_study: Path) -> None:
    """What she adds joins what a reader painted; what she takes back of her own leaves it; only erasing ends it."""
    ada = opened(scored_study, "Ada", at=0)
    regions = ada.photograph.template.regions
    thigh, foot = (regions == REGIONS.index(name) for name in ("thigh_left_posterior", "foot_left_plantar"))
    ada.paint_chart(np.where(thigh, np.uint8(Tissue.DETACHABLE), ada.chart))
    ada.accept()
    differ(scored_study)
    cleo = opened(scored_study, "Cleo")
    read_by_ada = cleo.chart.copy()
    assert (read_by_ada[thigh] == Tissue.DETACHABLE).all()
    assert cleo.photograph.case is not None
    for area in cleo.photograph.case.areas:
        cleo.decide(area.number, "first")
    cleo.accept()
    assert cleo.desk.own_chart(cleo.photograph.visit) is None
    cleo.open(0)
    cleo.paint_chart(np.where(foot, np.uint8(Tissue.COVERED), cleo.chart))
    cleo.accept()
    counts = cleo.desk.charts.counting()[cleo.photograph.visit]
    assert (counts.readers, set(counts.tissue[thigh].tolist()), set(counts.tissue[foot].tolist())) == ("Cleo", {3}, {6})
    cleo.paint_chart(read_by_ada)
    cleo.accept()
    np.testing.assert_array_equal(cleo.desk.charts.counting()[cleo.photograph.visit].tissue, read_by_ada)
