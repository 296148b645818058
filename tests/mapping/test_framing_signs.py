"""What tells how a photograph is framed where no body could be laid on it."""

from dataclasses import replace

import numpy as np
import pytest
from doll import Shot, build_doll, take

from reepi.body.camera import Camera
from reepi.core.correspondence import DensePrediction
from reepi.core.images import TissueMap
from reepi.core.surface import NO_FACE
from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES, VIEWS
from reepi.mapping.framing import FACE_HIGH_M, FACE_LOW_M
from reepi.mapping.framing_odds import framing_faults
from reepi.mapping.framing_signs import SIGNS, FramingSigns, framing_signs, skin_seen
from reepi.mapping.registration import registration_from_pose

VIEW = VIEWS["whole_anterior"]


def prediction(shot: Shot) -> DensePrediction:
    """What a perfect network says, a pixel of its grid for each of the photograph."""
    corners = shot.template.canonical[shot.template.faces[shot.image.faces]]
    points = np.einsum("hwc,hwcd->hwd", shot.image.barycentric, corners).astype(np.float32)
    body = (shot.image.faces != NO_FACE).astype(np.float32)
    sigma = np.full(body.shape, 0.02, np.float32)
    return DensePrediction(points, sigma, body, 1.0, (0.0, 0.0), dict.fromkeys(VIEW_NAMES, 0.0))


def tissues(shot: Shot) -> TissueMap:
    return TissueMap.from_mask(np.where(shot.image.faces == NO_FACE, Tissue.BACKGROUND, Tissue.INTACT).astype(np.uint8))


def seen_from(shot: Shot, away: float = 1.0, aside_m: float = 0.0) -> Shot:
    """The doll from so many times the distance, with the camera moved to the side [m]."""
    place = shot.camera.position * np.array([1, away, 1]) + np.array([aside_m, 0, 0])
    return take(shot.template, replace(shot.camera, position=place), shot.pose)


def signs(shot: Shot, rivalry: float = 0.0, error_mm: float = 20.0) -> FramingSigns:
    laid = registration_from_pose(shot.camera, shot.pose, shot.template, error_mm)
    return framing_signs(prediction(shot), tissues(shot), laid, rivalry, VIEW, shot.template)


def test_from_afar_everything_is_smaller(shot: Shot) -> None:
    """At twice the distance, extents halve and areas quarter; as much of the body is seen, and nothing is cut."""
    near, far = signs(shot), signs(seen_from(shot, away=2.0))
    for name in ("fill", "fill_seen", "extent"):
        assert getattr(near, name) - getattr(far, name) == pytest.approx(np.log(2), abs=0.15), name
    assert near.area - far.area == pytest.approx(np.log(4), abs=0.3)
    assert far.seen > 0.8
    assert far.contact == 0
    assert far.skin < near.skin


@pytest.mark.parametrize("scale", [0.6, 1.1])
def test_a_child_that_fills_the_picture_fills_it_as_an_adult_does(shot: Shot, scale: float) -> None:
    """The photographs are the same but for the distance, and so is what a network sees and what it means."""
    nearer = replace(shot.camera, position=shot.camera.position * scale)
    other = signs(take(build_doll(scale), nearer, shot.pose))
    for name in ("fill", "fill_seen", "extent", "area"):
        assert getattr(other, name) == pytest.approx(getattr(signs(shot), name), abs=0.02), name


def test_from_nearby_the_edge_cuts_the_body(shot: Shot) -> None:
    """More of the edge is skin, and less of the body is seen."""
    good, near = signs(shot), signs(seen_from(shot, away=0.4))
    assert near.contact > good.contact + 0.5
    assert near.seen < good.seen - 0.1
    assert near.fill > good.fill + 0.5


def test_a_body_half_out_of_the_picture_is_cut_on_one_side(shot: Shot) -> None:
    """It stands away from the middle, and the opposite side has room."""
    good, half = signs(shot), signs(seen_from(shot, aside_m=0.55))
    assert half.sided > good.sided + 0.03
    assert half.shifted > good.shifted + 0.2
    assert half.middle > good.middle + 0.2
    assert half.seen < good.seen


def test_other_parts_in_the_picture_are_told(shot: Shot) -> None:
    """Of a whole body nothing is beside the part that is meant; of a head that is meant, most of it."""
    laid = registration_from_pose(shot.camera, shot.pose, shot.template, 20.0)
    head = framing_signs(prediction(shot), tissues(shot), laid, 0.0, VIEWS["head_anterior"], shot.template)
    assert signs(shot).others == pytest.approx(np.log(0.01))
    assert head.others > np.log(0.5)
    assert head.middle > signs(shot).middle + 0.2


def test_a_face_is_bare_or_not_wherever_the_body_lies(shot: Shot) -> None:
    """By what is seen of each pixel; a few of them tell nobody apart."""
    laid = registration_from_pose(shot.camera, shot.pose, shot.template, 20.0)
    middle = (np.array(FACE_LOW_M) + np.array(FACE_HIGH_M)) / 2
    for side, cover, bare in ((20, Tissue.INTACT, 1), (20, Tissue.DETACHED, 1), (20, Tissue.COVERED, 0), (1, 1, None)):
        answer, mask = prediction(shot), np.full(shot.image.faces.shape, Tissue.INTACT, np.uint8)
        answer.points[:side, :side], answer.body[:side, :side], mask[:side, :side] = middle, 1, cover
        found = framing_signs(answer, TissueMap.from_mask(mask), laid, 0.0, VIEW, shot.template)
        assert found.bare_face == bare


def test_doubt_comes_along(shot: Shot) -> None:
    """A view that could be another, and a body that lies badly, are signs too."""
    sure, unsure = signs(shot), signs(shot, rivalry=0.9, error_mm=90.0)
    assert unsure.doubted - sure.doubted == pytest.approx(np.log(90))
    assert unsure.error - sure.error == pytest.approx(np.log(4.5))


def test_bedding_without_skin_has_signs(shot: Shot) -> None:
    """Nothing is measured on nothing, and all of it is finite."""
    empty = replace(prediction(shot), body=np.zeros(shot.image.faces.shape, np.float32))
    laid = registration_from_pose(shot.camera, shot.pose, shot.template, 20.0)
    found = framing_signs(empty, tissues(shot), laid, 0.5, VIEW, shot.template)
    assert found.skin == found.seen == 0
    assert found.bare_face is None
    assert np.isfinite([getattr(found, sign) for sign in SIGNS]).all()
    assert framing_faults(found)


def test_a_strip_without_a_point_of_the_grid_shows_no_skin(shot: Shot) -> None:
    """So narrow a photograph is rejected, and its rejection asks for the skin in it."""
    strip = replace(prediction(shot), scale=1.0, offset=(0.0, -0.5))
    narrow = TissueMap.from_mask(np.ones((1, 1), np.uint8))
    assert not replace(strip, offset=(1e6, 1e6)).inside((1, 1)).any()
    assert skin_seen(replace(strip, offset=(1e6, 1e6)), narrow) == 0.0


def test_the_body_of_a_camera_within_it_has_signs(shot: Shot, front: Camera) -> None:
    """A fit that went wrong altogether says that the part does not fit into the picture."""
    inside = replace(front, position=np.array([0.0, 0.0, 1.2]))
    laid = registration_from_pose(inside, shot.pose, shot.template, 20.0)
    found = framing_signs(prediction(shot), tissues(shot), laid, 0.0, VIEW, shot.template)
    assert found.fill == pytest.approx(np.log(2))
