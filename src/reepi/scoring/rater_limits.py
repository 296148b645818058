"""Bland & Altman's limits of agreement of two raters, where patients may have several visits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2, norm, t

from reepi.scoring.rater_statistics import NO_SPREAD
from reepi.scoring.skin import Floats
from reepi.scoring.statistic import TAIL, Statistic

AGREEMENT_Z: Final = float(norm.isf(0.025))
"""Limits of agreement hold 95 % of differences that are normally distributed: 1.96 standard deviations."""


@dataclass(frozen=True)
class LimitsOfAgreement:
    """Mean difference of two raters, and the limits that hold 95 % of their differences."""

    bias: Statistic
    lower: Statistic
    upper: Statistic


def limits_of_agreement(differences: Floats, patients: Sequence[str]) -> LimitsOfAgreement:
    """Return bias and 95 % limits of agreement of differences (V,), with their intervals.

    Several visits of a patient are paid for: with patient means d_i of variance s_b², m_i visits each of harmonic mean
    m_h, and the pooled variance s_w² within patients, differences have the variance s² = s_b² + (1 - 1/m_h) s_w²
    (Bland & Altman, J Biopharm Stat 2007;17:571-582, where the true value varies), and the limits are the mean of the
    d_i ± 1.96 s. Their intervals recover the variance from those of mean and variances (MOVER: Zou, Stat Methods Med
    Res 2013;22:630-642); that of the bias is Student's over patients. With one visit a patient the limits are those of
    Bland & Altman (Lancet 1986;327:307-310).

    Parameters
    ----------
    differences : (V,)
        First rater less second.
    patients : sequence of str, V
        Patient of each visit.
    """
    names, index = np.unique(np.asarray(patients), return_inverse=True)
    if len(names) == 0:
        return LimitsOfAgreement(*[Statistic(None, remark="no visit that both have")] * 3)
    visits = np.bincount(index)
    means = np.bincount(index, weights=differences) / visits
    bias = float(means.mean())
    if len(names) == 1:
        none = Statistic(None, remark="one patient: at least two are needed")
        return LimitsOfAgreement(Statistic(bias, remark="no interval: one patient"), none, none)
    if np.ptp(differences) < NO_SPREAD:
        same = Statistic(bias, remark="no interval: all differences are the same")
        return LimitsOfAgreement(same, same, same)
    return _limits(bias, _Spread.of(differences, means, visits, index))


@dataclass(frozen=True)
class _Spread:
    """Variances of differences: of the means of n patients, and the part within patients of N visits."""

    n: int
    N: int
    between: float
    within: float

    @classmethod
    def of(
        cls, differences: Floats, means: Floats, visits: npt.NDArray[np.intp], index: npt.NDArray[np.intp]
    ) -> "_Spread":
        n, total = len(means), len(differences)
        pooled = float(((differences - means[index]) ** 2).sum() / (total - n)) if total > n else 0.0
        return cls(n, total, float(means.var(ddof=1)), (1 - float((1 / visits).mean())) * pooled)

    @property
    def variance(self) -> float:
        return self.between + self.within

    def end(self, tail: float) -> float:
        """Return the end of the interval of the variance beyond which a tail of chi-square lies."""
        parts = [self.between * (self.n - 1) / chi2.isf(tail, self.n - 1) - self.between]
        if self.n < self.N:
            parts.append(self.within * (self.N - self.n) / chi2.isf(tail, self.N - self.n) - self.within)
        return self.variance + float(np.copysign(np.hypot.reduce(parts), tail - 0.5))


def _limits(bias: float, spread: _Spread) -> LimitsOfAgreement:
    deviation, error = np.sqrt(spread.variance), np.sqrt(spread.between / spread.n)
    student = float(t.isf(TAIL, spread.n - 1) * error)
    outward, inward = (
        float(np.hypot(norm.isf(TAIL) * error, AGREEMENT_Z * (np.sqrt(max(spread.end(tail), 0.0)) - deviation)))
        for tail in (1 - TAIL, TAIL)
    )
    low, high = (float(bias + side * AGREEMENT_Z * deviation) for side in (-1, 1))
    return LimitsOfAgreement(
        Statistic(bias, bias - student, bias + student),
        Statistic(low, low - outward, low + inward),
        Statistic(high, high - inward, high + outward),
    )
