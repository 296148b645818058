"""Medians with exact intervals against the published ranks, and against counting."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.scoring.medians import median, quantile

RANKS = {6: 1, 8: 1, 9: 2, 10: 2, 12: 3, 15: 4, 20: 6, 25: 8, 30: 10}
"""Rank of the lower 95 % limit of a median by the number of values, as tables of order statistics print it."""


@pytest.mark.parametrize(("n", "rank"), RANKS.items())
def test_limits_are_the_tabulated_order_statistics(n: int, rank: int) -> None:
    """Of the numbers 1 to n the interval runs from the tabulated rank to that rank from above."""
    found = median([float(i) for i in range(n, 0, -1)])
    assert (found.value, found.low, found.high) == ((n + 1) / 2, rank, n + 1 - rank)


def test_the_interval_covers_what_it_promises() -> None:
    """Counting all 2^9 ways in which 9 values lie above or below the median: 96.1 % of them are covered."""
    n, rank = 9, RANKS[9]
    covered = sum(rank <= sum(above) <= n - rank for above in product((0, 1), repeat=n))
    assert covered / 2**n >= 0.95
    assert sum(rank + 1 <= sum(above) <= n - rank - 1 for above in product((0, 1), repeat=n)) / 2**n < 0.95


def test_few_values_have_no_interval() -> None:
    """Five values: even the smallest and the largest cover the median in less than 95 %."""
    assert median([1.0, 2.0, 3.0, 4.0, 5.0]).low is None
    assert median([]).value is None


@given(st.lists(st.floats(0, 400), min_size=1, max_size=40))
def test_the_order_of_values_does_not_matter(values: list[float]) -> None:
    """Median, limits and quartiles are those of the sorted values, and in order."""
    found = median(values)
    assert found == median(values[::-1])
    assert quantile(values, 0.25) <= found.value <= quantile(values, 0.75)
    assert found.value == pytest.approx(float(np.median(values)))
    if found.low is not None:
        assert found.low <= found.value <= found.high
