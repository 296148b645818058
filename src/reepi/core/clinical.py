"""What the ward knows of a patient beside the photographs: one observation a line of ``clinical.csv``.

The table is long: every line is one thing observed of one patient, with its date, value and unit. So a patient may have
any number of adverse events and laboratory values, and what nobody wrote down is unknown, never "no".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Answer = Literal["yes", "no"]

MUCOSAE: Final = ("mouth", "nose", "eyes", "genitals")
"""Mucous membranes whose healing the trial follows."""

MucosaState = Literal["involved", "not_involved", "healed"]

LABORATORY: Final = "laboratory_"
"""Begins the item of a laboratory value; its name follows, such as ``laboratory_ifn_gamma``."""


@dataclass(frozen=True)
class Observation:
    """One line of ``clinical.csv``.

    Parameters
    ----------
    patient_id : str
        Of whom.
    item : str
        What was observed; one of `reepi.core.clinical_items.ITEMS`, or a laboratory value.
    date : datetime.date or None
        When.
    text : str
        Its value as it was written, such as ``yes``, ``involved``, ``28 mg/dL`` or the term of an adverse event; may be
        empty where the date says all, as of a death.
    number : float or None
        Its value in the unit below, where the item is measured; None for a laboratory value such as ``<0.5``.
    unit : str
        The unit that reepi counts in, whatever the file was written in; empty where the item has none.
    """

    patient_id: str
    item: str
    date: date | None
    text: str = ""
    number: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class ClinicalRecord:
    """Everything that ``clinical.csv`` says of one patient.

    Parameters
    ----------
    observations : tuple of Observation
        In the order of the file.
    """

    observations: tuple[Observation, ...] = ()

    def all(self, item: str) -> tuple[Observation, ...]:
        """Return the observations of an item by date, undated ones first."""
        found = [each for each in self.observations if each.item == item]
        return tuple(sorted(found, key=lambda each: each.date or date.min))

    def first(self, item: str) -> Observation | None:
        """Return the earliest observation of an item."""
        return next(iter(self.all(item)), None)

    def number(self, item: str) -> float | None:
        """Return the earliest value of a measured item, in reepi's unit."""
        return next((each.number for each in self.all(item) if each.number is not None), None)

    def answer(self, item: str) -> Answer | None:
        """Return whether something happened or is so: ``yes`` if any line says so, by word or by date; else ``no``."""
        found = self.all(item)
        if any(each.text != "no" for each in found):
            return "yes"
        return "no" if found else None

    def date_of(self, item: str) -> date | None:
        """Return the earliest date of an item that happened."""
        return next((each.date for each in self.all(item) if each.date is not None and each.text != "no"), None)

    @property
    def death(self) -> date | None:
        """Date of death."""
        return self.date_of("death")

    @property
    def left_study(self) -> date | None:
        """Date on which the patient left the study alive, or was lost."""
        return self.date_of("left_study")

    @property
    def admission(self) -> date | None:
        """Date of admission."""
        return self.date_of("admission")

    @property
    def discharge(self) -> date | None:
        """Date of discharge alive."""
        return self.date_of("discharge")

    @property
    def last_contact(self) -> date | None:
        """Latest date of which anything is known of the patient."""
        return max((each.date for each in self.observations if each.date is not None), default=None)

    def laboratory(self) -> Iterator[Observation]:
        """Yield the laboratory values by date."""
        found = [each for each in self.observations if each.item.startswith(LABORATORY)]
        yield from sorted(found, key=lambda each: (each.item, each.date or date.min))


@dataclass(frozen=True)
class HistoricalPatient:
    """One line of ``historical.csv``: a patient of the cohort that hospital stays are held against.

    Parameters
    ----------
    stay_days : float
        Hospital stay [days].
    died : bool
        Whether the stay ended in death.
    max_open_bsa : float or None
        Largest open skin [% BSA].
    onset_to_admission_days : float or None
        From the first symptoms to admission [days].
    scorten : int or None
        SCORTEN, 0 to 7.
    """

    stay_days: float
    died: bool
    max_open_bsa: float | None = None
    onset_to_admission_days: float | None = None
    scorten: int | None = None

    def __post_init__(self) -> None:
        if not self.stay_days >= 0:
            raise ValueError(f"stay_days must be 0 or more, not {self.stay_days}")
        if self.max_open_bsa is not None and not 0 <= self.max_open_bsa <= 100:
            raise ValueError(f"max_open_bsa must lie between 0 and 100, not {self.max_open_bsa}")
        if self.scorten is not None and not 0 <= self.scorten <= 7:
            raise ValueError(f"scorten must lie between 0 and 7, not {self.scorten}")
