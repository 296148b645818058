"""Moves a few points of the body with its joints, and tells how they move with each angle.

Only the joints that are articulated move; every other bone rides on the nearest moving bone above it. A point keeps,
for each moving bone, its skinning weight and its weighted rest position, so posing N points costs N x bones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate

Floats = npt.NDArray[np.float64]
Articulations = Mapping[str, tuple[tuple[str, float], ...]]

BODY_ROOT = 0
"""Bone that never moves and that all others hang on; its place in `Skeleton` arrays."""


@dataclass(frozen=True)
class Skeleton:
    """The bones of a template that move, parents before children; bone 0 is the root, which rests.

    Parameters
    ----------
    names : tuple of str
        Articulation names, A of them, in the order of pose vectors.
    heads : (B, 3) float64
        Where each bone turns, neutral pose [m].
    parents : (B,) int64
        Moving bone above; the root is its own parent.
    shares : (B, A) float64
        Share of each articulation's rotation vector that a bone takes.
    below : (B, B) bool
        ``below[j, k]``: bone k is bone j or hangs on it.
    bone_of_joint : (J,) int64
        Moving bone that each joint of the template rides on.
    """

    names: tuple[str, ...]
    heads: Floats
    parents: npt.NDArray[np.int64]
    shares: Floats
    below: npt.NDArray[np.bool_]
    bone_of_joint: npt.NDArray[np.int64]

    @property
    def n_angles(self) -> int:
        """Length of a pose vector: three per articulation."""
        return 3 * len(self.names)

    @cached_property
    def levels(self) -> tuple[npt.NDArray[np.int64], ...]:
        """The bones by how many hang above them, without the root: those of one level are turned together."""
        depth = np.zeros(len(self.parents), np.int64)
        for bone in range(1, len(depth)):
            depth[bone] = depth[self.parents[bone]] + 1
        return tuple(np.flatnonzero(depth == level) for level in range(1, depth.max() + 1))


@dataclass(frozen=True)
class SurfacePoints:
    """Points of a template's surface, ready to be moved.

    Parameters
    ----------
    rest : (N, 3) float64
        Neutral pose [m].
    weights : (B, N) float64
        Skinning weight on each moving bone; columns sum to 1.
    weighted : (B, N, 3) float64
        Neutral position times skinning weight, summed over the corners of the point's face [m].
    """

    rest: Floats
    weights: Floats
    weighted: Floats

    @cached_property
    def homogeneous(self) -> Floats:
        """Weighted position and weight on each bone, as rows, (B, 4, N): what a bone's matrix is multiplied with."""
        return np.concatenate([self.weighted.transpose(0, 2, 1), self.weights[:, None]], axis=1)

    def part(self, keep: npt.NDArray[np.bool_] | npt.NDArray[np.integer]) -> "SurfacePoints":
        """Return those of an index or a choice."""
        return SurfacePoints(self.rest[keep], self.weights[:, keep], self.weighted[:, keep])

    def joined(self, other: "SurfacePoints") -> "SurfacePoints":
        """Return these and others of the same bones together."""
        return SurfacePoints(
            np.concatenate([self.rest, other.rest]),
            np.concatenate([self.weights, other.weights], axis=1),
            np.concatenate([self.weighted, other.weighted], axis=1),
        )


def skeleton_of(template: BodyTemplate, articulations: Articulations) -> Skeleton:
    """Return the moving bones of a template.

    Parameters
    ----------
    template : BodyTemplate
        The patient's body.
    articulations : mapping of str to tuple of (str, float)
        For each articulation the joints it turns, each with its share of the rotation vector.

    Raises
    ------
    ValueError
        An articulation names a joint that the template lacks.
    """
    index = {name: i for i, name in enumerate(template.joint_names)}
    moving = {joint for chain in articulations.values() for joint, _ in chain}
    if unknown := sorted(moving - index.keys()):
        raise ValueError(f"the template has no joints {', '.join(unknown)}")
    joints = [joint for joint, name in enumerate(template.joint_names) if name in moving]
    bone = {joint: b for b, joint in enumerate(joints, start=1)}
    riding = _riding(template.joint_parents, bone)
    above = template.joint_parents[joints]
    parents = np.append(BODY_ROOT, np.where(above < 0, BODY_ROOT, riding[above]))
    shares = np.zeros((len(joints) + 1, len(articulations)))
    for a, chain in enumerate(articulations.values()):
        for name, share in chain:
            shares[bone[index[name]], a] += share
    heads = np.vstack([np.zeros(3), template.joint_heads[joints]])
    return Skeleton(tuple(articulations), heads, parents, shares, _below(parents), riding)


