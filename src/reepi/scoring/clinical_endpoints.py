"""A patient's clinical endpoints, from ``clinical.csv``: each with the day it belongs to, and why where it is empty.

What nobody wrote down is unknown, never "no".
"""

from dataclasses import replace
from datetime import date
from typing import Final

from reepi.core.clinical import MUCOSAE, ClinicalRecord, Observation
from reepi.core.results import EndpointRow
from reepi.core.study import Patient, Protocol
from reepi.scoring.clinical_dates import NO_ADMISSION, NO_DAY_ZERO, DayZero, Timeline
from reepi.scoring.intervals import Estimate
from reepi.scoring.scorten_rows import scorten_rows, without_record

NO_TABLE: Final = "not computed: the study has no clinical.csv"

NEVER_NO: Final = "what nobody wrote down is not known"

AT_LEAST: Final = "at least: clinical.csv does not say that there were no more"
"""Said of a number of events that nothing closes."""


def clinical_rows(
    patient: Patient,
    record: ClinicalRecord,
    protocol: Protocol,
    first_open: Estimate | None = None,
    first_visit: date | None = None,
    photographed: date | None = None,
    day_zero: DayZero = "infusion",
    has_table: bool = True,
) -> list[EndpointRow]:
    """Return a patient's rows of what the ward knows.

    Parameters
    ----------
    patient : Patient
        For age, index date and day zero.
    record : ClinicalRecord
        What ``clinical.csv`` says of the patient; may be empty.
    protocol : Protocol
        Boundaries, forms and days.
    first_open : Estimate, optional
        ``open_bsa`` of the patient's first assessed visit [% BSA]; SCORTEN takes it where ``clinical.csv`` has no
        ``initial_open_bsa``.
    first_visit : date, optional
        Date of that visit.
    photographed : date, optional
        Last day on which a photograph showed the patient's skin: the patient lived.
    day_zero : "infusion", "index" or "admission"
        What day 0 of the study is.
    has_table : bool
        Whether the study has a ``clinical.csv`` at all; without one there are two rows that say so.
    """
    time = Timeline(patient, record, day_zero, photographed)
    if not has_table:
        return without_record(time, NO_TABLE)
    return [
        *scorten_rows(time, protocol, first_open, first_visit),
        _stay_row(time),
        _onset_row(time),
        _delay_row(time, protocol),
        *(_mucosa_row(time, site) for site in MUCOSAE),
        _event_row(time, "sepsis", "sepsis", "sepsis at any time"),
        _event_row(time, "intensive_care", "intensive_care", "transfer to intensive care at any time"),
        _event_row(time, "sequelae", "sequela", "at least one lasting harm at any time"),
        *_adverse_event_rows(time, protocol.adverse_event_days),
        _death_row(time, protocol.death_days),
        *_chimerism_rows(time),
        *(_laboratory_row(time, each) for each in record.laboratory()),
    ]


def _row(time: Timeline, endpoint: str, unit: str, definition: str) -> EndpointRow:
    return EndpointRow(time.patient.patient_id, endpoint, None, None, None, None, unit, definition)


def _because(row: EndpointRow, why: str) -> EndpointRow:
    """Return a row whose definition goes on."""
    return replace(row, definition=f"{row.definition}; {why}")


def _stay_row(time: Timeline) -> EndpointRow:
    """Return the hospital stay; of one that had not ended when last known, low says how long it lasted at least."""
    row = _row(time, "hospital_stay_days", "days", "from the first admission to discharge or death in hospital")
    if time.admission is None:
        return _because(row, NO_ADMISSION)
    ends = [(day, what) for day, what in ((time.discharge, "discharge"), (time.record.death, "death")) if day]
    if ends:
        end, what = min(ends)
        return _because(replace(row, value=float((end - time.admission).days)), f"ended by {what} on {end}")
    why = "not computed: neither discharge nor death is known"
    inside = [each.date for each in time.record.all("discharge") if each.text == "no" and each.date is not None]
    if not inside:
        return _because(row, why)
    days = max((inside[-1] - time.admission).days, 0)
    return _because(replace(row, low=float(days)), f"{why}; low: still in hospital on {inside[-1]} (censored)")


