"""Cuts move photograph and labels alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.model.training.augmentation import Appearance, Cut, bent, draw_bend, elsewhere, occlude, warp


def whole(size: tuple[int, int], *, mirrored: bool = False, angle: float = 0.0) -> Cut:
    return Cut((size[1] / 2, size[0] / 2), 1.0, angle, mirrored)


def test_plain_cut_changes_nothing() -> None:
    """Scale 1 around the middle is the photograph itself."""
    image = np.random.default_rng(0).integers(0, 255, (20, 30), dtype=np.uint8)
    assert np.array_equal(warp(image, whole((20, 30)).affine((20, 30)), (20, 30), 0), image)


def test_mirrored_cut_is_the_mirror_image() -> None:
    """Left and right change places, rows stay."""
    image = np.random.default_rng(0).integers(0, 255, (20, 30), dtype=np.uint8)
    assert np.array_equal(warp(image, whole((20, 30), mirrored=True).affine((20, 30)), (20, 30), 0), image[:, ::-1])


def test_quarter_turn() -> None:
    """A turn by 90 degrees is numpy's."""
    image = np.random.default_rng(0).integers(0, 255, (24, 24), dtype=np.uint8)
    turned = warp(image, whole((24, 24), angle=np.pi / 2).affine((24, 24)), (24, 24), 0)
    assert any(np.array_equal(turned, np.rot90(image, k)) for k in (1, 3))


@settings(max_examples=30)
@given(
    st.tuples(st.floats(10, 54), st.floats(10, 38)), st.floats(0.5, 2), st.floats(-3, 3), st.booleans(),
    st.sampled_from([1, 2, 4]),
)  # fmt: skip
def test_canvas_and_coarser_grid_show_the_same_places(
    centre: tuple[float, float], scale: float, angle: float, mirrored: bool, coarser: int
) -> None:
    """The middle of the canvas shows the centre, on every grid; pixels are 1 / scale apart."""
    affine = Cut(centre, scale, angle, mirrored).affine((32, 48), coarser)
    middle = affine @ [24 / coarser, 16 / coarser, 1]
    assert middle == pytest.approx(centre)
    assert np.linalg.norm(affine[:, 0]) == pytest.approx(coarser / scale)


def test_outside_has_the_border_value() -> None:
    """Nothing is invented beyond the photograph."""
    image = np.full((10, 10), 7, np.uint8)
    seen = warp(image, Cut((5, 5), 0.5, 0, mirrored=False).affine((10, 10)), (10, 10), 3)
    assert (seen[0] == 3).all()
    assert (seen[4:6, 4:6] == 7).all()


def test_appearance_repeats_with_its_seed_and_leaves_its_input() -> None:
    """The same seed gives the same colours; the photograph is not touched."""
    image = np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    kept = image.copy()
    first, second = ([step(image) for _ in range(4)] for step in (Appearance(3), Appearance(3)))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert np.array_equal(image, kept)


def test_occluders_cover_a_part() -> None:
    """Something is hidden, not everything, and the photograph is not touched."""
    image = np.full((64, 64, 3), 128, np.uint8)
    covered = occlude(image, np.random.default_rng(0))
    share = (covered != image).any(axis=-1).mean()
    assert 0 < share < 0.6
    assert (image == 128).all()


def test_bend_of_nothing_changes_nothing() -> None:
    """A shift of zero is the photograph itself, at any grid."""
    image = np.random.default_rng(0).integers(0, 255, (8, 12, 3), dtype=np.uint8)
    labels = np.random.default_rng(1).integers(0, 9, (4, 6), dtype=np.uint16)
    still = np.zeros((8, 12, 2), np.float32)
    assert np.array_equal(bent(image, still), image)
    assert np.array_equal(bent(labels, still), labels)


def test_photograph_and_labels_bend_alike() -> None:
    """A coloured half plane and its labels, four times coarser, still lie on each other; what comes in is empty."""
    rng = np.random.default_rng(3)
    image = np.zeros((128, 96, 3), np.uint8)
    image[:, 48:] = 200
    labels = image[::4, ::4, 0].astype(np.uint16)
    bend = draw_bend(rng, (128, 96))
    assert 1 < np.abs(bend).mean() < 10
    seen, found = bent(image, bend), bent(labels, bend)
    assert not np.array_equal(seen, image)
    coarse = seen[2::4, 2::4, 0] > 100
    assert (coarse == (found > 100)).mean() > 0.97


def test_body_stays_where_its_surroundings_change() -> None:
    """Only what is no body is painted over; chance is the generator's alone."""
    image = np.full((64, 48, 3), 99, np.uint8)
    body = np.zeros((64, 48), bool)
    body[20:50, 10:40] = True
    seen = elsewhere(image, body, np.random.default_rng(5))
    assert np.array_equal(seen, elsewhere(image, body, np.random.default_rng(5)))
    assert (seen[24:46, 14:36] == 99).all()
    assert (seen[:15] != 99).any(axis=-1).mean() > 0.9
    assert (image == 99).all()
