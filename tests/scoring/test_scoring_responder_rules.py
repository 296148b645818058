"""Edge cases of the responder: each row names the rule it follows."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from endpoint_cases import (
    AS_NO,
    COVERED,
    FLAT,
    HEALED,
    INTACT,
    NO_DAY_ZERO,
    OPEN,
    PATIENT,
    PROTOCOL,
    RESPONSE,
    ROW,
    START,
    TWO_MORE,
    UNSEEN,
    WINDOW,
    Case,
    cases,
    happened,
    healed,
    regions_open,
)
from flat_body import DAY_ZERO, FACES, on_day, painted, part_of_region, weighted_skin

from reepi.core.study import Protocol
from reepi.core.surface import SurfaceMap
from reepi.scoring.endpoints import score_patient


def rated(rule: str, percent: float, value: str, *told: str, **options: Any) -> Case:
    """12 % BSA open on day 0, of which just so much [%] has healed on day 7."""
    skin = weighted_skin((slice(0, FACES), 0.12 * percent), (slice(FACES, 2 * FACES), 12 - 0.12 * percent))
    visits = {
        0: painted((OPEN, slice(0, 2 * FACES))),
        7: painted((HEALED, slice(0, FACES)), (OPEN, slice(FACES, 2 * FACES))),
    }
    return Case(rule, visits, value, told, skin=skin, **options)


@cases(
    rated("0.1 below the threshold is no response", 89.9, "no", "not almost complete", "probability 0.00 of 90 %"),
    rated("less than rounding below the threshold lies on it", 90 - 1e-9, "yes", "probability 1.00 of 90 %"),
    rated("exactly the threshold is a response", 90.0, "yes", "almost complete, not complete"),
    rated("0.1 above the threshold is a response", 90.1, "yes", "almost complete, not complete"),
    rated("the protocol states the threshold", 90.0, "no", ">= 95 %", protocol=Protocol(almost_complete_percent=95)),
    rated(
        "complete is what the protocol calls so",
        90.0,
        "yes",
        ": complete",
        protocol=replace(PROTOCOL, complete_percent=90),
    ),
    rated("without a threshold nobody is judged", 99.0, None, "almost_complete_percent", protocol=Protocol()),  # type: ignore[arg-type]
    Case("all healed is complete", {0: regions_open(1), 7: healed(1.0)}, "yes", ("100.0 %: complete",)),
    Case(
        "skin that opened meanwhile is told beside what healed",
        {0: regions_open(1), 7: painted((HEALED, ROW), (OPEN, part_of_region(5)))},
        "yes",
        ("but 3.0 % BSA is open at this visit: by the area that closed, the rate is 0.0 %",),
    ),
    Case(
        "all open again later is told, and changes no answer",
        RESPONSE | {10: regions_open(1), 15: regions_open(1)},
        "yes",
        ("but not kept: the rate is 0.0 % on day 10",),
    ),
    Case(
        "complete on day 7 and almost complete later is told",
        RESPONSE | {10: healed(1.0), 15: healed(0.95)},
        "yes",
        ("100.0 %: complete", "but not kept: the rate is 95.0 % on day 15"),
    ),
)
def test_responders_by_their_rate(case: Case) -> None:
    """At day 7 the rate reaches the protocol's threshold."""
    assert case.check("responder").day == 7


@pytest.mark.parametrize("later", [{}, {10: healed(0.95)}, {10: UNSEEN, 12: healed(1.0)}, {13: healed(0.1)}])
def test_what_was_kept_needs_no_word(later: dict[int, SurfaceMap]) -> None:
    """Almost complete on day 7, and as much or more later, nothing later, or only after death on day 12."""
    case = Case("", START | {7: healed(0.9)} | later, "yes", record=happened(death=12))
    assert "not kept" not in case.row("responder").definition
    assert "not kept" not in case.row("time_to_90").definition


