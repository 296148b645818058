"""Patients, photographs on the list, and the protocol: the words of a study folder as valid values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from reepi.core.capture import CaptureProtocol
from reepi.core.clinical import ClinicalRecord, HistoricalPatient
from reepi.core.reading import Role, checked_reader
from reepi.core.views import VIEWS, View

Sex = Literal["F", "M"]


@dataclass(frozen=True)
class Patient:
    """One patient of a study.

    Parameters
    ----------
    patient_id : str
        Identifier in the study.
    sex : "F" or "M"
        Sex, for the body template.
    age_years : float
        Age [years].
    height_cm : float
        Height [cm].
    weight_kg : float
        Weight [kg].
    index_date : date, optional
        Date of the first symptoms.
    day_zero_date : date, optional
        Date that days are counted from.

    Raises
    ------
    ValueError
        A value lies outside what a human body can be.
    """

    patient_id: str
    sex: Sex
    age_years: float
    height_cm: float
    weight_kg: float
    index_date: date | None = None
    day_zero_date: date | None = None

    def __post_init__(self) -> None:
        if self.sex not in ("F", "M"):
            raise ValueError(f"sex must be F or M, not {self.sex!r}")
        for name, low, high in (("age_years", 0, 120), ("height_cm", 45, 240), ("weight_kg", 2, 300)):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} must lie between {low} and {high}, not {value}")

    @property
    def bmi(self) -> float:
        """Body mass index [kg/m²]."""
        return self.weight_kg / (self.height_cm / 100) ** 2

    @property
    def du_bois_area_m2(self) -> float:
        """Body surface area [m²] by Du Bois & Du Bois, Arch Intern Med 1916;17:863-871."""
        return float(0.007184 * self.weight_kg**0.425 * self.height_cm**0.725)


@dataclass(frozen=True)
class PhotoEntry:
    """One line of ``photos.csv``: a photograph on the list, not yet opened.

    Parameters
    ----------
    file : str
        Path inside the study folder, with forward slashes.
    patient_id : str
        Whose skin it shows.
    taken_at : datetime
        When it was taken.
    view_name : str
        Declared view; one of `reepi.core.views.VIEWS`.
    mm_per_px : float, optional
        Scale at the skin, if known [mm/px].
    """

    file: str
    patient_id: str
    taken_at: datetime
    view_name: str
    mm_per_px: float | None = None

    @property
    def view(self) -> View:
        """The declared view."""
        return VIEWS[self.view_name]


@dataclass(frozen=True)
class Protocol:
    """What a study decided before looking: every threshold and definition of its endpoints.

    Parameters
    ----------
    body_surface : "patient" or "lund-browder"
        Table of region shares.
    denominator : "peak" or "ever"
        What the re-epithelialisation rate is divided by.
    numerator : "followed", "labelled" or "closed"
        What the primary re-epithelialisation rate counts.
    almost_complete_percent, complete_percent : float, optional
        Rate [%] that counts as almost complete, and as complete. "Almost" has no published value; without it the
        responder endpoint is not computed.
    eligibility_percent : float
        Open skin [% BSA] that makes a patient eligible.
    eligibility_days : int
        Within so many days after the index date.
    unassessed : "as_region" or "as_unaffected"
        What unassessed skin is taken as in ``percent_bsa_full``.
    window_days : int
        A planned day is answered by a visit that many days before or after it; 0: by the day itself alone.
    missing_responder : "left_out" or "non_responder"
        What a living patient without a rate at day 7 counts as. Whoever died before is a non-responder in any case.
    severity_rule : "bastuji-garin" or "pnds"
        Whose boundary of 30 % BSA.
    scorten_boundaries : "above" or "reached"
        Whether a value exactly at a limit of SCORTEN gives no point, or one. Bicarbonate counts below its limit in
        both: no published table has it otherwise.
    scorten_mortality : "table" or "logistic"
        Which mortality of a SCORTEN the expected deaths are counted with; both are reported.
    death_days : int
        Deaths up to this day after day zero are held against those expected.
    adverse_event_days : int
        Adverse events up to this day after day zero make the trial's safety endpoint.
    infusion_within_days : int, optional
        Infusions later than this after admission are told as late; none is if this is not stated.
    abcd10 : bool
        Whether ABCD-10 is computed beside SCORTEN.
    """

    body_surface: Literal["patient", "lund-browder"] = "patient"
    denominator: Literal["peak", "ever"] = "peak"
    numerator: Literal["followed", "labelled", "closed"] = "followed"
    almost_complete_percent: float | None = None
    complete_percent: float = 100.0
    eligibility_percent: float = 10.0
    eligibility_days: int = 10
    unassessed: Literal["as_region", "as_unaffected"] = "as_region"
    window_days: int = 0
    missing_responder: Literal["left_out", "non_responder"] = "left_out"
    severity_rule: Literal["bastuji-garin", "pnds"] = "bastuji-garin"
    scorten_boundaries: Literal["above", "reached"] = "above"
    scorten_mortality: Literal["table", "logistic"] = "logistic"
    death_days: int = 30
    adverse_event_days: int = 10
    infusion_within_days: int | None = None
    abcd10: bool = False


@dataclass(frozen=True)
class ReadingProtocol:
    """How a study's photographs are read; decided before looking, in the section ``[reading]`` of ``study.toml``.

    Parameters
    ----------
    blind_to_day, blind_to_patient : bool
        Whether readers are not told the day, and so not the order, of photographs, and whose they are.
    readers : int
        Readings wanted of each photograph.
    repeats_percent : float
        Share of a reader's photographs [%] that come a second time, without being told, to show drift.
    adjudicators : tuple of str
        Who decides where readers differ.
    differ_percent : float
        Readers who differ on more of the skin [%] need an adjudicator.
    """

    blind_to_day: bool = False
    blind_to_patient: bool = False
    readers: int = 1
    repeats_percent: float = 0.0
    adjudicators: tuple[str, ...] = ()
    differ_percent: float = 10.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "adjudicators", tuple(map(checked_reader, self.adjudicators)))

    def role_of(self, reader: str) -> Role:
        """Return as whom somebody reads."""
        return "adjudicator" if checked_reader(reader) in self.adjudicators else "reader"


@dataclass(frozen=True)
class Study:
    """A study folder, read and found valid.

    Parameters
    ----------
    name : str
        Name of the study.
    day_zero : "infusion", "index" or "admission"
        What day 0 is.
    visit_days : tuple of int
        Planned days.
    protocol : Protocol
        The definitions.
    patients : tuple of Patient
        In the order of ``patients.csv``.
    photos : tuple of PhotoEntry
        In the order of ``photos.csv``.
    reading : ReadingProtocol
        How its photographs are read.
    capture : CaptureProtocol
        How they are taken and judged.
    clinical : mapping of str to ClinicalRecord
        What ``clinical.csv`` says of each patient it names.
    historical : tuple of HistoricalPatient
        The cohort of ``historical.csv``.
    """

    name: str
    day_zero: Literal["infusion", "index", "admission"]
    visit_days: tuple[int, ...]
    protocol: Protocol
    patients: tuple[Patient, ...]
    photos: tuple[PhotoEntry, ...]
    reading: ReadingProtocol = field(default_factory=ReadingProtocol)
    capture: CaptureProtocol = field(default_factory=CaptureProtocol)
    clinical: Mapping[str, ClinicalRecord] = field(default_factory=dict)
    historical: tuple[HistoricalPatient, ...] = ()

    def record(self, patient_id: str) -> ClinicalRecord:
        """Return what ``clinical.csv`` says of a patient; an empty record where it says nothing."""
        return self.clinical.get(patient_id, ClinicalRecord())

    def patient(self, patient_id: str) -> Patient:
        """Return the patient of an identifier (`KeyError` if there is none)."""
        for patient in self.patients:
            if patient.patient_id == patient_id:
                return patient
        raise KeyError(patient_id)

    def by_patient(self) -> Iterator["Study"]:
        """Yield the study of each patient alone, in the order of the study: what one patient's results follow from."""
        photos: dict[str, list[PhotoEntry]] = {}
        for photo in self.photos:
            photos.setdefault(photo.patient_id, []).append(photo)
        for patient in self.patients:
            name = patient.patient_id
            # That there is a table is told by its having records, also to a patient whom it does not name.
            clinical = {name: self.record(name)} if self.clinical else {}
            mine = tuple(photos.get(name, ()))
            yield replace(self, patients=(patient,), photos=mine, clinical=clinical, historical=())
