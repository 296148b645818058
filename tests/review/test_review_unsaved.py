"""Unsaved work is taken up on what it was made on, or with a word of what became of it; never on anything else."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reviewed import opened, same_day

from reepi.core.errors import InputError
from reepi.core.regions import REGIONS
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.imaging.writing import encode_mask
from reepi.review.app import open_review
from reepi.review.chart_steps import painted_bytes
from reepi.review.drafts import Step
from reepi.review.edits import stroke
from reepi.review.patches import Patch, difference
from reepi.review.unsaved import Work, leads_to, taken_up
from reepi.store.results import ResultsFolder


def work(tissue: Tissue = Tissue.INTACT, n_faces: int = 6) -> Work:
    return Work(np.full((8, 9), tissue, np.uint8), (), np.full(n_faces, UNLABELLED, np.uint8))


def painted(before: np.ndarray, rows: slice, tissue: Tissue) -> Step:
    after = before.copy()
    after[rows] = tissue
    patch = difference(before, after)
    assert patch is not None
    return Step("mask", b"", patch.packed())


def charted(faces: list[int], before: int, after: int) -> Step:
    chart = np.zeros(6, np.uint8)
    one = np.array(faces)
    return Step("chart", painted_bytes(one, chart + np.uint8(before)), painted_bytes(one, chart + np.uint8(after)))


def test_steps_on_what_they_began_with_stay_as_they_are() -> None:
    """Nothing has to be written down again; what was saved is left untouched."""
    saved = work()
    steps = (painted(saved.mask, slice(2, 4), Tissue.DETACHED), charted([1, 2], UNLABELLED, Tissue.COVERED))
    again = taken_up(steps, saved)
    assert again.steps == steps
    assert (again.work.mask[2:4] == Tissue.DETACHED).all()
    assert again.work.chart.tolist() == [255, 6, 6, 255, 255, 255]
    assert (saved.mask == Tissue.INTACT).all()
    assert (saved.chart == UNLABELLED).all()


def test_steps_on_another_mask_are_undone_to_it() -> None:
    """Each covers its rectangle; undoing it gives what is there now, not what it began with."""
    step = painted(work().mask, slice(2, 4), Tissue.DETACHED)
    again = taken_up([step], work(Tissue.ERYTHEMA))
    assert (again.work.mask[2:4] == Tissue.DETACHED).all()
    undone = again.work.mask.copy()
    Patch.unpacked(again.steps[0].redo).inverse.apply(undone)
    assert (undone == Tissue.ERYTHEMA).all()
    assert taken_up([step], work(Tissue.DETACHED)).steps == ()


def test_a_newer_chart_stands() -> None:
    """Faces that were saved otherwise since keep that, in all steps; the others are painted."""
    steps = [charted([0, 1], UNLABELLED, Tissue.DETACHABLE), charted([0, 1], Tissue.DETACHABLE, Tissue.COVERED)]
    saved = work()
    saved.chart[1] = Tissue.DETACHABLE
    again = taken_up(steps, saved)
    assert again.work.chart.tolist()[:2] == [Tissue.COVERED, Tissue.DETACHABLE]
    assert again.chart_stands
    saved.chart[1] = Tissue.COVERED
    assert not taken_up(steps, saved).chart_stands


def test_a_step_beyond_the_photograph_is_told() -> None:
    """Neither the part inside it nor another place is painted."""
    step = painted(np.full((20, 9), Tissue.INTACT, np.uint8), slice(6, 12), Tissue.DETACHED)
    for read in (taken_up, leads_to):
        with pytest.raises(InputError, match="does not fit the photograph"):
            read([step], work())


def replaced(study: Path, name: str = "a", size: tuple[int, int] | None = None, turned: bool = False) -> bytes:
    """Put another picture under the name of a photograph; return what was there."""
    path = study / "photos" / f"{name}.png"
    content = path.read_bytes()
    with Image.open(study / "photos" / "c.png") as picture:
        other = picture.resize(size) if size else picture.rotate(180) if turned else picture
        other.save(path)
    return content


def test_strokes_are_not_laid_on_another_photograph(scored_study: Path) -> None:
    """They are kept, the reader is told, and they are there again once their photograph is."""
    review = opened(scored_study)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.COVERED))
    strokes = review.mask.copy()
    before = replaced(scored_study)
    again = opened(scored_study)
    assert "another version of this photograph" in again.trouble
    assert again.is_saved
    assert not (again.mask == Tissue.COVERED).any()
    assert again.edit(stroke(again.mask, [(50, 10), (60, 40)], 4, Tissue.ERYTHEMA))
    (scored_study / "photos" / "a.png").write_bytes(before)
    restored = opened(scored_study)
    np.testing.assert_array_equal(restored.mask, strokes)
    assert not restored.is_saved


def test_a_replaced_photograph_has_neither_proposal_nor_place(scored_study: Path) -> None:
    """What the model said of the picture before says nothing of this one."""
    replaced(scored_study)
    review = opened(scored_study, at=0)
    assert review.photograph.proposal is None
    assert review.registration is None
    assert "changed since the study was scored" in review.trouble
    assert (review.mask == UNLABELLED).all()


def test_a_study_scored_while_it_is_read_has_proposals_again(
    scored_study: Path, scored_again: Callable[[Path], None]
) -> None:
    """The window need not be opened anew."""
    review = opened(scored_study, at=0)
    replaced(scored_study)
    review.open(0)
    assert review.photograph.proposal is None
    scored_again(scored_study)
    review.open(0)
    assert review.photograph.proposal is not None
    assert review.trouble == ""


@pytest.mark.parametrize("scored", [True, False])
def test_a_photograph_replaced_since_it_was_read_waits_again(scored_study: Path, scored: bool) -> None:
    """The reader sees the mask that was saved, is told to look, and the photograph is unread until it is saved."""
    if not scored:
        (scored_study / "results" / "run.json").unlink()
    review = opened(scored_study)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.COVERED))
    review.accept()
    saved = review.mask.copy()
    replaced(scored_study)
    review = opened(scored_study, at=0)
    assert "changed since you read it" in review.trouble
    assert review.task.waits
    np.testing.assert_array_equal(review.mask, saved)
    review.accept()
    assert review.task.is_read
    again = opened(scored_study, at=0)
    assert again.task.is_read
    assert "since you read it" not in again.trouble


def test_what_scoring_found_outdated_waits_again(scored_study: Path, scored_again: Callable[[Path], None]) -> None:
    """The worklist says so before the photograph is opened."""
    review = opened(scored_study)
    review.accept()
    replaced(scored_study)
    scored_again(scored_study)
    assert [task.state for task in opened(scored_study, at=1).tasks] == ["proposed"] * 3


def test_a_photograph_that_cannot_be_laid_out_leaves_the_desk(scored_study: Path) -> None:
    """Whatever goes wrong: photograph, mask and steps stay those of one photograph, and nothing unsaved is erased."""
    review = opened(scored_study)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.COVERED))
    (name,) = review._drafts.items()
    beyond = Patch(5000, 5000, np.zeros((2, 2), np.uint8), np.ones((2, 2), np.uint8))
    review._drafts.draft(name).push("mask", b"", beyond.packed())
    review.open(1)
    mask = review.mask
    with pytest.raises(InputError, match="does not fit the photograph"):
        review.open(0)
    assert review.task.entry.file == "photos/b.png"
    assert review.mask is mask
    assert len(review._drafts.draft(name).steps()) == 2
    assert review.accept().photograph == "photos/b.png"


def test_no_error_at_all_splits_the_desk(scored_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the program leaves what was on the desk there as well."""
    review = opened(scored_study)
    with monkeypatch.context() as patched:
        patched.setattr("reepi.review.controller.place_by_points", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            review.open(1)
    assert review.task.entry.file == review.photograph.task.entry.file == "photos/a.png"


def test_a_smaller_photograph_opens(scored_study: Path) -> None:
    """Strokes beyond its border are kept for the one that they were made on."""
    review = opened(scored_study)
    review.edit(stroke(review.mask, [(340, 200), (350, 230)], 4, Tissue.COVERED))
    before = replaced(scored_study, size=(120, 180))
    again = opened(scored_study)
    assert again.mask.shape == (180, 120)
    assert "another version" in again.trouble
    (scored_study / "photos" / "a.png").write_bytes(before)
    assert not opened(scored_study).is_saved


def test_what_was_undone_is_forgotten_with_its_proposal(scored_study: Path) -> None:
    """Redo does not paste what an old proposal held into a new one, and painting goes on."""
    review = opened(scored_study)
    review.edit(stroke(review.mask, [(100, 60), (160, 160)], 4, Tissue.COVERED))
    review.undo()
    path = ResultsFolder(scored_study / "results").proposal("photos/a.png")
    path.write_bytes(encode_mask(np.full(review.mask.shape, Tissue.INTACT, np.uint8), review.mask.shape))
    again = opened(scored_study)
    assert not again.redo()
    assert (again.mask == Tissue.INTACT).all()
    assert again.edit(stroke(again.mask, [(10, 10), (30, 40)], 4, Tissue.ERYTHEMA))


def test_painting_on_after_saving_is_no_new_proposal(scored_study: Path) -> None:
    """Work goes on from what was saved; opened again, it is there without a word of another proposal."""
    review = opened(scored_study)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.ERYTHEMA))
    review.accept()
    review.edit(stroke(review.mask, [(50, 10), (60, 40)], 4, Tissue.ERYTHEMA))
    mask = review.mask.copy()
    again = opened(scored_study)
    assert again.trouble == ""
    np.testing.assert_array_equal(again.mask, mask)


