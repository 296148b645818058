"""Data sets to files: CSV that a spreadsheet cannot take for formulas, and Parquet that knows labels and units."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from reepi.store.rows import escape, format_measured
from reepi.tabular.dataset import Cell, DataSet, Kind, Variable

if TYPE_CHECKING:
    import pyarrow as pa

CODEBOOK_COLUMNS: Final = ("dataset", "variable", "label", "type", "unit", "codelist", "key", "source", "remark")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return cells as CSV text, lines ended by a line feed; cells are written as they are."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def data_set_csv(data: DataSet) -> str:
    """Return a data set as CSV: dates as YYYY-MM-DD, empty cells where there is no value, formulas escaped."""
    return csv_text(
        [variable.name for variable in data.variables], ([_cell(cell) for cell in row] for row in data.rows)
    )


def data_set_parquet(data: DataSet) -> bytes:
    """Return a data set as Parquet: each column with label, unit and source, in the metadata of its field."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = [pa.array(data.column(variable.name), _arrow_type(variable.kind, pa)) for variable in data.variables]
    fields = [_arrow_field(variable, pa) for variable in data.variables]
    metadata = {"label": data.label, "key": json.dumps(list(data.key))}
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=metadata))
    content = io.BytesIO()
    pq.write_table(table, content, compression="zstd")
    return content.getvalue()


def codebook(sets: Iterable[DataSet]) -> str:
    """Return what every variable of some data sets is, as CSV."""
    rows = [
        (
            data.name,
            variable.name,
            variable.label,
            variable.kind,
            variable.unit,
            variable.codelist.name if variable.codelist else "",
            "yes" if variable.name in data.key else "",
            variable.source,
            variable.remark,
        )
        for data in sets
        for variable in data.variables
    ]
    return csv_text(CODEBOOK_COLUMNS, ([escape(cell) for cell in row] for row in rows))


def codelist_terms(sets: Iterable[DataSet], codes: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str, str]]:
    """Return codelist, term and meaning of every word of some data sets.

    Parameters
    ----------
    sets : iterable of DataSet
        Whose variables hold words.
    codes : mapping of str to mapping
        Short codes by name, by the name of their codelist.
    """
    lists = {v.codelist.name: v.codelist for data in sets for v in data.variables if v.codelist is not None}
    rows = [(each.name, term, meaning) for each in lists.values() for term, meaning in each.terms]
    return rows + [(name, code, what) for name, terms in codes.items() for what, code in terms.items()]


def codelists(terms: Iterable[Sequence[str]]) -> str:
    """Return the words of all codelists as CSV."""
    return csv_text(("codelist", "term", "meaning"), ([escape(cell) for cell in row] for row in terms))


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return escape(cell)
    return format_measured(cell) if isinstance(cell, float) else str(cell)


def _arrow_type(kind: Kind, pa: Any) -> "pa.DataType":
    return {"text": pa.string(), "number": pa.float64(), "integer": pa.int64(), "date": pa.date32()}[kind]


def _arrow_field(variable: Variable, pa: Any) -> "pa.Field":
    about = {"label": variable.label, "unit": variable.unit, "source": variable.source, "remark": variable.remark}
    return pa.field(
        variable.name, _arrow_type(variable.kind, pa), metadata={key: text for key, text in about.items() if text}
    )
