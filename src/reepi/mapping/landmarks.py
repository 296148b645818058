"""Where the landmarks that a pose network sees lie on and in the body template."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reepi.body.template import BodyTemplate
from reepi.core.landmarks import LANDMARKS, BodyLandmarks
from reepi.mapping.correspondences import nearest_on_template
from reepi.mapping.kinematics import Skeleton, SurfacePoints, surface_points

Floats = npt.NDArray[np.float64]

LEAST_PERSON: Final = 0.9
"""Probability of a person below which landmarks are not used. All of 40 whole rendered patients pass, and
3 of 40 trunks, on which no landmark is right (``python benchmarks/pose.py``)."""

JOINTS: Final = {
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
}
"""Joint of the template that each joint is."""

BESIDE_JOINT_M: Final = {"shoulder": (-0.007, 0.0, 0.012), "hip": (-0.011, 0.0, -0.009)}
"""Where a pose network sees a joint, from the template's, on the patient's left [m]: medians of 141 training
photographs of CCP with the person seen from before, on which the body was laid without these."""

SURFACE_M: Final = {
    "nose": (0.0, -0.174, 1.683),
    "eye": (0.033, -0.150, 1.725),
    "ear": (0.073, -0.036, 1.716),
    "mouth": (0.025, -0.160, 1.658),
    "heel": (0.199, 0.053, 0.037),
    "toe": (0.168, -0.224, 0.016),
}
"""Canonical place of each landmark of the surface [m], on the patient's left; the ear's is by the same photographs."""

ERRORS_M: Final = {"nose": 0.015, "eye": 0.015, "ear": 0.015, "mouth": 0.015, "hip": 0.03}
OTHER_ERROR_M: Final = 0.02
"""Expected error of each along one direction [m]; the middle of a hip is least sure. Chosen on validation photographs
of CCP (twenty, outline IoU 0.76; 0.75 with half or with twice as much)."""

NEAR_SKIN_M: Final = 0.12
ENOUGH_SKIN: Final = 5
BESIDE_SKIN: Final = 4.0
"""A landmark with so many correspondences nearer than this on the resting body [m] counts as so many times less sure:
the skin around a joint tells its place better than a pose network does."""


FRONTAL_WIDTH: Final = 0.6
"""Width of the shoulders over the length of the trunk, as a pose network sees both, of a person seen from before or
from behind."""


def usable_landmarks(found: BodyLandmarks) -> npt.NDArray[np.intp]:
    """Return the places of the landmarks that can be used, each as far as it is seen; none where there is nobody."""
    if found.person < LEAST_PERSON:
        return np.zeros(0, np.intp)
    return np.flatnonzero(found.seen > 0)


def facing(found: BodyLandmarks) -> float:
    """Return from which side a person is seen: 1 from before, -1 from behind, near 0 from the side or where unknown.

    From before, a person's left shoulder and hip lie to the right of the others, looking along the trunk.
    """
    if found.person < LEAST_PERSON:
        return 0.0
    place = dict(zip(LANDMARKS, found.pixels, strict=True))
    up = place["shoulder_left"] + place["shoulder_right"] - place["hip_left"] - place["hip_right"]
    across = place["shoulder_left"] - place["shoulder_right"]
    length = max(float(up @ up) / 2, 1e-9)
    return float(np.clip((up[0] * across[1] - up[1] * across[0]) / length / FRONTAL_WIDTH, -1, 1))


def landmark_errors_m(places: npt.NDArray[np.intp]) -> Floats:
    """Return the expected error of the landmarks at these places of `LANDMARKS` [m]."""
    return np.array([ERRORS_M.get(_kind(LANDMARKS[place]), OTHER_ERROR_M) for place in places])


def less_sure_beside_skin(errors_m: Floats, landmarks: Floats, skin: Floats) -> Floats:
    """Return the expected errors of landmarks (N,) [m] once the skin beside them is told.

    Parameters
    ----------
    errors_m : (N,) float64
        Expected error of each by itself [m].
    landmarks : (N, 3) float64
        Their places on the resting body [m].
    skin : (M, 3) float64
        Those of the correspondences [m].
    """
    beside = cKDTree(skin).query_ball_point(landmarks, NEAR_SKIN_M, return_length=True)
    return np.asarray(np.where(beside >= ENOUGH_SKIN, BESIDE_SKIN * errors_m, errors_m))


def landmark_points(template: BodyTemplate, skeleton: Skeleton) -> SurfacePoints:
    """Return all `LANDMARKS` of a body, ready to be moved.

    Parameters
    ----------
    template : BodyTemplate
        The patient's body.
    skeleton : Skeleton
        Its moving bones. The centre of a joint rides on the bone above it; the one that turns there leaves it in place.
    """
    joint = {name: place for place, name in enumerate(template.joint_names)}
    on_surface = [name for name in LANDMARKS if _kind(name) in SURFACE_M]
    faces, barycentric, _ = nearest_on_template(
        np.array([_of_side(name, SURFACE_M[_kind(name)]) for name in on_surface]), template
    )
    surface = surface_points(template, skeleton, faces, barycentric)
    rest, weights = np.zeros((len(LANDMARKS), 3)), np.zeros((len(skeleton.heads), len(LANDMARKS)))
    weighted = np.zeros((*weights.shape, 3))
    measures = [template.measure_names.index(name) for name in skeleton.measures]
    shifts = np.zeros((len(skeleton.measures), len(skeleton.heads), 3, len(LANDMARKS)))
    for place, name in enumerate(LANDMARKS):
        if name in on_surface:
            at = on_surface.index(name)
            rest[place], weights[:, place] = surface.rest[at], surface.weights[:, at]
            weighted[:, place], shifts[..., place] = surface.weighted[:, at], surface.shifts[..., at]
            continue
        centre = joint[f"{JOINTS[_kind(name)]}.{'L' if name.endswith('left') else 'R'}"]
        bone = skeleton.parents[skeleton.bone_of_joint[centre]]
        at_rest = template.joint_heads[centre] + _of_side(name, BESIDE_JOINT_M.get(_kind(name), (0.0, 0.0, 0.0)))
        rest[place], weights[bone, place], weighted[bone, place] = at_rest, 1, at_rest
        shifts[:, bone, :, place] = template.head_shifts[measures, centre]
    return SurfacePoints(rest, weights, weighted, shifts)


def _kind(name: str) -> str:
    return name.removesuffix("_left").removesuffix("_right")


def _of_side(name: str, on_the_left: tuple[float, float, float]) -> Floats:
    """Return a place or a way (3,) of the patient's left as it is on a landmark's own side."""
    return np.array(on_the_left) * ((-1 if name.endswith("right") else 1), 1, 1)
