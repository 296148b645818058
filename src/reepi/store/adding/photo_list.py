"""``photos.csv`` grows by lines at its end. What stands in it already keeps every byte."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from reepi.core.errors import Fault, InputError
from reepi.store.files import write_bytes
from reepi.store.study import PHOTO_COLUMNS, PHOTOS_FILE
from reepi.store.tables import dialect

_BOM: Final = b"\xef\xbb\xbf"


def append_photos(folder: Path, lines: Iterable[Mapping[str, str]]) -> None:
    """Append lines to ``photos.csv`` in one step.

    A file that is not there or empty gets its first line, with every column that a line tells something in. In another
    one, byte-order mark, separator, line ends, the order of the columns, further columns and the habit to quote every
    cell stay as they are; further columns are left empty.

    Parameters
    ----------
    folder : Path
        The study folder.
    lines : iterable of dict
        Cells by column; a column that the table has not is left out.

    Raises
    ------
    InputError
        The table cannot be read, or lines at its end would not be read back.
    """
    path = folder / PHOTOS_FILE
    old, new = _content(path), list(lines)
    if not old.removeprefix(_BOM).strip():
        told = {column for line in new for column, cell in line.items() if cell}
        columns = [*PHOTO_COLUMNS, *sorted(told - set(PHOTO_COLUMNS))]
        old = (_BOM if old.startswith(_BOM) else b"") + (",".join(columns) + "\n").encode()
    write_bytes(path, appended(old, new))


def appended(content: bytes, lines: Iterable[Mapping[str, str]]) -> bytes:
    """Return a table's bytes with lines at their end; see `append_photos`.

    Raises
    ------
    InputError
        The table is such that its lines would not be read back as they were written.
    """
    text = content.removeprefix(_BOM).decode("utf-8")
    separator, table = dialect(text)
    rows = _rows(table, separator)
    head = next((row for row in rows if any(cell.strip() for cell in row)), None)
    if head is None:
        raise _unfit("it names no columns")
    columns = [cell.strip().lower() for cell in head]
    end = next((each for each in ("\r\n", "\n", "\r") if each in text), "\n")
    added = [[line.get(column, "") for column in columns] for line in lines]
    grown = io.StringIO(newline="")
    writer = csv.writer(
        grown,
        delimiter=separator,
        lineterminator=end,
        quoting=csv.QUOTE_ALL if _quotes_all(table, separator) else csv.QUOTE_MINIMAL,
    )
    writer.writerows(added)
    joint = "" if text.endswith(("\n", "\r")) else end
    if _rows(table + joint + grown.getvalue(), separator) != [*rows, *added]:
        raise _unfit("a line at its end would not be read as it was written")
    return content + (joint + grown.getvalue()).encode("utf-8")


def _rows(table: str, separator: str) -> list[list[str]]:
    """Return the rows, empty ones too, as `reepi.store.tables.read_table` finds them."""
    try:
        return [*csv.reader(io.StringIO(table, newline=""), delimiter=separator, strict=True)]
    except csv.Error as error:
        raise _unfit(f"it is no CSV ({error})") from error


def _unfit(problem: str) -> InputError:
    return InputError([Fault(PHOTOS_FILE, problem, "Save it again as CSV in UTF-8.")])


def _quotes_all(table: str, separator: str) -> bool:
    head = next(line for line in io.StringIO(table, newline="") if line.strip())
    return all(cell.strip().startswith('"') and cell.strip().endswith('"') for cell in head.split(separator))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        problem = f"it cannot be read ({error.strerror})"
        raise InputError([Fault(path.name, problem, "Check the file and its rights.")]) from error
