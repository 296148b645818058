"""Poses a patient takes for a photograph, drawn within the articulations' limits."""

from collections.abc import Mapping
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from reepi.body.articulation import limit_rad
from reepi.body.ranges import ArmAxes, arm_axes
from reepi.body.template import BodyTemplate
from reepi.core.views import View

Floats = npt.NDArray[np.float64]
Pose = dict[str, Floats]
"""Rotation vector of each articulation that moves [rad], world axes of the neutral pose."""

SIDES = {"left": 1.0, "right": -1.0}

X, Y, Z = np.eye(3)

Posture = Literal["calm", "upright", "any"]
"""How far poses stray: near the standard pose; as of a patient who stands or lies straight; or as a patient in bed is
found, limbs bent, raised or crossed."""

CALM = 0.45
"""Part of a pose's deviation from the standard that is left where a clinic keeps to a standard."""

HABITS: Final[dict[str, float]] = {
    "straight": 0.4,
    "arms raised": 0.15,
    "arms folded": 0.15,
    "knees bent": 0.15,
    "on the side": 0.15,
}
"""How a patient in bed may lie, and how often."""


def draw_pose(rng: np.random.Generator, template: BodyTemplate, view: View, posture: Posture = "upright") -> Pose:
    """Return a random pose fit for a view: limbs out of the way where the view needs it.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    template : BodyTemplate
        The body.
    view : View
        What is to be shown.
    posture : "calm", "upright" or "any"
        How far the pose may stray from the standard, which is limbs straight and arms a little off the body.
    """
    pose: Pose = {"spine": rng.normal(0, 0.06, 3), "neck": rng.normal(0, (0.12, 0.06, 0.15))}
    if rng.random() < 0.15:
        pose["spine"] = pose["spine"] + np.array([rng.uniform(-0.2, 0.35), 0, 0])
    for side in SIDES:
        pose |= _draw_arm(rng, arm_axes(template, side), view, side, posture == "calm")
        pose |= _draw_leg(rng, view, side)
    if posture == "any":
        pose |= _bedded(rng, template, str(rng.choice(list(HABITS), p=list(HABITS.values()))))
    return limited(pose)


def _bedded(rng: np.random.Generator, template: BodyTemplate, habit: str) -> Pose:
    """Return the limbs that a habit of lying changes."""
    pose: Pose = {}
    for side in SIDES:
        axes = arm_axes(template, side)
        pose[f"fingers_{side}"] = axes.curl * rng.uniform(-0.25, 1.2)
        pose[f"wrist_{side}"] = rng.normal(0, 0.25, 3) + axes.curl * rng.normal(0, 0.35)
        if habit == "arms raised" and rng.random() < 0.75:
            pose |= _placed_arm(axes, side, rng.uniform(1.5, 2.7), rng.uniform(-0.2, 0.5), rng.uniform(-0.2, 1.8))
        if habit in ("arms folded", "on the side") and rng.random() < 0.8:
            pose |= _placed_arm(axes, side, rng.uniform(0.1, 0.5), rng.uniform(0, 1.2), rng.uniform(0.6, 2.1))
        if habit in ("knees bent", "on the side") and rng.random() < 0.8:
            pose |= _bent_leg(rng, side)
    if habit == "on the side":
        pose["spine"] = np.array([rng.uniform(-0.1, 0.5), rng.normal(0, 0.12), rng.normal(0, 0.15)])
        pose["neck"] = np.array([rng.uniform(-0.2, 0.5), rng.normal(0, 0.12), rng.normal(0, 0.2)])
    return pose


def _placed_arm(axes: ArmAxes, side: str, spread: float, forward: float, bend: float) -> Pose:
    """Return an arm spread from the body's axis, raised forward and bent at the elbow [rad]."""
    rest = np.arctan2(abs(axes.upper[0]), -axes.upper[2])
    lowered = Rotation.from_rotvec(Y * SIDES[side] * (rest - spread))
    shoulder = Rotation.from_rotvec(-X * forward) * lowered
    return {f"shoulder_{side}": shoulder.as_rotvec(), f"elbow_{side}": axes.bend * bend}


def _bent_leg(rng: np.random.Generator, side: str) -> Pose:
    """Return a leg that is drawn up, its foot about where the other's calf is."""
    sign, forward = SIDES[side], rng.uniform(0.3, 1.3)
    outward = Rotation.from_rotvec(-Y * sign * rng.uniform(-0.1, 0.35)) * Rotation.from_rotvec(
        Z * sign * rng.normal(0.2, 0.25)
    )
    return {
        f"hip_{side}": (Rotation.from_rotvec(-X * forward) * outward).as_rotvec(),
        f"knee_{side}": X * float(np.clip(forward * rng.uniform(0.8, 2.0), 0, 2.1)),
    }


