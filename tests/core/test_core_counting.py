"""Which readings count: the adjudicator's until somebody reads again, else the mean of all who stand for a mask."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from reepi.core.counting import counting
from reepi.core.reading import Reading
from reepi.core.surface import Origin

ADA = Reading(1, "a.jpg", "p", "Ada", "accepted", "", "m.png", "1", "tissue", "x", datetime(2024, 3, 1, tzinfo=UTC))
BEN = replace(ADA, number=2, reader="Ben", state="corrected", mask_sha256="2")
CLEO = replace(ADA, number=3, reader="Cleo", mask_sha256="3")


def test_nobody_read() -> None:
    """Without a reading, and with proposals alone, the model's mask counts."""
    assert counting([], None) is None
    assert counting([replace(ADA, state="proposed")], None) is None


def test_one_reader() -> None:
    """One reader decides alone."""
    counts = counting([ADA], None)
    assert counts is not None
    assert (counts.readings, counts.origin, counts.source) == ((ADA,), Origin.READING, "reading by Ada")


def test_several_readers_in_any_order() -> None:
    """Nobody decided between two, so both count, and the order of saving changes nothing."""
    assert counting([BEN, ADA], None) == counting([ADA, BEN], None)
    counts = counting([BEN, ADA], None)
    assert counts is not None
    assert counts.readings == (ADA, BEN)
    assert counts.source == "mean of readings by Ada, Ben"


def test_adjudication_counts_until_somebody_reads_again() -> None:
    """What was decided on older readings does not decide on newer ones."""
    decided = counting([ADA, BEN], CLEO)
    assert decided is not None
    assert (decided.readings, decided.origin) == ((CLEO,), Origin.ADJUDICATION)
    later = counting([ADA, replace(BEN, number=4)], CLEO)
    assert later is not None
    assert later.origin is Origin.READING


def test_rejection() -> None:
    """A rejected photograph does not count, unless another reader reads it."""
    rejected = replace(ADA, state="rejected", reason="blurred", mask_sha256=None)
    alone = counting([rejected], None)
    assert alone is not None
    assert (alone.readings, alone.rejected) == ((), "Ada rejected it: blurred")
    both = counting([rejected, BEN], None)
    assert both is not None
    assert (both.readings, both.rejected) == ((BEN,), "")
    assert both.source == "reading by Ben, against the rejection by Ada"
    decided = counting([rejected, BEN], CLEO)
    assert decided is not None
    assert decided.source == "adjudication by Cleo"


@pytest.mark.parametrize("change", [{"mask_sha256": "9"}, {"photograph_sha256": "9"}, {"reader": "Zoe"}])
def test_key_changes_with_what_counts(change: dict[str, str]) -> None:
    """Another mask, photograph or reader is laid on the body anew."""
    one, other = counting([ADA], None), counting([replace(ADA, **change)], None)
    assert one is not None
    assert other is not None
    assert one.key != other.key


def test_names_with_commas_stay_apart() -> None:
    """Two readers are not told as three; a single one needs no marks."""
    lee = replace(ADA, reader="Lee, Ann")
    both, alone = counting([BEN, lee], None), counting([lee], None)
    assert both is not None
    assert alone is not None
    assert both.source == 'mean of readings by Ben, "Lee, Ann"'
    assert alone.source == "reading by Lee, Ann"
