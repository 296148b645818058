"""What a reader can do, without a window: every action is kept, undone and saved, and the numbers follow."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reviewed import chest, lose, opened, point_of, same_day, unassessed, whole_body

from reepi.body.template import BodyTemplate
from reepi.core.errors import Fault, InputError, PhotographRejected, ReasonNeeded, VisitUnfinished
from reepi.core.regions import REGIONS
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.imaging.writing import encode_mask
from reepi.mapping.reader import register_points
from reepi.mapping.reader_problem import said_by_registration
from reepi.review.app import open_review
from reepi.review.desk import Desk
from reepi.review.edits import polygon, retissued, stroke
from reepi.review.history import History
from reepi.review.words import numbers_told
from reepi.store.correspondences import pack_correspondences
from reepi.store.files import write_bytes
from reepi.store.provenance import photograph_hash
from reepi.store.readings import ReadingStore
from reepi.store.results import ResultsFolder
from reepi.store.said import said_of
from reepi.store.trail import Trail


def test_worklist_is_prefilled(scored_study: Path) -> None:
    """Photographs come by patient and day, with their proposals, states and what is known of them."""
    review = opened(scored_study)
    assert [task.title for task in review.tasks] == [
        "P1, day 0, whole anterior",
        "P1, day 5, whole anterior",
        "P2, 2024-04-03, whole posterior",
    ]
    assert {task.state for task in review.tasks} == {"proposed"}
    assert review.tasks[0].residual_mm == pytest.approx(5)
    assert (review.mask == Tissue.DETACHED).any()
    assert not review.is_corrected
    assert review.is_saved


def test_numbers_are_those_of_scoring(scored_study: Path, scored_again: Callable[[Path], None]) -> None:
    """The live number is the one in areas.csv: before a correction, and after it once the study is scored again."""
    review = opened(scored_study)
    assert review.numbers().open == pytest.approx(whole_body(scored_study, "open"), abs=1e-6)
    assert review.numbers().unassessed == pytest.approx(unassessed(scored_study), abs=1e-3)
    assert review.numbers().unassessed > 20
    assert review.edit(retissued(review.mask, chest(review), Tissue.REEPITHELIALISED))
    now = review.numbers()
    assert now.open == pytest.approx(0, abs=0.2)
    assert now.reepithelialised > 5
    review.accept()
    scored_again(scored_study)
    assert whole_body(scored_study, "open") == pytest.approx(now.open, abs=1e-6)
    assert whole_body(scored_study, "reepithelialised") == pytest.approx(now.reepithelialised, abs=1e-6)


def test_a_body_that_was_amended_is_not_read_as_it_was_scored(
    scored_study: Path, scored_again: Callable[[Path], None]
) -> None:
    """Another height: the proposal stays, but its place is one on the body of before, until it is scored again."""
    before = opened(scored_study)
    assert (before.registration is not None, before.trouble) == (True, "")
    patients = scored_study / "patients.csv"
    patients.write_text(patients.read_text().replace("P1,F,40,165,62", "P1,F,40,150,62"))
    review = opened(scored_study)
    assert review.registration is None
    assert review.photograph.live.others == {}
    assert "Score the study again" in review.trouble
    assert review.photograph.proposal is not None
    scored_again(scored_study)
    again = opened(scored_study)
    assert (again.registration is not None, again.trouble) == (True, "")


def test_skin_that_nobody_labelled_is_told_and_counts_as_not_seen(scored_study: Path) -> None:
    """The wounds alone: the numbers say that the rest of the skin is not labelled, and nobody's intact skin is made."""
    review = opened(scored_study)
    assert review.unlabelled == 0
    assert "not labelled" not in numbers_told(review.numbers(), None, review.unlabelled)
    review.take(np.where(review.mask == Tissue.DETACHED, review.mask, np.uint8(UNLABELLED)))
    assert 0.5 < review.unlabelled < 1
    told = numbers_told(review.numbers(), None, review.unlabelled)
    assert f"{review.unlabelled:.0%} of its skin is not labelled" in told
    assert review.numbers().percent("intact") == 0


