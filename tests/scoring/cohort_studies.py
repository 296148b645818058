"""Small studies as rows: patients of whom everything is said in one line."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from reepi.core.clinical import ClinicalRecord, HistoricalPatient, Observation
from reepi.core.results import EndpointRow
from reepi.core.study import Patient, Protocol, Study

DAY_ZERO = date(2026, 3, 2)

PROTOCOL = Protocol(almost_complete_percent=90.0)


def on(day: int) -> date:
    """Return the date of a day."""
    return DAY_ZERO + timedelta(day)


def row(patient_id: str, endpoint: str, value: Any, day: int | None = None, **more: Any) -> EndpointRow:
    """Return a patient's row."""
    low, high, unit = more.get("low"), more.get("high"), more.get("unit", "")
    definition, source = more.get("definition", "of a test"), more.get("source", "proposal")
    return EndpointRow(patient_id, endpoint, day, value, low, high, unit, definition, source)


def observed(item: str, day: int | None = None, text: str = "", number: float | None = None) -> Observation:
    """Return something observed on a day; its patient does not matter here."""
    return Observation("", item, None if day is None else on(day), text, number)


def study(
    patients: int | Sequence[str] = 3,
    *,
    records: Mapping[str, Sequence[Observation]] | None = None,
    never_infused: Sequence[str] = (),
    visit_days: tuple[int, ...] = (0, 5, 7, 10, 15),
    protocol: Protocol = PROTOCOL,
    historical: Sequence[HistoricalPatient] = (),
) -> Study:
    """Return a study; a number of patients are P1, P2, ..."""
    names = [f"P{i + 1}" for i in range(patients)] if isinstance(patients, int) else list(patients)
    return Study(
        "small",
        "infusion",
        visit_days,
        protocol,
        tuple(Patient(n, "F", 40, 165, 60, on(-6), None if n in never_infused else DAY_ZERO) for n in names),
        (),
        clinical={name: ClinicalRecord(tuple(told)) for name, told in (records or {}).items()},
        historical=tuple(historical),
    )


def rates(patient_id: str, by_day: Mapping[int, float | None]) -> list[EndpointRow]:
    """Return the primary rate of each visit."""
    return [row(patient_id, "reepithelialisation_rate", value, day, unit="%") for day, value in by_day.items()]
