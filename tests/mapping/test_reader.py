"""A reader's points move the fit to where they are, whatever a network says, or tell which of them is wrong."""

import time
from dataclasses import replace

import numpy as np
import pytest
from doll import Shot, build_doll
from hypothesis import given
from hypothesis import strategies as st

from reepi.body.camera import Camera
from reepi.core.correspondence import Correspondences
from reepi.core.errors import PhotographRejected
from reepi.core.reader_points import ReaderPoint
from reepi.core.surface import NO_FACE, Registration
from reepi.core.views import VIEWS
from reepi.mapping.reader import (
    ContradictoryPoints,
    fit_points,
    reader_correspondences,
    register_points,
    register_with_points,
)
from reepi.mapping.reader_problem import joined_problem, median_spread_mm, state_of
from reepi.mapping.registration import registration_from_pose
from reepi.mapping.solver import Problem, solution_at

VIEW = VIEWS["whole_anterior"]

SPREAD_OUT = 20
"""Points that show all limbs of the doll."""


def clicks(shot: Shot, n: int = SPREAD_OUT) -> tuple[ReaderPoint, ...]:
    """Return about n true points, spread over the whole photograph: the pixel of each cell nearest to its middle."""
    true = shot.correspondences
    rng = np.random.default_rng(3)
    chosen = [int(rng.integers(len(true)))]
    gaps = np.linalg.norm(true.pixels - true.pixels[chosen[0]], axis=1)
    while len(chosen) < n:
        chosen.append(int(gaps.argmax()))
        gaps = np.minimum(gaps, np.linalg.norm(true.pixels - true.pixels[chosen[-1]], axis=1))
    return tuple(
        ReaderPoint.at_pixel(tuple(true.pixels[i]), shot.camera.size, int(true.faces[i]), true.barycentric[i])
        for i in chosen
    )


def median_error_mm(found: Registration, shot: Shot) -> float:
    """Return the median distance on the neutral body between found and true faces' centres [mm]."""
    both = (found.faces != NO_FACE) & (shot.image.faces != NO_FACE)
    assert both.sum() > 0.7 * (shot.image.faces != NO_FACE).sum()
    centres = shot.template.vertices[shot.template.faces].mean(axis=1)
    gaps = np.linalg.norm(centres[found.faces[both]] - centres[shot.image.faces[both]], axis=1)
    return 1000 * float(np.median(gaps))


def wrong_network(shot: Shot) -> Correspondences:
    """Return a network that takes the front for the back: every point is mirrored left to right, and quite sure."""
    true = shot.correspondences.part(np.arange(0, len(shot.correspondences), 4))
    width = shot.camera.size[1]
    mirrored = np.stack([width - 1 - true.pixels[:, 0], true.pixels[:, 1]], axis=1)
    return replace(true, pixels=mirrored, sigma_m=np.full(len(true), 0.02), source="network")


def off_network(shot: Shot, shift_px: float = 12.0) -> Correspondences:
    """Return a network that sees everything some pixels too far right, and quite sure."""
    true = shot.correspondences.part(np.arange(0, len(shot.correspondences), 4))
    return replace(
        true, pixels=true.pixels + np.array([shift_px, 0.0]), sigma_m=np.full(len(true), 0.02), source="network"
    )


@given(
    x=st.floats(0, 1),
    y=st.floats(0, 1),
    height=st.integers(64, 3000),
    width=st.integers(64, 3000),
    scale=st.floats(1, 4),
)
def test_a_point_means_the_same_at_every_size(x: float, y: float, height: int, width: int, scale: float) -> None:
    """Its pixel, measured from the edges, grows with the photograph; back and forth leaves the place."""
    point = ReaderPoint(x, y, 0, (1.0, 0.0, 0.0))
    small, large = point.pixel((height, width)), point.pixel((2 * height, 2 * width))
    assert (large[0] + 0.5, large[1] + 0.5) == pytest.approx((2 * small[0] + 1, 2 * small[1] + 1))
    back = ReaderPoint.at_pixel(small, (height, width), 0, (1.0, 0.0, 0.0))
    assert (back.x, back.y) == pytest.approx((x, y), abs=1e-9)


