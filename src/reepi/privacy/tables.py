"""Tables of a study without what tells who its patients are: known columns pass, dates move, names change."""

import csv
import io
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from reepi.store.cells import to_number, with_point
from reepi.store.rows import escape
from reepi.store.tables import Line

OLDEST_YEARS: Final = 90.0
"""Ages above are written as this one: so few people reach them that they tell who it is (45 CFR 164.514(b)(2)). The
body template does not change beyond it."""

_IDENTIFYING: Final = re.compile(
    r"(^|_)(name|surname|forename|initials?|mrn|ssn|nhs|ipp|nip|birth|dob|born|phone|tel|mail|street|address|zip|postcode"
    r"|postal|city|town|insurance|account|hospital_?(no|id|number)|case_?(no|id|number)|record|room|bed|ward|serial"
    r"|device|ip|url)(_|$)"
)
"""Names of columns that identify people, whatever they hold (after the list of 45 CFR 164.514(b)(2))."""

_LONG_NUMBER: Final = re.compile(r"\d{6,}")
"""A run of digits that is no measurement of a patient but the number of one."""

_WORDS: Final = frozenset(
    (
        *("yes", "no", "true", "false", "y", "n", "unknown", "none", "na", "n/a", "f", "m", "female", "male", "left"),
        *("right", "present", "absent", "alive", "dead", "mild", "moderate", "severe", "never", "ever", "current"),
    )
)
"""Words that a cell may hold and that tell nothing of who it is."""


@dataclass(frozen=True)
class CleanTable:
    """A table that may be handed on.

    Parameters
    ----------
    text : str
        As CSV.
    dropped : tuple of str
        Columns that are not in it.
    capped : int
        Ages that were lowered to `OLDEST_YEARS`.
    """

    text: str
    dropped: tuple[str, ...]
    capped: int = 0


def clean_table(
    lines: Sequence[Line],
    known: Sequence[str],
    renamed: Mapping[str, Callable[[str], str]],
    shift: Callable[[str], timedelta],
    kept: Collection[str] = (),
) -> CleanTable:
    """Return the lines of a table without what tells whose they are.

    Parameters
    ----------
    lines : sequence of Line
        The table, in the order in which it is written.
    known : sequence of str
        Columns that pass, in the order in which they are written.
    renamed : mapping of str to callable
        What the cells of a column become.
    shift : callable
        What the dates of a patient move by, by identifier.
    kept : collection of str
        Further columns that somebody looked at and wants to keep.
    """
    there = list(lines[0].cells) if lines else []
    passing = [column for column in there if column in known or column in kept]
    rows = [[_cleaned(line, column, renamed, shift) for column in passing] for line in lines]
    ages = [line.cells.get("age_years", "") for line in lines]
    capped = sum(_over_oldest(age) for age in ages)
    return CleanTable(_text(passing, rows), tuple(column for column in there if column not in passing), capped)


def name_identifies(name: str) -> bool:
    """Return whether something of this name identifies people, whatever it holds."""
    return bool(_IDENTIFYING.search(name))


def is_long_number(text: str) -> bool:
    """Return whether a text holds so many digits that it may be the number of a person."""
    return bool(_LONG_NUMBER.search(text))


def is_plain_word(text: str) -> bool:
    """Return whether a text is a word that tells nothing of who it is."""
    return text.casefold() in _WORDS


def is_date_column(column: str) -> bool:
    """Return whether a column holds dates by its name."""
    return column == "date" or column.endswith(("_date", "_at"))


def moved(cell: str, shift: timedelta) -> str:
    """Return a date of ISO 8601, with or without time of day, moved by whole days; what is none stays as it is.

    The clock of the place is kept without its offset: that tells on which of two days the clocks were changed, which
    moving was to hide.
    """
    try:
        moment = datetime.fromisoformat(cell).replace(tzinfo=None) + shift
    except (ValueError, OverflowError):
        return cell
    return moment.isoformat() if _TIME_OF_DAY.search(cell) else moment.date().isoformat()


_TIME_OF_DAY: Final = re.compile(r"\d[T ]\d")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def _cleaned(
    line: Line, column: str, renamed: Mapping[str, Callable[[str], str]], shift: Callable[[str], timedelta]
) -> str:
    cell = line.cells[column]
    if column in renamed:
        return renamed[column](cell) if cell else cell
    if column == "age_years" and _over_oldest(cell):
        return f"{OLDEST_YEARS:g}"
    if is_date_column(column) or _DATE.match(cell):
        return moved(cell, shift(line.cells["patient_id"]))
    return cell


def _over_oldest(age: str) -> bool:
    try:
        return to_number(age) > OLDEST_YEARS
    except ValueError:
        return False


def _is_number(cell: str) -> bool:
    try:
        to_number(cell)
    except ValueError:
        return False
    return True


def _text(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    # A negative number is no formula; a decimal comma could be one between thousands in a table that commas separate.
    writer.writerows([with_point(cell) if _is_number(cell) else escape(cell) for cell in row] for row in rows)
    return text.getvalue()
