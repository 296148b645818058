"""The instruments of the REDCap project, field by field. They are the same for every study."""

from collections.abc import Iterator
from typing import Final

from reepi.core.regions import REGIONS
from reepi.core.results import AREA_LABELS
from reepi.scoring.endpoint_titles import endpoint_title
from reepi.scoring.severity import SeverityClass
from reepi.tabular.redcap_fields import (
    RECORD_ID,
    Field,
    choice,
    day,
    integer,
    number,
    percent,
    yes_no,
)
from reepi.tabular.words import CHANGE_CODES, endpoint_label

NON_REPEATING: Final = ("patient", "outcome")
REPEATING: Final = ("visit", "region", "endpoint", "observation", "photograph")

SEVERITY_CODES: Final[dict[SeverityClass, str]] = {"SJS": "1", "overlap": "2", "TEN": "3"}
STATUS_CODES: Final = {"scored": "1", "rejected": "2", "failed": "3"}
REGION_CODES: Final = {name: str(number) for number, name in enumerate(REGIONS, start=1)}

AREA_NUMBERS: Final = (
    ("", "percent_bsa_full", "unassessed skin filled in"),
    ("_seen", "percent_bsa", "skin that was seen"),
    ("_low", "low", "lower end of the 90 % interval"),
    ("_high", "high", "upper end of the 90 % interval"),
)
"""The four numbers of a tissue: end of the field's name, column of ``areas.csv``, and what it is."""

ONCE_NUMBERS: Final = {
    "max_open_bsa": "% BSA",
    "time_to_50": "day",
    "time_to_90": "day",
    "time_to_100": "day",
    "scorten": "points",
    "scorten_mortality": "%",
    "hospital_stay_days": "days",
}
"""Numbers that a patient has once and that people look for in a record, with their units; all others are instances of
``endpoint``."""

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
    codes = tuple((code, name) for name, code in SEVERITY_CODES.items())
    yield choice("severity_class", form, "Severity class", codes, "endpoints.csv severity_class")
    for name, unit in ONCE_NUMBERS.items():
        for end, words in (("", ""), ("_low", ", lower end"), ("_high", ", upper end")):
            yield number(f"{name}{end}", form, f"{endpoint_title(name)}{words}", unit, f"endpoints.csv {name}")
    for name in ONCE_ANSWERS:
        yield yes_no(name, form, endpoint_title(name), f"endpoints.csv {name}")


def area_field(form: str, tissue: str, end: str) -> str:
    """Return the name of the field of a tissue's number, short enough for REDCap."""
    return f"{form}_{tissue[:10]}{end}"


def change_field(form: str, column: str) -> str:
    """Return the name of the field of a change."""
    return f"{form}_chg_{column}"


def _area_fields(form: str) -> Iterator[Field]:
    """Yield the fields of all numbers of ``areas.csv`` and ``changes.csv`` of one region, and who said so."""
    for label in AREA_LABELS:
        for end, column, what in AREA_NUMBERS:
            yield percent(area_field(form, label, end), form, f"{label}, {what}", source=f"areas.csv {column}")
    for column, _, meaning in CHANGE_CODES:
        yield percent(change_field(form, column), form, meaning, source=f"changes.csv {column}")
    yield Field(f"{form}_source", form, "Who said what it rests on", annotation="areas.csv source")


def _visit_fields() -> Iterator[Field]:
    form = "visit"
    yield day("visit_date", form, "Date of the visit", "areas.csv date")
    yield integer("visit_day", form, "Day since day zero", "day", "areas.csv day")
    yield integer("visit_planned_day", form, "Planned day that it answers", "day", "by the protocol's window")
    yield number("visit_rate", form, "Re-epithelialisation rate (primary)", "%", "endpoints.csv")
    for end in ("low", "high"):
        yield number(f"visit_rate_{end}", form, f"Its 90 % interval, {end} end", "%", "endpoints.csv")
    yield from _area_fields(form)


def _region_fields() -> Iterator[Field]:
    form = "region"
    terms = tuple((code, name.replace("_", " ")) for name, code in REGION_CODES.items())
    yield day("region_date", form, "Date of the visit", "areas.csv date")
    yield choice("region_name", form, "Region", terms, "areas.csv region")
    yield from _area_fields(form)


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
    yield integer("endpoint_level", form, "Level of the interval; none where its ends are bounds", "%", "definition")
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
    terms = tuple((code, name) for name, code in STATUS_CODES.items())
    yield Field("photo_file", form, "Photograph", annotation="photos.csv file")
    yield day("photo_date", form, "Date", "photos.csv taken_at")
    yield Field("photo_taken_at", form, "When it was taken, as ISO 8601", annotation="photos.csv taken_at")
    yield Field("photo_view", form, "Declared view", annotation="photos.csv view")
    yield number("photo_mm_per_px", form, "Stated scale at the skin", "mm/px", "photos.csv mm_per_px")
    yield choice("photo_status", form, "How it ended", terms, "results photos.csv status")
    yield Field("photo_reasons", form, "Why", "notes", annotation="results photos.csv reasons")
    yield number("photo_residual_mm", form, "Predicted error of its place", "mm", "results photos.csv residual_mm")
    yield number("photo_seconds", form, "Time that it took", "s", "results photos.csv seconds")
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
