"""Statistics of agreement: intraclass correlation and kappa, each with its 95 % interval.

The intraclass correlation is computed by pingouin (extra ``stats``) and kappa by statsmodels. What cannot be computed
says why in place of a number.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pingouin
from scipy.stats import norm
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from reepi.scoring.skin import Floats
from reepi.scoring.statistic import LEAST_PATIENTS, TAIL, Statistic

NO_SPREAD: Final = 1e-9
"""Differences below this are rounding [in the unit of the values]: the tables hold 8 decimals."""

NO_VARIANCE: Final = 1e-9
"""Share of the squares of values below which their variance is rounding."""

RESAMPLES: Final = 2000
"""Bootstrap samples of patients (Efron & Tibshirani 1993, percentile method)."""

LEAST_VISITS: Final = 3
"""Visits that an intraclass correlation needs; two say nothing of how visits differ."""


def intraclass_correlation(values: Floats) -> Statistic:
    """Return ICC(2,1): absolute agreement of single raters who stand for all raters, with its interval.

    Shrout & Fleiss, Psychol Bull 1979;86:420-428; interval of McGraw & Wong, Psychol Methods 1996;1:30-46, case 2, in
    which pingouin calls it ICC(A,1).

    Parameters
    ----------
    values : (V, R)
        Of V visits by R raters.
    """
    problem = _icc_problem(values)
    if problem:
        return Statistic(None, remark=problem)
    visits, raters = np.indices(values.shape)
    table = pd.DataFrame({"visit": visits.ravel(), "rater": raters.ravel(), "value": values.ravel()})
    with _exact_and_quiet():
        found = pingouin.intraclass_corr(table, targets="visit", raters="rater", ratings="value").set_index("Type")
    low, high = (float(end) for end in found.at["ICC(A,1)", "CI95"])
    value = float(found.at["ICC(A,1)", "ICC"])
    if np.abs(_residuals(values)).max() < NO_SPREAD or not np.isfinite([low, high]).all():
        return Statistic(value, remark="no interval: raters differ by the same amount at every visit")
    return Statistic(value, low, high)


@contextmanager
def _exact_and_quiet() -> Iterator[None]:
    """Keep pingouin from rounding intervals to two decimals, and it and statsmodels from warning of 0 / 0."""
    before = dict(pingouin.options)
    pingouin.options["round.column.CI95"] = None
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    finally:
        pingouin.options.clear()
        pingouin.options.update(before)


def _icc_problem(values: Floats) -> str:
    if len(values) < LEAST_VISITS:
        return f"{_counted(len(values), 'visit')} that all have: at least {LEAST_VISITS} are needed"
    if np.ptp(values) < NO_SPREAD:
        return "all values are the same, so there is no variance to share out"
    return ""


def _residuals(values: Floats) -> Floats:
    """Return what neither visit nor rater explains, (V, R)."""
    by_visit, by_rater = values.mean(axis=1, keepdims=True), values.mean(axis=0, keepdims=True)
    return np.asarray(values - by_visit - by_rater + values.mean())


def resampled_correlation(values: Floats, patients: Sequence[str], seed: int = 0) -> Statistic:
    """Return ICC(2,1) with the interval that drawing patients with replacement gives.

    Visits of one patient are not independent, as the interval of `intraclass_correlation` takes them to be; here they
    are drawn together. In turn these raters are taken as given, and not as drawn from all that there might be, so this
    interval may be the narrower one.

    Parameters
    ----------
    values : (V, R)
        Of V visits by R raters.
    patients : sequence of str, V
        Patient of each visit.
    seed : int
        Seed of the drawing.
    """
    problem = _icc_problem(values)
    if problem:
        return Statistic(None, remark=problem)
    names, index = np.unique(np.asarray(patients), return_inverse=True)
    sums = _PatientSums.of(values - values.mean(), index)
    value = float(sums.icc(np.ones((1, len(names))))[0])
    if len(names) < LEAST_PATIENTS:
        return Statistic(value, remark=f"no interval: {_counted(len(names), 'patient')}, {LEAST_PATIENTS} are needed")
    drawn = np.random.default_rng(seed).multinomial(len(names), [1 / len(names)] * len(names), RESAMPLES)
    low, high = np.nanpercentile(sums.icc(drawn.astype(np.float64)), [100 * TAIL, 100 * (1 - TAIL)])
    return Statistic(value, float(low), float(high))


@dataclass(frozen=True)
class _PatientSums:
    """Sums over the visits of each of P patients, from which the ICC of any sample of patients follows.

    Parameters
    ----------
    visits : (P,)
        How many.
    raters : (P, R)
        Values of each rater added up.
    totals : (P,)
        Squares of the sums over raters.
    squares : (P,)
        Squares of the values.
    """

    visits: Floats
    raters: Floats
    totals: Floats
    squares: Floats

    @classmethod
    def of(cls, values: Floats, index: npt.NDArray[np.intp]) -> "_PatientSums":
        def summed(each: Floats) -> Floats:
            return np.asarray(np.bincount(index, weights=each), np.float64)

        by_rater = np.stack([summed(column) for column in values.T], axis=1)
        total = values.sum(axis=1)
        return cls(summed(np.ones(len(values))), by_rater, summed(total**2), summed((values**2).sum(axis=1)))

    def icc(self, weights: Floats) -> Floats:
        """Return ICC(2,1) by the mean squares of Shrout & Fleiss (1979), (B,), of samples with weights (B, P)."""
        n, raters, k = weights @ self.visits, weights @ self.raters, self.raters.shape[1]
        squares = weights @ self.squares
        mean = raters.sum(axis=1) ** 2 / (n * k)
        visits, columns = weights @ self.totals / k - mean, (raters**2).sum(axis=1) / n - mean
        rest = squares - mean - visits - columns
        with np.errstate(all="ignore"):
            between, across, error = visits / (n - 1), columns / (k - 1), rest / ((n - 1) * (k - 1))
            found = (between - error) / (between + (k - 1) * error + k * (across - error) / n)
        # In a sample whose values are all the same, what is left of its variance is rounding.
        return np.where(squares - mean > NO_VARIANCE * squares, found, np.nan)


def kappa(table: npt.NDArray[np.int64], *, weighted: bool) -> Statistic:
    """Return Cohen's kappa of two raters, with its large-sample interval.

    Cohen, Educ Psychol Meas 1960;20:37-46; with linear weights (Cicchetti & Allison, Am J EEG Technol 1971;11:101-109)
    where grades are ordered; variance of Fleiss, Cohen & Everitt, Psychol Bull 1969;72:323-327.

    Parameters
    ----------
    table : (G, G) int64
        Patients by grade of the first rater (rows) and of the second (columns).
    weighted : bool
        Whether a difference of two grades counts twice one of one.
    """
    if table.sum() == 0:
        return Statistic(None, remark="no patient that both have classed")
    if np.count_nonzero(table.sum(axis=0) + table.sum(axis=1)) == 1:
        return Statistic(None, remark="both raters give every patient the same class, so chance alone would agree")
    with _exact_and_quiet():
        found = cohens_kappa(table, wt="linear" if weighted else None)
    value, error = float(found.kappa), float(np.sqrt(max(found.var_kappa, 0.0)))
    if np.trace(table) == table.sum():
        return Statistic(value, remark="no interval: raters agree on every patient")
    if 1 in (np.count_nonzero(table.sum(axis=0)), np.count_nonzero(table.sum(axis=1))):
        return Statistic(value, remark="no interval: one rater gives every patient the same class")
    if error < NO_SPREAD:
        return Statistic(value, remark="no interval: its large-sample variance is 0 here")
    half = float(norm.isf(TAIL)) * error
    return Statistic(value, max(value - half, -1.0), min(value + half, 1.0))


def same_class(table: npt.NDArray[np.int64]) -> Statistic:
    """Return the part of patients put into the same class [%], with its exact interval.

    Clopper & Pearson, Biometrika 1934;26:404-413. It stands beside kappa, which may be low where almost all patients
    are of one class.
    """
    agreed, total = int(np.trace(table)), int(table.sum())
    if total == 0:
        return Statistic(None, remark="no patient that both have classed")
    low, high = proportion_confint(agreed, total, alpha=2 * TAIL, method="beta")
    return Statistic(100 * agreed / total, 100 * float(low), 100 * float(high))


def _counted(number: int, word: str) -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}"
