"""Readers' points as a CSV file, one point a line, to look at, to move to another study folder and to bring back."""

import csv
import io
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from reepi.core.errors import InputError
from reepi.core.reader_points import NewPoints, ReaderPoint, SavedPoints
from reepi.core.reading import checked_reader
from reepi.store.cells import Cells
from reepi.store.files import write_text
from reepi.store.reader_points import PointStore
from reepi.store.rows import escape, unescape
from reepi.store.tables import read_table

COLUMNS: Final = ("file", "reader", "x", "y", "face", "corner_1", "corner_2", "corner_3", "file_sha256")
"""Photograph, who placed the point, its place as shares of the sides from left and top, face of the template, weights
of the face's corners, and hash of the photograph that it was placed on (may be empty)."""


def write_points(path: Path, saved: Iterable[SavedPoints]) -> None:
    """Write points as CSV, in one step; every number comes back as it was."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in saved:
        for point in each.points:
            place = (repr(point.x), repr(point.y), point.face, *map(repr, point.barycentric))
            writer.writerow([escape(each.photograph), escape(each.reader), *place, each.photograph_sha256])
    write_text(path, text.getvalue())


def read_points(path: Path, files: Iterable[str] | None = None) -> tuple[NewPoints, ...]:
    """Read points from CSV: those of one photograph and reader together, in the order of their first lines.

    Parameters
    ----------
    path : Path
        The table.
    files : iterable of str, optional
        Photographs that there are; a line of another is a fault.

    Raises
    ------
    InputError
        Lines are wrong; carries all of their faults.
    """
    lines, faults = read_table(path, COLUMNS[:-1])
    known = None if files is None else set(files)
    together: dict[tuple[str, str], list[ReaderPoint]] = {}
    hashes: dict[tuple[str, str], str] = {}
    for line in lines:
        cells = Cells(line)
        key, point = _point(cells, known)
        sha256 = line.cells.get("file_sha256", "")
        if point is not None and hashes.setdefault(key, sha256) != sha256:
            cells.fault("the photograph has another hash than in a line above", "Export the points again.")
        faults += cells.faults
        if point is not None:
            together.setdefault(key, []).append(point)
    if faults:
        raise InputError(faults)
    return tuple(NewPoints(*key, tuple(points), hashes[key]) for key, points in together.items())


def import_points(store: PointStore, path: Path, files: Iterable[str] | None = None) -> tuple[SavedPoints, ...]:
    """Save the points of a table; nothing is saved where a line is wrong. See `read_points`."""
    return tuple(store.save(new) for new in read_points(path, files))


def _point(cells: Cells, known: set[str] | None) -> tuple[tuple[str, str], ReaderPoint | None]:
    file, reader = unescape(cells.text("file")).replace("\\", "/"), unescape(cells.text("reader"))
    if file and known is not None and file not in known:
        cells.fault(f"the study has no photograph {file!r}", "Name it as in photos.csv.")
    x, y, first, second, third = (cells.number(name) for name in ("x", "y", "corner_1", "corner_2", "corner_3"))
    face = cells.number("face")
    if not math.isnan(face) and not face.is_integer():
        cells.fault(f"face {face:g} is no whole number", "Export the points again.")
    if cells.faults:
        return (file, reader), None
    try:
        return (file, checked_reader(reader)), ReaderPoint(x, y, int(face), (first, second, third))
    except ValueError as error:
        cells.fault(str(error), "Correct the line, or place the point again.")
        return (file, reader), None
