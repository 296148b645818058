"""``reepi check``, through the object that the user gets: what is told, what is to be taken again, exit statuses."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate, build_template
from reepi.cli import app
from reepi.cli.checking import view_in_name
from reepi.cli.models import Models
from reepi.core.errors import PhotographRejected
from reepi.imaging import pillow_images
from reepi.instruments import Instruments
from reepi.mapping.registration import registration_from_pose
from reepi.store.placements import placement_name, placement_text
from reepi.store.study import read_study

Run = Callable[..., Result]

LENIENT = "\n[capture]\ncast_stops = 5\nleast_side_px = 100\nclipped_percent = 100\nglare_percent = 100\n"
"""Painted skin has colours of no skin, and a painted picture few pixels."""


@pytest.fixture
def run(models: Models, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command on models that are right on painted photographs."""
    monkeypatch.setattr(Models, "chosen", classmethod(lambda cls, *folders: models))
    return lambda *arguments: CliRunner().invoke(app, ["check", *(str(argument) for argument in arguments)])


@pytest.fixture
def study(painted_study: Path) -> Path:
    """Three painted photographs in a study with limits that fit them."""
    settings = painted_study / "study.toml"
    settings.write_text(settings.read_text() + LENIENT)
    return painted_study


def test_a_good_study_is_status_0(run: Run, study: Path) -> None:
    """Every photograph has its line, nothing is to be taken again, and the study folder stays as it is."""
    before = {path: path.stat().st_mtime_ns for path in study.rglob("*")}
    result = run(study)
    assert result.exit_code == 0, result.output
    assert all(file in result.stdout for file in ("photos/a.png", "photos/b.png", "photos/c.png"))
    assert "3 photographs: nothing to take again." in result.stdout
    assert {path: path.stat().st_mtime_ns for path in study.rglob("*")} == before


def test_what_is_to_be_taken_again_is_status_1(run: Run, study: Path) -> None:
    """The list names patient, date, view and reason."""
    (study / "photos" / "b.png").write_bytes(b"")
    result = run(study)
    assert result.exit_code == 1
    assert "3 photographs; take again:\n  P1, 2024-03-10, whole_anterior: empty\n" in result.stdout