def surface_points(
    template: BodyTemplate, skeleton: Skeleton, faces: npt.NDArray[np.integer], barycentric: Floats
) -> SurfacePoints:
    """Return points of the template's surface, ready to be moved.

    Parameters
    ----------
    template : BodyTemplate
        The patient's body.
    skeleton : Skeleton
        Its moving bones.
    faces : (N,) int
        Face of each point.
    barycentric : (N, 3) float64
        Place within the face, as weights of its corners.
    """
    corners = template.faces[faces]
    bones = skeleton.bone_of_joint[template.skin_joints[corners]]
    shares = barycentric[:, :, None] * template.skin_weights[corners]
    point, corner, joint = np.nonzero(shares)
    places = bones[point, corner, joint] * len(faces) + point
    amounts, size = shares[point, corner, joint], (len(skeleton.heads), len(faces))

    def summed(values: Floats) -> Floats:
        return np.bincount(places, values, size[0] * size[1]).astype(np.float64).reshape(size)

    vertices = template.vertices[corners[point, corner]]
    weights = summed(amounts)
    weighted = np.stack([summed(amounts * axis) for axis in vertices.T], axis=-1)
    rest = np.einsum("nc,ncd->nd", barycentric, template.vertices[corners])
    return SurfacePoints(rest, weights, weighted)


def moving_part(skeleton: Skeleton, points: SurfacePoints) -> tuple[Skeleton, SurfacePoints]:
    """Return the bones that move at least one of the points, and the points on those bones alone."""
    hanging = skeleton.below @ points.weights
    moves = (hanging.sum(axis=1) > 0) | (np.arange(len(hanging)) == BODY_ROOT)
    acting = np.abs(skeleton.shares[moves]).sum(axis=0) > 0
    place = np.cumsum(moves) - 1
    part = Skeleton(
        tuple(name for name, acts in zip(skeleton.names, acting, strict=True) if acts),
        skeleton.heads[moves],
        place[skeleton.parents[moves]],
        skeleton.shares[np.ix_(moves, acting)],
        skeleton.below[np.ix_(moves, moves)],
        np.where(moves, place, BODY_ROOT)[skeleton.bone_of_joint],
    )
    return part, SurfacePoints(points.rest, points.weights[moves], points.weighted[moves])


def pose_points(skeleton: Skeleton, points: SurfacePoints, pose: Floats) -> Floats:
    """Return the points (N, 3) [m] in a pose, (A, 3) rotation vectors [rad]."""
    bones = _bone_transforms(skeleton, skeleton.shares @ pose)
    posed: Floats = bones.transpose(1, 0, 2).reshape(3, -1) @ points.homogeneous.reshape(-1, len(points.rest))
    return posed.T


