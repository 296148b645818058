"""First guesses of the camera, from the template in its expected pose taken as one rigid piece."""

import cv2
import numpy as np
import numpy.typing as npt

from reepi.mapping.kinematics import pose_points
from reepi.mapping.solver import BodyState, Problem, robust_cost

Floats = npt.NDArray[np.float64]

FOCAL_STEPS = (-1.0, 0.0, 1.0)
"""Focal lengths tried, in spreads of the prior from its mean."""

NEAR_ENOUGH = (0.04, 0.12)
"""How near a point must fall to its pixel to support a guess, as shares of the points' extent in the picture: a tight
one that finds the largest rigid part, and a loose one that bent limbs still meet."""

RANDOM_DRAWS = 50
CONFIDENCE = 0.999


def starting_states(problem: Problem) -> list[BodyState]:
    """Return guesses of the camera, each with the expected pose, those first that explain the points best.

    Every guess is a perspective-n-point solution (Terzakis & Lourakis, ECCV 2020) with random sampling of a fixed seed
    (Fischler & Bolles, Commun ACM 1981;24:381-395), for a few focal lengths and two tolerances.
    """
    pose, measures = np.zeros((len(problem.skeleton.names), 3)), np.zeros(len(problem.skeleton.measures))
    points = pose_points(problem.skeleton, problem.points, pose)
    extent = float(np.ptp(problem.pixels, axis=0).max())
    states = []
    for spreads in FOCAL_STEPS if problem.prior.log_focal_sigma > 0.1 else (0.0,):
        log_focal = problem.prior.log_focal + spreads * problem.prior.log_focal_sigma
        for tolerance in NEAR_ENOUGH:
            camera = _rigid_camera(points, problem.pixels, float(np.exp(log_focal)), tolerance * extent)
            if camera is not None:
                states.append(BodyState(*camera, log_focal, pose, measures))
    return sorted(states, key=lambda state: robust_cost(problem, state))


def _rigid_camera(points: Floats, pixels: Floats, focal_px: float, tolerance_px: float) -> tuple[Floats, Floats] | None:
    """Return world-to-camera rotation and shift, or None where the points determine none in front of the camera."""
    intrinsics = np.diag([focal_px, focal_px, 1.0])
    try:
        found, vector, shift, _ = cv2.solvePnPRansac(
            points,
            pixels,
            intrinsics,
            None,
            iterationsCount=RANDOM_DRAWS,
            reprojectionError=tolerance_px,
            confidence=CONFIDENCE,
            flags=cv2.SOLVEPNP_SQPNP,
        )
    except cv2.error:
        return None
    if not found or not np.isfinite(vector).all():
        return None
    rotation, place = np.asarray(cv2.Rodrigues(vector)[0], np.float64), np.asarray(shift[:, 0], np.float64)
    in_front = (points @ rotation[2] + place[2]).mean() > 0
    return (rotation, place) if in_front else None
