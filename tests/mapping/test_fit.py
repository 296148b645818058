"""The solver must find the camera and the pose that a photograph was taken with."""

import gc
from dataclasses import replace
from weakref import ref

import numpy as np
import pytest
from doll import POSE, Shot, build_doll, take

from reepi.body.articulation import mirrored, rotations
from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences
from reepi.core.errors import PhotographRejected
from reepi.core.images import TissueMap
from reepi.core.surface import NO_FACE
from reepi.core.tissue import Tissue
from reepi.core.views import VIEWS
from reepi.mapping.correspondences import evenly_spread, from_canonical_points
from reepi.mapping.fit import BodyFit, fit_body
from reepi.mapping.projection import project_onto_faces
from reepi.mapping.registration import registration_from_fit

VIEW = VIEWS["whole_anterior"]


def some(every: Correspondences, n: int = 250) -> Correspondences:
    return every.part(evenly_spread(every.pixels, np.zeros(len(every)), n))


def errors_cm(fit: BodyFit, shot: Shot) -> np.ndarray:
    """How far from its true place in space, across the line of sight, the fit puts each pixel's skin."""
    every = shot.correspondences
    corners = shot.template.faces[every.faces]
    there = shot.template.posed(rotations(shot.template, fit.pose))[corners]
    local = fit.camera.in_camera_axes(np.einsum("nc,ncd->nd", every.barycentric, there))
    pixels = fit.camera.project(np.einsum("nc,ncd->nd", every.barycentric, there))
    return 100 * np.linalg.norm(pixels - every.pixels, axis=1) * local[:, 2] / fit.camera.focal_px


def disturbed(every: Correspondences, doll: BodyTemplate, noise_m: float, wrong: float) -> Correspondences:
    """Noise on every point, and some points from anywhere else in the picture."""
    rng = np.random.default_rng(3)
    points = np.einsum("nc,ncd->nd", every.barycentric, doll.canonical[doll.faces[every.faces]].astype(float))
    noisy = points + rng.normal(0, noise_m / np.sqrt(3), points.shape)
    bad = rng.random(len(points)) < wrong
    noisy[bad] = points[rng.integers(0, len(points), bad.sum())]
    return from_canonical_points(every.pixels, noisy, np.full(len(points), noise_m), np.ones(len(points)), doll)


def test_true_correspondences_give_back_the_photograph(shot: Shot) -> None:
    """Without noise the skin is found to the millimetre, the focal length to a few percent."""
    fit = fit_body(some(shot.correspondences), VIEW, shot.template, shot.camera.size)
    assert np.median(errors_cm(fit, shot)) < 0.1
    assert fit.camera.focal_px == pytest.approx(shot.camera.focal_px, rel=0.1)
    assert fit.quality.residual_mm < 3
    assert fit.quality.trusted > 0.95


def test_noise_and_false_points_are_borne(shot: Shot, doll: BodyTemplate) -> None:
    """With 4 cm of noise and a tenth of the points wrong, the median error stays under 2 cm."""
    rough = disturbed(some(shot.correspondences), doll, 0.04, 0.1)
    fit = fit_body(rough, VIEW, doll, shot.camera.size)
    assert np.median(errors_cm(fit, shot)) < 2
    assert 10 < fit.quality.residual_mm < 60


def test_a_told_focal_length_is_kept(shot: Shot) -> None:
    """What the file tells of the lens holds within its tolerance."""
    fit = fit_body(some(shot.correspondences), VIEW, shot.template, shot.camera.size, shot.camera.focal_px)
    assert fit.camera.focal_px == pytest.approx(shot.camera.focal_px, rel=0.03)


@pytest.mark.parametrize("focal_px", [0.0, -10.0, float("nan")])
def test_an_impossible_focal_length_is_an_error(shot: Shot, focal_px: float) -> None:
    """No lens has it."""
    with pytest.raises(ValueError, match="focal_px"):
        fit_body(some(shot.correspondences), VIEW, shot.template, shot.camera.size, focal_px)


def test_another_body_of_the_same_shape_is_found_at_another_distance(shot: Shot) -> None:
    """A photograph cannot tell a giant far away from a dwarf near by: the body's size sets the distance."""
    giant = build_doll(1.2)
    fit = fit_body(some(shot.correspondences), VIEW, giant, shot.camera.size, shot.camera.focal_px)
    assert np.linalg.norm(fit.camera.position) == pytest.approx(1.2 * np.linalg.norm(shot.camera.position), rel=0.05)


