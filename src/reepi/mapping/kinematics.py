"""Moves a few points of the body with its joints, and tells how they move with each angle.

Only the joints that are articulated move; every other bone rides on the nearest moving bone above it. A point keeps,
for each moving bone, its skinning weight and its weighted rest position, so posing N points costs N x bones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from reepi.body.template import BodyTemplate

Floats = npt.NDArray[np.float64]
Articulations = Mapping[str, tuple[tuple[str, float], ...]]

TELLING_M = 0.001
"""A measure is sought where its spread moves points by more than this against their mean [m]."""

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
    measures : tuple of str
        Those of the template's measures in which the body may differ from it, K of them.
    head_shifts : (K, B, 3) float64
        By how much the heads move as each of them grows by its spread [m].
    """

    names: tuple[str, ...]
    heads: Floats
    parents: npt.NDArray[np.int64]
    shares: Floats
    below: npt.NDArray[np.bool_]
    bone_of_joint: npt.NDArray[np.int64]
    measures: tuple[str, ...]
    head_shifts: Floats

    @property
    def n_angles(self) -> int:
        """Length of a pose vector: three per articulation."""
        return 3 * len(self.names)

    def of_measures(self, chosen: Sequence[str]) -> "Skeleton":
        """Return the skeleton of a body that may differ from the template in some of its measures alone."""
        kept = [place for place, name in enumerate(self.measures) if name in chosen]
        return replace(self, measures=tuple(self.measures[k] for k in kept), head_shifts=self.head_shifts[kept])

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
    shifts : (K, B, 3, N) float64
        By how much that changes as each of the skeleton's K measures grows by its spread [m].
    """

    rest: Floats
    weights: Floats
    weighted: Floats
    shifts: Floats

    @cached_property
    def ordinary(self) -> Floats:
        """Weighted position and weight on each bone, as rows, (B, 4, N): what a bone's matrix is multiplied with."""
        return np.concatenate([self.weighted.transpose(0, 2, 1), self.weights[:, None]], axis=1)

    def homogeneous(self, measures: Floats) -> Floats:
        """Return `ordinary` of a body that differs from the template by (K,) spreads."""
        if not measures.any():
            return self.ordinary
        varied = self.ordinary.copy()
        varied[:, :3] += (measures @ self.shifts.reshape(len(measures), -1)).reshape(self.shifts.shape[1:])
        return varied

    def part(self, keep: npt.NDArray[np.bool_] | npt.NDArray[np.integer]) -> "SurfacePoints":
        """Return those of an index or a choice."""
        shifts = np.ascontiguousarray(self.shifts[..., keep])
        return SurfacePoints(self.rest[keep], self.weights[:, keep], self.weighted[:, keep], shifts)

    def joined(self, other: "SurfacePoints") -> "SurfacePoints":
        """Return these and others of the same bones together."""
        return SurfacePoints(
            np.concatenate([self.rest, other.rest]),
            np.concatenate([self.weights, other.weights], axis=1),
            np.concatenate([self.weighted, other.weighted], axis=1),
            np.concatenate([self.shifts, other.shifts], axis=3),
        )


