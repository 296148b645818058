"""When something was reached, if it is only known to lie between two looks: the non-parametric maximum likelihood.

A rate seen reached at a visit was reached at some time since the visit before. Turnbull (J R Stat Soc B
1976;38:290-295) spreads the patients over the intervals that the looks can tell apart; with death as competing event
that is the estimate of Hudgens, Satten & Longini (Biometrics 2001;57:74-80). Where in an interval it was reached nobody
can know, so a share by a day inside an interval has a least and a most. They are those of the estimate: it may put all
patients where their intervals overlap, while the looks alone allow much less or more (`allowed`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Final

import numpy as np
from scipy.optimize import nnls

from reepi.scoring.intervals import NOTHING
from reepi.scoring.skin import Floats
from reepi.scoring.time_to_event import HALF, Followed

STEPS: Final = 200
"""Steps of the algorithm at most; cohorts of a trial need about ten."""

OPTIMAL: Final = 1e-10
"""A step that promises to raise the log-likelihood of a patient by no more than this is the last: so near the maximum
it lands there, while rounding hides its rise."""

SHORTEST: Final = 1e-9
"""Part of a step below which it is not halved any more."""

TURNBULL: Final = (
    "non-parametric maximum likelihood for times known only to lie between two visits (Turnbull, J R Stat Soc B "
    "1976;38:290-295), with death as competing event (Hudgens, Satten & Longini, Biometrics 2001;57:74-80)"
)


@dataclass(frozen=True)
class Between:
    """A share of the patients who reached it within an interval.

    Parameters
    ----------
    after, until : float
        After the first day and not after the last; minus infinity where it may have been from the start.
    percent : float
        Share of the patients [%].
    """

    after: float
    until: float
    percent: float


@dataclass(frozen=True)
class IntervalCensored:
    """Shares of patients by the interval within which they reached something.

    Parameters
    ----------
    intervals : tuple of Between
        In order, those with a share.
    died : tuple of (float, float)
        Days of deaths without it, and their shares [%].
    open_percent : float
        Share of those of whom neither is known, however long one looked [%].
    """

    intervals: tuple[Between, ...]
    died: tuple[tuple[float, float], ...]
    open_percent: float

    def by(self, day: float) -> tuple[float, float]:
        """Return the least and the most that have reached it by a day, by the estimate [%]."""
        least = sum((each.percent for each in self.intervals if each.until <= day), 0.0)
        most = sum((each.percent for each in self.intervals if each.after < day), 0.0)
        return min(least, 100.0), min(most, 100.0)

    def median(self) -> Between | None:
        """Return the interval within which half of the patients have reached it; None where half have not.

        Its share is what all intervals up to and with it hold.
        """
        total = 0.0
        for each in self.intervals:
            total += each.percent
            if total >= HALF - 1e-6:
                return Between(each.after, each.until, min(total, 100.0))
        return None


def interval_censored(times: Sequence[Followed]) -> IntervalCensored:
    """Return the maximum likelihood estimate.

    Parameters
    ----------
    times : sequence of Followed
        One of each patient. Who died is taken not to have reached it between the last look and death.
    """
    cells = _cells(times)
    if not cells:
        return IntervalCensored((), (), 0.0)
    # In one order, so that the order of patients changes no digit.
    ordered = sorted(times, key=lambda each: (each.day, each.after, each.alive, each.outcome))
    possible = np.array([[_may(each, cell) for cell in cells] for each in ordered], np.float64)
    shares = 100 * _most_likely(possible)
    held = [(cell, float(share)) for cell, share in zip(cells, shares, strict=True) if share > 100 * NOTHING]
    return IntervalCensored(
        tuple(Between(cell.after, cell.day, share) for cell, share in held if cell.outcome == "reached"),
        tuple((cell.day, share) for cell, share in held if cell.outcome == "died"),
        sum((share for cell, share in held if cell.outcome == "unknown"), 0.0),
    )


def allowed(times: Sequence[Followed], day: float) -> tuple[float, float]:
    """Return the least and the most patients who can have reached it by a day, by the looks alone [%].

    The least are those who were seen to have; the most are all but the dead and those who were seen without after it.
    """
    reached = [each for each in times if each.outcome == "reached"]
    surely = sum(each.day <= day for each in reached)
    perhaps = sum(each.after < day for each in reached)
    perhaps += sum(each.look < day for each in times if each.outcome == "unknown")
    return 100 * surely / len(times), 100 * perhaps / len(times)


def half_passed(times: Sequence[Followed], found: Between) -> str:
    """Return between which days half of the patients have reached it, by the estimate and by the looks alone, in words.

    Parameters
    ----------
    times : sequence of Followed
        One of each patient.
    found : Between
        The median of their estimate.
    """
    half = (len(times) + 1) // 2
    starts = sorted(each.after if each.outcome == "reached" else each.look for each in times if each.outcome != "died")
    ends = sorted(each.day for each in times if each.outcome == "reached")
    latest = f"not after day {ends[half - 1]:g}" if len(ends) >= half else "perhaps never"
    alone = f"{_from(starts[half - 1])} and {latest}" if len(starts) >= half else "never"
    return (
        f"by maximum likelihood half is passed {_from(found.after)} and not after day {found.until:g}; the looks alone "
        f"allow {alone}"
    )


def _from(after: float) -> str:
    return "from the start" if after == -inf else f"after day {after:g}"


def _cells(times: Sequence[Followed]) -> list[Followed]:
    """Return what the looks can tell apart: intervals of reaching it, days of death, and whatever comes after.

    An interval runs from a left end to the next right end with no other end between; ends on one day are a right end
    first, as intervals are open on the left (Turnbull 1976).
    """
    lefts = {each.after if each.outcome == "reached" else each.look for each in times if each.outcome != "died"}
    rights = {each.day for each in times if each.outcome == "reached"}
    ends = sorted([(day, 1) for day in lefts] + [(day, 0) for day in rights])
    pairs = pairwise(ends)
    cells = [Followed("reached", right, left) for (left, one), (right, two) in pairs if one == 1 and two == 0]
    deaths = sorted({each.day for each in times if each.outcome == "died"})
    lost = max((each.mortal for each in times if each.outcome == "unknown"), default=-inf)
    known = max((each.day for each in times if each.outcome != "unknown"), default=-inf)
    beyond = [Followed("unknown", lost)] if lost >= known and times else []
    return [*cells, *(Followed("died", day) for day in deaths), *beyond]


def _may(patient: Followed, cell: Followed) -> bool:
    """Return whether a patient may belong to a cell."""
    if patient.outcome == "unknown":
        if cell.outcome == "reached":
            return cell.after >= patient.look
        return cell.outcome == "unknown" or cell.day > patient.mortal
    if patient.outcome != cell.outcome:
        return False
    if patient.outcome == "died":
        return patient.day == cell.day
    return patient.after <= cell.after and cell.day <= patient.day


def _most_likely(possible: Floats) -> Floats:
    """Return the shares of cells (C,) under which what is known of the patients (P, C) is most likely.

    Constrained Newton steps of Wang (J R Stat Soc B 2007;69:185-198): non-negative least squares find where, among
    shares, the quadratic approximation of the log-likelihood has its maximum; that shares add up to 1 is brought in as
    by Dax (J Optim Theory Appl 1990;64:429-432). Turnbull's self-consistent steps lead to the same shares, but creep
    where one tends to nothing; these set it to 0.
    """
    shares = np.full(possible.shape[1], 1 / possible.shape[1])
    for _ in range(STEPS):
        gains = possible / (possible @ shares)[:, None]
        rows, ends = np.vstack([gains - 2, np.ones(len(shares))]), np.append(np.zeros(len(gains)), 1.0)
        aim, _ = nnls(rows, ends)
        aim = aim / aim.sum()
        step = aim - shares
        rise = float(gains.mean(axis=0) @ step)
        if rise <= OPTIMAL:
            return np.asarray(aim)
        shares = _risen(possible, shares, step, rise)
    return shares


def _risen(possible: Floats, shares: Floats, step: Floats, rise: float) -> Floats:
    """Return the shares after a step, halved until it brings a third of the rise that its start promises (Armijo)."""
    length, before = 1.0, _log_likelihood(possible, shares)
    while length > SHORTEST:
        moved = np.maximum(shares + length * step, 0.0)
        if _log_likelihood(possible, moved) >= before + length * rise / 3:
            return np.asarray(moved / moved.sum())
        length /= 2
    return shares


def _log_likelihood(possible: Floats, shares: Floats) -> float:
    """Return the mean log-likelihood of a patient; minus infinity where one has become impossible."""
    with np.errstate(divide="ignore"):
        return float(np.log(possible @ shares).mean())
