"""The rim of the body must be drawn to the edge of the skin, and only there."""

from dataclasses import replace

import numpy as np
import pytest
from doll import MEASURES, POSE, Shot, build_doll, take

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences
from reepi.core.surface import NO_FACE
from reepi.core.views import VIEWS
from reepi.mapping.correspondences import evenly_spread, from_canonical_points
from reepi.mapping.fit import fit_body, refined_on_outline
from reepi.mapping.outline import edges_of, outline_of, skin_edges

VIEW = VIEWS["whole_anterior"]


@pytest.fixture(scope="module")
def large(doll: BodyTemplate, front: Camera) -> Shot:
    """The doll in a picture large enough that its edges are sharp on the skin."""
    return take(doll, front.scaled((288, 216)), POSE)


def skin_of(shot: Shot) -> np.ndarray:
    return (shot.image.faces != NO_FACE).astype(np.float32)


def some(every: Correspondences) -> Correspondences:
    return every.part(evenly_spread(every.pixels, np.zeros(len(every)), 250))


def pose_of(shot: Shot) -> dict[str, tuple[float, float, float]]:
    return {name: (float(v[0]), float(v[1]), float(v[2])) for name, v in shot.pose.items()}


def shifted(every: Correspondences, doll: BodyTemplate, shift: np.ndarray) -> Correspondences:
    """All points wrong in the same way, as a network errs: nothing in them gives the error away."""
    points = np.einsum("nc,ncd->nd", every.barycentric, doll.canonical[doll.faces[every.faces]].astype(float))
    n = len(points)
    return from_canonical_points(every.pixels, points + shift, np.full(n, 0.05), np.ones(n), doll)


def overlap(skin: np.ndarray, found: np.ndarray) -> float:
    """Intersection over union."""
    return float((skin & found).sum() / (skin | found).sum())


def test_edges_of_a_disc_point_outwards() -> None:
    """They lie on its circle, with the radius as their normal."""
    y, x = np.mgrid[-50:51, -50:51]
    edges = edges_of((np.hypot(x, y) < 30).astype(np.float32))
    outwards = edges.pixels - 50
    radius = np.linalg.norm(outwards, axis=1)
    np.testing.assert_allclose(radius, 30, atol=0.75)
    assert (np.einsum("ij,ij->i", edges.normals, outwards / radius[:, None]) > 0.97).all()


def test_a_soft_edge_is_found_between_its_pixels() -> None:
    """A share that falls from one to nothing over some columns passes one half where it is linear to do so."""
    columns = np.arange(60, dtype=np.float32)
    share = np.tile(np.clip((30.3 - columns) / 8 + 0.5, 0, 1), (40, 1))
    np.testing.assert_allclose(edges_of(share).pixels[:, 0], 30.3, atol=1e-4)


def test_where_the_picture_ends_is_no_edge() -> None:
    """Skin that fills the picture has no outline."""
    assert len(edges_of(np.ones((40, 40), np.float32)).pixels) == 0


def test_the_true_rim_stays_where_it_is(large: Shot) -> None:
    """Rim points of the right body are drawn by less than two pixels."""
    every = large.correspondences
    outline = outline_of(skin_edges(skin_of(large)), large.camera, pose_of(large), every, large.template, 0.1)
    assert len(outline.points) > 80
    np.testing.assert_allclose(np.linalg.norm(outline.normals, axis=1), 1)
    columns, rows = np.rint(outline.points.pixels).astype(int).T
    near = [
        (large.image.faces[r - 2 : r + 3, c - 2 : c + 3] != NO_FACE).any() for r, c in zip(rows, columns, strict=True)
    ]
    assert all(near)


def test_the_outline_mends_what_the_points_cannot_know(large: Shot, doll: BodyTemplate) -> None:
    """Points that are all three centimetres too far left are brought back by the body's edges."""
    wrong = shifted(some(large.correspondences), doll, np.array([0.03, 0.0, 0.0]))
    rough = fit_body(wrong, VIEW, doll, large.camera.size)
    fine = refined_on_outline(rough, wrong, skin_edges(skin_of(large)), doll)
    skin = skin_of(large) > 0
    before, after = (
        overlap(skin, take(doll, fit.camera, {n: np.array(v) for n, v in fit.pose.items()}).image.faces != NO_FACE)
        for fit in (rough, fine)
    )
    assert before < 0.88
    assert after > 0.97


