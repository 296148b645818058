"""Writes a scored study as tables for others, with a manifest of what they were made of."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TypeVar

import reepi
from reepi.core.errors import Fault, InputError
from reepi.core.results import COHORT
from reepi.store.files import remove_files, write_bytes, write_text
from reepi.store.freezing import frozen_state
from reepi.store.provenance import bytes_hash, changed_since, check_outputs, table_hashes
from reepi.store.results import ResultsFolder
from reepi.store.rows import escape
from reepi.store.study import read_study
from reepi.tabular.analysis import ScoredStudy, analysis_data_sets, item_codes
from reepi.tabular.files import codebook, codelist_terms, codelists, csv_text, data_set_csv, data_set_parquet
from reepi.tabular.folder import MANIFEST, OWN, README, READMES, Form, check_way
from reepi.tabular.redcap import IMPORT_COLUMNS, entries
from reepi.tabular.redcap_fields import DICTIONARY_COLUMNS
from reepi.tabular.redcap_forms import FIELDS

Table = TypeVar("Table")


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Parameters
    ----------
    files : dict of int
        Rows of each table, by file.
    remark : str
        What was left out or changed meanwhile, and what to do; empty where nothing was.
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
        Folder to write to. An earlier export there is replaced, with what it has and this one has not.
    form : "csv" or "redcap"
        Analysis data sets, or data dictionary and import of REDCap.

    Returns
    -------
    Exported
        What was written.

    Raises
    ------
    InputError
        The study folder is wrong, was not scored, or its results are damaged, of two runs or of another study; or
        something else than an export lies where it would be written.
    """
    folder = ResultsFolder(results)
    scored = _read_scored(study_folder, folder)
    run = _read(folder.run, lambda: _plain_record(folder.run))
    check_outputs(folder.path, run)
    _check_belongs(scored, folder)
    check_way(out, form, (study_folder, results))
    tables, remark = _analysis(scored) if form == "csv" else (_redcap(scored), "")
    tables = {README: (READMES[form].encode(), None), **tables}
    manifest = _manifest(form, study_folder, folder, run, tables)
    remove_files(out / name for name in sorted(OWN[form] - {*tables, MANIFEST}))
    for name, (content, _) in tables.items():
        write_bytes(out / name, content)
    write_text(out / MANIFEST, manifest)
    remarks = filter(None, (changed_since(study_folder, run, "the export"), remark))
    return Exported({name: rows for name, (_, rows) in tables.items() if rows is not None}, "\n".join(remarks))


Tables = dict[str, tuple[bytes, int | None]]
"""Content of each file, and its number of rows where it is a table."""


def _check_belongs(scored: ScoredStudy, folder: ResultsFolder) -> None:
    """Check that results name only patients and photographs that the study has: no row may be lost."""
    patients = {patient.patient_id for patient in scored.study.patients}
    photographs = {entry.file for entry in scored.study.photos}
    named = (
        (folder.areas, {row.patient_id for row in scored.areas}, patients, "patients.csv"),
        (folder.changes, {row.patient_id for row in scored.changes}, patients, "patients.csv"),
        (folder.endpoints, {row.patient_id for row in scored.endpoints} - {COHORT}, patients, "patients.csv"),
        (folder.photos, {row.file for row in scored.photos}, photographs, "photos.csv"),
    )
    faults = [
        Fault(str(path), f"it has rows of {name}, which {table} of the study does not have", _AGAIN)
        for path, names, known, table in named
        for name in sorted(names - known)
    ]
    if faults:
        raise InputError(faults)


_AGAIN: Final = "Score the study again."


def _analysis(scored: ScoredStudy) -> tuple[Tables, str]:
    sets = analysis_data_sets(scored)
    tables: Tables = {f"{data.name}.csv": (data_set_csv(data).encode(), len(data.rows)) for data in sets}
    remark = ""
    if find_spec("pyarrow") is None:
        remark = "Parquet was not written: pip install 'reepi[export]'."
    else:
        tables |= {f"{data.name}.parquet": (data_set_parquet(data), len(data.rows)) for data in sets}
    codes = {"PARAMCD": scored.codes, "ITEMCD": item_codes(scored)}
    tables["variables.csv"] = codebook(sets).encode(), sum(len(data.variables) for data in sets)
    terms = codelist_terms(sets, codes)
    tables["codelists.csv"] = codelists(terms).encode(), len(terms)
    return tables, remark


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


def _manifest(form: Form, study_folder: Path, folder: ResultsFolder, run: Mapping[str, Any], tables: Tables) -> str:
    state = frozen_state(study_folder, folder)
    inputs = [folder.areas, folder.endpoints, folder.photos, folder.changes, folder.run]
    content = {
        "export": form,
        "reepi": reepi.__version__,
        "scored_at": run.get("written_at"),
        "scored_with": run.get("versions"),
        "models": run.get("models"),
        "protocol": run.get("protocol"),
        "study": run.get("study"),
        "frozen": None if state is None else {"sha256": state.freeze.sha256, "changed": list(state.changed)},
        "inputs": table_hashes(study_folder),
        "results": {path.name: bytes_hash(path.read_bytes()) for path in inputs if path.is_file()},
        "files": {
            name: {"sha256": bytes_hash(content)} | ({} if rows is None else {"rows": rows})
            for name, (content, rows) in sorted(tables.items())
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