def test_an_older_chart_step_does_not_overrule_a_newer_saved_chart(scored_study: Path) -> None:
    """What was saved beside another photograph of the visit since stands, and the reader is told."""
    same_day(scored_study)
    review = opened(scored_study)
    thigh = review.photograph.template.regions == REGIONS.index("thigh_left_posterior")
    review.paint_chart(np.where(thigh, np.uint8(Tissue.DETACHABLE), review.chart))
    review.open(1)
    review.paint_chart(np.where(thigh, np.uint8(Tissue.COVERED), review.chart))
    review.accept()
    review.open(0)
    assert set(review.chart[thigh].tolist()) == {Tissue.COVERED}
    assert "what was saved stands" in review.trouble
    review.accept()
    saved = review.desk.own_chart(review.photograph.visit)
    assert saved is not None
    assert set(saved.tissue[thigh].tolist()) == {Tissue.COVERED}


def test_a_rejection_loses_nothing(scored_study: Path) -> None:
    """What was painted before it is there when the photograph is opened again, and counts for nothing until then."""
    review = opened(scored_study)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.ERYTHEMA))
    painted = review.mask.copy()
    assert not review.reject("blurred").teaches
    again = opened(scored_study, at=0)
    assert again.trouble == ""
    np.testing.assert_array_equal(again.mask, painted)
    assert again.accept().state == "corrected"
    again.reject("wrong key")
    np.testing.assert_array_equal(opened(scored_study, at=0).mask, painted)


@pytest.mark.parametrize("scored", [True, False])
def test_a_rejection_without_strokes_has_no_mask(scored_study: Path, scored: bool) -> None:
    """Neither the proposal nor an empty mask is kept."""
    if not scored:
        (scored_study / "results" / "masks" / "a.png").unlink()
    review = opened(scored_study)
    assert review.reject("blurred").mask_file is None
    assert opened(scored_study, at=0).trouble == ""


def test_unsaved_work_is_found_however_the_name_is_typed(scored_study: Path) -> None:
    """A blank behind the name is no second reader."""
    review = opened(scored_study, "Ada")
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.ERYTHEMA))
    review.close()
    again = open_review(scored_study, "Ada ")
    assert again.resume()
    assert again.desk.reader == "Ada"
    assert not again.is_saved
    again.close()
