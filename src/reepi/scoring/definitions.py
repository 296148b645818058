"""The sentences that stand beside the endpoints: numerator, denominator, unassessed skin and interval in words."""

from typing import Final

from reepi.core.study import Protocol
from reepi.scoring.rates import Denominator, Numerator

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

UNASSESSED_WORDS: Final = {
    "as_region": "unassessed skin taken as the assessed skin of its region",
    "as_unaffected": "unassessed skin taken as intact",
}

NEVER_OPEN: Final = "not computed: no open skin at any visit"
ALL_HIDDEN: Final = "not computed: all skin that was ever open is unassessed now"
NOTHING_ASSESSED: Final = "not computed: no skin was assessed"
NO_VISIT: Final = "not computed: no visit"


def open_area(protocol: Protocol, unassessed_percent: float) -> str:
    """Return the definition of the open area of a visit, of which so much was unassessed [% BSA]."""
    filled = UNASSESSED_WORDS[protocol.unassessed]
    return f"{OPEN}; {filled} ({unassessed_percent:.1f} % BSA unassessed); {INTERVAL}"


def max_open_area(protocol: Protocol) -> str:
    """Return the definition of the largest open area."""
    return f"largest open_bsa of all visits ({OPEN}; {UNASSESSED_WORDS[protocol.unassessed]}); {INTERVAL}"


def rate(protocol: Protocol, numerator: Numerator) -> str:
    """Return the definition of the re-epithelialisation rate with a numerator."""
    if numerator == "followed":
        unassessed = (
            "only skin that photographs showed counts, and skin seen healed before and unassessed now is left out, "
            "above and below the line"
        )
    else:
        unassessed = UNASSESSED_WORDS[protocol.unassessed]
    return (
        f"100 x {NUMERATOR_WORDS[numerator]} / {DENOMINATOR_WORDS[protocol.denominator]} over all visits; "
        f"{unassessed}; skin open when last assessed and unassessed now counts as open; {INTERVAL}"
    )


NEW_DETACHMENT: Final = (
    "skin open now, never open before, and seen closed at an earlier visit; net of balanced movement at edges within "
    "the registration error; upper end adds open skin that no earlier visit assessed"
)

RELAPSE: Final = (
    "skin open now that was open, then seen closed, at earlier visits; net of balanced movement at edges within the "
    "registration error"
)


def time_to(percent: float, numerator: Numerator, denominator: Denominator) -> str:
    """Return the definition of the time to a rate [%]."""
    return (
        f"first visit at which the rate ({numerator} / {denominator}) is {percent:g} % or more; the true day lies "
        f"after low (previous visit) and not after high; empty high: not reached by the last visit; days from day zero"
    )
