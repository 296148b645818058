"""Finds the camera and the joint angles that make the template's points fall on their pixels.

Damped Gauss-Newton steps (Levenberg-Marquardt) on robustly weighted offsets, with an analytic Jacobian. Offsets are
measured in metres at the body, not in pixels, so that near and far points of a photograph count alike.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from reepi.mapping.kinematics import (
    Skeleton,
    SurfacePoints,
    cross_matrices,
    pose_points,
    pose_points_and_jacobian,
    rotation_matrices,
)
from reepi.mapping.prior import Prior

Floats = npt.NDArray[np.float64]

N_CAMERA = 7
"""Camera parameters of a step: three of rotation, three of shift [m], one of the logarithm of the focal length."""

NEAREST_DEPTH_M = 0.05
"""No skin is nearer to the camera than this [m]; keeps a step that passes through the body finite."""

ROBUST_SIGMAS = 2.5
"""Offset, in units of the expected error, at which a correspondence has lost three quarters of its weight."""

EFFECTIVE_POINTS = 80
"""Neighbouring correspondences err alike, so however many there are they weigh as this many against the prior."""

SOFTENING = (6.0, 3.0, 1.5)
"""Factors on `ROBUST_SIGMAS` in the first steps, so that no point is given up before the fit has come near."""

FIRST_DAMPING, SMALLEST_DAMPING = 1e-3, 1e-7
"""Share of the matrix's diagonal that shortens a step: in the first one, and where all goes well."""

MOST_DAMPINGS = 6
"""How often a step that makes things worse is shortened before the state is taken as the best."""

SMALLEST_STEP = 3e-4
"""A step below this [rad, m] ends the iteration; it moves no skin by more than a few tenths of a millimetre."""


@dataclass(frozen=True)
class BodyState:
    """Camera and pose while they are sought.

    Parameters
    ----------
    rotation : (3, 3) float64
        World to camera axes.
    shift : (3,) float64
        World origin in camera axes [m].
    log_focal : float
        Natural logarithm of the focal length [px].
    pose : (A, 3) float64
        Rotation vector of each articulation [rad].
    measures : (K,) float64
        By how many spreads the body differs from the template in each of the skeleton's measures.
    """

    rotation: Floats
    shift: Floats
    log_focal: float
    pose: Floats
    measures: Floats

    def stepped(self, step: Floats) -> "BodyState":
        """Return the state after a step: rotation (3), shift (3), log focal length (1), angles (3 A), measures (K)."""
        turn, varied = rotation_matrices(step[None, :3])[0], N_CAMERA + self.pose.size
        return BodyState(
            turn @ self.rotation,
            self.shift + step[3:6],
            self.log_focal + float(step[6]),
            self.pose + step[N_CAMERA:varied].reshape(self.pose.shape),
            self.measures + step[varied:],
        )


