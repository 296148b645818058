"""``clinical.csv`` and ``historical.csv`` without what tells whose they are, line by line.

Closed words, numbers and moved dates pass, free text does not: the line of an adverse event stays, its term does not.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from reepi.core.clinical import LABORATORY
from reepi.core.clinical_items import ITEMS, item_of
from reepi.privacy.pseudonyms import Pseudonyms
from reepi.privacy.tables import CleanTable, clean_table, is_long_number, is_plain_word, name_identifies
from reepi.store.clinical import CLINICAL_COLUMNS
from reepi.store.historical import HISTORICAL_COLUMNS
from reepi.store.tables import Line

TERMS: Final = "value"
"""Column to keep where somebody looked at the terms of sequelae and adverse events."""

_UNIT_PART: Final = (
    r"(?:[kmunpf]?(?:g|l|mol|iu|u|eq|m|s)|[µμ](?:g|l|mol|iu|u|m|s)|[cd]l|min|h|d|day|%|bpm|mmhg|kpa|cells?|copies|ratio"
    r"|\d{0,2}\^?\d{0,2})"
)
_UNIT: Final = re.compile(rf"{_UNIT_PART}(?:[/*. ]{_UNIT_PART}){{0,3}}", re.IGNORECASE)
"""Units as laboratories write them, such as ``pg/mL`` and ``10^9/L``; what else stands there may be a name."""


@dataclass(frozen=True)
class CleanClinical:
    """A table of observations that may be handed on.

    Parameters
    ----------
    table : CleanTable
        The table.
    terms : int
        Terms in free text that are not in it; their lines are.
    lines : int
        Laboratory values that are not in it, since their name or their number may be that of a person.
    units : int
        Units that are not in it.
    laboratory : tuple of str
        Names of laboratory values that are in it, for somebody to look at.
    """

    table: CleanTable
    terms: int = 0
    lines: int = 0
    units: int = 0
    laboratory: tuple[str, ...] = ()


def clean_clinical(lines: Sequence[Line], names: Pseudonyms, kept: Collection[str] = ()) -> CleanClinical:
    """Return the lines of a valid ``clinical.csv`` without what tells whose they are.

    Parameters
    ----------
    lines : sequence of Line
        In the order in which they are written.
    names : Pseudonyms
        New names of patients, and what their dates move by.
    kept : collection of str
        Columns that somebody looked at and wants to keep; `TERMS` keeps the terms.
    """
    passing = [line for line in lines if _passes(line)]
    cleaned = _once(_cleaned(line, TERMS in kept) for line in passing)
    numbered = _numbered(cleaned)
    table = clean_table(numbered, CLINICAL_COLUMNS, {"patient_id": names.patient}, names.shift, kept)
    laboratory = [line for line in passing if _item(line) not in ITEMS]
    return CleanClinical(
        table,
        terms=sum(_is_withheld(line) for line in cleaned),
        lines=len(lines) - len(passing),
        units=sum(not _UNIT.fullmatch(line.cells.get("unit", "")) for line in laboratory),
        laboratory=tuple(sorted({_item(line).removeprefix(LABORATORY) for line in laboratory})),
    )


def clean_historical(lines: Sequence[Line]) -> CleanTable:
    """Return a valid ``historical.csv`` with the columns that reepi knows, in an order that tells nothing."""
    ordered = sorted(lines, key=lambda line: [line.cells.get(column, "") for column in HISTORICAL_COLUMNS])
    return clean_table(ordered, HISTORICAL_COLUMNS, {}, lambda patient_id: timedelta(0))


def _item(line: Line) -> str:
    return line.cells["item"].lower()


def _passes(line: Line) -> bool:
    """Return whether a line may be handed on at all; closed items may, and laboratory values that name nobody."""
    name = _item(line)
    if name in ITEMS:
        return True
    whole = line.cells["value"].partition(".")[0]
    return not name_identifies(name.removeprefix(LABORATORY)) and not is_long_number(whole) and not is_long_number(name)


def _cleaned(line: Line, terms_pass: bool) -> Line:
    """Return a line whose free text is emptied; an emptied term is found again by `_is_withheld`."""
    item, cells = item_of(_item(line)), dict(line.cells)
    kind = "laboratory" if item is None else item.kind
    if kind == "term" and not terms_pass and not is_plain_word(cells["value"]):
        cells["value"] = ""
    # The units of measured items are a closed list already.
    if "unit" in cells and kind != "measured" and not (kind == "laboratory" and _UNIT.fullmatch(cells["unit"])):
        cells["unit"] = ""
    return replace(line, cells=cells)


def _once(lines: Iterable[Line]) -> list[Line]:
    """Return lines without those that became the same as an earlier one, of terms all."""
    seen: set[tuple[object, ...]] = set()
    found = []
    for line in lines:
        key = tuple(line.cells.items())
        if _is_withheld(line) or key not in seen:
            found.append(line)
        seen.add(key)
    return found


def _is_withheld(line: Line) -> bool:
    item = ITEMS.get(_item(line))
    return item is not None and item.kind == "term" and not line.cells["value"]


def _numbered(lines: Iterable[Line]) -> list[Line]:
    """Return lines with a number in the place of each withheld term: two events of a day stay two."""
    counts: dict[tuple[str, str], int] = {}
    found = []
    for line in lines:
        if _is_withheld(line):
            key = (line.cells["patient_id"], _item(line))
            counts[key] = counts.get(key, 0) + 1
            line = replace(line, cells={**line.cells, "value": f"withheld {counts[key]}"})
        found.append(line)
    return found
