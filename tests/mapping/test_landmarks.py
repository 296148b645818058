"""A person's landmarks guide the body that is laid on a photograph."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from doll import POSE, Shot

from reepi.body.articulation import ARTICULATIONS
from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.correspondence import Correspondences
from reepi.core.errors import PhotographRejected
from reepi.core.landmarks import LANDMARKS, BodyLandmarks
from reepi.core.views import VIEW_NAMES, VIEWS
from reepi.mapping.correspondences import evenly_spread, nearest_on_template
from reepi.mapping.fit import FEW_CORRESPONDENCES, FEWEST_POINTS, BodyFit, fit_body, refined_on_outline
from reepi.mapping.kinematics import pose_points, skeleton_of
from reepi.mapping.landmarks import (
    BESIDE_SKIN,
    ENOUGH_SKIN,
    SURFACE_M,
    facing,
    landmark_errors_m,
    landmark_points,
    less_sure_beside_skin,
    usable_landmarks,
)
from reepi.mapping.outline import skin_edges
from reepi.mapping.registrar import other_view, told_by_pose

VIEW = VIEWS["whole_anterior"]


def places(template: BodyTemplate, pose: dict[str, npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    """Return where a posed body has its landmarks, (L, 3) [m]."""
    skeleton = skeleton_of(template, ARTICULATIONS)
    angles = np.array([pose.get(name, np.zeros(3)) for name in skeleton.names])
    return pose_points(skeleton, landmark_points(template, skeleton), angles)


def seen_by(camera: Camera, template: BodyTemplate, pose: dict[str, npt.NDArray[np.float64]]) -> BodyLandmarks:
    """Return the true landmarks of a photograph."""
    return BodyLandmarks(camera.project(places(template, pose)), np.ones(len(LANDMARKS)), 1.0)


def limb_error_m(fit: BodyFit, shot: Shot) -> float:
    """Return how far wrists and ankles lie from their true places, at worst, as seen from the camera [m]."""
    ends = [LANDMARKS.index(f"{name}_{side}") for name in ("wrist", "ankle") for side in ("left", "right")]
    there, found = places(shot.template, shot.pose)[ends], places(shot.template, fit.pose)[ends]
    gap_px = np.linalg.norm(fit.camera.project(found) - shot.camera.project(there), axis=1)
    return float((gap_px * shot.camera.in_camera_axes(there)[:, 2] / shot.camera.focal_px).max())


def of_the_trunk(shot: Shot) -> Correspondences:
    """Return the true correspondences of the trunk alone."""
    every = shot.correspondences
    middle = shot.template.vertices[shot.template.faces[every.faces]].mean(axis=1)
    trunk = every.part((np.abs(middle[:, 0]) < 0.16) & (middle[:, 2] > 0.92))
    return trunk.part(evenly_spread(trunk.pixels, np.zeros(len(trunk)), 150))


def test_landmarks_lie_on_and_in_the_body() -> None:
    """Those of the surface within a centimetre of skin, all inside the body's box, and sides apart."""
    body = reference_template()
    _, _, gap = nearest_on_template(np.array(list(SURFACE_M.values())), body)
    assert gap.max() < 0.01
    found = dict(zip(LANDMARKS, places(body, {}), strict=True))
    for name, point in found.items():
        assert (point > body.vertices.min(axis=0) - 1e-6).all()
        assert (point < body.vertices.max(axis=0) + 1e-6).all()
        if name.endswith("_left"):
            assert point[0] > 0
            np.testing.assert_allclose(found[name.replace("left", "right")], point * [-1, 1, 1], atol=0.01)


