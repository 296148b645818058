"""Edge cases of planned visits and of times to a rate: each row names the rule it follows."""

from endpoint_cases import INTACT, NO_DAY_ZERO, START, UNSEEN, WINDOW, Case, cases, happened, healed, regions_open

HIDDEN = START | {7: UNSEEN, 8: healed(0.5)}


@cases(
    Case(
        "reached at a visit: after the one before, not after itself",
        START | {5: healed(0.5), 7: healed(1.0)},
        5.0,
        ("probability 1.00",),
        low=0.0,
    ),
    Case(
        "reached at the first visit with a rate: nothing is known before",
        {3: INTACT, 5: regions_open(1), 6: healed(1.0)},
        6.0,
        low=5.0,
    ),
    Case("exactly half is reached", START | {7: healed(0.5)}, 7.0, low=0.0),
    Case("one face less than half is not", START | {7: healed(0.45)}, None, ("not reached by day 7",), low=7.0),
    Case(
        "never reached: after the last visit",
        START | {7: healed(0.2), 15: healed(0.4)},
        None,
        ("not reached by day 15",),
        low=15.0,
    ),
    Case(
        "death ends the time",
        START | {7: healed(0.2)},
        None,
        ("not reached by day 7", "died on day 9"),
        low=7.0,
        record=happened(death=9),
    ),
    Case(
        "a visit dated after death reaches nothing",
        START | {5: healed(0.2), 10: healed(1.0)},
        None,
        ("not reached by day 5", "died on day 9"),
        low=5.0,
        record=happened(death=9),
    ),
    Case("reached on the day of death is reached", START | {9: healed(1.0)}, 9.0, low=0.0, record=happened(death=9)),
    Case(
        "leaving ends the time likewise",
        START | {10: healed(1.0)},
        None,
        ("not reached by day 0", "left the study on day 2"),
        low=0.0,
        record=happened(left_study=2),
    ),
    Case("death before any rate: not computed, and says so", {}, None, ("died on day 2",), record=happened(death=2)),
    Case(
        "healed before day zero: a negative day", {-5: regions_open(1), -1: healed(0.8), 5: healed(1.0)}, -1.0, low=-5.0
    ),
    Case(
        "the first time counts, and what opens again is told",
        START | {5: healed(0.8), 7: healed(0.1), 10: healed(0.0)},
        5.0,
        ("but not kept: the rate is 10.0 % on day 7",),
        low=0.0,
    ),
    Case("a visit without a rate is no end of the interval", START | {4: UNSEEN, 7: healed(0.5)}, 7.0, low=0.0),
    Case("never open: nothing to reach", {0: INTACT, 7: INTACT}, None, ("no visit has both a day and a rate",)),
    Case(
        "without day zero there is no time",
        START | {7: healed(1.0)},
        None,
        ("no day zero",),
        patient=NO_DAY_ZERO,
    ),
)
def test_time_to_half(case: Case) -> None:
    """First visit at which the rate is 50 % or more; death and leaving end the time."""
    row = case.check("time_to_50")
    assert row.low == case.low
    assert row.high == row.value


@cases(
    Case("0.9 of it is 90 %", START | {7: healed(0.9)}, 7.0),
    Case("one face less is not", START | {7: healed(0.85)}, None),
)
def test_time_to_ninety(case: Case) -> None:
    """First visit at which the rate is 90 % or more."""
    case.check("time_to_90")


@cases(
    Case("in time", {5: INTACT}, 5.0, ("visit of day 5",), day=5, protocol=WINDOW),
    Case("late", {12: INTACT}, 12.0, ("day 12, 2 days late",), day=10, protocol=WINDOW),
    Case("early", {9: INTACT}, 9.0, ("day 9, 1 day early",), day=10, protocol=WINDOW),
    Case(
        "double: of two equally near the earlier",
        {9: INTACT, 11: INTACT},
        9.0,
        ("days 9, 11",),
        day=10,
        protocol=WINDOW,
    ),
    Case("missing", {0: INTACT}, None, ("no visit within 2 days of day 10", "day 0"), day=10, protocol=WINDOW),
    Case(
        "missing: the only visit near answers another day",
        {6: INTACT},
        None,
        ("answers another",),
        day=7,
        protocol=WINDOW,
    ),
    Case("a visit that shows nothing answers nothing", {5: UNSEEN}, None, ("no visit for day 5",), day=5),
    Case("missing after death", {0: INTACT}, None, ("died on day 3",), day=5, record=happened(death=3)),
    Case(
        "a visit dated after death answers nothing",
        {0: INTACT, 5: INTACT},
        None,
        ("died on day 3",),
        day=5,
        record=happened(death=3),
    ),
    Case("planned days before day zero count backwards", {-1: INTACT}, -1.0, day=-2, protocol=WINDOW, visit_days=(-2,)),
    Case("day 7 is always planned: the trial asks for it", {7: INTACT}, 7.0, day=7, visit_days=()),
    Case(
        "without day zero no visit has a day",
        {7: INTACT},
        None,
        ("no day zero",),
        day=7,
        patient=NO_DAY_ZERO,
    ),
)
def test_planned_visits(case: Case) -> None:
    """Which visit answers a planned day is a row of its own: in time, early, late, double or missing."""
    case.check("planned_visit")


@cases(
    Case("in time", START | {5: healed(0.5)}, 50.0, ("visit of day 5",), day=5),
    Case("late", START | {12: healed(0.5)}, 50.0, ("day 12, 2 days late",), day=10, protocol=WINDOW),
    Case("missing", START, None, ("no visit on day 10", "the nearest is that of day 0"), day=10),
    Case("hidden on the day: the next nearest with a rate", HIDDEN, 50.0, ("1 day late",), day=7, protocol=WINDOW),
    Case("missing after death", START, None, ("died on day 3",), day=5, record=happened(death=3)),
    Case("never open", {0: INTACT, 5: INTACT}, None, ("no open skin at any visit",), day=5),
    Case("without day zero", START, None, ("no day zero",), day=5, patient=NO_DAY_ZERO),
)
def test_planned_rates(case: Case) -> None:
    """The primary rate of the visit that answers a planned day, among those that have one."""
    case.check("reepithelialisation_rate_planned")
