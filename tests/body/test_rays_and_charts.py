"""Cameras project and rays hit where geometry says."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.body.camera import Camera, focal_px_of_full_frame
from reepi.body.charts import body_charts
from reepi.body.rays import RayCaster
from reepi.body.template import reference_template
from reepi.core.regions import REGIONS
from reepi.core.surface import NO_FACE

SQUARE = (np.array([[-1.0, 2, -1], [1, 2, -1], [1, 2, 1], [-1, 2, 1]]), np.array([[0, 1, 2], [0, 2, 3]], np.int32))
"""A square of side 2 m, upright, 2 m in front of the origin, its normal towards the origin."""


def front_camera(size: tuple[int, int] = (101, 101)) -> Camera:
    return Camera.looking_at(np.array([0.0, 2, 0]), np.zeros(3), 100.0, size)


def test_the_target_is_in_the_middle() -> None:
    """A camera shows its target at its principal point."""
    camera = Camera.looking_at(np.array([1.0, 2, 3]), np.array([-2.0, 0, 1]), 500.0, (480, 640), roll_rad=0.3)
    assert camera.project(np.array([[1.0, 2, 3]]))[0] == pytest.approx(camera.centre)


def test_up_is_up_and_left_is_left() -> None:
    """Seen along +y, a higher point lies higher in the picture and a point at larger x lies to the right."""
    camera = front_camera()
    high, right = camera.project(np.array([[0.0, 2, 0.5], [0.5, 2, 0]]))
    assert high == pytest.approx([50, 50 - 25])
    assert right == pytest.approx([50 + 25, 50])


def test_behind_the_camera_is_nowhere() -> None:
    """A point behind the camera has no pixel."""
    assert np.isnan(front_camera().project(np.array([[0.0, -1, 0]]))).all()


@given(x=st.floats(-0.9, 0.9), z=st.floats(-0.9, 0.9))
def test_rays_and_projection_are_inverse(x: float, z: float) -> None:
    """The ray of the pixel that shows a point passes that point within half a pixel."""
    camera = front_camera((401, 401))
    px, py = camera.project(np.array([[x, 2, z]]))[0]
    ray = camera.rays()[round(py), round(px)]
    assert ray * (2 / ray[1]) == pytest.approx([x, 2, z], abs=0.5 * 2 / 100 * 1.01)


def test_a_square_is_seen_as_large_as_it_is() -> None:
    """A square of 2 m at 2 m with 100 px focal length covers 100 x 100 px, at 2 m, seen head on in the middle."""
    seen = RayCaster(*SQUARE).render(front_camera((151, 151)))
    assert (seen.faces != NO_FACE).sum() == pytest.approx(100 * 100, rel=0.03)
    assert seen.distance_m[75, 75] == pytest.approx(2)
    assert seen.facing[75, 75] == pytest.approx(1)
    assert seen.facing[75, 75 + 49] == pytest.approx(2 / np.hypot(2, 0.98), abs=1e-3)


def test_barycentric_weights_give_the_place_back() -> None:
    """Corners weighted by the barycentric weights lie where the ray met the face."""
    camera = front_camera()
    vertices, faces = SQUARE
    seen = RayCaster(vertices, faces).render(camera)
    hit = seen.faces != NO_FACE
    points = np.einsum("nk,nkc->nc", seen.barycentric[hit], vertices[faces[seen.faces[hit]]])
    assert points == pytest.approx(camera.rays()[hit] * seen.distance_m[hit][:, None], abs=1e-5)


def test_scaling_the_picture_scales_the_pixels() -> None:
    """The same camera at double size shows a point at double the distance from the centre."""
    camera = front_camera((100, 100))
    point = np.array([[0.3, 2, -0.2]])
    from_centre = camera.project(point)[0] - camera.centre
    twice = camera.scaled((200, 200))
    assert twice.project(point)[0] - twice.centre == pytest.approx(2 * from_centre)


def test_a_camera_needs_a_focal_length() -> None:
    """A camera without positive focal length cannot exist."""
    with pytest.raises(ValueError, match="positive"):
        Camera(0.0, (10, 10), np.eye(3), np.zeros(3))


def test_full_frame_focal_length_is_of_the_long_side() -> None:
    """A 36 mm lens shows a picture as wide as it is far."""
    assert focal_px_of_full_frame(36, (600, 800)) == 800


def test_threads_may_cast_at_once() -> None:
    """The first rays of all, cast by several threads, meet what they meet one after the other."""
    template = reference_template()
    origins = np.random.default_rng(0).uniform((-0.5, -3.0, 0.0), (0.5, -3.0, 1.8), (8, 5_000, 3))
    directions = np.broadcast_to(np.array([0.0, 1.0, 0.0]), origins.shape[1:])

    def met(caster: RayCaster, hands: int) -> list[bytes]:
        with ThreadPoolExecutor(hands) as pool:
            return [faces.tobytes() for faces in pool.map(lambda part: caster.first_faces(part, directions), origins)]

    alone = met(RayCaster(template.vertices, template.faces), 1)
    assert len(set(alone)) == len(origins)
    assert met(RayCaster(template.vertices, template.faces), 8) == alone


def test_charts_show_the_sides_they_name() -> None:
    """The anterior chart shows the chest and not the back, the patient's left on the right of the chart."""
    charts = body_charts(reference_template(), pixel_m=0.01)
    index = {name: i for i, name in enumerate(REGIONS)}
    front, back = charts["anterior"].regions, charts["posterior"].regions
    assert (front == index["trunk_anterior"]).sum() > 20 * (back == index["trunk_anterior"]).sum()
    left_thigh = np.argwhere(front == index["thigh_left_anterior"])[:, 1].mean()
    assert left_thigh > front.shape[1] / 2
    assert (charts["left"].regions == index["thigh_right_posterior"]).sum() < 10


def test_charts_outline_the_body() -> None:
    """Going along a row of the chart, the outline is crossed where the body begins."""
    chart = body_charts(reference_template(), pixel_m=0.01)["anterior"]
    row = chart.faces.shape[0] // 3
    first = np.flatnonzero(chart.faces[row] != NO_FACE)[0]
    assert chart.outlines[row, first]