def _onset_row(time: Timeline) -> EndpointRow:
    row = _row(time, "onset_to_admission_days", "days", "from the index date to the first admission")
    if time.admission is None:
        return _because(row, NO_ADMISSION)
    if time.patient.index_date is None:
        return _because(row, "not computed: the patient has no index date")
    days = (time.admission - time.patient.index_date).days
    row = replace(row, value=float(days))
    return _because(row, "it began in hospital") if days < 0 else row


def _delay_row(time: Timeline, protocol: Protocol) -> EndpointRow:
    row = _row(time, "infusion_delay_days", "days", "from the first admission to the infusion")
    if time.day_zero != "infusion":
        return _because(row, f"not computed: day zero of this study is not the infusion but the {time.day_zero}")
    if time.admission is None:
        return _because(row, NO_ADMISSION)
    days = time.since_admission(time.patient.day_zero_date)
    if days is None:
        return _because(row, f"{NO_DAY_ZERO}, so no infusion")
    row = replace(row, value=float(days))
    limit = protocol.infusion_within_days
    if days < 0:
        return _because(row, "the infusion lies before the admission: check the dates")
    if limit is None:
        return row
    told = "late: more than" if days > limit else "in time: within"
    return _because(row, f"{told} {limit} days")


def _mucosa_row(time: Timeline, site: str) -> EndpointRow:
    """Return the day on which a mucous membrane was seen healed for good; it healed after low and not after high."""
    definition = (
        f"first day on which the mucous membrane ({site}) was seen healed and after which it was not involved again; "
        "it healed after low (last seen involved) and not after high; days from day zero"
    )
    row = _row(time, f"mucosa_{site}_healing_days", "day", definition)
    states = time.record.all(f"mucosa_{site}")
    if not states:
        return _because(row, f"not computed: clinical.csv has no mucosa_{site}")
    involved = [each.date for each in states if each.text == "involved" and each.date is not None]
    healed = [each.date for each in states if each.text == "healed" and each.date is not None]
    if not involved and not healed:
        return _because(row, "no value: it was not involved")
    if time.patient.day_zero_date is None:
        return _because(row, NO_DAY_ZERO)
    last = max(involved, default=None)
    for_good = [day for day in healed if last is None or day > last]
    row = replace(row, low=_number(time.day(last)))
    if for_good:
        day = _number(time.day(min(for_good)))
        return replace(row, value=day, high=day)
    died = f"; the patient died on day {time.day(time.record.death)}" if time.record.death else ""
    return _because(row, f"not seen healed{died}")


def _number(day: int | None) -> float | None:
    return None if day is None else float(day)


def _event_row(time: Timeline, endpoint: str, item: str, what: str) -> EndpointRow:
    """Return whether something happened, on the day on which it first did.

    A dated "no" tells that there was none up to its day: it is an answer for all time only where it reaches the end of
    the patient's time (`Timeline.end`), so that nothing is known of the patient after it.
    """
    row = _row(time, endpoint, "yes/no", what)
    found = [each for each in time.record.all(item) if each.text != "no"]
    if found:
        row = replace(row, day=time.day(found[0].date), value="yes")
        return _because(row, ", ".join(_told(time, each) for each in found))
    until = _denied_until(time, item)
    if until is None:
        return _because(row, f"not computed: clinical.csv has no {item}; {NEVER_NO}")
    if until == date.max or (time.end is not None and until >= time.end):
        return replace(row, value="no")
    known = f"none is known up to {_when(time, until)} alone, which is not the end of what is known of the patient"
    return _because(row, f"not computed: {known}; a no without a date speaks of all days")


def _denied_until(time: Timeline, item: str) -> date | None:
    """Return the day up to which there was none of something, by its lines; `date.max` where one speaks of all days."""
    denied = (each.date or date.max for each in time.record.all(item) if each.text == "no")
    return max(denied, default=None)


def _when(time: Timeline, on: date) -> str:
    """Return a date in words: by its day where day zero is known."""
    day = time.day(on)
    return str(on) if day is None else f"day {day}"


