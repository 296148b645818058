"""``reepi score`` and ``reepi check`` register a photograph by the points that a reader placed on it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from reepi.body.camera import Camera
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate, build_template
from reepi.cli import app, batch
from reepi.cli.batch import Outcome
from reepi.cli.models import Models
from reepi.core.errors import PhotographRejected
from reepi.core.reader_points import NewPoints, ReaderPoint
from reepi.core.registration_decision import NewDecision
from reepi.core.study import Patient
from reepi.imaging.writing import decode_mask
from reepi.instruments import Instruments
from reepi.mapping.correspondences import evenly_spread, from_face_image
from reepi.store.reader_points import PointStore
from reepi.store.registrations import RegistrationStore
from reepi.store.results import ResultsFolder

FILE = "photos/a.png"


@pytest.fixture(scope="module")
def points(painter: Callable[[BodyTemplate], Camera]) -> tuple[ReaderPoint, ...]:
    """True points all over the first painted photograph."""
    body = build_template(Patient("P1", "F", 40, 165, 62))
    true = from_face_image(RayCaster(body.vertices, body.faces).render(painter(body)), body)
    chosen = true.part(evenly_spread(true.pixels, np.ones(len(true)), 30))
    rows = zip(chosen.pixels, chosen.faces, chosen.barycentric, strict=True)
    return tuple(ReaderPoint.at_pixel((x, y), painter(body).size, face, weights) for (x, y), face, weights in rows)


@pytest.fixture
def score(
    painted_study: Path, models: Models, instruments: Instruments, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Outcome]:
    """Score the painted study with a registrar that finds nobody."""

    def rejects(*_: object) -> None:
        raise PhotographRejected("not_registered", "The body was not found.")

    monkeypatch.setattr(type(models), "instruments", lambda self: replace(instruments, register=rejects))
    monkeypatch.setattr(batch, "write_report", lambda results, study: results)
    return lambda: batch.score_folder(painted_study, painted_study / "results", models)


def test_a_refused_place_counts_again_by_other_points_alone(
    painted_study: Path, points: tuple[ReaderPoint, ...], score: Callable[[], Outcome]
) -> None:
    """Also where the photograph was laid elsewhere since, as by an earlier day that no longer counts."""
    store, decisions = PointStore(painted_study), RegistrationStore(painted_study)
    store.save(NewPoints(FILE, "Ada", points))
    assert score().photos[0].status == "scored"
    decisions.save(NewDecision(FILE, "Ada", "refused", "0" * 64, 5.0, "lies too low"))
    assert score().photos[0].reasons == "registration_refused: Ada refused its place on the body: lies too low"
    store.save(NewPoints(FILE, "Ada", points[1:]))
    assert score().photos[0].status == "scored"
    store.save(NewPoints(FILE, "Ada", points))
    assert score().photos[0].status == "rejected", "those points were refused"
    decisions.save(NewDecision(FILE, "Ben", "accepted", "0" * 64, 5.0))
    assert score().photos[0].status == "scored"


def test_a_refused_place_hides_the_whole_photograph(
    painted_study: Path, points: tuple[ReaderPoint, ...], score: Callable[[], Outcome]
) -> None:
    """Where eyes are hidden: a wrong place has them elsewhere. Once it is accepted, the band over them is back."""
    with (painted_study / "study.toml").open("a") as settings:
        settings.write("\n[capture]\nmask_eyes = true\n")
    decisions, results = RegistrationStore(painted_study), ResultsFolder(painted_study / "results")
    pictures = results.overlay(FILE), results.small(FILE)
    PointStore(painted_study).save(NewPoints(FILE, "Ada", points))
    score()
    banded = [path.read_bytes() for path in pictures]
    decisions.save(NewDecision(FILE, "Ada", "refused", "0" * 64, 5.0, "lies too low"))
    assert score().photos[0].status == "rejected"
    assert (decode_mask(results.hidden(FILE).read_bytes()) > 0).all()
    assert np.asarray(Image.open(results.small(FILE))).max() <= 2, "black, but for what WebP loses"
    assert results.overlay(FILE).read_bytes() != banded[0]
    decisions.save(NewDecision(FILE, "Ada", "accepted", "0" * 64, 5.0))
    assert score().photos[0].status == "scored"
    assert [path.read_bytes() for path in pictures] == banded


def test_a_rejected_photograph_comes_back_by_points(
    painted_study: Path, points: tuple[ReaderPoint, ...], score: Callable[[], Outcome]
) -> None:
    """Rejected; scored as soon as there are points, alone; rejected again when they are taken back."""
    store = PointStore(painted_study)
    assert [photo.status for photo in score().photos] == ["rejected"] * 3
    saved = store.save(NewPoints(FILE, "Ada", points))
    outcome = score()
    assert [photo.status for photo in outcome.photos] == ["scored", "rejected", "rejected"]
    registration = json.loads((painted_study / "results" / "registrations" / "a.json").read_text())
    details = registration.get("camera", registration)
    assert (details["source"], details["n_reader_points"]) == ("reader", len(points))
    record = json.loads((painted_study / "results" / "run.json").read_text())
    assert record["said"]["points"] == {FILE: saved.points_sha256}
    assert outcome.remark == ""
    store.save(NewPoints(FILE, "Ada", ()))
    assert [photo.status for photo in score().photos] == ["rejected"] * 3


def test_points_on_a_photograph_that_was_renamed_are_told(
    painted_study: Path, points: tuple[ReaderPoint, ...], score: Callable[[], Outcome]
) -> None:
    """They count for nothing any more, so the record of the run does not name them."""
    PointStore(painted_study).save(NewPoints(FILE, "Ada", points))
    photos = painted_study / "photos.csv"
    (painted_study / FILE).rename(painted_study / "photos/front.png")
    photos.write_text(photos.read_text().replace(FILE, "photos/front.png"))
    assert f"Not in photos.csv, so it counts for nothing: points on {FILE}." in score().remark
    assert json.loads((painted_study / "results" / "run.json").read_text())["said"]["points"] == {}


def test_the_check_hears_them_as_the_scoring_does(
    painted_study: Path,
    models: Models,
    points: tuple[ReaderPoint, ...],
    score: Callable[[], Outcome],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who placed points, as the check asked for, is not asked again; from the study's own data base or a server's."""

    def lies_nowhere(*options: str) -> list[bool]:
        result = CliRunner().invoke(app, ["check", str(painted_study), "--json", *options])
        found = [photograph["findings"] for photograph in json.loads(result.stdout)["photographs"]]
        return ["not_registered" in [finding["code"] for finding in findings] for findings in found]

    monkeypatch.setattr(Models, "chosen", classmethod(lambda cls, *folders: models))
    assert lies_nowhere() == [True, True, True]
    PointStore(painted_study).save(NewPoints(FILE, "Ada", points))
    assert lies_nowhere() == [False, True, True]
    shared = f"sqlite:///{painted_study / 'shared.sqlite'}"
    assert lies_nowhere("--database", shared) == [True, True, True]
    PointStore(painted_study, shared).save(NewPoints("photos/b.png", "Ada", points))
    assert lies_nowhere("--database", shared) == [True, False, True]


