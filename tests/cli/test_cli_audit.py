"""The command audit and the option --database, run in process as a user would call them."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from reepi.cli import app, batch
from reepi.cli.batch import score_folder
from reepi.cli.models import Models
from reepi.core.images import Photograph, TissueMap
from reepi.core.reader_points import NewPoints, ReaderPoint
from reepi.core.reading import NewReading
from reepi.store.provenance import run_record, write_record
from reepi.store.reader_points import PointStore
from reepi.store.readings import ReadingStore
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study
from reepi.store.trail import Trail

MASK = np.full((64, 96), 1, np.uint8)
ADA = NewReading("photos/a.png", "Ada", "accepted")


@pytest.fixture
def study(study_folder: Callable[..., Path]) -> Path:
    """A study of which one photograph was read."""
    folder = study_folder()
    (folder / "photos").mkdir()
    pixels = np.full((64, 96, 3), 90, np.uint8)
    pixels[:32] = 160
    Image.fromarray(pixels).save(folder / "photos" / "a.png")
    ReadingStore(folder).save(ADA, MASK)
    return folder


def call(*words: object, **environment: str) -> tuple[int, list[str], str]:
    result = CliRunner().invoke(app, [str(word) for word in words], env=environment)
    return result.exit_code, result.stdout.splitlines(), result.stderr


def test_a_clean_study_ends_with_its_head(study: Path) -> None:
    """Exit 0; the head that it prints is taken back. It is not said that numbers hold where there are none."""
    status, told, _ = call("audit", study)
    results = study / "results"
    assert told[0] == f"remark: {results}: there are no results (no run.json); only the trail was verified"
    assert (status, told[1]) == (0, "1 event. The trail holds.")
    word, head = told[-1].split()
    assert (word, len(head)) == ("head", 64)
    assert call("audit", study, "--head", head)[:2] == (0, told)


def test_findings_are_named_and_end_with_one(study: Path) -> None:
    """A changed mask and a head that is not there: both are told."""
    path = study / str(ReadingStore(study).newest()[0].mask_file)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    status, told, _ = call("audit", study, "--head", "f" * 64)
    assert status == 1
    assert any("which --head 1 names" in line for line in told)
    assert f"row 1, {path}: the mask was changed since Ada saved it" in told
    assert told[-2] == "1 event. 2 findings."


def test_the_head_of_a_run_is_checked(study: Path) -> None:
    """A study that was scored remembers its head in run.json, here or in a results folder that is named."""
    head = Trail(study).head()
    elsewhere = study.parent / "elsewhere"
    for results in (study / "results", elsewhere):
        write_record(results / "run.json", run_record(read_study(study), {}, [], {}, {}, head=head))
    _, told, _ = call("audit", study)
    assert not any("run.json names" in line for line in told), "the head is there; what the run wrote is not"
    (study / "readings" / "readings.sqlite").unlink()
    status, told, _ = call("audit", study)
    assert (status, "run.json names" in told[0]) == (1, True)
    (study / "results" / "run.json").unlink()
    assert call("audit", study)[0] == 0
    assert call("audit", study, "--out", elsewhere)[0] == 1


def test_numbers_that_were_counted_again_are_counted(
    painted_study: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row of all tables."""
    monkeypatch.setattr(batch, "write_report", lambda results, study: results)
    score_folder(painted_study, painted_study / "results", models, ())
    tables = ResultsFolder(painted_study / "results").tables
    rows = sum(len(table.read_text().splitlines()) - 1 for table in tables)
    status, told, _ = call("audit", painted_study)
    assert (status, told[0]) == (0, f"0 events. {rows:,} rows of results counted again. Everything holds.")


@pytest.fixture
def scored(scored_once: Path, tmp_path: Path) -> Path:
    """A scored study, to be changed."""
    return Path(shutil.copytree(scored_once, tmp_path / "study"))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("areas.csv", "P1,", "P7,"),
        ("changes.csv", ",proposal", ",reading"),
        ("disagreement.csv", ",proposal", ",reading"),
        ("photos.csv", ",scored,", ",scored,blurred"),
    ],
)
def test_an_edited_table_is_found(scored: Path, name: str, old: str, new: str) -> None:
    """By its hash, and by the first line that the replay gives otherwise."""
    table = scored / "results" / name
    edit(table, old, new)
    status, told, _ = call("audit", scored)
    assert (status, told[0]) == (1, f"{table}: it is not what the run wrote")
    assert told[1].startswith(f"{table}, line ")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_run_that_knows_no_hash_of_a_table_is_counted_all_the_same(scored: Path) -> None:
    """As one of before all tables had a hash. How long a photograph took is measured, and not compared."""
    results = ResultsFolder(scored / "results")
    run = json.loads(results.run.read_text())
    del run["outputs"]["photos.csv"], run["outputs"]["disagreement.csv"]
    results.run.write_text(json.dumps(run))
    results.write_photos([replace(row, seconds=99.0) for row in results.read_photos()])
    assert call("audit", scored)[0] == 0
    results.write_photos([replace(row, reasons="blurred") for row in results.read_photos()])
    status, told, _ = call("audit", scored)
    assert (status, told[0].startswith(f"{results.photos}, line 2: it says 'photos/a.png,")) == (1, True)
    edit(results.photos, "file,", "name,")
    assert "photos.csv: it cannot be read" in call("audit", scored)[1][0]


