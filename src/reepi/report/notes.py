"""Endpoints as tables: those of many days as a matrix, all others line by line, definitions as numbered notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reepi.core.results import EndpointRow
from reepi.report.content import EndpointGroup

COLUMNS_ON_PAPER: Final = 14
"""Days that stand side by side on a page: two weeks."""


@dataclass(frozen=True)
class Notes:
    """The notes of one table.

    Parameters
    ----------
    texts : tuple of str
        In the order in which the table first needs them.
    """

    texts: tuple[str, ...]

    def number(self, row: EndpointRow) -> int:
        """Return the number of a row's note, counted from 1."""
        return self.texts.index(row.definition) + 1

    def numbers(self, group: EndpointGroup) -> tuple[int, ...]:
        """Return the numbers of the notes of an endpoint, in order."""
        return tuple(sorted({self.number(row) for row in group.rows}))


def numbered(groups: Iterable[EndpointGroup]) -> Notes:
    """Return the notes of the endpoints of a table."""
    return Notes(tuple(dict.fromkeys(row.definition for group in groups for row in group.rows)))


@dataclass(frozen=True)
class Matrix:
    """Endpoints with a value at each of many days.

    Parameters
    ----------
    days : tuple of int
        Columns.
    groups : tuple of EndpointGroup
        Lines.
    """

    days: tuple[int, ...]
    groups: tuple[EndpointGroup, ...]

    def cell(self, group: EndpointGroup, day: int) -> EndpointRow | None:
        """Return the row of an endpoint at a day."""
        return next((row for row in group.rows if row.day == day), None)


def matrix_of(groups: Iterable[EndpointGroup]) -> Matrix:
    """Return the endpoints that have several rows, each of another day and all in one unit."""
    found = tuple(group for group in groups if _by_day(group))
    days = {row.day for group in found for row in group.rows if row.day is not None}
    return Matrix(tuple(sorted(days)), found)


def pages_of(columns: Sequence[object], printed: bool) -> tuple[slice, ...]:
    """Return which columns of a table stand side by side: on the screen all, on paper as many as fit."""
    width = COLUMNS_ON_PAPER if printed else max(len(columns), 1)
    return tuple(slice(start, start + width) for start in range(0, len(columns), width))


def lines_of(groups: Iterable[EndpointGroup]) -> tuple[EndpointGroup, ...]:
    """Return the endpoints that `matrix_of` leaves."""
    return tuple(group for group in groups if not _by_day(group))


def _by_day(group: EndpointGroup) -> bool:
    days = [row.day for row in group.rows]
    units = {row.unit for row in group.rows}
    return len(days) > 1 and None not in days and len(set(days)) == len(days) and len(units) == 1


def sources_of(group: EndpointGroup) -> tuple[str, ...]:
    """Return what the values of an endpoint rest on, each once."""
    return tuple(dict.fromkeys(row.source for row in group.rows if row.source))
