"""Severity class by open skin, and eligibility for the trial. The rule at the boundary is named, never implied."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from reepi.core.study import Protocol
from reepi.scoring.intervals import ROUNDING, Estimate

SeverityClass = Literal["SJS", "overlap", "TEN"]
BoundaryRule = Literal["bastuji-garin", "pnds"]

OVERLAP_FROM: Final = 10.0
"""Open skin from which it is no longer SJS [% BSA]; 10 itself belongs to overlap in both rules."""

TEN_FROM: Final = 30.0
"""Open skin past which it is TEN [% BSA]."""

BOUNDARY_RULES: Final[dict[BoundaryRule, str]] = {
    "bastuji-garin": "SJS < 10, overlap 10 to 30, TEN > 30 (Bastuji-Garin, Arch Dermatol 1993;129:92-96)",
    "pnds": "SJS < 10, overlap 10 to < 30, TEN >= 30 (Ingen-Housz-Oro, Orphanet J Rare Dis 2018;13:56)",
}
"""The two published rules; they differ at exactly 30 % BSA."""


def severity_class(open_percent: float, rule: BoundaryRule = "bastuji-garin") -> SeverityClass:
    """Return the class of a maximal open area [% BSA], not rounded before classing."""
    if open_percent < OVERLAP_FROM - ROUNDING:
        return "SJS"
    ten = open_percent >= TEN_FROM - ROUNDING if rule == "pnds" else open_percent > TEN_FROM + ROUNDING
    return "TEN" if ten else "overlap"


@dataclass(frozen=True)
class Eligibility:
    """Whether a patient is eligible, and how that was found.

    Parameters
    ----------
    eligible : bool or None
        None where it cannot be told.
    probability : float or None
        That the open area reached the limit, at the visit where this is most probable.
    reason : str
        In a sentence.
    """

    eligible: bool | None
    probability: float | None
    reason: str


def eligibility(
    index_date: date | None, open_areas: Sequence[tuple[date, Estimate]], protocol: Protocol
) -> Eligibility:
    """Return whether enough skin was open at any visit within the protocol's days after the index date.

    Parameters
    ----------
    index_date : date, optional
        Date of the first symptoms; it is day 0 of the window, whose last day counts.
    open_areas : sequence of (date, Estimate)
        Open skin [% BSA] at each visit at which skin was assessed.
    protocol : Protocol
        States the limit and the days.
    """
    if index_date is None:
        return Eligibility(None, None, "the index date is not known")
    window = [area for day, area in open_areas if 0 <= (day - index_date).days <= protocol.eligibility_days]
    if not window:
        return Eligibility(None, None, f"no assessed visit within {protocol.eligibility_days} days of {index_date}")
    limit = protocol.eligibility_percent
    reached = any(area.value >= limit - ROUNDING for area in window)
    probability = max(area.probability_above(limit, inclusive=True) for area in window)
    largest = max(area.value for area in window)
    return Eligibility(reached, probability, f"largest of {len(window)} visits in the window: {largest:.1f} % BSA")
