"""What a study folder says that counts for nothing, and what it leaves unsaid: told, since neither is a fault."""

import difflib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from reepi.core.errors import first_of
from reepi.core.study import Study
from reepi.scoring.planned import in_days
from reepi.store.clinical import CLINICAL_COLUMNS, CLINICAL_FILE
from reepi.store.historical import HISTORICAL_COLUMNS, HISTORICAL_FILE
from reepi.store.reading_database import DATABASE
from reepi.store.readings import ReadingStore
from reepi.store.settings import ALIKE, SETTINGS_FILE, unknown_settings
from reepi.store.study import PATIENT_COLUMNS, PATIENTS_FILE, PHOTO_COLUMNS, PHOTOS_FILE
from reepi.store.tables import read_table

_COLUMNS: Final = {
    PATIENTS_FILE: PATIENT_COLUMNS,
    PHOTOS_FILE: (*PHOTO_COLUMNS, "mm_per_px"),
    CLINICAL_FILE: CLINICAL_COLUMNS,
    HISTORICAL_FILE: HISTORICAL_COLUMNS,
}
"""The columns that are read of each table."""

CHILD_YEARS: Final = 13
"""Age below which a body's head is a fifth to two fifths too small by the Lund-Browder chart [years]; see
``benchmarks/body.py``."""

MOST_NAMED: Final = 6
"""Planned days that a remark names."""


def study_remarks(folder: Path, study: Study, database: str | None = None) -> list[str]:
    """Return what whoever scores or checks a study should know of its folder, a sentence each.

    Parameters
    ----------
    folder : Path
        The study folder.
    study : Study
        As it was read from there, so that its files are in order.
    database : str, optional
        URL of the data base of readings; the file in the study folder, where there is one, if none.

    Raises
    ------
    InputError
        The data base cannot be used, or what it holds does not hold together.
    """
    remarks = []
    unknown = {SETTINGS_FILE: unknown_settings(folder / SETTINGS_FILE)}
    unknown |= {name: list(_unknown_columns(folder / name, known)) for name, known in _COLUMNS.items()}
    if told := [f"{', '.join(names)} in {file}" for file, names in unknown.items() if names]:
        remarks.append(f"Not known, and left out: {'; '.join(told)}.")
    has_day_zero = any(patient.day_zero_date is not None for patient in study.patients)
    if has_day_zero and study.protocol.almost_complete_percent is None:
        remarks.append(
            f"The responder is not computed: {SETTINGS_FILE} states no almost_complete_percent in [protocol]."
        )
    children = [patient.patient_id for patient in study.patients if patient.age_years < CHILD_YEARS]
    if children and study.protocol.body_surface == "patient":
        remarks.append(
            f"{', '.join(children)}: children's heads are too small on the body template, and their thighs too large. "
            f'body_surface = "lund-browder" in [protocol] of {SETTINGS_FILE} counts by the chart\'s shares.'
        )
    return remarks + _unanswering_visits(study) + _too_few_readings(folder, study, database)


def _unanswering_visits(study: Study) -> list[str]:
    """Tell of visits that pass the check of photographs although no endpoint takes them for a planned day."""
    checked, counted = study.capture.visit_window_days, study.protocol.window_days
    lost = []
    for part in study.by_patient():
        (patient,) = part.patients
        if patient.day_zero_date is None:
            continue
        days = {(photo.taken_at.date() - patient.day_zero_date).days for photo in part.photos}
        for planned in study.visit_days:
            away = min((abs(day - planned) for day in days), default=0)
            if counted < away <= checked:
                lost.append(f"{patient.patient_id} day {planned}")
    if not lost:
        return []
    taken = f"{in_days(counted)} either side" if counted else "that very day alone"
    return [
        f"Planned days without a visit that counts: {first_of(lost, MOST_NAMED)}. There is one within "
        f"{in_days(checked)}, which the check of photographs accepts (visit_window_days in [capture]), but endpoints "
        f"take {taken} (window_days in [protocol] of {SETTINGS_FILE})."
    ]


def _too_few_readings(folder: Path, study: Study, database: str | None) -> list[str]:
    """Tell how many photographs have fewer readings than the protocol wants, once the study was read at all."""
    wanted = study.reading.readers
    if wanted < 2 or (database is None and not (folder / DATABASE).is_file()):
        return []
    store = ReadingStore(folder, database)
    readings = Counter(reading.photograph for reading in store.newest())
    if not readings:
        return []
    decided = store.decided()
    few = sum(readings[photo.file] < wanted and photo.file not in decided for photo in study.photos)
    told = f"{few} of {len(study.photos)} photographs have fewer than {wanted} readings, which {SETTINGS_FILE} wants."
    return [told] if few else []


def _unknown_columns(path: Path, known: tuple[str, ...]) -> Iterator[str]:
    """Yield the columns of a table that are not read, each with the one that it may stand for."""
    lines, _ = read_table(path, (), may_be_empty=True)
    given = list(lines[0].cells) if lines else []
    missing = [column for column in known if column not in given]
    for column in given:
        if column and column not in known:
            meant = difflib.get_close_matches(column, missing, n=1, cutoff=ALIKE)
            yield f"{column} (is {meant[0]} meant?)" if meant else column
