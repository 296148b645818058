"""Cells of a table to values: each either gives the value or tells its fault."""

import difflib
import math
import re
from collections.abc import Callable, Collection, Set
from datetime import date, datetime
from typing import Final, TypeVar

from reepi.core.errors import Fault
from reepi.store.tables import Line

Value = TypeVar("Value")

_DECIMAL_COMMA: Final = re.compile(r"([+-]?\d+),(\d+)")

_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
"""A number as spreadsheets group its thousands: ``1,234``."""


class Cells:
    """Reads the cells of one line and gathers their faults.

    Parameters
    ----------
    line : Line
        The line.
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        self.faults: list[Fault] = []

    def text(self, column: str) -> str:
        """Return a cell that must have content."""
        value = self.line.cells.get(column, "")
        if not value:
            self.fault(f"{column} is empty", "Fill it in.")
        return value

    def number(self, column: str) -> float:
        """Return a number, with a decimal point or comma; NaN where there is a fault.

        In a table that commas separate, ``1,234`` may be a thousand or one: it is a fault.
        """
        value = self.line.cells.get(column, "")
        if self.line.separator == "," and _THOUSANDS.fullmatch(value):
            problem = f"{column} {value!r} may have a comma between thousands or before decimals"
            self.fault(problem, "Write thousands without it, and decimals with a point.")
            return math.nan
        return self._parsed(column, to_number, math.nan, "Write a number such as 72.5.")

    def date(self, column: str) -> date | None:
        """Return a date, or None where the cell is empty or not there."""
        if not self.line.cells.get(column):
            return None
        return self._parsed(column, to_date, None, "Write dates as YYYY-MM-DD, such as 2024-03-09.")

    def moment(self, column: str) -> datetime | None:
        """Return a date with time of day; None where there is a fault."""
        return self._parsed(column, datetime.fromisoformat, None, "Write it as ISO 8601, such as 2024-03-09T14:05.")

    def choice(
        self, column: str, allowed: Collection[str], suggested: Callable[[str], str] | None = None
    ) -> str | None:
        """Return one of the allowed words, or None; a word that is nearly right is suggested, in whatever way."""
        value = self.text(column)
        if not value or value in allowed:
            return value or None
        remedy = suggested(value) if suggested else suggestion(value, allowed).strip()
        self.fault(f"{column} {value!r} is not known", remedy)
        return None

    def fault(self, problem: str, remedy: str) -> None:
        """Add a fault of this line."""
        self.faults.append(self.line.fault(problem, remedy))

    def _parsed(self, column: str, parse: Callable[[str], Value], otherwise: Value, remedy: str) -> Value:
        value = self.text(column)
        try:
            return parse(value) if value else otherwise
        except ValueError:
            self.fault(f"{column} {value!r} cannot be read", remedy)
            return otherwise


def to_number(text: str) -> float:
    """Return the finite number of a text with a decimal point or comma (`ValueError` if it is none)."""
    number = float(with_point(text))
    if not math.isfinite(number) or "_" in text:
        raise ValueError(f"{text!r} is no number of a table")
    return number


def with_point(text: str) -> str:
    """Return the text of a number with a decimal point where it has a decimal comma."""
    decimal = _DECIMAL_COMMA.fullmatch(text)
    return f"{decimal[1]}.{decimal[2]}" if decimal else text


def to_date(text: str) -> date:
    """Return the date of an ISO date, with or without a time of day (`ValueError` if it is none)."""
    return datetime.fromisoformat(text).date()


def suggestion(word: str, allowed: Collection[str]) -> str:
    """Return a sentence that leads from a wrong word to the right one."""
    near = difflib.get_close_matches(word.lower(), list(allowed), n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]}? "
    # A set has another order in each run.
    words = sorted(allowed) if isinstance(allowed, Set) else allowed
    return f"Use one of {', '.join(filter(None, words))}. "
