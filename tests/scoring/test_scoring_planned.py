"""Which visit answers which planned day, counted by hand."""

from dataclasses import replace

import pytest
from endpoint_cases import HEALED, PATIENT, ROW, START, WINDOW, Case, happened
from flat_body import painted
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.clinical import ClinicalRecord
from reepi.core.study import Study
from reepi.scoring.planned import answering_day, answering_visits, answers, how_answered, rule, why_unanswered
from reepi.scoring.rate_rows import answering_rates

PLANNED = (0, 5, 7, 10, 15)


@pytest.mark.parametrize(
    ("days", "window", "expected"),
    [
        ((0, 5, 7, 10, 15), 0, {0: 0, 5: 5, 7: 7, 10: 10, 15: 15}),
        ((1, 6, 8), 0, {}),
        ((1, 6, 8), 1, {0: 1, 5: 6, 7: 8}),
        ((6,), 1, {5: 6}),
        ((5, 6), 1, {5: 5, 7: 6}),
        ((6, 8), 1, {5: 6, 7: 8}),
        ((14, 16), 1, {15: 14}),
        ((13, 16), 2, {15: 16}),
        ((-1, 1), 1, {0: -1}),
        ((), 3, {}),
    ],
)
def test_answers_by_hand(days: tuple[int, ...], window: int, expected: dict[int, int]) -> None:
    """The nearest, of two equally near the earlier; a visit answers one planned day."""
    assert answers(days, PLANNED, window) == expected
    for planned in PLANNED:
        assert answering_day(days, planned, window, PLANNED) == expected.get(planned)


def test_alone_a_planned_day_competes_with_none() -> None:
    """Day 6 answers day 7 where no day 5 was planned."""
    assert answering_day((6,), 7, 1) == 6
    assert answering_day((6,), 7, 1, others=(5,)) is None


@given(st.sets(st.integers(-3, 20)), st.sets(st.integers(-3, 20)), st.integers(0, 4))
def test_no_visit_is_used_twice_and_none_is_out_of_its_window(days: set[int], planned: set[int], window: int) -> None:
    """And where a visit is left over, its planned days have one as near or nearer."""
    found = answers(days, planned, window)
    assert len(set(found.values())) == len(found)
    assert all(day in days and abs(day - at) <= window for at, day in found.items())
    for day in days - set(found.values()):
        for at in planned:
            if abs(day - at) <= window:
                assert at in found
                assert abs(found[at] - at) <= abs(day - at)


@pytest.mark.parametrize(
    ("record", "expected"),
    [(ClinicalRecord(), {0: 0, 5: 5, 7: 8}), (happened(left_study=7), {0: 0, 5: 5})],
    ids=["a day late", "after the patient left"],
)
def test_results_tell_which_rate_answers_a_planned_day(record: ClinicalRecord, expected: dict[int, int]) -> None:
    """On day 7 all that was open is hidden, so the rate is that of day 8; the visit of day 7 answers all the same."""
    healed, hidden = painted((HEALED, ROW)), painted((HEALED, ROW), unseen=ROW)
    protocol = replace(WINDOW, window_days=1)
    case = Case("", START | {5: healed, 7: hidden, 8: healed}, None, protocol=protocol, record=record)
    names = ("planned_visit", "reepithelialisation_rate", "reepithelialisation_rate_planned")
    rows = [row for name in names for row in case.rows(name)]
    study = Study("s", "infusion", case.visit_days, protocol, (PATIENT,), (), clinical={"P01": record})
    assert answering_rates(study, PATIENT, rows) == expected
    assert {r.day for r in rows if r.endpoint == names[2] and r.value is not None} == {*expected}
    assert answering_visits(rows)[7] == 7


def test_the_order_in_which_days_are_given_changes_nothing() -> None:
    """Nor does a day that is named twice."""
    assert answers((8, 6, 6), (7, 5), 1) == answers((6, 8), (5, 7), 1)


def test_words() -> None:
    """In time, late, early, double, missing."""
    assert how_answered((7,), 7, 2, 7) == "answered by the visit of day 7"
    assert how_answered((9,), 7, 2, 9) == "answered by the visit of day 9, 2 days late"
    assert (
        how_answered((6, 9), 7, 2, 6) == "answered by the visit of day 6, 1 day early; visits in its window: days 6, 9"
    )
    assert why_unanswered((), 7, 2) == "no visit for day 7"
    assert why_unanswered((2, 12), 7, 2) == "no visit within 2 days of day 7; the nearest is that of day 2"
    assert why_unanswered((6,), 7, 0) == "no visit on day 7; the nearest is that of day 6"
    assert rule(0) == "a planned day is answered by the visit of that day alone"
    assert "within 1 day of it" in rule(1)