def test_contradictory_points_are_told(
    painted_study: Path, points: tuple[ReaderPoint, ...], score: Callable[[], Outcome]
) -> None:
    """The reason in the results names the point that does not fit."""
    wrong = replace(points[0], x=(points[0].x + 0.4) % 1, y=(points[0].y + 0.4) % 1)
    PointStore(painted_study).save(NewPoints(FILE, "Ada", (wrong, *points[1:])))
    first = score().photos[0]
    assert first.status == "rejected"
    assert "contradictory_points" in first.reasons
    assert "point 1 at" in first.reasons


def test_points_of_a_changed_photograph_are_told(
    painted_study: Path, points: tuple[ReaderPoint, ...], score: Callable[[], Outcome]
) -> None:
    """What was placed on other pixels is not used."""
    PointStore(painted_study).save(NewPoints(FILE, "Ada", points))
    (painted_study / FILE).write_bytes((painted_study / "photos" / "b.png").read_bytes())
    first = score().photos[0]
    assert (first.status, "points_outdated" in first.reasons) == ("rejected", True)


def test_the_same_points_mend_a_changed_photograph(
    painted_study: Path, points: tuple[ReaderPoint, ...], score: Callable[[], Outcome]
) -> None:
    """Placed again where they were, on the photograph as it is now, they count; the audit finds what they gave."""
    store = PointStore(painted_study)
    store.save(NewPoints(FILE, "Ada", points))
    with Image.open(painted_study / FILE) as picture:
        picture.save(painted_study / FILE, compress_level=0)
    assert "points_outdated" in score().photos[0].reasons
    store.save(NewPoints(FILE, "Ada", points))
    assert score().photos[0].status == "scored"
    told = CliRunner().invoke(app, ["audit", str(painted_study)])
    assert (told.exit_code, "Everything holds." in told.stdout) == (0, True), told.stdout
