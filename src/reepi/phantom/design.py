"""What a single-arm trial of few patients can and cannot show: exact power, and what errors of reading do to it.

A patient is two numbers: the largest open skin, and the healing curve. A trial of thousands of patients is then a few
arrays, and a design can be asked thousands of times.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PRIMARY_DAY: Final = 7
"""Day of the trial's responder endpoint, after the infusion."""

ROUNDING: Final = 1e-12
"""Open skin [% BSA] that is no more than what computing leaves, so that a rate exactly at the threshold passes."""


def exact_interval(responders: npt.ArrayLike, patients: npt.ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the exact interval of a rate, 0 to 1 (Clopper & Pearson, Biometrika 1934;26:404-413).

    The same as `reepi.scoring.proportions.proportion_percent`, for thousands of trials at once.

    Parameters
    ----------
    responders, patients : int, or arrays of any one shape
        Responders, and of how many.
    level : float
        Confidence.
    """
    k, n = np.broadcast_arrays(np.asarray(responders, float), np.asarray(patients, float))
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low = np.where(k > 0, stats.beta.ppf(tail, k, n - k + 1), 0.0)
        high = np.where(k < n, stats.beta.ppf(1 - tail, k + 1, n - k), 1.0)
    return low, high


def fewest_to_exclude(historical: float, patients: int, level: float = 0.95) -> int | None:
    """Return the fewest responders whose exact interval lies above a historical rate, 0 to 1; None if none do."""
    low, _ = exact_interval(np.arange(patients + 1), patients, level)
    above = np.flatnonzero(low > historical)
    return int(above[0]) if len(above) else None


def power(historical: float, true: npt.ArrayLike, patients: int, level: float = 0.95) -> Floats:
    """Return the probability that a trial's exact interval lies above a historical rate, at each true rate, 0 to 1."""
    fewest = fewest_to_exclude(historical, patients, level)
    rates = np.asarray(true, float)
    return np.zeros_like(rates) if fewest is None else np.asarray(stats.binom.sf(fewest - 1, patients, rates))


@dataclass(frozen=True)
class AreaError:
    """Error of a measured open area; normal, its spread growing from a floor with the area.

    Parameters
    ----------
    floor_bsa : float
        Standard deviation where hardly any skin is open [% BSA].
    relative : float
        What the area adds to it [share of the area].
    bias : float
        By how much too large areas are read on average [share of the area].
    """

    floor_bsa: float = 0.0
    relative: float = 0.0
    bias: float = 0.0

    def spread(self, area: Floats) -> Floats:
        """Return the standard deviation at areas [% BSA]."""
        return np.asarray(np.hypot(self.floor_bsa, self.relative * area), np.float64)

    def measured(self, rng: np.random.Generator, area: Floats) -> Floats:
        """Return areas as they are measured; none is negative [% BSA]."""
        return np.maximum(area * (1 + self.bias) + self.spread(area) * rng.standard_normal(area.shape), 0)


def responder_probability(
    rate: npt.ArrayLike, max_open: npt.ArrayLike, error: AreaError, threshold: float = 90.0
) -> Floats:
    """Return the probability that a patient is called a responder, from one measured maximum and one measured day.

    Called are those whose measured open skin O is at most the part of the measured maximum M that the threshold leaves:
    with normal errors, O - (1 - threshold) M is normal, and the probability is that of its not being above 0.

    Parameters
    ----------
    rate : array
        True rate of re-epithelialisation, maximum minus open over maximum [%].
    max_open : array
        True maximum [% BSA].
    error : AreaError
        Error of each measurement; the two are independent.
    threshold : float
        Rate that counts as almost complete [%]; below 100.
    """
    share, largest = 1 - threshold / 100, np.asarray(max_open, float)
    left = (1 - np.asarray(rate, float) / 100) * largest
    mean = (left - share * largest) * (1 + error.bias)
    spread = np.hypot(error.spread(left), share * error.spread(largest))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(spread > 0, stats.norm.cdf(-mean / spread), mean <= ROUNDING), np.float64)