def skeleton_of(template: BodyTemplate, articulations: Articulations) -> Skeleton:
    """Return the moving bones of a template, with all its measures.

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
    shifts = np.zeros((len(template.measure_names), len(heads), 3))
    shifts[:, 1:] = template.head_shifts[:, joints]
    names = tuple(articulations)
    return Skeleton(names, heads, parents, shares, _below(parents), riding, template.measure_names, shifts)


def telling_measures(template: BodyTemplate, faces: npt.NDArray[np.integer], barycentric: Floats) -> tuple[str, ...]:
    """Return the measures of a template that move points of its surface against each other.

    Those that move all of them alike, or none, cannot be told from where the camera stands.

    Parameters
    ----------
    template : BodyTemplate
        The patient's body.
    faces : (N,) int
        Face of each point.
    barycentric : (N, 3) float64
        Place within the face, as weights of its corners.
    """
    corners = template.vertex_shifts[:, template.faces[faces]]
    moved = np.einsum("nc,kncd->knd", barycentric.astype(np.float32), corners)
    apart_m = np.sqrt(moved.var(axis=1).sum(axis=1))
    return tuple(name for name, apart in zip(template.measure_names, apart_m, strict=True) if apart > TELLING_M)


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

    def weighed(vertices: Floats) -> Floats:
        return np.stack([summed(amounts * axis) for axis in vertices[corners[point, corner]].T], axis=-1)

    rest = np.einsum("nc,ncd->nd", barycentric, template.vertices[corners])
    shifts = _weighed_shifts(template, skeleton, places, corners[point, corner], amounts, size)
    return SurfacePoints(rest, summed(amounts), weighed(template.vertices), shifts)


def _weighed_shifts(
    template: BodyTemplate,
    skeleton: Skeleton,
    places: npt.NDArray[np.int64],
    vertices: npt.NDArray[np.int32],
    amounts: Floats,
    size: tuple[int, int],
) -> Floats:
    """Return `SurfacePoints.shifts` of bonds: place among bones and points, vertex, and amount of each, all (M,)."""
    used, index = np.unique(vertices, return_inverse=True)
    chosen = [template.measure_names.index(name) for name in skeleton.measures]
    moved = template.vertex_shifts[chosen][:, used].astype(np.float64)
    bonds = csr_array((amounts, (places, index)), (size[0] * size[1], len(used)))
    found = bonds @ moved.transpose(1, 0, 2).reshape(len(used), 3 * len(chosen))
    return np.ascontiguousarray(found.reshape(*size, len(chosen), 3).transpose(2, 0, 3, 1))


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
        skeleton.measures,
        skeleton.head_shifts[:, moves],
    )
    return part, SurfacePoints(points.rest, points.weights[moves], points.weighted[moves], points.shifts[:, moves])


def pose_points(skeleton: Skeleton, points: SurfacePoints, pose: Floats, measures: Floats | None = None) -> Floats:
    """Return points (N, 3) [m] in a pose, (A, 3) rotation vectors [rad].

    The body differs from the template by (K,) spreads in the skeleton's measures; not at all if not given.
    """
    measures = np.zeros(len(skeleton.measures)) if measures is None else measures
    bones = _bone_transforms(skeleton, skeleton.shares @ pose, measures)
    homogeneous = points.homogeneous(measures)
    posed: Floats = bones.transpose(1, 0, 2).reshape(3, -1) @ homogeneous.reshape(-1, len(points.rest))
    return posed.T


def pose_points_and_jacobian(
    skeleton: Skeleton, points: SurfacePoints, pose: Floats, measures: Floats, turn: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return posed points and their derivatives by the angles and by the body's measures.

    Parameters
    ----------
    skeleton : Skeleton
        The moving bones.
    points : SurfacePoints
        N points.
    pose : (A, 3) float64
        Rotation vector of each articulation [rad].
    measures : (K,) float64
        By how many spreads the body differs from the template in each of the skeleton's measures.
    turn : (3, 3) float64, optional
        Turns the whole body afterwards, such as into a camera's axes.

    Returns
    -------
    posed : (N, 3) float64
        Positions [m].
    jacobian : (3, A, 3, N) float64
        Derivative of each coordinate by each angle, of each point [m/rad].
    by_measure : (3, K, N) float64
        Derivative of each coordinate by each measure, of each point [m]. In one pose, places are linear in these.

    Notes
    -----
    Turning bone j by a small rotation vector d moves everything below it by d' x (v - c), where c is the joint's posed
    place and d' is d carried along by the bones above (and by the left Jacobian of the rotation vector: Chirikjian,
    Stochastic Models, Information Theory, and Lie Groups 2, 2012, section 10.7).
    """
    vectors = skeleton.shares @ pose
    bones = _bone_transforms(skeleton, vectors, measures)
    bones = bones if turn is None else turn @ bones
    n, turns, homogeneous = len(points.rest), bones[:, :, :3], points.homogeneous(measures)
    moved = np.concatenate([bones @ homogeneous, homogeneous[:, 3:]], axis=1)
    # What hangs on each bone: summed places and, as fourth row, summed weights.
    hanging = (skeleton.below.astype(np.float64) @ moved.reshape(len(bones), -1)).reshape(len(bones), 4, n)
    heads = skeleton.heads + np.tensordot(measures, skeleton.head_shifts, 1)
    centres = (turns @ heads[:, :, None])[:, :, 0] + bones[:, :, 3]
    axes = turns[skeleton.parents] @ _left_jacobians(vectors)
    # Rows: coordinate, then axis. The root rests: no articulation has a share in it.
    crossed = cross_matrices(axes.transpose(0, 2, 1)).transpose(0, 2, 1, 3).reshape(-1, 9, 3)
    by_axis = np.concatenate([crossed, -crossed @ centres[:, :, None]], axis=2)
    turned = (by_axis @ hanging).reshape(len(bones), 9 * n)
    jacobian = (skeleton.shares.T @ turned).reshape(-1, 3, 3, n)
    by_measure = _moved_by_measures(skeleton, points, turns)
    return hanging[BODY_ROOT, :3].T, jacobian.transpose(1, 0, 2, 3), by_measure


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


def _moved_by_measures(skeleton: Skeleton, points: SurfacePoints, turns: Floats) -> Floats:
    """Return by how much points move with each measure where the bones are turned by (B, 3, 3), (3, K, N) [m]."""
    size, n = len(skeleton.measures), len(points.rest)
    # A bone's shift is what its head moves less what its own turn takes back, after that of the bone above.
    shifts, heads = np.zeros((len(turns), 3, size)), skeleton.head_shifts.transpose(1, 2, 0)
    for bones in skeleton.levels:
        above = skeleton.parents[bones]
        shifts[bones] = shifts[above] + (turns[above] - turns[bones]) @ heads[bones]
    shifted = shifts.transpose(1, 2, 0).reshape(3 * size, len(turns)) @ points.weights
    turned = turns.transpose(1, 0, 2).reshape(3, -1) @ points.shifts.reshape(size, 3 * len(turns), n)
    return np.asarray(turned.transpose(1, 0, 2) + shifted.reshape(3, size, n), np.float64)


def _bone_transforms(skeleton: Skeleton, vectors: Floats, measures: Floats) -> Floats:
    """Return turn and, as last column, shift of each bone, (B, 3, 4), given its own rotation vector (B, 3) [rad]."""
    turns, heads = rotation_matrices(vectors), skeleton.heads + np.tensordot(measures, skeleton.head_shifts, 1)
    own = np.zeros((len(vectors), 4, 4))
    own[:, :3, :3], own[:, 3, 3] = turns, 1
    own[:, :3, 3] = heads - (turns @ heads[:, :, None])[:, :, 0]
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
