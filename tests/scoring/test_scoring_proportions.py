"""Exact intervals against the published tables, and against the roots of the tail probabilities that define them."""

from math import exp, factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from statsmodels.stats.proportion import proportion_confint

from reepi.scoring.proportions import observed_to_expected, poisson_count, proportion_percent


@pytest.mark.parametrize(
    ("count", "low", "high"), [(5, 11.8, 61.6), (8, 26.6, 78.7), (10, 38.4, 88.2), (12, 51.9, 95.7)]
)
def test_the_trials_responders_have_the_published_intervals(count: int, low: float, high: float) -> None:
    """Of 15 patients: exact intervals as they are printed for the trial (Clopper & Pearson 1934)."""
    found = proportion_percent(count, 15)
    assert found.value == pytest.approx(100 * count / 15)
    assert (round(found.low, 1), round(found.high, 1)) == (low, high)


@pytest.mark.parametrize(("count", "total"), [(0, 1), (0, 15), (1, 2), (5, 15), (15, 15), (37, 260)])
def test_the_exact_interval_is_that_of_another_library(count: int, total: int) -> None:
    """Equal to 1e-6 to statsmodels' beta quantiles."""
    found = proportion_percent(count, total)
    low, high = proportion_confint(count, total, alpha=0.05, method="beta")
    assert (found.low, found.high) == pytest.approx((100 * low, 100 * high), abs=1e-6)


@pytest.mark.parametrize(("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39)])
def test_counts_have_garwoods_intervals(count: int, low: float, high: float) -> None:
    """As in the table of Garwood, Biometrika 1936;28:437-442, to its digits."""
    found = poisson_count(count)
    assert (found.low, found.high) == pytest.approx((low, high), rel=2e-3, abs=5e-5)
    assert found.value == count


@pytest.mark.parametrize("count", [1, 2, 5, 17])
def test_poisson_limits_leave_two_and_a_half_percent_in_each_tail(count: int) -> None:
    """Equal to 1e-6 to the roots of P(X >= count) = 0.025 and P(X <= count) = 0.025, summed term by term."""

    def at_most(number: int, mean: float) -> float:
        return sum(exp(-mean) * mean**k / factorial(k) for k in range(number + 1))

    low = brentq(lambda mean: 1 - at_most(count - 1, mean) - 0.025, 1e-9, count, xtol=1e-12)
    high = brentq(lambda mean: at_most(count, mean) - 0.025, count, 10 * count + 10, xtol=1e-12)
    found = poisson_count(count)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)


def test_deaths_are_held_against_those_expected() -> None:
    """No death where 2.75 were expected (ciclosporin, Br J Dermatol 2010;163:847): ratio 0, from 0 to 3.689 / 2.75."""
    found = observed_to_expected(0, 2.75)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(3.6888794541 / 2.75, abs=1e-6)


def test_what_nobody_expects_has_no_ratio() -> None:
    """Without expected deaths there is nothing to divide by, and the row says so."""
    assert observed_to_expected(1, 0.0).remark == "none are expected"
    assert proportion_percent(0, 0).value is None


@pytest.mark.parametrize(("count", "total"), [(-1, 3), (4, 3)])
def test_impossible_counts_are_refused(count: int, total: int) -> None:
    """A count lies between 0 and its total."""
    with pytest.raises(ValueError, match="count"):
        proportion_percent(count, total)
    with pytest.raises(ValueError, match="count"):
        poisson_count(-1)


@given(st.integers(1, 300).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_a_proportion_lies_within_its_interval(counts: tuple[int, int]) -> None:
    """0 <= low <= value <= high <= 100 for every count; taking the others mirrors it."""
    count, total = counts
    found, others = proportion_percent(count, total), proportion_percent(total - count, total)
    assert 0 <= found.low <= found.value <= found.high <= 100
    assert (100 - others.high, 100 - others.low) == pytest.approx((found.low, found.high), abs=1e-9)
