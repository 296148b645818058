"""Statistics of ranks: how far two things rise together, and how far one group lies above another."""

from collections.abc import Sequence
from functools import lru_cache
from math import atanh, sqrt, tanh
from typing import Final

import numpy as np
from scipy.stats import mannwhitneyu, norm, spearmanr

from reepi.scoring.statistic import TAIL, Statistic

LEAST_PAIRS: Final = 5
"""The interval of a rank correlation of fewer pairs covers almost everything."""

MOST_EXACT: Final = 20_000
"""Up to so many pairs of patients of two groups the distribution of U is counted; beyond, it is as good as normal."""

SPEARMAN: Final = (
    "Spearman's rank correlation; 95 % interval: Fisher's z with the variance of Bonett & Wright "
    "(Psychometrika 2000;65:23-28)"
)

HODGES_LEHMANN: Final = (
    "median of all differences between a patient of one group and one of the other (Hodges & Lehmann, Ann Math Stat "
    "1963;34:598-611); 95 % interval of Moses (Hollander & Wolfe, Nonparametric Statistical Methods 1999, 4.3)"
)


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> Statistic:
    """Return Spearman's correlation of pairs, from -1 to 1, with its interval.

    Its interval is tanh(atanh r +- 1.96 sqrt((1 + r²/2) / (n - 3))), Bonett & Wright, Psychometrika 2000;65:23-28.
    """
    n = len(first)
    # In one order, so that the order of patients changes no digit.
    first, second = zip(*sorted(zip(first, second, strict=True)), strict=True) if n else ((), ())
    if n < LEAST_PAIRS:
        return Statistic(None, remark=f"{n} of the {LEAST_PAIRS} patients that are needed")
    if len(set(first)) == 1 or len(set(second)) == 1:
        return Statistic(None, remark="all patients have the same value")
    value = float(spearmanr(first, second).statistic)
    if abs(value) > 1 - 1e-12:
        return Statistic(float(round(value)), remark="no interval: the ranks agree exactly")
    half = float(norm.isf(TAIL)) * sqrt((1 + value**2 / 2) / (n - 3))
    return Statistic(value, tanh(atanh(value) - half), tanh(atanh(value) + half))


def shift(first: Sequence[float], second: Sequence[float]) -> Statistic:
    """Return how far the first group lies above the second: Hodges & Lehmann's estimate with Moses' interval.

    The interval runs from the k-th smallest to the k-th largest difference, with the largest k for which U is below k
    in at most 2.5 % of all orders. Equal differences are left as they are, which makes the interval rather wider.
    """
    if not first or not second:
        return Statistic(None, remark="a group is empty")
    differences = np.sort(np.subtract.outer(np.asarray(first, float), np.asarray(second, float)), axis=None)
    value = float(np.median(differences))
    rank = _rank(len(first), len(second))
    if rank < 1:
        return Statistic(value, remark=f"no interval: {len(first)} and {len(second)} patients are too few")
    return Statistic(value, float(differences[rank - 1]), float(differences[-rank]))


def rank_sum_p(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Return the two-sided p of Mann & Whitney (Ann Math Stat 1947;18:50-60); None where a group is empty."""
    if not first or not second:
        return None
    return float(mannwhitneyu(first, second, alternative="two-sided", method="auto").pvalue)


def _rank(n: int, m: int) -> int:
    """Return the largest k with P(U < k) of at most 2.5 %."""
    if n * m > MOST_EXACT:
        return int(n * m / 2 - float(norm.isf(TAIL)) * sqrt(n * m * (n + m + 1) / 12))
    below = np.cumsum(_orders(min(n, m), max(n, m)))
    return int(np.searchsorted(below, TAIL * below[-1], side="right"))


@lru_cache(maxsize=8)
def _orders(n: int, m: int) -> tuple[float, ...]:
    """Return the number of orders of n and m patients that give U = 0, 1, ..., nm.

    Coefficients of the Gaussian binomial, product over i = 1..n of (1 - q^(m+i)) / (1 - q^i), in whole numbers (Mann &
    Whitney 1947).
    """
    counts = [1] + [0] * (n * m)
    for i in range(1, n + 1):
        for u in range(n * m, m + i - 1, -1):
            counts[u] -= counts[u - m - i]
        for u in range(i, n * m + 1):
            counts[u] += counts[u - i]
    return tuple(float(count) for count in counts)