def test_a_view_that_another_photograph_shows_need_not_be_taken_again(run: Run, study: Path) -> None:
    """The bad one is told; the visit has the view."""
    (study / "photos" / "bad.png").write_bytes(b"")
    with (study / "photos.csv").open("a") as table:
        table.write("photos/bad.png,P1,2024-03-05T10:00:00,whole_anterior\n")
    result = run(study, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["photographs"][-1]["result"] == "again"
    assert json.loads(result.stdout)["take_again"] == []


def test_what_this_machine_could_not_look_at_is_not_taken_again(
    run: Run, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Short of memory, a machine says nothing of a photograph: that is told, with status 1, and nobody is sent back."""

    def decoded(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pillow_images, "_decode", decoded)
    told = run(study)
    assert told.exit_code == 1
    assert "3 photographs: nothing to take again.\n3 could not be looked at; check again:\n" in told.stdout
    assert "  photos/a.png: no_memory\n" in told.stdout
    answer = json.loads(run(study, "--json").stdout)
    assert [each["result"] for each in answer["photographs"]] == ["unseen"] * 3
    assert answer["take_again"] == []


def test_json_holds_all_findings(run: Run, study: Path) -> None:
    """Codes, what was measured, the limit and the remedy; the same picture twice and a stray date are told."""
    shutil.copy(study / "photos" / "a.png", study / "photos" / "copy.png")
    with (study / "photos.csv").open("a") as table:
        table.write("photos/copy.png,P1,2024-03-20T10:00:00,whole_anterior\n")
    result = run(study, "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["take_again"] == []
    copy = answer["photographs"][-1]
    assert [finding["code"] for finding in copy["findings"]] == ["outside_visit", "repeated"]
    assert (copy["patient_id"], copy["date"], copy["day"], copy["result"]) == ("P1", "2024-03-20", 15, "told")
    assert copy["findings"][0] | {"remedy": ""} == {
        "code": "outside_visit",
        "remedy": "",
        "measured": 8.0,
        "limit": 1.0,
        "refuses": False,
    }
    assert copy["findings"][1]["remedy"].startswith("It is the same picture as photos/a.png.")


class TestPlacedAlready:
    """As in scoring, a photograph that was placed before it was handed on is laid there, and not sought."""

    @pytest.fixture
    def placement(
        self,
        study: Path,
        models: Models,
        instruments: Instruments,
        painter: Callable[[BodyTemplate], Camera],
        monkeypatch: pytest.MonkeyPatch,
    ) -> Path:
        """That of the first photograph, in a study on whose photographs a network sees another side."""

        def rejects(*_: object) -> None:
            raise PhotographRejected("wrong_view", "It looks like whole_posterior.")

        monkeypatch.setattr(type(models), "instruments", lambda self: replace(instruments, register=rejects))
        file = "photos/a.png"
        body = build_template(read_study(study).patient("P1"))
        laid = registration_from_pose(painter(body), {}, body, 5.0)
        placed = study / placement_name(file)
        placed.parent.mkdir()
        placed.write_text(placement_text(file, (study / file).read_bytes(), laid, body))
        return placed

    def test_it_is_laid_where_it_was_placed(self, run: Run, study: Path, placement: Path) -> None:
        """The others are still told."""
        assert causes(run(study, "--json")) == [[], ["wrong_view"], ["wrong_view"]]

    def test_one_that_cannot_be_read_is_told(self, run: Run, study: Path, placement: Path) -> None:
        """It ends the check of that photograph alone."""
        placement.write_text("{")
        assert causes(run(study, "--json")) == [["placement_unreadable"], ["wrong_view"], ["wrong_view"]]


def causes(result: Result) -> list[list[str]]:
    """Return, for each photograph, the codes of what is a reason to take it again."""
    photographs = json.loads(result.stdout)["photographs"]
    return [[finding["code"] for finding in each["findings"] if finding["refuses"]] for each in photographs]


def test_patient_and_date_choose(run: Run, study: Path) -> None:
    """At the bedside only today's patient matters; a choice that finds nothing is a wrong call."""
    chosen = run(study, "--patient", "P1", "--date", "2024-03-10", "--json")
    assert [each["file"] for each in json.loads(chosen.stdout)["photographs"]] == ["photos/b.png"]
    assert run(study, "--patient", "P9").exit_code == 2


def test_files_without_a_study(run: Run, study: Path) -> None:
    """Judged by the default limits under the view that was named; what lies in no study has no visit."""
    result = run(study / "photos" / "a.png", "--view", "whole_anterior", "--json")
    (photograph,) = json.loads(result.stdout)["photographs"]
    assert photograph["view"] == "whole_anterior"
    assert photograph["patient_id"] is None
    assert "low_resolution" in [finding["code"] for finding in photograph["findings"]]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing.jpg"], "nothing.jpg: there is no such file"),
        (["photos/a.png", "--view", "whole_front"], "whole_front is no view"),
        (["photos/a.png"], "Name it with --view"),
        (["photos/a.png", "."], "a study is checked alone"),
        ([".", "--view", "whole_anterior"], "photos.csv names the views"),
        (["photos/a.png", "--patient", "P1"], "these choose photographs of a study"),
        (["photos"], "study.toml"),
    ],
)
def test_a_wrong_call_is_status_2(
    run: Run, study: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    """Each with what to do about it; painted models cannot guess a view."""
    monkeypatch.chdir(study)
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert told in result.stderr


def test_a_view_may_stand_in_the_name() -> None:
    """The longest one counts; hyphens and capitals do not matter."""
    found = view_in_name("P01_d05_Arm-Left-Anterior_2")
    assert found is not None
    assert found.name == "arm_left_anterior"
    assert view_in_name("IMG_0001") is None
