"""Quantiles of a few numbers, and the exact interval of their median."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.stats import binom

from reepi.scoring.statistic import TAIL, Statistic

MEDIAN_INTERVAL: Final = (
    "95 % interval: exact, from the order of the values (Conover, Practical Nonparametric Statistics 1999, 3.2)"
)


def median(values: Sequence[float]) -> Statistic:
    """Return the median with its exact interval, which needs six values or more.

    The interval runs from the k-th smallest to the k-th largest value, with the largest k for which at most 2.5 % of
    samples have fewer than k values below the true median (binomial with 1/2): Conover 1999, section 3.2.
    """
    if not values:
        return Statistic(None, remark="there is no value")
    ordered = sorted(values)
    middle = quantile(ordered, 0.5)
    # The smallest number that reaches 2.5 %: all below it stay under.
    rank = int(binom.ppf(TAIL, len(ordered), 0.5))
    if rank < 1:
        return Statistic(middle, remark="no interval: six values are needed")
    return Statistic(middle, ordered[rank - 1], ordered[-rank])


def quantile(values: Sequence[float], part: float) -> float:
    """Return a quantile by linear interpolation between the ordered values (type 7 of Hyndman & Fan, Am Stat 1996)."""
    return float(np.quantile(np.asarray(values, np.float64), part))
