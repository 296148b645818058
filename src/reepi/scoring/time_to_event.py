"""When something was reached, in patients of whom some die or are lost before: cumulative incidence by day.

Whoever dies can no longer reach it, so death is a competing event (Aalen & Johansen, Scand J Stat 1978;5:141-150).
Taking the dead for patients lost, as Kaplan & Meier (J Am Stat Assoc 1958;53:457-481) would, answers how many would
have reached it had nobody died, and over-estimates. lifelines shifts equal times at random before it computes this, and
the variance of statsmodels ends once all have had an event; so it is computed here, and the tests hold it against both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, log
from typing import Final, Literal

import numpy as np
from scipy.special import ndtri

from reepi.scoring.intervals import NOTHING
from reepi.scoring.skin import Floats
from reepi.scoring.statistic import TAIL, Statistic

Outcome = Literal["reached", "died", "unknown"]

HALF: Final = 50.0
"""Share of the patients [%] that has reached something at its median time."""

_Z: Final = float(-ndtri(TAIL))

AALEN_JOHANSEN: Final = (
    "cumulative incidence with death as competing event (Aalen & Johansen, Scand J Stat 1978;5:141-150); 95 % "
    "interval: log-log, variance of Dinse & Larson (Biometrika 1986;73:379-386), exact binomial at 0 and 100 %"
)

KAPLAN_MEIER: Final = (
    "Kaplan-Meier (J Am Stat Assoc 1958;53:457-481) with the dead taken as lost from sight: for comparison, it "
    "over-estimates, as the dead never heal; 95 % interval: log-log of the share that has not, Greenwood's variance"
)


@dataclass(frozen=True)
class Followed:
    """What is known of when one patient reached something.

    Parameters
    ----------
    outcome : "reached", "died" or "unknown"
        Seen reached; died without; or not seen reached, and lost from sight.
    day : float
        First day on which it was seen reached, day of death, or last day on which the patient was followed; 0 or more.
    after : float
        Where it was reached: after this day, that of the look before; minus infinity where nothing is known of before.
        Where it is unknown: day of the last look, if the patient was followed longer.
    alive : float
        Where it is unknown: up to this day the patient counts as at risk of dying, if that is longer.

    Raises
    ------
    ValueError
        The days are not in order.
    """

    outcome: Outcome
    day: float
    after: float = -inf
    alive: float = -inf

    def __post_init__(self) -> None:
        if not 0 <= self.day < inf or (self.outcome == "reached" and self.after >= self.day):
            raise ValueError(f"days must be 0 or more and in order, not {self.after} and {self.day}")

    @property
    def look(self) -> float:
        """Day of the last look at which it was not reached, where that is unknown later."""
        return self.day if self.after == -inf else self.after

    @property
    def mortal(self) -> float:
        """Last day on which the patient was at risk of dying without it."""
        return max(self.day, self.alive)


@dataclass(frozen=True)
class Curve:
    """A share of patients that rises in steps, by day.

    Parameters
    ----------
    days : tuple of float
        Days from which the numbers below hold, in order; the first is 0.
    percent : tuple of float
        Share of the patients [%].
    low, high : tuple of float
        Its 95 % interval [%].
    at_risk : tuple of int
        Patients at risk of the event on each day, who had not had any event before.
    settled : bool
        Whether everybody's outcome is known at the last day, as nobody was lost, so that the share stays as it is.
    """

    days: tuple[float, ...]
    percent: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]
    settled: bool

    def at(self, day: float) -> Statistic:
        """Return the share by a day with its interval [%]; None beyond the last day on which anybody was followed."""
        if not self.days:
            return Statistic(None, remark="no patient has a time")
        if day > self.days[-1] and not self.settled:
            return Statistic(None, remark=f"nobody was followed beyond day {self.days[-1]:g}")
        step = int(np.searchsorted(self.days, day, side="right")) - 1
        return Statistic(self.percent[step], self.low[step], self.high[step])

    def median(self) -> Statistic:
        """Return the first day on which half of the patients have reached it.

        Its interval holds the days at which the interval of the share holds one half (Brookmeyer & Crowley, Biometrics
        1982;38:29-41).
        """
        if not self.days:
            return Statistic(None, remark="no patient has a time")
        value, low, high = (self._first(each) for each in (self.percent, self.high, self.low))
        if value is None:
            reached = f"not reached: {self.percent[-1]:.1f} % by day {self.days[-1]:g}"
            return Statistic(None, low, remark=reached)
        return Statistic(value, low, high, "" if high is not None else "the upper end of its interval is not reached")

    def _first(self, shares: Sequence[float]) -> float | None:
        """Return the first day at which somebody has reached it and a share is one half or more."""
        steps = zip(self.days, self.percent, shares, strict=True)
        return next((day for day, now, share in steps if now > NOTHING and share >= HALF - NOTHING), None)


NO_CURVE: Final = Curve((), (), (), (), (), settled=False)
"""Of no patients."""


def cumulative_incidence(times: Sequence[Followed], cause: Outcome = "reached") -> Curve:
    """Return the share of patients who have had one event by each day, the other one competing.

    Patients seen on a day count as followed up to it; whoever is lost on the day of an event is lost after it. Who
    is known to be alive and was not looked at is at risk of dying, and not of being seen to reach it: each event has
    those at risk of its own, and the shares come of both hazards (Aalen & Johansen 1978).

    Parameters
    ----------
    times : sequence of Followed
        One of each patient.
    cause : "reached" or "died"
        Which event.
    """
    return _curve(times, cause, _ends)


def _curve(
    times: Sequence[Followed], cause: Outcome, ends_of: Callable[[float, float, int, int], tuple[float, float]]
) -> Curve:
    if not times:
        return NO_CURVE
    days = np.unique([0.0, *(each.day for each in times)])
    other: Outcome = "died" if cause == "reached" else "reached"
    (mine, at_risk), (others, at_risk_of_other) = (_hazard(days, times, each) for each in (cause, other))
    before = np.concatenate([[1.0], np.cumprod(np.maximum(1 - mine - others, 0.0))[:-1]])
    share = np.minimum(np.cumsum(before * mine), 1.0)
    deviation = np.sqrt(_variance(share, before, (mine, at_risk), (others, at_risk_of_other)))
    reached = sum(each.outcome == cause for each in times)
    # Whoever had the other event before is known not to have had this one.
    known = at_risk + np.concatenate([[0.0], np.cumsum(others * at_risk_of_other)[:-1]])
    ends = [ends_of(f, s, round(n), reached) for f, s, n in zip(share, deviation, known, strict=True)]
    settled = all(each.outcome != "unknown" for each in times)
    low, high = (tuple(100 * each for each in side) for side in zip(*ends, strict=True))
    percent = tuple(100 * float(each) for each in share)
    return Curve(tuple(map(float, days)), percent, low, high, tuple(map(int, at_risk)), settled)


def kaplan_meier(times: Sequence[Followed]) -> Curve:
    """Return one minus Kaplan & Meier's estimate: the same with the dead taken as lost from sight.

    Its interval is that which is usual with it, of the share that has not reached it.
    """
    alone = [Followed("unknown", each.day) if each.outcome == "died" else each for each in times]
    return _curve(alone, "reached", _ends_of_rest)


def _ends_of_rest(share: float, deviation: float, known: int, reached: int) -> tuple[float, float]:
    """Return the interval of a share by the log-log of what is left of it (Kalbfleisch & Prentice 1980, 1.3)."""
    if share < NOTHING or share > 1 - NOTHING:
        return _ends(share, deviation, known, reached)
    low, high = _ends(1 - share, deviation, known, reached)
    return 1 - high, 1 - low


def _hazard(days: Floats, times: Sequence[Followed], cause: Outcome) -> tuple[Floats, Floats]:
    """Return the part of those at risk of an event who have it on each day, and how many are at risk, (D,) each."""
    ends = np.array([each.mortal if cause == "died" else each.day for each in times])
    when = np.array([each.day for each in times if each.outcome == cause])
    at_risk = np.asarray((ends[None] >= days[:, None]).sum(axis=1), np.float64)
    return (when[None] == days[:, None]).sum(axis=1) / at_risk, at_risk


def _variance(share: Floats, before: Floats, mine: tuple[Floats, Floats], others: tuple[Floats, Floats]) -> Floats:
    """Return the variance of a cumulative incidence at each day, by the delta method.

    With the same patients at risk of both it is that of Dinse & Larson (Biometrika 1986;73:379-386). F(t) changes
    with this hazard on day i by S - (F(t) - F(i)) / left, and with the other by -(F(t) - F(i)) / left, with S just
    before day i and left what both hazards leave of those at risk. On one day the two are parts of a multinomial of
    those at risk of both, who are the fewer. Where nobody is left, F stays as it is from then on.
    """
    (hazard, at_risk), (other, at_risk_of_other) = mine, others
    left = 1 - hazard - other
    rise = np.tril(share[:, None] - share[None])
    lost = np.divide(rise, left, out=np.zeros_like(rise), where=left > NOTHING)
    gained = np.tril(before - lost)
    own, of_other = hazard * (1 - hazard) / at_risk, other * (1 - other) / at_risk_of_other
    shared = hazard * other / np.maximum(at_risk, at_risk_of_other)
    return np.maximum(gained**2 @ own + lost**2 @ of_other + 2 * (gained * lost) @ shared, 0.0)


def _ends(share: float, deviation: float, known: int, reached: int) -> tuple[float, float]:
    """Return the interval of a share: log-log inside, exact (Clopper & Pearson 1934) at 0 and 1.

    Parameters
    ----------
    share, deviation : float
        The share, 0 to 1, and its standard error.
    known : int
        Patients of whom it is known whether they had had the event by that day.
    reached : int
        Patients who had it on any day.
    """
    if share < NOTHING:
        return 0.0, float(1 - TAIL ** (1 / known))
    if share > 1 - NOTHING:
        return float(TAIL ** (1 / reached)), 1.0
    spread = _Z * deviation / (share * abs(log(share)))
    return float(share ** exp(spread)), float(share ** exp(-spread))