@dataclass(frozen=True)
class Healing:
    """How patients heal: by half on a day that differs between them, along a logistic curve.

    Parameters
    ----------
    half_day, half_spread : float
        Median of the day on which half is healed, and the standard deviation of its logarithm.
    steepness_days : float
        Scale of the logistic curve [days]; from 10 to 90 % takes 4.4 of them.
    max_open : tuple of float
        Range of the largest open skin, even in its logarithm [% BSA].
    """

    half_day: float = 5.0
    half_spread: float = 0.35
    steepness_days: float = 0.9
    max_open: tuple[float, float] = (10.0, 60.0)

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Return the day on which half is healed, and the largest open skin [% BSA], of each patient."""
        half = self.half_day * np.exp(self.half_spread * rng.standard_normal(shape))
        return half, np.exp(rng.uniform(float(np.log(self.max_open[0])), float(np.log(self.max_open[1])), shape))

    def rate(self, day: npt.ArrayLike, half: Floats) -> Floats:
        """Return the rate on a day [%]."""
        return np.asarray(100 / (1 + np.exp(-(np.asarray(day, float) - half) / self.steepness_days)))

    def responder_rate(self, threshold: float = 90.0, day: float = PRIMARY_DAY) -> float:
        """Return which share of all patients responds, 0 to 1."""
        latest = day - self.steepness_days * np.log(threshold / (100 - threshold))
        if latest <= 0:
            return 0.0
        return float(stats.norm.cdf(np.log(latest / self.half_day) / self.half_spread))


@dataclass(frozen=True)
class Design:
    """How a trial looks at its patients.

    Parameters
    ----------
    patients : int
        How many.
    threshold : float
        Rate that counts as almost complete [%].
    peak_visits : int
        Visits near the maximum: the largest of so many measurements is the denominator.
    missing : float
        Share of patients without a visit at the day, 0 to 1.
    missing_is : "left_out" or "non_responder"
        What a missing patient counts as.
    window_days : int
        Visits lie within so many days of the planned one, all of them equally often.
    """

    patients: int = 15
    threshold: float = 90.0
    peak_visits: int = 1
    missing: float = 0.0
    missing_is: Literal["left_out", "non_responder"] = "left_out"
    window_days: int = 0


@dataclass(frozen=True)
class Trials:
    """Simulated trials.

    Parameters
    ----------
    responds : (T, N) bool
        Which patients truly respond on the day.
    called : (T, N) bool
        Which are called responders.
    counts : (T, N) bool
        Which count at all.
    max_open : (T, N)
        True maximum [% BSA].
    rate : (T, N)
        True rate on the day [%].
    """

    responds: Bools
    called: Bools
    counts: Bools
    max_open: Floats
    rate: Floats

    @property
    def called_rate(self) -> Floats:
        """Responder rate of each trial, (T,), 0 to 1; not a number where nobody counts."""
        with np.errstate(invalid="ignore"):
            return np.asarray((self.called & self.counts).sum(axis=1) / self.counts.sum(axis=1))

    @property
    def misclassified(self) -> float:
        """Share of the patients who count that are called what they are not."""
        return float((self.called != self.responds)[self.counts].mean())

    def excluding(self, historical: float, level: float = 0.95) -> float:
        """Return the share of trials whose exact interval lies above a historical rate."""
        low, _ = exact_interval((self.called & self.counts).sum(axis=1), self.counts.sum(axis=1), level)
        return float((low > historical).mean())


def simulated(
    rng: np.random.Generator,
    trials: int,
    healing: Healing,
    design: Design | None = None,
    error: AreaError | None = None,
) -> Trials:
    """Return simulated trials.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    trials : int
        How many.
    healing : Healing
        How patients heal.
    design : Design
        How they are looked at.
    error : AreaError
        Error of each measurement; none if nothing is said.
    """
    design, error = design or Design(), error or AreaError()
    shape = (trials, design.patients)
    half, largest = healing.draw(rng, shape)
    seen_on = PRIMARY_DAY + rng.integers(-design.window_days, design.window_days + 1, shape)
    rate, seen_rate = healing.rate(PRIMARY_DAY, half), healing.rate(seen_on, half)
    peaks = error.measured(rng, np.broadcast_to(largest, (design.peak_visits, *shape)))
    measured_open = error.measured(rng, (1 - seen_rate / 100) * largest)
    called = measured_open <= (1 - design.threshold / 100) * peaks.max(axis=0)
    missing = rng.random(shape) < design.missing
    counts = ~missing if design.missing_is == "left_out" else np.ones(shape, bool)
    return Trials(rate >= design.threshold, called & ~missing, counts, largest, rate)
