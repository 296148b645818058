"""Data sets hold only rows that fit; codes of endpoints follow from their names."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.tabular import parameters
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


def test_laboratory_values_of_one_beginning_are_told_apart() -> None:
    """Three digits of a hash gave four pairs of these one code, and the study could not be exported."""
    families = ("il", "ifn", "tnf", "ccl", "cxcl", "cd", "tgf", "mcp")
    names = [f"laboratory_{family}{number}" for family in families for number in range(1, 31)]
    assert len(set(map(parameter_code, names))) == len(names)


def test_where_two_endpoints_have_one_code_the_second_gets_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of them does not depend on the order of rows; nothing stops, and nothing is written under a wrong code."""
    numbers = iter(range(100))
    monkeypatch.setattr(parameters, "_in_digits", lambda _: f"{max(next(numbers) - 1, 0):05d}")
    assert parameter_codes(["lab_b", "lab_a"]) == {"lab_b": "LAB00001", "lab_a": "LAB00000"}


def test_an_unknown_endpoint_never_takes_a_known_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code means the same in every study, also in one that lacks the known endpoint."""
    first = parameter_code("never_seen")
    monkeypatch.setitem(CODES, "known", first)
    assert parameter_codes(["never_seen"])["never_seen"] not in CODES.values()
