"""The outline of a body must be where rays begin to miss it."""

import numpy as np
import pytest
import trimesh

from reepi.body.camera import Camera
from reepi.body.rays import RayCaster
from reepi.body.silhouette import Silhouette, silhouette_of
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.surface import NO_FACE


@pytest.fixture(scope="module")
def template() -> BodyTemplate:
    return reference_template()


def camera_at(position: list[float], focal_px: float = 200.0) -> Camera:
    return Camera.looking_at(np.zeros(3), np.array(position), focal_px, (160, 200))


def neighbours_of(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Face across each edge, the slow way."""
    owner = {(int(f[k]), int(f[(k + 1) % 3])): i for i, f in enumerate(faces) for k in range(3)}
    return np.array([[owner.get((int(f[(k + 1) % 3]), int(f[k])), NO_FACE) for k in range(3)] for f in faces], np.int32)


def outline(mesh: trimesh.Trimesh, camera: Camera) -> Silhouette:
    vertices, faces = np.array(mesh.vertices), np.array(mesh.faces, np.int32)
    return silhouette_of(vertices, faces, neighbours_of(vertices, faces), camera)


def test_a_ball_has_a_round_outline_that_faces_outwards() -> None:
    """A ball of radius r at distance d has an outline of f r / sqrt(d² - r²) pixels."""
    camera = camera_at([0.0, -2.0, 0.0])
    found = outline(trimesh.creation.icosphere(4, 0.5), camera)
    from_centre = found.pixels - camera.centre
    radius = np.linalg.norm(from_centre, axis=1)
    np.testing.assert_allclose(radius, 200 * 0.5 / np.sqrt(4 - 0.25), rtol=0.01)
    assert (np.einsum("nd,nd->n", found.normals, from_centre / radius[:, None]) > 0.95).all()
    assert np.ptp(np.arctan2(*from_centre.T)) > 6.2


def test_points_of_the_outline_lie_on_the_surface_at_their_pixels() -> None:
    """Face and place give back pixel and depth, also on edges that run away from the camera."""
    box, camera = trimesh.creation.box((1, 1, 1)), camera_at([1.2, -1.6, 0.9])
    found = outline(box, camera)
    corners = np.array(box.vertices)[np.array(box.faces)[found.faces]]
    points = np.einsum("nc,ncd->nd", found.barycentric, corners)
    np.testing.assert_allclose(camera.project(points), found.pixels, atol=1e-9)
    np.testing.assert_allclose(camera.in_camera_axes(points)[:, 2], found.depth_m)
    assert len(found.pixels) > 50


def test_an_edge_before_the_body_is_no_outline() -> None:
    """A ball in front of the middle of a wall adds nothing; its outline falls on the wall."""
    wall = trimesh.creation.box((1.5, 0.1, 1.0))
    ball = trimesh.creation.icosphere(2, 0.1)
    ball.apply_translation([0, -0.4, 0])
    camera = camera_at([0.0, -2.5, 0.0])
    both = outline(trimesh.util.concatenate([wall, ball]), camera)
    assert len(both.pixels) == len(outline(wall, camera).pixels) > 0
    assert both.faces.max() < len(wall.faces)


def test_a_body_that_fills_the_picture_has_no_outline() -> None:
    """Nor does one behind the camera."""
    ball = trimesh.creation.icosphere(3, 0.5)
    assert len(outline(ball, camera_at([0.0, -0.6, 0.0])).pixels) == 0
    away = Camera(200.0, (160, 200), np.diag([1.0, -1.0, -1.0]), np.array([0.0, 0.0, -2.0]))
    assert len(outline(ball, away).pixels) == 0


@pytest.mark.parametrize("aspect", [1.0, -1.0])
def test_rays_miss_just_beyond_the_outline_of_the_body(template: BodyTemplate, aspect: float) -> None:
    """A pixel and a half outside there is nothing, the same way inside there is skin, but at a few sharp tips."""
    middle = template.vertices.mean(axis=0)
    camera = Camera.looking_at(middle, middle + np.array([0.3, -3.0 * aspect, 0.2]), 500.0, (420, 300))
    found = silhouette_of(template.vertices, template.faces, template.neighbours, camera)
    shown = RayCaster(template.vertices, template.faces).render(camera).faces != NO_FACE

    def share(pixels: np.ndarray) -> float:
        columns, rows = np.rint(pixels).astype(int).T
        return float(shown[rows, columns].mean())

    assert len(found.pixels) > 500
    assert share(found.pixels + 1.5 * found.normals) < 0.01
    assert share(found.pixels - 1.5 * found.normals) > 0.95


def test_neighbours_share_the_edge_between_them(template: BodyTemplate) -> None:
    """Across the edge from one corner to the next lies a face that has it the other way round."""
    faces, across = template.faces, template.neighbours
    assert across.shape == faces.shape
    for corner in range(3):
        whole = across[:, corner] != NO_FACE
        start, end = faces[whole, corner], faces[whole, (corner + 1) % 3]
        other = faces[across[whole, corner]]
        assert ((other == end[:, None]) & (np.roll(other, -1, axis=1) == start[:, None])).any(axis=1).all()
