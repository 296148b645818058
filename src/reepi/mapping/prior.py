"""What is known of a photograph's focal length and of the body's joints before looking."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.body.articulation import limit_rad

Floats = npt.NDArray[np.float64]

FOCAL_PER_LONG_SIDE = 1.0
"""Focal length over the picture's long side when the file tells none: between a telephone's 0.75 and a 50 mm
lens's 1.4 (35 mm equivalents 27 and 50 mm on a 36 mm frame)."""

FOCAL_LOG_SIGMA = 0.35
"""Spread of its logarithm when the file tells none: telephone to portrait lens lie within one sigma."""

TOLD_FOCAL_LOG_SIGMA = 0.03
"""Spread of its logarithm when the file tells it: files round it, and focusing near lengthens it."""

LIMIT_SIGMA_RAD = 0.05
"""How softly a joint stops at its limit [rad]."""


SPREADS_PER_LIMIT = 2.0
"""A joint's limit lies at so many standard deviations of its angles."""


@dataclass(frozen=True)
class Prior:
    """Gaussian laws of focal length and joint angles about the neutral pose, the angles with soft limits.

    Parameters
    ----------
    log_focal : float
        Expected logarithm of the focal length [px].
    log_focal_sigma : float
        Its standard deviation.
    limits : (A, 1) float64
        Largest turn of each articulation about each axis [rad].
    """

    log_focal: float
    log_focal_sigma: float
    limits: Floats

    def cost(self, log_focal: float, pose: Floats) -> float:
        """Return the squared distance of a focal length and a pose (A, 3) from what is expected, in spreads."""
        focal = (log_focal - self.log_focal) / self.log_focal_sigma
        angles = pose / self._sigma
        beyond = self._beyond(pose) / LIMIT_SIGMA_RAD
        return float(focal**2 + (angles**2).sum() + (beyond**2).sum())

    def normal_equations(self, log_focal: float, pose: Floats) -> tuple[Floats, Floats]:
        """Return information (1 + 3 A, 1 + 3 A) and pull (1 + 3 A,) of focal length and angles at a state."""
        beyond = self._beyond(pose)
        information = 1 / self._sigma**2 + (beyond != 0) / LIMIT_SIGMA_RAD**2
        pull = -pose / self._sigma**2 - beyond / LIMIT_SIGMA_RAD**2
        focal = 1 / self.log_focal_sigma**2
        return (
            np.diag(np.concatenate([[focal], information.ravel()])),
            np.concatenate([[focal * (self.log_focal - log_focal)], pull.ravel()]),
        )

    @property
    def _sigma(self) -> Floats:
        return self.limits / SPREADS_PER_LIMIT

    def _beyond(self, pose: Floats) -> Floats:
        return np.asarray(pose - np.clip(pose, -self.limits, self.limits))


def body_prior(names: Sequence[str], size: tuple[int, int], focal_px: float | None) -> Prior:
    """Return what is known before looking.

    Parameters
    ----------
    names : sequence of str
        The A articulations that are sought.
    size : (int, int)
        Height and width of the photograph [px].
    focal_px : float, optional
        Focal length that the file tells [px].

    Raises
    ------
    ValueError
        The focal length is not positive.
    """
    limits = np.array([[limit_rad(name)] for name in names]).reshape(-1, 1)
    if focal_px is None:
        return Prior(float(np.log(FOCAL_PER_LONG_SIDE * max(size))), FOCAL_LOG_SIGMA, limits)
    if not focal_px > 0:
        raise ValueError(f"focal_px must be positive, not {focal_px}")
    return Prior(float(np.log(focal_px)), TOLD_FOCAL_LOG_SIGMA, limits)
