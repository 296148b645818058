"""Colours whose place in CIE L*a*b* is published."""

import numpy as np
import pytest

from reepi.model.evaluation.skin_colour import AROUND_PX, LEAST_PIXELS, lesion_contrast, tone_of, typology_angle

SHAPE = (60, 100)
EVERYWHERE = np.ones(SHAPE, bool)


def plain(*colour: int) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.uint8), (*SHAPE, 3)).copy()


def test_angle_of_the_red_primary() -> None:
    """Red of sRGB is L* 53.24, b* 67.20 (Lindbloom's calculator): arctan(3.24 / 67.20) is 2.76 degrees."""
    assert typology_angle(plain(255, 0, 0), EVERYWHERE) == pytest.approx(2.76, abs=0.02)


def test_darker_skin_has_a_smaller_angle() -> None:
    """The same hue with less light."""
    angles = [typology_angle(plain(*colour), EVERYWHERE) for colour in ((240, 214, 190), (190, 150, 120), (90, 60, 45))]
    assert angles == sorted(angles, reverse=True)
    assert [tone_of(angle) for angle in angles] == ["very light", "intermediate", "dark"]


def test_bluish_skin_is_no_dark_skin() -> None:
    """Under blue light b* is negative: the angle passes 90 degrees in place of falling to its opposite."""
    assert typology_angle(plain(200, 205, 225), EVERYWHERE) > 90


def test_few_pixels_tell_no_tone() -> None:
    """One pixel less than needed."""
    intact = np.zeros(SHAPE, bool)
    intact.ravel()[: LEAST_PIXELS - 1] = True
    assert np.isnan(typology_angle(plain(240, 214, 190), intact))
    intact.ravel()[LEAST_PIXELS - 1] = True
    assert np.isfinite(typology_angle(plain(240, 214, 190), intact))


def test_a_shadow_on_less_than_half_moves_nothing() -> None:
    """The median, not the mean."""
    pixels = plain(240, 214, 190)
    pixels[:25] = 20
    assert typology_angle(pixels, EVERYWHERE) == pytest.approx(typology_angle(plain(240, 214, 190), EVERYWHERE))


@pytest.mark.parametrize(("angle", "tone"), [(56, "very light"), (55, "light"), (29, "intermediate"), (11, "tan")])
def test_borders_of_the_groups(angle: float, tone: str) -> None:
    """A group holds its upper end."""
    assert tone_of(angle) == tone
    assert tone_of(-30) == tone_of(-80) == "dark"
    assert tone_of(0) == "brown"


def halves() -> tuple[np.ndarray, np.ndarray]:
    """A black lesion on the left, white skin on the right."""
    lesion = np.zeros(SHAPE, bool)
    lesion[:, :30] = True
    return np.where(lesion[..., None], np.uint8(0), np.uint8(255)).repeat(3, axis=2), lesion


def test_contrast_of_black_on_white_is_100() -> None:
    """The ends of the scale of lightness."""
    pixels, lesion = halves()
    assert lesion_contrast(pixels, lesion, ~lesion) == pytest.approx(100)
    assert lesion_contrast(plain(200, 150, 130), lesion, ~lesion) == pytest.approx(0)


def test_skin_far_from_the_lesion_is_not_around_it() -> None:
    """Painting it changes nothing."""
    pixels, lesion = halves()
    pixels[:, 30 + int(AROUND_PX) + 1 :] = (200, 30, 30)
    assert lesion_contrast(pixels, lesion, ~lesion) == pytest.approx(100)


def test_no_lesion_or_no_skin_around_it_has_no_contrast() -> None:
    """Not a number."""
    pixels, lesion = halves()
    nothing = np.zeros(SHAPE, bool)
    assert np.isnan(lesion_contrast(pixels, nothing, ~lesion))
    assert np.isnan(lesion_contrast(pixels, lesion, nothing))
