"""Rows of the results to CSV and back. The same rows give the same bytes, and no cell can start a formula."""

import csv
import io
import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

import numpy as np

from reepi.core.clinical import LABORATORY
from reepi.core.reshoot import ReshootRow
from reepi.core.results import (
    AreaRow,
    ChangeRow,
    DisagreementRow,
    EndpointRow,
    PhotographArea,
    PhotoRow,
    SuggestionRow,
)
from reepi.store.files import write_text

DECIMALS: Final = 8
"""Decimals of every number: sums of a region's rows stay true to 1e-6 % BSA, and noise of the last bits is cut."""

DIGITS: Final = 6
"""Significant digits of a measured value that is so small that `DECIMALS` would leave fewer."""

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED: Final = re.compile(r"'+[=+\-@\t\r]")

Row = TypeVar(
    "Row", AreaRow, ChangeRow, DisagreementRow, EndpointRow, PhotoRow, PhotographArea, SuggestionRow, ReshootRow
)


def write_rows(path: Path, row_type: type[Row], rows: Iterable[Row]) -> None:
    """Write rows as a CSV file whose columns are the fields of their type, in one step."""
    write_text(path, rows_to_text(row_type, rows))


def rows_to_text(row_type: type[Row], rows: Iterable[Row]) -> str:
    """Return rows as CSV text with a header, lines ended by a line feed."""
    names = [field.name for field in fields(row_type)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        number = _number_format(row)
        writer.writerow([_cell(getattr(row, name), number) for name in names])
    return text.getvalue()


def read_rows(path: Path, row_type: type[Row]) -> list[Row]:
    """Read the rows of a CSV file that `write_rows` wrote.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file does not hold such rows; names the file and its line.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return text_to_rows(file.read(), row_type, path.name)


def text_to_rows(text: str, row_type: type[Row], name: str = "text") -> list[Row]:
    """Return the rows of CSV text; see `read_rows`."""
    parsers = {column: _parser(hint) for column, hint in get_type_hints(row_type).items()}
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in parsers if column not in (reader.fieldnames or ())]
    if missing:
        raise ValueError(f"{name}, line 1: it has no column {', '.join(missing)}. Score again.")
    rows = []
    for cells in reader:
        try:
            rows.append(row_type(**_values(cells, parsers)))
        except ValueError as error:
            raise ValueError(f"{name}, line {reader.line_num}: {error}. Score again.") from error
    return rows


def _values(cells: Mapping[str, str | None], parsers: Mapping[str, Callable[[str], Any]]) -> dict[str, Any]:
    """Return what the cells of a line hold, by column (`ValueError` says what is wrong with one)."""
    values = {}
    for column, parse in parsers.items():
        cell = cells[column]
        if cell is None:
            raise ValueError(f"the line ends before its {column}")
        try:
            values[column] = parse(cell)
        except ValueError as error:
            raise ValueError(f"{column} {cell!r} cannot be read") from error
    return values


def escape(text: str) -> str:
    """Return a text that a spreadsheet does not take for a formula: an apostrophe goes before ``= + - @``."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape(text: str) -> str:
    """Return the text that `escape` was given."""
    return text[1:] if _ESCAPED.match(text) else text


def format_number(value: float) -> str:
    """Return a number with at most `DECIMALS` decimals, without trailing zeros and without a negative zero."""
    text = f"{value:.{DECIMALS}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def format_measured(value: float) -> str:
    """Return a number as `format_number` does; a small one, such as a trace in g/L, with `DIGITS` significant digits.

    It has no exponent, which REDCap would refuse.
    """
    if not 0 < abs(value) < 10.0 ** (DIGITS - DECIMALS):
        return format_number(value)
    return np.format_float_positional(value, DIGITS, fractional=False, trim="-")


def _number_format(row: object) -> Callable[[float], str]:
    """Return how the numbers of a row are written: laboratory values come in any unit, others are noise if so small."""
    measured = isinstance(row, EndpointRow) and row.endpoint.startswith(LABORATORY)
    return format_measured if measured else format_number


def _cell(value: object, number: Callable[[float], str]) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case float():
            return number(value)
        case date():
            return value.isoformat()
        case _:
            return escape(str(value))


def _parser(hint: Any) -> Callable[[str], Any]:
    if isinstance(hint, types.UnionType):
        parse = _number_or_text if str in hint.__args__ else _parser(hint.__args__[0])
        return lambda cell: None if cell == "" else parse(cell)
    parsers: dict[Any, Callable[[str], Any]] = {float: float, int: int, date: date.fromisoformat}
    return parsers.get(hint, unescape)


def _number_or_text(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return unescape(cell)