def test_correspondences_carry_place_face_and_source(shot: Shot) -> None:
    """The pixels of true points are those that they were taken from."""
    points = clicks(shot, 5)
    given_ = reader_correspondences(points, shot.template, shot.camera.size)
    assert given_.source == "reader"
    assert shot.camera.size == (144, 108)
    rows, columns = given_.pixels.round().astype(int)[:, ::-1].T
    np.testing.assert_array_equal(shot.image.faces[rows, columns], given_.faces)


def test_points_alone_place_a_photograph(shot: Shot) -> None:
    """Without any network a score of points over the whole body is enough."""
    found = register_points(clicks(shot), VIEW, shot.template, shot.camera.size)
    assert median_error_mm(found, shot) < 30
    assert found.camera["source"] == "reader"
    assert found.camera["n_reader_points"] == SPREAD_OUT


def test_the_stated_error_is_that_on_the_skin(shot: Shot) -> None:
    """Points and their fit tell less than the true error; what is stated was measured, and holds it here too."""
    size = shot.camera.size
    fit = fit_points(clicks(shot), VIEW, shot.template, size)
    found = register_points(clicks(shot), VIEW, shot.template, size)
    assert found.residual_mm == pytest.approx(fit.error_mm)
    assert fit.body.quality.residual_mm < found.residual_mm < 60
    assert median_error_mm(found, shot) < 1.5 * found.residual_mm


def test_points_bring_a_wrong_start_right(shot: Shot, front: Camera) -> None:
    """The earlier registration stood half a metre aside and turned; the points say where it is."""
    aside = Camera(front.focal_px, front.size, front.rotation, front.position + np.array([0.5, 0.0, 0.2]))
    earlier = registration_from_pose(aside, {}, shot.template, 30.0)
    assert ((earlier.faces != NO_FACE) & (shot.image.faces != NO_FACE)).sum() < 300
    found = register_points(clicks(shot), VIEW, shot.template, shot.camera.size, earlier=earlier)
    assert median_error_mm(found, shot) < 30


@pytest.mark.parametrize("network", [wrong_network, off_network])
def test_points_outweigh_a_network(shot: Shot, network: object) -> None:
    """Hundreds of sure but wrong points of a network do not move a score of a reader's."""
    found = fit_points(clicks(shot), VIEW, shot.template, shot.camera.size, network=network(shot))  # type: ignore[operator]
    assert max(found.offsets_mm) < 20
    registration = register_points(clicks(shot), VIEW, shot.template, shot.camera.size, network=network(shot))  # type: ignore[operator]
    assert median_error_mm(registration, shot) < 40


def two_points_beside(network: Correspondences, shot: Shot) -> Problem:
    placed = reader_correspondences(clicks(shot, 2), shot.template, shot.camera.size)
    return joined_problem(placed, network, shot.template, shot.camera.size, None)


def test_skin_that_nobody_placed_makes_no_point_count_less(shot: Shot) -> None:
    """Points without weight are only asked how far they may move: the others are held in place as without them."""
    every = two_points_beside(off_network(shot), shot)
    said = every.firm | (np.arange(len(every.pixels)) % 2 == 0)
    assert np.count_nonzero(said) < len(said) - 50
    state = state_of(shot.camera, shot.pose, every)
    asked = solution_at(replace(every, weights=every.weights * said), state).spread_m[said]
    np.testing.assert_allclose(asked, solution_at(every.part(said), state).spread_m, rtol=1e-4)


def test_the_error_that_points_state_does_not_grow_with_the_skin_it_is_asked_of(shot: Shot) -> None:
    """The skin in the picture moves about as far as the network's points on it do, which are spread over all of it."""
    problem = two_points_beside(off_network(shot, shift_px=0.0), shot)
    solution = solution_at(problem, state_of(shot.camera, shot.pose, problem))
    stated = median_spread_mm(problem, solution, shot.camera, shot.pose, shot.template)
    assert stated == pytest.approx(1000 * np.median(solution.spread_m), rel=0.15)


