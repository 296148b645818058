"""What a trial's design can show: exact statistics against scipy, simulation against closed forms."""

import numpy as np
import pytest
from scipy import stats

from reepi.phantom.design import (
    AreaError,
    Design,
    Healing,
    exact_interval,
    fewest_to_exclude,
    power,
    responder_probability,
    simulated,
)

TRIALS = 4000
"""Simulated trials of 15 patients: shares of patients are then known within 0.5 points (99 %)."""


@pytest.mark.parametrize("patients", [1, 15, 40])
def test_exact_intervals_are_those_of_scipy(patients: int) -> None:
    """Clopper-Pearson at every number of responders, against scipy.stats.binomtest."""
    low, high = exact_interval(np.arange(patients + 1), patients)
    for k in range(patients + 1):
        known = stats.binomtest(k, patients).proportion_ci(0.95, "exact")
        assert (low[k], high[k]) == pytest.approx((known.low, known.high), abs=1e-9)


def test_interval_of_eight_of_fifteen_is_that_of_the_protocol() -> None:
    """The trial's own figure: 8 responders of 15 give 26.6 to 78.7 %."""
    low, high = exact_interval(8, 15)
    assert (100 * float(low), 100 * float(high)) == pytest.approx((26.6, 78.7), abs=0.05)


@pytest.mark.parametrize("historical", [0.1, 0.2, 0.3, 0.5])
def test_fewest_responders_pass_the_one_sided_test(historical: float) -> None:
    """The interval excludes a rate if and only if the one-sided exact test at 2.5 % rejects it."""
    fewest = fewest_to_exclude(historical, 15)
    rejected = [k for k in range(16) if stats.binomtest(k, 15, historical, "greater").pvalue < 0.025]
    assert fewest == min(rejected)


def test_no_number_of_responders_excludes_what_is_nearly_certain() -> None:
    """With one patient even the only responder leaves 2.5 % upwards open; power is then 0."""
    assert fewest_to_exclude(0.03, 1) is None
    assert power(0.03, [0.5, 1.0], 1).tolist() == [0, 0]


def test_power_is_the_sum_of_binomial_probabilities() -> None:
    """Power at a true rate is the probability of all numbers of responders that exclude the historical one."""
    true = np.array([0.2, 0.5, 0.8])
    low, _ = exact_interval(np.arange(16), 15)
    known = [sum(stats.binom.pmf(k, 15, rate) for k in range(16) if low[k] > 0.2) for rate in true]
    assert power(0.2, true, 15) == pytest.approx(known, abs=1e-12)
    assert power(0.2, 0.2, 15) <= 0.025


def test_without_error_a_patient_is_called_what_the_patient_is() -> None:
    """At and above the threshold a responder, below not; whatever the maximum."""
    rates = np.array([89.99, 90.0, 95.0])
    assert responder_probability(rates, 30.0, AreaError()).tolist() == [0, 1, 1]


def test_at_the_threshold_any_error_is_a_coin_toss() -> None:
    """A true rate at the threshold is called either way equally often, for every maximum and spread."""
    error = AreaError(floor_bsa=1.0, relative=0.1)
    assert responder_probability(90.0, np.array([10.0, 30, 60]), error) == pytest.approx([0.5] * 3)


def test_error_of_one_percent_at_a_maximum_of_ten_is_ten_points() -> None:
    """The error budget: without error of the maximum, 1 % BSA at 10 % BSA spreads the rate by 10 points."""
    error = AreaError(floor_bsa=1.0)
    # The maximum has the same error, of which the threshold lets a tenth through.
    spread_points = 10 * np.hypot(1, 0.1)
    assert responder_probability(80.0, 10.0, error) == pytest.approx(stats.norm.cdf(-10 / spread_points))


@pytest.mark.parametrize("error", [AreaError(0.5), AreaError(1.0, 0.1), AreaError(0.3, 0.2, 0.1)])
def test_simulated_calls_are_those_of_the_closed_form(error: AreaError) -> None:
    """Mean probability of being called over the simulated patients against the share that was called."""
    trials = simulated(np.random.default_rng(1), TRIALS, Healing(), Design(), error)
    known = responder_probability(trials.rate, trials.max_open, error)
    assert trials.called.mean() == pytest.approx(known.mean(), abs=0.006)


def test_true_responders_are_those_of_the_closed_form() -> None:
    """Share of simulated responders against the log-normal law of the day on which half is healed."""
    for healing in (Healing(), Healing(half_day=4, half_spread=0.2)):
        trials = simulated(np.random.default_rng(2), TRIALS, healing)
        assert trials.responds.mean() == pytest.approx(healing.responder_rate(), abs=0.008)
        assert trials.misclassified == 0


def test_the_largest_of_several_readings_is_too_large() -> None:
    """With more visits near the maximum, chance makes the denominator larger and so more patients responders."""
    error = AreaError(0.5, 0.15)
    shares = [
        simulated(np.random.default_rng(3), TRIALS, Healing(), Design(peak_visits=n), error).called.mean()
        for n in (1, 3, 6)
    ]
    assert shares == sorted(shares)
    assert shares[-1] > shares[0] + 0.005


def test_missing_patients_are_left_out_or_lower_the_rate() -> None:
    """Left out at random they leave the rate; counted as non-responders they lower it by their share."""
    healing = Healing()
    left_out = simulated(np.random.default_rng(4), TRIALS, healing, Design(missing=0.2))
    non_responder = simulated(
        np.random.default_rng(4), TRIALS, healing, Design(missing=0.2, missing_is="non_responder")
    )
    assert left_out.counts.mean() == pytest.approx(0.8, abs=0.01)
    assert float(np.nanmean(left_out.called_rate)) == pytest.approx(healing.responder_rate(), abs=0.012)
    assert non_responder.called_rate.mean() == pytest.approx(0.8 * healing.responder_rate(), abs=0.012)


def test_simulated_power_is_the_exact_one() -> None:
    """Without errors the share of trials that exclude a rate is the binomial power at the true rate."""
    healing = Healing()
    trials = simulated(np.random.default_rng(5), TRIALS, healing)
    assert trials.excluding(0.2) == pytest.approx(float(power(0.2, healing.responder_rate(), 15)), abs=0.02)
