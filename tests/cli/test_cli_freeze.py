"""A frozen study: the same bytes come out again, every change is named and stops, nothing is overwritten silently."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reepi.cli import app
from reepi.cli.batch import Models, score_folder
from reepi.cli.frozen import NotReproduced
from reepi.core.errors import InputError
from reepi.core.reading import NewReading
from reepi.store import freezing
from reepi.store.freezing import FREEZE_FILE, read_freeze
from reepi.store.readings import ReadingStore

CLINICAL = "patient_id,item,date,value,unit\nP1,urea,2024-03-05,12,mmol/L\n"


@pytest.fixture
def study(scored_once: Path, tmp_path: Path) -> Path:
    """A scored study, to be changed."""
    return shutil.copytree(scored_once, tmp_path / "study")


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
    monkeypatch.setattr(freezing, "_body_hash", lambda template: "0" * 64)
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
    assert run["despite_freeze"] == ["protocol almost_complete_percent was 90 and is 80"]
    status, told = freeze(study, "--again")
    assert status == 2
    assert "despite a freeze" in told


def test_another_program_counts_elsewhere_and_is_held_against_the_frozen_numbers(
    study: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may give the same numbers; the frozen results are not overwritten to find out."""
    freeze(study)
    monkeypatch.setattr(freezing, "program_hash", lambda: "1" * 64)
    with pytest.raises(InputError, match=r"made by another program.*--out"):
        score_folder(study, study / "results", models)
    assert "were reproduced" in score_folder(study, study.parent / "elsewhere", models).remark


def test_numbers_that_do_not_come_out_again_are_not_written(
    study: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is named; the old tables stay."""
    freeze(study)
    before = (study / "results" / "areas.csv").read_bytes()
    frozen = read_freeze(study)
    assert frozen is not None
    frozen.outputs["areas.csv"] = "0" * 64
    freezing.write_freeze(study, frozen)
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
    from reepi.store.results import ResultsFolder

    assert freezing.frozen_state(study, ResultsFolder(study / "results")) is None
    freeze(study)
    state = freezing.frozen_state(study, ResultsFolder(study / "results"))
    assert state is not None
    assert state.changed == ()
    _edit("results/areas.csv", "P1", "P7")(study)
    state = freezing.frozen_state(study, ResultsFolder(study / "results"))
    assert state is not None
    assert state.changed == ("areas.csv",)
