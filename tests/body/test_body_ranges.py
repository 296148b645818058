"""Hinges must turn the way they do in people, and every drawn pose must lie within the ranges."""

from dataclasses import replace

import numpy as np
import pytest

from reepi.body.articulation import rotations
from reepi.body.ranges import Range, arm_axes, hinge, joint_ranges, range_of
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.views import VIEWS
from reepi.phantom.poses import draw_pose

HINGES = {f"{name}_{side}" for name in ("elbow", "forearm_twist", "fingers", "knee") for side in ("left", "right")}


@pytest.fixture(scope="module")
def template() -> BodyTemplate:
    return reference_template()


@pytest.fixture(scope="module")
def ranges(template: BodyTemplate) -> dict[str, Range]:
    return joint_ranges(template)


def heads(template: BodyTemplate, pose: dict[str, np.ndarray], *joints: str) -> np.ndarray:
    transforms = template.joint_transforms(rotations(template, pose))
    index = [template.joint_names.index(joint) for joint in joints]
    return np.einsum("jab,jb->ja", transforms[index, :, :3], template.joint_heads[index]) + transforms[index, :, 3]


def test_elbows_forearms_fingers_and_knees_are_hinges(ranges: dict[str, Range]) -> None:
    """Each has three axes at right angles, and turns little about the second and the third."""
    assert ranges.keys() == HINGES
    for own in ranges.values():
        np.testing.assert_allclose(own.axes @ own.axes.T, np.eye(3), atol=1e-12)
        assert (own.high[1:] < 0.3).all()
        assert own.high[0] > 1.2


@pytest.mark.parametrize("side", ["left", "right"])
def test_an_elbow_bends_the_hand_to_the_shoulder_and_a_knee_the_foot_to_the_back(
    template: BodyTemplate, ranges: dict[str, Range], side: str
) -> None:
    """Their positive turns, and there is no room for more than a little of the opposite."""
    letter = side[0].upper()
    straight = heads(template, {}, f"upperarm01.{letter}", f"wrist.{letter}", f"foot.{letter}")
    elbow, knee = ranges[f"elbow_{side}"], ranges[f"knee_{side}"]
    bent = {f"elbow_{side}": elbow.axes[0] * 1.5, f"knee_{side}": knee.axes[0] * 1.5}
    shoulder, wrist, foot = heads(template, bent, f"upperarm01.{letter}", f"wrist.{letter}", f"foot.{letter}")
    assert np.linalg.norm(wrist - shoulder) < np.linalg.norm(straight[1] - straight[0]) - 0.05
    assert foot[1] > straight[2, 1] + 0.2
    assert elbow.low[0] > -0.5
    assert knee.low[0] > -0.2


@pytest.mark.parametrize("posture", ["calm", "upright", "any"])
def test_drawn_poses_lie_within_the_ranges(template: BodyTemplate, ranges: dict[str, Range], posture: str) -> None:
    """Phantoms are what the solver is measured on: it must be able to follow them."""
    rng = np.random.default_rng(5)
    for view in VIEWS.values():
        for name, vector in draw_pose(rng, template, view, posture).items():
            if name in ranges:
                turns = ranges[name].axes @ vector
                assert (turns >= ranges[name].low - 1e-9).all(), name
                assert (turns <= ranges[name].high + 1e-9).all(), name


def test_what_is_no_hinge_turns_alike_about_every_axis(ranges: dict[str, Range]) -> None:
    """As far as the articulation's limit says."""
    hip = range_of("hip_left", ranges)
    np.testing.assert_array_equal(hip.high, -hip.low)
    assert np.ptp(hip.high) == 0


def test_an_arm_that_hangs_straight_tells_no_axis(template: BodyTemplate) -> None:
    """Its elbow keeps the limit about every axis; the axis of any other hinge needs no unit length."""
    index = {name: i for i, name in enumerate(template.joint_names)}
    names = [f"{joint}.L" for joint in ("upperarm01", "lowerarm01", "wrist")]
    moved = template.joint_heads.copy()
    first, last = moved[index[names[0]]], moved[index[names[2]]]
    moved[index[names[1]]] = (first + last) / 2
    straight = replace(template, joint_heads=moved)
    assert not arm_axes(straight, "left").bend.any()
    assert "elbow_left" not in joint_ranges(straight)
    np.testing.assert_allclose(hinge(np.array([0.0, 0.0, 2.0]), (0.0, 1.0)).axes[0], [0, 0, 1])
