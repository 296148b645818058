"""Which endpoints stand in the table by day."""

import pytest

from reepi.core.results import EndpointRow
from reepi.report.content import EndpointGroup
from reepi.report.notes import lines_of, matrix_of


def group(*rows: tuple[int | None, str]) -> EndpointGroup:
    """Return an endpoint with a value of a unit at each of some days."""
    name = "laboratory_ifn_gamma"
    found = tuple(EndpointRow("P1", name, day, 1.0, None, None, unit, "described only") for day, unit in rows)
    return EndpointGroup(name, "Laboratory value: ifn gamma", found)


@pytest.mark.parametrize(
    ("rows", "is_by_day"),
    [
        (((0, "pg/mL"), (10, "pg/mL")), True),
        (((0, "pg/mL"), (10, "ng/mL")), False),
        (((0, "pg/mL"),), False),
        (((0, "pg/mL"), (0, "pg/mL")), False),
        (((0, "pg/mL"), (None, "pg/mL")), False),
    ],
    ids=["two days", "two units", "one day", "one day twice", "no day"],
)
def test_one_line_has_one_unit(rows: tuple[tuple[int | None, str], ...], is_by_day: bool) -> None:
    """The head names the unit of all days: what has several stands line by line, each value with its own."""
    found = group(*rows)
    assert matrix_of([found]).groups == ((found,) if is_by_day else ())
    assert lines_of([found]) == (() if is_by_day else (found,))