def _told(time: Timeline, event: Observation) -> str:
    term = event.text if event.text != "yes" else event.item.replace("_", " ")
    return f"{term} ({_when(time, event.date)})" if event.date is not None else f"{term} (without a date)"


def _adverse_event_rows(time: Timeline, days: int) -> list[EndpointRow]:
    """Return whether there was an adverse event from day zero to the protocol's day, and how many are known."""
    window = f"day 0 to day {days} after day zero (what began before day zero does not count)"
    any_row = replace(_row(time, "adverse_event", "yes/no", f"at least one adverse event, {window}"), day=days)
    count_row = replace(_row(time, "adverse_events", "events", f"adverse events, {window}"), day=days)
    if time.patient.day_zero_date is None:
        return [_because(any_row, NO_DAY_ZERO), _because(count_row, NO_DAY_ZERO)]
    events = [each for each in time.record.all("adverse_event") if each.text != "no"]
    counted = [each for each in events if (day := time.day(each.date)) is not None and 0 <= day <= days]
    why = _why_unknown(time, days)
    if counted:
        terms = ", ".join(_told(time, each) for each in counted)
        number = terms if why is None else f"{AT_LEAST}; {terms}"
        return [
            _because(replace(any_row, value="yes"), terms),
            _because(replace(count_row, value=float(len(counted))), number),
        ]
    if why is None:
        return [replace(any_row, value="no"), replace(count_row, value=0.0)]
    return [_because(any_row, why), _because(count_row, why)]


def _why_unknown(time: Timeline, days: int) -> str | None:
    """Return why it is not known that there was no adverse event but those told; None where it is."""
    denied, death = _denied_until(time, "adverse_event"), time.day(time.record.death)
    if denied == date.max:
        return None
    died = f" The patient died on day {death}: a death counts here only if a line says so." if death is not None else ""
    if denied is None:
        return f"not computed: clinical.csv has no adverse_event of these days; {NEVER_NO}.{died}".rstrip(".")
    until = time.day(denied)
    needed = days if death is None else min(days, death)
    if until is not None and until >= needed:
        return None
    return f"not computed: none is known up to day {until} alone.{died}".rstrip(".")


def _death_row(time: Timeline, days: int) -> EndpointRow:
    row = replace(_row(time, "death", "yes/no", f"died of any cause up to day {days} after day zero"), day=days)
    death, day = time.record.death, time.day(time.record.death)
    if time.patient.day_zero_date is None:
        return _because(row, f"{NO_DAY_ZERO}; died on {death}" if death else NO_DAY_ZERO)
    if day is not None:
        if day <= days:
            return _because(replace(row, day=day, value="yes"), f"died on day {day}")
        return _because(replace(row, value="no"), f"died later, on day {day}")
    last = time.day(time.last_contact)
    if last is not None and last >= days:
        return _because(replace(row, value="no"), f"known until day {last}")
    until = f"nothing is known after day {last}" if last is not None else "nothing is known of the patient"
    return _because(row, f"not computed: {until}")


def _chimerism_rows(time: Timeline) -> list[EndpointRow]:
    row = _row(time, "chimerism_percent", "%", "cells of the donor in healed epidermis (skin biopsy); described only")
    found = [each for each in time.record.all("chimerism") if each.number is not None]
    if not found:
        return [_because(row, "not computed: clinical.csv has no chimerism")]
    return [_dated(time, replace(row, value=each.number), each) for each in found]


def _laboratory_row(time: Timeline, observation: Observation) -> EndpointRow:
    """Return one laboratory value; one beyond what can be measured stands as it was written."""
    row = _row(time, observation.item, observation.unit, "laboratory value, as written; described only")
    return _dated(
        time, replace(row, value=observation.text if observation.number is None else observation.number), observation
    )


def _dated(time: Timeline, row: EndpointRow, observation: Observation) -> EndpointRow:
    """Return a row with the day of an observation; without a day the definition names the date."""
    row = replace(row, day=time.day(observation.date))
    if row.day is not None:
        return row
    return _because(row, f"on {observation.date}" if observation.date else "without a date")
