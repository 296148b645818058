"""Data sets as values: variables with label, unit and codelist, and rows of cells that fit them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Kind = Literal["text", "number", "integer", "date"]
Cell = str | float | int | date | None

PYTHON_TYPES: Final[dict[Kind, tuple[type, ...]]] = {
    "text": (str,),
    "number": (float, int),
    "integer": (int,),
    "date": (date,),
}
"""What a cell of each kind may be, beside None where there is no value."""


@dataclass(frozen=True)
class Codelist:
    """Words that a variable may hold, each with what it means."""

    name: str
    terms: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Variable:
    """A column of a data set.

    Parameters
    ----------
    name : str
        At most eight characters, as in transport files of CDISC.
    label : str
        In words, at most forty characters.
    kind : Kind
        What its cells are.
    unit : str
        Unit of its numbers; empty where it has none, or where another variable tells it.
    codelist : Codelist, optional
        Words that it may hold.
    source : str
        File and column that it comes from.
    remark : str
        How it stands to the variable of that name in CDISC, or how it was derived.

    Raises
    ------
    ValueError
        The name or label is longer than CDISC allows.
    """

    name: str
    label: str
    kind: Kind
    unit: str = ""
    codelist: Codelist | None = None
    source: str = ""
    remark: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= 8 or not self.name.isalnum() or not self.name.isupper():
            raise ValueError(f"a variable's name has 1 to 8 capitals and digits, not {self.name!r}")
        if len(self.label) > 40:
            raise ValueError(f"the label of {self.name} has {len(self.label)} characters; 40 are allowed")


@dataclass(frozen=True)
class DataSet:
    """A table with described columns.

    Parameters
    ----------
    name : str
        Name of its files.
    label : str
        What it holds.
    key : tuple of str
        Variables that together tell its rows apart.
    variables : tuple of Variable
        Its columns.
    rows : tuple of tuple
        Cells, row by row, in the order of the variables.

    Raises
    ------
    ValueError
        A row does not fit the variables.
    """

    name: str
    label: str
    key: tuple[str, ...]
    variables: tuple[Variable, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.variables):
                raise ValueError(f"{self.name}, row {number}: {len(row)} cells for {len(self.variables)} variables")
            for variable, cell in zip(self.variables, row, strict=True):
                if cell is not None and not isinstance(cell, PYTHON_TYPES[variable.kind]):
                    raise ValueError(f"{self.name}, row {number}: {variable.name} is {cell!r}, no {variable.kind}")

    def column(self, name: str) -> tuple[Cell, ...]:
        """Return the cells of a variable."""
        at = [variable.name for variable in self.variables].index(name)
        return tuple(row[at] for row in self.rows)


def data_set(
    name: str, label: str, key: Sequence[str], variables: Sequence[Variable], rows: Iterable[Sequence[Cell]]
) -> DataSet:
    """Return a data set of any sequences."""
    return DataSet(name, label, tuple(key), tuple(variables), tuple(tuple(row) for row in rows))