def test_everything_is_undone_in_order(scored_study: Path) -> None:
    """Mask, chart and points are undone and done again in the order in which they were done."""
    review = opened(scored_study)
    start, chart = review.mask.copy(), review.chart.copy()
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.ERYTHEMA))
    painted = np.where(review.photograph.template.regions == 0, np.uint8(Tissue.DETACHABLE), np.uint8(UNLABELLED))
    assert review.paint_chart(painted)
    point = point_of(review)
    assert review.place_points([point])
    brushed = review.mask.copy()
    assert review.undo()
    assert review.points == ()
    assert review.undo()
    np.testing.assert_array_equal(review.chart, chart)
    np.testing.assert_array_equal(review.mask, brushed)
    assert review.undo()
    np.testing.assert_array_equal(review.mask, start)
    assert not review.undo()
    assert review.redo()
    assert review.redo()
    assert review.redo()
    assert not review.redo()
    np.testing.assert_array_equal(review.mask, brushed)
    np.testing.assert_array_equal(review.chart, painted)
    assert review.points == (point,)


def test_nothing_new_is_no_step(scored_study: Path) -> None:
    """Painting what is there already is no step that would have to be undone."""
    review = opened(scored_study)
    assert not review.take(review.mask.copy())
    assert not review.edit(retissued(review.mask, chest(review), Tissue.DETACHED))
    assert not review.paint_chart(review.chart.copy())
    assert not review.undo()


def test_mask_goes_to_layers_and_back(scored_study: Path) -> None:
    """A mask painted elsewhere comes back as it was painted, value by value."""
    review = opened(scored_study)
    drawn = np.random.default_rng(7).integers(0, 7, review.mask.shape).astype(np.uint8)
    assert review.take(drawn)
    np.testing.assert_array_equal(review.mask, drawn)
    reading = review.accept()
    np.testing.assert_array_equal(ReadingStore(scored_study).mask(reading), drawn)


def test_accepted_corrected_rejected(scored_study: Path) -> None:
    """The state tells what was done; the model behind the proposal and the photograph's hash are kept."""
    review = opened(scored_study)
    accepted = review.accept()
    assert (accepted.state, accepted.reader, accepted.model_name) == ("accepted", "Ada", "skin")
    assert accepted.photograph_sha256 == review.photograph.sha256
    assert review.next()
    review.edit(polygon(review.mask, [(5, 5), (5, 40), (40, 40)], Tissue.ERYTHEMA))
    assert review.accept().state == "corrected"
    assert review.next()
    with pytest.raises(ValueError, match="reason"):
        review.reject(" ")
    assert review.reject("blurred").reason == "blurred"
    assert [task.state for task in review.tasks] == ["accepted", "corrected", "rejected"]
    assert not review.next()


KILLED = """
import os, signal, sys
from pathlib import Path
from reepi.core.tissue import Tissue
from reepi.review.app import open_review
from reepi.review.history import History
from reepi.review.edits import stroke
review = open_review(Path(sys.argv[1]), "Ada")
review.resume()
review.accept()
review.next()
for row in range(20, 60, 10):
    review.edit(stroke(review.mask, [(row, 10), (row, 60)], 3, Tissue.ERYTHEMA))
review.undo()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_review_goes_on_where_it_was(scored_study: Path) -> None:
    """What was saved is saved; the strokes before the kill are there again, also that the last was undone."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(scored_study)], check=False, timeout=120)
    assert done.returncode == -9
    review = opened(scored_study)
    assert [task.state for task in review.tasks][:1] == ["accepted"]
    assert review.at == 1
    expected = review.photograph.start.copy()
    for row in range(20, 50, 10):
        patch = stroke(expected, [(row, 10), (row, 60)], 3, Tissue.ERYTHEMA)
        assert patch is not None
        patch.apply(expected)
    np.testing.assert_array_equal(review.mask, expected)
    assert review.redo()
    assert not review.is_saved
    assert review.accept().state == "corrected"
    assert review.is_saved
    assert [each.state for each in ReadingStore(scored_study).history()] == ["accepted", "corrected"]