def test_a_body_of_other_girths_is_measured_on_its_outline(front: Camera) -> None:
    """Edges tell a stout doll from the template, and lie on its rim; points alone do not."""
    measured = build_doll(measures=MEASURES)
    stout = take(measured, front.scaled((288, 216)), POSE, {"stout": 1.5})
    given = some(stout.correspondences)
    noisy = shifted(given, measured, np.random.default_rng(2).normal(0, 0.015, (len(given), 3)))
    rough = fit_body(noisy, VIEW, measured, stout.camera.size)
    fine = refined_on_outline(rough, noisy, skin_edges(skin_of(stout)), measured)
    plain = refined_on_outline(rough, noisy, skin_edges(skin_of(stout)), build_doll())
    assert rough.measures == plain.measures == {}
    assert fine.measures["stout"] == pytest.approx(1.5, abs=0.3)
    assert "aside" not in fine.measures
    skin = skin_of(stout) > 0
    found, template = (
        take(measured, fit.camera, {n: np.array(v) for n, v in fit.pose.items()}, fit.measures) for fit in (fine, plain)
    )
    assert overlap(skin, found.image.faces != NO_FACE) > 0.97
    assert overlap(skin, template.image.faces != NO_FACE) < 0.96


def test_a_photograph_without_edges_keeps_its_fit(large: Shot) -> None:
    """Skin from border to border, or none: the points alone decide."""
    given = some(large.correspondences)
    fit = fit_body(given, VIEW, large.template, large.camera.size)
    for skin in (np.ones(large.camera.size, np.float32), np.zeros(large.camera.size, np.float32)):
        same = refined_on_outline(fit, given, skin_edges(skin), large.template)
        np.testing.assert_allclose(same.camera.position, fit.camera.position, atol=0.01)
        assert same.quality.n_correspondences == fit.quality.n_correspondences


def test_limbs_that_the_photograph_does_not_show_are_not_drawn(large: Shot) -> None:
    """Their pose is a guess, so their rim tells nothing."""
    every = large.correspondences
    centre = large.template.vertices[large.template.faces].mean(axis=1)
    legs = every.part(centre[every.faces][:, 2] < 0.6)
    outline = outline_of(skin_edges(skin_of(large)), large.camera, pose_of(large), legs, large.template, 0.1)
    assert len(outline.points) > 20
    assert centre[outline.points.faces][:, 2].max() < 0.75


def test_a_rim_point_is_not_drawn_across_the_body(large: Shot) -> None:
    """With the body far from the skin, no edge is within reach."""
    away = replace(large.camera, position=large.camera.position + np.array([1.5, 0, 0]))
    outline = outline_of(skin_edges(skin_of(large)), away, pose_of(large), large.correspondences, large.template, 0.02)
    assert len(outline.points) < 20


def test_a_body_that_stands_beside_the_skin_has_its_rim_off_the_edge(large: Shot) -> None:
    """In its place nearly all of the rim lies on an edge, three centimetres beside it only what runs along."""
    every, edges = large.correspondences, skin_edges(skin_of(large))
    beside = replace(large.camera, position=large.camera.position + large.camera.rotation.T @ [0.03, 0.03, 0.0])
    there, away = (
        outline_of(edges, camera, pose_of(large), every, large.template, 0.1).on_edge
        for camera in (large.camera, beside)
    )
    assert there > 0.95
    assert away < 0.3


@pytest.mark.parametrize(("skin", "on_edge"), [("all", 1.0), ("half", 0.0)])
def test_a_body_that_fills_the_picture_wants_skin_without_an_edge(large: Shot, skin: str, on_edge: float) -> None:
    """It has no rim there that could lie on one."""
    near = Camera.looking_at(np.array([0, 0, 1.2]), np.array([0.4, -2.5, 1.2]), 6000.0, (288, 216), 0.1)
    share = np.ones(near.size, np.float32)
    if skin == "half":
        share[:, : near.size[1] // 2] = 0
    outline = outline_of(skin_edges(share), near, pose_of(large), large.correspondences, large.template, 0.1)
    assert len(outline.points) == 0
    assert outline.on_edge == on_edge
