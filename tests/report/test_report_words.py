"""Numbers and names as people read them."""

from dataclasses import replace

import pytest

from reepi.core.results import COHORT, EndpointRow
from reepi.core.study import Protocol, Study
from reepi.report.cohort_content import key_figures
from reepi.report.words import (
    NO_VALUE,
    endpoint_interval,
    endpoint_value,
    interval,
    number,
    region_title,
)
from reepi.scoring.endpoint_titles import endpoint_title


def row(value: float | str | None, low: float | None = None, high: float | None = None, unit: str = "%") -> EndpointRow:
    return EndpointRow("P1", "rate", 5, value, low, high, unit, "how")


@pytest.mark.parametrize(("value", "text"), [(None, NO_VALUE), (3.14159, "3.1"), (-0.01, "0.0"), (-0.2, "-0.2")])
def test_numbers_have_one_decimal_and_no_negative_zero(value: float | None, text: str) -> None:
    """A dash stands where there is none."""
    assert number(value) == text


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(1, 2, "1.0 to 2.0"), (None, None, NO_VALUE), (1, None, "at least 1.0"), (None, 2, "up to 2.0")],
)
def test_open_ends_of_intervals_are_told_in_words(low: float | None, high: float | None, text: str) -> None:
    """An empty end is not zero."""
    assert interval(low, high) == text


@pytest.mark.parametrize(
    ("endpoint", "text"),
    [
        (row(12.34, unit="% BSA"), "12.3 % BSA"),
        (row("TEN", unit="class"), "TEN"),
        (row(7.0, 5.0, 7.0, "day"), "day 7"),
        (row(None), "not computed"),
        (row(None, low=10.0, unit="day"), "not reached"),
        (row(None, low=10.0, unit="days"), "not ended"),
        (row(None, low=2.0, high=4.0, unit="points"), "not computed"),
        (row(None, low=1.2, unit="mm/day"), "not computed"),
        (row(0.0020, unit="p"), "p = 0.002"),
        (row(0.0344, unit="p"), "p = 0.034"),
        (row(0.00049, unit="p"), "p < 0.001"),
        (row(1.0, unit="p"), "p = 1.000"),
        (row(None, unit="p"), "not computed"),
        (row(0.886, unit="ratio"), "0.89 ratio"),
        (row(-0.347, unit="correlation"), "-0.35 correlation"),
    ],
)
def test_values_bear_their_unit_and_empty_ones_say_so(endpoint: EndpointRow, text: str) -> None:
    """A number is never bare."""
    assert endpoint_value(endpoint) == text


def test_times_are_told_as_days() -> None:
    """Between two visits, or after the last."""
    assert endpoint_interval(row(7.0, 5.0, 7.0, "day")) == "after day 5, up to day 7"
    assert endpoint_interval(row(None, 10.0, None, "day")) == "after day 10"
    median = replace(row(7.0, 7.0, 14.0, "day"), patient_id=COHORT)
    assert endpoint_interval(median) == "day 7 to 14"
    assert endpoint_interval(replace(median, high=None)) == "day 7 or later"
    assert endpoint_interval(row(50.0, 40.0, 60.0)) == "40.0 to 60.0"


def test_ratios_and_correlations_have_two_decimals() -> None:
    """With one, 0.77 to 1.02 would be 0.8 to 1.0, which does not tell whether 1 lies within."""
    assert endpoint_interval(row(0.886, 0.769, 1.020, "ratio")) == "0.77 to 1.02"
    assert endpoint_interval(row(0.347, -0.203, 0.734, "correlation")) == "-0.20 to 0.73"
    assert endpoint_interval(row(1.2, 0.5, None, "ratio")) == "at least 0.50"
    assert endpoint_interval(row(1.2, None, 2.0, "ratio")) == "up to 2.00"


def test_the_cover_tells_the_ratio_of_deaths_with_two_decimals() -> None:
    """And both ends of its interval."""
    rows = [
        EndpointRow(COHORT, "deaths_observed", 30, 3.0, None, None, "deaths", "how"),
        EndpointRow(COHORT, "deaths_expected", 30, 4.2, None, None, "deaths", "how"),
        EndpointRow(COHORT, "deaths_ratio", 30, 0.714, 0.147, 2.087, "ratio", "how"),
    ]
    figures = {each.title: each for each in key_figures(Study("s", "infusion", (), Protocol(), (), ()), rows)}
    figure = figures["Deaths observed / expected"]
    assert (figure.value, figure.detail) == ("3 / 4.2", "ratio 0.71, 95 % interval 0.15 to 2.09")


def test_names_in_files_become_words() -> None:
    """Known endpoints have a title of their own, others that of their name."""
    assert endpoint_title("open_bsa") == "Open skin"
    assert endpoint_title("hospital_stay") == "Hospital stay"
    assert region_title("upper_arm_left_anterior") == "Upper arm left anterior"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("healed_90_by_day_7", "Patients 90 % re-epithelialised by day 7"),
        ("healed_90_by_day_7_kaplan_meier", "Patients 90 % re-epithelialised by day 7, by Kaplan-Meier"),
        ("healed_100_by_day_7", "Patients completely re-epithelialised by day 7"),
        ("healed_100_by_day_10_turnbull", "Patients completely re-epithelialised by day 10, by Turnbull"),
        ("time_to_50_turnbull", "Time to 50 % re-epithelialisation, by Turnbull"),
        ("rate_day_10_median", "Median re-epithelialisation rate, day 10"),
        ("deaths_expected_table", "Deaths expected by SCORTEN, by the table"),
        ("scorten_mortality_table", "Mortality by SCORTEN, table"),
        ("mucosa_eyes_healed", "Mucous membrane: eyes, healed"),
    ],
)
def test_names_of_the_cohort_tell_how_they_were_estimated(name: str, title: str) -> None:
    """What and how, in words; a title of its own goes first."""
    assert endpoint_title(name) == title
