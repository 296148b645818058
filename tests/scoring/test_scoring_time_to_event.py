"""Cumulative incidence against published examples, fractions worked by hand, and two other libraries."""

from fractions import Fraction
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight
from time_cases import PATIENTS, REMISSION, drawn

from reepi.scoring.time_to_event import Followed, cumulative_incidence, kaplan_meier

Z = 1.959963984540054

HAND = (
    Followed("reached", 5),
    Followed("died", 6),
    Followed("unknown", 7),
    Followed("reached", 7),
    Followed("reached", 10),
    Followed("died", 10),
    Followed("unknown", 15),
    Followed("reached", 15),
)
"""Eight patients, small enough for fractions."""


def test_remission_has_the_published_survival() -> None:
    """Kaplan-Meier of the 6-MP patients as Kalbfleisch & Prentice (2002) print it, and the products it comes from."""
    printed = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    left, exact = Fraction(1), {}
    for week, (events, at_risk) in {
        6: (3, 21),
        7: (1, 17),
        10: (1, 15),
        13: (1, 12),
        16: (1, 11),
        22: (1, 7),
        23: (1, 6),
    }.items():
        left *= 1 - Fraction(events, at_risk)
        exact[week] = left
    curve = kaplan_meier(REMISSION)
    for week, survival in printed.items():
        assert round(1 - curve.at(week).value / 100, 3) == survival
        assert curve.at(week).value == pytest.approx(100 * float(1 - exact[week]), abs=1e-6)


def test_remission_has_greenwoods_interval_at_ten_weeks() -> None:
    """Log-log interval of who stays, from the sum of d / (n (n - d)): 3/(21 18) + 1/(17 16) + 1/(15 14), to 1e-6."""
    stays = (18 / 21) * (16 / 17) * (14 / 15)
    spread = Z * sqrt(3 / (21 * 18) + 1 / (17 * 16) + 1 / (15 * 14)) / -log(stays)
    found = kaplan_meier(REMISSION).at(10)
    assert (found.low, found.high) == pytest.approx(
        (100 * (1 - stays ** exp(-spread)), 100 * (1 - stays ** exp(spread))), abs=1e-6
    )


def test_remission_has_the_published_median() -> None:
    """Half have relapsed by week 23; the upper end is not reached (Klein & Moeschberger 2003)."""
    found = kaplan_meier(REMISSION).median()
    assert found.value == 23
    assert (found.low, found.high) == (13, None)
    assert "not reached" in found.remark


def test_competing_death_follows_fractions_worked_by_hand() -> None:
    """Day by day: what was left before, times the part of those at risk that reached it (Aalen & Johansen 1978)."""
    healed, died = cumulative_incidence(HAND), cumulative_incidence(HAND, "died")
    left_7, left_10 = Fraction(6, 8), Fraction(6, 8) * Fraction(5, 6)
    left_15 = left_10 * Fraction(2, 4)
    by = {
        5: (Fraction(1, 8), Fraction(0)),
        6: (Fraction(1, 8), Fraction(1, 8)),
        7: (Fraction(1, 8) + left_7 / 6, Fraction(1, 8)),
        10: (Fraction(1, 8) + left_7 / 6 + left_10 / 4, Fraction(1, 8) + left_10 / 4),
        15: (Fraction(1, 8) + left_7 / 6 + left_10 / 4 + left_15 / 2, Fraction(1, 8) + left_10 / 4),
    }
    for day, (one, other) in by.items():
        assert healed.at(day).value == pytest.approx(100 * float(one), abs=1e-9)
        assert died.at(day).value == pytest.approx(100 * float(other), abs=1e-9)


