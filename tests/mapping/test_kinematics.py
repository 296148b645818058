"""Moving a few points must agree with moving the whole body."""

import numpy as np
import pytest
from doll import MEASURES, build_doll
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from reepi.body.articulation import ARTICULATIONS, rotations
from reepi.body.template import BodyTemplate
from reepi.mapping.kinematics import (
    Skeleton,
    SurfacePoints,
    moving_part,
    pose_points,
    pose_points_and_jacobian,
    rotation_matrices,
    skeleton_of,
    surface_points,
    telling_measures,
)

MEASURED = np.array([-0.5, 1.2, 0.8])
"""How a doll differs in its three measures [spreads]."""


@pytest.fixture(scope="module")
def measured() -> BodyTemplate:
    return build_doll(measures=MEASURES)


def some_points(doll: BodyTemplate, seed: int = 0) -> tuple[Skeleton, SurfacePoints, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    skeleton = skeleton_of(doll, ARTICULATIONS)
    faces, barycentric = rng.integers(0, doll.n_faces, 40), rng.dirichlet([1, 1, 1], 40)
    return skeleton, surface_points(doll, skeleton, faces, barycentric), faces, barycentric


def some_pose(seed: int = 1, spread: float = 0.5) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, spread, (len(ARTICULATIONS), 3))


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_points_move_with_the_body_they_lie_on(doll: BodyTemplate, seed: int) -> None:
    """A point within a face stays at the same place within the posed face."""
    skeleton, points, faces, barycentric = some_points(doll)
    pose = some_pose(seed)
    posed = doll.posed(rotations(doll, dict(zip(ARTICULATIONS, pose, strict=True))))
    expected = np.einsum("nc,ncd->nd", barycentric, posed[doll.faces[faces]])
    np.testing.assert_allclose(pose_points(skeleton, points, pose), expected, atol=1e-12)


def test_neutral_pose_leaves_points_where_they_rest(doll: BodyTemplate) -> None:
    """No angle, no movement."""
    skeleton, points, _, _ = some_points(doll)
    np.testing.assert_allclose(
        pose_points(skeleton, points, np.zeros((len(ARTICULATIONS), 3))), points.rest, atol=1e-12
    )


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.5])
def test_jacobian_is_the_slope_of_the_posed_points(doll: BodyTemplate, spread: float) -> None:
    """Derivatives agree with central differences, at rest too, where the formula has a removable pole."""
    skeleton, points, _, _ = some_points(doll)
    pose = some_pose(spread=spread) if spread else np.zeros((len(ARTICULATIONS), 3))
    posed, jacobian, _ = pose_points_and_jacobian(skeleton, points, pose, np.zeros(0))
    np.testing.assert_allclose(posed, pose_points(skeleton, points, pose), atol=1e-12)
    for a, axis in ((0, 2), (3, 0), (5, 1), (len(ARTICULATIONS) - 5, 2)):
        step = np.zeros_like(pose)
        step[a, axis] = 1e-6
        slope = (pose_points(skeleton, points, pose + step) - pose_points(skeleton, points, pose - step)) / 2e-6
        np.testing.assert_allclose(jacobian[:, a, axis].T, slope, atol=1e-8)