def test_a_joint_stays_where_it_turns_and_moves_what_hangs_on_it(doll: BodyTemplate) -> None:
    """Bending the shoulder leaves it and the other arm in place, and carries the elbow along on a circle around it."""
    rest, bent = places(doll, {}), places(doll, {"shoulder_left": np.array([-0.8, 0, 0.3])})
    moved = dict(zip(LANDMARKS, np.linalg.norm(bent - rest, axis=1), strict=True))
    assert [moved[name] for name in ("shoulder_left", "shoulder_right", "wrist_right")] == pytest.approx([0, 0, 0])
    shoulder, elbow = (LANDMARKS.index(name) for name in ("shoulder_left", "elbow_left"))
    joint = doll.joint_heads[doll.joint_names.index("upperarm01.L")]
    assert 0.005 < np.linalg.norm(rest[shoulder] - joint) < 0.02
    length, turned = (np.linalg.norm(place[elbow] - joint) for place in (rest, bent))
    assert turned == pytest.approx(length)
    assert moved["elbow_left"] > 0.25 * length > 0.05


def test_landmarks_find_limbs_that_correspondences_do_not_show(shot: Shot) -> None:
    """Of the trunk's skin alone nobody knows where the arms are; with the person's landmarks, to a few centimetres."""
    trunk, size = of_the_trunk(shot), shot.camera.size
    found = seen_by(shot.camera, shot.template, POSE)
    alone = fit_body(trunk, VIEW, shot.template, size)
    guided = fit_body(trunk, VIEW, shot.template, size, landmarks=found)
    assert limb_error_m(alone, shot) > 0.1
    assert limb_error_m(guided, shot) < 0.04
    assert guided.quality.n_correspondences == alone.quality.n_correspondences == len(trunk)


def test_few_correspondences_are_enough_with_landmarks(shot: Shot) -> None:
    """Of a dressed person hardly any skin is placed: alone it is too little, with the person it tells where all is."""
    few, size = of_the_trunk(shot), shot.camera.size
    few = few.part(np.arange(len(few)) < FEWEST_POINTS - 1)
    with pytest.raises(PhotographRejected, match=f"only {FEWEST_POINTS - 1} of its pixels"):
        fit_body(few, VIEW, shot.template, size)
    found = seen_by(shot.camera, shot.template, POSE)
    guided = fit_body(few, VIEW, shot.template, size, landmarks=found)
    assert limb_error_m(guided, shot) < 0.04
    assert guided.quality.n_correspondences == len(few)
    with pytest.raises(PhotographRejected, match="only 0 of its pixels"):
        fit_body(few.part(np.zeros(len(few), bool)), VIEW, shot.template, size, landmarks=found)


