"""What is seen in a photograph must land on the skin that showed it, with its true area."""

from dataclasses import replace

import numpy as np
import pytest
from doll import POSE, Shot, take
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate
from reepi.core.images import TissueMap
from reepi.core.surface import NO_FACE, Registration, SurfaceMap
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.mapping.fusion import fuse
from reepi.mapping.projection import LEAST_FACING, project_mask, project_onto_faces, skin_samples
from reepi.mapping.registration import registration_from_pose
from reepi.scoring.assessed import reading_doubt


def registered(shot: Shot, residual_mm: float = 3.0) -> Registration:
    return registration_from_pose(shot.camera, shot.pose, shot.template, residual_mm)


def painted(shot: Shot, chosen: np.ndarray) -> TissueMap:
    """True mask: detached on some faces, intact on the others, background beside the body."""
    mask = np.where(chosen[shot.image.faces], Tissue.DETACHED, Tissue.INTACT).astype(np.uint8)
    mask[shot.image.faces == NO_FACE] = Tissue.BACKGROUND
    return TissueMap.from_mask(mask)


def from_around(doll: BodyTemplate, focal_px: float = 300.0) -> list[Shot]:
    size = (int(focal_px), int(0.75 * focal_px))
    angles = np.arange(6) * np.pi / 3
    places = np.stack([2.8 * np.sin(angles), -2.8 * np.cos(angles), np.full(6, 1.1)], axis=1)
    return [take(doll, Camera.looking_at(np.array([0, 0, 0.9]), p, focal_px, size), POSE) for p in places]


def project(shot: Shot, chosen: np.ndarray) -> SurfaceMap:
    return project_onto_faces(registered(shot), painted(shot, chosen), shot.template)


def test_open_area_is_measured_on_the_body(doll: BodyTemplate) -> None:
    """The front of trunk and thighs, photographed from all sides, has the area that the doll has there."""
    front = np.cross(*(doll.vertices[doll.faces[:, i]] - doll.vertices[doll.faces[:, 0]] for i in (1, 2)))[:, 1] < 0
    surface = fuse([project(shot, front) for shot in from_around(doll)])
    shares = doll.shares("patient", 40)
    assert shares @ surface.open == pytest.approx(shares @ (front * surface.seen), abs=0.3)


def test_skin_that_is_not_surely_placed_is_not_seen(shot: Shot) -> None:
    """Its faces get nothing, and all others what they had."""
    whole, tissues = registered(shot), painted(shot, np.zeros(shot.template.n_faces, bool))
    cells = np.zeros((8, 6), bool)
    cells[:4] = True
    part = whole.without(cells)
    before, after = (project_onto_faces(each, tissues, shot.template) for each in (whole, part))
    below = np.isin(np.arange(shot.template.n_faces), part.drawn)
    above = np.isin(np.arange(shot.template.n_faces), whole.drawn) & ~below
    assert after.seen[above].max() < 0.2
    assert before.seen[above].mean() > 0.5
    inside = below & ~np.isin(np.arange(shot.template.n_faces), whole.drawn[:75])
    assert inside.any()
    np.testing.assert_array_equal(after.seen[inside], before.seen[inside])


def test_seen_skin_is_the_skin_that_rays_reach(shot: Shot) -> None:
    """In a picture six times as fine, faces that show well are seen, and faces that do not show are unseen."""
    surface = project(shot, np.zeros(shot.template.n_faces, bool))
    fine = take(shot.template, shot.camera.scaled((864, 648)), shot.pose).image
    shown = fine.faces != NO_FACE
    pixels = np.bincount(fine.faces[shown], minlength=shot.template.n_faces)
    facing = np.bincount(fine.faces[shown], fine.facing[shown], shot.template.n_faces) / np.maximum(pixels, 1)
    assert (surface.seen[(pixels > 100) & (facing > LEAST_FACING + 0.05)] > 0.3).all()
    assert not surface.seen[pixels == 0].any()
    assert not surface.seen[(pixels > 30) & (facing < LEAST_FACING - 0.05)].any()


def test_faces_smaller_than_a_pixel_are_no_holes(doll: BodyTemplate) -> None:
    """From far away, with less than a pixel a face, the skin that is seen stays the same."""
    direction = np.array([0.3, -1.0, 0.2])
    near = Camera.looking_at(np.array([0, 0, 0.9]), np.array([0, 0, 0.9]) + 30 * direction, 6000.0, (480, 360))
    far = near.scaled((24, 18))
    none = np.zeros(doll.n_faces, bool)
    large, small = (project(take(doll, camera, {}), none) for camera in (near, far))
    np.testing.assert_array_equal(small.seen, large.seen)


