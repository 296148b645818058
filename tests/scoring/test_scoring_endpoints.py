"""Endpoints of a patient: every name is there, every value has its definition, and empty values say why."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from flat_body import DAY_ZERO, FACES, REGION, on_day, painted, part_of_region

from reepi.core.results import EndpointRow
from reepi.core.study import Patient, Protocol
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.scoring.endpoints import PatientScore, score_patient
from reepi.scoring.skin import Skin
from reepi.scoring.story import date_of
from reepi.scoring.visits import Visit

OPEN, HEALED = Tissue.DETACHED, Tissue.REEPITHELIALISED
ALWAYS = {
    "open_bsa",
    "max_open_bsa",
    "severity_class",
    "eligible",
    "planned_visit",
    "reepithelialisation_rate",
    "reepithelialisation_rate_as_known",
    "reepithelialisation_rate_followed",
    "reepithelialisation_rate_labelled",
    "reepithelialisation_rate_closed",
    "reepithelialisation_rate_planned",
    "responder",
    "new_detachment_bsa",
    "healed_bsa",
    "relapse_bsa",
    "healing_front_mm_per_day",
    "time_to_50",
    "time_to_90",
    "time_to_100",
}
PROTOCOL = Protocol(almost_complete_percent=90)

FOUR_REGIONS = slice(0, 4 * FACES)
COURSE = [
    on_day(0, painted((OPEN, FOUR_REGIONS))),
    on_day(5, painted((HEALED, FOUR_REGIONS), (OPEN, slice(0, 2 * FACES)))),
    on_day(7, painted((HEALED, FOUR_REGIONS), (OPEN, part_of_region(0, 0.4)))),
    on_day(15, painted((HEALED, FOUR_REGIONS))),
]
"""Four regions open at day 0; healed 50 % at day 5, 90 % at day 7, all at day 15."""


def named(score: PatientScore, endpoint: str) -> list[EndpointRow]:
    return [row for row in score.endpoints if row.endpoint == endpoint]


def only(score: PatientScore, endpoint: str) -> EndpointRow:
    (row,) = named(score, endpoint)
    return row


@pytest.fixture(scope="module")
def score(skin: Skin, patient: Patient) -> PatientScore:
    return score_patient(patient, COURSE, skin, PROTOCOL)


def test_every_endpoint_is_there_and_every_row_tells_how_it_was_computed(score: PatientScore) -> None:
    """Also unit and patient."""
    assert {row.endpoint for row in score.endpoints} == ALWAYS
    assert all(row.definition and row.unit and row.patient_id == "P01" for row in score.endpoints)


def test_open_skin_is_that_of_the_areas(score: PatientScore) -> None:
    """The same number in both tables, by day."""
    areas = [r for r in score.areas if (r.region, r.tissue) == ("whole_body", "open")]
    assert [(r.day, r.value) for r in named(score, "open_bsa")] == [(r.day, r.percent_bsa_full) for r in areas]
    assert [r.day for r in areas] == [0, 5, 7, 15]


def test_rows_of_visits_tell_their_date(skin: Skin, patient: Patient, score: PatientScore) -> None:
    """By their day, and without day zero by the visit that their definition names; rows of no visit have none."""
    dates = [visit.date for visit in COURSE]
    assert [date_of(row, DAY_ZERO) for row in named(score, "reepithelialisation_rate")] == dates
    undated = score_patient(replace(patient, day_zero_date=None), COURSE, skin, PROTOCOL)
    for endpoint in ("open_bsa", "reepithelialisation_rate", "reepithelialisation_rate_closed"):
        assert [date_of(row, None) for row in named(undated, endpoint)] == dates
    assert date_of(only(undated, "max_open_bsa"), None) == dates[0]
    assert date_of(only(undated, "severity_class"), None) is None
    assert date_of(only(score, "severity_class"), DAY_ZERO) is None


def test_the_largest_open_area_has_its_day(score: PatientScore) -> None:
    """Four regions of 33."""
    row = only(score, "max_open_bsa")
    assert (row.day, row.value) == (0, pytest.approx(4 * REGION))


def test_the_class_comes_from_the_largest_area(score: PatientScore) -> None:
    """12.1 % BSA is overlap, whatever is open later; the rule and the probabilities stand beside it."""
    row = only(score, "severity_class")
    assert row.value == "overlap"
    assert "Bastuji-Garin" in row.definition
    assert "past 10 % BSA 1.00, past 30 % BSA 0.00" in row.definition


def test_eligible_by_the_days_after_the_index_date(score: PatientScore) -> None:
    """Day 0 is the fourth day after the index date."""
    assert only(score, "eligible").value == "yes"


def test_the_primary_rate_is_the_one_that_the_protocol_names(skin: Skin, patient: Patient) -> None:
    """Its rows repeat those of that numerator."""
    for numerator in ("followed", "labelled", "closed"):
        score = score_patient(patient, COURSE, skin, replace(PROTOCOL, numerator=numerator))
        primary = [(row.day, row.value) for row in named(score, "reepithelialisation_rate")]
        assert primary == [(row.day, row.value) for row in named(score, f"reepithelialisation_rate_{numerator}")]
        assert dict(primary) == pytest.approx({0: 0, 5: 50, 7: 90, 15: 100})


@pytest.mark.parametrize(("threshold", "answer"), [(90.0, "yes"), (90.1, "no")])
def test_a_responder_reaches_the_threshold_at_day_7(
    skin: Skin, patient: Patient, threshold: float, answer: str
) -> None:
    """The rate is exactly 90 %."""
    row = only(score_patient(patient, COURSE, skin, Protocol(almost_complete_percent=threshold)), "responder")
    assert (row.day, row.value) == (7, answer)


def test_without_a_stated_threshold_there_is_no_responder(skin: Skin, patient: Patient) -> None:
    """No value of what is almost complete was ever published, so none is assumed."""
    row = only(score_patient(patient, COURSE, skin, Protocol()), "responder")
    assert row.value is None
    assert "almost_complete_percent" in row.definition


def test_without_a_visit_at_day_7_there_is_no_responder(skin: Skin, patient: Patient) -> None:
    """A neighbouring day does not stand in for it."""
    row = only(score_patient(patient, [COURSE[0], COURSE[1], COURSE[3]], skin, PROTOCOL), "responder")
    assert row.value is None
    assert "no rate at day 7" in row.definition


def test_times_are_intervals_between_visits(score: PatientScore) -> None:
    """First seen at high, not yet at low."""
    times = [only(score, f"time_to_{percent}") for percent in (50, 90, 100)]
    assert [(row.low, row.value, row.high) for row in times] == [(0, 5, 5), (5, 7, 7), (7, 15, 15)]


def test_a_rate_that_was_not_reached_is_censored_at_the_last_visit(skin: Skin, patient: Patient) -> None:
    """After day 7, and nobody knows when."""
    row = only(score_patient(patient, COURSE[:3], skin, PROTOCOL), "time_to_100")
    assert (row.low, row.value, row.high) == (7, None, None)


def test_the_protocol_says_what_complete_means(skin: Skin, patient: Patient) -> None:
    """At 85 % day 7 is complete."""
    protocol = replace(PROTOCOL, complete_percent=85.0)
    assert only(score_patient(patient, COURSE, skin, protocol), "time_to_100").value == 7


def test_new_detachment_and_relapse_by_visit(skin: Skin, patient: Patient) -> None:
    """Region 1 opens anew while region 0 heals; then region 0 opens again."""
    visits = [
        on_day(0, painted((OPEN, part_of_region(0)))),
        on_day(1, painted((OPEN, part_of_region(1)))),
        on_day(2, painted((OPEN, slice(0, 2 * FACES)))),
    ]
    score = score_patient(patient, visits, skin, PROTOCOL)
    new = {row.day: row.value for row in named(score, "new_detachment_bsa")}
    again = {row.day: row.value for row in named(score, "relapse_bsa")}
    assert new == pytest.approx({1: REGION, 2: 0})
    assert again == pytest.approx({1: 0, 2: REGION})


def test_a_first_visit_that_showed_no_skin_is_none_to_follow_from(skin: Skin, patient: Patient) -> None:
    """Nobody saw what the skin was before the first assessed visit, so nothing is new there, healed or open again."""
    unseen = on_day(0, SurfaceMap.unseen(skin.n_faces))
    visits = [unseen, on_day(1, painted((OPEN, part_of_region(0)))), on_day(2, painted((OPEN, slice(0, 2 * FACES))))]
    followed, alone = (score_patient(patient, seen, skin, PROTOCOL) for seen in (visits, visits[:2]))
    for endpoint, value in (("new_detachment_bsa", REGION), ("healed_bsa", 0), ("relapse_bsa", 0)):
        assert {row.day: row.value for row in named(followed, endpoint)} == pytest.approx({2: value})
        assert only(alone, endpoint).value is None
        assert "no second visit at which skin was assessed" in only(alone, endpoint).definition


def test_the_order_in_which_visits_are_given_changes_nothing(score: PatientScore, skin: Skin, patient: Patient) -> None:
    """They are put in order by date."""
    assert score_patient(patient, COURSE[::-1], skin, PROTOCOL) == score


def test_a_patient_without_visits_has_every_endpoint_and_no_value(skin: Skin, patient: Patient) -> None:
    """Each says why."""
    score = score_patient(patient, [], skin, PROTOCOL)
    assert score.areas == ()
    assert {row.endpoint for row in score.endpoints} == ALWAYS
    assert all(row.value is None and "not computed" in row.definition for row in score.endpoints)


def test_a_visit_that_shows_nothing_has_no_open_area(skin: Skin, patient: Patient) -> None:
    """Not even 0: nobody looked."""
    score = score_patient(patient, [on_day(0, SurfaceMap.unseen(skin.n_faces))], skin, PROTOCOL)
    assert all(row.value is None and "not computed" in row.definition for row in score.endpoints)
    assert {row.endpoint for row in score.endpoints} == ALWAYS


def test_where_nothing_was_ever_open_rates_are_empty_and_say_so(skin: Skin, patient: Patient) -> None:
    """And the class is that of the smallest extent."""
    score = score_patient(patient, [on_day(0, painted()), on_day(7, painted())], skin, PROTOCOL)
    rates = named(score, "reepithelialisation_rate")
    assert [row.value for row in rates] == [None, None]
    assert all("no open skin at any visit" in row.definition for row in rates)
    assert only(score, "severity_class").value == "SJS"
    assert only(score, "eligible").value == "no"
    assert only(score, "time_to_50").value is None


def test_without_day_zero_rows_name_the_date(skin: Skin, patient: Patient) -> None:
    """A row without a day would not tell its visit."""
    score = score_patient(replace(patient, day_zero_date=None), COURSE, skin, PROTOCOL)
    rows = named(score, "open_bsa")
    assert [row.day for row in rows] == [None] * 4
    assert str(DAY_ZERO + timedelta(5)) in rows[1].definition
    assert only(score, "time_to_50").value is None


@pytest.mark.parametrize(("regions", "expected"), [(3, "SJS"), (4, "overlap"), (9, "overlap"), (10, "TEN")])
def test_classes_of_whole_regions(skin: Skin, patient: Patient, regions: int, expected: str) -> None:
    """Of 33 equal regions 3 are 9.1 %, 4 are 12.1 %, 9 are 27.3 % and 10 are 30.3 %."""
    visits = [on_day(0, painted((OPEN, slice(0, regions * FACES))))]
    assert only(score_patient(patient, visits, skin, PROTOCOL), "severity_class").value == expected


def test_exactly_30_percent_is_overlap() -> None:
    """Ten faces of 10 %, three of them open."""
    skin = ten_faces()
    tissue = [[0, 0, 0, 0, 1, 0, 0]] * 3 + [[0, 1, 0, 0, 0, 0, 0]] * 7
    patient = Patient("P02", "M", 50, 180, 80, DAY_ZERO, DAY_ZERO)
    score = score_patient(patient, [Visit(DAY_ZERO, surface_of(tissue))], skin, PROTOCOL)
    assert only(score, "max_open_bsa").value == pytest.approx(30)
    assert only(score, "severity_class").value == "overlap"


def ten_faces() -> Skin:
    """Return a fan of ten triangles in one region."""
    vertices = [[0, 0, 0], *([i, 1, 0] for i in range(11))]
    return Skin.from_mesh(vertices, [[0, i + 1, i + 2] for i in range(10)], [0] * 10, [10.0] * 10)


def surface_of(tissue: list[list[int]]) -> SurfaceMap:
    count = len(tissue)
    return SurfaceMap.of_shares(np.array(tissue, np.float32), np.ones(count, np.float32), np.zeros(count, np.float32))
