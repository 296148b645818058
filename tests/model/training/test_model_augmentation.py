"""Cuts move photograph and labels alike."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.model.letterbox import Letterbox
from reepi.model.training.augmentation import Appearance, Cut, bent, bent_labels, draw_bend, elsewhere, occlude, warp


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


def test_photograph_that_shrinks_is_averaged_as_in_use() -> None:
    """The grain of a sensor is as fine in training as it is in use, and everything lies where it lay."""
    noise = np.random.default_rng(0).normal(128, 30, (300, 400, 1)).clip(0, 255).astype(np.uint8).repeat(3, axis=2)
    used = Letterbox((300, 400), (72, 96)).apply(noise)
    seen = warp(noise, Cut((200, 150), 0.24, 0, mirrored=False).affine((72, 96)), (72, 96), 0)
    assert np.abs(seen[1:-1, 1:-1].astype(int) - used[1:-1, 1:-1]).max() <= 1
    turned = warp(noise, Cut((200, 150), 0.24, 1, mirrored=True).affine((32, 32)), (32, 32), 0)
    assert turned.std() < 1.2 * used.std()


@pytest.mark.parametrize(("scale", "centre"), [(0.31, (210.0, 140.0)), (1.0, (200.0, 150.0)), (2.2, (100.0, 60.0))])
def test_shrunk_photograph_and_its_labels_lie_on_each_other(scale: float, centre: tuple[float, float]) -> None:
    """Of a smooth picture each pixel has the brightness of the place that its label names."""
    labels = np.add.outer(np.arange(300) // 3, np.arange(400) // 3).astype(np.uint8)
    affine = Cut(centre, scale, 0.4, mirrored=True).affine((48, 48))
    seen = warp(np.dstack([labels] * 3), affine, (48, 48), 0)[..., 0].astype(int)
    difference = seen - warp(labels, affine, (48, 48), 0)
    assert abs(difference.mean()) < 0.1
    assert np.abs(difference).max() <= 1


def test_bend_of_nothing_changes_nothing() -> None:
    """A shift of zero is the photograph itself, and its labels are those of the cut."""
    image = np.random.default_rng(0).integers(0, 255, (64, 48, 3), dtype=np.uint8)
    labels = np.random.default_rng(1).integers(1, 999, (200, 300), dtype=np.uint16)
    still, cut = np.zeros((64, 48, 2), np.float32), Cut((140.2, 90.7), 0.7, 0.3, mirrored=True)
    assert np.array_equal(bent(image, still), image)
    found = bent_labels(labels, cut.affine((64, 48)), still, 4)
    assert np.array_equal(found, warp(labels, cut.affine((64, 48), 4), (16, 12), 0))


@pytest.mark.parametrize("shift", [0.0, 0.8, 1.6, 2.4, 3.2])
def test_photograph_and_labels_bend_alike(shift: float) -> None:
    """Labels move with the photograph by less than a cell too."""
    image = np.arange(160, dtype=np.uint8)[None, :, None].repeat(64, axis=0).repeat(3, axis=2)
    bend = np.zeros((64, 160, 2), np.float32)
    bend[..., 0] = shift
    # Brightness and label are both the column; the middle of a cell lies between two pixels of the photograph.
    seen = bent(image, bend)[::4, :-8, 0].reshape(16, -1, 4)[..., 1:3].mean(axis=-1)
    found = bent_labels(np.arange(640)[None].repeat(256, axis=0), np.diag([4.0, 4.0, 1])[:2], bend, 4)[:, :-2] / 4
    assert seen == pytest.approx(found - 0.5, abs=0.5)


def test_bent_labels_are_those_of_what_is_seen() -> None:
    """Of a random bend, no label lies further off than to the next pixel; what comes in is empty."""
    bend = draw_bend(np.random.default_rng(3), (128, 96))
    assert 1 < np.abs(bend).mean() < 10
    columns = np.arange(1, 97, dtype=np.uint16)[None].repeat(128, axis=0)
    found = bent_labels(columns, np.eye(3)[:2], bend, 4).astype(float)
    middle = np.arange(24) * 4 + 2 + bend.reshape(32, 4, 24, 4, 2).mean(axis=(1, 3))[..., 0]
    known = found > 0
    assert 0.8 < known.mean() < 1
    assert np.abs(found[known] - 0.5 - middle[known]).max() <= 0.51


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
