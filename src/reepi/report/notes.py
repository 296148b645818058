"""Definitions as numbered notes: each text once, and beside every value the number of its note."""

from collections.abc import Iterable
from dataclasses import dataclass

from reepi.core.results import EndpointRow
from reepi.report.content import EndpointGroup


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
