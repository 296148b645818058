"""``historical.csv``: the cohort of earlier patients that hospital stays are held against."""

import math
from pathlib import Path
from typing import Final

from reepi.core.clinical import HistoricalPatient
from reepi.core.errors import Fault
from reepi.store.cells import Cells
from reepi.store.tables import Line, read_table

HISTORICAL_FILE: Final = "historical.csv"

HISTORICAL_COLUMNS: Final = ("stay_days", "died", "max_open_bsa", "onset_to_admission_days", "scorten")

_NEEDED: Final = HISTORICAL_COLUMNS[:2]


def read_historical(path: Path) -> tuple[tuple[HistoricalPatient, ...], list[Fault]]:
    """Read ``historical.csv``; a study without it is right.

    Returns
    -------
    tuple
        Its patients in the order of the file, and its faults.
    """
    lines, faults = read_table(path, _NEEDED, may_be_empty=True)
    patients = []
    for line in lines:
        patient, found = _patient(line)
        faults += found
        if patient is not None:
            patients.append(patient)
    return tuple(patients), faults


def _patient(line: Line) -> tuple[HistoricalPatient | None, list[Fault]]:
    cells = Cells(line)
    stay = cells.number("stay_days")
    died = cells.text("died").lower()
    if died not in ("", "yes", "no"):
        cells.fault(f"died is {died!r}", "Write yes or no.")
    open_bsa, onset, scorten = (_number_or_nothing(cells, name) for name in HISTORICAL_COLUMNS[2:])
    for name, value, low, high in (
        ("stay_days", stay, 0, math.inf),
        ("max_open_bsa", open_bsa, 0, 100),
        ("scorten", scorten, 0, 7),
    ):
        if value is not None and not math.isnan(value) and not low <= value <= high:
            limits = "be 0 or more" if high == math.inf else f"lie between {low} and {high}"
            cells.fault(f"{name} is {value:g}", f"It must {limits}.")
    if scorten is not None and not math.isnan(scorten) and scorten % 1:
        cells.fault(f"scorten is {scorten:g}", "Give whole points.")
    if cells.faults:
        return None, cells.faults
    points = None if scorten is None else int(scorten)
    return HistoricalPatient(stay, died == "yes", open_bsa, onset, points), []


def _number_or_nothing(cells: Cells, column: str) -> float | None:
    """Return a number that need not be known."""
    return cells.number(column) if cells.line.cells.get(column) else None
