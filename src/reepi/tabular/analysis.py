"""The analysis data sets: subjects, areas, changes, endpoints, cohort, clinical observations and photographs.

Names follow CDISC's Analysis Data Model (ADaM 2.1, basic data structure; ADaMIG 1.3), where it has one for the same
thing. It is not validated against ADaM: there is no define.xml, and study days count day zero as 0 in ``ADAY`` (as the
trial does) beside CDISC's ``ADY``, in which the day of reference is 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from reepi.core.results import COHORT, AreaRow, ChangeRow, EndpointRow, PhotoRow
from reepi.core.study import Patient, Study
from reepi.scoring.planned import answers
from reepi.scoring.visits import day_number, visit_date
from reepi.tabular.dataset import Cell, DataSet, Variable, data_set
from reepi.tabular.parameters import parameter_codes
from reepi.tabular.words import AREAS, SEXES, STATUSES, TISSUES, YES_NO, endpoint_label

PATIENT_LEVEL: Final = 90
"""Level of the intervals of patients' numbers [%]."""

COHORT_LEVEL: Final = 95
"""Level of the intervals of the cohort's numbers [%]."""

_STUDY: Final = Variable("STUDYID", "Study identifier", "text", source="study.toml name")
_SUBJECT: Final = Variable("USUBJID", "Unique subject identifier", "text", source="STUDYID and SUBJID")
_PATIENT: Final = Variable("SUBJID", "Subject identifier in the study", "text", source="patients.csv patient_id")
_DATE: Final = Variable("ADT", "Analysis date", "date", source="date of the visit")
_ADAY: Final = Variable("ADAY", "Study day, day zero is 0", "integer", source="day", remark="Not in CDISC")
_ADY: Final = Variable("ADY", "Study day of CDISC, day zero is 1", "integer", source="day")
_VISIT: Final = Variable("AVISIT", "Planned visit that this one answers", "text", remark="By the protocol's window")
_VISITN: Final = Variable("AVISITN", "Planned visit (day), number", "integer", remark="By the protocol's window")
_LOW: Final = Variable("CILO", "Lower end of the interval", "number", source="low", remark="Not in CDISC")
_HIGH: Final = Variable("CIHI", "Upper end of the interval", "number", source="high", remark="Not in CDISC")
_LEVEL: Final = Variable("CILEV", "Level of the interval", "integer", "%", remark="Not in CDISC")
_ORIGIN: Final = Variable("SRCREAD", "Who said what the number rests on", "text", source="source")

_WHO: Final = (_STUDY, _SUBJECT, _PATIENT)
_WHEN: Final = (_ADAY, _ADY, _VISIT, _VISITN)


@dataclass(frozen=True)
class ScoredStudy:
    """What an export is made of.

    Parameters
    ----------
    study : Study
        The study.
    areas, endpoints, changes, photos
        Rows of its results; no changes of a study that was scored before there were any.
    """

    study: Study
    areas: Sequence[AreaRow]
    endpoints: Sequence[EndpointRow]
    photos: Sequence[PhotoRow]
    changes: Sequence[ChangeRow] = ()


def analysis_data_sets(scored: ScoredStudy) -> list[DataSet]:
    """Return the analysis data sets of a scored study; those without rows are left out."""
    sets = [
        subjects(scored),
        areas(scored),
        changes(scored),
        endpoints(scored),
        cohort(scored),
        observations(scored),
        photographs(scored),
    ]
    return [each for each in sets if each.rows]


def subjects(scored: ScoredStudy) -> DataSet:
    """Return one row a patient: ADSL."""
    variables = (
        *_WHO,
        Variable("SEX", "Sex", "text", codelist=SEXES, source="patients.csv sex"),
        Variable("AGE", "Age", "number", "years", source="patients.csv age_years"),
        Variable("HEIGHT", "Height", "number", "cm", source="patients.csv height_cm"),
        Variable("WEIGHT", "Weight", "number", "kg", source="patients.csv weight_kg"),
        Variable("BSADB", "Body surface area by Du Bois", "number", "m2", remark="Du Bois & Du Bois 1916"),
        Variable("ONSETDT", "Date of the first symptoms", "date", source="patients.csv index_date"),
        Variable("REFDT", "Day zero", "date", source="patients.csv day_zero_date"),
        Variable("ADMITDT", "Date of admission", "date", source="clinical.csv admission"),
        Variable("DISCHDT", "Date of discharge alive", "date", source="clinical.csv discharge"),
        Variable("DTHDT", "Date of death", "date", source="clinical.csv death"),
        Variable("DTHFL", "Died", "text", codelist=YES_NO, source="clinical.csv death", remark="Y or empty, as CDISC"),
        Variable("LEFTDT", "Date on which the study was left", "date", source="clinical.csv left_study"),
    )
    rows = []
    for patient in scored.study.patients:
        record = scored.study.record(patient.patient_id)
        rows.append(
            (
                *_who(scored, patient.patient_id),
                patient.sex,
                float(patient.age_years),
                float(patient.height_cm),
                float(patient.weight_kg),
                round(patient.du_bois_area_m2, 4),
                patient.index_date,
                patient.day_zero_date,
                record.admission,
                record.discharge,
                record.death,
                "Y" if record.death else None,
                record.left_study,
            )
        )
    return data_set("adsl", "Subjects", ("USUBJID",), variables, rows)


