"""Skin of an earlier day is found again where the pictures show it, not where the later registration guessed it."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.images import Photograph, Pixels
from reepi.core.surface import NO_FACE, Registration
from reepi.core.tissue import Tissue
from reepi.mapping.earlier import RegisteredPhotograph, correspondences_from_earlier
from reepi.mapping.registration import registration_from_pose

SHIFT_PX = 14
"""By how much the later picture is moved against its registration [px]; about two centimetres of skin."""


@pytest.fixture(scope="module")
def body() -> BodyTemplate:
    """A body with faces of half a centimetre; the doll's are as large as hands."""
    return reference_template()


@pytest.fixture(scope="module")
def near() -> Camera:
    """A metre and a half before the chest."""
    return Camera.looking_at(np.array([0, 0, 1.25]), np.array([0.1, -1.5, 1.25]), 1000.0, (480, 360))


@pytest.fixture(scope="module")
def place(body: BodyTemplate, near: Camera) -> Registration:
    return registration_from_pose(near, {}, body, 10.0)


@pytest.fixture(scope="module")
def skin(near: Camera) -> Pixels:
    """Mottled skin."""
    noise = np.random.default_rng(3).normal(0, 1, (*near.size, 3)).astype(np.float32)
    mottled = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.clip(170 + 20 * mottled / mottled.std(), 0, 255).astype(np.uint8)


def registered(pixels: Pixels, mask: npt.NDArray[np.uint8], place: Registration) -> RegisteredPhotograph:
    return RegisteredPhotograph(Photograph(pixels, pixels.shape[:2]), mask, place)


def mask_of(place: Registration, tissue: Tissue) -> npt.NDArray[np.uint8]:
    return np.where(place.faces == NO_FACE, Tissue.BACKGROUND, tissue).astype(np.uint8)


def test_skin_that_moved_in_the_picture_keeps_its_place_on_the_body(
    body: BodyTemplate, near: Camera, place: Registration, skin: Pixels
) -> None:
    """The later picture is shifted; its pixels get the faces that the earlier one had fourteen pixels to the left."""
    mask = mask_of(place, Tissue.INTACT)
    later = registered(np.roll(skin, SHIFT_PX, axis=1), mask, place)
    found = correspondences_from_earlier(later, registered(skin, mask, place), body)
    assert found is not None
    assert found.source == "earlier_day"
    expected = near.project(body.vertices[body.faces[found.faces]].mean(axis=1)) + np.array([SHIFT_PX, 0])
    assert np.median(np.linalg.norm(found.pixels - expected, axis=1)) < 6
    assert (np.abs((found.pixels - expected).mean(axis=0)) < 3).all()


def test_other_skin_is_not_taken_for_the_same(body: BodyTemplate, place: Registration, skin: Pixels) -> None:
    """Mottles of another person are found nowhere, or in places that do not agree."""
    mask = mask_of(place, Tissue.INTACT)
    other = np.ascontiguousarray(skin[::-1, ::-1])
    assert correspondences_from_earlier(registered(other, mask, place), registered(skin, mask, place), body) is None


def test_lesions_say_nothing_of_the_place(body: BodyTemplate, place: Registration, skin: Pixels) -> None:
    """Open skin changes from day to day: alike or not, it is not used."""
    calm, sore = mask_of(place, Tissue.INTACT), mask_of(place, Tissue.DETACHED)
    assert correspondences_from_earlier(registered(skin, sore, place), registered(skin, calm, place), body) is None
    assert correspondences_from_earlier(registered(skin, calm, place), registered(skin, sore, place), body) is None


def test_what_shows_no_body_gives_nothing(body: BodyTemplate, place: Registration, skin: Pixels) -> None:
    """A registration without a face has no scale."""
    mask = mask_of(place, Tissue.INTACT)
    empty = replace(place, drawn=np.full_like(place.drawn, NO_FACE))
    assert correspondences_from_earlier(registered(skin, mask, empty), registered(skin, mask, place), body) is None


def test_skin_in_the_middle_of_a_large_picture_is_found(body: BodyTemplate, near: Camera, skin: Pixels) -> None:
    """Only the window around the body is looked at; what is found is counted from the picture's corner all the same."""
    aside = Camera(near.focal_px, (960, 1080), near.rotation, near.position)
    top, left = 240, 360
    whole = np.full((960, 1080, 3), 90, np.uint8)
    whole[top : top + 480, left : left + 360] = skin
    moved = np.roll(whole, SHIFT_PX, axis=1)
    place = registration_from_pose(aside, {}, body, 10.0)
    mask = np.full(place.faces.shape, Tissue.INTACT, np.uint8)
    found = correspondences_from_earlier(registered(moved, mask, place), registered(whole, mask, place), body)
    assert found is not None
    camera_places = aside.project(body.vertices[body.faces[found.faces]].mean(axis=1))
    assert np.median(found.pixels - camera_places, axis=0) == pytest.approx([SHIFT_PX, 0], abs=2)
