"""Exports to files: round trips, the manifest, escaping, and what is wrong with a study told with its remedy."""

import csv
import hashlib
import json
from datetime import date
from pathlib import Path

import pytest
from tabular_looking import EVIL, by_name
from typer.testing import CliRunner

from reepi.cli import app
from reepi.core.errors import InputError
from reepi.store.rows import unescape
from reepi.tabular.analysis import ScoredStudy
from reepi.tabular.dataset import Cell, Variable
from reepi.tabular.exporting import export_tables

pq = pytest.importorskip("pyarrow.parquet")


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def parsed(variable: Variable, text: str) -> Cell:
    if text == "":
        return None
    if variable.kind == "date":
        return date.fromisoformat(text)
    if variable.kind == "text":
        return unescape(text)
    return float(text) if variable.kind == "number" else int(text)


def test_csv_and_parquet_give_the_same_values_back(scored: ScoredStudy, scored_folder: Path, tmp_path: Path) -> None:
    """Every cell of every data set, by both ways."""
    export_tables(scored_folder, scored_folder / "results", tmp_path / "out", "csv")
    for name, data in by_name(scored).items():
        header, *rows = rows_of(tmp_path / "out" / f"{name}.csv")
        assert header == [variable.name for variable in data.variables]
        table = pq.read_table(tmp_path / "out" / f"{name}.parquet")
        for at, variable in enumerate(data.variables):
            expected = list(data.column(variable.name))
            assert [parsed(variable, row[at]) for row in rows] == expected, (name, variable.name)
            assert table.column(variable.name).to_pylist() == expected, (name, variable.name)


def test_parquet_knows_labels_and_units(scored_folder: Path, tmp_path: Path) -> None:
    """In the metadata of each field."""
    export_tables(scored_folder, scored_folder / "results", tmp_path / "out", "csv")
    schema = pq.read_schema(tmp_path / "out" / "adbsa.parquet")
    assert schema.field("AVAL").metadata[b"unit"] == b"% BSA"
    assert schema.field("ADY").metadata[b"label"] == b"Study day of CDISC, day zero is 1"
    assert schema.metadata[b"label"] == b"Areas by visit, region and tissue"


def test_the_codebook_names_every_variable(scored: ScoredStudy, scored_folder: Path, tmp_path: Path) -> None:
    """With a label each; every codelist that it names is there."""
    export_tables(scored_folder, scored_folder / "results", tmp_path / "out", "csv")
    header, *rows = rows_of(tmp_path / "out" / "variables.csv")
    told = {(row[0], row[1]) for row in rows}
    assert told == {(name, v.name) for name, data in by_name(scored).items() for v in data.variables}
    assert all(row[header.index("label")] for row in rows)
    named = {row[header.index("codelist")] for row in rows} - {""}
    lists = {row[0] for row in rows_of(tmp_path / "out" / "codelists.csv")[1:]}
    assert named | {"PARAMCD", "ITEMCD"} == lists


@pytest.mark.parametrize("form", ["csv", "redcap"])
def test_no_cell_starts_a_formula(scored_folder: Path, tmp_path: Path, form: str) -> None:
    """An adverse event that looks like one begins with an apostrophe."""
    export_tables(scored_folder, scored_folder / "results", tmp_path / "out", form)  # type: ignore[arg-type]
    cells = [cell for path in (tmp_path / "out").glob("*.csv") for row in rows_of(path) for cell in row]
    assert f"'{EVIL}" in cells
    assert not [cell for cell in cells if cell[:1] in "=+@" and cell]


@pytest.mark.parametrize("form", ["csv", "redcap"])
def test_the_manifest_tells_what_was_made_of_what(scored_folder: Path, tmp_path: Path, form: str) -> None:
    """Hashes of results and of every file written; exporting again gives the same bytes."""
    out = tmp_path / "out"
    export_tables(scored_folder, scored_folder / "results", out, form)  # type: ignore[arg-type]
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    manifest = json.loads(before["manifest.json"])
    written = {name: hashlib.sha256(content).hexdigest() for name, content in before.items()}
    assert {name: each["sha256"] for name, each in manifest["files"].items()} == {
        name: digest for name, digest in written.items() if name != "manifest.json"
    }
    areas = hashlib.sha256((scored_folder / "results" / "areas.csv").read_bytes()).hexdigest()
    assert manifest["results"]["areas.csv"] == areas
    patients = hashlib.sha256((scored_folder / "patients.csv").read_bytes()).hexdigest()
    assert (manifest["inputs"]["patients.csv"], manifest["frozen"]) == (patients, None)
    for name, each in manifest["files"].items():
        if name.endswith(".csv"):
            assert each["rows"] == len(rows_of(out / name)) - 1, name
    export_tables(scored_folder, scored_folder / "results", out, form)  # type: ignore[arg-type]
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_study_that_was_not_scored_is_told(scored_folder: Path, tmp_path: Path) -> None:
    """With the file that is missing, and what to do; nothing is written."""
    (scored_folder / "results" / "endpoints.csv").unlink()
    with pytest.raises(InputError, match=r"endpoints\.csv.*Score the study first"):
        export_tables(scored_folder, scored_folder / "results", tmp_path / "out", "csv")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("form", ["csv", "redcap"])
