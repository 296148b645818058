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
    """

    patient: Patient
    record: ClinicalRecord
    day_zero: DayZero

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
    def discharge(self) -> date | None:
        """First discharge after the admission."""
        dates = [each.date for each in self.record.all("discharge") if each.text != "no" and each.date is not None]
        return next((day for day in dates if self.admission is None or day >= self.admission), None)
