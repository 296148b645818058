"""How far a registration is likely to be off: an error in millimetres, predicted without knowing the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

COEFFICIENTS: Final[Mapping[str, float]] = {
    "constant": 2.931,
    "offset": 0.211,
    "spread": 0.719,
    "extent": -0.379,
    "sigma": 0.261,
    "distrusted": -0.057,
    "unexplained": -0.156,
    "off edge": 0.426,
    "other view": 0.133,
}
"""Weights of the logarithms of `Evidence` in the logarithm of the predicted error. Fitted to 512 rendered photographs
that training did not see (``python benchmarks/mapping.py --photographs 256 --seed 1000 3000 --fit``)."""

LEAST_SHARE: Final = 0.05
"""Shares and probabilities below this count as this."""


@dataclass(frozen=True)
class Evidence:
    """What can be seen of a registration's quality.

    Parameters
    ----------
    offset_mm : float
        Median distance at the body between correspondences and fit [mm].
    spread_mm : float
        Median standard deviation of the fitted points' places [mm].
    extent_mm : float
        Extent of the skin shown [mm].
    sigma_mm : float
        Median expected error of the correspondences [mm].
    trusted : float
        Share of the correspondences that the fit agrees with, 0 to 1.
    explained : float
        Share of the photograph's skin that lies on the registered body, 0 to 1.
    on_edge : float
        Share of the body's rim that lies on an edge of the skin, 0 to 1.
    view : float
        Probability of the declared view among those that it may be mistaken for, 0 to 1.
    """

    offset_mm: float
    spread_mm: float
    extent_mm: float
    sigma_mm: float
    trusted: float
    explained: float
    on_edge: float
    view: float

    @property
    def logarithms(self) -> dict[str, float]:
        """The logarithms that the predicted error is made from, by the names of `COEFFICIENTS`."""
        values = {
            "offset": self.offset_mm,
            "spread": self.spread_mm,
            "extent": self.extent_mm,
            "sigma": self.sigma_mm,
            "distrusted": max(1 - self.trusted, LEAST_SHARE),
            "unexplained": max(1 - self.explained, LEAST_SHARE),
            "off edge": max(1 - self.on_edge, LEAST_SHARE),
            "other view": max(1 - self.view, LEAST_SHARE),
        }
        return {"constant": 1.0} | {name: float(np.log(max(value, 1e-3))) for name, value in values.items()}


def predicted_error_mm(evidence: Evidence, coefficients: Mapping[str, float] = COEFFICIENTS) -> float:
    """Return the median surface error that a registration with some evidence is likely to have [mm].

    The logarithm of the error is a weighted sum of the logarithms of the evidence: an error that is twice as large goes
    with offsets that are so many times larger, whatever part of the body is shown.
    """
    logarithms = evidence.logarithms
    return float(np.exp(sum(weight * logarithms[name] for name, weight in coefficients.items())))
