"""The patients of a cohort with their rows: who counts, who does not and why, and how both are told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Final

from reepi.core.clinical import ClinicalRecord
from reepi.core.results import COHORT, EndpointRow
from reepi.core.study import Patient, Study
from reepi.core.surface import Origin
from reepi.scoring.clinical_dates import Timeline
from reepi.scoring.definitions import NOTHING_ASSESSED, NOTHING_TO_HEAL
from reepi.scoring.statistic import Statistic

MOST_NAMED: Final = 8
"""So many patients are named in a definition; more are counted."""

LEAST_OF_COHORT: Final = 2
"""One patient is no cohort: its own rows say everything."""

_COUNTED: Final = {True: "infused patients", False: "patients with a day zero"}


@dataclass(frozen=True, eq=False)
class CohortPatient:
    """One patient of the cohort.

    Parameters
    ----------
    patient : Patient
        Who.
    time : Timeline
        Dates of admission, discharge and death.
    rows : tuple of EndpointRow
        All endpoints of the patient.
    """

    patient: Patient
    time: Timeline
    rows: tuple[EndpointRow, ...] = ()

    @property
    def patient_id(self) -> str:
        """Identifier of the patient."""
        return self.patient.patient_id

    @property
    def record(self) -> ClinicalRecord:
        """What ``clinical.csv`` says of the patient."""
        return self.time.record

    @property
    def death_day(self) -> int | None:
        """Day of death."""
        return self.time.day(self.record.death)

    @property
    def end_day(self) -> int | None:
        """Day of death or of leaving the study, the earlier one."""
        days = [self.time.day(each) for each in (self.record.death, self.record.left_study)]
        return min((day for day in days if day is not None), default=None)

    @property
    def never_open(self) -> bool:
        """Whether skin was assessed and never found open, so that there is nothing to heal; see `Story.never_open`."""
        end = inf if self.end_day is None else self.end_day
        known = [row for row in self.all("reepithelialisation_rate") if row.day is None or row.day <= end]
        rates = [row for row in known if NOTHING_ASSESSED not in row.definition]
        healthy = [any(why in row.definition for why in NOTHING_TO_HEAL) for row in rates if row.value is None]
        return bool(rates) and len(healthy) == len(rates) and all(healthy)

    def all(self, endpoint: str) -> tuple[EndpointRow, ...]:
        """Return the rows of an endpoint."""
        return tuple(self._by_endpoint.get(endpoint, ()))

    def row(self, endpoint: str) -> EndpointRow | None:
        """Return the first row of an endpoint."""
        return next(iter(self.all(endpoint)), None)

    @cached_property
    def _by_endpoint(self) -> dict[str, list[EndpointRow]]:
        found: dict[str, list[EndpointRow]] = {}
        for row in self.rows:
            found.setdefault(row.endpoint, []).append(row)
        return found

    def number(self, endpoint: str) -> float | None:
        """Return the value of an endpoint that is a number."""
        row = self.row(endpoint)
        return None if row is None or row.value is None or isinstance(row.value, str) else float(row.value)

    def answer(self, endpoint: str) -> bool | None:
        """Return whether an endpoint of yes or no is yes; None where it is not known."""
        row = self.row(endpoint)
        return {"yes": True, "no": False}.get(str(row.value)) if row is not None else None

    def rates(self) -> dict[int, float]:
        """Return the primary rate [%] by day of each visit that has both, up to the end of the patient's time."""
        found = {row.day: row.value for row in self.all("reepithelialisation_rate")}
        end = self.end_day
        return {
            day: float(value)
            for day, value in sorted(found.items(), key=lambda each: each[0] or 0)
            if day is not None and value is not None and (end is None or day <= end)
        }


@dataclass(frozen=True)
class Cohort:
    """The patients of a study who count, and those who do not.

    Parameters
    ----------
    study : Study
        The study.
    patients : tuple of CohortPatient
        With a day zero, in the order of the study.
    left_out : tuple of str
        The others.
    has_clinical : bool
        Whether ``clinical.csv`` says anything.
    """

    study: Study
    patients: tuple[CohortPatient, ...]
    left_out: tuple[str, ...] = ()
    has_clinical: bool = field(default=True)

    @property
    def all_of_them(self) -> str:
        """The patients who count, in words: ``the 15 infused patients``."""
        return f"the {len(self.patients)} {_COUNTED[self.study.day_zero == 'infusion']}"

    @property
    def who(self) -> str:
        """Who counts and who does not, in words, to end a definition with."""
        return f"analysis set: {self.all_of_them}" + (f"; {self.others}" if self.others else "")

    @property
    def others(self) -> str:
        """Who does not count, in words; empty where everybody does."""
        why = "never infused" if self.study.day_zero == "infusion" else "no day zero"
        return f"left out, {why}: {named(self.left_out)}" if self.left_out else ""


def cohort_of(study: Study, endpoints: Sequence[EndpointRow]) -> Cohort:
    """Return the cohort of a study: every patient with a day zero, whether or not there were photographs.

    Parameters
    ----------
    study : Study
        The study.
    endpoints : sequence of EndpointRow
        Of all its patients; rows of a cohort among them are passed over.
    """
    rows: dict[str, list[EndpointRow]] = {}
    for row in endpoints:
        if row.patient_id != COHORT:
            rows.setdefault(row.patient_id, []).append(row)
    counted = tuple(
        CohortPatient(
            patient,
            Timeline(patient, study.record(patient.patient_id), study.day_zero),
            tuple(rows.get(patient.patient_id, ())),
        )
        for patient in study.patients
        if patient.day_zero_date is not None
    )
    left_out = tuple(patient.patient_id for patient in study.patients if patient.day_zero_date is None)
    return Cohort(study, counted, left_out, bool(study.clinical))


def named(patients: Sequence[str]) -> str:
    """Return patients by name, or their number where there are many."""
    return ", ".join(patients) if len(patients) <= MOST_NAMED else f"{len(patients)} patients"


def in_patients(count: int) -> str:
    """Return a number of patients in words."""
    return f"{count} patient" if count == 1 else f"{count} patients"


def told_of(patients: Sequence[CohortPatient], why: str = "not known of") -> str:
    """Return of whom something is not known, or is so in other words; empty where there is nobody."""
    return f"{why} {named([each.patient_id for each in patients])}" if patients else ""


def cohort_row(
    endpoint: str, found: Statistic, unit: str, parts: Iterable[str], day: int | None = None, source: str = ""
) -> EndpointRow:
    """Return a row of the cohort.

    Parameters
    ----------
    endpoint : str
        Its name.
    found : Statistic
        Value and 95 % interval; what is missing is told.
    unit : str
        Unit of all three.
    parts : iterable of str
        Parts of the definition; empty ones are left out.
    day : int, optional
        Day it belongs to.
    source : str
        Who said what skin it rests on.
    """
    remark = f"not computed: {found.remark}" if found.value is None and found.low is None else found.remark
    definition = "; ".join(part for part in (*parts, remark) if part)
    return EndpointRow(COHORT, endpoint, day, found.value, found.low, found.high, unit, definition, source)


def joined_sources(rows: Iterable[EndpointRow | None]) -> str:
    """Return everybody who said what skin some rows rest on, as in their ``source``."""
    told = {part for row in rows if row is not None and row.source for part in row.source.split(" + ")}
    order = [origin.label for origin in Origin]
    return " + ".join(sorted(told, key=lambda part: (order.index(part) if part in order else len(order), part)))