def pose_points_and_jacobian(
    skeleton: Skeleton, points: SurfacePoints, pose: Floats, turn: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return posed points and their derivatives by the angles.

    Parameters
    ----------
    skeleton : Skeleton
        The moving bones.
    points : SurfacePoints
        N points.
    pose : (A, 3) float64
        Rotation vector of each articulation [rad].
    turn : (3, 3) float64, optional
        Turns the whole body afterwards, such as into a camera's axes.

    Returns
    -------
    posed : (N, 3) float64
        Positions [m].
    jacobian : (3, A, 3, N) float64
        Derivative of each coordinate by each angle, of each point [m/rad].

    Notes
    -----
    Turning bone j by a small rotation vector d moves everything below it by d' x (v - c), where c is the joint's posed
    place and d' is d carried along by the bones above (and by the left Jacobian of the rotation vector: Chirikjian,
    Stochastic Models, Information Theory, and Lie Groups 2, 2012, section 10.7).
    """
    vectors = skeleton.shares @ pose
    bones = _bone_transforms(skeleton, vectors)
    bones = bones if turn is None else turn @ bones
    n, turns = len(points.rest), bones[:, :, :3]
    moved = np.concatenate([bones @ points.homogeneous, points.homogeneous[:, 3:]], axis=1)
    # What hangs on each bone: summed places and, as fourth row, summed weights.
    hanging = (skeleton.below.astype(np.float64) @ moved.reshape(len(bones), -1)).reshape(len(bones), 4, n)
    centres = (turns @ skeleton.heads[:, :, None])[:, :, 0] + bones[:, :, 3]
    axes = turns[skeleton.parents] @ _left_jacobians(vectors)
    # Rows: coordinate, then axis. The root rests: no articulation has a share in it.
    crossed = cross_matrices(axes.transpose(0, 2, 1)).transpose(0, 2, 1, 3).reshape(-1, 9, 3)
    by_axis = np.concatenate([crossed, -crossed @ centres[:, :, None]], axis=2)
    turned = (by_axis @ hanging).reshape(len(bones), 9 * n)
    jacobian = (skeleton.shares.T @ turned).reshape(-1, 3, 3, n)
    return hanging[BODY_ROOT, :3].T, jacobian.transpose(1, 0, 2, 3)


def rotation_matrices(vectors: Floats) -> Floats:
    """Return the rotation matrices (N, 3, 3) of rotation vectors (N, 3) [rad] (Rodrigues' formula)."""
    half, cross = _half_angles(vectors), cross_matrices(vectors)
    sinc = _sinc(half)
    matrices: Floats = np.eye(3) + sinc * np.cos(half) * cross + 0.5 * sinc**2 * (cross @ cross)
    return matrices


def _left_jacobians(vectors: Floats) -> Floats:
    half, cross = _half_angles(vectors), cross_matrices(vectors)
    angle = 2 * half
    small = angle < 1e-4
    safe = np.where(small, 1.0, angle)
    third = np.where(small, 1 / 6, (safe - np.sin(safe)) / safe**3)
    matrices: Floats = np.eye(3) + 0.5 * _sinc(half) ** 2 * cross + third * (cross @ cross)
    return matrices


def _half_angles(vectors: Floats) -> Floats:
    """Return half the angles of rotation vectors (N, 3), as (N, 1, 1) [rad]."""
    halves: Floats = np.sqrt((vectors**2).sum(axis=1))[:, None, None] / 2
    return halves


def cross_matrices(vectors: Floats) -> Floats:
    """Return the matrices (..., 3, 3) that multiply by the cross product with vectors (..., 3)."""
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    matrices = np.zeros((*vectors.shape, 3))
    matrices[..., 0, 1], matrices[..., 0, 2], matrices[..., 1, 2] = -z, y, -x
    matrices[..., 1, 0], matrices[..., 2, 0], matrices[..., 2, 1] = z, -y, x
    return matrices


def _sinc(angle: Floats) -> Floats:
    return np.asarray(np.sinc(angle / np.pi))


def _bone_transforms(skeleton: Skeleton, vectors: Floats) -> Floats:
    """Return turn and, as last column, shift of each bone, (B, 3, 4), given its own rotation vector (B, 3) [rad]."""
    turns = rotation_matrices(vectors)
    own = np.zeros((len(vectors), 4, 4))
    own[:, :3, :3], own[:, 3, 3] = turns, 1
    own[:, :3, 3] = skeleton.heads - (turns @ skeleton.heads[:, :, None])[:, :, 0]
    for bones in skeleton.levels:
        own[bones] = own[skeleton.parents[bones]] @ own[bones]
    return own[:, :3]


def _riding(parents: npt.NDArray[np.integer], bone: Mapping[int, int]) -> npt.NDArray[np.int64]:
    """Return the moving bone that each joint rides on; a template's joints come after those they hang on."""
    riding = np.full(len(parents), BODY_ROOT, np.int64)
    for joint, parent in enumerate(parents):
        riding[joint] = bone.get(joint, riding[parent] if parent >= 0 else BODY_ROOT)
    return riding


def _below(parents: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    below = np.eye(len(parents), dtype=bool)
    for bone in range(len(parents) - 1, 0, -1):
        below[parents[bone]] |= below[bone]
    return below
