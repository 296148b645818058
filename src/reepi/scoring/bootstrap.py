"""Intervals by drawing patients anew: the bootstrap, bias-corrected and accelerated where that is defined."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final, Literal

import numpy as np
from scipy.stats import bootstrap

from reepi.scoring.statistic import LEAST_PATIENTS, TAIL, Statistic

DRAWS: Final = 9999
"""Samples drawn; with one less than a round number the 2.5 % points are order statistics (Davison & Hinkley 1997)."""

SEED: Final = 7
"""Any fixed number, so that the same values give the same interval."""

SAME: Final = 1e-6
"""A sample that gives what the patients give but for so much gives the same: bias is corrected by how many samples give
less, and the last bits of a sum, which differ between processors and after a file, must not decide that."""

Kind = Literal["mean", "median"]

_OF_KIND: Final[dict[Kind, Callable[..., Any]]] = {"mean": np.mean, "median": np.median}

METHOD: Final = (
    "95 % interval: bootstrap over patients, bias-corrected and accelerated (Efron, J Am Stat Assoc 1987;82:171-185)"
)

PERCENTILES: Final = "95 % interval: percentiles of a bootstrap over patients"


def bootstrapped(values: Sequence[float], kind: Kind) -> tuple[Statistic, str]:
    """Return mean or median of one value a patient with its interval, and the method of the interval in words.

    The order of the values does not matter. Where the accelerated interval is not defined, or does not hold the value
    itself, the percentiles stand.

    Parameters
    ----------
    values : sequence of float
        One of each patient.
    kind : "mean" or "median"
        What is computed.
    """
    ordered = np.sort(np.asarray(values, np.float64))
    if not ordered.size:
        return Statistic(None, remark="no patient has a value"), ""
    value = float(_OF_KIND[kind](ordered))
    if ordered.size < LEAST_PATIENTS:
        remark = f"no interval: {ordered.size} of the {LEAST_PATIENTS} patients that a bootstrap needs"
        return Statistic(value, remark=remark), ""
    if np.ptp(ordered) == 0:
        return Statistic(value, remark="no interval: all patients have the same value"), ""
    for method, words in (("BCa", METHOD), ("percentile", PERCENTILES)):
        low, high = _interval(ordered, kind, method)
        if low <= value <= high:
            return Statistic(value, low, high), words
    return Statistic(value, remark="no interval: it would not hold the value"), ""


def _interval(values: np.ndarray[tuple[int], np.dtype[np.float64]], kind: Kind, method: str) -> tuple[float, float]:
    value = _OF_KIND[kind](values)

    def computed(values: Any, axis: int = -1) -> Any:
        found = _OF_KIND[kind](values, axis=axis)
        return np.where(np.abs(found - value) < SAME, value, found)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # Not defined comes back as NaN, which the caller sees.
        warnings.simplefilter("ignore")
        found = bootstrap(
            (values,),
            computed,
            n_resamples=DRAWS,
            confidence_level=1 - 2 * TAIL,
            method=method,
            rng=np.random.default_rng(SEED),
        )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)
