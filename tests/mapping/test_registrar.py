"""The registrar turns a network's prediction into a registration, or says why it cannot."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from doll import Shot, take

from framing_examples import FAR, WELL_FRAMED
from reepi.body.articulation import ARTICULATIONS
from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import DensePrediction
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, TissueMap
from reepi.core.landmarks import BodyLandmarks
from reepi.core.surface import NO_FACE
from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES, VIEWS, View
from reepi.mapping.dense import correspondences_from_dense
from reepi.mapping.doubt import Evidence
from reepi.mapping.kinematics import pose_points, skeleton_of
from reepi.mapping.landmarks import landmark_points
from reepi.mapping.registrar import Attempt, NetworkRegistrar, NotRegistered, Unplaced, explained_share, other_view
from reepi.mapping.registration import registration_from_pose

VIEW = VIEWS["whole_anterior"]
BACK = "whole_posterior"
VIEWS_SEEN = {name: float(name == VIEW.name) for name in VIEW_NAMES}

Network = Callable[[Photograph, View], DensePrediction]


def prediction(shot: Shot, sigma_m: float = 0.02) -> DensePrediction:
    """What a perfect network says of a photograph, on a grid of a quarter of its size."""
    small = take(shot.template, shot.camera.scaled((36, 27)), shot.pose).image
    corners = shot.template.canonical[shot.template.faces[small.faces]]
    points = np.einsum("hwc,hwcd->hwd", small.barycentric, corners).astype(np.float32)
    body = (small.faces != NO_FACE).astype(np.float32)
    return DensePrediction(points, np.full(body.shape, sigma_m, np.float32), body, 0.25, (0.0, 0.0), VIEWS_SEEN)


def photograph(shot: Shot) -> Photograph:
    return Photograph(np.zeros((*shot.camera.size, 3), np.uint8), shot.camera.size)


def tissues(shot: Shot) -> TissueMap:
    return TissueMap.from_mask(np.where(shot.image.faces == NO_FACE, Tissue.BACKGROUND, Tissue.INTACT).astype(np.uint8))


def saying(answer: DensePrediction) -> Network:
    return lambda photograph, view: answer


def test_a_right_prediction_registers_the_photograph(shot: Shot) -> None:
    """Nearly every pixel of skin shows a face within a hand's breadth on the body of its true one."""
    register = NetworkRegistrar(saying(prediction(shot)))
    found = register(photograph(shot), tissues(shot), VIEW, shot.template)
    both = (found.faces != NO_FACE) & (shot.image.faces != NO_FACE)
    assert both.sum() > 0.95 * (shot.image.faces != NO_FACE).sum()
    centres = shot.template.vertices[shot.template.faces].mean(axis=1)
    gaps = np.linalg.norm(centres[found.faces[both]] - centres[shot.image.faces[both]], axis=1)
    assert np.percentile(gaps, 90) < 0.06
    assert found.camera["source"] == "network"


def test_what_the_network_says_comes_along_whether_or_not_the_photograph_passes(shot: Shot) -> None:
    """A reader adds points to it."""
    register = NetworkRegistrar(saying(prediction(shot)))
    said = register.correspondences(photograph(shot), tissues(shot), VIEW, shot.template)
    found = register(photograph(shot), tissues(shot), VIEW, shot.template)
    assert found.correspondences is not None
    np.testing.assert_array_equal(found.correspondences.kept.pixels, said.pixels)
    other = NetworkRegistrar(saying(replace(prediction(shot), views=dict.fromkeys(VIEW_NAMES, 0.0) | {BACK: 1.0})))
    with pytest.raises(NotRegistered, match="wrong_view") as rejection:
        other(photograph(shot), tissues(shot), VIEW, shot.template)
    assert rejection.value.correspondences is not None
    np.testing.assert_array_equal(rejection.value.correspondences.kept.pixels, said.pixels)
    bed = TissueMap.from_mask(np.zeros(shot.camera.size, np.uint8))
    with pytest.raises(Unplaced) as unplaced:
        register(photograph(shot), bed, VIEW, shot.template)
    assert unplaced.value.correspondences is not None
    assert len(unplaced.value.correspondences) == 0


def test_the_network_is_told_the_view(shot: Shot) -> None:
    """The declared view settles left and right, front and back."""
    heard = []

    def network(photograph: Photograph, view: View) -> DensePrediction:
        heard.append(view)
        return prediction(shot)

    NetworkRegistrar(network)(photograph(shot), tissues(shot), VIEW, shot.template)
    assert heard == [VIEW]


def test_only_skin_gives_correspondences(shot: Shot) -> None:
    """Where the tissue network sees no skin, or the other network no body, nothing is used; covered skin is."""
    answer, left = prediction(shot), np.arange(shot.camera.size[1]) < 54
    mask = np.where(left, Tissue.COVERED, Tissue.BACKGROUND).astype(np.uint8)
    given = correspondences_from_dense(
        answer, TissueMap.from_mask(np.tile(mask, (shot.camera.size[0], 1))), shot.template
    )
    assert len(given) > 20
    assert (given.pixels[:, 0] < 54).all()
    columns, rows = answer.network_pixels(given.pixels).round().astype(int).T
    assert (answer.body[rows, columns] == 1).all()


