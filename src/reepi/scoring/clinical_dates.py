"""Days of what happened to a patient: counted from day zero, from admission, and up to what is known."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from reepi.core.clinical import ClinicalRecord
from reepi.core.study import Patient
from reepi.scoring.visits import day_number

DayZero = Literal["infusion", "index", "admission"]

NO_DAY_ZERO: Final = "not computed: the patient has no day zero"
NO_ADMISSION: Final = "not computed: clinical.csv has no admission"


@dataclass(frozen=True)
class Timeline:
    """A patient's dates.

    Parameters
    ----------
    patient : Patient
        For the index date and day zero.
    record : ClinicalRecord
        What ``clinical.csv`` says.
    day_zero : "infusion", "index" or "admission"
        What day 0 of the study is.
    photographed : date or None
        Last day on which a photograph showed the patient's skin.
    """

    patient: Patient
    record: ClinicalRecord
    day_zero: DayZero
    photographed: date | None = None

    @property
    def admission(self) -> date | None:
        """First admission; where ``clinical.csv`` has none, day zero if that is the admission."""
        if self.record.admission is None and self.day_zero == "admission":
            return self.patient.day_zero_date
        return self.record.admission

    def day(self, on: date | None) -> int | None:
        """Return the day of a date, counted from day zero; None where either is not known."""
        return None if on is None else day_number(on, self.patient.day_zero_date)

    def since_admission(self, on: date | None) -> int | None:
        """Return the days from admission to a date; None where either is not known."""
        return None if on is None or self.admission is None else (on - self.admission).days

    @property
    def last_contact(self) -> date | None:
        """Last day of which anything is known of the patient, by ``clinical.csv`` or by a photograph."""
        known = [day for day in (self.record.last_contact, self.photographed) if day is not None]
        return max(known, default=None)

    @property
    def end(self) -> date | None:
        """Day up to which the patient was followed: that of death, or the last contact once the ward told an end.

        None where ``clinical.csv`` has no death, discharge, leaving or last contact, so that more may be to come.
        """
        if self.record.death is not None:
            return self.record.death
        told = (self.record.date_of(item) for item in ("discharge", "left_study", "last_contact"))
        return self.last_contact if any(told) else None

    @property
    def discharge(self) -> date | None:
        """First discharge after the admission."""
        dates = [each.date for each in self.record.all("discharge") if each.text != "no" and each.date is not None]
        return next((day for day in dates if self.admission is None or day >= self.admission), None)
