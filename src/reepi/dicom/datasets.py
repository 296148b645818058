"""What all exported objects share: patient, visit, series, dates, and how they become bytes."""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.coding import Code
from pydicom.uid import UID

import reepi
from reepi.core.study import Patient
from reepi.dicom.identifiers import uid_of

MANUFACTURER: Final = "reepi"
IMPLEMENTATION: Final = uid_of("implementation")
SERIES_NUMBERS: Final = {"photographs": 1, "tissues": 901, "measurements": 902}
"""Number of each series of a visit; what is derived comes behind what was taken."""


@dataclass(frozen=True)
class Visit:
    """The photographs of one patient and day: one DICOM study.

    Parameters
    ----------
    study_name : str
        Name of the clinical study.
    patient : Patient
        Whose skin.
    begins : datetime
        When its first photograph was taken.
    """

    study_name: str
    patient: Patient
    begins: datetime

    @property
    def day(self) -> str:
        """Date of the visit, ISO 8601."""
        return self.begins.date().isoformat()

    @property
    def correctable(self) -> tuple[object, ...]:
        """What `identify` writes that may be corrected later; another value makes another object."""
        patient = self.patient
        return self.begins, patient.sex, patient.age_years, patient.height_cm, patient.weight_kg

    def uid(self, kind: str, *parts: object) -> str:
        """Return the identifier of something that belongs to this visit."""
        return uid_of(kind, self.study_name, self.patient.patient_id, self.day, *parts)

    def uid_over_visits(self, kind: str, *parts: object) -> str:
        """Return the identifier of something of this patient that is the same at every visit."""
        return uid_of(kind, self.study_name, self.patient.patient_id, *parts)

    def identify(self, dataset: Dataset) -> None:
        """Say whose and which visit an object is; its text is in UTF-8."""
        dataset.SpecificCharacterSet = "ISO_IR 192"
        patient = self.patient
        # The caret says that the name is meant to have one component.
        dataset.PatientName, dataset.PatientID = f"{patient.patient_id}^", patient.patient_id
        dataset.PatientBirthDate, dataset.PatientSex = "", patient.sex
        dataset.PatientAge = age_string(patient.age_years)
        dataset.PatientSize, dataset.PatientWeight = f"{patient.height_cm / 100:.4g}", f"{patient.weight_kg:.5g}"
        dataset.StudyInstanceUID = self.uid("study")
        dataset.StudyDate, dataset.StudyTime = date_string(self.begins), time_string(self.begins)
        dataset.StudyID, dataset.AccessionNumber, dataset.ReferringPhysicianName = dataset.StudyDate, "", ""
        dataset.StudyDescription = self.study_name[:64]

    def date(self, dataset: Dataset, moment: datetime) -> None:
        """Date an object made of this visit, in the visit's own time zone where it is known, else in UTC."""
        if self.begins.tzinfo is not None:
            moment = moment.astimezone(self.begins.tzinfo)
            dataset.TimezoneOffsetFromUTC = moment.strftime("%z")[:5]
        date_created(dataset, moment)

    def place(self, dataset: Dataset, series: str) -> None:
        """Say which series of the visit an object belongs to, and what program wrote it."""
        dataset.SeriesInstanceUID = self.uid("series", series)
        dataset.SeriesNumber = SERIES_NUMBERS[series]


def age_string(years: float) -> str:
    """Return an age [years] as DICOM writes it: in months below two years (PS3.5, 6.2, AS)."""
    return f"{int(years * 12):03d}M" if years < 2 else f"{int(years):03d}Y"


def date_string(moment: datetime) -> str:
    """Return the date of a moment as DICOM writes it."""
    return moment.strftime("%Y%m%d")


def time_string(moment: datetime) -> str:
    """Return the time of day of a moment as DICOM writes it."""
    return moment.strftime("%H%M%S")


def date_created(dataset: Dataset, moment: datetime) -> None:
    """Date an object by when its content came about, not by when it was written: an export can be repeated."""
    dataset.InstanceCreationDate = dataset.ContentDate = date_string(moment)
    dataset.InstanceCreationTime = dataset.ContentTime = time_string(moment)
    for equipment in dataset.get("ContributingEquipmentSequence", ()):
        equipment.ContributionDateTime = date_string(moment) + time_string(moment)


def code_item(code: Code) -> Dataset:
    """Return a code as the item of a sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return item


def file_bytes(dataset: Dataset, transfer_syntax: UID) -> bytes:
    """Return an object as the bytes of a DICOM file."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax
    meta.ImplementationClassUID = UID(IMPLEMENTATION)
    meta.ImplementationVersionName = f"REEPI {reepi.__version__}"[:16]
    dataset.file_meta = meta
    content = io.BytesIO()
    dataset.save_as(content, enforce_file_format=True)
    return content.getvalue()