def test_a_photograph_without_skin_is_rejected(shot: Shot) -> None:
    """There is nothing to place."""
    bed = TissueMap.from_mask(np.zeros(shot.camera.size, np.uint8))
    with pytest.raises(PhotographRejected, match="not_registered: only 0 of its pixels"):
        NetworkRegistrar(saying(prediction(shot)))(photograph(shot), bed, VIEW, shot.template)


def test_a_network_that_guesses_is_rejected(shot: Shot) -> None:
    """Points scattered over the body agree with no camera."""
    answer = prediction(shot)
    guess = np.random.default_rng(0).permutation(answer.points.reshape(-1, 3)).reshape(answer.points.shape)
    wild = replace(answer, points=guess)
    with pytest.raises(PhotographRejected, match="not_registered"):
        NetworkRegistrar(saying(wild))(photograph(shot), tissues(shot), VIEW, shot.template)


@pytest.mark.parametrize(("residual_mm", "extent_mm", "passes"), [(18, 900, True), (25, 900, False), (18, 110, False)])
def test_the_gate_is_narrower_for_small_parts(shot: Shot, residual_mm: float, extent_mm: float, passes: bool) -> None:
    """Nearly two centimetres are borne on a trunk, not on a hand; more nowhere."""
    registration = registration_from_pose(shot.camera, shot.pose, shot.template, residual_mm)
    evidence = Evidence(5.0, 1.0, extent_mm, 20.0, 1.0, 1.0, 1.0, 1.0)
    attempt = Attempt(VIEW, None, evidence, registration, lambda: WELL_FRAMED, registration)
    with nullcontext() if passes else pytest.raises(PhotographRejected, match="uncertain by"):
        attempt.judged()


def test_a_body_beside_the_skin_is_rejected(shot: Shot) -> None:
    """The registered body must cover three quarters of what is skin in the photograph."""
    register, answer = NetworkRegistrar(saying(prediction(shot))), tissues(shot)
    attempt = register.attempt(photograph(shot), answer, VIEW, shot.template)
    assert (attempt.judged().drawn == attempt.registration.drawn).mean() > 0.999
    with pytest.raises(PhotographRejected, match="covers only 70 %"):
        replace(attempt, evidence=replace(attempt.evidence, explained=0.7)).judged()


def test_what_is_not_surely_placed_is_left_out(shot: Shot) -> None:
    """A limb of which the network is not sure has no faces, the rest has; a photograph that is unsure is rejected."""
    answer, columns = prediction(shot), np.arange(shot.camera.size[1])
    doubtful = replace(answer, sigma=np.where(columns[::4] < 42, np.float32(0.5), answer.sigma))
    register = NetworkRegistrar(saying(doubtful))
    attempt = register.attempt(photograph(shot), tissues(shot), VIEW, shot.template)
    laid, kept = (found.faces != NO_FACE for found in (attempt.registration, attempt.judged()))
    arm = columns < 30
    assert laid[:, arm].sum() > 50
    assert kept[:, arm].sum() < 0.1 * laid[:, arm].sum()
    assert kept[:, columns >= 42].sum() > 0.99 * laid[:, columns >= 42].sum()
    with pytest.raises(PhotographRejected, match="no part of it is surely placed"):
        replace(attempt, sure=attempt.registration.without(np.ones((4, 3), bool))).judged()


def test_a_rejection_says_whether_another_photograph_would_help(shot: Shot) -> None:
    """What is framed well is for a reader to place; what is not is to be taken again."""
    evidence = Evidence(5.0, 1.0, 900.0, 20.0, 1.0, 1.0, 1.0, 1.0)
    registration = registration_from_pose(shot.camera, shot.pose, shot.template, 99.0)
    attempt = Attempt(VIEW, None, evidence, registration, lambda: WELL_FRAMED, registration)
    with pytest.raises(NotRegistered, match=r"place_by_hand: .* uncertain by 99 mm .* framed as it should be"):
        attempt.judged()
    with pytest.raises(NotRegistered, match=r"not_registered: .* take it again") as rejection:
        replace(attempt, signs=lambda: FAR).judged()
    assert rejection.value.signs == FAR


def test_what_is_wrong_with_the_framing_comes_along(shot: Shot) -> None:
    """Of a photograph that passes the gate too: the camera does not see what is missing."""
    evidence = Evidence(5.0, 1.0, 900.0, 20.0, 1.0, 1.0, 1.0, 1.0)
    registration = registration_from_pose(shot.camera, shot.pose, shot.template, 9.0)
    attempt = Attempt(VIEW, None, evidence, registration, lambda: FAR, registration)
    assert attempt.judged().framing_faults == ("too_far",)
    assert replace(attempt, signs=lambda: WELL_FRAMED).judged().framing_faults == ()