def test_a_failed_photograph_is_named_and_the_rest_counted(
    scored: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is kept, since every run tries it again; the numbers were counted without it."""
    instruments, calls = models.instruments(), []

    def broken(photograph: Photograph) -> TissueMap:
        calls.append(photograph)
        if len(calls) == 1:
            raise RuntimeError("broken")
        return instruments.segment(photograph)

    shutil.rmtree(scored / "results")
    with monkeypatch.context() as patch:
        patch.setattr(type(models), "instruments", lambda self: replace(instruments, segment=broken))
        outcome = score_folder(scored, scored / "results", models, report=False)
    (failed,) = [photo.file for photo in outcome.photos if photo.status == "failed"]
    status, told, _ = call("audit", scored)
    assert (status, told[0]) == (0, f"remark: {failed}: it failed and counts for nothing; score again to try it anew")
    assert "results counted again. Everything holds." in told[1]
    edit(scored / "results" / "areas.csv", "P1,", "P7,")
    assert call("audit", scored)[0] == 1


def test_tables_of_the_study_that_changed_are_named_beside_what_differs(scored: Path) -> None:
    """The results may be what the run wrote all the same; a comment changes no number."""
    settings = scored / "study.toml"
    edit(settings, "[study]", "# locked\n[study]")
    remark = "remark: study.toml: it changed since the study was scored; numbers that differ may follow from that"
    status, told, _ = call("audit", scored)
    assert (status, told[0].startswith(remark)) == (0, True)
    edit(settings, "almost_complete_percent = 90", "almost_complete_percent = 80")
    status, told, _ = call("audit", scored)
    assert (status, told[0].startswith(f"{scored / 'results' / 'endpoints.csv'}, line ")) == (1, True)
    assert told[1].startswith(remark)


def test_results_that_are_named_and_not_there_end_with_two(study: Path) -> None:
    """Whoever names a folder means its numbers."""
    status, told, err = call("audit", study, "--out", study.parent / "nowhere")
    assert (status, told) == (2, [])
    assert "Name the results of a scored study with --out" in err


def test_a_wrong_study_ends_with_two(tmp_path: Path) -> None:
    """As with every command."""
    assert call("audit", tmp_path)[0] == 2


def test_the_data_base_is_named_by_option_or_environment(study: Path, postgres_url: str) -> None:
    """What lies on the server is audited and collected, by either way of naming it; the file is another trail."""
    store = ReadingStore(study, postgres_url)
    for reader in ("Ada", "Ben"):
        store.save(NewReading("photos/a.png", reader, "accepted"), MASK)
    assert call("audit", study)[1][1].startswith("1 event.")
    assert call("audit", study, "--database", postgres_url)[1][1].startswith("2 events")
    assert call("audit", study, REEPI_DATABASE=postgres_url)[1][1].startswith("2 events")
    told = call("collect", study, "--out", study.parent / "data", REEPI_DATABASE=postgres_url)[1]
    assert told[1].startswith("1 photograph read by several")


def test_a_server_that_does_not_answer_is_told(study: Path) -> None:
    """Exit 2, no traceback and no password."""
    status, _, err = call("audit", study, "--database", "postgresql://ada:secret@127.0.0.1:1/study")
    assert (status, "secret" in err, "Check its URL" in err) == (2, False, True)


def test_points_on_a_server_lead_registrations(
    painted_study: Path, models: Models, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``score`` takes them from the data base that is named, and the record tells its head."""
    monkeypatch.setattr(batch, "write_report", lambda results, study: results)
    point = ReaderPoint(0.5, 0.5, 3, (1.0, 0.0, 0.0))
    store = PointStore(painted_study, postgres_url)
    # Taken back again: the registrar of painted photographs needs none.
    store.save(NewPoints("photos/a.png", "Ada", (point,)))
    store.save(NewPoints("photos/a.png", "Ada", ()))
    score_folder(painted_study, painted_study / "results", models, (), postgres_url)
    assert call("audit", painted_study, "--database", postgres_url)[0] == 0
    status, told, _ = call("audit", painted_study)
    assert (status, "run.json names" in told[0]) == (1, True)