def test_killed_between_saving_and_tidying(scored_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unsaved steps that lead to what is saved are forgotten, not done twice."""
    review = opened(scored_study)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.ERYTHEMA))
    with monkeypatch.context() as patched:
        patched.setattr(History, "clear", lambda self: None)
        review.accept()
    assert not review.is_saved
    again = opened(scored_study, at=0)
    assert again.is_saved
    assert again.trouble == ""
    assert again.task.state == "corrected"
    assert len(ReadingStore(scored_study).history()) == 1


def test_proposal_that_changed_keeps_what_was_painted(scored_study: Path) -> None:
    """Who painted on a proposal that is another one now sees the strokes on the new one, and is told."""
    review = opened(scored_study)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.COVERED))
    covered = review.mask == Tissue.COVERED
    path = ResultsFolder(scored_study / "results").proposal("photos/a.png")
    path.write_bytes(encode_mask(np.full(covered.shape, Tissue.INTACT, np.uint8), covered.shape))
    again = opened(scored_study)
    assert "laid over the new one" in again.trouble
    assert (again.mask[covered] == Tissue.COVERED).all()
    assert not again.is_saved
    while again.undo():
        pass
    assert (again.mask == Tissue.INTACT).all()


def test_points_laid_over_a_new_proposal_are_told_too(scored_study: Path) -> None:
    """Fitting the photograph to them again takes nothing back of what the reader is warned of."""
    review = opened(scored_study)
    review.place_points([point_of(review)])
    path = ResultsFolder(scored_study / "results").proposal("photos/a.png")
    path.write_bytes(encode_mask(np.full(review.mask.shape, Tissue.INTACT, np.uint8), review.mask.shape))
    again = opened(scored_study)
    assert again.registration is not None
    assert again.registration.camera["n_reader_points"] == 1
    assert "laid over the new one" in again.trouble


def test_one_window_a_reader(scored_study: Path) -> None:
    """A second window of the same reader is refused, with a reason; another reader's opens."""
    opened(scored_study)
    with pytest.raises(InputError, match="another window of the same reader"):
        open_review(scored_study, "Ada")
    opened(scored_study, "Ben")


def test_saving_that_fails_is_loud_and_loses_nothing(scored_study: Path) -> None:
    """A photograph that was changed meanwhile cannot be saved; the work stays."""
    review = opened(scored_study)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.ERYTHEMA))
    path = scored_study / review.task.entry.file
    content = path.read_bytes()
    path.write_bytes(content + b" ")
    with pytest.raises(InputError, match="changed while it was read"):
        review.accept()
    assert not review.is_saved
    path.write_bytes(content)
    assert review.accept().state == "corrected"


def test_readers_are_blind_to_each_other(scored_study: Path) -> None:
    """Ben begins with the proposal, whatever Ada made of it, and her states are not his."""
    ada = opened(scored_study)
    ada.edit(retissued(ada.mask, chest(ada), Tissue.ERYTHEMA))
    painted = np.full(ada.chart.shape, UNLABELLED, np.uint8)
    painted[ada.photograph.template.regions == 0] = Tissue.DETACHABLE
    ada.paint_chart(painted)
    ada.accept()
    ben = opened(scored_study, "Ben")
    assert {task.state for task in ben.tasks} == {"proposed"}
    np.testing.assert_array_equal(ben.mask, ben.photograph.proposal)
    assert (ben.chart == UNLABELLED).all()


def test_blind_reading_tells_nothing_of_the_visit(scored_study: Path) -> None:
    """Where day or patient are hidden, no earlier day, no other photograph's numbers and no chart tell them."""
    settings = scored_study / "study.toml"
    settings.write_text(settings.read_text() + "blind_to_day = true\n")
    same_day(scored_study)
    review = opened(scored_study)
    assert "day" not in review.task.title
    assert review.desk.earlier_entries(review.task.entry) == ()
    assert review.photograph.live.others == {}
    with pytest.raises(InputError, match="hides the day or the patient"):
        review.paint_chart(np.full(review.chart.shape, Tissue.DETACHABLE, np.uint8))
    assert (review.chart == UNLABELLED).all()


def test_painted_chart_is_saved_and_counts(scored_study: Path, scored_again: Callable[[Path], None]) -> None:
    """Detachable skin painted on the thigh is open skin of the visit, by its share, once it is saved."""
    review = opened(scored_study)
    template = review.photograph.template
    thigh = template.regions == REGIONS.index("thigh_left_posterior")
    before = review.numbers().percent("detachable")
    assert review.paint_chart(np.where(thigh, np.uint8(Tissue.DETACHABLE), np.uint8(UNLABELLED)))
    now = review.numbers()
    share = template.shares("patient", 40)[thigh].sum()
    assert now.percent("detachable", "thigh_left_posterior") == pytest.approx(share)
    assert now.percent("detachable") > before + 0.9 * share
    review.accept()
    scored_again(scored_study)
    assert whole_body(scored_study, "detachable") == pytest.approx(now.percent("detachable"), abs=1e-6)