def test_a_photograph_of_another_view_is_rejected_by_name(shot: Shot) -> None:
    """Front declared, back seen: the message says so, however well a body could be laid on it."""
    seen = {name: float(name == "whole_posterior") for name in VIEW_NAMES}
    network = saying(replace(prediction(shot), views=seen))
    with pytest.raises(NotRegistered, match="looks like whole_posterior, not whole_anterior") as rejection:
        NetworkRegistrar(network)(photograph(shot), tissues(shot), VIEW, shot.template)
    assert rejection.value.code == "wrong_view"
    assert rejection.value.signs.seen > 0.5


def person(shot: Shot, *, mirrored: bool = False) -> BodyLandmarks:
    """The true landmarks of a photograph; mirrored, those of somebody seen from the other side."""
    skeleton = skeleton_of(shot.template, ARTICULATIONS)
    pose = np.array([shot.pose.get(name, np.zeros(3)) for name in skeleton.names])
    pixels = shot.camera.project(pose_points(skeleton, landmark_points(shot.template, skeleton), pose))
    seen = pixels * [-1, 1] + [shot.camera.size[1] - 1, 0] if mirrored else pixels
    return BodyLandmarks(seen, np.ones(len(pixels)), 1.0)


def test_a_person_is_looked_for_only_where_one_is_declared(shot: Shot) -> None:
    """A leg has no landmarks of a person, and looking costs time."""
    looked = []

    def find(photograph: Photograph) -> BodyLandmarks:
        looked.append(photograph)
        return person(shot)

    register = NetworkRegistrar(saying(prediction(shot)), find)
    register.attempt(photograph(shot), tissues(shot), VIEWS["leg_left_anterior"], shot.template)
    assert not looked
    attempt = register.attempt(photograph(shot), tissues(shot), VIEW, shot.template)
    assert len(looked) == 1
    assert attempt.judged().faces is not None


def test_a_person_seen_from_behind_is_named_and_does_not_guide(shot: Shot) -> None:
    """Where the network inclines to the back the pose decides, and its landmarks are left out of the fit."""
    unsure = dict.fromkeys(VIEW_NAMES, 0.0) | {"whole_anterior": 0.3, "whole_posterior": 0.7}
    network = saying(replace(prediction(shot), views=unsure))
    guided = NetworkRegistrar(network, lambda _: person(shot, mirrored=True))
    attempt = guided.attempt(photograph(shot), tissues(shot), VIEW, shot.template)
    assert attempt.other_view == "whole_posterior"
    alone = NetworkRegistrar(network).attempt(photograph(shot), tissues(shot), VIEW, shot.template)
    assert alone.other_view is None
    np.testing.assert_array_equal(attempt.registration.faces, alone.registration.faces)


def test_the_view_is_guessed_from_what_the_network_sees(shot: Shot) -> None:
    """The most probable one, with its probability."""
    seen = {name: 0.7 if name == "trunk_left" else 0.001 for name in VIEW_NAMES}
    register = NetworkRegistrar(saying(replace(prediction(shot), views=seen)))
    assert register.guessed_view(photograph(shot)) == (VIEWS["trunk_left"], 0.7)


def test_a_view_is_doubted_only_for_one_that_it_is_taken_for() -> None:
    """The other side or surface must be far more probable; how much of the limb is framed does not matter."""
    declared = VIEWS["hand_left_dorsal"]
    sure = dict.fromkeys(VIEW_NAMES, 0.001)
    assert other_view(sure | {"hand_right_dorsal": 0.9}, declared) == "hand_right_dorsal"
    assert other_view(sure | {"hand_right_dorsal": 0.6, "hand_left_dorsal": 0.4}, declared) is None
    assert other_view(sure | {"arm_left_posterior": 0.9}, declared) is None


def test_explained_share_counts_skin_on_the_body(doll: BodyTemplate, front: Camera, shot: Shot) -> None:
    """All of the true skin lies on the true body; of a photograph that is all skin, only the body's part."""
    registration = registration_from_pose(shot.camera, shot.pose, doll, 1.0)
    everywhere = TissueMap.from_mask(np.ones(front.size, np.uint8))
    assert explained_share(registration, tissues(shot)) == 1
    assert explained_share(registration, everywhere) == pytest.approx((registration.faces != NO_FACE).mean())
    assert explained_share(registration, TissueMap.from_mask(np.zeros(front.size, np.uint8))) == 0


def test_a_covered_face_is_no_back_of_a_head() -> None:
    """What looks a dozen times more like the back may be a cloth over the face; a true back leaves no doubt."""
    chances = dict.fromkeys(VIEW_NAMES, 1e-9)
    declared = VIEWS["head_anterior"]
    assert other_view(chances | {"head_anterior": 0.06, "head_posterior": 0.94}, declared) is None
    assert other_view(chances | {"head_anterior": 0.001, "head_posterior": 0.99}, declared) == "head_posterior"
    assert other_view(chances | {"head_posterior": 0.06, "head_anterior": 0.94}, VIEWS["head_posterior"]) is not None
