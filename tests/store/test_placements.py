"""Placements that are handed on with a study: read for the very photograph and body they were found with."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate, build_template, reference_template
from reepi.cli.batch import score_folder
from reepi.cli.models import Models
from reepi.core.errors import InputError, PhotographRejected
from reepi.core.study import Patient
from reepi.core.surface import Registration
from reepi.mapping.registration import registration_from_pose
from reepi.store.freezing import new_freeze, write_freeze
from reepi.store.placements import placement_hash, placement_hashes, placement_name, placement_of, placement_text
from reepi.store.provenance import bytes_hash
from reepi.store.results import ResultsFolder
from reepi.store.study import read_study

FILE = "photos/P1.jpg"


@pytest.fixture(scope="module")
def body() -> BodyTemplate:
    return reference_template()


@pytest.fixture(scope="module")
def laid(body: BodyTemplate) -> Registration:
    camera = Camera.looking_at(np.array([0.0, 0.0, 0.9]), np.array([0.3, -2.5, 1.1]), focal_px=700.0, size=(96, 64))
    return registration_from_pose(camera, {}, body, 12.0)


@pytest.fixture
def handed_on(tmp_path: Path, laid: Registration, body: BodyTemplate) -> Path:
    """A folder with one photograph that was placed."""
    photograph, placed = tmp_path / FILE, tmp_path / "placed" / "P1.json"
    photograph.parent.mkdir()
    placed.parent.mkdir()
    photograph.write_bytes(b"pixels")
    placed.write_text(placement_text(FILE, b"pixels", laid, body))
    return tmp_path


def test_it_lies_where_it_was_placed(handed_on: Path, laid: Registration, body: BodyTemplate) -> None:
    found = placement_of(handed_on, FILE, body)
    assert found is not None
    np.testing.assert_array_equal(found.on(body).drawn, laid.drawn)


def test_of_another_photograph_or_body_it_says_nothing(handed_on: Path, body: BodyTemplate) -> None:
    """A photograph that was cropped since, or a patient whose height was corrected, is placed anew."""
    assert placement_of(handed_on, FILE, build_template(Patient("P1", "F", 40, 160, 60))) is None
    assert placement_of(handed_on, "photos/P2.jpg", body) is None
    assert placement_of(handed_on, "elsewhere/P1.jpg", body) is None
    (handed_on / FILE).write_bytes(b"other pixels")
    assert placement_of(handed_on, FILE, body) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"file": "photos/P1.jpg"}', "\udcff"])
def test_one_that_cannot_be_read_is_told_with_its_file(handed_on: Path, body: BodyTemplate, text: str) -> None:
    """What a site sent must not be left out of the count without a word."""
    (handed_on / "placed" / "P1.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(PhotographRejected, match=r"placed/P1\.json .* cannot be read .* Restore that file") as raised:
        placement_of(handed_on, FILE, body)
    assert raised.value.code == "placement_unreadable"


def test_hashes_are_those_of_the_files(handed_on: Path) -> None:
    assert placement_name(FILE) == "placed/P1.json"
    assert placement_hash(handed_on, FILE) == bytes_hash((handed_on / "placed" / "P1.json").read_bytes())
    assert placement_hash(handed_on, "photos/P2.jpg") == ""


class TestScoring:
    """In a study of painted photographs, of which one is handed on at another place than it would be found."""

    @pytest.fixture
    def moved(self, painted_study: Path, models: Models) -> Callable[[float], None]:
        """Place the first photograph, with its residual."""
        study = read_study(painted_study)
        entry = study.photos[0]
        template = build_template(study.patient(entry.patient_id))
        camera = Camera.looking_at(
            np.array([0.0, 0.0, 1.0]), np.array([0.0, -2.5, 1.1]), focal_px=300.0, size=(320, 240)
        )
        (painted_study / "placed").mkdir()

        def _move(residual_mm: float) -> None:
            laid = registration_from_pose(camera, {}, template, residual_mm)
            text = placement_text(entry.file, (painted_study / entry.file).read_bytes(), laid, template)
            (painted_study / placement_name(entry.file)).write_text(text)

        return _move

    def test_it_is_laid_and_not_sought(
        self, painted_study: Path, models: Models, moved: Callable[[float], None]
    ) -> None:
        """The results of a run before it was there are not taken over; run.json names it."""
        results = ResultsFolder(painted_study / "results")
        sought = {photo.file: photo.residual_mm for photo in score_folder(painted_study, results.path, models).photos}
        moved(21.5)
        laid = {photo.file: photo.residual_mm for photo in score_folder(painted_study, results.path, models).photos}
        first, *others = laid
        assert laid[first] == 21.5
        assert sought[first] != 21.5
        assert all(laid[file] == sought[file] for file in others)
        name = placement_name(first)
        assert f'"{name}": "{placement_hash(painted_study, first)}"' in results.run.read_text()
        assert placement_hashes(painted_study, read_study(painted_study).photos) == {
            name: placement_hash(painted_study, first)
        }

    def test_one_that_cannot_be_read_leaves_its_photograph_out(
        self, painted_study: Path, models: Models, moved: Callable[[float], None]
    ) -> None:
        first = read_study(painted_study).photos[0].file
        (painted_study / placement_name(first)).write_text("{")
        photos = score_folder(painted_study, painted_study / "results", models).photos
        assert [photo.status for photo in photos] == ["rejected", "scored", "scored"]
        assert photos[0].reasons.startswith("placement_unreadable: ")

    def test_another_one_stops_a_frozen_study(
        self, painted_study: Path, models: Models, moved: Callable[[float], None]
    ) -> None:
        """Where a photograph lies decides numbers."""
        moved(21.5)
        results = ResultsFolder(painted_study / "results")
        score_folder(painted_study, results.path, models)
        freeze = new_freeze(read_study(painted_study), painted_study, results, None, "A. Reader", "Locked.", False)
        write_freeze(painted_study, freeze)
        score_folder(painted_study, results.path, models)
        moved(22.5)
        with pytest.raises(InputError, match=r"photograph .* was"):
            score_folder(painted_study, results.path, models)
