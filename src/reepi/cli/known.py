"""The sample study with its truth: copied to where it is scored, and read for comparison."""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from reepi.core.errors import Fault, InputError
from reepi.core.regions import WHOLE_BODY
from reepi.core.results import OPEN_LABEL, AreaRow
from reepi.store.cells import Cells
from reepi.store.files import write_bytes
from reepi.store.settings import SETTINGS_FILE
from reepi.store.study import PATIENTS_FILE, PHOTOS_FILE
from reepi.store.tables import Line, read_table

TRUTH_FILE: Final = "truth.csv"

_TABLES: Final = (SETTINGS_FILE, PATIENTS_FILE, PHOTOS_FILE, TRUTH_FILE)
"""What the sample is known by."""

_TRUTH_COLUMNS: Final = ("patient_id", "date", "region", "tissue", "percent_bsa")


@dataclass(frozen=True)
class Comparison:
    """Open body surface of one visit, known and measured.

    Parameters
    ----------
    patient_id : str
        Whose.
    day : int, optional
        Day of the visit.
    known : float
        As it was made [% BSA].
    seen, full, low, high : float
        As it was measured: on the skin seen, with unassessed skin filled in, and the interval of that [% BSA].
    """

    patient_id: str
    day: int | None
    known: float
    seen: float
    full: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """Measured minus known [% BSA]."""
        return self.full - self.known


def copy_sample(source: Path, target: Path) -> None:
    """Copy the sample study into a folder that is new, empty or already holds it, be it in part.

    Raises
    ------
    InputError
        The folder holds something else, which must not be mixed with the sample.
    """
    problem, remedy = "it holds something else", "Give --out a new or empty folder."
    if target.exists() and not target.is_dir():
        raise InputError([Fault(str(target), problem, remedy)])
    there = [name for name in _TABLES if (target / name).exists()]
    changed = [name for name in there if (target / name).read_bytes() != (source / name).read_bytes()]
    if changed:
        problem = f"{', '.join(changed)} in it {'is' if len(changed) == 1 else 'are'} not the sample's"
    if changed or (not there and target.exists() and any(target.iterdir())):
        raise InputError([Fault(str(target), problem, remedy)])
    # The tables come first, so that a copy that was stopped is known for one.
    for name in _TABLES:
        write_bytes(target / name, (source / name).read_bytes())
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("results"))


def compare(truth: Path, areas: tuple[AreaRow, ...]) -> list[Comparison]:
    """Return known and measured open skin of the whole body for each visit that both have, by patient and date.

    Raises
    ------
    InputError
        The truth cannot be read; carries all faults.
    """
    known = read_known_open(truth)
    measured = {
        (row.patient_id, row.date): row for row in areas if row.region == WHOLE_BODY and row.tissue == OPEN_LABEL
    }
    return [
        Comparison(row.patient_id, row.day, known[visit], row.percent_bsa, row.percent_bsa_full, row.low, row.high)
        for visit, row in sorted(measured.items())
        if visit in known
    ]


def read_known_open(truth: Path) -> dict[tuple[str, date], float]:
    """Return the known open skin [% BSA] of the whole body for each patient and date; see `compare`."""
    lines, faults = read_table(truth, _TRUTH_COLUMNS)
    known = {}
    for line in lines:
        if (line.cells["region"], line.cells["tissue"]) == (WHOLE_BODY, OPEN_LABEL):
            visit, percent, found = _known(line)
            faults += found
            known[visit] = percent
    if faults:
        raise InputError(faults)
    return known


def _known(line: Line) -> tuple[tuple[str, date], float, list[Fault]]:
    cells = Cells(line)
    day = cells.date("date")
    if day is None:
        cells.fault("date is not there", "Write it as YYYY-MM-DD.")
    visit = (cells.text("patient_id"), day or date.min)
    return visit, cells.number("percent_bsa"), cells.faults