def areas(scored: ScoredStudy) -> DataSet:
    """Return one row a patient, visit, region and tissue: the whole of ``areas.csv``."""
    variables = (
        *_WHO,
        _DATE,
        *_WHEN,
        Variable("REGION", "Region of the body", "text", codelist=AREAS, source="areas.csv region"),
        Variable("TISSUE", "Tissue", "text", codelist=TISSUES, source="areas.csv tissue"),
        Variable("AVAL", "Area, unassessed skin filled in", "number", "% BSA", source="areas.csv percent_bsa_full"),
        Variable("AVALSEEN", "Area of the skin that was seen", "number", "% BSA", source="areas.csv percent_bsa"),
        _LOW,
        _HIGH,
        _LEVEL,
        _ORIGIN,
    )
    planned = _planned_days(scored)
    rows = (
        (
            *_who(scored, row.patient_id),
            row.date,
            *_when(row.day, planned.get(row.patient_id, {})),
            row.region,
            row.tissue,
            row.percent_bsa_full,
            row.percent_bsa,
            row.low,
            row.high,
            PATIENT_LEVEL,
            row.source or None,
        )
        for row in scored.areas
    )
    return data_set(
        "adbsa", "Areas by visit, region and tissue", ("USUBJID", "ADT", "REGION", "TISSUE"), variables, rows
    )


def changes(scored: ScoredStudy) -> DataSet:
    """Return one row a patient, visit, region and kind of change: ``changes.csv``, long."""
    kinds = (
        ("new_detachment", "NEWDET", "New detachment"),
        ("first_seen_open", "FIRSTOPE", "Open, never assessed before"),
        ("healed", "HEALED", "Healed since it was last assessed"),
        ("relapse", "RELAPSE", "Open again after it had healed"),
        ("exchanged", "EXCHANGE", "In balance within the mapping's error"),
    )
    variables = (
        *_WHO,
        _DATE,
        *_WHEN,
        Variable("REGION", "Region of the body", "text", codelist=AREAS, source="changes.csv region"),
        Variable("PARAMCD", "Change, short", "text", source="changes.csv columns"),
        Variable("PARAM", "Change", "text", source="changes.csv columns"),
        Variable("AVAL", "Area", "number", "% BSA", source="changes.csv"),
        _ORIGIN,
    )
    planned = _planned_days(scored)
    rows = (
        (
            *_who(scored, row.patient_id),
            row.date,
            *_when(row.day, planned.get(row.patient_id, {})),
            row.region,
            code,
            label,
            getattr(row, column),
            row.source or None,
        )
        for row in scored.changes
        for column, code, label in kinds
    )
    key = ("USUBJID", "ADT", "REGION", "PARAMCD")
    return data_set("adchg", "Followed skin: changes since visits before", key, variables, rows)


_VALUES: Final = (
    Variable("PARAMCD", "Endpoint, short", "text", remark="Follows from ENDPOINT alone; see codelists.csv"),
    Variable("PARAM", "Endpoint in words", "text"),
    Variable("ENDPOINT", "Endpoint as reepi names it", "text", source="endpoints.csv endpoint"),
    Variable("SEQ", "Number of the row in its endpoint", "integer", remark="From 1, in the order of endpoints.csv"),
    Variable("AVAL", "Value, where it is a number", "number", source="endpoints.csv value"),
    Variable("AVALC", "Value, where it is a word", "text", source="endpoints.csv value"),
    Variable("AVALU", "Unit of value and interval", "text", source="endpoints.csv unit"),
    _LOW,
    _HIGH,
    _LEVEL,
    Variable("DEFN", "How the value was computed", "text", source="endpoints.csv definition"),
    _ORIGIN,
)


def endpoints(scored: ScoredStudy) -> DataSet:
    """Return one row a patient, endpoint and day: the patients' rows of ``endpoints.csv``."""
    planned, days = _planned_days(scored), {p.patient_id: p for p in scored.study.patients}
    mine = [row for row in scored.endpoints if row.patient_id != COHORT]
    variables = (*_WHO, _DATE, *_WHEN, *_VALUES)
    rows = (
        (
            *_who(scored, row.patient_id),
            _day_date(days.get(row.patient_id), row.day),
            *_when(row.day, planned.get(row.patient_id, {})),
            *values,
        )
        for row, values in _values(scored, mine, PATIENT_LEVEL)
    )
    return data_set("adeff", "Endpoints of the patients", ("USUBJID", "PARAMCD", "SEQ"), variables, rows)


def cohort(scored: ScoredStudy) -> DataSet:
    """Return one row an endpoint and day of the cohort."""
    mine = [row for row in scored.endpoints if row.patient_id == COHORT]
    rows = ((scored.study.name, row.day, *values) for row, values in _values(scored, mine, COHORT_LEVEL))
    return data_set("adcoh", "Endpoints of the cohort", ("PARAMCD", "SEQ"), (_STUDY, _ADAY, *_VALUES), rows)


