"""Estimates hold their value, probabilities follow the interval, ratios carry the doubt of both their parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.scoring.intervals import NOTHING, Z_90, Estimate, part_percent, ratio_percent

amounts = st.floats(0, 100)


def test_an_interval_that_does_not_hold_its_estimate_is_refused() -> None:
    """The message names all three numbers."""
    with pytest.raises(ValueError, match=r"2\.0 to 3\.0 .* 1\.0"):
        Estimate(1.0, 2.0, 3.0)


def test_an_estimate_is_kept_between_floor_and_ceiling() -> None:
    """Skin is neither negative nor more than its region has."""
    assert Estimate.around(1.0, 5.0, 2.0, 0.0, 2.5) == Estimate(1.0, 0.0, 2.5)
    assert Estimate.around(-1.0, 0.0, 3.0) == Estimate(0.0, 0.0, 3.0)


@pytest.mark.parametrize(("limit", "probability"), [(10, 0.95), (12, 0.5), (16, 0.05), (-50, 1.0), (90, 0.0)], ids=str)
def test_the_ends_of_a_90_percent_interval_are_passed_with_5_percent(limit: float, probability: float) -> None:
    """An interval of 10 to 16 around 12: below 10 and above 16 lie 5 % each, half on each side of 12."""
    assert Estimate(12, 10, 16).probability_above(limit, inclusive=True) == pytest.approx(probability, abs=1e-9)


@pytest.mark.parametrize(("inclusive", "probability"), [(True, 1.0), (False, 0.0)])
def test_a_sure_value_on_the_limit_follows_the_rule_of_the_boundary(inclusive: bool, probability: float) -> None:
    """Exactly 10 is past 10 where the rule says >= and not where it says >."""
    assert Estimate(10, 10, 10).probability_above(10, inclusive=inclusive) == probability


def test_a_sure_value_is_past_what_is_smaller() -> None:
    """Without doubt the probability is 0 or 1."""
    sure = Estimate(10, 10, 10)
    assert (sure.probability_above(9, inclusive=False), sure.probability_above(11, inclusive=True)) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("estimate", "inclusive", "probability"),
    [
        (Estimate(100, 80, 100), True, 0.5),
        (Estimate(100, 80, 100), False, 0.0),
        (Estimate(0, 0, 7), True, 1.0),
        (Estimate(0, 0, 7), False, 0.5),
        (Estimate(10, 8, 12), True, 0.5),
    ],
)
def test_on_the_limit_half_lies_beyond_each_side_that_has_a_width(
    estimate: Estimate, inclusive: bool, probability: float
) -> None:
    """A rate that is cut off at 100 % is 100 % or more as surely as not, and never more."""
    assert estimate.probability_above(estimate.value, inclusive=inclusive) == probability


@given(amounts, amounts, amounts, amounts, amounts, st.booleans())
def test_the_probability_falls_with_the_limit(
    a: float, b: float, c: float, one: float, other: float, inclusive: bool
) -> None:
    """It is never surer that a value is past more."""
    low, value, high = sorted((a, b, c))
    lower, higher = sorted((one, other))
    estimate = Estimate(value, low, high)
    before, after = (estimate.probability_above(limit, inclusive=inclusive) for limit in (lower, higher))
    assert before >= after - 1e-3


def test_all_of_a_doubtful_whole_is_surely_all_of_it() -> None:
    """Where nothing is left, how large it was does not matter; where almost all is, it matters most."""
    assert part_percent(Estimate(20, 20, 20), Estimate(20, 17, 23)) == Estimate(100, 100, 100)
    little = part_percent(Estimate(1, 0.7, 1.3), Estimate(20, 17, 23))
    assert little is not None
    assert (little.low, little.high) == (0, pytest.approx(5 + (1.5**2 + (95 * 3 / 23) ** 2) ** 0.5))
    assert part_percent(Estimate(0, 0, 1), Estimate(0, 0, 3)) is None


@pytest.mark.parametrize(("left", "error"), [(15.0, 2.0), (15.0, 0.5), (18.0, 0.5), (2.0, 0.4), (10.0, 1.0)])
def test_nine_of_ten_intervals_of_a_rate_hold_the_truth(left: float, error: float) -> None:
    """Of 20 % BSA, read with a half width of 3, so much is left, read with a half width of its own."""
    random = np.random.default_rng(5)
    whole = random.normal(20, 3 / Z_90, 4000)
    now = random.normal(left, error / Z_90, 4000)
    held = []
    for one, other in zip(whole, now, strict=True):
        rate = part_percent(Estimate.around(one - other, error, error), Estimate(one, one - 3, one + 3))
        held.append(rate is not None and rate.low <= 100 * (1 - left / 20) <= rate.high)
    assert 0.87 < np.mean(held) < 0.96


def test_deviations_of_a_ratio_are_added_in_quadrature() -> None:
    """30 (27 to 34) of 50 (50 to 60): 60 %, downwards 6 and 10, upwards 8 alone."""
    rate = ratio_percent(Estimate(30, 27, 34), Estimate(50, 50, 60))
    assert rate is not None
    assert rate.value == pytest.approx(60)
    assert rate.low == pytest.approx(60 - (6**2 + 10**2) ** 0.5)
    assert rate.high == pytest.approx(68)


def test_nothing_over_nothing_is_undefined() -> None:
    """Where no skin was ever open there is no rate, not a rate of 0 or 100."""
    assert ratio_percent(Estimate(0, 0, 1), Estimate(0, 0, 3)) is None


@given(amounts, amounts, amounts, amounts, amounts, amounts)
def test_a_rate_lies_between_0_and_100_and_in_its_interval(
    a: float, b: float, c: float, d: float, e: float, f: float
) -> None:
    """Whatever the parts are."""
    low, value, high = sorted((a, b, c))
    smaller, divisor, larger = sorted((d, e, f))
    for percent in (ratio_percent, part_percent):
        rate = percent(Estimate(value, low, high), Estimate(divisor, smaller, larger))
        if divisor < NOTHING:
            assert rate is None
        else:
            assert rate is not None
            assert 0 <= rate.low <= rate.value <= rate.high <= 100
