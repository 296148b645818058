"""The trial's table of endpoints, row by row."""

import pytest

from reepi.core.results import COHORT, EndpointRow
from reepi.report.trial_rows import TRIAL_ROWS, trial_lines

ASKED = {
    "at least one adverse e": ["adverse_event", "adverse_event_missing_no", "adverse_event_missing_yes"],
    "rate of complete or almost complete": ["responder_rate"],
    "re-epithelialisation rate": ["rate_day_5", "rate_day_10", "rate_day_15"],
    "deaths observed": ["deaths_observed", "deaths_expected", "deaths_ratio", "death", "death_missing_no"],
    "hospital stay": ["hospital_stay_days", "hospital_stay_historical"],
    "time to healing of each mucous": [f"mucosa_{site}_healing_days" for site in ("mouth", "nose", "genitals", "eyes")],
    "rates of sepsis": ["sepsis", "sepsis_missing_yes", "intensive_care", "sequelae"],
    "Th1/Th2": ["laboratory_ifn_gamma"],
    "epidermal chimerism": ["chimerism_percent"],
}
"""The nine rows of the trial's protocol, and the endpoints that it asks for in each."""

PATIENTS = ("P1", "P2")


def row(endpoint: str, patient_id: str = COHORT, value: float | str | None = 1.0) -> EndpointRow:
    return EndpointRow(patient_id, endpoint, None, value, None, None, "", "how")


def test_every_row_of_the_trial_is_there_once() -> None:
    """In the trial's order: two primary endpoints, then seven secondary ones."""
    assert len(TRIAL_ROWS) == len(ASKED)
    assert all(each.endpoint.startswith(begins) for each, begins in zip(TRIAL_ROWS, ASKED, strict=True))
    assert [each.rank for each in TRIAL_ROWS] == ["primary, safety", "primary, efficacy"] + ["secondary"] * 7


@pytest.mark.parametrize(("begins", "names"), ASKED.items())
def test_a_row_is_answered_by_the_endpoints_it_asks_for(begins: str, names: list[str]) -> None:
    """And each of these answers no other row."""
    for line in trial_lines([row(name) for name in names], PATIENTS):
        expected = names if line.row.endpoint.startswith(begins) else []
        assert [each.endpoint for each in line.found] == expected
        assert bool(line.missing) != bool(expected)


def test_a_row_without_an_answer_says_why_and_what_it_needs() -> None:
    """Clinical rows name clinical.csv; rows from photographs do not."""
    photographed = ("primary, efficacy", "day 5, 10, 15")
    for line in trial_lines([], PATIENTS):
        assert line.missing.startswith("Not computed")
        assert ("clinical.csv" in line.missing) != (line.row.rank in photographed or line.row.when in photographed)


@pytest.mark.parametrize(
    ("day_zero", "when"),
    [("infusion", "day 7 after infusion"), ("index", "day 7 after index date"), ("admission", "day 7 in hospital")],
)
def test_days_are_counted_from_what_the_study_counts_from(day_zero: str, when: str) -> None:
    """Only the trial's own day zero is the infusion."""
    lines = trial_lines([], PATIENTS, day_zero=day_zero)
    assert [line.row.when for line in lines][:3] == ["day 10", when, "day 5, 10, 15"]


def test_a_row_counts_the_patients_who_have_a_value() -> None:
    """Each once, and not those without one."""
    found = [row("chimerism_percent", "P1"), row("chimerism_percent", "P1"), row("chimerism_percent", "P2", None)]
    line = trial_lines(found, PATIENTS)[-1]
    assert (line.known, line.patients) == (1, 2)
    assert line.missing.startswith("Not computed for the cohort; the values stand with the patients.")
