"""Reads a study folder: all its faults at once, or a valid study."""

import math
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Final

from reepi.core.errors import Fault, InputError
from reepi.core.results import COHORT
from reepi.core.study import Patient, PhotoEntry, Sex, Study
from reepi.core.views import VIEW_NAMES
from reepi.store.adding.view_clues import view_suggestion
from reepi.store.cells import Cells, suggestion
from reepi.store.clinical import CLINICAL_FILE, read_clinical
from reepi.store.clinical_contradictions import LONG_AFTER
from reepi.store.historical import HISTORICAL_FILE, read_historical
from reepi.store.settings import SETTINGS_FILE, DayZero, read_settings
from reepi.store.tables import Line, read_table

PATIENTS_FILE: Final = "patients.csv"
PHOTOS_FILE: Final = "photos.csv"

PATIENT_COLUMNS: Final = (
    "patient_id",
    "sex",
    "age_years",
    "height_cm",
    "weight_kg",
    "index_date",
    "day_zero_date",
)
PHOTO_COLUMNS: Final = ("file", "patient_id", "taken_at", "view")

_PATIENT_ID: Final = re.compile(r"\w[\w.@+ -]{0,63}(?<![. ])")
"""Identifiers become parts of file names, so they hold no separators and no control characters."""

LONG_UNSEEN: Final = timedelta(days=183)
"""A photograph so long before the first symptoms is a slip of the year, be it of one half a year after them."""

LEAST_BMI: Final = 5
MOST_BMI: Final = 150
"""Nobody of a possible height and weight is lighter or heavier for the height [kg/m²]: one of them is a slip."""

_AVERAGE: Final = Patient("average", "F", 40.0, 170.0, 70.0)
"""A body that exists, to judge one measure of another beside it."""

_SEXES: Final[dict[str, Sex]] = {"f": "F", "female": "F", "m": "M", "male": "M"}


def read_study(folder: Path, may_be_empty: bool = False) -> Study:
    """Read a study folder: its settings, patients and photographs, and what the ward knows where it tells.

    A photograph that is listed but missing or damaged is no fault of the study: it is rejected when its turn comes.
    A path that leaves the folder is one.

    Parameters
    ----------
    folder : Path
        The study folder.
    may_be_empty : bool
        Whether a study without photographs is right, such as one that photographs are about to come into.

    Raises
    ------
    InputError
        Something is wrong; carries every fault with its file, line and remedy.
    """
    if folder.is_file():
        raise InputError([Fault(str(folder), "it is a file", f"Name the study folder, which holds {SETTINGS_FILE}.")])
    if not folder.is_dir():
        raise InputError([Fault(str(folder), "there is no such folder", f"Name a folder with {SETTINGS_FILE}.")])
    settings, faults = read_settings(folder / SETTINGS_FILE)
    day_zero = None if settings is None else settings.day_zero
    patients, patient_faults, known = _read_patients(folder / PATIENTS_FILE, day_zero)
    photos, photo_faults = _read_photos(folder, patients, known, may_be_empty)
    clinical, clinical_faults = read_clinical(
        folder / CLINICAL_FILE, patients, known, counts_from_admission=day_zero == "admission"
    )
    historical, historical_faults = read_historical(folder / HISTORICAL_FILE)
    faults = [*faults, *patient_faults, *photo_faults, *clinical_faults, *historical_faults]
    if settings is None or faults:
        raise InputError(faults)
    return Study(
        settings.name,
        settings.day_zero,
        settings.visit_days,
        settings.protocol,
        tuple(patients),
        tuple(photos),
        settings.reading,
        settings.capture,
        clinical,
        historical,
    )


def inside(folder: Path, file: str) -> Path | None:
    """Return the path of a study's file, or None where it leaves the folder, by its name or through a link."""
    name = PurePosixPath(file)
    if name.is_absolute() or ".." in name.parts or re.match(r"[A-Za-z]:", file):
        return None
    path = folder / name
    try:
        return path if path.resolve().is_relative_to(folder.resolve()) else None
    except (OSError, RuntimeError):
        # A link that leads to itself has no end to compare.
        return None


def _read_patients(path: Path, day_zero: DayZero | None) -> tuple[list[Patient], list[Fault], set[str] | None]:
    """Return patients, faults and all identifiers named, valid or not (None where the table has no lines)."""
    lines, faults = read_table(path, PATIENT_COLUMNS)
    patients = []
    for line in lines:
        patient, found = _patient(line, day_zero)
        faults += found
        if patient is not None:
            patients.append(patient)
    faults += _repeated_patients(lines)
    named = {line.cells["patient_id"] for line in lines}
    return patients, faults, named or None


def _patient(line: Line, day_zero: DayZero | None) -> tuple[Patient | None, list[Fault]]:
    cells = Cells(line)
    patient_id = _identifier(cells)
    sex = _SEXES.get(line.cells["sex"].lower())
    if sex is None:
        cells.fault(f"sex is {line.cells['sex']!r}", "Write F or M; it shapes the body template.")
    age, height, weight = (_human_measure(cells, name) for name in ("age_years", "height_cm", "weight_kg"))
    if not cells.faults and not _is_human(height, weight):
        problem = f"{height:g} cm and {weight:g} kg belong to no human body"
        cells.fault(problem, "Check both; they may be exchanged.")
    dates = _dates(cells, day_zero)
    if cells.faults or sex is None:
        return None, cells.faults
    return Patient(patient_id, sex, age, height, weight, *dates), []


