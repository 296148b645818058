"""Masks and overlays: what is written is what was measured, at the original's size, without its metadata."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from reepi.core.images import Mask, Photograph
from reepi.core.tissue import COLOURS, Tissue
from reepi.imaging.writing import decode_mask, encode_mask, encode_overlay, overlay

MASKS = hnp.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20)), elements=st.integers(0, 6))


@given(MASKS)
def test_round_trip(mask: Mask) -> None:
    """A mask at its own size comes back as it was."""
    np.testing.assert_array_equal(decode_mask(encode_mask(mask, mask.shape)), mask)


@given(MASKS, st.integers(1, 5))
def test_enlarging_repeats_pixels(mask: Mask, times: int) -> None:
    """Nearest neighbour by a whole factor repeats every pixel: no value appears between two tissues."""
    height, width = mask.shape
    enlarged = decode_mask(encode_mask(mask, (height * times, width * times)))
    np.testing.assert_array_equal(enlarged, mask.repeat(times, axis=0).repeat(times, axis=1))


def test_mask_is_a_single_channel_png() -> None:
    """The contract asks for single-channel 8-bit PNG; another reader sees the same."""
    mask = np.tile(np.arange(7, dtype=np.uint8), (10, 1))
    image = Image.open(io.BytesIO(encode_mask(mask, (10, 7))))
    assert (image.format, image.mode) == ("PNG", "L")
    np.testing.assert_array_equal(np.asarray(image), mask)


@pytest.mark.parametrize("content", [b"", b"nothing"])
def test_no_mask(content: bytes) -> None:
    """What is no mask is refused with a remedy."""
    with pytest.raises(ValueError, match="single-channel"):
        decode_mask(content)


def test_colour_picture_is_no_mask() -> None:
    """A picture with three channels is refused, not flattened."""
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "PNG")
    with pytest.raises(ValueError, match="single-channel"):
        decode_mask(content.getvalue())


def test_overlay_paints_tissues_and_leaves_intact_skin() -> None:
    """Intact skin and background stay as they are; other tissue moves towards its colour."""
    pixels = np.full((60, 60, 3), 128, np.uint8)
    mask = np.full((60, 60), Tissue.INTACT, np.uint8)
    mask[20:40, 20:40] = Tissue.DETACHED
    painted = overlay(pixels, mask)
    assert (painted[mask == Tissue.INTACT] == 128).all()
    target = np.array(COLOURS[Tissue.DETACHED], int)
    assert (np.abs(painted[30, 30] - target) < np.abs(128 - target)).all()
    np.testing.assert_array_equal(painted[20, 20], target)
    assert (pixels == 128).all()


def test_what_was_left_out_of_the_measurement_is_dark_and_has_no_tissue() -> None:
    """Nobody may take it for measured; beside it all is as it was."""
    photograph = Photograph(np.full((64, 64, 3), (200, 120, 100), np.uint8), (64, 64))
    mask = np.full((64, 64), Tissue.DETACHED, np.uint8)
    left_out = np.zeros((64, 64), bool)
    left_out[:, :32] = True
    whole, part = (
        np.asarray(Image.open(io.BytesIO(encode_overlay(photograph, mask, which))), int) for which in (None, left_out)
    )
    grey = part[8:56, 8:24]
    np.testing.assert_allclose(grey, 70, atol=6)
    np.testing.assert_allclose(part[8:56, 48:], whole[8:56, 48:], atol=3)


def test_overlay_carries_no_metadata() -> None:
    """Nothing of a camera reaches an output."""
    photograph = Photograph(np.full((50, 70, 3), 90, np.uint8), (500, 700))
    image = Image.open(io.BytesIO(encode_overlay(photograph, np.zeros((50, 70), np.uint8))))
    assert image.size == (70, 50)
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
