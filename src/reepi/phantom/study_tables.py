"""The tables of a study folder of phantoms."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from reepi.body.physique import SHAPES, Physique
from reepi.core.study import Patient
from reepi.phantom.truth import TruthRow

PHYSIQUES: Final = "physiques.csv"
"""Table in the folder ``truth`` of what of each patient's body height and weight do not tell."""


@dataclass(frozen=True)
class PhantomVisit:
    """One visit's photographs and truth, as lines of the study's tables.

    Parameters
    ----------
    patient : Patient
        Whose.
    date : datetime.date
        Date of the visit.
    day : int
        Days since day zero.
    photos : tuple of (str, str)
        File and view of each photograph, in the order in which they were taken.
    rows : tuple of TruthRow
        What is true of the skin.
    """

    patient: Patient
    date: date
    day: int
    photos: tuple[tuple[str, str], ...]
    rows: tuple[TruthRow, ...]


def patients_table(patients: Iterable[Patient]) -> str:
    """Return ``patients.csv``."""
    lines = ["patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date"]
    for one in patients:
        numbers = f"{one.age_years:g},{one.height_cm:g},{one.weight_kg:g}"
        lines.append(f"{one.patient_id},{one.sex},{numbers},{one.index_date},{one.day_zero_date}")
    return "\n".join(lines) + "\n"


def photos_table(visits: Iterable[PhantomVisit]) -> str:
    """Return ``photos.csv``; a photograph a minute from nine o'clock."""
    lines = ["file,patient_id,taken_at,view"]
    for visit in visits:
        for number, (file, view) in enumerate(visit.photos):
            taken = datetime.combine(visit.date, time(9, number % 60)).isoformat()
            lines.append(f"{file},{visit.patient.patient_id},{taken},{view}")
    return "\n".join(lines) + "\n"


def truth_table(visits: Iterable[PhantomVisit]) -> str:
    """Return ``truth.csv``."""
    lines = ["patient_id,date,day,region,tissue,percent_bsa,percent_bsa_seen"]
    for visit in visits:
        start = f"{visit.patient.patient_id},{visit.date.isoformat()},{visit.day}"
        lines += [
            f"{start},{row.region},{row.tissue},{row.percent_bsa:.5f},{row.percent_bsa_seen:.5f}" for row in visit.rows
        ]
    return "\n".join(lines) + "\n"


def physiques_table(physiques: Mapping[str, Physique]) -> str:
    """Return the table `PHYSIQUES`: a line for each patient, on the body model's scale from -1 to 1."""
    lines = [",".join(("patient_id", *SHAPES))]
    lines += [",".join((name, *map(repr, physique.measures))) for name, physique in physiques.items()]
    return "\n".join(lines) + "\n"


def read_physiques(path: Path) -> dict[str, Physique]:
    """Return the physique of each patient from the table `PHYSIQUES`."""
    with path.open(newline="", encoding="utf-8") as file:
        return {row["patient_id"]: Physique(tuple(float(row[name]) for name in SHAPES)) for row in csv.DictReader(file)}
