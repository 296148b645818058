"""Courses of patients: which visit says what to a planned day."""

from datetime import date, timedelta

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import AREA_LABELS, AreaRow, EndpointRow
from reepi.core.study import Patient, Protocol, Study
from reepi.report.courses import patient_courses
from reepi.report.gathering import report_content

ZERO = date(2024, 3, 5)
SHARES = {"intact": 90.0, "detached": 10.0, "open": 10.0}


def areas(day: int) -> list[AreaRow]:
    """Return the rows of a visit at which a tenth of the body is open."""
    return [
        AreaRow("P1", ZERO + timedelta(day), day, region, tissue, *[SHARES.get(tissue, 0.0)] * 4)
        for region in (*REGIONS, WHOLE_BODY)
        for tissue in AREA_LABELS
    ]


def row(endpoint: str, day: int, value: float | None) -> EndpointRow:
    return EndpointRow("P1", endpoint, day, value, None, None, "%", "how")


def test_a_planned_day_tells_the_visit_of_its_area_and_that_of_its_rate() -> None:
    """Day 7 shows skin and has no rate, since all that was open is hidden; the rate of day 7 is that of day 8."""
    patient = Patient("P1", "F", 40, 165, 62, ZERO, ZERO)
    study = Study("s", "infusion", (0, 7), Protocol(window_days=1), (patient,), ())
    rates = {0: 0.0, 7: None, 8: 90.0}
    rows = [row("reepithelialisation_rate", *each) for each in rates.items()]
    rows += [row("planned_visit", day, float(day)) for day in (0, 7)]
    rows += [row("reepithelialisation_rate_planned", 0, 0.0), row("reepithelialisation_rate_planned", 7, 90.0)]
    report = report_content(study, [each for day in rates for each in areas(day)], rows, (), {})
    (course,) = patient_courses(study, report.patients)
    cells = [course.cell(day) for day in (0, 7)]
    assert [(each.day, each.rate, each.rate_day) for each in cells if each] == [(0, 0.0, 0), (7, 90.0, 8)]
