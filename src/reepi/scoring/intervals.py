"""Estimates with their 90 % interval, and how doubt about parts becomes doubt about a sum or a ratio."""

from dataclasses import dataclass
from math import hypot

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Z_90 = 1.6448536269514722
"""Half width of a central 90 % interval in standard deviations of a normal distribution."""


NOTHING = 1e-9
"""A denominator below this is rounding, not skin [% BSA]."""

ROUNDING = 1e-6
"""Sums of shares may miss a boundary by rounding; a value this near counts as exactly on it [% BSA or %]."""


@dataclass(frozen=True)
class Estimate:
    """A value and its 90 % interval, which always holds it.

    Parameters
    ----------
    value : float
        The estimate.
    low, high : float
        90 % interval, in the unit of the value.

    Raises
    ------
    ValueError
        The interval does not hold the value.
    """

    value: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"the interval {self.low} to {self.high} does not hold its estimate {self.value}")

    @property
    def down(self) -> float:
        """Distance from the value to the lower end."""
        return self.value - self.low

    @property
    def up(self) -> float:
        """Distance from the value to the upper end."""
        return self.high - self.value

    @classmethod
    def around(
        cls, value: float, down: float, up: float, floor: float = 0.0, ceiling: float = float("inf")
    ) -> "Estimate":
        """Return the estimate with distances ``down`` and ``up``, everything kept between floor and ceiling."""
        value = min(max(value, floor), ceiling)
        return cls(value, max(value - down, floor), min(value + up, ceiling))

    def probability_above(self, limit: float, *, inclusive: bool) -> float:
        """Return the probability that the true value lies past a limit.

        The estimate is taken as the median; each side is half of a normal distribution whose 90 % half width is the
        distance to that end of the interval; a side without width holds nothing but the estimate itself. So of an
        estimate exactly at the limit, half of the probability is beyond each side that has a width. Distances and
        widths up to `ROUNDING` are none.

        Parameters
        ----------
        limit : float
            In the unit of the value.
        inclusive : bool
            Whether a value exactly at the limit counts as past it.
        """
        distance, down, up = self.value - limit, self.down / Z_90, self.up / Z_90
        if abs(distance) <= ROUNDING:
            below, above = 0.5 * (down > ROUNDING), 0.5 * (up > ROUNDING)
            return 1 - below if inclusive else above
        spread = down if distance > 0 else up
        return float(distance > 0) if spread <= ROUNDING else float(ndtr(distance / spread))


def ratio_percent(numerator: Estimate, denominator: Estimate) -> Estimate | None:
    """Return 100 x numerator / denominator [%], between 0 and 100, or None where the denominator is nothing.

    For two areas that were measured apart; see `part_percent` for a part of the other. The four deviations that the
    ends of both intervals cause are added in quadrature on each side, as for independent errors (first order; ISO/IEC
    Guide 98-3:2008, 5.1.2).
    """
    if denominator.value < NOTHING:
        return None
    rate = 100 * numerator.value / denominator.value
    smaller = rate - 100 * numerator.value / denominator.high
    larger = 100 * numerator.value / denominator.low - rate if denominator.low > 0 else 100.0
    down = hypot(100 * numerator.down / denominator.value, smaller)
    up = hypot(100 * numerator.up / denominator.value, larger if numerator.value > 0 else 0.0)
    return Estimate.around(rate, down, up, 0.0, 100.0)


def part_percent(part: Estimate, whole: Estimate) -> Estimate | None:
    """Return 100 x part / whole [%], between 0 and 100, of a part that is the whole less what is left of it.

    What the whole is off by is in the part as well, so the rate is 100 x (1 - left / whole): where nothing is left, it
    is 100 % however large the whole was. The interval of the part is that of what is left. The deviations that the ends
    of both intervals cause are added in quadrature on each side (first order; ISO/IEC Guide 98-3:2008, 5.1.2).
    """
    if whole.value < NOTHING:
        return None
    rate = 100 * part.value / whole.value
    left = max(100 - rate, 0.0)
    # At its smallest a whole without a lower end is all left over.
    smaller = min(left * (whole.value / max(whole.low, NOTHING) - 1), 100.0)
    larger = left * (1 - whole.value / whole.high)
    down, up = hypot(100 * part.down / whole.value, smaller), hypot(100 * part.up / whole.value, larger)
    return Estimate.around(rate, down, up, 0.0, 100.0)


def quadrature(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the root of the sum of squares of two arrays of one shape: deviations of independent causes."""
    joined: npt.NDArray[np.float64] = np.hypot(one, two)
    return joined
