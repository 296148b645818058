"""Intervals by drawing patients with replacement, for every figure that is made of ratios of sums."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

RESAMPLES: Final = 500
"""Bootstrap samples of patients (Efron & Tibshirani 1993, percentile method); enough for two digits."""

INTERVAL: Final = (5.0, 95.0)
"""Percentiles of the 90 % interval."""

LEAST_PATIENTS: Final = 5
"""Patients that a figure must rest on for an interval: of fewer, samples are almost all alike, or show nothing."""

Floats = npt.NDArray[np.float64]


class Bootstrap:
    """The patients of a data set, and samples of them drawn with replacement.

    Parameters
    ----------
    patients : sequence of str
        Patient of each of N photographs; those of one patient are drawn together.
    seed : int
        Seed of the drawing.
    """

    def __init__(self, patients: Sequence[str], seed: int = 0) -> None:
        names, self._index = np.unique(np.asarray(patients), return_inverse=True)
        self.n_patients = len(names)
        drawn = np.random.default_rng(seed).multinomial(
            self.n_patients, [1 / self.n_patients] * self.n_patients, RESAMPLES
        )
        self._weights = np.vstack([np.ones(self.n_patients), drawn])

    def by_patient(self, values: npt.NDArray[np.generic]) -> Floats:
        """Return the sum over each patient's photographs of values (N, ...), (P, ...)."""
        sums = np.zeros((self.n_patients, *values.shape[1:]))
        np.add.at(sums, self._index, values)
        return sums

    def ratios(self, numerators: npt.NDArray[np.generic], denominators: npt.NDArray[np.generic]) -> Floats:
        """Return sum / sum over the photographs, and over those of each sample; nan where that is 0 / 0.

        Parameters
        ----------
        numerators, denominators : (N, ...)
            Of each photograph.

        Returns
        -------
        (1 + RESAMPLES, ...)
            The figure itself, then that of each sample; nan where fewer than `LEAST_PATIENTS` have a denominator.
        """
        return self._quotients(self.by_patient(numerators), self.by_patient(denominators))

    def means(self, values: Floats) -> Floats:
        """Return the mean over photographs of values (N, ...), and that of each sample; nan is left out."""
        known = np.isfinite(values)
        return self.ratios(np.where(known, values, 0.0), known)

    def patient_means(self, values: Floats) -> Floats:
        """Return the mean over patients of values (P, ...), and that of each sample; nan is left out."""
        known = np.isfinite(values)
        return self._quotients(np.where(known, values, 0.0), known)

    def _quotients(self, numerators: npt.NDArray[np.generic], denominators: npt.NDArray[np.generic]) -> Floats:
        above, below = (np.tensordot(self._weights, each.astype(np.float64), 1) for each in (numerators, denominators))
        found = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
        found[1:, (denominators != 0).sum(axis=0) < LEAST_PATIENTS] = np.nan
        return np.asarray(found)


def summary(replicates: Floats) -> tuple[float, float | None, float | None]:
    """Return the figure with the low and high end of its 90 % interval; without these where no sample has a value.

    Parameters
    ----------
    replicates : (1 + RESAMPLES,)
        The figure itself, then that of each sample; samples without a value are left out.
    """
    drawn, value = replicates[1:][np.isfinite(replicates[1:])], float(replicates[0])
    if not len(drawn):
        return value, None, None
    low, high = np.percentile(drawn, INTERVAL)
    return value, float(low), float(high)
