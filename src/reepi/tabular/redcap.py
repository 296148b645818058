"""A scored study as records of REDCap: a data dictionary, and the import that fits it.

One record a patient. What belongs to a patient once stands in instruments that do not repeat; visits, regions of
visits, endpoints, observations and photographs are repeating instruments. The dictionary is the same for every study:
an endpoint that a later version adds is one more instance, not one more field. The cohort is no record and is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import AREA_LABELS, COHORT, OPEN_LABEL, AreaRow, EndpointRow
from reepi.core.study import Patient
from reepi.scoring.planned import answers
from reepi.scoring.severity import SeverityClass
from reepi.scoring.visits import visit_date
from reepi.tabular.analysis import ScoredStudy
from reepi.tabular.parameters import parameter_code
from reepi.tabular.redcap_fields import (
    RECORD_ID,
    REPEAT_COLUMNS,
    Field,
    choice,
    day,
    integer,
    number,
    percent,
    yes_no,
)
from reepi.tabular.words import endpoint_label

Values = Mapping[str, str]

NON_REPEATING: Final = ("patient", "outcome")
REPEATING: Final = ("visit", "region", "endpoint", "observation", "photograph")

_SEVERITY: Final[dict[SeverityClass, str]] = {"SJS": "1", "overlap": "2", "TEN": "3"}
_STATUS: Final = {"scored": "1", "rejected": "2", "failed": "3"}
_REGION_CODES: Final = {name: str(number) for number, name in enumerate(REGIONS, start=1)}
_SHORT_TISSUE: Final = {label: label[:10] for label in AREA_LABELS}

ONCE_NUMBERS: Final = (
    "max_open_bsa",
    "time_to_50",
    "time_to_90",
    "time_to_100",
    "scorten",
    "scorten_mortality",
    "hospital_stay_days",
)
"""Numbers that a patient has once, and that people look for in a record; all others are instances of ``endpoint``."""

ONCE_ANSWERS: Final = ("eligible", "responder", "adverse_event", "sepsis", "intensive_care", "sequelae", "death")


def _patient_fields() -> Iterator[Field]:
    form = "patient"
    yield Field(RECORD_ID, form, "Patient", identifier=True, annotation="patients.csv patient_id")
    yield choice("sex", form, "Sex", (("F", "Female"), ("M", "Male")), "patients.csv sex")
    yield number("age_years", form, "Age", "years", "patients.csv age_years", "0", "120")
    yield number("height_cm", form, "Height", "cm", "patients.csv height_cm", "45", "240")
    yield number("weight_kg", form, "Weight", "kg", "patients.csv weight_kg", "2", "300")
    yield day("index_date", form, "Date of the first symptoms", "patients.csv index_date")
    yield day("day_zero_date", form, "Day zero", "patients.csv day_zero_date")
    for item in ("admission", "discharge", "death", "left_study"):
        yield day(f"{item}_date", form, endpoint_label(item), f"clinical.csv {item}")


def _outcome_fields() -> Iterator[Field]:
    form = "outcome"
    codes = tuple((code, name) for name, code in _SEVERITY.items())
    yield choice("severity_class", form, "Severity class", codes, "endpoints.csv severity_class")
    for name in ONCE_NUMBERS:
        for end, words in (("", ""), ("_low", ", lower end"), ("_high", ", upper end")):
            yield number(f"{name}{end}", form, f"{endpoint_label(name)}{words}", source=f"endpoints.csv {name}")
    for name in ONCE_ANSWERS:
        yield yes_no(name, form, endpoint_label(name), f"endpoints.csv {name}")


def _visit_fields() -> Iterator[Field]:
    form = "visit"
    yield day("visit_date", form, "Date of the visit", "areas.csv date")
    yield integer("visit_day", form, "Day since day zero", "day", "areas.csv day")
    yield integer("visit_planned_day", form, "Planned day that it answers", "day", "by the protocol's window")
    for label in AREA_LABELS:
        yield percent(f"visit_{_SHORT_TISSUE[label]}", form, f"{label}, unassessed filled in", source="areas.csv")
    for end in ("low", "high"):
        yield percent(f"visit_open_{end}", form, f"Open skin, {end} end of the 90 % interval", source="areas.csv")
    yield percent("visit_unassessed_seen", form, "Unassessed before filling in", source="areas.csv percent_bsa")
    yield percent("visit_rate", form, "Re-epithelialisation rate (primary)", "%", "endpoints.csv")
    for end in ("low", "high"):
        yield percent(f"visit_rate_{end}", form, f"Its 90 % interval, {end} end", "%", "endpoints.csv")
    yield Field("visit_source", form, "Who said what it rests on", annotation="areas.csv source")


def _region_fields() -> Iterator[Field]:
    form = "region"
    terms = tuple((code, name.replace("_", " ")) for name, code in _REGION_CODES.items())
    yield day("region_date", form, "Date of the visit", "areas.csv date")
    yield choice("region_name", form, "Region", terms, "areas.csv region")
    for label in AREA_LABELS:
        yield percent(f"region_{_SHORT_TISSUE[label]}", form, f"{label}, skin that was seen", source="areas.csv")
    yield percent("region_open_full", form, "open, unassessed filled in", source="areas.csv percent_bsa_full")


def _endpoint_fields() -> Iterator[Field]:
    form = "endpoint"
    yield Field("endpoint_name", form, "Endpoint", annotation="endpoints.csv endpoint")
    yield Field("endpoint_code", form, "Short code", annotation="PARAMCD of the analysis data set")
    yield integer("endpoint_day", form, "Day", "day", "endpoints.csv day")
    yield number("endpoint_number", form, "Value, where it is a number", source="endpoints.csv value")
    yield Field("endpoint_word", form, "Value, where it is a word", annotation="endpoints.csv value")
    yield Field("endpoint_unit", form, "Unit", annotation="endpoints.csv unit")
    yield number("endpoint_low", form, "Lower end of the interval", source="endpoints.csv low")
    yield number("endpoint_high", form, "Upper end of the interval", source="endpoints.csv high")
    yield Field("endpoint_definition", form, "How it was computed", "notes", annotation="endpoints.csv definition")
    yield Field("endpoint_source", form, "Who said what it rests on", annotation="endpoints.csv source")


def _observation_fields() -> Iterator[Field]:
    form = "observation"
    yield Field("observation_item", form, "What was observed", annotation="clinical.csv item")
    yield day("observation_date", form, "Date", "clinical.csv date")
    yield Field("observation_text", form, "Value as it was written", "notes", annotation="clinical.csv value")
    yield number("observation_number", form, "Value in the unit below", source="clinical.csv value, converted")
    yield Field("observation_unit", form, "Unit that reepi counts in", annotation="clinical.csv unit, converted")


def _photograph_fields() -> Iterator[Field]:
    form = "photograph"
    terms = tuple((code, name) for name, code in _STATUS.items())
    yield Field("photo_file", form, "Photograph", annotation="photos.csv file")
    yield day("photo_date", form, "Date", "photos.csv taken_at")
    yield Field("photo_view", form, "Declared view", annotation="photos.csv view")
    yield choice("photo_status", form, "How it ended", terms, "results photos.csv status")
    yield Field("photo_reasons", form, "Why", "notes", annotation="results photos.csv reasons")
    yield number("photo_residual_mm", form, "Predicted error of its place", "mm", "results photos.csv residual_mm")
    yield Field("photo_source", form, "Who said what it shows", annotation="results photos.csv source")


FIELDS: Final[tuple[Field, ...]] = (
    *_patient_fields(),
    *_outcome_fields(),
    *_visit_fields(),
    *_region_fields(),
    *_endpoint_fields(),
    *_observation_fields(),
    *_photograph_fields(),
)
"""All fields, in the order of the data dictionary; the first is the record's identifier."""

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
    for patient in scored.study.patients:
        record = patient.patient_id
        mine = [row for row in scored.endpoints if row.patient_id == record and row.patient_id != COHORT]
        yield Entry(record, "", 0, {**_patient(patient, scored), **_outcome(mine)})
        for instrument, instances in (
            ("visit", _visits(patient, scored, mine)),
            ("region", _regions(patient, scored)),
            ("endpoint", map(_endpoint, mine)),
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
        text = f"{value:.8f}".rstrip("0").rstrip(".")
        return "0" if text in ("-0", "") else text
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
    if severity is not None and severity.value in _SEVERITY:
        values["severity_class"] = _SEVERITY[severity.value]
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


def _by_visit(patient: Patient, scored: ScoredStudy) -> dict[date, dict[tuple[str, str], AreaRow]]:
    visits: dict[date, dict[tuple[str, str], AreaRow]] = {}
    for row in scored.areas:
        if row.patient_id == patient.patient_id:
            visits.setdefault(row.date, {})[row.region, row.tissue] = row
    return visits


def _visits(patient: Patient, scored: ScoredStudy, mine: Sequence[EndpointRow]) -> Iterator[Values]:
    visits = _by_visit(patient, scored)
    days = {when: next(iter(rows.values())).day for when, rows in visits.items()}
    known = [each for each in days.values() if each is not None]
    planned = answers(known, scored.study.visit_days, scored.study.protocol.window_days)
    of_day = {each: plan for plan, each in planned.items()}
    rates = {row.day: row for row in mine if row.endpoint == "reepithelialisation_rate" and row.day is not None}
    for when in sorted(visits):
        body = {label: visits[when][WHOLE_BODY, label] for label in AREA_LABELS}
        each = days[when]
        rate = None if each is None else rates.get(each)
        values: dict[str, object] = {
            "visit_date": when,
            "visit_day": each,
            "visit_planned_day": None if each is None else of_day.get(each),
            **{f"visit_{_SHORT_TISSUE[label]}": row.percent_bsa_full for label, row in body.items()},
            "visit_open_low": body[OPEN_LABEL].low,
            "visit_open_high": body[OPEN_LABEL].high,
            "visit_unassessed_seen": body[AREA_LABELS[-1]].percent_bsa,
            "visit_rate": None if rate is None else rate.value,
            "visit_rate_low": None if rate is None else rate.low,
            "visit_rate_high": None if rate is None else rate.high,
            "visit_source": body[OPEN_LABEL].source,
        }
        yield {name: text_of(value) for name, value in values.items()}


def _regions(patient: Patient, scored: ScoredStudy) -> Iterator[Values]:
    visits = _by_visit(patient, scored)
    for when in sorted(visits):
        for region, code in _REGION_CODES.items():
            rows = {label: visits[when][region, label] for label in AREA_LABELS}
            seen = {f"region_{_SHORT_TISSUE[label]}": text_of(row.percent_bsa) for label, row in rows.items()}
            full = text_of(rows[OPEN_LABEL].percent_bsa_full)
            yield {"region_date": text_of(when), "region_name": code, **seen, "region_open_full": full}


def _endpoint(row: EndpointRow) -> Values:
    is_number = isinstance(row.value, int | float)
    values = {
        "endpoint_name": row.endpoint,
        "endpoint_code": parameter_code(row.endpoint),
        "endpoint_day": row.day,
        "endpoint_number": float(row.value) if isinstance(row.value, int | float) else None,
        "endpoint_word": None if is_number else row.value,
        "endpoint_unit": row.unit,
        "endpoint_low": row.low,
        "endpoint_high": row.high,
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
            "photo_view": entry.view_name,
            "photo_status": _STATUS[row.status],
            "photo_reasons": row.reasons,
            "photo_residual_mm": row.residual_mm,
            "photo_source": row.source,
        }
        yield {name: text_of(value) for name, value in values.items()}
