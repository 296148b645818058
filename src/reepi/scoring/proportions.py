"""Exact intervals of counts: a part of so many patients, and events against those expected."""

from typing import Final

from scipy.stats import binomtest, chi2

from reepi.scoring.statistic import TAIL, Statistic

CLOPPER_PEARSON: Final = "95 % interval: exact binomial (Clopper & Pearson, Biometrika 1934;26:404-413)"

GARWOOD: Final = "95 % interval: exact Poisson (Garwood, Biometrika 1936;28:437-442)"


def proportion_percent(count: int, total: int) -> Statistic:
    """Return a part of so many patients [%] with its exact interval.

    Clopper & Pearson, Biometrika 1934;26:404-413.

    Parameters
    ----------
    count : int
        Patients who have it.
    total : int
        Patients of whom it is known.

    Raises
    ------
    ValueError
        The count is not between 0 and the total.
    """
    if not 0 <= count <= total:
        raise ValueError(f"count must lie between 0 and {total}, not {count}")
    if total == 0:
        return Statistic(None, remark="it is not known of any patient")
    interval = binomtest(count, total).proportion_ci(1 - 2 * TAIL, method="exact")
    return Statistic(100 * count / total, 100 * float(interval.low), 100 * float(interval.high))


def poisson_count(count: int) -> Statistic:
    """Return a number of events with the exact interval of the number to be expected.

    Garwood, Biometrika 1936;28:437-442, by quantiles of chi-square.

    Raises
    ------
    ValueError
        The count is negative.
    """
    if count < 0:
        raise ValueError(f"count must be 0 or more, not {count}")
    low = float(chi2.ppf(TAIL, 2 * count)) / 2 if count else 0.0
    return Statistic(float(count), low, float(chi2.isf(TAIL, 2 * count + 2)) / 2)


def observed_to_expected(observed: int, expected: float) -> Statistic:
    """Return events observed over those expected; the expected number is taken as known without error.

    The interval is that of `poisson_count` divided by the expected number (Breslow & Day, Statistical Methods in Cancer
    Research II, IARC 1987, ch. 2).
    """
    if expected <= 0:
        return Statistic(None, remark="none are expected")
    count = poisson_count(observed)
    low, high = (end / expected for end in (count.low or 0.0, count.high or 0.0))
    return Statistic(observed / expected, low, high)
