"""The analysis data sets: subjects, areas, changes, endpoints, cohort, clinical observations and photographs.

Names follow CDISC's Analysis Data Model (ADaM 2.1, basic data structure; ADaMIG 1.3), where it has one for the same
thing. It is not validated against ADaM: there is no define.xml, and study days count day zero as 0 in ``ADAY`` (as the
trial does) beside CDISC's ``ADY``, in which the day of reference is 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Final

from reepi.core.regions import WHOLE_BODY
from reepi.core.results import COHORT, UNASSESSED_LABEL, AreaRow, ChangeRow, EndpointRow, PhotoRow
from reepi.core.study import Study
from reepi.scoring.intervals import ROUNDING
from reepi.scoring.levels import AREA_LEVEL, interval_level
from reepi.scoring.planned import PLANNED_VISIT, answering_visits
from reepi.scoring.rate_rows import answering_rates
from reepi.scoring.responder import RESPONDER_DAY
from reepi.scoring.story import date_of
from reepi.scoring.visits import day_number, visit_date
from reepi.tabular.dataset import Cell, DataSet, Variable, data_set
from reepi.tabular.parameters import parameter_codes
from reepi.tabular.words import (
    AREAS,
    CHANGE_CODES,
    CHANGES,
    SEXES,
    STATUSES,
    TISSUE_CODES,
    TISSUE_MEANINGS,
    TISSUE_PARAMETERS,
    TISSUES,
    YES_NO,
    endpoint_label,
)

RESPONDER: Final = "responder"

OF_PLANNED_DAYS: Final = (PLANNED_VISIT, "reepithelialisation_rate_planned", RESPONDER)
"""Endpoints whose day is a planned one, on which there may have been no visit."""

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
_LEVEL: Final = Variable(
    "CILEV",
    "Level of the interval",
    "integer",
    "%",
    remark="Empty where CILO and CIHI are bounds, see DEFN",
)
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

    @cached_property
    def by_patient(self) -> dict[str, list[EndpointRow]]:
        """Endpoints of each patient, and of the cohort."""
        rows: dict[str, list[EndpointRow]] = {}
        for row in self.endpoints:
            rows.setdefault(row.patient_id, []).append(row)
        return rows

    @cached_property
    def unassessed(self) -> frozenset[tuple[str, date]]:
        """Patient and date of the visits at which no skin was assessed: their areas are filled in from nothing."""
        return frozenset(
            (row.patient_id, row.date)
            for row in self.areas
            if (row.region, row.tissue) == (WHOLE_BODY, UNASSESSED_LABEL) and row.percent_bsa >= 100 - ROUNDING
        )

    def is_told(self, row: AreaRow) -> bool:
        """Return whether an area with unassessed skin filled in says anything."""
        return row.tissue == UNASSESSED_LABEL or (row.patient_id, row.date) not in self.unassessed

    @property
    def codes(self) -> dict[str, str]:
        """Short code of each endpoint, in the order in which they come."""
        return parameter_codes(row.endpoint for row in self.endpoints)


DATA_SETS: Final = ("adsl", "adbsa", "adchg", "adeff", "adcoh", "adclin", "adphoto")
"""Names of the data sets, in their order."""


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
        Variable("AGEU", "Unit of the age", "text", remark="YEARS, as CDISC"),
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
                "YEARS",
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
    """Return one row a patient, visit, region and tissue: the whole of ``areas.csv``.

    Where no skin was assessed at a visit, only what was seen and what is unassessed has numbers.
    """
    variables = (
        *_WHO,
        _DATE,
        *_WHEN,
        Variable("REGION", "Region of the body", "text", codelist=AREAS, source="areas.csv region"),
        Variable("TISSUE", "Tissue", "text", codelist=TISSUES, source="areas.csv tissue"),
        Variable("PARAMCD", "Tissue, short", "text", codelist=TISSUE_PARAMETERS, source="areas.csv tissue"),
        Variable("PARAM", "Tissue in words", "text", source="areas.csv tissue"),
        Variable(
            "AVAL",
            "Area, unassessed skin filled in",
            "number",
            "% BSA",
            source="areas.csv percent_bsa_full",
            remark="Empty where the visit shows no skin",
        ),
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
            TISSUE_CODES[row.tissue],
            TISSUE_MEANINGS[row.tissue],
            row.percent_bsa_full if scored.is_told(row) else None,
            row.percent_bsa,
            *((row.low, row.high, AREA_LEVEL) if scored.is_told(row) else (None, None, None)),
            row.source or None,
        )
        for row in scored.areas
    )
    return data_set(
        "adbsa", "Areas by visit, region and tissue", ("USUBJID", "ADT", "REGION", "TISSUE"), variables, rows
    )


def changes(scored: ScoredStudy) -> DataSet:
    """Return one row a patient, visit, region and kind of change: ``changes.csv``, long."""
    variables = (
        *_WHO,
        _DATE,
        *_WHEN,
        Variable("REGION", "Region of the body", "text", codelist=AREAS, source="changes.csv region"),
        Variable("PARAMCD", "Change, short", "text", codelist=CHANGES, source="changes.csv columns"),
        Variable("PARAM", "Change", "text", source="changes.csv columns"),
        Variable(
            "AVAL",
            "Area",
            "number",
            "% BSA",
            source="changes.csv",
            remark="Empty where none of the region was assessed",
        ),
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
            meaning,
            getattr(row, column),
            row.source or None,
        )
        for row in scored.changes
        for column, code, meaning in CHANGE_CODES
    )
    key = ("USUBJID", "ADT", "REGION", "PARAMCD")
    return data_set("adchg", "Followed skin: changes since visits before", key, variables, rows)


_ROW_DATE: Final = replace(
    _DATE,
    source="endpoints.csv day, or the visit in its definition",
    remark="Of a planned day that of the visit which answers it, or of a death by then",
)

_VALUES: Final = (
    Variable("PARAMCD", "Endpoint, short", "text", remark="Follows from ENDPOINT; see PARAMCD of codelists.csv"),
    Variable("PARAM", "Endpoint in words", "text"),
    Variable("ENDPOINT", "Endpoint as reepi names it", "text", source="endpoints.csv endpoint"),
    Variable("ASEQ", "Number of the row in its endpoint", "integer", remark="From 1, in the order of endpoints.csv"),
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
    planned, zero, rated = _planned_days(scored), _days_zero(scored), _rate_days(scored)
    mine = [row for row in scored.endpoints if row.patient_id != COHORT]
    variables = (*_WHO, _ROW_DATE, *_WHEN, *_VALUES)
    rows = (
        (
            *_who(scored, row.patient_id),
            *_dated(
                row,
                zero.get(row.patient_id),
                planned.get(row.patient_id, {}),
                rated.get(row.patient_id, {}),
                scored.study.record(row.patient_id).death,
            ),
            *values,
        )
        for row, values in _values(scored, mine)
    )
    return data_set("adeff", "Endpoints of the patients", ("USUBJID", "PARAMCD", "ASEQ"), variables, rows)


def cohort(scored: ScoredStudy) -> DataSet:
    """Return one row an endpoint and day of the cohort."""
    mine = [row for row in scored.endpoints if row.patient_id == COHORT]
    rows = ((scored.study.name, row.day, *values) for row, values in _values(scored, mine))
    return data_set("adcoh", "Endpoints of the cohort", ("PARAMCD", "ASEQ"), (_STUDY, _ADAY, *_VALUES), rows)


def observations(scored: ScoredStudy) -> DataSet:
    """Return one row a line of ``clinical.csv``."""
    variables = (
        *_WHO,
        _DATE,
        _ADAY,
        _ADY,
        Variable("PARAMCD", "What was observed, short", "text", remark="See ITEMCD of codelists.csv"),
        Variable("PARAM", "What was observed, in words", "text"),
        Variable("ITEM", "What was observed, as in the file", "text", source="clinical.csv item"),
        Variable("ASEQ", "Number of the line of the patient", "integer"),
        Variable("AVAL", "Value, where it is measured", "number", source="clinical.csv value", remark="In AVALU"),
        Variable("AVALC", "Value as it was written", "text", source="clinical.csv value"),
        Variable("AVALU", "Unit that reepi counts in", "text", source="clinical.csv unit, converted"),
    )
    codes = item_codes(scored)
    rows = []
    for patient in scored.study.patients:
        for number, each in enumerate(scored.study.record(patient.patient_id).observations, start=1):
            day = None if each.date is None else day_number(each.date, patient.day_zero_date)
            who = _who(scored, patient.patient_id)
            item = (codes[each.item], endpoint_label(each.item), each.item, number)
            words = (*item, each.number, each.text or None, each.unit or None)
            rows.append((*who, each.date, day, _cdisc_day(day), *words))
    return data_set("adclin", "Clinical observations", ("USUBJID", "ASEQ"), variables, rows)


def item_codes(scored: ScoredStudy) -> dict[str, str]:
    """Return the short code of each item that was observed, in the order in which they come."""
    records = (scored.study.record(patient.patient_id) for patient in scored.study.patients)
    return parameter_codes(each.item for record in records for each in record.observations)


def photographs(scored: ScoredStudy) -> DataSet:
    """Return one row a photograph: how it ended, and why."""
    variables = (
        *_WHO,
        Variable("FILE", "Photograph", "text", source="photos.csv file"),
        _DATE,
        Variable("ADTMC", "When it was taken, as ISO 8601", "text", source="photos.csv taken_at"),
        _ADAY,
        _ADY,
        Variable("VIEW", "Declared view", "text", source="photos.csv view"),
        Variable("MMPERPX", "Stated scale at the skin", "number", "mm/px", source="photos.csv mm_per_px"),
        Variable("STATUS", "How it ended", "text", codelist=STATUSES, source="results photos.csv status"),
        Variable("REASON", "Why, or what to know about it", "text", source="results photos.csv reasons"),
        Variable("RESIDUAL", "Predicted error of its place", "number", "mm", source="results photos.csv residual_mm"),
        Variable("SECONDS", "Time that it took", "number", "s", source="results photos.csv seconds"),
        _ORIGIN,
    )
    entries = {entry.file: entry for entry in scored.study.photos}
    zero = _days_zero(scored)
    rows = []
    for row in scored.photos:
        entry = entries[row.file]
        when = visit_date(entry.taken_at)
        day = day_number(when, zero[entry.patient_id])
        who = (*_who(scored, entry.patient_id), row.file, when, entry.taken_at.isoformat(), day, _cdisc_day(day))
        ended = (row.status, row.reasons or None, row.residual_mm, row.seconds, row.source or None)
        rows.append((*who, entry.view_name, entry.mm_per_px, *ended))
    return data_set("adphoto", "Photographs", ("FILE",), variables, rows)


def _who(scored: ScoredStudy, patient_id: str) -> tuple[str, str, str]:
    return scored.study.name, f"{scored.study.name}-{patient_id}", patient_id


def _days_zero(scored: ScoredStudy) -> dict[str, date | None]:
    return {patient.patient_id: patient.day_zero_date for patient in scored.study.patients}


def _dated(
    row: EndpointRow, day_zero: date | None, planned: dict[int, int], rated: dict[int, int], death: date | None
) -> tuple[Cell, ...]:
    """Return date and the cells of `_when` of an endpoint: of a planned day, those of the day that answers it."""
    if row.endpoint not in OF_PLANNED_DAYS:
        return date_of(row, day_zero), *_when(row.day, planned)
    answered = planned if row.endpoint == PLANNED_VISIT else rated
    day = _answering_day(row, answered, None if death is None else day_number(death, day_zero))
    when = None if day is None else date_of(replace(row, day=day), day_zero)
    return when, day, _cdisc_day(day), None if row.day is None else f"Day {row.day}", row.day


def _answering_day(row: EndpointRow, answered: dict[int, int], death: int | None) -> int | None:
    """Return the day that answers a planned one: of its visit, or of the death for which a patient is no responder."""
    if row.endpoint == RESPONDER and row.value == "no" and death is not None and death <= RESPONDER_DAY:
        return death
    return next((visit for visit, planned in answered.items() if planned == row.day), None)


def _when(day: int | None, planned: dict[int, int]) -> tuple[Cell, ...]:
    """Return the four cells of a day: the trial's, CDISC's, and the planned visit that it answers."""
    visit = None if day is None else planned.get(day)
    return day, _cdisc_day(day), None if visit is None else f"Day {visit}", visit


def _cdisc_day(day: int | None) -> int | None:
    """Return a study day as CDISC counts it: there is no day 0, day zero is 1 (SDTMIG 3.3, 4.4.4)."""
    return None if day is None else day + (day >= 0)


def _planned_days(scored: ScoredStudy) -> dict[str, dict[int, int]]:
    """Return, for each patient, the planned day that each visit's day answers, as the results say."""
    return {
        patient_id: {day: planned for planned, day in answering_visits(mine).items()}
        for patient_id, mine in scored.by_patient.items()
    }


def _rate_days(scored: ScoredStudy) -> dict[str, dict[int, int]]:
    """Return, for each patient, the planned day that the rate of each visit's day answers, as the results say."""
    return {
        patient.patient_id: {
            day: planned
            for planned, day in answering_rates(
                scored.study, patient, scored.by_patient.get(patient.patient_id, ())
            ).items()
        }
        for patient in scored.study.patients
    }


def _values(scored: ScoredStudy, rows: Sequence[EndpointRow]) -> Iterable[tuple[EndpointRow, tuple[Cell, ...]]]:
    """Yield rows of endpoints with the cells of `_VALUES`."""
    codes = scored.codes
    count: dict[tuple[str, str], int] = {}
    for row in rows:
        key = row.patient_id, row.endpoint
        count[key] = count.get(key, 0) + 1
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
                interval_level(row),
                row.definition,
                row.source or None,
            ),
        )