def test_one_point_moves_what_a_network_says(shot: Shot) -> None:
    """A single point on a body that the network places 12 px aside falls on its pixel within a centimetre or two."""
    found = fit_points(clicks(shot, 1), VIEW, shot.template, shot.camera.size, network=off_network(shot))
    assert max(found.offsets_mm) < 20


@pytest.mark.parametrize("wrong", [0, 7])
def test_a_contradiction_names_the_point(shot: Shot, wrong: int) -> None:
    """One of the points lies a third of the picture away from where it belongs; that one is named."""
    points = list(clicks(shot))
    there = points[wrong]
    points[wrong] = replace(there, x=there.x + (0.35 if there.x < 0.5 else -0.35))
    with pytest.raises(ContradictoryPoints, match=f"point {wrong + 1} at .* mm off where the others fit") as told:
        fit_points(points, VIEW, shot.template, shot.camera.size)
    assert list(told.value.misfits_mm) == [wrong]
    assert told.value.misfits_mm[wrong] > 100


def test_too_few_points_alone_are_told(shot: Shot) -> None:
    """Where nothing else is known five points place nothing; none never do."""
    for n in (0, 5):
        with pytest.raises(PhotographRejected, match="at least 6"):
            fit_points(clicks(shot, 20)[:n], VIEW, shot.template, shot.camera.size)


def test_points_on_one_spot_leave_the_rest_uncertain(shot: Shot) -> None:
    """Eight points on the chest fit, but say nothing of arms and legs: more are asked for."""
    true = shot.correspondences
    middle = np.array([(shot.camera.size[1] - 1) / 2, true.pixels[:, 1].mean()])
    near = np.argsort(np.linalg.norm(true.pixels - middle, axis=1))[:40:5]
    points = [
        ReaderPoint.at_pixel(tuple(true.pixels[i]), shot.camera.size, int(true.faces[i]), true.barycentric[i])
        for i in near
    ]
    with pytest.raises(PhotographRejected, match=r"Place more of them|do not tell"):
        register_points(points, VIEW, shot.template, shot.camera.size)


def test_a_face_that_is_no_skin_is_told(shot: Shot) -> None:
    """A point of another body model lies nowhere on this one."""
    far = replace(clicks(shot, 1)[0], face=10**6)
    with pytest.raises(PhotographRejected, match="no skin of the body lies at point 1"):
        reader_correspondences([far], shot.template, shot.camera.size)


def test_faces_mean_the_same_on_another_patient(shot: Shot) -> None:
    """The points of a photograph of one doll place it on a doll a tenth larger: only the camera stands farther away."""
    found = register_points(clicks(shot), VIEW, build_doll(1.1), shot.camera.size)
    assert median_error_mm(found, shot) < 40


def test_a_registrar_that_rejects_does_not_stop_a_reader(shot: Shot) -> None:
    """A photograph that was not registered comes back by its points alone."""
    from reepi.core.images import Photograph, TissueMap

    def rejects(*_: object) -> Registration:
        raise PhotographRejected("not_registered", "The body was not found.")

    photograph = Photograph(np.zeros((*shot.camera.size, 3), np.uint8), shot.camera.size)
    tissues = TissueMap.from_mask(np.ones(shot.camera.size, np.uint8))
    found = register_with_points(clicks(shot), rejects, photograph, tissues, VIEW, shot.template)
    assert median_error_mm(found, shot) < 30


def test_the_fit_updates_within_a_second(shot: Shot) -> None:
    """Five hundred points of a network and a score of a reader's, in computing time with room for slow machines."""
    network = off_network(shot)
    start = time.process_time()
    fit_points(clicks(shot), VIEW, shot.template, shot.camera.size, network=network)
    assert time.process_time() - start < 3