def test_chart_painted_beside_two_photographs_of_a_visit(scored_study: Path) -> None:
    """What is painted beside one photograph joins what was saved beside another, and takes nothing of it back."""
    same_day(scored_study)
    review = opened(scored_study)
    regions = review.photograph.template.regions
    thigh, foot = (regions == REGIONS.index(name) for name in ("thigh_left_posterior", "foot_left_plantar"))
    unpainted = review.chart.copy()
    review.paint_chart(np.where(thigh, np.uint8(Tissue.DETACHABLE), unpainted))
    review.open(1)
    review.paint_chart(np.where(foot, np.uint8(Tissue.COVERED), review.chart))
    review.accept()
    review.open(0)
    assert (review.chart[thigh] == Tissue.DETACHABLE).all()
    assert (review.chart[foot] == Tissue.COVERED).all()
    assert review.undo()
    assert (review.chart[thigh] == UNLABELLED).all()
    assert (review.chart[foot] == Tissue.COVERED).all()


def test_opened_ahead_counts_what_was_saved_since(scored_study: Path) -> None:
    """A photograph opened ahead shows the visit's numbers with the reading saved meanwhile, as one opened afresh."""
    same_day(scored_study)
    review = opened(scored_study)
    ready = review.desk.open(review.tasks[1])
    before = ready.live.numbers(ready.samples, ready.start).open
    review.accept()
    assert review.next(ready)
    ahead = review.numbers().open
    review.open(1)
    assert ahead == pytest.approx(review.numbers().open)
    assert ahead > before + 1


def test_points_move_the_registration_and_trouble_is_told(scored_study: Path) -> None:
    """A point that agrees keeps the photograph where it is; without points it is where it was."""
    review = opened(scored_study)
    before = review.registration
    assert review.place_points([point_of(review)])
    assert review.registration is not before
    assert review.registration is not None
    assert review.registration.camera["n_reader_points"] == 1
    assert review.place_points([])
    assert review.registration is before


def test_points_place_a_photograph_as_scoring_will(scored_study: Path) -> None:
    """What the network said is in the results; beside it, and not beside the earlier place, the points count."""
    results, file = ResultsFolder(scored_study / "results"), "photos/a.png"
    place = opened(scored_study).registration
    assert place is not None
    template = opened(scored_study).photograph.template
    said = said_by_registration(place, template, place.size)
    moved = replace(said, pixels=said.pixels + 4, source="network").kept
    write_bytes(results.correspondences(file), pack_correspondences(moved))
    review = opened(scored_study)
    assert review.task.entry.file == file
    point = point_of(review)
    assert review.place_points([point])
    by_scoring = register_points([point], review.task.entry.view, template, place.size, None, moved)
    assert review.registration is not None
    assert review.registration.camera["position_m"] == by_scoring.camera["position_m"]
    results.correspondences(file).unlink()
    beside_the_place = opened(scored_study)
    assert beside_the_place.registration is not None
    assert beside_the_place.registration.camera["position_m"] != by_scoring.camera["position_m"]


def test_points_on_a_changed_photograph_are_saved_again(scored_study: Path) -> None:
    """Who accepts with them where they were says that they hold for the photograph as it is now; once is enough."""
    review = opened(scored_study)
    file, point = review.task.entry.file, point_of(review)
    review.place_points([point])
    review.accept()
    with Image.open(scored_study / file) as picture:
        picture.save(scored_study / file, compress_level=0)
    for _ in range(2):
        review = opened(scored_study, at=0)
        assert review.points == (point,)
        review.accept()
    saved = review.desk.points.history()
    assert [each.points for each in saved] == [(point,)] * 2
    assert saved[0].photograph_sha256 != saved[1].photograph_sha256 == photograph_hash(scored_study / file)


def test_refused_registration(scored_study: Path, scored_again: Callable[[Path], None]) -> None:
    """A photograph whose place on the body is refused counts no more, and says who refused it and why."""
    review = opened(scored_study)
    review.judge_registration("refused", "shows the other arm")
    scored_again(scored_study)
    row = ResultsFolder(scored_study / "results").read_photos()[0]
    assert row.status == "rejected"
    assert row.reasons == "registration_refused: Ada refused its place on the body: shows the other arm"
    assert opened(scored_study).tasks[0].status == "rejected"