@dataclass(frozen=True)
class Problem:
    """What a state is sought for.

    Parameters
    ----------
    skeleton : Skeleton
        The moving bones.
    points : SurfacePoints
        N template points.
    pixels : (N, 2) float64
        Where they were seen, from the principal point [px].
    sigma_m : (N,) float64
        Expected error of each [m].
    weights : (N,) float64
        Belief in each, 0 to 1.
    prior : Prior
        What is known of focal length and angles before looking.
    normals : (M, 2) float64
        Unit normals of the outlines that the last M of the points were seen on: only their offsets along these count.
    firm : (N,) bool
        Points that a reader placed: they keep their full weight however far off they are.
    apart : (N,) bool
        Points that err each for itself, like joints that a pose network sees: each weighs as one, and how far the
        others are off is no reason to believe these less.
    reach : float
        How many times farther off than others a point apart is still believed.
    """

    skeleton: Skeleton
    points: SurfacePoints
    pixels: Floats
    sigma_m: Floats
    weights: Floats
    prior: Prior
    normals: Floats
    firm: npt.NDArray[np.bool_]
    apart: npt.NDArray[np.bool_]
    reach: float = 1.0

    @cached_property
    def soft(self) -> npt.NDArray[np.bool_]:
        """Points that have a say in how far points are off: neighbours of each other with weight, (N,)."""
        return np.asarray(~self.firm & ~self.apart & (self.weights > 0))

    def thinned(self, n: int) -> "Problem":
        """Return the problem with about n of the neighbouring points; firm, outlined and single ones stay."""
        seen = len(self.pixels) - len(self.normals)
        keep = np.arange(len(self.pixels)) % max(1, seen // n) == 0
        keep[seen:] = True
        return self.part(keep | self.firm | self.apart)

    def part(self, keep: npt.NDArray[np.bool_]) -> "Problem":
        """Return the problem with some of its points (N,)."""
        seen = len(self.pixels) - len(self.normals)
        return replace(
            self,
            points=self.points.part(keep),
            pixels=self.pixels[keep],
            sigma_m=self.sigma_m[keep],
            weights=self.weights[keep],
            normals=self.normals[keep[seen:]],
            firm=self.firm[keep],
            apart=self.apart[keep],
        )


@dataclass(frozen=True)
class Solution:
    """A state, how well it explains its points, and what is left open.

    Parameters
    ----------
    state : BodyState
        Camera and pose.
    offsets_m : (N,) float64
        Distance at the body between each pixel's line of sight and its template point [m].
    trust : (N,) float64
        Robust weight that each correspondence ended with, 0 to 1.
    covariance : (P, P) float64
        Of a step: camera, then angles.
    spread_m : (N,) float64
        Standard deviation of each point's place across the line of sight, from the covariance [m].
    """

    state: BodyState
    offsets_m: Floats
    trust: Floats
    covariance: Floats
    spread_m: Floats


def descended(
    problem: Problem, start: BodyState, max_steps: int, softening: tuple[float, ...] = SOFTENING
) -> BodyState:
    """Return the best state that steps from a start lead to.

    Parameters
    ----------
    problem : Problem
        Correspondences and prior.
    start : BodyState
        Where to begin.
    max_steps : int
        Steps at most.
    softening : tuple of float
        Factors on `ROBUST_SIGMAS` in the first steps.
    """
    state, damping = start, FIRST_DAMPING
    for number in range(max_steps):
        factor = softening[number] if number < len(softening) else 1.0
        step, damping, state = _improved(problem, state, factor, damping)
        if factor == 1.0 and np.abs(step).max() < SMALLEST_STEP:
            break
    return state


def robust_cost(problem: Problem, state: BodyState) -> float:
    """Return a cost that states of one problem can be ranked by: expected errors as given, not rescaled."""
    return _robust_cost(problem, state, np.linalg.norm(_offsets(problem, state), axis=1))


@dataclass(frozen=True)
class _Linear:
    """Offsets (N, 2) [m] of a state, their derivatives (2, P, N), and metres at the body per pixel (N,)."""

    offsets: Floats
    jacobian: Floats
    m_per_px: Floats


def _improved(problem: Problem, state: BodyState, softening: float, damping: float) -> tuple[Floats, float, BodyState]:
    """Return the step taken (zeros if none helps), the next damping and the new state."""
    linear = _linearised(problem, state)
    weights = _data_weights(problem, linear.offsets, softening)
    matrix, gradient = _normal_equations(problem, state, linear, weights)

    def cost(offsets: Floats, at: BodyState) -> float:
        data = float((weights * (offsets**2).sum(axis=1)).sum())
        return data + problem.prior.cost(at.log_focal, at.pose, at.measures)

    before = cost(linear.offsets, state)
    for _ in range(MOST_DAMPINGS):
        step = np.asarray(np.linalg.solve(matrix + damping * np.diag(np.diag(matrix)), gradient), np.float64)
        candidate = state.stepped(step)
        if cost(_offsets(problem, candidate, linear.m_per_px), candidate) < before:
            return step, max(damping / 10, SMALLEST_DAMPING), candidate
        damping *= 10
    return np.zeros_like(gradient), damping, state


def _linearised(problem: Problem, state: BodyState) -> _Linear:
    turned, by_angle, by_measure = pose_points_and_jacobian(
        problem.skeleton, problem.points, state.pose, state.measures, state.rotation
    )
    local = _in_front(turned + state.shift)
    n, angles, varied = len(turned), problem.skeleton.n_angles, len(state.measures)
    slope = local[:, :2] / local[:, 2:]
    rotated = -cross_matrices(turned).transpose(1, 2, 0)
    jacobian = np.zeros((2, N_CAMERA + angles + varied, n))
    jacobian[:, :3] = rotated[:2] - slope.T[:, None] * rotated[2]
    jacobian[:, 3:5] = np.eye(2)[:, :, None]
    jacobian[:, 5] = -slope.T
    jacobian[:, N_CAMERA - 1] = local[:, :2].T
    own = jacobian[:, N_CAMERA : N_CAMERA + angles].reshape(2, -1, 3, n)
    np.multiply(slope.T[:, None, None], by_angle[2], out=own)
    np.subtract(by_angle[:2], own, out=own)
    jacobian[:, N_CAMERA + angles :] = by_measure[:2] - slope.T[:, None] * by_measure[2]
    m_per_px = local[:, 2] / np.exp(state.log_focal)
    offsets = problem.pixels * m_per_px[:, None] - local[:, :2]
    if outlined := len(problem.normals):
        normals = problem.normals.T
        along = (normals[:, None] * jacobian[..., -outlined:]).sum(axis=0)
        jacobian[..., -outlined:] = normals[:, None] * along
    return _Linear(_counted(problem, offsets), jacobian, m_per_px)


def _offsets(problem: Problem, state: BodyState, m_per_px: Floats | None = None) -> Floats:
    """Return the offsets (N, 2) [m] of a state; the scale (N,) [m/px] may be that of another state."""
    posed = pose_points(problem.skeleton, problem.points, state.pose, state.measures)
    local = _in_front(posed @ state.rotation.T + state.shift)
    focal_px = np.exp(state.log_focal)
    predicted = focal_px * local[:, :2] / local[:, 2:]
    scale = local[:, 2] / focal_px if m_per_px is None else m_per_px
    return _counted(problem, (problem.pixels - predicted) * scale[:, None])


def _counted(problem: Problem, offsets: Floats) -> Floats:
    """Return offsets (N, 2) of which those on an outline are taken along its normal."""
    if outlined := len(problem.normals):
        along = (problem.normals * offsets[-outlined:]).sum(axis=1, keepdims=True)
        offsets[-outlined:] = problem.normals * along
    return offsets


def _data_weights(problem: Problem, offsets: Floats, softening: float) -> Floats:
    """Return the weight of each squared offset, (N,) [1/m²]."""
    scale = _scale(problem, offsets)
    weights = _shares(problem) * problem.weights * _trust(problem, offsets, scale, softening) / scale**2
    return np.where(problem.firm, 1 / problem.sigma_m**2, weights)


def _shares(problem: Problem) -> Floats:
    """Return what share of a point each counts as, (N,); see `EFFECTIVE_POINTS`. Those without weight are none."""
    neighbours = max(1, int(np.count_nonzero(~problem.apart & (problem.weights > 0))))
    return np.where(problem.apart, 1.0, min(1.0, EFFECTIVE_POINTS / neighbours))


def _scale(problem: Problem, offsets: Floats) -> Floats:
    """Return the error to expect of each point once its neighbours are known, (N,) [m]."""
    return np.asarray(problem.sigma_m * np.where(problem.apart, 1.0, _noise_factor(problem, offsets)))


def _noise_factor(problem: Problem, offsets: Floats) -> float:
    """Return by how much offsets exceed their expected errors, at least 1 (median of a Rayleigh law: 1.177).

    Firm points, those apart and those without weight have no say in it.
    """
    ratio = (np.sqrt((offsets**2).sum(axis=1)) / problem.sigma_m)[problem.soft]
    return max(1.0, float(np.median(ratio)) / 1.177) if len(ratio) else 1.0


def _trust(problem: Problem, offsets: Floats, scale: Floats, softening: float) -> Floats:
    """Return the weights of Geman & McClure's robust loss (Bull Int Statist Inst 1987;52:5-21), (N,)."""
    sigmas = ROBUST_SIGMAS * np.where(problem.apart, problem.reach, 1.0)
    ratio = (offsets**2).sum(axis=1) / (softening * sigmas * scale) ** 2
    return np.asarray(1 / (1 + ratio) ** 2)


def _normal_equations(problem: Problem, state: BodyState, linear: _Linear, weights: Floats) -> tuple[Floats, Floats]:
    root = np.sqrt(weights)
    jacobian = linear.jacobian * root
    information, pull = problem.prior.normal_equations(state.log_focal, state.pose, state.measures)
    matrix = jacobian[0] @ jacobian[0].T + jacobian[1] @ jacobian[1].T
    pulled = linear.offsets * root[:, None]
    gradient = jacobian[0] @ pulled[:, 0] + jacobian[1] @ pulled[:, 1]
    inner = slice(N_CAMERA - 1, None)
    matrix[inner, inner] += information
    gradient[inner] += pull
    return matrix, gradient


def solution_at(problem: Problem, state: BodyState) -> Solution:
    """Return how well a state explains the points of a problem, and what they leave open."""
    linear = _linearised(problem, state)
    weights = _data_weights(problem, linear.offsets, 1.0)
    matrix, _ = _normal_equations(problem, state, linear, weights)
    covariance = np.asarray(np.linalg.inv(matrix + 1e-9 * np.eye(len(matrix))), np.float64)
    scale = _scale(problem, linear.offsets)
    variance = sum((rows * (covariance @ rows)).sum(axis=0) for rows in linear.jacobian)
    lengths = np.linalg.norm(linear.offsets, axis=1)
    return Solution(
        state,
        lengths,
        _trust(problem, linear.offsets, scale, 1.0),
        covariance,
        np.sqrt(np.maximum(variance, 0)),
    )


def _robust_cost(problem: Problem, state: BodyState, lengths: Floats) -> float:
    least = np.where(problem.apart, 0, np.median(problem.sigma_m))
    ratio = (lengths / (ROBUST_SIGMAS * np.maximum(problem.sigma_m, least))) ** 2
    each = problem.weights * ratio / (1 + ratio)
    near, apart = each[~problem.apart], each[problem.apart]
    # A person's joints tell head from foot better than skin does: together they count as much as all neighbours.
    data = float(near.mean() if len(near) else 0.0) + float(apart.mean() if len(apart) else 0.0)
    prior = problem.prior.cost(state.log_focal, state.pose, state.measures)
    return data + prior / (ROBUST_SIGMAS**2 * EFFECTIVE_POINTS)


def _in_front(local: Floats) -> Floats:
    local = local.copy()
    local[:, 2] = np.maximum(local[:, 2], NEAREST_DEPTH_M)
    return local
