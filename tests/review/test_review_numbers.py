"""The numbers beside a photograph are those of scoring, whoever reads and whatever was refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from reviewed import chest, opened, point_of, same_day, whole_body

from reepi.core.tissue import Tissue
from reepi.review.controller import Review
from reepi.review.edits import retissued, stroke
from reepi.store.readings import ReadingStore
from reepi.store.registration_files import registration_text


def test_an_adjudicator_counts_what_was_decided_beside(
    scored_study: Path, scored_again: Callable[[Path], None]
) -> None:
    """Of the visit's other photograph the decision counts, and before it the mean of the readings, not the proposal."""
    same_day(scored_study)
    scored_again(scored_study)
    for reader, tissue in (("Ada", Tissue.REEPITHELIALISED), ("Ben", Tissue.ERYTHEMA)):
        review = opened(scored_study, reader, at=0)
        review.edit(retissued(review.mask, chest(review), tissue))
        review.accept()
        review.open(1)
        review.edit(stroke(review.mask, [(10, 10), (200, 140)], 40, tissue))
        review.accept()
    cleo = opened(scored_study, "Cleo", at=0)
    decide(cleo)
    before = cleo.numbers()
    cleo.accept()
    scored_again(scored_study)
    assert before.reepithelialised == pytest.approx(whole_body(scored_study, "reepithelialised"), abs=1e-6)
    cleo.open(1)
    decide(cleo)
    after = cleo.numbers()
    cleo.accept()
    scored_again(scored_study)
    assert after.reepithelialised == pytest.approx(whole_body(scored_study, "reepithelialised"), abs=1e-6)
    assert after.percent("erythema") == pytest.approx(whole_body(scored_study, "erythema"), abs=1e-6)


def decide(review: Review) -> None:
    """Decide for whoever saw new epidermis."""
    assert review.photograph.case is not None
    for area in review.photograph.case.areas:
        review.decide(area.number, "first" if area.first == Tissue.REEPITHELIALISED else "second")


def test_a_refused_place_shows_nothing(scored_study: Path, scored_again: Callable[[Path], None]) -> None:
    """Neither in its own numbers nor beside the visit's other photograph; once it is accepted again it does."""
    same_day(scored_study)
    scored_again(scored_study)
    review = opened(scored_study, at=0)
    with_both = review.numbers()
    review.judge_registration("refused", "shows another patient")
    own = review.numbers()
    review.open(1)
    beside = review.numbers()
    scored_again(scored_study)
    scored = whole_body(scored_study, "open")
    assert with_both.open > scored + 1
    assert own.open == pytest.approx(scored, abs=1e-6)
    assert beside.open == pytest.approx(scored, abs=1e-6)
    again = opened(scored_study, at=0)
    assert again.numbers().open == pytest.approx(scored, abs=1e-6)
    again.judge_registration("accepted")
    assert again.numbers().open == pytest.approx(with_both.open)


def test_a_photograph_replaced_since_it_was_read_counts_no_more(scored_study: Path) -> None:
    """As scoring, which says that its reading is outdated."""
    same_day(scored_study)
    review = opened(scored_study)
    review.accept()
    path = scored_study / "photos" / "a.png"
    path.write_bytes(path.read_bytes() + b" ")
    review.open(0)
    review.open(1)
    assert "photos/a.png" not in review.photograph.live.others


def test_hidden_repeats_begin_as_the_first_time(scored_study: Path) -> None:
    """Without the reader's points and chart, and nothing that is said of them counts: they only show drift."""
    settings = scored_study / "study.toml"
    settings.write_text(settings.read_text() + "repeats_percent = 100\n")
    review = opened(scored_study)
    thigh = review.photograph.template.regions == 5
    review.paint_chart(np.where(thigh, np.uint8(Tissue.DETACHABLE), review.chart))
    review.place_points([point_of(review)])
    review.accept()
    chart, points = review.chart, review.points
    while review.next():
        if review.task.occasion == 2:
            break
        review.accept()
    review.open([task.key for task in review.tasks].index(("photos/a.png", 2)))
    assert review.points == ()
    assert not (review.chart == Tissue.DETACHABLE).any()
    review.paint_chart(np.where(thigh, np.uint8(Tissue.COVERED), review.chart))
    review.judge_registration("refused", "looks turned")
    review.place_points([point_of(review, 900)])
    assert review.accept().occasion == 2
    assert review.desk.decisions.history() == ()
    assert review.desk.points.counting()["photos/a.png"].points == points
    saved = review.desk.own_chart(review.photograph.visit)
    assert saved is not None
    np.testing.assert_array_equal(saved.tissue, chart)
    assert [each.occasion for each in ReadingStore(scored_study).repeats()] == [2]


def test_moved_points_are_followed_on_opening_again(scored_study: Path) -> None:
    """As many points as the results know, elsewhere: the photograph lies where they say, as when it was saved."""
    review = opened(scored_study)
    review.place_points([point_of(review)])
    review.accept()
    file = scored_study / "results" / "registrations" / "a.json"
    assert review.registration is not None
    file.write_text(registration_text("photos/a.png", review.registration))
    review = opened(scored_study, at=0)
    assert review.registration is review.photograph.registration
    review.place_points([point_of(review, 500, 12)])
    faces = review.registration.faces.copy()
    review.accept()
    again = opened(scored_study, at=0)
    assert again.registration is not None
    np.testing.assert_array_equal(again.registration.faces, faces)
    assert again.registration is not again.photograph.registration
