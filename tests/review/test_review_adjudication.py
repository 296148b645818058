"""Adjudication: only what two readers differ on is decided, area by area, until somebody reads again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reepi.core.reading import Reading, ReadingState, counting_readings
from reepi.core.study import PhotoEntry
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.review.adjudication import Case, Dispute, disputed_tasks, disputes, laid_out
from reepi.review.worklist import UNREAD, Task

SHAPE = (20, 10)
WHEN = datetime(2024, 4, 1, 9, 30, tzinfo=UTC)

MASKS = arrays.arrays(np.uint8, (9, 12), elements=st.sampled_from([0, 1, 3, 4, UNLABELLED]))


def intact(rows_open: int = 0) -> np.ndarray:
    """Return a mask of 20 rows, the first so many of them detached: each is 5 % of the skin."""
    mask = np.full(SHAPE, Tissue.INTACT, np.uint8)
    mask[:rows_open] = Tissue.DETACHED
    return mask


MASK_OF_READER = {"Ada": intact(), "Ben": intact(2), "Dora": intact(6), "Eve": intact()}
"""Ben differs from Ada on 10 % of the skin, Dora on 30 %, Eve on none."""


def said(number: int, reader: str, state: ReadingState = "accepted", file: str = "a.jpg") -> Reading:
    reason = "blurred" if state == "rejected" else ""
    return Reading(number, file, "p", reader, state, reason, f"{reader}.png", "m", "", "", WHEN)


def judged(number: int, state: ReadingState = "corrected", file: str = "a.jpg") -> Reading:
    return replace(said(number, "Cleo", state, file), role="adjudicator")


def found(
    *readings: Reading,
    settled: Reading | None = None,
    share: float = 0.05,
    masks: Mapping[str, np.ndarray] | None = None,
) -> Dispute | None:
    """Return what is disputed on the one photograph."""
    told = masks or MASK_OF_READER
    decided = {} if settled is None else {settled.photograph: settled}
    return disputes(readings, decided, lambda reading: told[reading.reader], share).get("a.jpg")


def test_one_reader_needs_nobody() -> None:
    """Nor does a reading beside a proposal, which nobody stands for."""
    assert found(said(1, "Ada")) is None
    assert found(said(1, "Ada"), said(2, "Ben", "proposed")) is None


def test_two_who_differ_need_an_adjudicator() -> None:
    """The share is that of the skin; whoever saved first, A and B are the same."""
    dispute, other = found(said(2, "Ben"), said(1, "Ada")), found(said(1, "Ben"), said(2, "Ada"))
    assert dispute is not None
    assert other is not None
    assert {dispute.first.reader, dispute.second.reader} == {"Ada", "Ben"}
    assert dispute.first.reader == other.first.reader
    assert dispute.differing == pytest.approx(0.1)


def test_who_is_a_is_drawn_by_lot() -> None:
    """Over photographs each reader is A about as often as B, so neither letter tells who it is."""
    told = [said(n, name, file=f"{file}.jpg") for file in range(100) for n, name in ((1, "Ada"), (2, "Ben"))]
    drawn = disputes(told, {}, lambda reading: MASK_OF_READER[reading.reader], 0.05, "study")
    first = sum(each.first.reader == "Ada" for each in drawn.values())
    assert 30 < first < 70
    other = disputes(told, {}, lambda reading: MASK_OF_READER[reading.reader], 0.05, "another study")
    assert [each.first.reader for each in other.values()] != [each.first.reader for each in drawn.values()]


def test_two_who_agree_need_nobody() -> None:
    """Even where no difference at all is allowed."""
    assert found(said(1, "Ada"), said(2, "Eve"), share=0) is None


@pytest.mark.parametrize(("share", "is_disputed"), [(0.0, True), (0.099, True), (0.1, False), (0.2, False)])
def test_the_protocol_sets_how_much_may_differ(share: float, is_disputed: bool) -> None:
    """More than the share, not just as much."""
    assert (found(said(1, "Ada"), said(2, "Ben"), share=share) is not None) == is_disputed


def test_rejected_against_accepted_is_about_the_photograph() -> None:
    """Whatever share is allowed short of all; the mask of who rejected is not asked for."""
    dispute = found(said(1, "Ada", "rejected"), said(2, "Ben"), share=0.99, masks={"Ben": intact()})
    assert dispute is not None
    assert not (dispute.first.teaches and dispute.second.teaches)
    assert dispute.differing == 1


def test_two_who_reject_agree() -> None:
    """There is nothing to decide, though their reasons may differ."""
    assert found(said(1, "Ada", "rejected"), said(2, "Ben", "rejected"), share=0, masks={}) is None


def test_what_is_not_labelled_is_no_difference() -> None:
    """The other reader's tissue stands."""
    half = intact()
    half[10:] = UNLABELLED
    assert found(said(1, "Ada"), said(2, "Ben"), share=0, masks={"Ada": intact(), "Ben": half}) is None


