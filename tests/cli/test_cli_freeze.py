"""A frozen study: the same bytes come out again, every change is named and stops, nothing is overwritten silently."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from reepi.body.template import reference_template
from reepi.cli import app, batch
from reepi.cli.batch import score_folder
from reepi.cli.frozen import NotReproduced
from reepi.cli.models import Models
from reepi.core.errors import InputError
from reepi.core.reading import NewReading
from reepi.core.registration_decision import NewDecision
from reepi.core.results import StudyScore
from reepi.core.study import Study
from reepi.store import freezing
from reepi.store.freezing import FREEZE_FILE, read_freeze
from reepi.store.provenance import model_hash
from reepi.store.readings import ReadingStore
from reepi.store.registrations import RegistrationStore
from reepi.store.results import ResultsFolder

CLINICAL = "patient_id,item,date,value,unit\nP1,urea,2024-03-05,12,mmol/L\n"


@pytest.fixture
def study(scored_once: Path, tmp_path: Path) -> Path:
    """A scored study, to be changed."""
    return shutil.copytree(scored_once, tmp_path / "study")


@pytest.fixture(autouse=True)
def without_a_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write no reports, which take most of the time and no part in this."""
    monkeypatch.setattr("reepi.cli.batch.write_report", lambda *_: None)


def freeze(study: Path, *options: str) -> tuple[int, str]:
    ended = CliRunner().invoke(app, ["freeze", str(study), "--by", "Dr. Ada", *options])
    return ended.exit_code, ended.output


def test_the_same_bytes_come_out_and_it_is_said(study: Path, models: Models) -> None:
    """Scoring a frozen study again, also into another folder, gives its numbers."""
    status, told = freeze(study, "--note", "data base lock")
    assert status == 0
    frozen = read_freeze(study)
    assert frozen is not None
    assert frozen.sha256 in told
    assert (frozen.by, frozen.note) == ("Dr. Ada", "data base lock")
    # photos.csv tells how long each photograph took, which no two runs share.
    assert {*frozen.outputs} == {"areas.csv", "endpoints.csv", "changes.csv", "disagreement.csv"}
    before = (study / "results" / "endpoints.csv").read_bytes()
    for folder in (study / "results", study.parent / "elsewhere"):
        outcome = score_folder(study, folder, models)
        assert "were reproduced" in outcome.remark
        assert (folder / "endpoints.csv").read_bytes() == before


def _edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(study: Path) -> None:
        text = (study / name).read_text()
        assert old in text
        (study / name).write_text(text.replace(old, new))

    return change


def _another_photograph(study: Path) -> None:
    (study / "photos" / "a.png").write_bytes((study / "photos" / "b.png").read_bytes())


def _more_photographs(study: Path) -> None:
    shutil.copy(study / "photos" / "a.png", study / "photos" / "d.png")
    with (study / "photos.csv").open("a") as file:
        file.write("photos/d.png,P1,2024-03-12T09:30,whole_anterior\n")


def _clinical(study: Path) -> None:
    (study / "clinical.csv").write_text(CLINICAL)


def _historical(study: Path) -> None:
    (study / "historical.csv").write_text("stay_days,died\n12,no\n")


def _reading(study: Path) -> None:
    ReadingStore(study).save(NewReading("photos/a.png", "Ada", "rejected", "blurred"), None)


def _turned_round(study: Path) -> None:
    header, *lines = (study / "patients.csv").read_text().splitlines(keepends=True)
    (study / "patients.csv").write_text("".join([header, *lines[::-1]]))


