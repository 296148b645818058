"""Correspondences: nearest points, true ones, and an even choice of them."""

import numpy as np
import pytest
from doll import Shot
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.body.articulation import rotations
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences
from reepi.mapping.correspondences import (
    evenly_spread,
    from_canonical_points,
    nearest_on_template,
    nearest_on_triangles,
)


def on_canonical(doll: BodyTemplate, faces: np.ndarray, barycentric: np.ndarray) -> np.ndarray:
    return np.einsum("nc,ncd->nd", barycentric, doll.canonical[doll.faces[faces]].astype(float))


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_no_point_of_a_triangle_is_nearer_than_the_nearest(seed: int) -> None:
    """Compared with a fine net of points on the triangle, which includes its edges and corners."""
    rng = np.random.default_rng(seed)
    corners, point = rng.normal(size=(3, 3)), 2 * rng.normal(size=3)
    weights = nearest_on_triangles(point[None], corners[None])[0]
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    net = np.array([(i, j, 40 - i - j) for i in range(41) for j in range(41 - i)]) / 40
    assert np.linalg.norm(weights @ corners - point) <= np.linalg.norm(net @ corners - point, axis=1).min() + 1e-9


def test_a_point_of_the_body_is_its_own_nearest(doll: BodyTemplate) -> None:
    """Points on the surface come back where they are, at no distance."""
    rng = np.random.default_rng(0)
    points = on_canonical(doll, rng.integers(0, doll.n_faces, 200), rng.dirichlet([1, 1, 1], 200))
    faces, barycentric, distance = nearest_on_template(points, doll)
    np.testing.assert_allclose(distance, 0, atol=1e-7)
    np.testing.assert_allclose(on_canonical(doll, faces, barycentric), points, atol=1e-7)


def test_a_point_off_the_body_is_less_sure(doll: BodyTemplate) -> None:
    """The distance from the body is added to the expected error, as independent errors add."""
    forward = np.array([[0, -0.15 - 0.04, 1.2]])
    found = from_canonical_points(np.zeros((1, 2)), forward, np.array([0.03]), np.ones(1), doll)
    _, _, distance = nearest_on_template(forward, doll)
    assert distance[0] == pytest.approx(0.04, abs=0.006)
    assert found.sigma_m[0] == pytest.approx(np.hypot(0.03, distance[0]))


def test_true_correspondences_fall_on_their_pixels(shot: Shot) -> None:
    """The point that a pixel is said to show is seen at that pixel."""
    every = shot.correspondences
    posed = shot.template.posed(rotations(shot.template, shot.pose))
    points = np.einsum("nc,ncd->nd", every.barycentric, posed[shot.template.faces[every.faces]])
    np.testing.assert_allclose(shot.camera.project(points), every.pixels, atol=0.01)


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(20, 400))
def test_even_choice_keeps_about_as_many_and_the_best_of_each_place(seed: int, wanted: int) -> None:
    """The best pixel of all is always kept, none twice, and the number is near the one asked for."""
    rng = np.random.default_rng(seed)
    pixels, quality = rng.uniform(0, 200, (1500, 2)), rng.random(1500)
    kept = evenly_spread(pixels, quality, wanted)
    # Square cells on a square picture come as four by four and then as five by five, of m² as many as 2 m + 1 apart.
    assert abs(len(kept) - wanted) <= max(0.2 * wanted, 2 * np.sqrt(wanted) + 1)
    assert len(set(kept)) == len(kept)
    assert quality.argmax() in kept
    assert quality[kept].mean() > quality.mean()


def test_few_pixels_are_all_kept() -> None:
    """There is nothing to choose."""
    np.testing.assert_array_equal(evenly_spread(np.zeros((5, 2)), np.zeros(5), 10), np.arange(5))


@pytest.mark.parametrize(
    ("change", "match"),
    [({"pixels": np.zeros((3, 2))}, "do not describe"), ({"sigma_m": np.zeros(2)}, "positive")]
    + [({"weights": np.array([0.5, w])}, "between 0 and 1") for w in (-0.1, 1.1)],
)
def test_impossible_correspondences_cannot_be_made(change: dict[str, np.ndarray], match: str) -> None:
    """Lengths must agree, errors be positive, weights lie between 0 and 1."""
    fields = {
        "pixels": np.zeros((2, 2)),
        "faces": np.zeros(2, np.int64),
        "barycentric": np.full((2, 3), 1 / 3),
        "sigma_m": np.ones(2),
        "weights": np.ones(2),
    }
    with pytest.raises(ValueError, match=match):
        Correspondences(**{**fields, **change}, source="reader")
