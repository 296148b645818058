"""Where the eyes are in a registered photograph."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph
from reepi.core.surface import Registration
from reepi.core.views import VIEWS
from reepi.mapping import eyes
from reepi.mapping.eyes import EYE_M, MARGIN_MM, MARGIN_SHARE, eye_pixels, hidden_faces
from reepi.mapping.registration import registration_from_pose


@pytest.fixture(scope="module")
def body() -> BodyTemplate:
    return reference_template()


def eyes_middle(body: BodyTemplate) -> np.ndarray:
    """Return the middle between the eyeballs of a body [m]."""
    centres = body.canonical[body.faces].mean(axis=1)
    centres[:, 0] = np.abs(centres[:, 0])
    return body.vertices[body.faces].mean(axis=1)[np.linalg.norm(centres - np.array(EYE_M), axis=1) < 0.02].mean(axis=0)


@pytest.fixture(scope="module")
def seen_from(body: BodyTemplate) -> Callable[..., Registration]:
    """Register a photograph of the head, 600 high and 400 wide, 1 px to the millimetre, from a side."""

    def _seen(side: tuple[float, float], above_m: float = 0.0, residual_mm: float = 0.0) -> Registration:
        target = eyes_middle(body) + np.array([0.0, 0.05, above_m])
        camera = Camera.looking_at(target, target + np.array([*side, 0.0]), 1000.0, (600, 400))
        return registration_from_pose(camera, {}, body, residual_mm)

    return _seen


FRONT, BEHIND, LEFT = (0.0, -1.0), (0.0, 1.0), (1.0, 0.0)


def test_both_eyes_are_hidden_from_the_front(body: BodyTemplate, seen_from: Callable[..., Registration]) -> None:
    """The pixels of both eyeballs are hidden; mouth, forehead and shoulders are not; one piece, wider than high."""
    mask = eye_pixels(seen_from(FRONT), body)
    for x in (200 - 33, 200 + 33):
        assert mask[290:311, x - 12 : x + 12].all()
    assert not mask[370:].any()
    assert not mask[:230].any()
    rows, columns = np.nonzero(mask)
    assert np.ptp(columns) > np.ptp(rows)


def test_a_profile_is_hidden_and_the_back_of_a_head_is_not(
    body: BodyTemplate, seen_from: Callable[..., Registration]
) -> None:
    """Where the head looks away, no skin is lost."""
    assert eye_pixels(seen_from(LEFT), body).any()
    assert not eye_pixels(seen_from(BEHIND), body).any()


def test_the_margin_grows_with_the_error(body: BodyTemplate, seen_from: Callable[..., Registration]) -> None:
    """A place that is less certain hides more, on all sides."""
    sure, unsure = (eye_pixels(seen_from(FRONT, residual_mm=error), body) for error in (0.0, 30.0))
    assert (unsure | sure == unsure).all()
    gained = np.ptp(np.nonzero(unsure)[0]) - np.ptp(np.nonzero(sure)[0])
    assert gained == pytest.approx(2 * 0.6 * 30 * 1000 / 1000, abs=6)
    assert np.ptp(np.nonzero(sure)[0]) > 2 * (MARGIN_MM + MARGIN_SHARE * 600)


def test_eyes_beside_the_picture_reach_into_it(body: BodyTemplate, seen_from: Callable[..., Registration]) -> None:
    """Eyes just above the upper edge are hidden along it; far above it, nothing is."""
    near = eye_pixels(seen_from(FRONT, above_m=-0.31, residual_mm=15.0), body)
    assert near[0].any()
    assert not near[80:].any()
    assert not eye_pixels(seen_from(FRONT, above_m=-0.6), body).any()


def test_a_head_that_is_cut_off_hides_more(
    body: BodyTemplate, seen_from: Callable[..., Registration], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of its place hardly anything tells; whose eyes lie within the picture is hidden as before."""
    cut, whole = seen_from(FRONT, above_m=-0.31), seen_from(FRONT)
    wide, usual = eye_pixels(cut, body), eye_pixels(whole, body)
    monkeypatch.setattr(eyes, "BESIDE_MM", 0.0)
    assert wide.sum() > 2 * eye_pixels(cut, body).sum()
    np.testing.assert_array_equal(eye_pixels(whole, body), usual)


def test_the_face_holds_the_eyes(body: BodyTemplate, seen_from: Callable[..., Registration]) -> None:
    """The whole face is more than its eyes, with mouth and chin, and the template's faces say the same."""
    registration = seen_from(FRONT)
    eyes, face = eye_pixels(registration, body), eye_pixels(registration, body, "face")
    assert (face[eyes]).all()
    assert face[365, 200]
    assert (hidden_faces(body, "face")[hidden_faces(body, "eyes")]).all()


@pytest.mark.parametrize(
    ("view", "code", "hides"),
    [
        ("trunk_left", "not_registered", True),
        ("arm_left_posterior", "not_registered", True),
        ("hand_right_dorsal", "not_registered", True),
        ("leg_left_anterior", "not_registered", False),
        ("pelvis_anterior", "not_registered", False),
        ("leg_left_anterior", "wrong_view", True),
        ("leg_left_anterior", "refused_by_reader", True),
    ],
)
def test_what_has_no_place_is_hidden_whole_if_it_may_show_a_face(
    body: BodyTemplate, view: str, code: str, hides: bool
) -> None:
    """Arms are lifted before faces; and whose view is wrong, or whose place a reader refused, may show anything."""
    photograph = Photograph(np.zeros((8, 6, 3), np.uint8), (8, 6))
    hidden = eyes.hidden_pixels(photograph, VIEWS[view], PhotographRejected(code, "why"), body)
    assert hidden.shape == (8, 6)
    assert hidden.all() == hidden.any() == hides


def test_a_registration_without_camera_is_refused(body: BodyTemplate, seen_from: Callable[..., Registration]) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="camera"):
        eye_pixels(replace(seen_from(FRONT), camera={}), body)
