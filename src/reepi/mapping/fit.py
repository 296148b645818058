"""Fits the body template to a photograph's correspondences: one solver for every source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt

from reepi.body.articulation import ARTICULATIONS
from reepi.body.camera import Camera
from reepi.body.ranges import Range, joint_ranges
from reepi.body.template import BodyTemplate, kept_with_body
from reepi.core.correspondence import Correspondences
from reepi.core.errors import PhotographRejected
from reepi.core.landmarks import BodyLandmarks
from reepi.core.views import View
from reepi.mapping.kinematics import Skeleton, moving_part, skeleton_of, surface_points, telling_measures
from reepi.mapping.landmarks import (
    landmark_errors_m,
    landmark_points,
    less_sure_beside_skin,
    usable_landmarks,
)
from reepi.mapping.outline import Edges, Outline, outline_of
from reepi.mapping.prior import body_prior
from reepi.mapping.solver import BodyState, Problem, descended, robust_cost, solution_at
from reepi.mapping.starts import starting_states

Floats = npt.NDArray[np.float64]

FEWEST_POINTS = 12
"""Below this many correspondences and landmarks a camera and the joints of one limb are not determined."""

SMALLEST_EXTENT_PX = 20.0
SMALLEST_EXTENT_M = 0.02
"""Correspondences must span this much of the photograph [px] and of the body [m] to tell where the camera was."""

FEWEST_LANDMARKS = 8
"""Landmarks of a person from which a first guess is made."""

FEW_CORRESPONDENCES = 130
LANDMARK_REACH = 4.0
"""With fewer correspondences, as where a person is dressed, landmarks are believed so many times farther off: else the
fit gives up knees that it once had far away, and folds the legs. Of 150 training photographs of CCP nine in ten have
fewer than 82; of 100 rendered whole patients one has fewer than 130."""

MOST_TRIALS = 2
TRIAL_POINTS, TRIAL_STEPS = 120, 6
FINAL_POINTS, FINAL_STEPS = 250, 16
"""First guesses followed, points and solver steps for each, and points and steps for the best of them."""

OUTLINE_REACH_M = (0.12, 0.06, 0.04, 0.03, 0.03, 0.02)
"""How far the rim is drawn to an edge in each round [m]: first over the error of a network, then over less. The later
rounds are for the body's measures, which settle slowly."""

OUTLINE_STEPS = 3
OUTLINE_SOFTENING = (1.5,)
"""Solver steps in each round, and the factors that soften the first of them."""

POINTS_BESIDE_OUTLINE = 75
"""Correspondences that the rim is held by. A network errs by the same way over a whole limb, and an edge does not: with
many more of them, the body stays where the network has it. Chosen on rendered photographs of patients whose girths and
lengths are not the template's (``python benchmarks/mapping.py --seed 1000``)."""


@dataclass(frozen=True)
class FitQuality:
    """How well camera and pose explain a photograph's correspondences.

    Parameters
    ----------
    offset_mm : float
        Median distance at the body between correspondences and fit [mm].
    spread_mm : float
        Median standard deviation of the fitted points' places, from the fit's covariance [mm].
    trusted : float
        Share of the correspondences that the fit agrees with, 0 to 1.
    n_correspondences : int
        How many were used.
    extent_mm : float
        Diagonal of the box around their points on the neutral body [mm].
    """

    offset_mm: float
    spread_mm: float
    trusted: float
    n_correspondences: int
    extent_mm: float

    @property
    def residual_mm(self) -> float:
        """Estimated error of the mapping on the skin [mm]: by how much points disagree, and what they leave open."""
        return float(np.hypot(self.offset_mm, self.spread_mm))


@dataclass(frozen=True)
class BodyFit:
    """Camera and pose of a photograph, and how well they explain its correspondences.

    Parameters
    ----------
    camera : Camera
        At working size.
    pose : dict of str to tuple of float
        Rotation vector of each articulation that moves some of the skin in the photograph [rad].
    measures : dict of str to float
        By how many spreads the body differs from the template in those of its measures that were sought.
    measured : callable
        Measures how well; asked once, and only if somebody wants to know.
    on_edge : float
        Share of the body's rim that lay on an edge of the skin before the last round on the outline, 0 to 1; 0 where
        there was none.
    """

    camera: Camera
    pose: dict[str, tuple[float, float, float]]
    measures: dict[str, float]
    measured: Callable[[], FitQuality]
    on_edge: float = 0.0

    @cached_property
    def quality(self) -> FitQuality:
        """How well they explain its correspondences."""
        return self.measured()


