"""Statistics of ranks against published examples, their formulas, and counting every order."""

from itertools import combinations, product
from math import atanh, sqrt, tanh

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata

from reepi.scoring.ranks import rank_correlation, rank_sum_p, shift

DEPRESSION = (1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30)
AFTER = (0.878, 0.647, 0.598, 2.050, 1.060, 1.290, 1.060, 3.140, 1.290)
"""Hamilton scores of nine patients: Hollander & Wolfe 1999, table 3.1, here as two groups."""

TERM = (0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46)
EARLY = (1.15, 0.88, 0.90, 0.74, 1.21)
"""Permeability of the chorioamnion: Hollander & Wolfe 1999, table 4.1."""


def counted_rank(n: int, m: int) -> int:
    """Return the largest k with P(U < k) of at most 2.5 %, from every order of n and m patients."""
    orders = [sum(places) - n * (n - 1) // 2 for places in combinations(range(n + m), n)]
    return max(k for k in range(n * m) if sum(u < k for u in orders) / len(orders) <= 0.025)


def test_a_published_difference_has_its_published_limits() -> None:
    """Estimate 0.56, Moses' limits -0.37 and 1.183, as R's wilcox.test and SAS give them for these data (CAMIS)."""
    found = shift(DEPRESSION, AFTER)
    assert (found.value, found.low, found.high) == pytest.approx((0.56, -0.37, 1.183), abs=1e-6)


@pytest.mark.parametrize(("n", "m"), [(4, 5), (5, 10), (6, 6), (7, 4)])
def test_the_limits_are_those_of_counting_every_order(n: int, m: int) -> None:
    """Equal to the differences at the rank found by counting all orders of two small groups."""
    rng = np.random.default_rng(3)
    first, second = rng.normal(2, 1, n), rng.normal(0, 1, m)
    differences, rank = sorted(a - b for a, b in product(first, second)), counted_rank(n, m)
    found = shift(tuple(first), tuple(second))
    assert found.value == pytest.approx(np.median(differences), abs=1e-12)
    assert (found.low, found.high) == pytest.approx((differences[rank - 1], differences[-rank]), abs=1e-12)


def test_large_groups_have_the_normal_rank() -> None:
    """Beyond 20,000 pairs k = nm / 2 - 1.96 sqrt(nm (n + m + 1) / 12) (Hollander & Wolfe 1999, 4.3)."""
    first, second = tuple(float(i) for i in range(150)), tuple(i + 0.5 for i in range(140))
    rank = int(150 * 140 / 2 - 1.959963984540054 * sqrt(150 * 140 * 291 / 12))
    differences = sorted(a - b for a, b in product(first, second))
    assert shift(first, second).low == differences[rank - 1]


def test_a_published_rank_sum_has_its_published_p() -> None:
    """Hollander & Wolfe 1999, example 4.1: one-sided p = 0.1272, so 0.2544 on both sides."""
    assert rank_sum_p(TERM, EARLY) == pytest.approx(0.2544, abs=5e-5)
    orders = [sum(places) - 45 for places in combinations(range(15), 10)]
    exact = 2 * sum(u >= 35 for u in orders) / len(orders)
    assert rank_sum_p(TERM, EARLY) == pytest.approx(exact, abs=1e-6)


def test_the_correlation_is_pearsons_of_ranks_with_bonett_and_wrights_interval() -> None:
    """Equal to 1e-6 to the correlation of mean ranks and tanh(atanh r -+ 1.96 sqrt((1 + r²/2) / (n - 3)))."""
    bsa = (12.0, 15.0, 15.0, 22.0, 31.0, 31.5, 40.0, 44.0, 52.0, 60.0)
    stay = (14.0, 13.0, 18.0, 20.0, 16.0, 25.0, 24.0, 31.0, 24.0, 40.0)
    r = np.corrcoef(rankdata(bsa), rankdata(stay))[0, 1]
    half = 1.959963984540054 * sqrt((1 + r**2 / 2) / 7)
    found = rank_correlation(bsa, stay)
    expected = (r, tanh(atanh(r) - half), tanh(atanh(r) + half))
    assert (found.value, found.low, found.high) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "value", "remark"),
    [
        ((1.0, 2.0), (1.0, 2.0), None, "2 of the 5"),
        ((1.0,) * 6, (1.0, 2.0, 3.0, 4.0, 5.0, 6.0), None, "the same value"),
        ((1.0, 2.0, 3.0, 4.0, 5.0), (9.0, 8.0, 7.0, 6.0, 5.0), -1.0, "agree exactly"),
        ((), (), None, "0 of the 5"),
    ],
)
def test_what_has_no_correlation_says_why(
    first: tuple[float, ...], second: tuple[float, ...], value: float | None, remark: str
) -> None:
    """Too few patients, no spread, or ranks that agree exactly."""
    found = rank_correlation(first, second)
    assert found.value == value
    assert found.low is None
    assert remark in found.remark


def test_empty_and_tiny_groups_say_why() -> None:
    """No group, no difference; two and two patients have a difference without limits."""
    assert shift((), (1.0,)).value is None
    assert rank_sum_p((1.0,), ()) is None
    assert shift((1.0, 2.0), (1.0, 3.0)).low is None


@given(st.lists(st.floats(0, 90), min_size=4, max_size=12), st.lists(st.floats(0, 90), min_size=4, max_size=12))
def test_a_difference_turns_around_with_its_groups(first: list[float], second: list[float]) -> None:
    """Swapping the groups mirrors estimate and limits; adding a day to one group adds it to all three."""
    found, turned, later = shift(first, second), shift(second, first), shift([x + 1 for x in first], second)
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))
    assert found.low <= found.value <= found.high
    assert (later.value, later.low, later.high) == pytest.approx((found.value + 1, found.low + 1, found.high + 1))
