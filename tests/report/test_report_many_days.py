"""Tables of a patient with many visits: on one line on the screen, in parts that fit on paper."""

from collections import Counter
from datetime import date, timedelta

import pytest

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import AREA_LABELS, AreaRow, EndpointRow
from reepi.core.study import Patient, Protocol, Study
from reepi.report.content import ReportContent
from reepi.report.gathering import report_content
from reepi.report.pictures import Pictures
from reepi.report.rendering import rendered

ZERO = date(2024, 3, 5)
DAYS = range(28)
SHARES = {"intact": 90.0, "detached": 10.0, "open": 10.0}


@pytest.fixture(scope="module")
def content() -> ReportContent:
    """A patient seen daily for four weeks."""
    patient = Patient("P1", "F", 40, 165, 62, ZERO, ZERO)
    areas = [
        AreaRow("P1", ZERO + timedelta(day), day, region, tissue, *[SHARES.get(tissue, 0.0)] * 4)
        for day in DAYS
        for region in (*REGIONS, WHOLE_BODY)
        for tissue in AREA_LABELS
    ]
    rows = [EndpointRow("P1", "open_bsa", day, 10.0, 9.0, 11.0, "% BSA", "how") for day in DAYS]
    return report_content(Study("s", "infusion", (0, 7), Protocol(), (patient,), ()), areas, rows, (), {})


@pytest.mark.parametrize(("printed", "parts"), [(False, 1), (True, 2)])
def test_a_table_of_four_weeks_is_two_on_paper(content: ReportContent, printed: bool, parts: int) -> None:
    """Two weeks side by side are as wide as a page; every day stands once in each table."""
    nothing = Pictures(b"", {}, {}, {}, {}, {}, {}, None)
    page = "".join(rendered(content, lambda _: nothing, bodies=False, printed=printed))
    for caption in ("Endpoints by day", "Open skin of each region by visit, ", "Part of each region that was"):
        tables = [part.split("</table>")[0] for part in page.split("<table")[1:] if f"<caption>{caption}" in part]
        assert len(tables) == parts
        heads = Counter(f"Day {day}" for day in DAYS for table in tables if f">Day {day}</th>" in table)
        assert heads == Counter(f"Day {day}" for day in DAYS)
        assert all(table.count("10.0") + table.count("100") >= len(DAYS) // parts for table in tables)