def test_without_the_record_of_the_run_nothing_is_written(scored_folder: Path, tmp_path: Path, form: str) -> None:
    """Not even the tables that could be: an export is whole or is not there."""
    (scored_folder / "results" / "run.json").unlink()
    with pytest.raises(InputError, match=r"run\.json"):
        export_tables(scored_folder, scored_folder / "results", tmp_path / "out", form)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("table", "line", "told"),
    [
        ("patients.csv", "P2,", r"areas\.csv: it has rows of P2, which patients\.csv"),
        ("photos.csv", "photos/b.png,", r"photos\.csv: it has rows of photos/b\.png, which photos\.csv"),
    ],
)
def test_results_of_another_study_lose_no_row_silently(
    scored_folder: Path, tmp_path: Path, table: str, line: str, told: str
) -> None:
    """A patient or photograph that left the study would drop out of some tables and not of others."""
    if table == "patients.csv":
        _without(scored_folder / "photos.csv", "photos/c.png,")
    _without(scored_folder / table, line)
    with pytest.raises(InputError, match=told):
        export_tables(scored_folder, scored_folder / "results", tmp_path / "out", "csv")


def _without(table: Path, start: str) -> None:
    table.write_text("".join(line for line in table.read_text().splitlines(True) if not line.startswith(start)))


def test_a_study_that_changed_since_is_told(scored_folder: Path, tmp_path: Path) -> None:
    """The tables of the study are exported as they are, and it is said that the numbers are of before."""
    run = scored_folder / "results" / "run.json"
    names = ("study.toml", "patients.csv", "photos.csv", "clinical.csv")
    inputs = {name: hashlib.sha256((scored_folder / name).read_bytes()).hexdigest() for name in names}
    run.write_text(json.dumps({**json.loads(run.read_text()), "inputs": inputs}))
    out = tmp_path / "out"
    assert export_tables(scored_folder, scored_folder / "results", out, "redcap").remark == ""
    patients = scored_folder / "patients.csv"
    patients.write_text(patients.read_text().replace("165", "166"))
    told = export_tables(scored_folder, scored_folder / "results", out, "redcap").remark
    assert "patients.csv changed since the study was scored" in told


def test_what_an_earlier_export_had_and_this_one_has_not_is_removed(scored_folder: Path, tmp_path: Path) -> None:
    """A data set of before would pass for one of now; other files are left alone."""
    out = tmp_path / "out"
    export_tables(scored_folder, scored_folder / "results", out, "csv")
    (out / "analysis.R").write_text("mine")
    (scored_folder / "results" / "changes.csv").unlink()
    export_tables(scored_folder, scored_folder / "results", out, "csv")
    there = {path.name for path in out.iterdir()}
    assert "analysis.R" in there
    assert there & {"adchg.csv", "adchg.parquet"} == set()
    assert there - {"analysis.R", "manifest.json"} == set(json.loads((out / "manifest.json").read_text())["files"])


@pytest.mark.parametrize("name", ["README.txt", "adsl.csv", "manifest.json"])
def test_files_of_others_are_not_overwritten(scored_folder: Path, tmp_path: Path, name: str) -> None:
    """They are named, and what to do."""
    out = tmp_path / "analysis"
    out.mkdir()
    (out / name).write_text("mine")
    with pytest.raises(InputError, match=rf"{name} there would be overwritten.*--out"):
        export_tables(scored_folder, scored_folder / "results", out, "csv")
    assert [path.name for path in out.iterdir()] == [name]


def test_one_form_does_not_overwrite_the_other(scored_folder: Path, tmp_path: Path) -> None:
    """Each has its own README.txt and manifest."""
    export_tables(scored_folder, scored_folder / "results", tmp_path / "out", "csv")
    with pytest.raises(InputError, match="no export to redcap has written it"):
        export_tables(scored_folder, scored_folder / "results", tmp_path / "out", "redcap")


@pytest.mark.parametrize("where", ["", "results"])
def test_the_study_itself_is_no_place_for_an_export(scored_folder: Path, where: str) -> None:
    """It would lie among the originals or the results."""
    with pytest.raises(InputError, match="the folder of the study or of its results"):
        export_tables(scored_folder, scored_folder / "results", scored_folder / where, "csv")


def test_a_damaged_table_is_told(scored_folder: Path, tmp_path: Path) -> None:
    """File and line."""
    areas = scored_folder / "results" / "areas.csv"
    areas.write_text(areas.read_text().replace("0.25", "much", 1))
    with pytest.raises(InputError, match=r"areas\.csv, line \d+"):
        export_tables(scored_folder, scored_folder / "results", tmp_path / "out", "redcap")


def test_a_file_in_the_way_is_told(scored_folder: Path, tmp_path: Path) -> None:
    """Nothing is overwritten that is no folder."""
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="it is a file"):
        export_tables(scored_folder, scored_folder / "results", tmp_path / "out", "csv")


@pytest.mark.parametrize("form", ["csv", "redcap"])
def test_the_command_tells_what_it_wrote(scored_folder: Path, form: str) -> None:
    """Rows of each table, and the folder; beside the results unless told otherwise."""
    ended = CliRunner().invoke(app, ["export", str(scored_folder), "--to", form])
    assert ended.exit_code == 0
    assert str(scored_folder / "results" / form) in ended.stdout
    assert "rows" in ended.stdout
    assert (scored_folder / "results" / form / "manifest.json").is_file()


def test_without_pyarrow_the_csv_is_written_all_the_same(
    scored_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it is said how to get Parquet."""
    monkeypatch.setattr("reepi.tabular.exporting.find_spec", lambda name: None)
    exported = export_tables(scored_folder, scored_folder / "results", tmp_path / "out", "csv")
    assert "reepi[export]" in exported.remark
    assert (tmp_path / "out" / "adbsa.csv").is_file()
    assert not list((tmp_path / "out").glob("*.parquet"))
