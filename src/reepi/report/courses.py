"""The course of every patient of a study, as values: visits and planned days, and what became of the patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reepi.core.results import EndpointRow
from reepi.core.study import Study
from reepi.report.content import PatientContent
from reepi.scoring.clinical_dates import Timeline
from reepi.scoring.planned import answering_visits
from reepi.scoring.rate_rows import answering_rates


@dataclass(frozen=True)
class PlannedCell:
    """What a visit says to a planned day.

    Parameters
    ----------
    planned, day : int
        The planned day, and that of the visit which answers it.
    open : float
        Open skin at that visit [% BSA].
    rate : float or None
        Primary re-epithelialisation rate of the planned day [%].
    rate_day : int or None
        Day of the visit that it comes from: the nearest one with a rate.
    """

    planned: int
    day: int
    open: float
    rate: float | None
    rate_day: int | None


@dataclass(frozen=True)
class PatientCourse:
    """One patient's course.

    Parameters
    ----------
    name, anchor : str
        Identifier, and where its part of the report begins.
    days : tuple of int
        Days of the visits at which skin was assessed; empty where there are none, or the patient has no day zero.
    open, low, high : tuple of float
        Open skin at each of them with its 90 % interval [% BSA].
    rates : tuple of float or None
        Primary rate at each [%].
    planned : mapping of int to PlannedCell
        By planned day; days that no visit answers are left out.
    largest : EndpointRow or None
        Largest open skin.
    responder, severity : str
        As the endpoints say; empty where they have no value.
    healed : float or None
        First day on which 90 % had re-epithelialised.
    admitted, died, discharged, left : int or None
        Days of what became of the patient.
    """

    name: str
    anchor: str
    days: tuple[int, ...] = ()
    open: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    rates: tuple[float | None, ...] = ()
    planned: Mapping[int, PlannedCell] | None = None
    largest: EndpointRow | None = None
    responder: str = ""
    severity: str = ""
    healed: float | None = None
    admitted: int | None = None
    died: int | None = None
    discharged: int | None = None
    left: int | None = None

    @property
    def outcome(self) -> str:
        """What became of the patient, in words."""
        if self.died is not None:
            return f"died, day {self.died}"
        if self.left is not None:
            return f"left the study, day {self.left}"
        return "" if self.discharged is None else f"discharged, day {self.discharged}"

    def cell(self, planned: int) -> PlannedCell | None:
        """Return what answers a planned day."""
        return (self.planned or {}).get(planned)


def patient_courses(study: Study, patients: Sequence[PatientContent]) -> tuple[PatientCourse, ...]:
    """Return the course of every patient, in the order of the study."""
    return tuple(_course(study, patient) for patient in patients)


def _course(study: Study, patient: PatientContent) -> PatientCourse:
    time = Timeline(patient.patient, study.record(patient.patient.patient_id), study.day_zero)
    visits = [visit for visit in patient.visits if visit.day is not None and visit.is_assessed]
    days = tuple(visit.day for visit in visits if visit.day is not None)
    opened = tuple(visit.open.percent_bsa_full for visit in visits)
    rates = tuple(_number(visit.rate) for visit in visits)
    at = {day: place for place, day in enumerate(days)}
    rows = [row for group in patient.endpoints for row in group.rows]
    planned_rates = {row.day: _number(row) for row in rows if row.endpoint == "reepithelialisation_rate_planned"}
    answered = {planned: day for planned, day in answering_visits(rows).items() if day in at}
    rate_days = answering_rates(study, patient.patient, rows)
    planned = {
        planned: PlannedCell(planned, day, opened[at[day]], planned_rates.get(planned), rate_days.get(planned))
        for planned, day in answered.items()
    }
    return PatientCourse(
        patient.patient.patient_id,
        patient.anchor,
        days,
        opened,
        tuple(visit.open.low for visit in visits),
        tuple(visit.open.high for visit in visits),
        rates,
        planned,
        patient.endpoint("max_open_bsa"),
        _word(patient.endpoint("responder")),
        _word(patient.endpoint("severity_class")),
        _number(patient.endpoint("time_to_90")),
        time.day(time.admission),
        time.day(time.record.death),
        time.day(time.discharge),
        time.day(time.record.left_study),
    )


def _number(row: EndpointRow | None) -> float | None:
    return row.value if row is not None and isinstance(row.value, float) else None


def _word(row: EndpointRow | None) -> str:
    return row.value if row is not None and isinstance(row.value, str) else ""