@cases(
    Case("window 0: the day before does not stand in", START | {6: healed(1.0)}, None, ("nearest is that of day 6",)),
    Case(
        "window 0: the day after does not stand in", START | {8: healed(1.0)}, None, ("left out", "no visit on day 7")
    ),
    Case(
        "early within the window counts",
        START | {5: healed(1.0)},
        "yes",
        ("day 5, 2 days early",),
        protocol=WINDOW,
        visit_days=(),
    ),
    Case(
        "late within the window counts",
        START | {9: healed(0.5)},
        "no",
        ("day 9, 2 days late",),
        protocol=WINDOW,
        visit_days=(),
    ),
    Case(
        "one day past the window does not count",
        START | {10: healed(1.0)},
        None,
        ("within 2 days of it",),
        protocol=WINDOW,
    ),
    Case(
        "of two visits the nearer counts",
        START | {6: healed(1.0), 9: healed(0.5)},
        "yes",
        ("days 6, 9",),
        protocol=WINDOW,
        visit_days=(),
    ),
    Case(
        "of two equally near the earlier counts",
        START | {6: healed(0.5), 8: healed(1.0)},
        "no",
        ("day 6, 1 day early",),
        protocol=WINDOW,
        visit_days=(),
    ),
    Case(
        "the day itself counts before its neighbours",
        START | {6: healed(1.0), 7: healed(0.5), 8: healed(1.0)},
        "no",
        ("visit of day 7;",),
        protocol=WINDOW,
    ),
    Case(
        "a visit that answers day 5 does not answer day 7",
        START | {5: healed(1.0)},
        None,
        ("answers another planned day",),
        protocol=WINDOW,
    ),
    Case(
        "day 6 answers day 7 where day 5 has its own",
        START | {5: healed(0.5), 6: healed(1.0)},
        "yes",
        ("1 day early",),
        protocol=WINDOW,
    ),
    Case("day 6 alone answers day 5, the earlier of two equally near", START | {6: healed(1.0)}, None, protocol=WINDOW),
    Case(
        "a visit that shows nothing gives way to the next nearest",
        START | {7: UNSEEN, 8: healed(1.0)},
        "yes",
        ("1 day late",),
        protocol=WINDOW,
    ),
    Case(
        "missing is left out where the protocol says so", START, None, ("no rate at day 7", "left out"), protocol=WINDOW
    ),
    Case(
        "missing is no response where the protocol says so",
        START,
        "no",
        ("no rate at day 7", "counts as no"),
        protocol=AS_NO,
    ),
    Case("without visits: left out", {}, None, ("no visit for day 7",), protocol=WINDOW),
    Case("without visits: no response where the protocol says so", {}, "no", ("no visit for day 7",), protocol=AS_NO),
    Case("one visit at day 7 alone: nothing has healed since the maximum", {7: regions_open(1)}, "no", ("rate 0.0 %",)),
)
def test_responders_by_the_window(case: Case) -> None:
    """The nearest visit in the window answers, of two the earlier, and one visit answers one planned day."""
    case.check("responder")


