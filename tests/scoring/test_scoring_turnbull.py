"""Interval-censored times against the published estimate, an optimiser, another library, and exact times."""

from math import inf

import numpy as np
import pytest
from hypothesis import given
from lifelines import KaplanMeierFitter
from scipy.optimize import minimize
from time_cases import PATIENTS, drawn

from reepi.scoring.time_to_event import Followed, cumulative_incidence
from reepi.scoring.turnbull import Between, allowed, half_passed, interval_censored

COSMESIS = (
    (0, 7), (0, 8), (0, 5), (4, 11), (5, 12), (5, 11), (6, 10), (7, 16), (7, 14), (11, 15), (11, 18), (15, inf),
    (17, inf), (17, 25), (17, 25), (18, inf), (19, 35), (18, 26), (22, inf), (24, inf), (24, inf), (25, 37), (26, 40),
    (27, 34), (32, inf), (33, inf), (34, inf), (36, 44), (36, 48), (36, inf), (36, inf), (37, 44), (37, inf), (37, inf),
    (37, inf), (38, inf), (40, inf), (45, inf), *[(46, inf)] * 8,
)  # fmt: skip
"""Months to breast retraction after radiotherapy, 46 patients: Finkelstein & Wolfe, Biometrics 1985;41:933-945."""

PUBLISHED = {
    (4, 5): 0.0463, (6, 7): 0.0334, (7, 8): 0.0887, (11, 12): 0.0708, (24, 25): 0.0926, (33, 34): 0.0818,
    (38, 40): 0.1209, (46, 48): 0.4656,
}  # fmt: skip
"""Their estimate as Fay & Shaw print it, J Stat Softw 2010;36(2):1-34."""


def followed(intervals: tuple[tuple[float, float], ...]) -> list[Followed]:
    return [Followed("unknown", a) if b == inf else Followed("reached", b, a) for a, b in intervals]


def test_breast_retraction_has_the_published_shares() -> None:
    """The same eight intervals with the same shares, to the four digits that are printed."""
    found = interval_censored(followed(COSMESIS))
    assert {(each.after, each.until): round(each.percent / 100, 4) for each in found.intervals} == PUBLISHED
    assert found.open_percent == 0


def test_breast_retraction_is_the_maximum_of_its_likelihood() -> None:
    """Equal to 1e-6 to what a general optimiser finds over the published intervals (sequential least squares)."""
    possible = np.array([[a <= left and right <= b for left, right in PUBLISHED] for a, b in COSMESIS], float)
    found = minimize(
        lambda p: -np.log(possible @ p).mean(),
        np.full(8, 1 / 8),
        jac=lambda p: -(possible / (possible @ p)[:, None]).mean(axis=0),
        bounds=[(0, 1)] * 8,
        constraints={"type": "eq", "fun": lambda p: p.sum() - 1, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-16, "maxiter": 500},
    )
    mine = [each.percent / 100 for each in interval_censored(followed(COSMESIS)).intervals]
    assert mine == pytest.approx(found.x, abs=1e-6)


def test_a_small_case_solved_by_hand() -> None:
    """(0, 5], (3, 10] and (7, 12]: all mass in (3, 5] and (7, 10], 1/2 each, as p (p + q) q has its maximum there."""
    found = interval_censored([Followed("reached", b, a) for a, b in ((0, 5), (3, 10), (7, 12))])
    assert [(each.after, each.until) for each in found.intervals] == [(3, 5), (7, 10)]
    assert [each.percent for each in found.intervals] == pytest.approx([50, 50], abs=1e-6)
    assert found.by(4) == pytest.approx((0, 50), abs=1e-6)
    assert found.by(5) == pytest.approx((50, 50), abs=1e-6)
    assert (found.median().after, found.median().until) == (3, 5)


def test_an_interval_that_is_just_not_needed_has_no_share() -> None:
    """(0, 1], (0, 3], (2, 5] and (4, 5], by hand: p and p at the ends and q between, so p² (p + q)² = p² (1 - p)².

    It has its maximum at p = 1/2, where q = 1 - 2p ends at 0 without being pushed: self-consistent steps would creep.
    """
    found = interval_censored([Followed("reached", b, a) for a, b in ((0, 1), (0, 3), (2, 5), (4, 5))])
    assert [(each.after, each.until) for each in found.intervals] == [(0, 1), (4, 5)]
    assert [each.percent for each in found.intervals] == pytest.approx([50, 50], abs=1e-6)


def test_without_deaths_it_is_that_of_lifelines() -> None:
    """Intervals without equal ends, which lifelines takes as closed: shares at the ends of intervals equal to 1e-6."""
    rng = np.random.default_rng(2)
    ends = rng.permutation(np.arange(0.0, 40.0)).reshape(20, 2)
    left, right = ends.min(axis=1), ends.max(axis=1)
    other = KaplanMeierFitter().fit_interval_censoring(left, right, tol=1e-14)
    found = interval_censored([Followed("reached", b, a) for a, b in zip(left, right, strict=True)])
    for each in found.intervals:
        survival = other.survival_function_.loc[each.until, "NPMLE_estimate_lower"]
        assert found.by(each.until)[0] == pytest.approx(100 * (1 - survival), abs=1e-4)  # Of its own, 1e-6 as a part.