def test_kaplan_meier_of_the_same_patients_is_larger() -> None:
    """With the dead taken as lost, day 10 is 1 - 7/8 x 5/6 x 3/4 instead of 1/8 + 1/8 + 5/32: an over-estimate."""
    assert kaplan_meier(HAND).at(10).value == pytest.approx(100 * (1 - 7 / 8 * 5 / 6 * 3 / 4), abs=1e-9)
    assert cumulative_incidence(HAND).at(10).value == pytest.approx(100 * (1 / 8 + 1 / 8 + 5 / 32), abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_incidence_and_interval_are_those_of_statsmodels(seed: int) -> None:
    """With ties: both incidences, and their log-log intervals from its standard error, equal to 1e-6."""
    times, days, outcomes = drawn(25, seed, tied=True)
    with np.errstate(all="ignore"):
        other = CumIncidenceRight(days, outcomes)  # Its variance is 0 / 0 once all have had an event.
    for place, cause in enumerate(("reached", "died")):
        curve = cumulative_incidence(times, cause)
        for day, share, error in zip(other.times, other.cinc[place], other.cinc_se[place], strict=True):
            assert curve.at(day).value == pytest.approx(100 * share, abs=1e-6)
            if 0 < share < 1 and np.isfinite(error):
                spread = Z * error / (share * abs(log(share)))
                expected = (100 * share ** exp(spread), 100 * share ** exp(-spread))
                assert (curve.at(day).low, curve.at(day).high) == pytest.approx(expected, abs=1e-6)


def test_incidence_and_interval_are_those_of_lifelines() -> None:
    """Without ties, which lifelines would shift at random: incidence and interval equal to 1e-6."""
    times, days, outcomes = drawn(24, 8, tied=False)
    other = AalenJohansenFitter().fit(days, outcomes, event_of_interest=1)
    curve = cumulative_incidence(times)
    shares, ends = other.cumulative_density_.iloc[:, 0], other.confidence_interval_
    assert ends.notna().all(axis=1).sum() > 10
    for day in days[outcomes == 1]:
        assert curve.at(day).value == pytest.approx(100 * shares.loc[day], abs=1e-6)
        if ends.loc[day].isna().any():
            continue  # It has none once all at risk have had an event.
        expected = sorted(100 * ends.loc[day])
        assert [curve.at(day).low, curve.at(day).high] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_kaplan_meier_is_that_of_both_libraries(seed: int) -> None:
    """Estimate of statsmodels and lifelines; interval of lifelines (of the incidence, so mirrored); median of both."""
    times, days, outcomes = drawn(30, seed, tied=True)
    one, two = SurvfuncRight(days, (outcomes == 1).astype(int)), KaplanMeierFitter().fit(days, outcomes == 1)
    curve = kaplan_meier(times)
    for day, survival in zip(one.surv_times, one.surv_prob, strict=True):
        assert curve.at(day).value == pytest.approx(100 * (1 - survival), abs=1e-6)
        assert curve.at(day).value == pytest.approx(100 * (1 - two.predict(day)), abs=1e-6)
        if 0 < survival < 1:
            low, high = two.confidence_interval_.loc[day]
            assert (curve.at(day).low, curve.at(day).high) == pytest.approx(
                (100 * (1 - high), 100 * (1 - low)), abs=1e-6
            )
    assert curve.median().value == one.quantile(0.5) == two.median_survival_time_


def test_standard_errors_of_kaplan_meier_are_greenwoods() -> None:
    """The variance with one event alone is Greenwood's, as statsmodels computes it: the interval follows to 1e-6."""
    times, days, outcomes = drawn(30, 5, tied=True)
    other, curve = SurvfuncRight(days, (outcomes == 1).astype(int)), kaplan_meier(times)
    for day, survival, error in zip(other.surv_times, other.surv_prob, other.surv_prob_se, strict=True):
        if 0 < survival < 1 and np.isfinite(error):
            spread = Z * error / (survival * abs(log(survival)))
            expected = (100 * (1 - survival ** exp(-spread)), 100 * (1 - survival ** exp(spread)))
            assert (curve.at(day).low, curve.at(day).high) == pytest.approx(expected, abs=1e-6)


def test_nobody_and_everybody_have_exact_ends() -> None:
    """0 of 15 at risk: up to 1 - 0.025^(1/15) = 21.8 %; all of 6: from 0.025^(1/6) = 54.1 % (Clopper & Pearson)."""
    nobody = cumulative_incidence([Followed("unknown", 9)] * 15).at(5)
    assert (nobody.value, nobody.low, nobody.high) == pytest.approx((0, 0, 100 * (1 - 0.025 ** (1 / 15))))
    everybody = cumulative_incidence([Followed("reached", 5)] * 6)
    found = everybody.at(5)
    assert (found.value, found.low, found.high) == pytest.approx((100, 100 * 0.025 ** (1 / 6), 100))
    assert everybody.median().value == 5


def test_the_dead_are_known_not_to_have_healed() -> None:
    """Five died on day 3, the sixth is unhealed on day 9: 0 of 6 whose fate is known, up to 1 - 0.025^(1/6) = 45.9 %.

    Taking day 9 for 0 of the one at risk would allow 97.5 %, though five of six never can.
    """
    found = cumulative_incidence([Followed("died", 3)] * 5 + [Followed("unknown", 9)]).at(9)
    assert (found.value, found.low, found.high) == pytest.approx((0, 0, 100 * (1 - 0.025 ** (1 / 6))), abs=1e-6)
    alone = kaplan_meier([Followed("died", 3)] * 5 + [Followed("unknown", 9)]).at(9)
    assert alone.high == pytest.approx(97.5, abs=1e-6)


def test_each_event_has_its_own_patients_at_risk() -> None:
    """Day 7: 2 of 4 looked at heal; day 8: one of 6 dies, 4 of them unlooked at since day 5 and known to be alive.

    So 1/2 have healed and 1/2 x 1/6 have died. By hand, as the hazards are of days apart: the variance of the deaths is
    (1/2)² (1/6 x 5/6) / 6 + (1/6)² (1/2 x 1/2) / 4.
    """
    missed = [Followed("unknown", 5, 5, 8)] * 4
    times = [*[Followed("reached", 7, 5)] * 2, Followed("died", 8), Followed("unknown", 8), *missed]
    died, healed = cumulative_incidence(times, "died").at(8), cumulative_incidence(times).at(8)
    assert (healed.value, died.value) == pytest.approx((50, 100 / 12))
    spread = Z * sqrt(5 / 36 / 6 / 4 + 1 / 36 / 4 / 4) / (1 / 12 * log(12))
    assert (died.low, died.high) == pytest.approx((100 / 12 ** exp(spread), 100 / 12 ** exp(-spread)))


def test_nothing_is_said_of_days_on_which_nobody_was_followed() -> None:
    """Beyond the last look the share is unknown while somebody may still reach it; once all are told it stays."""
    open_ended = cumulative_incidence([Followed("reached", 5), Followed("unknown", 10)])
    assert open_ended.at(10).value == 50
    assert open_ended.at(11).value is None
    assert "day 10" in open_ended.at(11).remark
    assert cumulative_incidence([Followed("reached", 5), Followed("died", 10)]).at(99).value == 50
    lost_before = cumulative_incidence([Followed("reached", 5), Followed("unknown", 7), Followed("died", 10)])
    assert (lost_before.settled, lost_before.at(10).value is None, lost_before.at(11).value) == (False, False, None)


def test_a_median_that_is_not_reached_says_how_far_it_came() -> None:
    """Fewer than half have reached it: no day, and the share by the last day."""
    found = cumulative_incidence([Followed("reached", 5), Followed("died", 6), Followed("died", 9)]).median()
    assert found.value is None
    assert found.remark == "not reached: 33.3 % by day 9"


def test_no_patient_has_no_curve() -> None:
    """Without patients there is nothing at any day, and the reason."""
    assert cumulative_incidence([]).at(7).remark == cumulative_incidence([]).median().remark == "no patient has a time"


@pytest.mark.parametrize(
    ("outcome", "day", "after"), [("died", -1, -2), ("reached", 5, 5), ("unknown", float("inf"), 0)]
)
def test_days_in_disorder_are_refused(outcome: str, day: float, after: float) -> None:
    """A day is 0 or more, known, and after the look before."""
    with pytest.raises(ValueError, match="in order"):
        Followed(outcome, day, after)


@given(PATIENTS)
def test_shares_rise_within_their_intervals(times: list[Followed]) -> None:
    """0 <= low <= share <= high <= 100, rising; healed and dead together are 100 % at most; order does not matter."""
    healed, died = cumulative_incidence(times), cumulative_incidence(times, "died")
    for curve in (healed, died, kaplan_meier(times)):
        low, share, high = (np.array(each) for each in (curve.low, curve.percent, curve.high))
        assert (low >= 0).all()
        assert (low <= share + 1e-9).all()
        assert (share <= high + 1e-9).all()
        assert (high <= 100).all()
        assert (np.diff(share) >= 0).all()
    assert (np.add(healed.percent, died.percent) <= 100 + 1e-9).all()
    assert (np.array(kaplan_meier(times).percent) >= np.array(healed.percent) - 1e-9).all()
    assert cumulative_incidence(times[::-1]) == healed
