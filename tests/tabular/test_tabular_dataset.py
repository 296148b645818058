"""Data sets hold only rows that fit; codes of endpoints follow from their names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.tabular.dataset import Variable, data_set
from reepi.tabular.parameters import CODES, parameter_code, parameter_codes

WEIGHT = Variable("WEIGHT", "Weight", "number", "kg")
SUBJECT = Variable("SUBJID", "Subject", "text")


def test_a_row_has_a_cell_for_each_variable() -> None:
    """A missing cell would shift all that come after it."""
    with pytest.raises(ValueError, match="row 2: 1 cells for 2 variables"):
        data_set("ad", "x", (), (SUBJECT, WEIGHT), [("P1", 62.0), ("P2",)])


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [("text", "a", 1.0), ("number", 1.5, "1.5"), ("integer", 2, 2.5), ("date", date(2024, 1, 2), "2024-01-02")],
)
def test_cells_are_of_their_kind(kind: str, right: object, wrong: object) -> None:
    """A number that became text is found before it is written; no value is right everywhere."""
    variable = Variable("X", "x", kind)  # type: ignore[arg-type]
    assert data_set("ad", "x", (), [variable], [[right], [None]]).column("X") == (right, None)  # type: ignore[list-item]
    with pytest.raises(ValueError, match=f"no {kind}"):
        data_set("ad", "x", (), [variable], [[wrong]])  # type: ignore[list-item]


@pytest.mark.parametrize("name", ["", "TOOLONGNAME", "lower", "WITH_SCO"])
def test_names_are_those_of_transport_files(name: str) -> None:
    """Eight capitals and digits at the most."""
    with pytest.raises(ValueError, match="1 to 8 capitals"):
        Variable(name, "x", "text")


def test_labels_have_forty_characters_at_the_most() -> None:
    """As in transport files."""
    with pytest.raises(ValueError, match="40 are allowed"):
        Variable("X", "x" * 41, "text")


@given(st.from_regex(r"[a-z0-9_]{1,60}", fullmatch=True))
def test_every_endpoint_has_a_code(name: str) -> None:
    """Eight capitals and digits at the most, beginning with a letter; the same each time."""
    code = parameter_code(name)
    assert 1 <= len(code) <= 8
    assert code.isalnum()
    assert code.isupper()
    assert code[0].isalpha()
    assert parameter_code(name) == code


def test_codes_are_told_apart() -> None:
    """No two known endpoints share one, and names of one beginning get different ones."""
    assert len(set(CODES.values())) == len(CODES)
    names = [f"healed_{x}_by_day_{day}" for x in (50, 90, 100) for day in (5, 7, 10, 15)]
    assert len(set(parameter_codes([*CODES, *names]).values())) == len(CODES) + len(names)


def test_two_endpoints_of_one_code_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are named; nothing is written under a wrong code."""
    monkeypatch.setitem(CODES, "one", "SAME")
    monkeypatch.setitem(CODES, "two", "SAME")
    with pytest.raises(ValueError, match="one and two have the same code SAME"):
        parameter_codes(["one", "two"])