def test_signed_visit_asks_for_a_reason(scored_study: Path) -> None:
    """A visit is signed once it is read; a later change needs a reason."""
    review = opened(scored_study)
    with pytest.raises(InputError, match="said nothing"):
        review.sign()
    review.accept()
    assert review.sign().files == ("photos/a.png",)
    review.open(0)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.ERYTHEMA))
    with pytest.raises(InputError, match="reason"):
        review.accept()
    assert review.accept("second look").reason == "second look"


@pytest.mark.parametrize("hidden", ["blind_to_day", "blind_to_patient"])
def test_blind_signing_tells_nothing_of_the_visit(scored_study: Path, hidden: str) -> None:
    """Where day or patient are hidden, what stands against signing or changing names no visit and no file."""
    settings = scored_study / "study.toml"
    settings.write_text(settings.read_text() + f"{hidden} = true\n")
    same_day(scored_study)
    review = opened(scored_study)
    first, second = (
        next(at for at, task in enumerate(review.tasks) if task.entry.file == f"photos/{name}.png") for name in "ab"
    )
    title, told = review.tasks[second].title, []
    for at in (first, second):
        review.open(at)
        with pytest.raises(VisitUnfinished, match="not everything that belongs to its visit is read") as unread:
            review.sign()
        told.append(unread.value)
        review.accept()
    review.sign()
    for change in (review.accept, partial(review.judge_registration, "accepted")):
        with pytest.raises(ReasonNeeded, match=f"{title}: you signed this photograph. A change needs a reason") as late:
            change()
        told.append(late.value)
    assert not [error for error in told if re.search("2024|photos/|day 0|P2", str(error))]
    assert all(error.__suppress_context__ for error in told)


def test_a_photograph_that_cannot_be_opened_is_passed(scored_study: Path) -> None:
    """The review begins with the next one and tells which it passed and why; nothing counts it as read."""
    lose(scored_study, "a")
    review = opened(scored_study)
    assert review.task.entry.file == "photos/b.png"
    assert [fault.where for fault in review.passed] == ["P1, day 0, whole anterior"]
    assert "There is no such file" in str(review.passed[0])
    assert review.tasks[0].state == "cannot be opened"
    assert not review.tasks[0].is_read
    review.accept()
    assert review.next()
    assert review.passed == ()
    review.accept()
    assert not review.next()


def test_what_cannot_be_opened_leaves_the_photograph_before_alone(scored_study: Path) -> None:
    """Accepting one, passing a damaged one and rejecting goes for the photograph that is open then."""
    review = opened(scored_study)
    (scored_study / "photos" / "b.png").write_bytes(b"damaged")
    review.accept()
    assert review.next()
    review.reject("other")
    said = [(each.photograph, each.state) for each in ReadingStore(scored_study).history()]
    assert said == [("photos/a.png", "accepted"), ("photos/c.png", "rejected")]