def test_masks_of_two_sizes_are_disputed() -> None:
    """Of a photograph that was replaced in between: nobody can lay one on the other."""
    dispute = found(said(1, "Ada"), said(2, "Ben"), masks={"Ada": intact(), "Ben": intact()[:10]})
    assert dispute is not None
    assert dispute.differing == 1


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_of_three_readers_those_who_differ_most_are_told(order: tuple[int, int, int]) -> None:
    """Ada and Dora, in whatever order they saved."""
    dispute = found(*(said(n, name) for n, name in zip(order, ("Ada", "Ben", "Dora"), strict=True)))
    assert dispute is not None
    assert {dispute.first.reader, dispute.second.reader} == {"Ada", "Dora"}
    assert dispute.differing == pytest.approx(0.3)


def test_of_three_readers_one_who_rejects_is_heard() -> None:
    """Two who agree do not outvote a third who says that the photograph cannot be read."""
    dispute = found(said(1, "Ada"), said(2, "Eve"), said(3, "Ben", "rejected"))
    assert dispute is not None
    assert {dispute.first.state, dispute.second.state} == {"rejected", "accepted"}


def test_photographs_are_disputed_one_by_one() -> None:
    """What is disputed on one says nothing of another."""
    told = [said(1, "Ada"), said(2, "Ben"), said(3, "Ada", file="b.jpg"), said(4, "Eve", file="b.jpg")]
    assert list(disputes(told, {}, lambda reading: MASK_OF_READER[reading.reader], 0.05)) == ["a.jpg"]


def test_an_adjudication_settles_until_somebody_reads_again() -> None:
    """A newer reading that differs opens the case; one that agrees does not."""
    assert found(said(1, "Ada"), said(2, "Ben"), settled=judged(3)) is None
    assert found(said(1, "Ada"), said(2, "Ben"), settled=judged(3, "rejected")) is None
    assert found(said(1, "Ada"), said(4, "Ben"), settled=judged(3)) is not None
    assert found(said(1, "Ada"), said(2, "Ben"), said(4, "Eve"), settled=judged(3)) is not None
    assert found(said(1, "Ada"), said(4, "Eve"), settled=judged(3)) is None
    assert found(said(1, "Ada"), said(4, "Ben"), settled=judged(5)) is None


@given(numbers=st.permutations([1, 2, 3]))
def test_what_is_settled_is_what_counts(numbers: list[int]) -> None:
    """An adjudication closes the case just when areas are counted from it."""
    ada, ben, cleo = said(numbers[0], "Ada"), said(numbers[1], "Ben"), judged(numbers[2])
    assert (found(ada, ben, settled=cleo) is None) == (counting_readings([ada, ben], cleo) == (cleo,))


def test_an_adjudicators_worklist() -> None:
    """What is disputed, as unread, and what was settled before, by its state; a reopened case is unread again."""
    tasks = [Task(PhotoEntry(f"{name}.jpg", "P1", WHEN, "trunk_anterior"), 1, f"photograph {name}") for name in "abcd"]
    dispute = Dispute(said(1, "Ada"), said(2, "Ben"), 0.1)
    settled = {"c.jpg": judged(3, "rejected", "c.jpg"), "d.jpg": judged(4, "corrected", "d.jpg")}
    told = disputed_tasks(tasks, {"a.jpg": dispute, "d.jpg": dispute}, settled)
    assert [(task.entry.file, task.state) for task in told] == [
        ("a.jpg", UNREAD),
        ("c.jpg", "rejected"),
        ("d.jpg", UNREAD),
    ]
    assert tasks[2].state == UNREAD


def test_one_rejected_and_one_read_is_laid_out_as_it_was_read() -> None:
    """The adjudicator sees the mask that stands and hears why the other rejected; there is no area to decide."""
    told = laid_out(Dispute(said(1, "Ada", "rejected"), said(2, "Ben"), 1), None, intact(2))
    assert told.case is None
    np.testing.assert_array_equal(told.start, intact(2))
    assert told.told == "A rejected it (blurred), B read it. The mask shown is B's."