def _dates(cells: Cells, day_zero: DayZero | None) -> tuple[date | None, date | None]:
    """Return the index date and the date of day zero; where these are the same by the protocol, one cell is enough."""
    index, zero = cells.date("index_date"), cells.date("day_zero_date")
    if day_zero == "infusion" and index and zero and index > zero:
        # Nobody is treated before the first symptoms; whether a patient was eligible would be lost without a word.
        cells.fault(f"index_date {index} lies after day_zero_date {zero}", "Correct one of them.")
    if day_zero == "index" and index and zero and index != zero:
        problem = f"day_zero_date {zero} is not index_date {index}, and day_zero of {SETTINGS_FILE} is the index date"
        cells.fault(problem, "Correct one of them, or leave day_zero_date empty.")
    return (index or zero, zero or index) if day_zero == "index" else (index, zero)


def _human_measure(cells: Cells, name: str) -> float:
    """Return age, height or weight; each is judged by itself, so that all that is wrong is told at once."""
    value = cells.number(name)
    measure: dict[str, Any] = {name: value}
    try:
        replace(_AVERAGE, **measure)
    except ValueError as error:
        if not math.isnan(value):
            cells.fault(str(error), "Heights are in cm, weights in kg, ages in years.")
    return value


def _is_human(height_cm: float, weight_kg: float) -> bool:
    """Say whether a body can have both."""
    return LEAST_BMI <= weight_kg / (height_cm / 100) ** 2 <= MOST_BMI


def _identifier(cells: Cells) -> str:
    patient_id = cells.text("patient_id")
    if patient_id and not _PATIENT_ID.fullmatch(patient_id):
        cells.fault(f"patient_id {patient_id!r} cannot be part of a file's name", "Use letters, digits, - and _.")
    if patient_id.casefold() == COHORT:
        cells.fault(f"patient_id {patient_id!r} stands for the whole study", "Name the patient otherwise.")
    return patient_id


def _read_photos(
    folder: Path, patients: list[Patient], named: set[str] | None, may_be_empty: bool
) -> tuple[list[PhotoEntry], list[Fault]]:
    of_id = {patient.patient_id: patient for patient in patients}
    lines, faults = read_table(folder / PHOTOS_FILE, PHOTO_COLUMNS, may_be_empty)
    photos = []
    for line in lines:
        photo, found = _photo(folder, line, named)
        faults += found
        if photo is not None:
            photos.append(photo)
            faults += _far_away(line, photo, of_id.get(photo.patient_id))
    return photos, faults + _repeated_photos(lines)


def _photo(folder: Path, line: Line, patients: set[str] | None) -> tuple[PhotoEntry | None, list[Fault]]:
    cells = Cells(line)
    file = cells.text("file").replace("\\", "/")
    if not file.isprintable():
        cells.fault(f"file {file!r} holds unprintable characters", "Rename the photograph.")
    elif inside(folder, file) is None:
        cells.fault(f"file {file!r} leaves the study folder", "Copy the photograph into it and name it from there.")
    patient_id = cells.text("patient_id")
    if patient_id and patients is not None and patient_id not in patients:
        cells.fault(f"patient {patient_id!r} is not in {PATIENTS_FILE}", suggestion(patient_id, patients).strip())
    view = cells.choice("view", VIEW_NAMES, view_suggestion)
    taken_at = cells.moment("taken_at")
    scale = cells.number("mm_per_px") if line.cells.get("mm_per_px") else None
    if scale is not None and scale <= 0:
        cells.fault(f"mm_per_px is {scale:g}", "Give the millimetres at the skin that one pixel shows, or nothing.")
    if cells.faults or view is None or taken_at is None:
        return None, cells.faults
    return PhotoEntry(file, patient_id, taken_at, view, scale), []


def _far_away(line: Line, photo: PhotoEntry, patient: Patient | None) -> list[Fault]:
    """Tell a day on which the patient had no such disease: it would be a visit of its own."""
    start = None if patient is None else patient.index_date or patient.day_zero_date
    if start is None:
        return []
    day = photo.taken_at.date()
    if start - LONG_UNSEEN <= day <= start + LONG_AFTER:
        return []
    distance = "more than half a year before" if day < start else "more than twenty years after"
    problem = f"{photo.file} was taken on {day}, which lies {distance} the disease began ({start})"
    return [line.fault(problem, f"Check the year, here and in {PATIENTS_FILE}.")]


def _repeated_photos(lines: list[Line]) -> list[Fault]:
    """Tell photographs whose results would overwrite each other: results are named by the file's stem."""
    faults = []
    first: dict[str, Line] = {}
    for line in lines:
        file = line.cells["file"].replace("\\", "/")
        earlier = first.setdefault(PurePosixPath(file).stem.casefold(), line)
        if file and earlier is not line:
            same = earlier.cells["file"].replace("\\", "/") == file
            problem = f"{file} stands in line {earlier.number} already"
            if not same:
                problem = f"{file} and {earlier.cells['file']} (line {earlier.number}) have the same name"
            faults.append(line.fault(problem, "Remove the line." if same else "Rename one; results bear this name."))
    return faults


def _repeated_patients(lines: list[Line]) -> list[Fault]:
    faults = []
    first: dict[str, Line] = {}
    for line in lines:
        patient_id = line.cells["patient_id"]
        earlier = first.setdefault(patient_id.casefold(), line)
        if patient_id and earlier is not line:
            problem = f"patient {patient_id!r} stands in line {earlier.number} already"
            faults.append(line.fault(problem, "Remove one, or give them different identifiers."))
    return faults