def test_work_that_cannot_be_read_leaves_the_desk_as_it_was(
    scored_study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where unsaved steps are damaged, what was open stays open, with its mask, its steps and its name."""
    review = opened(scored_study)
    review.open(1)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.COVERED))
    review.open(0)
    review.edit(stroke(review.mask, [(10, 10), (30, 40)], 4, Tissue.ERYTHEMA))
    before = review.mask.copy()

    def damaged(history: History) -> None:
        raise InputError([Fault("unsaved work", "it is damaged", "Start from what is saved.")])

    monkeypatch.setattr(History, "steps", damaged)
    with pytest.raises(InputError, match="it is damaged"):
        review.open(1)
    assert (review.task.entry.file, review.photograph.task.entry.file) == ("photos/a.png", "photos/a.png")
    np.testing.assert_array_equal(review.mask, before)
    assert review.undo()
    assert not review.undo()


def test_a_photograph_that_can_be_opened_again_is_to_be_read(scored_study: Path) -> None:
    """Copied to its place it opens from the list, counts as unread and can be accepted."""
    content = (scored_study / "photos" / "b.png").read_bytes()
    lose(scored_study, "b")
    review = opened(scored_study)
    with pytest.raises(PhotographRejected, match="no such file"):
        review.open(1)
    assert (review.at, review.tasks[1].state) == (0, "cannot be opened")
    (scored_study / "photos" / "b.png").write_bytes(content)
    review.open(1)
    assert review.task.state == "proposed"
    assert review.accept().photograph == "photos/b.png"
    assert review.task.state == "accepted"


def test_a_patient_without_a_body_blocks_nobody(scored_study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Height and weight that no body has set that patient's photographs aside, and no other's."""
    body_of = Desk.template

    def template(desk: Desk, patient_id: str) -> BodyTemplate:
        if patient_id == "P1":
            raise ValueError("no body is that heavy")
        return body_of(desk, patient_id)

    monkeypatch.setattr(Desk, "template", template)
    review = opened(scored_study)
    assert review.task.entry.patient_id == "P2"
    assert [task.state for task in review.tasks] == ["cannot be opened", "cannot be opened", "proposed"]
    assert all("no body is that heavy" in str(fault) for fault in review.passed)


def test_with_nothing_open_every_action_says_so(scored_study: Path) -> None:
    """Where no photograph can be opened, what needs one is refused with a remedy."""
    lose(scored_study, "a", "b", "c")
    review = open_review(scored_study, "Ada")
    assert not review.resume()
    assert len(review.passed) == 3
    actions = (review.accept, partial(review.reject, "other"), review.sign, review.numbers, lambda: review.task)
    for act in (*actions, partial(review.judge_registration, "accepted")):
        with pytest.raises(InputError, match="no photograph is open"):
            act()
    assert not review.undo()
    review.close()


def test_a_visit_is_signed_without_what_cannot_be_opened(scored_study: Path) -> None:
    """As long as a photograph was not tried it is to be read; then the signature stands for the others."""
    same_day(scored_study)
    review = opened(scored_study)
    review.accept()
    lose(scored_study, "b")
    with pytest.raises(VisitUnfinished, match=r"photos/b\.png"):
        review.sign()
    assert review.next()
    review.open(0)
    assert review.sign().files == ("photos/a.png",)


def test_hidden_repeats_come_without_what_cannot_be_opened(scored_study: Path) -> None:
    """They come once all others are read, each of a photograph that was read; also after starting again."""
    settings = scored_study / "study.toml"
    settings.write_text(settings.read_text() + "repeats_percent = 100\n")
    lose(scored_study, "c")
    review = opened(scored_study)
    review.accept()
    review.next()
    review.accept()
    assert review.next()
    assert sorted(task.entry.file for task in review.tasks[3:]) == ["photos/a.png", "photos/b.png"]
    assert review.task.occasion == 2
    again = opened(scored_study)
    assert (len(again.tasks), again.task.occasion) == (5, 2)


def test_adjudicator_decides_where_readers_differ(scored_study: Path, scored_again: Callable[[Path], None]) -> None:
    """Cleo sees only what Ada and Ben differ on, decides area by area, and that counts."""
    for reader, tissue in (("Ada", Tissue.REEPITHELIALISED), ("Ben", Tissue.ERYTHEMA)):
        review = opened(scored_study, reader)
        review.edit(retissued(review.mask, chest(review), tissue))
        review.accept()
        review.next()
        review.accept()
    scored_again(scored_study)
    undecided = whole_body(scored_study, "reepithelialised")
    cleo = opened(scored_study, "Cleo")
    assert [task.entry.file for task in cleo.tasks] == ["photos/a.png"]
    assert cleo.photograph.case is not None
    assert "Ada" not in cleo.task.title
    assert (cleo.mask == UNLABELLED).any()
    with pytest.raises(InputError, match="not decided"):
        cleo.accept()
    for area in cleo.photograph.case.areas:
        assert cleo.decide(area.number, "first" if area.first == Tissue.REEPITHELIALISED else "second")
    assert cleo.undecided == ()
    assert cleo.accept().role == "adjudicator"
    said = said_of(scored_study, Trail(scored_study)).counting["photos/a.png"]
    assert said.source == "adjudication by Cleo"
    scored_again(scored_study)
    assert whole_body(scored_study, "reepithelialised") == pytest.approx(2 * undecided, rel=1e-3)
    assert opened(scored_study, "Cleo", at=0).tasks[0].is_read


def test_study_that_was_not_scored_is_read_from_nothing(painted_study: Path) -> None:
    """Without a model's proposals everything is unlabelled, and a reading can be made all the same."""
    review = opened(painted_study)
    assert (review.mask == UNLABELLED).all()
    review.take(np.full(review.mask.shape, Tissue.INTACT, np.uint8))
    reading = review.accept()
    assert (reading.state, reading.model_name) == ("corrected", "")