def test_a_sure_border_across_a_face_is_no_doubt(shot: Shot) -> None:
    """The left half of the picture is surely detached, the right surely intact; between them lie faces of both."""
    mask = np.full(shot.camera.size, Tissue.INTACT, np.uint8)
    mask[:, : shot.camera.size[1] // 2] = Tissue.DETACHED
    surface = project_onto_faces(registered(shot), TissueMap.from_mask(mask), shot.template)
    crossed = (surface.open > 0) & (surface.open < surface.seen)
    assert crossed.sum() > 5
    assert reading_doubt(surface).max() < 1e-4
    certain = project_mask(skin_samples(registered(shot), shot.template), mask)
    np.testing.assert_allclose(surface.variance, certain.variance, atol=1e-4)


def test_doubt_of_every_point_is_that_of_the_face(shot: Shot) -> None:
    """Where every point is detached with a probability of 0.3, so is the face, and nothing of that is a border."""
    probabilities = np.zeros((len(Tissue), *shot.camera.size), np.float32)
    probabilities[Tissue.DETACHED], probabilities[Tissue.INTACT] = 0.3, 0.7
    surface = project_onto_faces(registered(shot), TissueMap(probabilities), shot.template)
    assert not surface.variance.any()
    assert reading_doubt(surface)[surface.seen > 0, -1] == pytest.approx(0.21, abs=1e-5)


def test_shares_of_a_seen_face_add_up_to_one(shot: Shot) -> None:
    """Shares and beliefs are averaged over a face, and their sum stays one where anything was seen."""
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(len(Tissue)), shot.camera.size).transpose(2, 0, 1).astype(np.float32)
    surface = project_onto_faces(registered(shot), TissueMap(probabilities), shot.template)
    for shares in (surface.tissue, surface.belief):
        np.testing.assert_allclose(shares.sum(axis=1), surface.seen > 0, atol=1e-5)
        assert not shares[surface.seen == 0].any()
    assert not surface.residual_mm[surface.seen == 0].any()


def test_areas_follow_the_mask_and_doubt_the_probabilities(shot: Shot) -> None:
    """Skin that is rather intact than detached is painted intact, measured as intact, and believed to be less sure."""
    probabilities = np.zeros((len(Tissue), *shot.camera.size), np.float32)
    probabilities[Tissue.INTACT], probabilities[Tissue.DETACHED] = 0.6, 0.4
    surface = project_onto_faces(registered(shot), TissueMap(probabilities), shot.template)
    seen = surface.seen > 0
    np.testing.assert_allclose(surface.tissue[seen][:, Tissue.INTACT], 1)
    np.testing.assert_allclose(surface.belief[seen][:, Tissue.DETACHED], 0.4, atol=1e-6)


def test_skin_where_the_photograph_shows_none_is_background(shot: Shot) -> None:
    """A bed sheet over the body is not intact skin."""
    sheet = TissueMap.from_mask(np.zeros(shot.camera.size, np.uint8))
    surface = project_onto_faces(registered(shot), sheet, shot.template)
    np.testing.assert_allclose(surface.tissue[surface.seen > 0, Tissue.BACKGROUND], 1)


def test_pixels_that_nobody_labelled_show_nothing(shot: Shot) -> None:
    """Who labels half of a picture says of the rest neither that it is skin nor that it is none."""
    mask = np.full(shot.camera.size, Tissue.INTACT, np.uint8)
    samples = skin_samples(registered(shot), shot.template)
    whole = project_mask(samples, mask)
    mask[:, : shot.camera.size[1] // 2] = UNLABELLED
    half = project_mask(samples, mask)
    assert 0 < half.seen.sum() < whole.seen.sum()
    np.testing.assert_allclose(half.tissue[half.seen > 0, Tissue.INTACT], 1)
    assert not half.residual_mm[half.seen == 0].any()
    np.testing.assert_array_equal(half.residual_mm[half.seen > 0], whole.residual_mm[half.seen > 0])


def test_error_grows_with_the_angle_of_view(shot: Shot) -> None:
    """Skin seen at a steep angle is placed less surely; the registration's own error is the least there is."""
    surface = project_onto_faces(
        registered(shot, 5.0), painted(shot, np.zeros(shot.template.n_faces, bool)), shot.template
    )
    posed = shot.template.posed(rotations(shot.template, shot.pose))[shot.template.faces]
    normal = np.cross(posed[:, 1] - posed[:, 0], posed[:, 2] - posed[:, 0])
    sight = shot.camera.position - posed.mean(axis=1)
    facing = (normal * sight).sum(1) / np.linalg.norm(normal, axis=1) / np.linalg.norm(sight, axis=1)
    seen = surface.seen > 0
    assert (surface.residual_mm[seen] >= 5.0).all()
    assert surface.residual_mm[seen & (facing < 0.4)].min() > surface.residual_mm[seen & (facing > 0.9)].max()


@settings(max_examples=5)
@given(st.integers(0, 1000))
def test_splitting_the_skin_and_adding_gives_the_whole(shot: Shot, seed: int) -> None:
    """The open area of two separate halves adds up to that of both."""
    half = np.random.default_rng(seed).random(shot.template.n_faces) < 0.5
    areas = [shot.template.areas_cm2 @ project(shot, chosen).open for chosen in (half, ~half, half | ~half)]
    assert areas[0] + areas[1] == pytest.approx(areas[2], rel=1e-5)


def test_sizes_must_agree(shot: Shot) -> None:
    """A tissue map of another size belongs to another photograph."""
    with pytest.raises(ValueError, match="differ in size"):
        project_onto_faces(registered(shot), TissueMap.from_mask(np.zeros((5, 5), np.uint8)), shot.template)


def test_camera_inside_a_crowd_of_faces_is_no_error(shot: Shot) -> None:
    """Faces behind the camera are not seen, and nothing warns."""
    camera = replace(shot.camera, position=np.array([0.0, -0.3, 1.2]))
    near = replace(shot, camera=camera)
    surface = project_onto_faces(
        registration_from_pose(camera, near.pose, near.template, 1.0),
        TissueMap.from_mask(np.ones(camera.size, np.uint8)),
        near.template,
    )
    assert 0 < (surface.seen > 0).sum() < near.template.n_faces / 2
