"""Writes a scored study as tables for others, with a manifest of what they were made of."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import reepi
from reepi.core.errors import Fault, InputError
from reepi.store.files import write_bytes, write_text
from reepi.store.provenance import bytes_hash
from reepi.store.results import ResultsFolder
from reepi.store.rows import escape
from reepi.store.study import read_study
from reepi.tabular.analysis import ScoredStudy, analysis_data_sets
from reepi.tabular.files import codebook, codelists, csv_text, data_set_csv, data_set_parquet
from reepi.tabular.parameters import parameter_codes
from reepi.tabular.redcap import FIELDS, IMPORT_COLUMNS, REPEATING, entries
from reepi.tabular.redcap_fields import DICTIONARY_COLUMNS

Form = Literal["csv", "redcap"]
Table = TypeVar("Table")

MANIFEST: Final = "manifest.json"

_NOTICE: Final = "Research software, not a medical device. Numbers are estimates from photographs.\n"

_CSV_WORDS: Final = """\
Analysis data sets of a study scored with reepi.

adsl     one row a patient
adbsa    one row a patient, visit, region and tissue: areas [% BSA]
adchg    one row a patient, visit, region and kind of change of the followed skin
adeff    one row a patient, endpoint and day, with definition
adcoh    one row an endpoint of the cohort
adclin   one row a clinical observation
adphoto  one row a photograph

Each is there as CSV (UTF-8) and, where pyarrow is installed, as Parquet, whose fields carry label, unit and source.
A data set without rows is not written. variables.csv describes every variable, codelists.csv every word and PARAMCD.

Names follow CDISC ADaM where it has one for the same thing (STUDYID, USUBJID, PARAMCD, PARAM, AVAL, AVALC, ADT, ADY,
AVISIT, AVISITN). They are not validated against it, and there is no define.xml. ADAY counts day zero as 0, as the
trial does; ADY counts it as 1, as CDISC does. CILO and CIHI are the ends of the interval of the level CILEV: 90 % for
patients, 95 % for the cohort. AVALU is the unit of AVAL, CILO and CIHI. In CSV, a cell that a spreadsheet would take
for a formula begins with an apostrophe; in Parquet it does not.
"""

_REDCAP_WORDS: Final = f"""\
A study scored with reepi, for REDCap.

1. Make a project from redcap_data_dictionary.csv (Project Setup, Data Dictionary, Upload).
2. Enable the repeating instruments {", ".join(REPEATING)}
   (Project Setup, Repeating instruments).
3. Import redcap_import.csv (Data Import Tool; dates as Y-M-D; records named by their record_id).

The dictionary is the same for every study. Endpoints are instances of the instrument endpoint, so that none is lost;
those that people look for stand in the instrument outcome too. The cohort's endpoints are no records: export to csv
for them.
"""


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Parameters
    ----------
    files : dict of int
        Rows of each table, by file.
    remark : str
        What was left out, and how to get it; empty where nothing was.
    """

    files: dict[str, int]
    remark: str = ""


def export_tables(study_folder: Path, results: Path, out: Path, form: Form) -> Exported:
    """Write a scored study as tables.

    Parameters
    ----------
    study_folder : Path
        The study.
    results : Path
        Its results.
    out : Path
        Folder to write to; files of these names are replaced.
    form : "csv" or "redcap"
        Analysis data sets, or data dictionary and import of REDCap.

    Returns
    -------
    Exported
        What was written.

    Raises
    ------
    InputError
        The study folder is wrong, was not scored, or its results are damaged; or two endpoints have one code.
    """
    if out.exists() and not out.is_dir():
        raise InputError([Fault(str(out), "it is a file", "Name a folder to write to.")])
    folder = ResultsFolder(results)
    scored = _read_scored(study_folder, folder)
    try:
        tables, remark = _analysis(scored) if form == "csv" else (_redcap(scored), "")
    except ValueError as error:
        raise InputError([Fault(str(folder.endpoints), str(error), "Score the study again.")]) from error
    words = _NOTICE + "\n" + (_CSV_WORDS if form == "csv" else _REDCAP_WORDS)
    for name, (content, _) in tables.items():
        write_bytes(out / name, content)
    write_text(out / "README.txt", words)
    write_text(out / MANIFEST, _manifest(form, folder, tables))
    return Exported({name: rows for name, (_, rows) in tables.items()}, remark)


Tables = dict[str, tuple[bytes, int]]
"""Content and number of rows of each file."""


def _analysis(scored: ScoredStudy) -> tuple[Tables, str]:
    sets = analysis_data_sets(scored)
    tables: Tables = {f"{data.name}.csv": (data_set_csv(data).encode(), len(data.rows)) for data in sets}
    remark = ""
    if find_spec("pyarrow") is None:
        remark = "Parquet was not written: pip install 'reepi[export]'."
    else:
        tables |= {f"{data.name}.parquet": (data_set_parquet(data), len(data.rows)) for data in sets}
    codes = parameter_codes(dict.fromkeys(row.endpoint for row in scored.endpoints))
    described = {"variables.csv": codebook(sets), "codelists.csv": codelists(sets, codes.items())}
    return tables | {name: (text.encode(), text.count("\n") - 1) for name, text in described.items()}, remark


def _redcap(scored: ScoredStudy) -> Tables:
    rows = [[escape(cell) if not _is_number(cell) else cell for cell in entry.row] for entry in entries(scored)]
    dictionary = csv_text(DICTIONARY_COLUMNS, [field.row for field in FIELDS])
    return {
        "redcap_data_dictionary.csv": (dictionary.encode(), len(FIELDS)),
        "redcap_import.csv": (csv_text(IMPORT_COLUMNS, rows).encode(), len(rows)),
    }


def _is_number(cell: str) -> bool:
    """Return whether a cell is a number: a minus sign before a number starts no formula."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _manifest(form: Form, folder: ResultsFolder, tables: Tables) -> str:
    run = _read(folder.run, lambda: _plain_record(folder.run))
    inputs = [folder.areas, folder.endpoints, folder.photos, folder.changes, folder.run]
    content = {
        "export": form,
        "reepi": reepi.__version__,
        "scored_at": run.get("written_at"),
        "scored_with": run.get("versions"),
        "models": run.get("models"),
        "protocol": run.get("protocol"),
        "study": run.get("study"),
        "results": {path.name: bytes_hash(path.read_bytes()) for path in inputs if path.is_file()},
        "files": {
            name: {"sha256": bytes_hash(content), "rows": rows} for name, (content, rows) in sorted(tables.items())
        },
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _plain_record(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    return content


def _read_scored(study_folder: Path, folder: ResultsFolder) -> ScoredStudy:
    study = read_study(study_folder)
    return ScoredStudy(
        study,
        _read(folder.areas, folder.read_areas),
        _read(folder.endpoints, folder.read_endpoints),
        _read(folder.photos, folder.read_photos),
        _read(folder.changes, folder.read_changes) if folder.changes.is_file() else (),
    )


def _read(path: Path, read: Callable[[], Table]) -> Table:
    """Return what a file of the results holds, or tell which one is missing or damaged."""
    try:
        return read()
    except (OSError, ValueError) as error:
        raise InputError([Fault(str(path), f"cannot be read ({error})", "Score the study first.")]) from error


def told(exported: Exported) -> Iterable[str]:
    """Yield what an export wrote, a line a table."""
    width = max(map(len, exported.files), default=0)
    for name, rows in exported.files.items():
        yield f"{name:{width}}  {rows:>7} row{'' if rows == 1 else 's'}"