def test_far_landmarks_are_believed_where_little_skin_is_placed(shot: Shot) -> None:
    """An arm that is seen 20 cm beside where it may rest is followed then, and given up where much skin is placed."""
    found, trunk = seen_by(shot.camera, shot.template, POSE), of_the_trunk(shot)
    arm = [LANDMARKS.index(name) for name in ("elbow_left", "wrist_left")]
    pixels = found.pixels.copy()
    pixels[arm, 0] += 0.2 * shot.camera.focal_px / 2.5
    little = trunk.part(evenly_spread(trunk.pixels, np.zeros(len(trunk)), FEW_CORRESPONDENCES // 3))
    assert len(little) < FEW_CORRESPONDENCES <= len(trunk)

    def missed_px(shown: Correspondences) -> float:
        moved = replace(found, pixels=pixels)
        fit = fit_body(shown, VIEW, shot.template, shot.camera.size, landmarks=moved)
        seen = fit.camera.project(places(shot.template, fit.pose))
        return float(np.linalg.norm(seen - pixels, axis=1)[arm].max())

    assert missed_px(little) < 3 < 6 < missed_px(trunk)


def test_skin_beside_a_landmark_makes_it_less_sure() -> None:
    """With enough of it, near enough, and not otherwise."""
    landmarks = np.array([[0.0, 0, 0], [1.0, 0, 0], [2.0, 0, 0]])
    skin = np.concatenate([np.full((ENOUGH_SKIN, 3), 0.05), np.full((ENOUGH_SKIN - 1, 3), 1.0) * [1, 0, 0]])
    errors = less_sure_beside_skin(np.full(3, 0.02), landmarks, skin)
    assert errors.tolist() == pytest.approx([BESIDE_SKIN * 0.02, 0.02, 0.02])


def test_one_wrong_landmark_is_borne(shot: Shot) -> None:
    """A hand that is seen at the other end of the picture does not tear the arm along."""
    found = seen_by(shot.camera, shot.template, POSE)
    pixels = found.pixels.copy()
    pixels[LANDMARKS.index("knee_left")] += 60
    guided = fit_body(
        of_the_trunk(shot), VIEW, shot.template, shot.camera.size, landmarks=replace(found, pixels=pixels)
    )
    assert limb_error_m(guided, shot) < 0.05


def test_landmarks_of_nobody_change_nothing(shot: Shot) -> None:
    """Where there is no person, or nothing of it is seen, the fit is that of the correspondences alone, to the bit."""
    trunk, size = of_the_trunk(shot), shot.camera.size
    found = seen_by(shot.camera, shot.template, POSE)
    alone = fit_body(trunk, VIEW, shot.template, size)
    for nobody in (replace(found, person=0.5), replace(found, seen=np.zeros(len(LANDMARKS)))):
        assert len(usable_landmarks(nobody)) == 0
        assert fit_body(trunk, VIEW, shot.template, size, landmarks=nobody).pose == alone.pose


def test_the_outline_keeps_the_landmarks(shot: Shot) -> None:
    """Refining on the rim of the skin does not lose what they settled."""
    trunk, found = of_the_trunk(shot), seen_by(shot.camera, shot.template, POSE)
    guided = fit_body(trunk, VIEW, shot.template, shot.camera.size, landmarks=found)
    skin = (shot.image.faces >= 0).astype(np.float32)
    refined = refined_on_outline(guided, trunk, skin_edges(skin), shot.template, landmarks=found)
    assert limb_error_m(refined, shot) < 0.05


def test_facing_is_told_by_the_sides(doll: BodyTemplate, front: Camera) -> None:
    """Front, back and profile, however the picture is turned; a mirror image shows the other side."""
    found = seen_by(front, doll, {})
    assert facing(found) > 0.8
    behind = Camera.looking_at(np.array([0, 0, 0.9]), np.array([0.0, 2.5, 1.2]), 150.0, (144, 108), 1.3)
    assert facing(seen_by(behind, doll, {})) < -0.8
    side = Camera.looking_at(np.array([0, 0, 0.9]), np.array([2.5, 0.0, 0.9]), 150.0, (144, 108), 0.0)
    assert abs(facing(seen_by(side, doll, {}))) < 0.2
    assert facing(replace(found, pixels=found.pixels * [-1, 1])) == pytest.approx(-facing(found), abs=1e-9)
    assert facing(replace(found, person=0.2)) == 0


def test_a_person_seen_from_behind_makes_the_front_doubtful() -> None:
    """A network that inclines to the back is confirmed, but the pose alone names nothing: a cloth may cover the face.

    Other views keep their odds among each other.
    """
    even = dict.fromkeys(VIEW_NAMES, 1 / len(VIEW_NAMES))
    inclined = even | {"whole_anterior": 0.4 / len(VIEW_NAMES), "whole_posterior": 1.6 / len(VIEW_NAMES)}
    assert other_view(inclined, VIEW) is None
    assert other_view(told_by_pose(inclined, -1.0), VIEW) == "whole_posterior"
    assert other_view(told_by_pose(inclined, 1.0), VIEW) is None
    assert other_view(told_by_pose(even, -1.0), VIEW) is None
    assert told_by_pose(even, 0.0) == pytest.approx(even)
    told = told_by_pose(even, 0.6)
    assert sum(told.values()) == pytest.approx(1)
    assert told["trunk_left"] == told["hand_left_dorsal"]


def test_errors_belong_to_their_landmarks() -> None:
    """The middle of a hip is less sure than a nose."""
    errors = landmark_errors_m(np.arange(len(LANDMARKS)))
    assert errors[LANDMARKS.index("hip_right")] > errors[LANDMARKS.index("nose")] > 0


def test_landmarks_that_are_not_all_are_an_error() -> None:
    """Half of them describe nobody."""
    with pytest.raises(ValueError, match="landmarks"):
        BodyLandmarks(np.zeros((3, 2)), np.zeros(3), 1.0)
