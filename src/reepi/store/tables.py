"""CSV files as people make them: with a byte-order mark, semicolons and decimal commas from a spreadsheet."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from reepi.core.errors import Fault

MAX_TABLE_BYTES: Final = 64 * 1024 * 1024
"""A larger table is no list of patients or photographs."""

SEPARATORS: Final = (",", ";", "\t")

_EXCEL: Final = re.compile(r'"?sep=([^\r\n])"?[ \t]*(?=[\r\n]|$)', re.IGNORECASE)
"""First line by which Excel is told a separator, such as ``sep=;``: it is no part of the table."""


@dataclass(frozen=True)
class Line:
    """One line of a table.

    Parameters
    ----------
    table : str
        Name of the file.
    number : int
        Line of the file, counted from 1.
    cells : dict
        Cell by column name, stripped of blanks.
    separator : str
        What stands between the cells of the table.
    """

    table: str
    number: int
    cells: dict[str, str]
    separator: str = ","

    def fault(self, problem: str, remedy: str) -> Fault:
        """Return a fault of this line."""
        return Fault(self.table, problem, remedy, self.number)


def read_table(path: Path, required: Sequence[str], may_be_empty: bool = False) -> tuple[list[Line], list[Fault]]:
    """Read a table's lines and gather what is wrong with it as a table.

    Parameters
    ----------
    path : Path
        The CSV file, in UTF-8; separated by commas, semicolons or tabs.
    required : sequence of str
        Columns that must be there. Others are kept and may be ignored.
    may_be_empty : bool
        Whether a table that is not there or has no lines is right.

    Returns
    -------
    tuple of list
        Lines with content, and faults. Where a column is missing there are no lines.
    """
    if may_be_empty and not path.exists():
        return [], []
    text, faults = _read_text(path)
    if text is None:
        return [], faults
    separator, table = dialect(text)
    try:
        reader = csv.reader(io.StringIO(table, newline=""), delimiter=separator, strict=True)
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        return [], [Fault(path.name, f"it is no CSV ({error})", "Save it again as CSV in UTF-8.")]
    lines, faults = _lines(path.name, rows, required, may_be_empty)
    return [replace(line, separator=separator) for line in lines], faults


def _read_text(path: Path) -> tuple[str | None, list[Fault]]:
    name = path.name
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            return None, [Fault(name, "it is too large for a table", f"Keep it below {MAX_TABLE_BYTES:,} bytes.")]
        return path.read_bytes().decode("utf-8-sig"), []
    except FileNotFoundError:
        return None, [Fault(name, "the file is missing", "Add it to the study folder.")]
    except UnicodeDecodeError:
        return None, [Fault(name, "it is not in UTF-8", "Save it as 'CSV UTF-8' in the spreadsheet program.")]
    except OSError as error:
        return None, [Fault(name, f"it cannot be read ({error.strerror})", "Check the file and its rights.")]


def dialect(text: str) -> tuple[str, str]:
    """Return the separator of a table's text, and the text; a line that tells Excel the separator is empty in it."""
    if told := _EXCEL.match(text):
        return told[1], text[told.end() :]
    return max(SEPARATORS, key=text.split("\n", 1)[0].count), text


def _lines(
    name: str, rows: list[tuple[int, list[str]]], required: Sequence[str], may_be_empty: bool
) -> tuple[list[Line], list[Fault]]:
    rows = [(number, [cell.strip() for cell in row]) for number, row in rows if any(cell.strip() for cell in row)]
    if not rows:
        return [], [] if may_be_empty else [
            Fault(name, "it is empty", f"Give it a first line with {', '.join(required)}.")
        ]
    header = [cell.lower() for cell in rows[0][1]]
    faults = _header_faults(name, rows[0][0], header, required)
    if len(rows) == 1 and not may_be_empty:
        faults.append(Fault(name, "it has no lines below its first", "Add one line for each."))
    lines = []
    for number, row in rows[1:]:
        if any(row[len(header) :]):
            problem = f"it has {len(row)} cells under {len(header)} columns"
            faults.append(Fault(name, problem, "Put cells that hold a comma in quotes.", number))
        lines.append(Line(name, number, dict(zip(header, [*row, *[""] * len(header)], strict=False))))
    return ([] if _missing(header, required) else lines), faults


def _missing(header: list[str], required: Sequence[str]) -> list[str]:
    return [column for column in required if column not in header]


def _header_faults(name: str, number: int, header: list[str], required: Sequence[str]) -> list[Fault]:
    faults = [
        Fault(name, f"the column {column} is missing", f"The first line must name {', '.join(required)}.", number)
        for column in _missing(header, required)
    ]
    twice = sorted({column for column in header if column and header.count(column) > 1})
    return faults + [Fault(name, f"the column {column} stands twice", "Remove one.", number) for column in twice]
