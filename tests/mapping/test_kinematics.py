"""Moving a few points must agree with moving the whole body."""

import numpy as np
import pytest
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
)


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
    posed, jacobian = pose_points_and_jacobian(skeleton, points, pose)
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


def test_turning_the_body_afterwards_turns_points_and_slopes(doll: BodyTemplate) -> None:
    """Points and derivatives in a camera's axes are those of the world, turned."""
    skeleton, points, _, _ = some_points(doll)
    turn = Rotation.from_rotvec([0.3, -1.1, 0.5]).as_matrix()
    posed, jacobian = pose_points_and_jacobian(skeleton, points, some_pose())
    turned, slopes = pose_points_and_jacobian(skeleton, points, some_pose(), turn)
    np.testing.assert_allclose(turned, posed @ turn.T, atol=1e-12)
    np.testing.assert_allclose(slopes, np.einsum("ij,jabn->iabn", turn, jacobian), atol=1e-12)