def test_a_body_is_forgotten_after_its_fit(shot: Shot) -> None:
    """What was worked out of it holds it no longer: a long run has the bodies of all patients."""
    giant = build_doll(1.2)
    fit_body(some(shot.correspondences), VIEW, giant, shot.camera.size)
    held = ref(giant)
    del giant
    gc.collect()
    assert held() is None


def test_the_same_input_gives_the_same_fit(shot: Shot, doll: BodyTemplate) -> None:
    """To the last bit: results must be repeatable."""
    rough = disturbed(some(shot.correspondences), doll, 0.04, 0.1)
    first, second = (fit_body(rough, VIEW, doll, shot.camera.size) for _ in range(2))
    assert first.pose == second.pose
    np.testing.assert_array_equal(first.camera.position, second.camera.position)


def open_percent(shot: Shot, chosen: np.ndarray) -> float:
    """Open skin [% BSA] measured from a photograph with its true correspondences, some faces painted open."""
    fit = fit_body(some(shot.correspondences), VIEW, shot.template, shot.camera.size)
    mask = np.where(chosen[shot.image.faces], Tissue.DETACHED, Tissue.INTACT).astype(np.uint8)
    mask[shot.image.faces == NO_FACE] = Tissue.BACKGROUND
    registration = registration_from_fit(fit, shot.template, "truth")
    surface = project_onto_faces(registration, TissueMap.from_mask(mask), shot.template)
    return float(shot.template.shares("patient", 40) @ surface.open)


def test_mirroring_photograph_and_correspondences_leaves_the_area(
    doll: BodyTemplate, front: Camera, shot: Shot
) -> None:
    """The mirrored pose is found, and lesions on the other side measure the same."""
    flip = np.diag([-1.0, 1.0, 1.0])
    camera = replace(front, rotation=flip @ front.rotation @ flip, position=flip @ front.position)
    other = take(doll, camera, mirrored(POSE))
    fit = fit_body(some(shot.correspondences), VIEW, doll, front.size)
    mirror = fit_body(some(other.correspondences), VIEW, doll, camera.size)
    for name, vector in mirrored(fit.pose).items():
        np.testing.assert_allclose(mirror.pose[name], vector, atol=0.03)
    across = doll.vertices[doll.faces].mean(axis=1)[:, 0]
    left, right = open_percent(shot, across > 0.05), open_percent(other, across < -0.05)
    assert left > 5
    assert left == pytest.approx(right, abs=0.3)


def test_points_of_one_limb_leave_the_other_limbs_alone(shot: Shot, doll: BodyTemplate) -> None:
    """Only joints that move some of the skin in the photograph are reported."""
    every = some(shot.correspondences, 500)
    centre = doll.vertices[doll.faces[every.faces]].mean(axis=1)
    right_leg = every.part((centre[:, 2] < 0.85) & (centre[:, 0] < 0))
    fit = fit_body(right_leg, VIEWS["leg_right_anterior"], doll, shot.camera.size)
    assert "knee_right" in fit.pose
    assert not {"elbow_left", "knee_left", "spine"} & fit.pose.keys()


def test_too_few_points_are_rejected(shot: Shot, doll: BodyTemplate) -> None:
    """The reason names the view and what to do."""
    with pytest.raises(PhotographRejected, match=r"not_registered: only 5 .* whole_anterior .* take it again"):
        fit_body(some(shot.correspondences).part(np.arange(5)), VIEW, doll, shot.camera.size)


def test_a_body_of_a_few_pixels_is_rejected(shot: Shot, doll: BodyTemplate) -> None:
    """A figure in the distance cannot be measured."""
    given = some(shot.correspondences)
    with pytest.raises(PhotographRejected, match="too small"):
        fit_body(replace(given, pixels=given.pixels / 20), VIEW, doll, shot.camera.size)


def test_pixels_that_all_show_one_spot_are_rejected(shot: Shot, doll: BodyTemplate) -> None:
    """A network that says the same of every pixel has seen nothing."""
    given = some(shot.correspondences)
    same = replace(given, faces=np.full(len(given), given.faces[0]), barycentric=np.full((len(given), 3), 1 / 3))
    with pytest.raises(PhotographRejected, match="one spot"):
        fit_body(same, VIEW, doll, shot.camera.size)


def test_points_without_a_place_are_left_out(shot: Shot) -> None:
    """A pixel that is not a number, and a point of no weight, change nothing."""
    given = some(shot.correspondences)
    pixels, weights = given.pixels.copy(), given.weights.copy()
    pixels[0], weights[1] = np.nan, 0
    fit = fit_body(replace(given, pixels=pixels, weights=weights), VIEW, shot.template, shot.camera.size)
    assert fit.quality.n_correspondences == len(given) - 2
    assert np.median(errors_cm(fit, shot)) < 0.1
