"""Framing of a registered photograph: shares and scales follow from where the camera stands."""

import numpy as np
import pytest

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.surface import Registration
from reepi.core.tissue import Tissue
from reepi.core.views import VIEWS
from reepi.mapping.framing import bare_face, face_faces, framed, mm_per_px
from reepi.mapping.registration import registration_from_pose

VIEW = VIEWS["whole_anterior"]
FOCAL_PX = 400.0
SIZE = (400, 300)


def seen(body: BodyTemplate, away_m: float, height_m: float = 0.9, side_m: float = 0.0) -> Registration:
    """The body from the front, from so far away, with the camera held level."""
    target = np.array([side_m, 0.0, height_m])
    camera = Camera.looking_at(target, target + np.array([0.0, -away_m, 0.0]), FOCAL_PX, SIZE)
    return registration_from_pose(camera, {}, body, 5.0)


@pytest.fixture(scope="module")
def body() -> BodyTemplate:
    return reference_template()


def test_extent_follows_from_the_distance(body: BodyTemplate) -> None:
    """A man of 1.76 m at 3 m fills 1.76 / 3 of what 400 px at a focal length of 400 px show."""
    frame = framed(seen(body, 3.0), VIEW, body)
    assert frame is not None
    assert frame.inside == 1
    assert frame.fill == pytest.approx(1.76 / 3, rel=0.05)


def test_twice_as_near_is_twice_as_large(body: BodyTemplate) -> None:
    """And no longer fits."""
    far, near = framed(seen(body, 8.0), VIEW, body), framed(seen(body, 4.0), VIEW, body)
    assert far is not None
    assert near is not None
    assert near.fill == pytest.approx(2 * far.fill, rel=0.04)
    nearest = framed(seen(body, 1.2), VIEW, body)
    assert nearest is not None
    assert nearest.fill > 1
    assert nearest.inside < 1


def test_half_of_the_body_beside_the_picture(body: BodyTemplate) -> None:
    """With the body's middle at the picture's edge, half of its front is in the picture."""
    half_width_m = 3.0 * SIZE[1] / 2 / FOCAL_PX
    frame = framed(seen(body, 3.0, side_m=half_width_m), VIEW, body)
    assert frame is not None
    assert frame.inside == pytest.approx(0.5, abs=0.05)


def test_a_camera_within_the_body_frames_nothing(body: BodyTemplate) -> None:
    """There is no picture of what lies behind the camera."""
    assert framed(seen(body, 0.0001), VIEW, body) is None


def test_scale_is_distance_over_focal_length(body: BodyTemplate) -> None:
    """Three metres over 400 px are 7.5 mm per pixel, less the depth of the chest; nothing is told without skin."""
    found = mm_per_px(seen(body, 3.0), body)
    assert found == pytest.approx(7.5, rel=0.05)
    assert mm_per_px(seen(body, 3.0), body, near=(150, 100), share=0.2) == pytest.approx(7.5, rel=0.05)
    assert mm_per_px(seen(body, 3.0, height_m=9.0), body) is None


def test_the_face_is_the_front_of_the_head(body: BodyTemplate) -> None:
    """Between mouth and brows, about a percent of the body, and on the head."""
    face = face_faces(body)
    middle = body.vertices[body.faces[face]].mean(axis=(0, 1))
    assert 0.1 < 100 * body.areas_cm2[face].sum() / body.areas_cm2.sum() < 1.5
    assert middle[0] == pytest.approx(0, abs=0.005)
    assert middle[2] > 1.6


@pytest.mark.parametrize(("tissue", "share"), [(Tissue.INTACT, 1.0), (Tissue.COVERED, 0.0), (Tissue.BACKGROUND, 0.0)])
def test_bare_is_what_neither_cloth_nor_dressing_hides(body: BodyTemplate, tissue: Tissue, share: float) -> None:
    """A face under a towel or a dressing is covered."""
    near = seen(body, 1.0, height_m=1.6)
    assert bare_face(near, np.full(SIZE, tissue, np.uint8), body) == share


def test_a_small_or_hidden_face_tells_nobody(body: BodyTemplate) -> None:
    """From ten metres, or from the neck down, there is no face."""
    mask = np.full(SIZE, Tissue.INTACT, np.uint8)
    assert bare_face(seen(body, 10.0), mask, body) is None
    assert bare_face(seen(body, 1.0, height_m=0.9), mask, body) is None
