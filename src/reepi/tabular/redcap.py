"""A scored study as records of REDCap: the lines of the import that fits the data dictionary of `redcap_forms`.

One record a patient. What belongs to a patient once stands in instruments that do not repeat; visits, regions of
visits, endpoints, observations and photographs are repeating instruments. The dictionary is the same for every study:
an endpoint that a later version adds is one more instance, not one more field. The cohort is no record and is left out.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from reepi.core.regions import WHOLE_BODY
from reepi.core.results import AREA_LABELS, AreaRow, ChangeRow, EndpointRow
from reepi.core.study import Patient
from reepi.scoring.levels import interval_level
from reepi.scoring.planned import answering_visits
from reepi.scoring.story import date_of
from reepi.scoring.visits import visit_date
from reepi.store.rows import format_measured
from reepi.tabular.analysis import ScoredStudy
from reepi.tabular.redcap_fields import RECORD_ID, REPEAT_COLUMNS
from reepi.tabular.redcap_forms import (
    AREA_NUMBERS,
    FIELDS,
    ONCE_ANSWERS,
    ONCE_NUMBERS,
    REGION_CODES,
    SEVERITY_CODES,
    STATUS_CODES,
    area_field,
    change_field,
)
from reepi.tabular.words import CHANGE_CODES

Values = Mapping[str, str]

IMPORT_COLUMNS: Final = (RECORD_ID, *REPEAT_COLUMNS, *(field.name for field in FIELDS[1:]))


@dataclass(frozen=True)
class Entry:
    """One line of the import.

    Parameters
    ----------
    record : str
        Identifier of the patient.
    instrument : str
        Repeating instrument; empty on the line of all that does not repeat.
    instance : int
        Number of the instance, from 1; 0 on the line of all that does not repeat.
    values : mapping of str to str
        Value by field.
    """

    record: str
    instrument: str
    instance: int
    values: Values

    @property
    def row(self) -> tuple[str, ...]:
        """Its cells, in the order of `IMPORT_COLUMNS`."""
        start = (self.record, self.instrument, str(self.instance) if self.instrument else "")
        return (*start, *(self.values.get(name, "") for name in IMPORT_COLUMNS[3:]))


def entries(scored: ScoredStudy) -> Iterator[Entry]:
    """Yield the lines of the import, patient by patient."""
    codes = scored.codes
    for patient in scored.study.patients:
        record = patient.patient_id
        mine = [row for row in scored.endpoints if row.patient_id == record]
        skin = _skin(patient, scored)
        yield Entry(record, "", 0, {**_patient(patient, scored), **_outcome(mine)})
        for instrument, instances in (
            ("visit", _visits(skin, patient, mine)),
            ("region", _regions(skin)),
            ("endpoint", (_endpoint(row, codes[row.endpoint]) for row in mine)),
            ("observation", _observations(patient, scored)),
            ("photograph", _photographs(patient, scored)),
        ):
            for instance, values in enumerate(instances, start=1):
                yield Entry(record, instrument, instance, values)


def text_of(value: object) -> str:
    """Return a value as REDCap takes it: decimals with a point, dates as YYYY-MM-DD, nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, float):
        return format_measured(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _patient(patient: Patient, scored: ScoredStudy) -> Values:
    record = scored.study.record(patient.patient_id)
    values = {
        "sex": patient.sex,
        "age_years": float(patient.age_years),
        "height_cm": float(patient.height_cm),
        "weight_kg": float(patient.weight_kg),
        "index_date": patient.index_date,
        "day_zero_date": patient.day_zero_date,
        "admission_date": record.admission,
        "discharge_date": record.discharge,
        "death_date": record.death,
        "left_study_date": record.left_study,
    }
    return {name: text_of(value) for name, value in values.items()}


def _outcome(rows: Sequence[EndpointRow]) -> Values:
    by_name = {row.endpoint: row for row in reversed(rows)}
    values: dict[str, str] = {}
    severity = by_name.get("severity_class")
    if severity is not None and severity.value in SEVERITY_CODES:
        values["severity_class"] = SEVERITY_CODES[severity.value]
    for name in ONCE_NUMBERS:
        row = by_name.get(name)
        if row is not None:
            number_or_none = row.value if isinstance(row.value, int | float) else None
            values[name] = text_of(None if number_or_none is None else float(number_or_none))
            values |= {f"{name}_low": text_of(row.low), f"{name}_high": text_of(row.high)}
    for name in ONCE_ANSWERS:
        row = by_name.get(name)
        values[name] = "" if row is None else {"yes": "1", "no": "0"}.get(str(row.value), "")
    return values


@dataclass(frozen=True)
class _Skin:
    """The areas and changes of one patient, by date and region."""

    areas: Mapping[date, Mapping[str, Mapping[str, AreaRow]]]
    changes: Mapping[tuple[date, str], ChangeRow]
    is_told: Callable[[AreaRow], bool]

    def day(self, when: date) -> int | None:
        """Return the day of a visit."""
        return next(row.day for rows in self.areas[when].values() for row in rows.values())

    def values(self, form: str, when: date, region: str) -> dict[str, str]:
        """Return all numbers of a region at a visit, and who said so."""
        rows, change = self.areas[when].get(region, {}), self.changes.get((when, region))
        values = {
            area_field(form, label, end): text_of(getattr(rows[label], column))
            if column == "percent_bsa" or self.is_told(rows[label])
            else ""
            for label in AREA_LABELS
            if label in rows
            for end, column, _ in AREA_NUMBERS
        }
        for column, _, _ in CHANGE_CODES:
            values[change_field(form, column)] = "" if change is None else text_of(getattr(change, column))
        return values | {f"{form}_source": next((row.source for row in rows.values()), "")}


def _skin(patient: Patient, scored: ScoredStudy) -> _Skin:
    areas: dict[date, dict[str, dict[str, AreaRow]]] = {}
    for row in scored.areas:
        if row.patient_id == patient.patient_id:
            areas.setdefault(row.date, {}).setdefault(row.region, {})[row.tissue] = row
    mine = (row for row in scored.changes if row.patient_id == patient.patient_id)
    return _Skin(dict(sorted(areas.items())), {(row.date, row.region): row for row in mine}, scored.is_told)


def _visits(skin: _Skin, patient: Patient, mine: Sequence[EndpointRow]) -> Iterator[Values]:
    days = {when: skin.day(when) for when in skin.areas}
    of_day = {each: plan for plan, each in answering_visits(mine).items()}
    rates = {date_of(row, patient.day_zero_date): row for row in mine if row.endpoint == "reepithelialisation_rate"}
    for when, each in days.items():
        rate = rates.get(when)
        values: dict[str, object] = {
            "visit_date": when,
            "visit_day": each,
            "visit_planned_day": None if each is None else of_day.get(each),
            "visit_rate": None if rate is None else rate.value,
            "visit_rate_low": None if rate is None else rate.low,
            "visit_rate_high": None if rate is None else rate.high,
        }
        yield {name: text_of(value) for name, value in values.items()} | skin.values("visit", when, WHOLE_BODY)


def _regions(skin: _Skin) -> Iterator[Values]:
    for when, regions in skin.areas.items():
        for region, code in REGION_CODES.items():
            if region in regions:
                yield {"region_date": text_of(when), "region_name": code, **skin.values("region", when, region)}


def _endpoint(row: EndpointRow, code: str) -> Values:
    is_number = isinstance(row.value, int | float)
    values = {
        "endpoint_name": row.endpoint,
        "endpoint_code": code,
        "endpoint_day": row.day,
        "endpoint_number": float(row.value) if isinstance(row.value, int | float) else None,
        "endpoint_word": None if is_number else row.value,
        "endpoint_unit": row.unit,
        "endpoint_low": row.low,
        "endpoint_high": row.high,
        "endpoint_level": interval_level(row),
        "endpoint_definition": row.definition,
        "endpoint_source": row.source,
    }
    return {name: text_of(value) for name, value in values.items()}


def _observations(patient: Patient, scored: ScoredStudy) -> Iterator[Values]:
    for each in scored.study.record(patient.patient_id).observations:
        values = {
            "observation_item": each.item,
            "observation_date": each.date,
            "observation_text": each.text,
            "observation_number": each.number,
            "observation_unit": each.unit,
        }
        yield {name: text_of(value) for name, value in values.items()}


def _photographs(patient: Patient, scored: ScoredStudy) -> Iterator[Values]:
    ended = {row.file: row for row in scored.photos}
    for entry in scored.study.photos:
        row = ended.get(entry.file)
        if entry.patient_id != patient.patient_id or row is None:
            continue
        values = {
            "photo_file": entry.file,
            "photo_date": visit_date(entry.taken_at),
            "photo_taken_at": entry.taken_at.isoformat(),
            "photo_view": entry.view_name,
            "photo_mm_per_px": entry.mm_per_px,
            "photo_status": STATUS_CODES[row.status],
            "photo_reasons": row.reasons,
            "photo_residual_mm": row.residual_mm,
            "photo_seconds": row.seconds,
            "photo_source": row.source,
        }
        yield {name: text_of(value) for name, value in values.items()}
