"""Edge cases of class, eligibility and maximum: each row names the rule it follows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from endpoint_cases import (
    INTACT,
    NO_DAY_ZERO,
    OPEN,
    PATIENT,
    PROTOCOL,
    ROW,
    UNSEEN,
    Case,
    cases,
    happened,
    healed,
    regions_open,
)
from flat_body import DAY_ZERO, FACES, REGION, painted, weighted_skin

from reepi.core.clinical import ClinicalRecord
from reepi.core.study import Protocol
from reepi.scoring.skin import Skin

FIRST_66 = slice(0, 66)


def exactly(percent: float) -> Skin:
    """Skin whose first 66 faces hold just so much [% BSA]."""
    return weighted_skin((FIRST_66, percent))


def sized(rule: str, percent: float, value: Any, *told: str, **options: Any) -> Case:
    """A patient with just so much open skin [% BSA] on day 0."""
    return Case(rule, {0: painted((OPEN, FIRST_66))}, value, told, skin=exactly(percent), **options)


PNDS = replace(PROTOCOL, severity_rule="pnds")
BY_PNDS = {"protocol": PNDS}


@cases(
    sized("bastuji-garin: 0.1 below 10 is SJS", 9.9, "SJS", "past 10 % BSA 0.00"),
    sized("bastuji-garin: less than rounding below 10 lies on 10, which is overlap", 10 - 1e-9, "overlap"),
    sized("bastuji-garin: more than rounding below 10 is SJS", 10 - 1e-5, "SJS", "past 10 % BSA 0.00"),
    sized("bastuji-garin: exactly 10 is overlap", 10.0, "overlap", "past 10 % BSA 1.00", "exactly 10 counts as past"),
    sized("bastuji-garin: 0.1 above 10 is overlap", 10.1, "overlap", "past 30 % BSA 0.00"),
    sized("bastuji-garin: 0.1 below 30 is overlap", 29.9, "overlap"),
    sized("bastuji-garin: exactly 30 is overlap", 30.0, "overlap", "past 30 % BSA 0.00", "exactly 30 does not"),
    sized("bastuji-garin: less than rounding above 30 lies on 30", 30 + 1e-9, "overlap", "past 30 % BSA 0.00"),
    sized("bastuji-garin: more than rounding above 30 is TEN", 30 + 1e-5, "TEN", "past 30 % BSA 1.00"),
    sized("bastuji-garin: 0.1 above 30 is TEN", 30.1, "TEN", "past 30 % BSA 1.00", "Bastuji-Garin"),
    sized("pnds: 0.1 below 10 is SJS", 9.9, "SJS", **BY_PNDS),
    sized("pnds: exactly 10 is overlap", 10.0, "overlap", **BY_PNDS),
    sized("pnds: 0.1 below 30 is overlap", 29.9, "overlap", "past 30 % BSA 0.00", **BY_PNDS),
    sized("pnds: less than rounding below 30 lies on 30, which is TEN", 30 - 1e-9, "TEN", **BY_PNDS),
    sized("pnds: exactly 30 is TEN", 30.0, "TEN", "past 30 % BSA 1.00", "exactly 30 does", "Orphanet", **BY_PNDS),
    sized("pnds: 0.1 above 30 is TEN", 30.1, "TEN", **BY_PNDS),
    Case("the class is that of the largest visit, whatever comes later", {0: regions_open(4), 7: INTACT}, "overlap"),
    Case("skin that was never open is of the smallest class", {0: INTACT}, "SJS"),
    Case("without assessed skin there is no class", {0: UNSEEN}, None, ("no skin was assessed",)),
    Case("without visits there is no class", {}, None),
)
def test_severity(case: Case) -> None:
    """Limits are those of the protocol's rule; nothing is rounded, and less than 1e-6 is no distance."""
    case.check("severity_class")


INDEX_ZERO = replace(PATIENT, index_date=DAY_ZERO)
BIG, SMALL = regions_open(4), regions_open(3)