def fit_body(
    correspondences: Correspondences,
    view: View,
    template: BodyTemplate,
    size: tuple[int, int],
    focal_px: float | None = None,
    landmarks: BodyLandmarks | None = None,
) -> BodyFit:
    """Return the camera and pose that best explain a photograph's correspondences.

    Parameters
    ----------
    correspondences : Correspondences
        From any source.
    view : View
        The declared view.
    template : BodyTemplate
        The patient's body.
    size : (int, int)
        Height and width of the photograph at working size [px].
    focal_px : float, optional
        Focal length at working size, if the file tells it [px].
    landmarks : BodyLandmarks, optional
        Of a whole person, which guide the fit besides.

    Raises
    ------
    PhotographRejected
        The correspondences are too few or too narrow, or no camera explains them.
    """
    usable = _usable(correspondences)
    problem = _problem(usable, _body(template), size, focal_px, landmarks)
    _check_extent(problem, view, len(usable))
    trial = problem.thinned(TRIAL_POINTS)
    states = starting_states(trial)[:MOST_TRIALS]
    if np.count_nonzero(trial.apart) >= FEWEST_LANDMARKS:
        states += starting_states(trial.part(trial.apart))[:1]
    if not states:
        raise _not_registered(view, "no camera explains where the photograph shows which skin")
    trials = [descended(trial, state, TRIAL_STEPS) for state in states]
    best = min(trials, key=lambda state: robust_cost(trial, state))
    found = descended(problem.thinned(FINAL_POINTS), best, FINAL_STEPS, ())
    return _body_fit(problem, found, size, len(usable))


def refined_on_outline(
    fit: BodyFit,
    correspondences: Correspondences,
    edges: Edges,
    template: BodyTemplate,
    focal_px: float | None = None,
    reaches_m: Sequence[float] = OUTLINE_REACH_M,
    landmarks: BodyLandmarks | None = None,
) -> BodyFit:
    """Return a fit whose rim also falls on the edges of the skin.

    Parameters
    ----------
    fit : BodyFit
        Of the photograph, from its correspondences alone or from fewer of them.
    correspondences : Correspondences
        Those that it must agree with besides.
    edges : Edges
        Of the photograph's skin, bare or covered; see `reepi.mapping.outline.skin_edges`.
    template : BodyTemplate
        The patient's body.
    focal_px : float, optional
        Focal length at working size, if the file tells it [px].
    reaches_m : sequence of float
        How far the rim is drawn to an edge, round by round [m].
    landmarks : BodyLandmarks, optional
        Of a whole person, which guide the fit besides.
    """
    points, body = _usable(correspondences), _body(template)
    for reach_m in reaches_m:
        outline = outline_of(edges, fit.camera, fit.pose, points, template, reach_m, fit.measures)
        problem = _problem(points, body, fit.camera.size, focal_px, landmarks, outline)
        some = problem.thinned(POINTS_BESIDE_OUTLINE)
        found = descended(some, _state_of(fit, problem), OUTLINE_STEPS, OUTLINE_SOFTENING)
        fit = replace(_body_fit(problem, found, fit.camera.size, len(points)), on_edge=outline.on_edge)
    return fit


def _usable(correspondences: Correspondences) -> Correspondences:
    return correspondences.part(np.isfinite(correspondences.pixels).all(axis=1) & (correspondences.weights > 0))


@dataclass(frozen=True)
class _Body:
    """A template with all that can move, and how far."""

    template: BodyTemplate
    skeleton: Skeleton
    ranges: dict[str, Range]


@kept_with_body
def _moves(template: BodyTemplate) -> tuple[Skeleton, dict[str, Range]]:
    """Return what can move of a body, and how far."""
    return skeleton_of(template, ARTICULATIONS), joint_ranges(template)


def _body(template: BodyTemplate) -> _Body:
    return _Body(template, *_moves(template))


