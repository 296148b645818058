"""Rows and CSV: round trips, the same bytes for the same rows, and no formula in any cell."""

import csv
import io
import math
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.results import AreaRow, EndpointRow, PhotoRow
from reepi.store.rows import (
    escape,
    format_measured,
    format_number,
    read_rows,
    rows_to_text,
    text_to_rows,
    unescape,
    write_rows,
)

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
NUMBERS = st.integers(-(10**6), 10**6).map(lambda value: value / 1024)


@given(st.text(max_size=20))
def test_escaping_is_undone(text: str) -> None:
    """Whatever a cell holds, escaping and reading back gives the same."""
    assert unescape(escape(text)) == text


@given(st.text(max_size=20))
def test_no_cell_starts_a_formula(text: str) -> None:
    """A spreadsheet takes a cell for a formula when it begins with one of these (OWASP, CSV injection)."""
    assert not escape(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.builds(AreaRow, TEXT, st.dates(), st.none() | st.integers(-99, 999), TEXT, TEXT, *[NUMBERS] * 4))
def test_area_rows_come_back(row: AreaRow) -> None:
    """Areas are read as they were written, up to the decimals kept."""
    (back,) = text_to_rows(rows_to_text(AreaRow, [row]), AreaRow)
    assert (back.patient_id, back.date, back.day, back.region) == (row.patient_id, row.date, row.day, row.region)
    assert back.percent_bsa == pytest.approx(row.percent_bsa, abs=1e-8)


@pytest.mark.parametrize("value", [None, "overlap", "-x", 12.5, -3.0])
def test_endpoint_values_come_back(value: float | str | None) -> None:
    """A value may be a number, a word or nothing; a negative number stays a number."""
    row = EndpointRow("=P1", "severity_class", 7, value, None, 0.25, "% BSA", 'a, "b"\nc')
    assert text_to_rows(rows_to_text(EndpointRow, [row]), EndpointRow) == [row]


def test_columns_are_the_contract() -> None:
    """The header names the fields in their order."""
    assert rows_to_text(PhotoRow, []) == "file,status,reasons,residual_mm,seconds,source\n"


def test_cells_as_a_spreadsheet_reads_them() -> None:
    """Text that looks like a formula gets an apostrophe, a negative day does not."""
    row = AreaRow("@P", date(2024, 3, 9), -2, "-a", "open", -0.0, 1 / 3, 0.1 + 0.2, 100.0)
    cells = next(csv.DictReader(io.StringIO(rows_to_text(AreaRow, [row]))))
    assert list(cells.values()) == ["'@P", "2024-03-09", "-2", "'-a", "open", "0", "0.33333333", "0.3", "100", ""]


@given(st.floats(-1e6, 1e6))
def test_numbers_keep_their_value(value: float) -> None:
    """Eight decimals are kept, zeros at the end are not, and zero has no sign."""
    text = format_number(value)
    assert math.isclose(float(text), value, abs_tol=0.6e-8)
    assert text != "-0"
    assert not ("." in text and text.endswith(("0", ".")))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.2e-9, "0.0000000012"),
        (-1.23456789e-7, "-0.000000123457"),
        (0.0, "0"),
        (-0.0, "0"),
        (0.00123456789, "0.00123457"),
        (12.123456789, "12.12345679"),
        (12345678.0, "12345678"),
    ],
)
def test_small_measured_values_keep_their_digits(value: float, text: str) -> None:
    """Six significant digits, written out, where eight decimals would leave fewer."""
    assert format_measured(value) == text


def test_a_laboratory_value_may_be_as_small_as_its_unit_makes_it() -> None:
    """1.2 ng/L in g/L comes back; of areas and rates, what is so small is noise and is cut."""
    small = EndpointRow("P1", "laboratory_il_4", 0, 1.2e-9, None, None, "g/L", "described only")
    assert text_to_rows(rows_to_text(EndpointRow, [small]), EndpointRow) == [small]
    noise = EndpointRow("P1", "open_bsa", 0, 1.2e-9, None, None, "% BSA", "open skin")
    assert text_to_rows(rows_to_text(EndpointRow, [noise]), EndpointRow)[0].value == 0


def test_damaged_file_is_told(tmp_path: Path) -> None:
    """A table that is no longer one names its line and what to do."""
    path = tmp_path / "photos.csv"
    write_rows(path, PhotoRow, [PhotoRow("a.jpg", "scored", "", 1.5, 0.25)])
    assert read_rows(path, PhotoRow) == [PhotoRow("a.jpg", "scored", "", 1.5, 0.25)]
    path.write_text(path.read_text().replace("1.5", "much"))
    with pytest.raises(ValueError, match=r"photos\.csv, line 2: .* Score again"):
        read_rows(path, PhotoRow)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", r"areas\.csv, line 1: it has no column patient_id, date, day, .*\. Score again"),
        ("a,b\n", r"areas\.csv, line 1: it has no column patient_id, .*\. Score again"),
        ("a,b\n1,2\n", r"areas\.csv, line 1: it has no column patient_id, .*\. Score again"),
        (rows_to_text(AreaRow, []).replace(",low", ""), r"areas\.csv, line 1: it has no column low\. Score again"),
        (rows_to_text(AreaRow, []) + "P1,2024-", r"areas\.csv, line 2: date '2024-' cannot be read\. Score again"),
        (rows_to_text(AreaRow, []) + "P1,2024-03-05", r"areas\.csv, line 2: the line ends before its day\. Score"),
    ],
)
def test_a_table_without_its_columns_is_damaged(tmp_path: Path, text: str, told: str) -> None:
    """It does not read as a table without rows, of which an empty report would be made; nor does a line cut short."""
    path = tmp_path / "areas.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=told):
        read_rows(path, AreaRow)


def test_a_photograph_that_was_not_scored_says_why() -> None:
    """No row without its reason can exist."""
    with pytest.raises(ValueError, match="must say why"):
        PhotoRow("a.jpg", "rejected", "", None, None)
