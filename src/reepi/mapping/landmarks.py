"""Where the landmarks that a pose network sees lie on and in the body template."""

from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate
from reepi.core.landmarks import LANDMARKS, BodyLandmarks
from reepi.mapping.correspondences import nearest_on_template
from reepi.mapping.kinematics import Skeleton, SurfacePoints, surface_points

Floats = npt.NDArray[np.float64]

LEAST_PERSON: Final = 0.9
"""Probability of a person below which landmarks are not used. All of 40 whole rendered patients pass, and
3 of 40 trunks, on which no landmark is right (``python benchmarks/pose.py``)."""

LEAST_SEEN: Final = 0.3
"""Probability of being seen below which a landmark is not used."""

JOINTS: Final = {
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
}
"""Joint of the template that each joint is."""

SURFACE_M: Final = {
    "nose": (0.0, -0.174, 1.683),
    "eye": (0.033, -0.150, 1.725),
    "ear": (0.091, -0.036, 1.716),
    "mouth": (0.025, -0.160, 1.658),
    "heel": (0.199, 0.053, 0.037),
    "toe": (0.168, -0.224, 0.016),
}
"""Canonical place of each landmark of the surface [m], on the patient's left."""

ERRORS_M: Final = {"nose": 0.015, "eye": 0.015, "ear": 0.015, "mouth": 0.015, "hip": 0.03}
OTHER_ERROR_M: Final = 0.02
"""Expected error of each along one direction [m]; the middle of a hip is least sure. Chosen on validation photographs
of CCP (twenty, outline IoU 0.76; 0.75 with half or with twice as much)."""


FRONTAL_WIDTH: Final = 0.6
"""Width of the shoulders over the length of the trunk, as a pose network sees both, of a person seen from before or
from behind."""


def usable_landmarks(found: BodyLandmarks) -> npt.NDArray[np.intp]:
    """Return the places of the landmarks that are sure enough to be used; none where there may be no person."""
    if found.person < LEAST_PERSON:
        return np.zeros(0, np.intp)
    return np.flatnonzero(found.seen > LEAST_SEEN)


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
    faces, barycentric, _ = nearest_on_template(np.array([_surface_m(name) for name in on_surface]), template)
    surface = surface_points(template, skeleton, faces, barycentric)
    rest, weights = np.zeros((len(LANDMARKS), 3)), np.zeros((len(skeleton.heads), len(LANDMARKS)))
    weighted = np.zeros((*weights.shape, 3))
    for place, name in enumerate(LANDMARKS):
        if name in on_surface:
            at = on_surface.index(name)
            rest[place], weights[:, place] = surface.rest[at], surface.weights[:, at]
            weighted[:, place] = surface.weighted[:, at]
            continue
        centre = joint[f"{JOINTS[_kind(name)]}.{'L' if name.endswith('left') else 'R'}"]
        bone = skeleton.parents[skeleton.bone_of_joint[centre]]
        rest[place], weights[bone, place] = template.joint_heads[centre], 1
        weighted[bone, place] = template.joint_heads[centre]
    return SurfacePoints(rest, weights, weighted)


def _kind(name: str) -> str:
    return name.removesuffix("_left").removesuffix("_right")


def _surface_m(name: str) -> Floats:
    x, y, z = SURFACE_M[_kind(name)]
    return np.array([-x if name.endswith("right") else x, y, z])
