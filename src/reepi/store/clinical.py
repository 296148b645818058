"""``clinical.csv``: what the ward knows of the patients, one observation a line; and back to its text."""

import csv
import io
import math
import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Final

from reepi.core.clinical import LABORATORY, ClinicalRecord, MucosaState, Observation
from reepi.core.clinical_items import ITEMS, Item, Kind, item_of
from reepi.core.errors import Fault
from reepi.core.study import Patient
from reepi.store.cells import Cells, suggestion, to_number
from reepi.store.clinical_contradictions import Told, contradictions
from reepi.store.rows import escape, unescape
from reepi.store.tables import Line, read_table

__all__ = ["CLINICAL_COLUMNS", "CLINICAL_FILE", "ITEMS", "clinical_text", "read_clinical"]

CLINICAL_FILE: Final = "clinical.csv"

CLINICAL_COLUMNS: Final = ("patient_id", "item", "date", "value", "unit")

MUCOSA_STATES: Final[tuple[MucosaState, ...]] = ("involved", "not_involved", "healed")

NEEDLESS: Final = "Fill it in, or remove the line: what is not known needs no line."

NO_TERMS: Final = frozenset(
    ("", "none", "nil", "null", "nothing", "nan", "na", "n/a", "n.a", "not applicable", "unknown", "not known", "0")
)
"""What people write where there is nothing to tell, without the marks around it: no event has such a name."""

_MARKS: Final = " .?!-–—_/*()"

_BEYOND_MEASURING: Final = re.compile(r"([<>]=?)\s*(\S+)")
"""A value below or above what a laboratory can measure, such as ``<0.5``."""

_Value = tuple[str, float | None, str]
"""Text, number and unit of an observation."""

_NO_VALUE: Final[_Value] = ("", None, "")


def read_clinical(
    path: Path, patients: Iterable[Patient], named: Collection[str] | None, *, counts_from_admission: bool = False
) -> tuple[dict[str, ClinicalRecord], list[Fault]]:
    """Read ``clinical.csv``; a study without it is right.

    Parameters
    ----------
    path : Path
        The table.
    patients : iterable of Patient
        The patients of the study, whose dates the table is held against.
    named : collection of str or None
        Everyone whom ``patients.csv`` names, rightly or not; of others nothing may be told. None: not known.
    counts_from_admission : bool
        Whether day zero of the study is the admission, so that the first one must be that of ``patients.csv``.

    Returns
    -------
    tuple
        Record by patient, in the order of the file; and what is wrong with the table: its lines, and what they say
        against each other.
    """
    lines, faults = read_table(path, CLINICAL_COLUMNS[:-1], may_be_empty=True)
    told: list[Told] = []
    for line in lines:
        observation, found = _observation(line, named)
        faults += found
        if observation is not None:
            told.append(Told(line, observation))
    faults += contradictions(told, {patient.patient_id: patient for patient in patients}, counts_from_admission)
    records: dict[str, list[Observation]] = {}
    for each in told:
        records.setdefault(each.observation.patient_id, []).append(each.observation)
    return {patient_id: ClinicalRecord(tuple(found)) for patient_id, found in records.items()}, faults


def clinical_text(observations: Iterable[Observation]) -> str:
    """Return observations as the text of a ``clinical.csv`` that is read as the same again."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(CLINICAL_COLUMNS)
    writer.writerows(_cells(each) for each in observations)
    return text.getvalue()


def _cells(observation: Observation) -> tuple[str, str, str, str, str]:
    value, unit = observation.text, observation.unit
    item = item_of(observation.item)
    if item is not None and item.kind in ("measured", "laboratory"):
        value, _, written = observation.text.partition(" ")
        unit = written if item.kind == "measured" and value else unit
    if not value and observation.number is not None:
        value = repr(observation.number)
    day = observation.date.isoformat() if observation.date else ""
    return observation.patient_id, observation.item, day, value if _is_number(value) else escape(value), escape(unit)


def _is_number(text: str) -> bool:
    try:
        to_number(text)
    except ValueError:
        return False
    return True


def _observation(line: Line, named: Collection[str] | None) -> tuple[Observation | None, list[Fault]]:
    cells = Cells(line)
    patient_id = cells.text("patient_id")
    if patient_id and named is not None and patient_id not in named:
        cells.fault(f"patient {patient_id!r} is not in patients.csv", suggestion(patient_id, named).strip())
    item = _item(cells)
    day = cells.date("date")
    if item is None:
        return None, cells.faults
    text, number, unit = _READERS[item.kind](cells, item)
    if cells.faults:
        return None, cells.faults
    return Observation(patient_id, item.name, day, text, number, unit), []


def _item(cells: Cells) -> Item | None:
    name = cells.text("item").lower()
    item = item_of(name)
    if name and item is None:
        near = suggestion(name, [*ITEMS, LABORATORY + "<name>"]).strip()
        if name.startswith(LABORATORY):
            near = "Name a laboratory value by small letters, digits and _, such as laboratory_ifn_gamma."
        cells.fault(f"item {name!r} is not known", near)
    return item


def _measured(cells: Cells, item: Item) -> _Value:
    """Return a number in reepi's unit, with what was written."""
    value, unit = _value(cells), unescape(cells.line.cells.get("unit", ""))
    number = cells.number("value") if value else math.nan
    factor = item.factor(unit)
    if factor is None:
        problem = f"unit {unit!r} of {item.name} is not known" if unit else f"unit of {item.name} is empty"
        cells.fault(problem, f"Write {_units(item)}.")
        return _NO_VALUE
    if math.isnan(number):
        return _NO_VALUE
    if not item.is_possible(number * factor):
        cells.fault(_impossible(item, value, unit, number * factor), _likely_unit(item, number))
    return f"{value} {unit}".strip(), number * factor, item.unit


