"""A commercial chart is found whole, its colours are read in their order, and nothing else is taken for one."""

import json

import cv2
import numpy as np
import pytest

from reepi.core.images import Photograph, Pixels
from reepi.imaging.chart_detection import find_chart, reference_colours
from reepi.imaging.skin_light import linear
from reepi.imaging.standardising import standardised

LINEN = (205, 180, 165)


def drawn(turn_degrees: float = 0.0, shrink: float = 1.0, light: tuple[float, float, float] = (1, 1, 1)) -> Pixels:
    """Return a chart lying on linen, (750, 1000, 3), as a camera sees it in a light."""
    flat = np.full((750, 1000, 3), LINEN, np.uint8)
    left, top, side, pitch = 180, 160, 90, 105
    flat[top - 25 : top + 3 * pitch + side + 25, left - 25 : left + 5 * pitch + side + 25] = 25
    for number, colour in enumerate(reference_colours()):
        row, column = divmod(number, 6)
        y, x = top + row * pitch, left + column * pitch
        flat[y : y + side, x : x + side] = np.rint(colour)
    turn = cv2.getRotationMatrix2D((500, 375), turn_degrees, shrink)
    seen = cv2.warpAffine(flat, turn, (1000, 750), flags=cv2.INTER_AREA, borderValue=LINEN)
    lit = linear(seen / 255) * np.array(light)
    value = np.where(lit <= 0.0031308, 12.92 * lit, 1.055 * np.maximum(lit, 1e-9) ** (1 / 2.4) - 0.055)
    noisy = cv2.GaussianBlur(255 * value, (0, 0), 0.8) + np.random.default_rng(1).normal(0, 2, seen.shape)
    return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)


class TestFinding:
    @pytest.mark.parametrize(("turn", "shrink"), [(0, 1.0), (12, 0.7), (180, 0.9)])
    def test_every_patch_is_read_in_its_place(self, turn: float, shrink: float) -> None:
        sighting = find_chart(drawn(turn, shrink))
        assert sighting is not None
        seen = np.isfinite(sighting.patches).all(axis=1)
        assert seen.sum() >= 22
        assert np.abs(sighting.patches[seen] - sighting.references[seen]).max() < 4

    def test_it_tells_no_millimetres(self) -> None:
        """Charts of the same design come in several sizes."""
        sighting = find_chart(drawn())
        assert sighting is not None
        assert np.isnan(sighting.mm_per_px)
        assert sighting.record["mm_per_px"] is None
        json.dumps(sighting.record, allow_nan=False)

    def test_linen_and_noise_are_no_chart(self) -> None:
        noise = np.random.default_rng(2).integers(0, 256, (400, 500, 3)).astype(np.uint8)
        assert find_chart(noise) is None
        assert find_chart(np.full((400, 500, 3), LINEN, np.uint8)) is None


def test_a_chart_takes_the_light_out() -> None:
    """Linen beside the chart comes out as it is in daylight."""
    seen = drawn(light=(0.8, 0.6, 0.4))
    corrected, told = standardised(Photograph(seen, (750, 1000)), find_chart(seen))
    assert told.source == "card"
    assert np.abs(np.median(corrected.pixels[:60], axis=(0, 1)) - LINEN).max() < 4


def test_reference_colours_are_published_ones() -> None:
    """The fourth neutral step is 50 L* (121 sRGB), and white and black are where the maker says (L* 96, 20)."""
    neutral = reference_colours()[18:]
    assert np.ptp(neutral[1:], axis=1).max() < 3
    assert neutral[3] == pytest.approx(np.full(3, 121), abs=2)
    assert (np.diff(neutral.mean(axis=1)) < 0).all()
