"""How far each joint turns about each of its own axes: elbows, knees and fingers are hinges, others turn all ways.

Rotation vectors are in the world axes of the neutral pose: x to the patient's left, y to the back, z up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.articulation import limit_rad
from reepi.body.template import BodyTemplate
from reepi.core.regions import REGIONS

Floats = npt.NDArray[np.float64]

SIDES: Final = ("left", "right")

ELBOW_RAD: Final = (-0.4, 2.4)
KNEE_RAD: Final = (-0.15, 2.3)
FINGERS_RAD: Final = (-0.4, 1.3)
TWIST_RAD: Final = (-1.6, 1.6)
"""Least and largest turn about a hinge's own axis from the neutral pose, in which an elbow is a little bent (AAOS)."""

ASIDE_RAD: Final = 0.25
"""Largest turn of a hinge about other axes [rad]: bones and their axes differ between people."""


@dataclass(frozen=True)
class Range:
    """How far one articulation turns.

    Parameters
    ----------
    axes : (3, 3) float64
        Its axes as rows, at right angles to each other.
    low, high : (3,) float64
        Least and largest turn about each [rad].
    """

    axes: Floats
    low: Floats
    high: Floats


def joint_ranges(template: BodyTemplate) -> dict[str, Range]:
    """Return the ranges of those articulations that turn mainly about one axis; a limb that hangs straight has none."""
    ranges: dict[str, Range] = {}
    for side in SIDES:
        arm = arm_axes(template, side)
        hinges: Mapping[str, tuple[Floats, tuple[float, float]]] = {
            "elbow": (arm.bend, ELBOW_RAD),
            "forearm_twist": (arm.fore, TWIST_RAD),
            "fingers": (arm.curl, FINGERS_RAD),
            "knee": (np.array([1.0, 0.0, 0.0]), KNEE_RAD),
        }
        ranges |= {f"{name}_{side}": hinge(*given) for name, given in hinges.items() if given[0].any()}
    return ranges


def hinge(axis: Floats, turn_rad: tuple[float, float]) -> Range:
    """Return the range of a joint that turns about one axis, (3,), and hardly about the others."""
    first = axis / np.linalg.norm(axis)
    second = _unit(np.cross(first, np.eye(3)[np.abs(first).argmin()]))
    aside = np.array([ASIDE_RAD, ASIDE_RAD])
    axes = np.stack([first, second, np.cross(first, second)])
    return Range(axes, np.append(turn_rad[0], -aside), np.append(turn_rad[1], aside))


def range_of(name: str, ranges: Mapping[str, Range]) -> Range:
    """Return the range of an articulation: its own, or its limit about every axis."""
    limit = np.full(3, limit_rad(name))
    return ranges.get(name, Range(np.eye(3), -limit, limit))


@dataclass(frozen=True)
class ArmAxes:
    """How one arm hangs in the neutral pose: unit vectors in the neutral pose's world axes.

    Parameters
    ----------
    upper, fore, hand : (3,) float64
        Directions towards the hand of the upper arm, the forearm and the hand.
    bend : (3,) float64
        Axis that bends the elbow.
    curl : (3,) float64
        Axis that curls the fingers into the palm.
    """

    upper: Floats
    fore: Floats
    hand: Floats
    bend: Floats
    curl: Floats


def arm_axes(template: BodyTemplate, side: str) -> ArmAxes:
    """Return how an arm hangs in the neutral pose; ``side`` is ``left`` or ``right``."""
    letter = side[0].upper()
    names = {name: i for i, name in enumerate(template.joint_names)}
    shoulder, elbow, wrist, finger = (
        template.joint_heads[names[f"{name}.{letter}"]] for name in ("upperarm01", "lowerarm01", "wrist", "finger3-1")
    )
    upper, fore, hand = (_unit(v) for v in (elbow - shoulder, wrist - elbow, finger - wrist))
    palm = _mean_normal(template.vertices, template, f"hand_{side}_palmar")
    return ArmAxes(upper, fore, hand, _unit(np.cross(upper, fore)), _unit(np.cross(hand, palm)))


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / length if (length := np.linalg.norm(vector)) > 1e-6 else np.zeros(3))


def _mean_normal(vertices: Floats, template: BodyTemplate, region: str) -> Floats:
    a, b, c = vertices[template.faces[template.regions == REGIONS.index(region)]].transpose(1, 0, 2)
    return _unit(np.cross(b - a, c - a).sum(axis=0))
