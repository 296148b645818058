"""A picture of a surface shows what rays through its pixels meet."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from reepi.body.camera import Camera
from reepi.body.face_image import face_image, faces_towards
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.surface import NO_FACE

BODY_CAMERA = Camera.looking_at(np.array([0.0, 0, 1.0]), np.array([0.6, -2.4, 1.3]), 330.0, (256, 192), roll_rad=0.1)
"""Sees the reference body from the front and a little from the left."""

NEAR_CAMERA = Camera.looking_at(np.array([0.0, -0.1, 1.6]), np.array([0.1, -0.6, 1.6]), 250.0, (256, 192))
"""Sees the head from so near that most of the body is beside the picture, some of it behind."""


@pytest.fixture(scope="module")
def body() -> BodyTemplate:
    return reference_template()


def two_squares() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32]]:
    """Return a square of side 2 m at a distance of 4 m, and one of side 1 m before the left half of it, at 2 m."""
    far = np.array([[-1.0, 4, -1], [1, 4, -1], [1, 4, 1], [-1, 4, 1]])
    near = np.array([[-0.5, 2, -0.5], [0, 2, -0.5], [0, 2, 0.5], [-0.5, 2, 0.5]])
    return np.vstack([far, near]), np.array([[0, 1, 2], [0, 2, 3], [4, 5, 6], [4, 6, 7]], np.int32)


@pytest.mark.parametrize("camera", [BODY_CAMERA, NEAR_CAMERA], ids=["whole", "near"])
def test_a_pixel_shows_the_face_that_its_ray_meets_first(body: BodyTemplate, camera: Camera) -> None:
    """But for a few pixels whose centres lie on an edge, the picture is that of one ray through each centre."""
    rays = camera.rays().reshape(-1, 3)
    met = RayCaster(body.vertices, body.faces).first_faces(camera.position, rays).reshape(camera.size)
    shown = face_image(body.vertices, body.faces, camera).faces
    assert (shown != NO_FACE).mean() > 0.1
    assert (shown != met).sum() <= 5


def test_the_nearer_surface_hides_the_farther() -> None:
    """Where two squares lie behind each other, the near one is shown, whichever comes first in the list."""
    vertices, faces = two_squares()
    camera = Camera.looking_at(np.array([0.0, 2, 0]), np.zeros(3), 100.0, (101, 101))
    for order in (np.arange(4), np.array([2, 3, 0, 1])):
        shown = face_image(vertices, faces[order], camera)
        assert order[shown.faces[50, 40]] in (2, 3)
        assert order[shown.faces[50, 60]] in (0, 1)
        assert shown.distance_m[50, 50 + 20] == pytest.approx(np.hypot(4, 4 * 20 / 100))


def test_a_face_that_looks_away_is_not_there() -> None:
    """A square seen from behind is not in the picture, and an empty picture has no distances."""
    vertices, faces = two_squares()
    camera = Camera.looking_at(np.array([0.0, 2, 0]), np.array([0.0, 6, 0]), 100.0, (11, 15))
    seen = face_image(vertices, faces, camera)
    assert (seen.faces == NO_FACE).all()
    assert not seen.distance_m.any()
    assert not seen.facing.any()
    assert seen.barycentric.shape == (11, 15, 3)


def test_only_faces_in_the_picture_are_drawn(body: BodyTemplate) -> None:
    """Faces beside the picture are left out beforehand, and none that it shows is among them."""
    local = NEAR_CAMERA.in_camera_axes(body.vertices)
    towards = faces_towards(local, body.faces, NEAR_CAMERA)
    shown = face_image(body.vertices, body.faces, NEAR_CAMERA).faces
    assert len(towards) < 0.4 * body.n_faces
    assert np.isin(shown[shown != NO_FACE], towards).all()


def test_a_part_lets_nothing_behind_it_come_forth() -> None:
    """Leaving out the near square leaves a hole where it was, not the far one."""
    vertices, faces = two_squares()
    camera = Camera.looking_at(np.array([0.0, 2, 0]), np.zeros(3), 100.0, (101, 101))
    whole = face_image(vertices, faces, camera)
    part = whole.part(np.array([True, True, False, False]))
    assert part.faces[50, 40] == NO_FACE
    assert part.distance_m[50, 40] == 0
    assert np.array_equal(part.faces[:, 55:], whole.faces[:, 55:])


def test_the_picture_does_not_depend_on_the_number_of_threads(body: BodyTemplate) -> None:
    """One thread and four draw the same picture."""
    before = cv2.getNumThreads()
    try:
        pictures = []
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            pictures.append(face_image(body.vertices, body.faces, BODY_CAMERA.scaled((1024, 768))).faces)
    finally:
        cv2.setNumThreads(before)
    assert np.array_equal(*pictures)
