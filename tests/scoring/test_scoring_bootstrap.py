"""Intervals by drawing anew, against Efron's formulas written out here."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from reepi.scoring.bootstrap import DRAWS, METHOD, PERCENTILES, SEED, bootstrapped

RATES = (100.0, 93.1, 88.4, 97.2, 61.5, 100.0, 45.9, 72.3, 99.0, 30.2, 84.6, 91.7, 77.0)


def test_the_accelerated_interval_follows_efron() -> None:
    """Equal to 1e-6 to bias correction and acceleration written out (Efron 1987, 6.6), with the same draws."""
    values = np.sort(RATES)
    n = len(values)
    drawn = values[np.random.default_rng(SEED).integers(0, n, (DRAWS, n))].mean(axis=1)
    value = values.mean()
    below = ((drawn < value - 1e-7).sum() + (drawn < value + 1e-7).sum()) / (2 * DRAWS)  # Equal ones count half.
    without = (values.sum() - values) / (n - 1)
    deviation = without.mean() - without
    acceleration = (deviation**3).sum() / (6 * (deviation**2).sum() ** 1.5)
    shifted = ndtri(below) + ndtri([0.025, 0.975])
    points = ndtr(ndtri(below) + shifted / (1 - acceleration * shifted))
    found, method = bootstrapped(RATES, "mean")
    assert method == METHOD
    assert found.value == pytest.approx(value, abs=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(drawn, points)), abs=1e-6)


def test_the_same_values_give_the_same_interval_in_any_order() -> None:
    """Draws have a fixed seed and are made of the sorted values."""
    assert bootstrapped(RATES, "median") == bootstrapped(RATES[::-1], "median")


def test_rounding_decides_nothing() -> None:
    """Rates as a file holds them, with eight decimals, give the same interval to 1e-6.

    Three samples in 9999 hold the patients' own rates again; whether such a mean is less or more than theirs in the
    last bit would move the interval in its third decimal.
    """
    rates = tuple(100 * i / 7 % 61 for i in range(7)) + (100.0,) * 6
    for moved in (tuple(round(rate, 8) for rate in rates), tuple(rate * (1 + 1e-13) for rate in rates)):
        found, other = bootstrapped(rates, "mean")[0], bootstrapped(moved, "mean")[0]
        assert (found.low, found.high) == pytest.approx((other.low, other.high), abs=1e-6)


def test_without_acceleration_the_percentiles_stand() -> None:
    """Where all jackknife values of the median are one number the acceleration is 0 / 0; the method says so."""
    found, method = bootstrapped((0.0, 50.0, 50.0, 50.0, 50.0, 100.0), "median")
    assert method == PERCENTILES
    assert found.low <= found.value == 50.0 <= found.high


@pytest.mark.parametrize(
    ("values", "remark"), [((), "no patient"), ((1.0, 2.0), "2 of the 5"), ((100.0,) * 6, "the same value")]
)
def test_what_cannot_be_drawn_says_why(values: tuple[float, ...], remark: str) -> None:
    """No value, fewer than five patients, or no spread: no interval, and the reason."""
    found, method = bootstrapped(values, "mean")
    assert found.low is None
    assert remark in found.remark
    assert not method


@settings(max_examples=12, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=5, max_size=16))
def test_the_interval_holds_the_mean_and_stays_within_the_values(values: list[float]) -> None:
    """Means of rates are rates: between the smallest and the largest."""
    found, _ = bootstrapped(values, "mean")
    if found.low is not None:
        assert min(values) - 1e-9 <= found.low <= found.value <= found.high <= max(values) + 1e-9
