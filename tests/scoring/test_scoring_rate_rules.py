"""Edge cases of rates, of the maximum they are divided by, and of relapse: each row names the rule it follows."""

from dataclasses import replace
from typing import Any

import pytest
from endpoint_cases import (
    COVERED,
    HEALED,
    INTACT,
    LATE_PEAK,
    OPEN,
    PROTOCOL,
    RESPONSE,
    ROW,
    START,
    TWO_MORE,
    UNSEEN,
    Case,
    cases,
    happened,
    healed,
    regions_open,
)
from flat_body import REGION, painted, part_of_region

from reepi.core.study import Protocol


@cases(
    Case("the rate as known is not divided by what came later", LATE_PEAK, 100.0, ("as it was known then",), day=7),
    Case("at the last visit both are the same", LATE_PEAK, 50.0, day=10),
    Case(
        "before anything was open there was no rate",
        {0: INTACT, 5: regions_open(1)},
        None,
        ("no open skin at this visit or before",),
        day=0,
    ),
    Case("without visits there is none", {}, None, ("no visit",)),
)
def test_the_rate_as_known(case: Case) -> None:
    """The primary rate with the visits up to its own alone."""
    case.check("reepithelialisation_rate_as_known")


@cases(
    Case(
        "moved by a later maximum",
        LATE_PEAK,
        50.0,
        ("100.0 % as known then; later visits moved it by -50.0 points",),
        day=7,
    ),
    Case("nothing to move at the start", LATE_PEAK, 0.0, day=0),
    Case(
        "dated after death: told, not hidden",
        RESPONSE,
        100.0,
        ("dated after the patient died on day 5", "check the dates"),
        day=7,
        record=happened(death=5),
    ),
    Case(
        "dated after leaving: told, not hidden",
        RESPONSE,
        100.0,
        ("after the patient left the study on day 5",),
        day=7,
        record=happened(left_study=5),
    ),
)
def test_the_primary_rate_says_what_moved_it(case: Case) -> None:
    """With all visits; what it was before and what is odd about its date stand beside it."""
    case.check("reepithelialisation_rate")


@cases(
    Case(
        "raised by a later visit",
        LATE_PEAK,
        2 * REGION,
        ("raised by the visit of day 10 from 3.0 to 6.1 % BSA", "day 7 from 100.0 to 50.0 % (-50.0 points)"),
    ),
    Case(
        "raised twice",
        {0: regions_open(1), 1: regions_open(2), 2: regions_open(3)},
        3 * REGION,
        ("day 1 from 3.0 to 6.1 % BSA, day 2 from 6.1 to 9.1 % BSA", "no rate moved with it"),
    ),
    Case("the first visit raises nothing", START, REGION),
    Case("nothing was assessed", {0: UNSEEN}, None, ("no skin was assessed",)),
)
def test_the_maximum_says_what_raised_it(case: Case) -> None:
    """Which visit, from what to what, and which rates that moved by how many points."""
    row = case.check("max_open_bsa")
    assert ("raised by" in row.definition) == any("day" in words for words in case.told)


MOVING = {
    0: regions_open(1),
    5: painted((HEALED, ROW), (OPEN, TWO_MORE)),
    7: painted((HEALED, ROW), (OPEN, part_of_region(6, 0.5))),
}
"""Region 4 open; then 5 and 6 open and 4 healed; then half of 6 open, the rest of 5 and 6 intact.

Largest visit: two regions. Ever open: three. At day 7 two and a half have healed, one is labelled so, and open skin is
one and a half less than it was.
"""


def definition_of(numerator: Any, denominator: Any) -> Protocol:
    return replace(PROTOCOL, numerator=numerator, denominator=denominator)


@cases(
    Case(
        "followed / peak: 2.5 of 2, and no more than all",
        MOVING,
        100.0,
        day=7,
        protocol=definition_of("followed", "peak"),
    ),
    Case("followed / ever: 2.5 of 3", MOVING, 250 / 3, day=7, protocol=definition_of("followed", "ever")),
    Case("labelled / peak: 1 of 2", MOVING, 50.0, day=7, protocol=definition_of("labelled", "peak")),
    Case("labelled / ever: 1 of 3", MOVING, 100 / 3, day=7, protocol=definition_of("labelled", "ever")),
    Case("closed / peak: 1.5 of 2", MOVING, 75.0, day=7, protocol=definition_of("closed", "peak")),
    Case("closed / ever: 1.5 of 3", MOVING, 50.0, day=7, protocol=definition_of("closed", "ever")),
)
def test_numerators_by_denominators(case: Case) -> None:
    """The protocol's pair makes the primary rate."""
    case.check("reepithelialisation_rate")


@cases(
    Case("opened again after it healed", START | {5: healed(1.0), 7: regions_open(1)}, REGION, day=7),
    Case("opened anew is no relapse", START | {5: regions_open(2)}, 0.0, day=5),
    Case("the first visit has none, nor has a patient seen once", START, None, ("no second visit",)),
)
def test_relapse(case: Case) -> None:
    """Skin that was open, was seen closed, and is open."""
    case.check("relapse_bsa")


@cases(
    Case("half of a region", START | {5: healed(0.5)}, REGION / 2, day=5),
    Case(
        "hidden after it healed: not counted, but possible",
        START | {5: healed(1.0), 7: painted((COVERED, ROW))},
        0.0,
        day=7,
    ),
    Case("seen once", START, None, ("no second visit",)),
)
def test_healed_skin(case: Case) -> None:
    """Skin that was open at an earlier visit and is seen closed."""
    row = case.check("healed_bsa")
    if case.day == 7:
        assert row.high == pytest.approx(REGION)
