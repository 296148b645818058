"""A visit is signed as it was saved, by each for what was theirs to read; blind readers learn nothing by it."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from reviewed import chest, lose, opened, point_of, same_day

from reepi.core.errors import InputError, ReepiError, VisitUnfinished
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.review.controller import Review
from reepi.review.edits import retissued, stroke
from reepi.review.words import signed_told


def brushed(review: Review) -> None:
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.DETACHED))


def painted_on_the_chart(review: Review) -> None:
    head = review.photograph.template.regions == 0
    review.paint_chart(np.where(head, np.uint8(Tissue.DETACHABLE), np.uint8(UNLABELLED)))


def pointed(review: Review) -> None:
    review.place_points([point_of(review)])


@pytest.mark.parametrize("act", [brushed, painted_on_the_chart, pointed])
def test_a_visit_with_unsaved_work_is_not_signed(scored_study: Path, act: Callable[[Review], None]) -> None:
    """The reader would stand for what the screen shows; saved or undone it can be signed."""
    review = opened(scored_study)
    review.accept()
    review.open(0)
    act(review)
    with pytest.raises(VisitUnfinished, match=r"photos/a\.png: it holds work that is not saved"):
        review.sign()
    assert review.undo()
    review.sign()
    act(review)
    review.accept("second look")
    assert len(review.sign().signed) > 0


def test_unsaved_work_beside_another_photograph_of_the_visit(scored_study: Path) -> None:
    """It is named, also where it was left in an earlier window; that of another visit does not matter."""
    same_day(scored_study)
    review = opened(scored_study)
    review.accept()
    review.open(1)
    review.accept()
    brushed(review)
    review.open(2)
    brushed(review)
    review = opened(scored_study, at=0)
    with pytest.raises(VisitUnfinished, match=r"photos/b\.png") as unsaved:
        review.sign()
    assert len(unsaved.value.faults) == 1
    review.open(1)
    review.accept()
    assert review.sign().files == ("photos/a.png", "photos/b.png")


def test_an_adjudicator_signs_what_was_disputed(scored_study: Path) -> None:
    """Photographs of the visit on which nobody differs are not hers to read, and are not told as left out."""
    same_day(scored_study)
    for reader, tissue in (("Ada", Tissue.REEPITHELIALISED), ("Ben", Tissue.ERYTHEMA)):
        review = opened(scored_study, reader)
        review.edit(retissued(review.mask, chest(review), tissue))
        review.accept()
        review.next()
        review.accept()
    cleo = opened(scored_study, "Cleo")
    assert cleo.photograph.case is not None
    with pytest.raises(VisitUnfinished):
        cleo.sign()
    for area in cleo.photograph.case.areas:
        cleo.decide(area.number, "first")
    cleo.accept()
    signature = cleo.sign()
    assert signature.files == ("photos/a.png",)
    assert signed_told(signature, cleo.visit_files, is_hidden=False) == "Signed: 1 photograph of P1, 2024-03-05."


def moved(review: Review) -> None:
    path = review.desk.folder / review.task.entry.file
    path.write_bytes(path.read_bytes() + b" ")


def lost(review: Review) -> None:
    lose(review.desk.folder, Path(review.task.entry.file).stem)


def overwritten(review: Review) -> None:
    (mask,) = (review.desk.folder / "readings" / "masks").glob("*.png")
    mask.write_bytes(b"no mask")
    review.open(review.at)


@pytest.mark.parametrize("spoil", [moved, lost, overwritten])
def test_blind_readers_are_told_no_file(scored_study: Path, spoil: Callable[[Review], None]) -> None:
    """Whatever goes wrong with a photograph, it goes by the title that the reader knows."""
    settings = scored_study / "study.toml"
    settings.write_text(settings.read_text() + "blind_to_day = true\nblind_to_patient = true\n")
    review = opened(scored_study)
    review.accept()

    def spoilt() -> None:
        spoil(review)
        review.accept()

    with pytest.raises(InputError, match=review.task.title) as told:
        spoilt()
    assert not re.search(r"2024|photos/|day 0|P1|P2|\.png", str(told.value))


def test_blind_judging_tells_no_file(scored_study: Path) -> None:
    """Nor does a photograph that has no place on the body."""
    settings = scored_study / "study.toml"
    settings.write_text(settings.read_text() + "blind_to_patient = true\n")
    for path in (scored_study / "results" / "registrations").iterdir():
        path.unlink()
    review = opened(scored_study)
    with pytest.raises(InputError, match=f"{review.task.title}: it has no place"):
        review.judge_registration("accepted")


@pytest.mark.parametrize("verdict", ["accepted", "refused"])
def test_only_the_scored_place_is_judged(scored_study: Path, verdict: str) -> None:
    """A verdict on what the reader's points show now would be kept as one on the registration of before."""
    review = opened(scored_study)
    pointed(review)
    judge: Callable[[], None] = partial(review.judge_registration, verdict, "my points are wrong")
    with pytest.raises(ReepiError, match="not scored yet"):
        judge()
    assert review.desk.decisions.history() == ()
    review.undo()
    judge()
    assert review.desk.decisions.history()[0].verdict == verdict