def _problem(
    points: Correspondences,
    body: _Body,
    size: tuple[int, int],
    focal_px: float | None,
    landmarks: BodyLandmarks | None = None,
    outline: Outline | None = None,
) -> Problem:
    """Return the problem of correspondences, then landmarks, then outline.

    Without an outline the body is taken to be the template's: correspondences alone do not tell it from another.
    """
    measures = () if outline is None else _measures_sought(body.template, points, outline)
    whole = body.skeleton.of_measures(measures)
    surface = surface_points(body.template, whole, points.faces, points.barycentric)
    pixels, sigma_m, weights = [points.pixels], [points.sigma_m], [points.weights]
    if landmarks is not None:
        used = usable_landmarks(landmarks)
        seen = landmark_points(body.template, whole).part(used)
        errors_m = landmark_errors_m(used)
        if outline is not None and len(points):
            # They have brought the body near; from here on its skin says more, where there is enough of it.
            errors_m = less_sure_beside_skin(errors_m, seen.rest, surface.rest)
        surface = surface.joined(seen)
        pixels.append(landmarks.pixels[used])
        sigma_m.append(errors_m)
        weights.append(landmarks.seen[used])
    before_rim = sum(map(len, pixels))
    normals = np.zeros((0, 2))
    if outline is not None:
        rim = outline.points
        surface = surface.joined(surface_points(body.template, whole, rim.faces, rim.barycentric))
        pixels.append(rim.pixels)
        sigma_m.append(rim.sigma_m)
        weights.append(rim.weights)
        normals = outline.normals
    skeleton, surface = moving_part(whole, surface)
    centre = np.array([(size[1] - 1) / 2, (size[0] - 1) / 2])
    prior = body_prior(skeleton.names, body.ranges, size, focal_px)
    every = np.concatenate(pixels) - centre
    apart = np.zeros(len(every), bool)
    apart[len(points) : before_rim] = True
    firm = np.zeros(len(every), bool)
    reach = LANDMARK_REACH if len(points) < FEW_CORRESPONDENCES else 1.0
    return Problem(
        skeleton, surface, every, np.concatenate(sigma_m), np.concatenate(weights), prior, normals, firm, apart, reach
    )


def _measures_sought(template: BodyTemplate, points: Correspondences, outline: Outline) -> tuple[str, ...]:
    faces, barycentric = (
        np.concatenate([getattr(some, name) for some in (points, outline.points)]) for name in ("faces", "barycentric")
    )
    return telling_measures(template, faces, barycentric)


def _check_extent(problem: Problem, view: View, n: int) -> None:
    """Raise where the first ``n`` points, the correspondences, and the landmarks do not tell where the camera was."""
    if n == 0 or len(problem.pixels) < FEWEST_POINTS:
        raise _not_registered(view, f"only {n} of its pixels could be placed on the body")
    if np.ptp(problem.pixels, axis=0).max() < SMALLEST_EXTENT_PX:
        raise _not_registered(view, "the skin that could be placed on the body is too small in the photograph")
    if _extent_m(problem.points.rest) < SMALLEST_EXTENT_M:
        raise _not_registered(view, "all its pixels were placed on one spot of the body")


def _not_registered(view: View, why: str) -> PhotographRejected:
    return PhotographRejected(
        "not_registered",
        f"{why}. Check that it shows {view.name} of this patient, take it again with the whole body part in the "
        f"picture, or place points on it in the review.",
    )


def _state_of(fit: BodyFit, problem: Problem) -> BodyState:
    pose = np.array([fit.pose.get(name, (0.0, 0.0, 0.0)) for name in problem.skeleton.names])
    camera = fit.camera
    measures = np.array([fit.measures.get(name, 0.0) for name in problem.skeleton.measures])
    shift = -camera.rotation @ camera.position
    return BodyState(camera.rotation, shift, float(np.log(camera.focal_px)), pose, measures)


def _body_fit(problem: Problem, state: BodyState, size: tuple[int, int], n_points: int) -> BodyFit:
    """Return the fit of a state, judged by its first ``n_points`` correspondences: the others are outline."""
    camera = Camera(float(np.exp(state.log_focal)), size, state.rotation, -state.rotation.T @ state.shift)
    pose = {
        name: (float(x), float(y), float(z)) for name, (x, y, z) in zip(problem.skeleton.names, state.pose, strict=True)
    }
    return BodyFit(camera, pose, _named_measures(problem, state), partial(_quality, problem, state, n_points))


def _named_measures(problem: Problem, state: BodyState) -> dict[str, float]:
    """Return the measures of a state by their names."""
    return dict(zip(problem.skeleton.measures, state.measures.tolist(), strict=True))


def _quality(problem: Problem, state: BodyState, n_points: int) -> FitQuality:
    solution = solution_at(problem, state)
    return FitQuality(
        1000 * float(np.median(solution.offsets_m[:n_points])),
        1000 * float(np.median(solution.spread_m[:n_points])),
        float(np.average(solution.trust[:n_points], weights=problem.weights[:n_points])),
        n_points,
        1000 * _extent_m(problem.points.rest[:n_points]),
    )


def _extent_m(points: Floats) -> float:
    """Return the diagonal of the box around points (N, 3) [m]."""
    return float(np.linalg.norm(np.ptp(points, axis=0)))
