"""A rendered photograph agrees with its truth."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from reepi.body.articulation import ARTICULATIONS, limit_rad
from reepi.body.framed import target_faces, view_faces
from reepi.core.surface import NO_FACE
from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES, VIEWS
from reepi.phantom.families import draw_skin
from reepi.phantom.framing import Framing, frame
from reepi.phantom.looks import FITZPATRICK_SRGB, linear
from reepi.phantom.patients import PhantomPatient, on_day
from reepi.phantom.poses import draw_pose
from reepi.phantom.rendering import RenderedPhotograph, render_photograph
from reepi.phantom.scene import MINIMUM_SEEN, draw_scene, posed_body, seen_share

Take = Callable[..., RenderedPhotograph]


def test_mask_is_background_exactly_where_there_is_no_face(photograph: Take) -> None:
    """Bare, hairy or dressed skin has a face; everything else has none and is background."""
    taken = photograph("trunk_anterior", dressings=6)
    np.testing.assert_array_equal(taken.mask == Tissue.BACKGROUND, taken.faces == NO_FACE)


def test_mask_is_the_course_at_the_pixel(photograph: Take, phantom: PhantomPatient) -> None:
    """Where nothing covers skin, a pixel's tissue is among those that the course has on its face."""
    taken = photograph("trunk_posterior")
    bare = (taken.faces != NO_FACE) & (taken.mask != Tissue.COVERED)
    corners = phantom.template.canonical[phantom.template.faces[taken.faces[bare]]]
    centre = phantom.course.state(corners.mean(axis=1), 5).tissue
    assert (centre == taken.mask[bare]).mean() > 0.8


@pytest.mark.parametrize("view", VIEW_NAMES)
def test_view_shows_the_declared_surface(phantom: PhantomPatient, framing: Framing, view: str) -> None:
    """Every declared surface is turned to the camera and mostly unhidden."""
    rng = np.random.default_rng(2)
    pose = draw_pose(rng, phantom.template, VIEWS[view])
    body = posed_body(phantom.template, pose)
    camera = frame(phantom.template, body.vertices, VIEWS[view], framing)
    assert seen_share(phantom.template, body, camera, VIEWS[view]) >= MINIMUM_SEEN


def test_camera_and_pose_reproduce_the_face_map(photograph: Take, phantom: PhantomPatient) -> None:
    """The stored camera and pose are those of the picture."""
    taken = photograph("arm_left_anterior")
    again = posed_body(phantom.template, taken.pose).caster.render(taken.camera).faces
    seen = taken.faces != NO_FACE
    np.testing.assert_array_equal(again[seen], taken.faces[seen])


def test_same_seed_same_photograph(photograph: Take) -> None:
    """Chance comes from the generator alone."""
    one, two = photograph("hand_right_palmar", seed=4), photograph("hand_right_palmar", seed=4)
    np.testing.assert_array_equal(one.pixels, two.pixels)
    assert not np.array_equal(one.pixels, photograph("hand_right_palmar", seed=5).pixels)


def test_hair_and_dressings_are_covered(phantom: PhantomPatient, photograph: Take) -> None:
    """More dressings hide more skin, and never turn it into background."""
    bare, dressed = photograph("trunk_anterior"), photograph("trunk_anterior", dressings=40)
    assert (dressed.mask == Tissue.COVERED).sum() > (bare.mask == Tissue.COVERED).sum()


def test_clothes_are_background(phantom: PhantomPatient, framing: Framing) -> None:
    """Cloth is no dressing: it has no face."""
    rng = np.random.default_rng(6)
    clothed = on_day(phantom, 3, rng, 0, clothed=True)
    scene = draw_scene(rng, phantom.template, "pelvis_anterior", framing, tidy=True)
    worn = render_photograph(clothed, scene, np.random.default_rng(0))
    bare = render_photograph(replace(clothed, clothes=None), scene, np.random.default_rng(0))
    assert (worn.mask == Tissue.BACKGROUND).sum() > (bare.mask == Tissue.BACKGROUND).sum()


def test_poses_stay_within_limits(phantom: PhantomPatient) -> None:
    """No articulation turns further than it can."""
    for seed in range(20):
        view = VIEWS[VIEW_NAMES[seed]]
        for name, vector in draw_pose(np.random.default_rng(seed), phantom.template, view).items():
            assert name in ARTICULATIONS
            assert np.linalg.norm(vector) <= limit_rad(name) + 1e-9


def test_target_of_a_view_belongs_to_its_part(phantom: PhantomPatient) -> None:
    """The declared surface is part of what is framed, and never empty."""
    for view in VIEWS.values():
        part, target = view_faces(phantom.template, view), target_faces(phantom.template, view)
        assert target.any()
        assert not (target & ~part).any()


def test_skin_darkens_from_type_one_to_six() -> None:
    """Fitzpatrick types are ordered by lightness."""
    assert (np.diff(FITZPATRICK_SRGB.sum(axis=1)) < 0).all()
    light, dark = (np.mean([draw_skin(np.random.default_rng(s), kind).base for s in range(20)]) for kind in (0, 5))
    assert light > 3 * dark


def test_linear_light_is_srgb_decoded() -> None:
    """Middle grey 188 of sRGB is half the light (IEC 61966-2-1)."""
    np.testing.assert_allclose(linear([0, 188, 255]), [0, 0.503, 1], atol=2e-3)
