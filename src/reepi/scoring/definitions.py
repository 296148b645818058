"""The sentences that stand beside the endpoints: numerator, denominator, unassessed skin and interval in words."""

from typing import Final

from reepi.core.study import Protocol
from reepi.scoring import planned
from reepi.scoring.rates import Denominator, Numerator
from reepi.scoring.severity import BoundaryRule

INTERVAL: Final = "90 % interval from reading, placement and unassessed skin"

OPEN: Final = "open skin = detachable + detached, whole body; erythema not counted"

NUMERATOR_WORDS: Final[dict[Numerator, str]] = {
    "followed": "skin open at an earlier visit and seen closed now (followed face by face)",
    "labelled": "tissue labelled reepithelialised now",
    "closed": "(largest open area up to this visit minus open area now)",
}

DENOMINATOR_WORDS: Final[dict[Denominator, str]] = {
    "peak": "open area of the largest visit",
    "ever": "union of all skin ever open",
}

NEVER_OPEN: Final = "not computed: no open skin at any visit"
NEVER_HALF_OPEN: Final = (
    "not computed: no face of the body template was open by half at any visit, so there is no skin to follow"
)
NOTHING_TO_HEAL: Final = (NEVER_OPEN, NEVER_HALF_OPEN)
"""Why there is no rate where nothing, or next to nothing, was ever open."""

ALL_HIDDEN: Final = "not computed: all skin that was ever open is unassessed now"
NOTHING_ASSESSED: Final = "not computed: no skin was assessed"
NOT_YET_OPEN: Final = "not computed: no open skin at this visit or before"
NO_VISIT: Final = "not computed: no visit"
NO_SECOND_VISIT: Final = "not computed: no second visit at which skin was assessed"
NO_DAY_ZERO: Final = "not computed: no day zero (where that is the infusion, the patient was never infused)"


def unassessed_skin(protocol: Protocol, rest: str, hidden: str = "") -> str:
    """Return what unassessed skin is taken as; see `reepi.scoring.areas.area_table`.

    Parameters
    ----------
    protocol : Protocol
        For the rule.
    rest : str
        What becomes of skin that the rule cannot fill.
    hidden : str
        How much skin was unassessed.
    """
    skin = f"unassessed skin {hidden}".strip()
    if protocol.unassessed == "as_unaffected":
        return f"{skin} taken as intact"
    return (
        f"{skin} taken as the assessed skin of its region; a region of which nothing was assessed takes the "
        f"assessed skin of the body, times the part of the body that was assessed; {rest}"
    )


def open_area(protocol: Protocol, unassessed_percent: float, left_percent: float) -> str:
    """Return the definition of the open area of a visit.

    Parameters
    ----------
    protocol : Protocol
        For the rule of unassessed skin.
    unassessed_percent, left_percent : float
        How much skin was unassessed, and how much of it the rule cannot fill [% BSA].
    """
    rest = f"the rest ({left_percent:.1f} % BSA) counts as not open"
    return f"{OPEN}; {unassessed_skin(protocol, rest, f'({unassessed_percent:.1f} % BSA)')}; {INTERVAL}"


def max_open_area(protocol: Protocol) -> str:
    """Return the definition of the largest open area."""
    filled = unassessed_skin(protocol, "the rest counts as not open")
    return f"largest open_bsa of all visits up to death or leaving the study ({OPEN}; {filled}); {INTERVAL}"


def rate(protocol: Protocol, numerator: Numerator) -> str:
    """Return the definition of the re-epithelialisation rate with a numerator."""
    if numerator == "followed":
        unassessed = (
            "only skin that photographs showed counts, and skin seen healed before and unassessed now is left out, "
            "above and below the line"
        )
    else:
        unassessed = unassessed_skin(protocol, "the rest adds nothing")
    return (
        f"100 x {NUMERATOR_WORDS[numerator]} / {DENOMINATOR_WORDS[protocol.denominator]} over all visits up to "
        f"death or leaving the study; {unassessed}; skin open when last assessed and unassessed now counts as open; "
        f"{INTERVAL}"
    )


NEW_DETACHMENT: Final = (
    "skin open now, never open before, and seen closed at an earlier visit; net of balanced movement at edges within "
    "the registration error; upper end adds open skin that no earlier visit assessed"
)

RELAPSE: Final = (
    "skin open now that was open, then seen closed, at earlier visits; net of balanced movement at edges within the "
    "registration error"
)


HEALED: Final = (
    "skin open at an earlier visit and seen closed now, net of relapse (followed face by face); upper end adds skin "
    "that was open or healed when last assessed and is unassessed now"
)

HEALING_FRONT: Final = (
    "how fast the edge of open skin moved inwards since the visit before: area closed / mean length of the edge / "
    "days, on the neutral body, skin that both visits assessed, wounds that were there before (linear healing "
    "parameter, Gilman, Wounds 1990;3:95-101); interval from reading, placement and mesh; empty where islands inside "
    "the wound closed it"
)

AS_KNOWN: Final = "reepithelialisation_rate as it was known then: with this visit and those before it alone"

PLANNED_VISIT: Final = "day of the visit that answers this planned day, among visits at which skin was assessed"

PLANNED_RATE: Final = (
    "reepithelialisation_rate of the visit that answers this planned day, among visits that have a rate"
)

BOUNDARY: Final = "a value within 1e-6 of a limit lies on it"
"""Said beside every comparison; see `reepi.scoring.intervals.ROUNDING`."""


def severity(rule: BoundaryRule, past_ten: float, past_thirty: float) -> str:
    """Return what follows the rule of the class: what lies on a boundary, and the probabilities of being past each."""
    thirty = "does" if rule == "pnds" else "does not"
    return (
        f"not rounded, {BOUNDARY}; probability of being past 10 % BSA {past_ten:.2f}, past 30 % BSA {past_thirty:.2f} "
        f"(exactly 10 counts as past, exactly 30 {thirty})"
    )


def eligible(protocol: Protocol) -> str:
    """Return the definition of eligibility."""
    return (
        f"open_bsa >= {protocol.eligibility_percent:g} % BSA at any visit from the index date (day 0) to day "
        f"{protocol.eligibility_days} after it, both counted; {BOUNDARY}"
    )


def responder(protocol: Protocol, day: int) -> str:
    """Return the definition of a responder at a planned day."""
    almost, complete = protocol.almost_complete_percent, f"{protocol.complete_percent:g} % or more is complete"
    reached = "reaches the protocol's rate" if almost is None else f">= {almost:g} % is almost complete"
    missing = "counts as no" if protocol.missing_responder == "non_responder" else "is left out"
    return (
        f"reepithelialisation_rate at day {day} {reached}, {complete}; {BOUNDARY}; "
        f"{planned.rule(protocol.window_days)}; death up to day {day} counts as no (composite strategy, ICH E9(R1) "
        f"2019); a living patient without such a rate {missing}; a later visit below what was "
        f"reached is named and changes no answer"
    )


def time_to(percent: float, numerator: Numerator, denominator: Denominator) -> str:
    """Return the definition of the time to a rate [%]."""
    return (
        f"first visit at which the rate ({numerator} / {denominator}) is {percent:g} % or more, {BOUNDARY}; the true "
        f"day lies after low (previous visit) and not after high; empty high: not reached by the last visit; a later "
        f"visit below it is named and does not move the day; days from day zero"
    )