@cases(
    Case(
        "death before day 7 is no response",
        START,
        "no",
        ("died on day 4", "composite strategy, ICH E9(R1)"),
        record=happened(death=4),
    ),
    Case("death is no response though missing is left out", START, "no", protocol=WINDOW, record=happened(death=6)),
    Case(
        "death before day 7 outweighs an early visit in the window",
        START | {6: healed(1.0)},
        "no",
        protocol=WINDOW,
        record=happened(death=6),
        visit_days=(),
    ),
    Case("death on day 7 is no response", RESPONSE, "no", ("died on day 7",), record=happened(death=7)),
    Case("death after day 7 leaves the response", RESPONSE, "yes", record=happened(death=8)),
    Case("death after day 7 without a rate is missing", START, None, ("left out",), record=happened(death=9)),
    Case("death without any visit is no response", {}, "no", ("died on day 3",), record=happened(death=3)),
    Case("death of a patient never open is no response", {0: INTACT}, "no", record=happened(death=3)),
    Case(
        "a visit dated after death changes nothing",
        START | {7: healed(1.0)},
        "no",
        ("died on day 5",),
        record=happened(death=5),
    ),
    Case(
        "left before day 7: left out",
        START,
        None,
        ("left the study on day 3", "left out"),
        protocol=WINDOW,
        record=happened(left_study=3),
    ),
    Case(
        "left before day 7: no response where the protocol says so",
        START,
        "no",
        ("left the study on day 3",),
        protocol=AS_NO,
        record=happened(left_study=3),
    ),
    Case(
        "left after a visit in the window: the visit counts",
        START | {6: healed(1.0)},
        "yes",
        protocol=WINDOW,
        record=happened(left_study=6),
        visit_days=(),
    ),
    Case(
        "left before a visit of day 7: it cannot be theirs",
        RESPONSE,
        None,
        ("left the study on day 5",),
        record=happened(left_study=5),
    ),
    Case("left after day 7 leaves the response", RESPONSE, "yes", record=happened(left_study=8)),
    Case(
        "left, then died before day 7, is no response",
        START,
        "no",
        ("died on day 6",),
        record=happened(left_study=3, death=6),
    ),
    Case(
        "never infused: no day zero, not computed",
        RESPONSE,
        None,
        ("no day zero", "never infused"),
        patient=NO_DAY_ZERO,
    ),
    Case(
        "never infused and missing as no: still not computed",
        {},
        None,
        ("no day zero",),
        protocol=AS_NO,
        patient=NO_DAY_ZERO,
    ),
    Case("never open: not computed", {0: INTACT, 7: INTACT}, None, ("no open skin at any visit",)),
    Case("never open and missing as no: still not computed", {0: INTACT}, None, ("no open skin",), protocol=AS_NO),
    Case(
        "all that healed is hidden at day 7: missing",
        START | {3: healed(1.0), 7: painted((COVERED, ROW))},
        None,
        ("no rate at day 7",),
    ),
    Case(
        "all that healed is hidden at day 7: no where the protocol says so",
        START | {2: healed(1.0), 7: painted((COVERED, ROW))},
        "no",
        protocol=AS_NO,
        visit_days=(),
    ),
    Case("open skin hidden at day 7 has not healed", START | {7: painted((COVERED, ROW))}, "no", ("rate 0.0 %",)),
    Case(
        "half of it hidden at day 7, half seen healed",
        START | {7: painted((HEALED, ROW), (COVERED, part_of_region(4, 0.5)))},
        "no",
        ("rate 50.0 %",),
    ),
    Case(
        "nothing assessed at any visit is missing, not never open",
        {0: UNSEEN, 7: UNSEEN},
        "no",
        ("no rate at day 7",),
        protocol=AS_NO,
    ),
    Case(
        "a maximum raised after day 7 lowers the rate of day 7",
        RESPONSE | {10: painted((HEALED, ROW), (OPEN, TWO_MORE))},
        "no",
        ("rate 50.0 %",),
    ),
    Case("open again at day 7 is open", START | {5: healed(1.0), 7: regions_open(1)}, "no", ("rate 0.0 %",)),
    Case("open again after day 7 leaves the response", RESPONSE | {10: regions_open(1)}, "yes"),
)
def test_responders_who_die_leave_or_cannot_be_judged(case: Case) -> None:
    """Death up to day 7 is an outcome; a living patient without a rate is missing; what has no rate is not judged."""
    case.check("responder")


@pytest.mark.parametrize("day_zero", [DAY_ZERO - timedelta(4), DAY_ZERO - timedelta(1), DAY_ZERO])
def test_day_zero_is_whatever_the_study_counts_from(day_zero: date) -> None:
    """Index date, admission or infusion: the same visits, other days; here the visit 7 days after it is complete."""
    patient = replace(PATIENT, day_zero_date=day_zero)
    shift = (DAY_ZERO - day_zero).days
    visits = [on_day(0, regions_open(1)), on_day(7 - shift, healed(1.0))]
    score = score_patient(patient, visits, FLAT, PROTOCOL)
    (row,) = [row for row in score.endpoints if row.endpoint == "responder"]
    assert row.value == "yes"
    assert [row.day for row in score.endpoints if row.endpoint == "open_bsa"] == [shift, 7]
