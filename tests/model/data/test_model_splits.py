"""Splits are fixed, whole patients go together, and every part gets its share."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.model.data.splits import split_by_blocks, split_of_word


@given(st.lists(st.integers(0, 10_000), min_size=20, max_size=300, unique=True))
def test_shares_are_seven_one_two_tenths(numbers: list[int]) -> None:
    """Of 20 blocks, 4 test and 2 validate; blocks differ by at most one patient each."""
    counts = Counter(split_by_blocks([str(number) for number in numbers]).values())
    assert abs(counts["test"] - 0.2 * len(numbers)) <= 4
    assert abs(counts["validation"] - 0.1 * len(numbers)) <= 2


@given(st.lists(st.text("abc0123456789", min_size=1, max_size=4), min_size=1, max_size=60))
def test_order_and_repeats_do_not_matter(units: list[str]) -> None:
    """The same patients give the same split, however they are listed."""
    assert split_by_blocks(units) == split_by_blocks(sorted(units, reverse=True) + units)


def test_neighbours_go_together() -> None:
    """In a hundred files each run of five is one block."""
    splits = split_by_blocks([f"{number:03d}" for number in range(100)])
    assert all(len({splits[f"{start + step:03d}"] for step in range(5)}) == 1 for start in range(0, 100, 5))


def test_numbers_count_as_numbers() -> None:
    """File 9 comes before file 10."""
    splits = split_by_blocks([str(number) for number in range(20)])
    assert [unit for unit, split in splits.items() if split == "test"] == ["4", "9", "14", "19"]


def test_words_of_a_table() -> None:
    """Usual spellings are understood, others are refused."""
    assert [split_of_word(word) for word in ("train", " VAL ", "validation", "test")] == [
        "train",
        "validation",
        "validation",
        "test",
    ]
    with pytest.raises(ValueError, match="no split"):
        split_of_word("holdout")