def _units(item: Item) -> str:
    names = [
        f"{name} (of blood urea nitrogen)" if (item.name, name) == ("urea", "mg/dL") else name for name in item.units
    ]
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


def _impossible(item: Item, value: str, unit: str, number: float) -> str:
    converted = "" if item.factor(unit) == 1 else f", which is {number:.4g} {item.unit}"
    return f"{item.name} is {f'{value} {unit}'.strip()}{converted}; it lies between {item.low:g} and {item.high:g}"


def _likely_unit(item: Item, number: float) -> str:
    likely = [unit for unit, factor in item.units.items() if item.is_possible(number * factor)]
    if likely:
        return f"It looks like {likely[0]}: check the unit."
    return f"Check the value; it is counted in {item.unit}."


def _answer(cells: Cells, item: Item) -> _Value:
    value = _value(cells).lower()
    if value and value not in ("yes", "no"):
        cells.fault(f"{item.name} is {value!r}", "Write yes or no; what is not known needs no line.")
    return value, None, ""


def _event(cells: Cells, item: Item) -> _Value:
    value, number, unit = _answer(cells, item)
    if value == "yes":
        _needs_date(cells, item, "Give the day on which it began.")
    return value, number, unit


def _date(cells: Cells, item: Item) -> _Value:
    value = cells.line.cells["value"].lower()
    if value not in ("", "yes", "no"):
        cells.fault(f"{item.name} has the value {value!r}", "Leave the value empty; the date says all.")
    elif value == "no":
        _needs_date(cells, item, "Give the day up to which this is known.")
    else:
        _needs_date(cells, item, "Give the day.")
    return value, None, ""


def _mucosa(cells: Cells, item: Item) -> _Value:
    value = _value(cells).lower().replace(" ", "_")
    if value and value not in MUCOSA_STATES:
        cells.fault(f"{item.name} is {value!r}", suggestion(value, MUCOSA_STATES).strip())
    elif value in ("involved", "healed"):
        _needs_date(cells, item, "Give the day on which it was seen.")
    return value, None, ""


def _term(cells: Cells, item: Item) -> _Value:
    value = unescape(" ".join(_value(cells).split()))
    if value.lower() == "no":
        return "no", None, ""
    if value and is_no_term(value):
        cells.fault(f"{item.name} is {value!r}", "Write no; what is not known needs no line.")
    elif value:
        _needs_date(cells, item, "Give the day on which it began.")
    return value, None, ""


def is_no_term(text: str) -> bool:
    """Return whether a text tells that there is nothing, or that nothing is known, and is no term of an event."""
    return text.lower().strip(_MARKS) in NO_TERMS


def _laboratory(cells: Cells, item: Item) -> _Value:
    """Return a value of any unit; one beyond what can be measured has a text alone."""
    value, unit = _value(cells), unescape(" ".join(cells.line.cells.get("unit", "").split()))
    beyond = _BEYOND_MEASURING.fullmatch(value)
    if beyond and _is_number(beyond[2]):
        return beyond[1] + beyond[2], None, unit
    number = cells.number("value") if value else math.nan
    return value, None if math.isnan(number) else number, unit


def _value(cells: Cells) -> str:
    value = cells.line.cells["value"]
    if not value:
        cells.fault("value is empty", NEEDLESS)
    return value


def _needs_date(cells: Cells, item: Item, remedy: str) -> None:
    if not cells.line.cells["date"]:
        cells.fault(f"{item.name} has no date", remedy)


_READERS: Final[dict[Kind, Callable[[Cells, Item], _Value]]] = {
    "measured": _measured,
    "answer": _answer,
    "event": _event,
    "date": _date,
    "mucosa": _mucosa,
    "term": _term,
    "laboratory": _laboratory,
}