def test_readings_of_another_version_are_not_laid_out() -> None:
    """Where neither mask is of the photograph as it is, there is nothing to begin with."""
    told = laid_out(Dispute(said(1, "Ada"), said(2, "Ben"), 1), None, None)
    assert (told.case, told.start) == (None, None)
    assert told.told == "A read another version of it, B read another version of it."


def test_two_masks_are_laid_out_as_a_case() -> None:
    """Nothing needs to be told beside the areas."""
    told = laid_out(Dispute(said(1, "Ada"), said(2, "Ben"), 0.1), intact(), intact(2))
    assert told.case is not None
    np.testing.assert_array_equal(told.start, told.case.start)
    assert told.told == ""


def case() -> Case:
    """Ben sees 5 x 4 detached pixels and 3 x 3 red ones on skin that is intact by Ada."""
    first, second = np.full((40, 50), Tissue.INTACT, np.uint8), np.full((40, 50), Tissue.INTACT, np.uint8)
    second[2:7, 3:7], second[20:23, 30:33] = Tissue.DETACHED, Tissue.ERYTHEMA
    return Case(first, second)


def test_a_case_begins_undecided() -> None:
    """What both say stands; where they differ nothing does, largest area first."""
    told = case()
    assert [area.size_px for area in told.areas] == [20, 9]
    assert told.undecided(told.start) == (0, 1)
    assert np.count_nonzero(told.start == UNLABELLED) == 29
    assert (told.start[told.start != UNLABELLED] == Tissue.INTACT).all()


def test_areas_are_decided_one_by_one() -> None:
    """Each choice touches its own area, and can be taken back or changed."""
    told = case()
    mask = told.start
    first = told.chosen(mask, 0, "second")
    assert first is not None
    first.apply(mask)
    assert (mask[2:7, 3:7] == Tissue.DETACHED).all()
    assert told.undecided(mask) == (1,)
    other = told.chosen(mask, 1, "first")
    assert other is not None
    other.apply(mask)
    assert (mask[20:23, 30:33] == Tissue.INTACT).all()
    assert told.undecided(mask) == ()
    assert told.chosen(mask, 1, "first") is None
    first.inverse.apply(mask)
    assert told.undecided(mask) == (0,)


def test_choosing_leaves_the_mask_as_it_is() -> None:
    """It returns a change; the readers' masks are never touched either."""
    told = case()
    mask, first, second = told.start, told.first.copy(), told.second.copy()
    patch = told.chosen(mask, 0, "first")
    assert patch is not None
    np.testing.assert_array_equal(mask, told.start)
    patch.apply(mask)
    np.testing.assert_array_equal(told.first, first)
    np.testing.assert_array_equal(told.second, second)


def test_an_area_can_be_painted_instead() -> None:
    """With a third tissue; it is decided once no pixel of it is left."""
    told = case()
    mask = told.start
    mask[2:7, 3:6] = Tissue.DETACHABLE
    assert not told.is_decided(mask, 0)
    mask[2:7, 6] = Tissue.DETACHABLE
    assert told.is_decided(mask, 0)


@pytest.mark.parametrize("number", [-1, 2])
def test_there_is_no_such_area(number: int) -> None:
    """Neither behind the last nor before the first."""
    told = case()
    with pytest.raises(IndexError, match="no area"):
        told.chosen(told.start, number, "first")
    with pytest.raises(IndexError, match="no area"):
        told.is_decided(told.start, number)


@given(first=MASKS, second=MASKS, data=st.data())
def test_a_decided_case_holds_each_readers_tissue_in_their_areas(
    first: np.ndarray, second: np.ndarray, data: st.DataObject
) -> None:
    """In whatever order, and nothing but what nobody labelled stays open."""
    told = Case(first, second)
    mask = told.start
    order = data.draw(st.permutations(range(len(told.areas))))
    choices = {number: data.draw(st.sampled_from(["first", "second"])) for number in order}
    for left, number in enumerate(order):
        assert len(told.undecided(mask)) == len(order) - left
        patch = told.chosen(mask, number, choices[number])
        assert patch is not None
        patch.apply(mask)
    assert told.undecided(mask) == ()
    for area in told.areas:
        right = first if choices[area.number] == "first" else second
        np.testing.assert_array_equal(mask[area.window][area.inside], right[area.window][area.inside])
    np.testing.assert_array_equal(mask == UNLABELLED, (first == UNLABELLED) & (second == UNLABELLED))