def test_bones_that_move_none_of_the_points_can_be_left_out(doll: BodyTemplate) -> None:
    """Points of the left forearm need the arm and the spine, not the legs."""
    skeleton = skeleton_of(doll, ARTICULATIONS)
    forearm = np.flatnonzero(doll.regions == doll.regions[doll.n_faces // len(np.unique(doll.regions))])
    points = surface_points(doll, skeleton, forearm, np.full((len(forearm), 3), 1 / 3))
    part, part_points = moving_part(skeleton, points)
    pose = some_pose()
    acting = [skeleton.names.index(name) for name in part.names]
    np.testing.assert_allclose(
        pose_points(part, part_points, pose[acting]), pose_points(skeleton, points, pose), atol=1e-12
    )
    assert len(part.names) < len(skeleton.names)


def test_rotation_matrices_agree_with_an_independent_program() -> None:
    """Rodrigues' formula as SciPy has it, for no, small and large angles."""
    vectors = np.vstack([np.zeros(3), [1e-9, 0, 0], np.random.default_rng(0).normal(0, 1.5, (20, 3))])
    np.testing.assert_allclose(rotation_matrices(vectors), Rotation.from_rotvec(vectors).as_matrix(), atol=1e-12)


def test_unknown_joint_is_named(doll: BodyTemplate) -> None:
    """An articulation of a joint that the body lacks is an error that names it."""
    with pytest.raises(ValueError, match="tail"):
        skeleton_of(doll, {"wag": (("tail", 1.0),)})


def test_turning_the_body_afterwards_turns_points_and_slopes(measured: BodyTemplate) -> None:
    """Points and derivatives in a camera's axes are those of the world, turned."""
    skeleton, points, _, _ = some_points(measured)
    turn = Rotation.from_rotvec([0.3, -1.1, 0.5]).as_matrix()
    posed, jacobian, by_measure = pose_points_and_jacobian(skeleton, points, some_pose(), MEASURED)
    turned, slopes, turned_by_measure = pose_points_and_jacobian(skeleton, points, some_pose(), MEASURED, turn)
    np.testing.assert_allclose(turned, posed @ turn.T, atol=1e-12)
    np.testing.assert_allclose(slopes, np.einsum("ij,jabn->iabn", turn, jacobian), atol=1e-12)
    np.testing.assert_allclose(turned_by_measure, np.einsum("ij,jkn->ikn", turn, by_measure), atol=1e-12)


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_points_move_with_the_measures_of_the_body_they_lie_on(measured: BodyTemplate, spread: float) -> None:
    """They lie on a body that differs as they do; slopes agree with differences, by angles too."""
    skeleton, points, faces, barycentric = some_points(measured)
    pose = some_pose(spread=spread) if spread else np.zeros((len(ARTICULATIONS), 3))
    turns = rotations(measured, dict(zip(ARTICULATIONS, pose, strict=True)))
    body = measured.posed(turns, dict(zip(MEASURES, MEASURED, strict=True)))
    expected = np.einsum("nc,ncd->nd", barycentric, body[measured.faces[faces]])
    posed, by_angle, by_measure = pose_points_and_jacobian(skeleton, points, pose, MEASURED)
    np.testing.assert_allclose(posed, expected, atol=1e-7)
    np.testing.assert_allclose(pose_points(skeleton, points, pose, MEASURED), posed, atol=1e-12)
    still = pose_points(skeleton, points, pose)
    assert np.abs(posed - still).max() > 0.05
    np.testing.assert_allclose(still + np.tensordot(MEASURED, by_measure, (0, 1)).T, posed, atol=1e-12)
    step = np.zeros_like(pose)
    step[3, 0] = 1e-6
    ahead, behind = (pose_points(skeleton, points, pose + s * step, MEASURED) for s in (1, -1))
    np.testing.assert_allclose(by_angle[:, 3, 0].T, (ahead - behind) / 2e-6, atol=1e-8)


def test_only_measures_that_move_points_against_each_other_are_sought(measured: BodyTemplate) -> None:
    """That all of a body stands aside is the camera's matter; the others are left out of a skeleton on demand."""
    skeleton, _, faces, barycentric = some_points(measured)
    telling = telling_measures(measured, faces, barycentric)
    assert telling == ("stout", "tall")
    part = skeleton.of_measures(telling)
    points = surface_points(measured, part, faces, barycentric)
    some = pose_points(part, points, some_pose(), np.array([0.5, -1.0]))
    every = surface_points(measured, skeleton, faces, barycentric)
    np.testing.assert_allclose(some, pose_points(skeleton, every, some_pose(), np.array([0, 0.5, -1.0])), atol=1e-12)
    assert telling_measures(build_doll(), faces, barycentric) == ()