def observations(scored: ScoredStudy) -> DataSet:
    """Return one row a line of ``clinical.csv``."""
    variables = (
        *_WHO,
        _DATE,
        _ADAY,
        _ADY,
        Variable("ITEM", "What was observed", "text", source="clinical.csv item"),
        Variable("SEQ", "Number of the line of the patient", "integer"),
        Variable("AVAL", "Value, where it is measured", "number", source="clinical.csv value", remark="In AVALU"),
        Variable("AVALC", "Value as it was written", "text", source="clinical.csv value"),
        Variable("AVALU", "Unit that reepi counts in", "text", source="clinical.csv unit, converted"),
    )
    rows = []
    for patient in scored.study.patients:
        for number, each in enumerate(scored.study.record(patient.patient_id).observations, start=1):
            day = None if each.date is None else day_number(each.date, patient.day_zero_date)
            who = _who(scored, patient.patient_id)
            words = (each.item, number, each.number, each.text or None, each.unit or None)
            rows.append((*who, each.date, day, _cdisc_day(day), *words))
    return data_set("adclin", "Clinical observations", ("USUBJID", "SEQ"), variables, rows)


def photographs(scored: ScoredStudy) -> DataSet:
    """Return one row a photograph: how it ended, and why."""
    variables = (
        *_WHO,
        Variable("FILE", "Photograph", "text", source="photos.csv file"),
        _DATE,
        _ADAY,
        _ADY,
        Variable("VIEW", "Declared view", "text", source="photos.csv view"),
        Variable("STATUS", "How it ended", "text", codelist=STATUSES, source="results photos.csv status"),
        Variable("REASON", "Why, or what to know about it", "text", source="results photos.csv reasons"),
        Variable("RESIDUAL", "Predicted error of its place", "number", "mm", source="results photos.csv residual_mm"),
        _ORIGIN,
    )
    entries = {entry.file: entry for entry in scored.study.photos}
    zero = {patient.patient_id: patient.day_zero_date for patient in scored.study.patients}
    rows = []
    for row in scored.photos:
        entry = entries.get(row.file)
        if entry is None:
            continue
        when = visit_date(entry.taken_at)
        day = day_number(when, zero[entry.patient_id])
        who = _who(scored, entry.patient_id)
        words = (entry.view_name, row.status, row.reasons or None, row.residual_mm, row.source or None)
        rows.append((*who, row.file, when, day, _cdisc_day(day), *words))
    return data_set("adphoto", "Photographs", ("FILE",), variables, rows)


def _who(scored: ScoredStudy, patient_id: str) -> tuple[str, str, str]:
    return scored.study.name, f"{scored.study.name}-{patient_id}", patient_id


def _when(day: int | None, planned: dict[int, int]) -> tuple[Cell, ...]:
    """Return the four cells of a day: the trial's, CDISC's, and the planned visit that it answers."""
    visit = None if day is None else planned.get(day)
    return day, _cdisc_day(day), None if visit is None else f"Day {visit}", visit


def _cdisc_day(day: int | None) -> int | None:
    """Return a study day as CDISC counts it: there is no day 0, day zero is 1 (SDTMIG 3.3, 4.4.4)."""
    return None if day is None else day + (day >= 0)


def _day_date(patient: Patient | None, day: int | None) -> date | None:
    if patient is None or patient.day_zero_date is None or day is None:
        return None
    return patient.day_zero_date + timedelta(day)


def _planned_days(scored: ScoredStudy) -> dict[str, dict[int, int]]:
    """Return, for each patient, the planned day that each visit's day answers."""
    days: dict[str, set[int]] = {}
    for row in scored.areas:
        if row.day is not None:
            days.setdefault(row.patient_id, set()).add(row.day)
    window, planned = scored.study.protocol.window_days, scored.study.visit_days
    return {
        patient_id: {day: visit for visit, day in answers(sorted(mine), planned, window).items()}
        for patient_id, mine in days.items()
    }


def _values(
    scored: ScoredStudy, rows: Sequence[EndpointRow], level: int
) -> Iterable[tuple[EndpointRow, tuple[Cell, ...]]]:
    """Yield rows of endpoints with the cells of `_VALUES`."""
    codes = parameter_codes(dict.fromkeys(row.endpoint for row in scored.endpoints))
    count: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row.patient_id, row.endpoint
        count[key] = count.get(key, 0) + 1
        has_interval = row.low is not None or row.high is not None
        number = float(row.value) if isinstance(row.value, int | float) else None
        word = row.value if isinstance(row.value, str) else None
        yield (
            row,
            (
                codes[row.endpoint],
                endpoint_label(row.endpoint),
                row.endpoint,
                count[key],
                number,
                word,
                row.unit or None,
                row.low,
                row.high,
                level if has_interval else None,
                row.definition,
                row.source or None,
            ),
        )
