"""Blur in pixels: edges of a known blur give it back, whatever the noise; lines and flat pictures do not mislead."""

import cv2
import numpy as np
import pytest

from reepi.core.images import Pixels
from reepi.imaging.sharpness import blur_px


def disc(contrast: int = 120) -> np.ndarray:
    picture = np.full((400, 500), 80.0)
    cv2.circle(picture, (250, 200), 140, 80.0 + contrast, -1)
    return picture


def as_pixels(grey: np.ndarray, noise: float = 0.0) -> Pixels:
    grain = np.random.default_rng(1).normal(0, noise, grey.shape) if noise else 0.0
    return np.repeat(np.clip(grey + grain + 0.5, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("sigma", [1.2, 2.0, 3.0, 4.0])
@pytest.mark.parametrize("noise", [0.0, 3.0])
def test_the_blur_of_an_outline_is_given_back(sigma: float, noise: float) -> None:
    """A disc blurred by a Gaussian has that blur, within a tenth, also under noise that is finer than any blur."""
    found = blur_px(as_pixels(cv2.GaussianBlur(disc(), (0, 0), sigma), noise))
    assert found == pytest.approx(sigma, rel=0.1)


def test_blur_does_not_depend_on_contrast() -> None:
    """Pale and dark skin are blurred alike."""
    pale, dark = (blur_px(as_pixels(cv2.GaussianBlur(disc(contrast), (0, 0), 2.0))) for contrast in (60, 150))
    assert pale == pytest.approx(dark, rel=0.1)


def test_movement_blurs_the_edges_across_it() -> None:
    """A shaken camera leaves edges along its way sharp; the most blurred direction counts."""
    assert blur_px(as_pixels(cv2.filter2D(disc(), -1, np.full((1, 11), 1 / 11)))) > 2.5


def test_fine_lines_do_not_pass_for_sharp_edges() -> None:
    """Hair and specks that were blurred with all the rest do not hide the blur."""
    picture = disc()
    for x in range(130, 370, 24):
        cv2.line(picture, (x, 130), (x, 270), 40.0, 2)
    assert blur_px(as_pixels(cv2.GaussianBlur(picture, (0, 0), 2.5))) == pytest.approx(2.5, rel=0.15)


def test_a_flat_picture_has_no_blur() -> None:
    """Without an edge nothing is told, noise or not."""
    assert blur_px(as_pixels(np.full((300, 300), 128.0))) is None
    assert blur_px(as_pixels(np.full((300, 300), 128.0), noise=3.0)) is None


def test_only_edges_within_count() -> None:
    """A sharp outline beside blurred skin says nothing of the skin."""
    picture = cv2.GaussianBlur(disc(), (0, 0), 3.0)
    picture[:, :40] = 250.0
    within = np.zeros(picture.shape, bool)
    within[:, 60:] = True
    assert blur_px(as_pixels(picture), within) == pytest.approx(3.0, rel=0.1)
    assert blur_px(as_pixels(picture), np.zeros(picture.shape, bool)) is None


def test_a_part_has_the_blur_that_the_whole_finds_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what lies around the part is looked at: to the last digit what looking at all of the picture gives."""
    pixels = as_pixels(cv2.GaussianBlur(disc(), (0, 0), 2.0), noise=4.0)
    within = np.zeros(pixels.shape[:2], bool)
    within[40:130, 180:330] = True
    found = blur_px(pixels, within)
    monkeypatch.setattr("reepi.imaging.sharpness.AROUND_PX", max(within.shape))
    assert found == blur_px(pixels, within)
    assert found == pytest.approx(2.0, rel=0.2)
    assert blur_px(pixels, np.zeros_like(within)) is None