@cases(
    sized("0.1 below the limit is not eligible", 9.9, "no", "probability 0.00"),
    sized("less than rounding below the limit lies on it", 10 - 1e-9, "yes", "probability 1.00"),
    sized("exactly the limit is eligible", 10.0, "yes", "probability 1.00", "lies on it"),
    sized("0.1 above the limit is eligible", 10.1, "yes"),
    sized("the protocol states the limit", 10.1, "no", ">= 15 %", protocol=Protocol(eligibility_percent=15)),
    Case("the index date itself counts", {0: BIG}, "yes", ("from the index date (day 0)",), patient=INDEX_ZERO),
    Case("the last day of the window counts", {10: BIG}, "yes", ("to day 10",), patient=INDEX_ZERO),
    Case("the day after the window does not", {0: SMALL, 11: BIG}, "no", patient=INDEX_ZERO),
    Case("the day before the index date does not", {-1: BIG, 0: SMALL}, "no", patient=INDEX_ZERO),
    Case("visits outside the window alone tell nothing", {-1: BIG, 11: BIG}, None, patient=INDEX_ZERO),
    Case(
        "any visit in the window is enough", {0: SMALL, 2: BIG, 4: SMALL}, "yes", ("largest of 3",), patient=INDEX_ZERO
    ),
    Case("the protocol states the days", {3: BIG}, None, protocol=Protocol(eligibility_days=2), patient=INDEX_ZERO),
    Case(
        "without index date it cannot be told",
        {0: BIG},
        None,
        ("index date",),
        patient=replace(PATIENT, index_date=None),
    ),
    Case("day zero does not matter to it", {0: BIG}, "yes", patient=NO_DAY_ZERO),
    Case("a visit that shows nothing is no visit of the window", {0: UNSEEN, 11: BIG}, None, patient=INDEX_ZERO),
    Case("without visits it cannot be told", {}, None),
)
def test_eligibility(case: Case) -> None:
    """At least so much open at any visit from the index date to the protocol's day, both counted."""
    case.check("eligible")


TEN_HIDDEN = {0: painted((OPEN, ROW), unseen=slice(20 * FACES, 30 * FACES))}
"""One region open, 22 intact, and ten of the 33 that no photograph showed."""

AS_REGION = "takes the assessed skin of the body, times the part of the body that was assessed"


@cases(
    Case(
        "a region that nobody saw takes the body's mix, times the part that was seen",
        TEN_HIDDEN,
        # 10/33 unseen x 23/33 of the body seen x 1/23 of it open: as 10/33 of the open region.
        REGION * (1 + 10 / 33),
        (
            f"({1000 / 33:.1f} % BSA) taken as",
            AS_REGION,
            f"the rest ({100 * (10 / 33) ** 2:.1f} % BSA) counts as not open",
        ),
    ),
    Case(
        "half of a region that was seen takes the other half's skin, and nothing is left",
        {0: painted((OPEN, ROW), unseen=slice(ROW.start, ROW.start + FACES // 2))},
        REGION,
        (f"({REGION / 2:.1f} % BSA) taken as", "the rest (0.0 % BSA) counts as not open"),
    ),
    Case(
        "by the other rule it is intact, and nothing is left",
        TEN_HIDDEN,
        REGION,
        (f"({1000 / 33:.1f} % BSA) taken as intact; 90 %",),
        protocol=replace(PROTOCOL, unassessed="as_unaffected"),
    ),
)
def test_what_skin_that_nobody_saw_is_taken_as(case: Case) -> None:
    """The definition says what was done, and with how much skin."""
    case.check("open_bsa")


def test_the_maximum_and_the_rates_say_the_same_of_unseen_skin() -> None:
    """Without numbers, as they rest on several visits."""
    case = Case("", TEN_HIDDEN, None)
    for endpoint, rest in (
        ("max_open_bsa", "counts as not open"),
        ("reepithelialisation_rate_closed", "adds nothing"),
        ("reepithelialisation_rate_labelled", "adds nothing"),
    ):
        assert f"{AS_REGION}; the rest {rest}" in case.row(endpoint).definition


AFTER = {0: regions_open(1), 7: healed(1.0), 12: regions_open(12)}
"""Healed on day 7, and a third of the body open on day 12, after the patient's time."""
ENDED = (happened(death=10), happened(left_study=10))


@pytest.mark.parametrize("record", ENDED, ids=["died", "left"])
def test_a_visit_dated_after_the_end_changes_nothing_before_it(record: ClinicalRecord) -> None:
    """Maximum, class, eligibility, responder and earlier rates are those without it; it keeps its own rows."""
    early = replace(PATIENT, index_date=DAY_ZERO + timedelta(5))
    with_it, without = (
        Case("", visits, None, record=record, patient=early) for visits in (AFTER, {0: AFTER[0], 7: AFTER[7]})
    )
    for name in ("max_open_bsa", "severity_class", "eligible", "responder", "time_to_90"):
        assert with_it.row(name).value == without.row(name).value, name
    for name in ("reepithelialisation_rate", "reepithelialisation_rate_closed", "reepithelialisation_rate_planned"):
        assert [each.value for each in with_it.rows(name)][:2] == [each.value for each in without.rows(name)][:2]
    assert "not counted, as dated after the patient" in with_it.row("max_open_bsa").definition
    assert "not counted, as" not in without.row("max_open_bsa").definition
    late = with_it.rows("open_bsa")[-1]
    assert (late.day, late.value) == (12, pytest.approx(12 * REGION))
    assert "check the dates" in late.definition


def test_a_patient_seen_after_the_end_alone_has_no_maximum() -> None:
    """Nothing that counts was assessed; the reason names the visit."""
    found = Case("", {12: BIG}, None, record=happened(death=10)).row("max_open_bsa")
    assert found.value is None
    assert "died on day 10: day 12" in found.definition