@pytest.mark.parametrize("seed", range(3))
def test_days_known_exactly_give_aalen_and_johansen(seed: int) -> None:
    """Where the look before is the day before, nothing is hidden: incidence of both events equal to 1e-6."""
    times, days, _ = drawn(20, seed, tied=True)
    exact = [Followed(t.outcome, t.day, t.day - 1) if t.outcome == "reached" else t for t in times]
    found, healed, died = interval_censored(exact), cumulative_incidence(times), cumulative_incidence(times, "died")
    for day in np.unique(days):
        assert found.by(day)[0] == pytest.approx(healed.at(day).value, abs=1e-6)
        assert sum(share for when, share in found.died if when <= day) == pytest.approx(died.at(day).value, abs=1e-6)


def test_whoever_dies_never_reaches_it() -> None:
    """Two healed by day 5 and 10, two died: half have, at most; the other half stays with the dead."""
    times = [Followed("reached", 5, 3), Followed("reached", 10, 7), Followed("died", 4), Followed("died", 8)]
    found = interval_censored(times)
    assert [each.percent for each in found.intervals] == pytest.approx([25, 25])
    assert found.died == ((4, pytest.approx(25)), (8, pytest.approx(25)))
    assert found.median().until == 10


def test_the_lost_are_spread_over_what_came_after() -> None:
    """Lost on day 6: the patient counts half for each of two who were still followed, as Kaplan & Meier would."""
    found = interval_censored([Followed("unknown", 6), Followed("reached", 10, 7), Followed("reached", 15, 10)])
    assert [each.percent for each in found.intervals] == pytest.approx([50, 50], abs=1e-6)
    beyond = interval_censored([Followed("reached", 5, 3), Followed("unknown", 15)])
    assert (beyond.open_percent, beyond.median().until) == pytest.approx((50, 5))


def test_who_was_followed_beyond_the_last_look_did_not_die_until_then() -> None:
    """Three last seen open on day 15: one died on day 25; two lived then, and may have healed since day 15."""
    times = [Followed("died", 25), Followed("unknown", 27, 15), Followed("unknown", 27, 15)]
    found = interval_censored(times)
    assert (found.died, found.open_percent) == (((25, pytest.approx(100 / 3)),), pytest.approx(200 / 3))
    outlived = interval_censored([Followed("died", 7), *[Followed("unknown", 5, 5, 8)] * 9])
    assert (outlived.died, outlived.open_percent) == (((7, pytest.approx(10)),), pytest.approx(90))
    healed = interval_censored([Followed("reached", 28, 15), Followed("unknown", 27, 15)])
    assert [(each.after, each.until) for each in healed.intervals] == [(15, 28)]


def test_the_looks_alone_allow_more_than_the_estimate() -> None:
    """One of five healed in (0, 5], four in (0, 7]: the estimate is all in (0, 5], the looks allow 20 to 100 %.

    Half were healed by day 7 for sure, and perhaps just after day 0.
    """
    times = [Followed("reached", 5, 0), *[Followed("reached", 7, 0)] * 4]
    found = interval_censored(times)
    assert found.by(5) == pytest.approx((100, 100))
    assert allowed(times, 5) == pytest.approx((20, 100))
    assert half_passed(times, found.median()) == (
        "by maximum likelihood half is passed after day 0 and not after day 5; the looks alone allow after day 0 and "
        "not after day 7"
    )


def test_the_dead_and_the_lost_bound_what_the_looks_allow() -> None:
    """One healed on day 5, one died, two were lost after day 7: by day 10 one to three of four; half perhaps never."""
    times = [Followed("reached", 5), Followed("died", 6), *[Followed("unknown", 9, 7)] * 2]
    assert allowed(times, 7) == pytest.approx((25, 25))
    assert allowed(times, 10) == pytest.approx((25, 75))
    assert half_passed(times, Between(-inf, 5, 50)).endswith("the looks alone allow after day 7 and perhaps never")


def test_nobody_has_no_shares() -> None:
    """Without patients there is nothing, and no median."""
    assert interval_censored([]).by(7) == (0, 0)
    assert interval_censored([]).median() is None


@given(PATIENTS)
def test_shares_add_up_and_no_shift_raises_the_likelihood(times: list[Followed]) -> None:
    """All shares are 100 % together; least <= most within what the looks allow; order changes no digit."""
    found, turned = interval_censored(times), interval_censored(times[::-1])
    total = sum(each.percent for each in found.intervals) + sum(share for _, share in found.died) + found.open_percent
    assert total == pytest.approx(100, abs=1e-6)
    for day in range(32):
        least, most = found.by(day)
        assert 0 <= least <= most + 1e-9 <= 100 + 1e-6
        few, many = allowed(times, day)
        assert few - 1e-4 <= least
        assert most <= many + 1e-4
    assert turned == found