CHANGES = {
    "a threshold": (
        _edit("study.toml", "almost_complete_percent = 90", "almost_complete_percent = 80"),
        "protocol almost_complete_percent was 90 and is 80",
    ),
    "a planned day": (_edit("study.toml", "[0, 5, 7]", "[0, 5, 8]"), "study visit_days"),
    "how colours are taken": (
        _edit("study.toml", "[reading]", '[capture]\nstandardise = "never"\n[reading]'),
        "capture standardise was card and is never",
    ),
    "a patient's height": (_edit("patients.csv", "P1,F,40,165", "P1,F,40,170"), "patient P1 was"),
    "day zero": (_edit("patients.csv", "2024-03-05\n", "2024-03-04\n"), "day zero 2024-03-04"),
    "the order of patients": (_turned_round, "patient number 1 was P1 and is P2"),
    "a view": (
        _edit("photos.csv", "c.png,P2,2024-04-03,whole_posterior", "c.png,P2,2024-04-03,whole_anterior"),
        "c.png",
    ),
    "a photograph's content": (_another_photograph, "photograph photos/a.png was"),
    "a new photograph": (_more_photographs, "photograph photos/d.png is new"),
    "a photograph less": (_edit("photos.csv", "photos/c.png,P2,2024-04-03,whole_posterior\n", ""), "c.png is gone"),
    "a clinical value": (_clinical, "clinical.csv P1 is new"),
    "the historical cohort": (_historical, "historical.csv patients is new"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_stops_the_scoring_and_is_named(study: Path, models: Models, what: str) -> None:
    """Before anything is measured; nothing is written."""
    change, told = CHANGES[what]
    freeze(study)
    change(study)
    before = {path: path.read_bytes() for path in (study / "results").rglob("*") if path.is_file()}
    with pytest.raises(InputError) as error:
        score_folder(study, study / "results", models)
    assert told in str(error.value)
    assert "--despite-freeze" in str(error.value)
    assert {path: path.read_bytes() for path in (study / "results").rglob("*") if path.is_file()} == before


def test_another_model_stops_the_scoring(study: Path, models: Models) -> None:
    """Models are told by their hash."""
    freeze(study)
    (models.tissue / "card.toml").write_text('name = "another"\n')
    with pytest.raises(InputError, match="model tissue was"):
        score_folder(study, study / "results", models)


def test_a_new_reading_stops_the_scoring(study: Path, models: Models) -> None:
    """What readers say decides numbers; they may say it, and scoring tells of it."""
    freeze(study)
    _reading(study)
    with pytest.raises(InputError, match="readings events was 0 and is 1"):
        score_folder(study, study / "results", models)


def test_another_body_stops_the_scoring(study: Path, models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body model of another version gives other areas."""
    freeze(study)
    other = replace(reference_template(), regions=np.zeros_like(reference_template().regions))
    monkeypatch.setattr(freezing, "build_template", lambda patient: other)
    with pytest.raises(InputError, match="body template P1 was"):
        score_folder(study, study / "results", models)


def test_comments_and_order_of_tables_change_nothing(study: Path, models: Models) -> None:
    """What decides numbers is what the tables say, not their bytes."""
    freeze(study)
    text = (study / "study.toml").read_text()
    (study / "study.toml").write_text("# locked\n" + text)
    assert "were reproduced" in score_folder(study, study / "results", models).remark


def test_despite_the_freeze_it_is_scored_and_the_results_say_so(study: Path, models: Models) -> None:
    """Loudly, and in run.json; such results cannot be frozen as if nothing had been."""
    freeze(study)
    CHANGES["a threshold"][0](study)
    outcome = score_folder(study, study / "results", models, despite_freeze=True)
    assert "THE STUDY IS FROZEN" in outcome.remark
    run = json.loads((study / "results" / "run.json").read_text())
    assert run["despite_freeze"] == [
        "protocol almost_complete_percent was 90 and is 80",
        "endpoints.csv is not as frozen",
    ]


def test_a_change_of_the_protocol_is_frozen_anew_on_purpose(study: Path, models: Models) -> None:
    """Scored despite the freeze, then frozen with --again: the former freeze is kept, the new numbers stand."""
    freeze(study, "--note", "first")
    first = read_freeze(study)
    CHANGES["a threshold"][0](study)
    score_folder(study, study / "results", models, despite_freeze=True)
    status, told = freeze(study, "--again", "--note", "amendment 2")
    assert status == 0, told
    second = read_freeze(study)
    assert first is not None
    assert second is not None
    assert [each["sha256"] for each in second.history] == [first.sha256]
    assert second.outputs["endpoints.csv"] != first.outputs["endpoints.csv"]
    assert "were reproduced" in score_folder(study, study / "results", models).remark


def test_results_counted_despite_a_freeze_are_not_frozen_as_if_there_had_been_none(study: Path, models: Models) -> None:
    """Removing freeze.json does not hide what run.json says."""
    freeze(study)
    CHANGES["a threshold"][0](study)
    score_folder(study, study / "results", models, despite_freeze=True)
    (study / FREEZE_FILE).unlink()
    status, told = freeze(study)
    assert status == 2
    assert "despite a freeze" in told


def test_despite_the_freeze_where_nothing_differs_is_no_exception(study: Path, models: Models) -> None:
    """The numbers came out as frozen; nothing is recorded against them."""
    freeze(study)
    outcome = score_folder(study, study / "results", models, despite_freeze=True)
    assert "were reproduced" in outcome.remark
    assert "despite_freeze" not in json.loads((study / "results" / "run.json").read_text())


def test_despite_the_freeze_other_numbers_are_written_and_named(study: Path, models: Models) -> None:
    """Also where nothing is known that could have moved them."""
    freeze(study)
    _expect_other_areas(study)
    elsewhere = study.parent / "elsewhere"
    assert "areas.csv is not as frozen" in score_folder(study, elsewhere, models, despite_freeze=True).remark
    assert json.loads((elsewhere / "run.json").read_text())["despite_freeze"] == ["areas.csv is not as frozen"]


def test_a_refused_registration_is_refused_in_another_folder_too(study: Path, models: Models) -> None:
    """It speaks of the registration, which is the same there; the numbers come out again at the first attempt."""
    registration = (study / "results" / "registrations" / "b.json").read_bytes()
    digest = hashlib.sha256(registration).hexdigest()
    RegistrationStore(study).save(NewDecision("photos/b.png", "Ada", "refused", digest, 5.0, "another arm"))
    score_folder(study, study / "results", models)
    assert ResultsFolder(study / "results").read_photos()[1].status == "rejected"
    freeze(study)
    assert "were reproduced" in score_folder(study, study.parent / "elsewhere", models).remark


def test_what_changes_while_photographs_are_measured_is_not_frozen(
    painted_study: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The numbers are those of the tables and models that were read at the start; so are the hashes beside them."""
    concluded, model = batch.study_score, model_hash(models.tissue)
    table = hashlib.sha256((painted_study / "study.toml").read_bytes()).hexdigest()

    def meanwhile(*arguments: Any) -> StudyScore:
        CHANGES["a threshold"][0](painted_study)
        (models.tissue / "card.toml").write_text('name = "another"\n')
        return concluded(*arguments)

    monkeypatch.setattr(batch, "study_score", meanwhile)
    score_folder(painted_study, painted_study / "results", models)
    run = json.loads((painted_study / "results" / "run.json").read_text())
    assert (run["inputs"]["study.toml"], run["models"]["tissue"]["sha256"]) == (table, model)
    status, told = freeze(painted_study)
    assert (status, "study.toml: it is not as it was when the study was scored" in told) == (2, True)


def test_a_table_that_changes_while_it_is_read_stops_the_scoring(
    study: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows then which one was read; the table and what to do are named."""
    read = batch.read_study

    def meanwhile(folder: Path) -> Study:
        found = read(folder)
        _clinical(folder)
        return found

    monkeypatch.setattr(batch, "read_study", meanwhile)
    with pytest.raises(InputError, match=r"clinical\.csv: it was changed while it was read\. Score again"):
        score_folder(study, study / "results", models)


def test_hashes_are_whole_and_those_of_the_files(study: Path) -> None:
    """A shortened hash can be met by another photograph; messages shorten it, the record does not."""
    freeze(study)
    frozen = read_freeze(study)
    assert frozen is not None
    for name in ("photos/a.png", "study.toml", "patients.csv", "photos.csv"):
        assert frozen.inputs[name] == hashlib.sha256((study / name).read_bytes()).hexdigest()
    assert frozen.inputs["photos/a.png"] in frozen.fixed["photograph"]["photos/a.png"]


def test_results_of_another_program_are_not_frozen(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The freeze would name a program that never made these numbers."""
    monkeypatch.setattr(freezing, "program_hash", lambda: "1" * 64)
    status, told = freeze(study)
    assert status == 2
    assert "program text was" in told
    assert not (study / FREEZE_FILE).exists()


@pytest.mark.parametrize("record", ["[]", "{}", "null", '{"models": []}', "no JSON"])
def test_a_damaged_record_of_the_run_is_told(study: Path, record: str) -> None:
    """With its file and the remedy, never with a traceback."""
    (study / "results" / "run.json").write_text(record)
    status, told = freeze(study)
    assert status == 2
    assert "it is no record of a run" in told
    assert "Score the study again" in told


def test_whoever_has_no_login_name_is_asked_for_one(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in containers, whose user may have none."""

    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    ended = CliRunner().invoke(app, ["freeze", str(study)])
    assert ended.exit_code == 2
    assert "--by" in ended.output


def test_a_freeze_that_is_cut_off_leaves_the_former_one(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole or not at all, and no half file beside it."""
    freeze(study)
    before = (study / FREEZE_FILE).read_bytes()

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("os.fsync", full)
    status, told = freeze(study, "--again")
    assert (status, "no space left" in told) == (1, True)
    assert (study / FREEZE_FILE).read_bytes() == before
    assert not list(study.glob(".*.part"))


def test_the_command_ends_with_the_status_of_what_happened(
    study: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 reproduced, 2 changed, 0 despite the freeze, 1 not reproduced; what is said of the freeze is no result."""
    monkeypatch.setattr(Models, "chosen", lambda *_: models)
    freeze(study)

    def score(*options: str) -> tuple[int, str]:
        ended = CliRunner().invoke(app, ["score", str(study), *options])
        return ended.exit_code, ended.stderr

    status, told = score()
    assert (status, "were reproduced" in told) == (0, True)
    CHANGES["a threshold"][0](study)
    status, told = score()
    assert (status, "was 90 and is 80" in told) == (2, True)
    status, told = score("--despite-freeze", "--out", str(study.parent / "elsewhere"))
    assert (status, "THE STUDY IS FROZEN" in told) == (0, True)
    _edit("study.toml", "almost_complete_percent = 80", "almost_complete_percent = 90")(study)
    _expect_other_areas(study)
    status, told = score()
    assert (status, "NOT reproduced" in told) == (1, True)


def test_another_program_counts_elsewhere_and_is_held_against_the_frozen_numbers(
    study: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may give the same numbers; the frozen results are not overwritten to find out."""
    freeze(study)
    monkeypatch.setattr(freezing, "program_hash", lambda: "1" * 64)
    with pytest.raises(InputError, match=r"of another program.*--out"):
        score_folder(study, study / "results", models)
    remark = score_folder(study, study.parent / "elsewhere", models).remark
    assert "were reproduced, by another program (program text was" in remark


def _expect_other_areas(study: Path) -> None:
    """Freeze other areas than those that will come out."""
    frozen = read_freeze(study)
    assert frozen is not None
    frozen.outputs["areas.csv"] = "0" * 64
    freezing.write_freeze(study, frozen)


def test_numbers_that_do_not_come_out_again_are_not_written(study: Path, models: Models) -> None:
    """The table is named; the old tables stay."""
    freeze(study)
    before = (study / "results" / "areas.csv").read_bytes()
    _expect_other_areas(study)
    with pytest.raises(NotReproduced, match=r"areas\.csv would differ"):
        score_folder(study, study / "results", models)
    assert (study / "results" / "areas.csv").read_bytes() == before


def test_a_frozen_study_is_frozen_anew_only_on_purpose(study: Path) -> None:
    """The former freeze stays in the history."""
    freeze(study, "--note", "first")
    status, told = freeze(study)
    assert status == 2
    assert "--again" in told
    first = read_freeze(study)
    assert freeze(study, "--again", "--note", "second")[0] == 0
    second = read_freeze(study)
    assert first is not None
    assert second is not None
    assert [each["sha256"] for each in second.history] == [first.sha256]
    assert second.note == "second"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_another_photograph, "photos/a.png: it is not as it was when the study was scored"),
        (CHANGES["a threshold"][0], "study.toml: it is not as it was"),
        (_clinical, "clinical.csv: it is not as it was"),
        (_reading, "the trail is not as it was"),
        (_edit("results/areas.csv", "P1", "P7"), "it is not what the run wrote"),
        (lambda study: (study / "results" / "run.json").unlink(), "the study was not scored"),
        (_edit("results/photos.csv", ",scored,", ",failed,crash"), "it failed"),
    ],
    ids=["photograph", "protocol", "clinical", "reading", "areas", "not scored", "failed"],
)
def test_results_of_another_state_are_not_frozen(study: Path, change: Callable[[Path], None], told: str) -> None:
    """What is frozen must follow from what is fixed; exit 2, and no file is left."""
    change(study)
    status, output = freeze(study)
    assert status == 2
    assert told in output
    assert not (study / FREEZE_FILE).exists()


def test_a_freeze_of_before_inputs_were_listed_still_holds(study: Path, models: Models) -> None:
    """Its hash fits as it did; the study is not locked out by an update."""
    freeze(study)
    content = json.loads((study / FREEZE_FILE).read_text())
    del content["inputs"], content["sha256"]
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    content["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (study / FREEZE_FILE).write_text(json.dumps(content))
    assert "were reproduced" in score_folder(study, study / "results", models).remark


@pytest.mark.parametrize("damage", ['"note": "x"', "", "[]", '{"sha256": "0"}'])
def test_a_freeze_that_was_changed_is_told(study: Path, models: Models, damage: str) -> None:
    """Its own hash does not fit, or it is no freeze; scoring stops."""
    freeze(study)
    text = (study / FREEZE_FILE).read_text()
    (study / FREEZE_FILE).write_text(text.replace('"note": ""', damage) if damage.startswith('"') else damage)
    with pytest.raises(InputError, match=FREEZE_FILE):
        score_folder(study, study / "results", models)


def test_the_state_tells_tables_that_changed(study: Path) -> None:
    """For the report: frozen when and by whom, and whether these are the frozen numbers."""
    assert freezing.frozen_state(study, ResultsFolder(study / "results")) is None
    freeze(study)
    state = freezing.frozen_state(study, ResultsFolder(study / "results"))
    assert state is not None
    assert state.changed == ()
    _edit("results/areas.csv", "P1", "P7")(study)
    state = freezing.frozen_state(study, ResultsFolder(study / "results"))
    assert state is not None
    assert state.changed == ("areas.csv",)