def _draw_arm(rng: np.random.Generator, axes: ArmAxes, view: View, side: str, calm: bool) -> Pose:
    sign = SIDES[side]
    own = view.side == side and view.part in ("arm", "hand")
    spread, forward = _calm_placement(rng, view, own) if calm else _arm_placement(rng, view, own)
    keep = CALM if calm else 1.0
    rest = np.arctan2(abs(axes.upper[0]), -axes.upper[2])
    lowered = Rotation.from_rotvec(Y * sign * (rest - spread))
    shoulder = Rotation.from_rotvec(-X * forward) * lowered
    if rng.random() < 0.5:
        shoulder = shoulder * Rotation.from_rotvec(axes.upper * rng.normal(0, 0.4) * keep)
    bend = rng.uniform(-0.35, 0.3) if rng.random() < 0.6 else rng.uniform(0.2, 1.5)
    twist = rng.uniform(-1.4, 1.4) if own or rng.random() < 0.5 else rng.uniform(-0.5, 0.5)
    curl = rng.uniform(-0.25, 0.35) if rng.random() < 0.75 else rng.uniform(0.3, 1.1)
    return {
        f"clavicle_{side}": rng.normal(0, 0.05, 3),
        f"shoulder_{side}": shoulder.as_rotvec(),
        f"elbow_{side}": axes.bend * bend * keep,
        f"forearm_twist_{side}": axes.fore * twist * keep,
        f"wrist_{side}": rng.normal(0, 0.15, 3) + axes.curl * rng.normal(0, 0.2),
        f"fingers_{side}": axes.curl * curl * keep,
    }


def _calm_placement(rng: np.random.Generator, view: View, own: bool) -> tuple[float, float]:
    """Return how far an arm is spread from the body's axis, and raised forward, in a standard pose [rad]."""
    if view.part == "trunk" and view.aspect in ("left", "right"):
        return rng.uniform(0.3, 0.6), rng.uniform(0.6, 1.2)
    if own:
        return rng.uniform(0.5, 0.9), rng.uniform(0, 0.3)
    return rng.uniform(0.25, 0.55), rng.normal(0, 0.06)


def _arm_placement(rng: np.random.Generator, view: View, own: bool) -> tuple[float, float]:
    """Return how far an arm is spread from the body's axis, and raised forward [rad]."""
    if own:
        return rng.uniform(0.35, 1.6), rng.uniform(-0.1, 0.9)
    if view.part == "trunk" and view.aspect in ("left", "right"):
        return (rng.uniform(0.3, 1.9), rng.uniform(0.2, 1.4)) if rng.random() < 0.8 else (0.15, rng.uniform(-0.3, 0.3))
    if rng.random() < 0.6:
        return rng.uniform(0.08, 0.5), rng.normal(0, 0.12)
    return rng.uniform(0.4, 1.8), rng.uniform(-0.1, 0.6)


def _draw_leg(rng: np.random.Generator, view: View, side: str) -> Pose:
    sign = SIDES[side]
    spread, forward, bend = rng.uniform(-0.03, 0.15), rng.normal(0, 0.06), abs(rng.normal(0, 0.08))
    turned_out = rng.normal(0.1, 0.15)
    if view.part in ("leg", "foot") and rng.random() < 0.5:
        forward, bend = rng.uniform(0, 0.7), rng.uniform(0, 0.9)
    if view.aspect == "medial":
        own = view.side == side
        spread = rng.uniform(0.15, 0.4)
        turned_out = rng.uniform(0.2, 0.7) if own else rng.normal(0.1, 0.1)
        forward = rng.uniform(0, 0.4) if own else rng.choice([rng.uniform(-0.6, -0.2), rng.uniform(0.7, 1.3)])
    outward = Rotation.from_rotvec(-Y * sign * spread) * Rotation.from_rotvec(Z * sign * turned_out)
    return {
        f"hip_{side}": (Rotation.from_rotvec(-X * forward) * outward).as_rotvec(),
        f"knee_{side}": X * bend + rng.normal(0, 0.02, 3),
        f"ankle_{side}": X * rng.uniform(-0.2, 0.5) + rng.normal(0, 0.05, 3),
    }


def limited(pose: Mapping[str, Floats]) -> Pose:
    """Return a pose with every rotation within its articulation's limit."""
    result = {}
    for name, vector in pose.items():
        angle = float(np.linalg.norm(vector))
        result[name] = np.asarray(vector * min(1.0, limit_rad(name) / max(angle, 1e-9)), np.float64)
    return result
