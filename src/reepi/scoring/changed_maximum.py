"""The maximum is known only afterwards: which visits raised it, and which rates that moved.

A rate is divided by the largest open area of all visits. So a later visit with more open skin changes the rates of
earlier ones. Each rate is therefore computed twice: with all visits, and as it was known at its own visit.
"""

from dataclasses import dataclass

from reepi.scoring.intervals import ROUNDING, Estimate
from reepi.scoring.rates import Course, Denominator, Numerator, rate

TOLD_FROM = 0.05
"""Rates that moved by less look the same with one decimal [points]."""


@dataclass(frozen=True)
class Raised:
    """A visit that raised the largest open area.

    Parameters
    ----------
    visit : int
        Place of the visit.
    before, after : float
        The largest open area without and with it [% BSA].
    """

    visit: int
    before: float
    after: float


@dataclass(frozen=True)
class Moved:
    """A rate that later visits moved.

    Parameters
    ----------
    visit : int
        Place of its visit.
    known, now : float
        The rate with the visits up to it, and with all [%].
    """

    visit: int
    known: float
    now: float

    @property
    def points(self) -> float:
        """How far it moved."""
        return self.now - self.known


def raised_maxima(course: Course) -> tuple[Raised, ...]:
    """Return the visits that raised the largest open area above that of the assessed visits before them."""
    raised = []
    first, *later = course.assessed or (0,)
    largest = course.open_area(first).value if course.assessed else 0.0
    for visit in later:
        area = course.open_area(visit).value
        if area > largest + ROUNDING:
            raised.append(Raised(visit, largest, area))
            largest = area
    return tuple(raised)


def rate_as_known(course: Course, visit: int, numerator: Numerator, denominator: Denominator) -> Estimate | None:
    """Return the rate of a visit with the visits up to it alone [%], or None where it is undefined."""
    return rate(course.up_to(visit), visit, numerator, denominator)


def moved_rate(course: Course, visit: int, numerator: Numerator, denominator: Denominator) -> Moved | None:
    """Return how later visits moved the rate of a visit, or None where they did not."""
    known = rate_as_known(course, visit, numerator, denominator)
    now = rate(course, visit, numerator, denominator)
    if known is None or now is None or abs(now.value - known.value) < TOLD_FROM:
        return None
    return Moved(visit, known.value, now.value)
