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
        The table cannot be read.
    """
    path = folder / PHOTOS_FILE
    old, new = _content(path), list(lines)
    if not old.removeprefix(_BOM).strip():
        told = {column for line in new for column, cell in line.items() if cell}
        columns = [*PHOTO_COLUMNS, *sorted(told - set(PHOTO_COLUMNS))]
        old = (_BOM if old.startswith(_BOM) else b"") + (",".join(columns) + "\n").encode()
    write_bytes(path, appended(old, new))


def appended(content: bytes, lines: Iterable[Mapping[str, str]]) -> bytes:
    """Return a table's bytes with lines at their end; see `append_photos`."""
    text = content.removeprefix(_BOM).decode("utf-8")
    separator, table = dialect("\n".join(line for line in text.splitlines() if line.strip()))
    head = next(line for line in table.splitlines() if line)
    columns = [cell.strip().lower() for cell in next(csv.reader([head], delimiter=separator))]
    end = next((each for each in ("\r\n", "\n", "\r") if each in text), "\n")
    grown = io.StringIO()
    quotes_all = _quotes_all(head, separator)
    writer = csv.writer(
        grown, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL
    )
    writer.writerows([line.get(column, "") for column in columns] for line in lines)
    joint = b"" if text.endswith(("\n", "\r")) else end.encode()
    return content + joint + grown.getvalue().encode("utf-8")


def _quotes_all(head: str, separator: str) -> bool:
    return all(cell.strip().startswith('"') and cell.strip().endswith('"') for cell in head.split(separator))


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        problem = f"it cannot be read ({error.strerror})"
        raise InputError([Fault(path.name, problem, "Check the file and its rights.")]) from error
