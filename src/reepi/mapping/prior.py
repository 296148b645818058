"""What is known of a photograph's focal length and of the body's joints before looking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from reepi.body.ranges import Range, range_of

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
    axes : (A, 3, 3) float64
        Axes of each articulation, as rows.
    low, high : (A, 3) float64
        Least and largest turn about each axis [rad].
    """

    log_focal: float
    log_focal_sigma: float
    axes: Floats
    low: Floats
    high: Floats

    def cost(self, log_focal: float, pose: Floats, measures: Floats) -> float:
        """Return the squared distance of focal length, pose (A, 3) and measures (K,) from the expected, in spreads."""
        focal = (log_focal - self.log_focal) / self.log_focal_sigma
        turns = self._turns(pose)
        beyond = self._beyond(turns) / LIMIT_SIGMA_RAD
        return float(focal**2 + ((turns / self._sigma) ** 2).sum() + (beyond**2).sum() + (measures**2).sum())

    def normal_equations(self, log_focal: float, pose: Floats, measures: Floats) -> tuple[Floats, Floats]:
        """Return information (P, P) and pull (P,) of focal length, angles and measures at a state, P = 1 + 3 A + K."""
        turns = self._turns(pose)
        beyond = self._beyond(turns)
        stiffness = 1 / self._sigma**2 + (beyond != 0) / LIMIT_SIGMA_RAD**2
        pull = -turns / self._sigma**2 - beyond / LIMIT_SIGMA_RAD**2
        back = self.axes.transpose(0, 2, 1)
        blocks = back @ (stiffness[:, :, None] * self.axes)
        focal = 1 / self.log_focal_sigma**2
        information = np.eye(1 + pose.size + len(measures))
        information[0, 0] = focal
        own = 1 + np.arange(pose.size).reshape(-1, 3)
        information[own[:, :, None], own[:, None, :]] = blocks
        pulls = (back @ pull[:, :, None]).ravel()
        return information, np.concatenate([[focal * (self.log_focal - log_focal)], pulls, -measures])

    @cached_property
    def _sigma(self) -> Floats:
        return np.asarray(np.maximum(-self.low, self.high) / SPREADS_PER_LIMIT)

    def _turns(self, pose: Floats) -> Floats:
        """Return the turn about each articulation's own axes, (A, 3) [rad]."""
        turns: Floats = (self.axes @ pose[:, :, None])[:, :, 0]
        return turns

    def _beyond(self, turns: Floats) -> Floats:
        return np.asarray(turns - np.clip(turns, self.low, self.high))


def body_prior(
    names: Sequence[str], ranges: Mapping[str, Range], size: tuple[int, int], focal_px: float | None
) -> Prior:
    """Return what is known before looking.

    Parameters
    ----------
    names : sequence of str
        The A articulations that are sought.
    ranges : mapping of str to Range
        How far those turn that turn mainly about one axis.
    size : (int, int)
        Height and width of the photograph [px].
    focal_px : float, optional
        Focal length that the file tells [px].

    Raises
    ------
    ValueError
        The focal length is not positive.
    """
    if focal_px is not None and not focal_px > 0:
        raise ValueError(f"focal_px must be positive, not {focal_px}")
    expected = FOCAL_PER_LONG_SIDE * max(size) if focal_px is None else focal_px
    sigma = FOCAL_LOG_SIGMA if focal_px is None else TOLD_FOCAL_LOG_SIGMA
    own = [range_of(name, ranges) for name in names]
    axes, low, high = (np.array([getattr(r, field) for r in own]) for field in ("axes", "low", "high"))
    return Prior(float(np.log(expected)), sigma, axes.reshape(-1, 3, 3), low.reshape(-1, 3), high.reshape(-1, 3))
