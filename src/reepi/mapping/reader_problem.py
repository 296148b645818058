"""What is sought where a reader placed points: these firmly, and softly what else is known of the photograph."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from reepi.body.articulation import ARTICULATIONS, rotations
from reepi.body.camera import Camera
from reepi.body.ranges import joint_ranges
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences
from reepi.core.surface import Registration
from reepi.mapping.correspondences import evenly_spread, from_face_image
from reepi.mapping.kinematics import skeleton_of, surface_points
from reepi.mapping.prior import body_prior
from reepi.mapping.registration import camera_and_pose, measures_of
from reepi.mapping.solver import (
    EFFECTIVE_POINTS,
    ROBUST_SIGMAS,
    BodyState,
    Problem,
    Solution,
    descended,
    robust_cost,
    solution_at,
)
from reepi.mapping.starts import starting_states

Floats = npt.NDArray[np.float64]

SOFT_SAY = 0.5
"""Weight of what the network says beside a reader. All its points together, `EFFECTIVE_POINTS` of two centimetres'
error, then weigh as two or three of a reader; they settle what the reader said nothing of."""

SOFT_POINTS = 200
"""How many points of the network are kept beside a reader's, for speed."""

LEAST_EARLIER_ERROR_M = 0.01
"""An earlier registration is not believed better than this [m] once a reader changes it."""

FEWEST_FOR_CAMERA = 4
"""Points that determine a camera."""

TRIAL_POINTS = 60
TRIAL_STEPS = 6
FINAL_STEPS = 30
"""Points and solver steps for each first guess, and steps for the best of them with all points."""

SAMPLE_SIDE_PX = 96
SAMPLE_POINTS = 150
"""Long side of the picture in which visible skin is sampled [px], and about how many points are taken of it."""


def joined_problem(
    firm: Correspondences,
    soft: Correspondences | None,
    template: BodyTemplate,
    size: tuple[int, int],
    focal_px: float | None,
) -> Problem:
    """Return the problem of a reader's points, first, and of other correspondences, if any, with all joints free.

    The body is taken to be the template's: points alone do not tell it from another.
    """
    every = firm if soft is None else firm.joined(_softened(soft))
    skeleton = skeleton_of(template, ARTICULATIONS).of_measures(())
    centre = np.array([(size[1] - 1) / 2, (size[0] - 1) / 2])
    return Problem(
        skeleton,
        surface_points(template, skeleton, every.faces, every.barycentric),
        every.pixels - centre,
        every.sigma_m,
        every.weights,
        body_prior(skeleton.names, joint_ranges(template), size, focal_px),
        np.zeros((0, 2)),
        np.arange(len(every)) < len(firm),
        np.zeros(len(every), bool),
    )


def said_by_registration(earlier: Registration, template: BodyTemplate, size: tuple[int, int]) -> Correspondences:
    """Return what a registration says of a photograph at a size (H, W) [px], as correspondences."""
    camera, pose = camera_and_pose(earlier)
    sample = visible_sample(camera.scaled(size), pose, template, measures_of(earlier.camera))
    return replace(sample, sigma_m=np.full(len(sample), max(earlier.residual_mm / 1000, LEAST_EARLIER_ERROR_M)))


def visible_sample(
    camera: Camera,
    pose: Mapping[str, npt.ArrayLike],
    template: BodyTemplate,
    measures: Mapping[str, float] | None = None,
) -> Correspondences:
    """Return true correspondences of some of the skin that a camera sees, spread evenly over its picture."""
    shrink = min(1.0, SAMPLE_SIDE_PX / max(camera.size))
    small = camera.scaled((max(1, round(camera.size[0] * shrink)), max(1, round(camera.size[1] * shrink))))
    image = RayCaster(template.posed(rotations(template, pose), measures), template.faces).render(small)
    seen = from_face_image(image, template)
    sample = seen.part(evenly_spread(seen.pixels, np.ones(len(seen)), SAMPLE_POINTS))
    scale = np.array([camera.size[1] / small.size[1], camera.size[0] / small.size[0]])
    return replace(sample, pixels=(sample.pixels + 0.5) * scale - 0.5)


def state_of(camera: Camera, pose: Mapping[str, npt.ArrayLike], problem: Problem) -> BodyState:
    """Return a camera and a pose as the state of a problem."""
    angles = np.array([np.asarray(pose.get(name, (0.0, 0.0, 0.0)), np.float64) for name in problem.skeleton.names])
    shift, measures = -camera.rotation @ camera.position, np.zeros(len(problem.skeleton.measures))
    return BodyState(camera.rotation, shift, float(np.log(camera.focal_px)), angles, measures)


def solved(problem: Problem, others: Iterable[BodyState]) -> Solution | None:
    """Return the best solution from the usual first guesses and others, or None where there is no guess at all."""
    trial = problem.thinned(TRIAL_POINTS)
    trials = [descended(trial, state, TRIAL_STEPS) for state in (*_guesses(trial), *others)]
    if not trials:
        return None
    best = min(trials, key=lambda state: cost(trial, solution_at(trial, state)))
    return solution_at(problem, descended(problem, best, FINAL_STEPS))


def cost(problem: Problem, solution: Solution) -> float:
    """Return what solutions of one problem are ranked by: a reader's points count in full, the others robustly."""
    firm = (solution.offsets_m / problem.sigma_m)[problem.firm]
    return robust_cost(problem, solution.state) + float((firm**2).sum()) / (ROBUST_SIGMAS**2 * EFFECTIVE_POINTS)


def extent_mm(problem: Problem) -> float:
    """Return the diagonal of the box around a problem's points on the neutral body [mm]."""
    return 1000 * float(np.linalg.norm(np.ptp(problem.points.rest, axis=0)))


def median_spread_mm(
    problem: Problem, solution: Solution, camera: Camera, pose: Mapping[str, npt.ArrayLike], template: BodyTemplate
) -> float:
    """Return the median standard deviation of all skin in the picture [mm], not only of the points.

    Points far from a reader's few are uncertain, however well these fit. Skin without weight is therefore added to the
    problem, whose solution tells how far it may still move.
    """
    sample = visible_sample(camera, pose, template)
    n, centre = len(problem.pixels), np.array(camera.centre)
    added = surface_points(template, problem.skeleton, sample.faces, sample.barycentric)
    widened = replace(
        problem,
        points=problem.points.joined(added),
        pixels=np.concatenate([problem.pixels, sample.pixels - centre]),
        sigma_m=np.concatenate([problem.sigma_m, sample.sigma_m]),
        weights=np.concatenate([problem.weights, np.zeros(len(sample))]),
        firm=np.arange(n + len(sample)) < int(np.count_nonzero(problem.firm)),
        apart=np.zeros(n + len(sample), bool),
    )
    return 1000 * float(np.median(solution_at(widened, solution.state).spread_m[n:]))


def _softened(soft: Correspondences) -> Correspondences:
    kept = soft.part(evenly_spread(soft.pixels, -soft.sigma_m, SOFT_POINTS))
    return replace(kept, weights=SOFT_SAY * kept.weights)


def _guesses(trial: Problem) -> Iterator[BodyState]:
    """Yield cameras from all points, and from the reader's alone, for where the others are wrong."""
    firm = np.asarray(trial.firm)
    if not firm.all():
        yield from starting_states(trial)
    if firm.sum() >= FEWEST_FOR_CAMERA:
        yield from starting_states(trial.part(firm))
