"""The re-shoot list as a page and as a table."""

from datetime import date
from pathlib import Path

from reepi.core.reshoot import ReshootRow
from reepi.report.reshoot import render_reshoot, write_reshoot
from reepi.store.rows import read_rows

DAY = date(2024, 3, 8)
ROW = ReshootRow("P<1>", DAY, 3, "trunk_anterior", "take again", "photos/=a.jpg", "blurred", "Hold <still>.")


def test_page_and_table_say_the_same(tmp_path: Path) -> None:
    page = write_reshoot(tmp_path, "Study", DAY, [ROW], {"P2": 4})
    assert page == tmp_path / "reshoot_2024-03-08.html"
    assert read_rows(page.with_suffix(".csv"), ReshootRow) == [ROW]
    text = page.read_text()
    assert all(word in text for word in ("Take again", "Trunk anterior", "Blurred", "day 3"))
    assert "4 photographs are good" in text


def test_text_is_escaped_and_nothing_is_fetched() -> None:
    text = render_reshoot("<script>", DAY, [ROW], {})
    assert "<script>" not in text
    assert "<1>" not in text
    assert "<still>" not in text
    assert "http:" not in text
    assert "https:" not in text


def test_photographs_that_wait_are_told() -> None:
    assert "1 photograph waits" in render_reshoot("S", DAY, [ROW], {}, waiting=1)
    assert "to_place" not in render_reshoot("S", DAY, [ROW], {})


def test_a_day_without_anything_says_so() -> None:
    assert "No photographs" in render_reshoot("S", DAY, [], {})
