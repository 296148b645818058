"""The pose network finds a whole person, and its folder is checked."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from reepi.body.articulation import ARTICULATIONS
from reepi.core.errors import InputError
from reepi.core.images import Photograph
from reepi.core.landmarks import LANDMARKS
from reepi.core.study import Patient
from reepi.mapping.kinematics import pose_points, skeleton_of
from reepi.mapping.landmarks import LEAST_PERSON, facing, landmark_points
from reepi.model.pose import PLACES, SIDE, WEIGHTS, Square, load_pose_finder
from reepi.phantom.framing import Framing
from reepi.phantom.patients import draw_patient, on_day
from reepi.phantom.rendering import RenderedPhotograph, render_photograph
from reepi.phantom.scene import draw_scene
from reepi.store.shipped import shipped_model


@pytest.fixture(scope="module")
def folder() -> Path:
    return shipped_model("pose")


def rendered(view: str) -> tuple[RenderedPhotograph, np.ndarray]:
    """Return a photograph of a patient with little disease, and the true places of the landmarks [px]."""
    rng = np.random.default_rng(21)
    phantom = draw_patient(rng, Patient("P1", "F", 40, 165, 62), 3.0)
    framing = Framing((512, 384), 45.0, 0.85, (0.0, 0.0), azimuth_rad=0.0, elevation_rad=0.0, roll_rad=0.0)
    scene = draw_scene(rng, phantom.template, view, framing, tidy=True)
    photograph = render_photograph(on_day(phantom, -2, rng, 0, clothed=False), scene, rng)
    skeleton = skeleton_of(phantom.template, ARTICULATIONS)
    pose = np.array([scene.pose.get(name, np.zeros(3)) for name in skeleton.names])
    points = pose_points(skeleton, landmark_points(phantom.template, skeleton), pose)
    return photograph, scene.camera.project(points)


@pytest.mark.parametrize(("view", "side"), [("whole_anterior", 1), ("whole_posterior", -1)])
def test_a_whole_patient_is_found(folder: Path, view: str, side: int) -> None:
    """Joints to a few percent of her height, left and right, front and back."""
    photograph, true = rendered(view)
    find = load_pose_finder(folder)
    found = find(Photograph(photograph.pixels, (512, 384)))
    assert found.person > LEAST_PERSON
    assert facing(found) * side > 0.5
    height_px = np.ptp(np.nonzero((photograph.faces >= 0).any(axis=1))[0])
    joints = [LANDMARKS.index(f"{n}_{s}") for n in ("shoulder", "elbow", "hip", "knee") for s in ("left", "right")]
    assert np.median(np.linalg.norm(found.pixels - true, axis=1)[joints]) < 0.04 * height_px
    again = find(Photograph(photograph.pixels, (512, 384)))
    np.testing.assert_array_equal(again.pixels, found.pixels)


def test_bedding_is_nobody(folder: Path) -> None:
    """Noise and a grey sheet show no person."""
    find = load_pose_finder(folder)
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), dtype=np.uint8)
    for pixels in (noise, np.full((300, 200, 3), 128, np.uint8)):
        assert find(Photograph(pixels, pixels.shape[:2])).person < LEAST_PERSON


def test_square_shows_its_middle_and_turns() -> None:
    """The middle of the square is its centre; a quarter turn puts the picture's right side up."""
    pixels = np.zeros((100, 100, 3), np.uint8)
    pixels[40:60, 80:] = 255
    square = Square(np.array([49.5, 49.5]), 100.0, np.pi / 2)
    middle = square.affine @ [(SIDE - 1) / 2, (SIDE - 1) / 2, 1]
    assert middle == pytest.approx([49.5, 49.5])
    seen = square.seen_in(pixels)[0]
    assert seen[: SIDE // 8, SIDE * 9 // 20 : SIDE * 11 // 20].mean() > 0.9
    assert seen[SIDE // 2 :].mean() == 0


def test_every_landmark_has_a_place() -> None:
    """One each, none twice."""
    assert set(PLACES) == set(LANDMARKS)
    assert len(set(PLACES.values())) == len(LANDMARKS)


def test_a_damaged_or_foreign_folder_is_named(folder: Path, tmp_path: Path) -> None:
    """What is wrong, and what to do."""
    with pytest.raises(InputError, match="no pose network can be read"):
        load_pose_finder(tmp_path)
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    with (damaged / WEIGHTS).open("ab") as file:
        file.write(b"more")
    with pytest.raises(InputError, match="not what the card says"):
        load_pose_finder(damaged)
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "card.toml").write_text('task = "tissue"\n')
    with pytest.raises(InputError, match="a pose model is needed"):
        load_pose_finder(other)
