"""What several readers agree on, and which readings cannot exist."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reepi.core.reading import NewReading, Reading, ReadingState, agreement, checked_reader, counting_readings
from reepi.core.study import ReadingProtocol
from reepi.core.tissue import UNLABELLED, Tissue

MASKS = arrays(np.uint8, (3, 4), elements=st.sampled_from([0, 1, 4, 5, UNLABELLED]))


def test_agreed_pixels_stay_and_differing_ones_are_unlabelled() -> None:
    """Of four skin pixels one differs; background that both see is no skin."""
    first = np.array([[0, 1, 4], [1, 4, 0]], np.uint8)
    second = np.array([[0, 1, 4], [1, 3, 0]], np.uint8)
    agreed = agreement([first, second])
    np.testing.assert_array_equal(agreed.mask, [[0, 1, 4], [1, UNLABELLED, 0]])
    assert agreed.differing == 1 / 4


def test_unlabelled_is_no_opinion() -> None:
    """Where one reader said nothing the other's tissue stands, and that is no difference."""
    agreed = agreement([np.array([[UNLABELLED, 4]], np.uint8), np.array([[1, UNLABELLED]], np.uint8)])
    np.testing.assert_array_equal(agreed.mask, [[1, 4]])
    assert agreed.differing == 0


@given(MASKS, MASKS, MASKS)
def test_the_order_of_readers_changes_nothing(first: np.ndarray, second: np.ndarray, third: np.ndarray) -> None:
    """Agreement is of all, whoever stands first; a pixel keeps a tissue only if nobody names another."""
    one, other = agreement([first, second, third]), agreement([third, first, second])
    np.testing.assert_array_equal(one.mask, other.mask)
    assert one.differing == other.differing
    for mask in (first, second, third):
        labelled = (one.mask != UNLABELLED) & (mask != UNLABELLED)
        np.testing.assert_array_equal(one.mask[labelled], mask[labelled])


@given(MASKS)
def test_one_reader_agrees_with_himself(mask: np.ndarray) -> None:
    """One reading, alone or twice, is its own agreement."""
    for masks in ([mask], [mask, mask]):
        np.testing.assert_array_equal(agreement(masks).mask, mask)
        assert agreement(masks).differing == 0


def test_masks_of_two_sizes_are_refused() -> None:
    """Two photographs cannot agree."""
    with pytest.raises(ValueError, match="one size"):
        agreement([np.zeros((2, 2), np.uint8), np.full((2, 3), Tissue.INTACT, np.uint8)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": "done"}, "no state"),
        ({"reader": "  "}, "reader"),
        ({"reader": "a\nb"}, "reader"),
        ({"reader": "x" * 65}, "reader"),
        ({"state": "rejected"}, "needs a reason"),
        ({"role": "judge"}, "no role"),
        ({"occasion": 3}, "no occasion"),
    ],
)
def test_impossible_readings_are_refused(change: dict[str, object], message: str) -> None:
    """A reading that exists has a state, a reader and, when rejected, a reason."""
    with pytest.raises(ValueError, match=message):
        NewReading(**{"photograph": "a.jpg", "reader": "Ada", "state": "accepted", **change})


def said(number: int, reader: str, state: ReadingState) -> Reading:
    when = datetime(2024, 3, 5, tzinfo=UTC)
    return Reading(number, "a.jpg", "0" * 64, reader, state, "", None, None, "", "", when)


def test_which_readings_count() -> None:
    """A proposal never does, a rejection only where nobody accepts, an adjudication while it is the newest word."""
    proposed, ben, ada = said(1, "tissue", "proposed"), said(2, "Ben", "corrected"), said(3, "Ada", "accepted")
    rejected, judged = said(4, "Cem", "rejected"), said(5, "Eva", "corrected")
    assert counting_readings([]) == ()
    assert counting_readings([proposed]) == ()
    assert counting_readings([proposed, ben, ada]) == (ada, ben)
    assert counting_readings([proposed, rejected]) == (rejected,)
    assert counting_readings([ben, ada, rejected]) == (ada, ben)
    assert counting_readings([proposed, ben, ada, rejected], judged) == (judged,)
    thought_again = said(6, "Ada", "corrected")
    assert counting_readings([ben, thought_again], judged) == (thought_again, ben)
    assert counting_readings([], judged) == (judged,)


def test_a_reader_is_one_however_the_name_is_typed() -> None:
    """With blanks at its ends, or with an accent as a letter of its own as some keyboards write it."""
    typed = ["Zo\u00eb", "Zoe\u0308", " Zo\u00eb ", "Zoe\u0308\t"]
    assert {checked_reader(name) for name in typed} == {"Zo\u00eb"}
    assert {NewReading("a.jpg", name, "accepted").reader for name in typed} == {"Zo\u00eb"}
    protocol = ReadingProtocol(adjudicators=("Zoe\u0308 ",))
    assert {protocol.role_of(name) for name in typed} == {"adjudicator"}
