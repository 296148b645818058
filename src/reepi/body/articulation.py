"""The named joints that a lying or standing patient moves, and how far.

An articulation turns one or more of the body model's bones by a share of its angle each. Rotations are rotation vectors
in the world axes of the neutral pose: x to the patient's left, y to the back, z up.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate

Floats = npt.NDArray[np.float64]


def _both_sides(name: str, bones: tuple[tuple[str, float], ...]) -> dict[str, tuple[tuple[str, float], ...]]:
    return {
        f"{name}_{side}": tuple((f"{bone}.{side[0].upper()}", share) for bone, share in bones)
        for side in ("left", "right")
    }


ARTICULATIONS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "spine": (("spine04", 0.25), ("spine03", 0.25), ("spine02", 0.25), ("spine01", 0.25)),
    "neck": (("neck01", 0.3), ("neck02", 0.3), ("head", 0.4)),
    **_both_sides("clavicle", (("clavicle", 1.0),)),
    **_both_sides("shoulder", (("upperarm01", 1.0),)),
    **_both_sides("elbow", (("lowerarm01", 1.0),)),
    **_both_sides("forearm_twist", (("lowerarm02", 1.0),)),
    **_both_sides("wrist", (("wrist", 1.0),)),
    **_both_sides("hip", (("upperleg01", 1.0),)),
    **_both_sides("knee", (("lowerleg01", 1.0),)),
    **_both_sides("ankle", (("foot", 1.0),)),
    **_both_sides("fingers", tuple((f"finger{n}-{k}", 1.0) for n in (2, 3, 4, 5) for k in (1, 2, 3))),
}
"""Bones that each articulation turns, with the share of its angle that each takes."""

LIMITS_RAD: Final[dict[str, float]] = {
    "spine": 0.6,
    "neck": 0.9,
    "clavicle": 0.35,
    "shoulder": 2.4,
    "elbow": 2.4,
    "forearm_twist": 1.6,
    "wrist": 1.1,
    "hip": 1.7,
    "knee": 2.3,
    "ankle": 0.8,
    "fingers": 1.3,
}
"""Largest rotation of each articulation from the neutral pose [rad], after the usual ranges of motion (AAOS)."""


def limit_rad(articulation: str) -> float:
    """Return the largest rotation of an articulation [rad]."""
    return LIMITS_RAD[articulation.removesuffix("_left").removesuffix("_right")]


def rotations(template: BodyTemplate, angles: Mapping[str, npt.ArrayLike]) -> Floats:
    """Return the rotation vector of every joint, (J, 3) [rad], for `BodyTemplate.posed`.

    Parameters
    ----------
    template : BodyTemplate
        Whose joints.
    angles : mapping of str to (3,)
        Rotation vector of each articulation that moves [rad].

    Raises
    ------
    KeyError
        A name is no articulation.
    """
    index = {name: i for i, name in enumerate(template.joint_names)}
    turned = np.zeros((len(index), 3))
    for name, angle in angles.items():
        for bone, share in ARTICULATIONS[name]:
            turned[index[bone]] += share * np.asarray(angle, np.float64)
    return turned


def mirrored(angles: Mapping[str, npt.ArrayLike]) -> dict[str, Floats]:
    """Return the pose of the mirror image: sides change, turns about y and z reverse."""
    flip = np.array([1.0, -1.0, -1.0])
    swap = {"left": "right", "right": "left"}
    result = {}
    for name, angle in angles.items():
        stem, _, side = name.rpartition("_")
        other = f"{stem}_{swap[side]}" if side in swap else name
        result[other] = np.asarray(angle, np.float64) * flip
    return result
