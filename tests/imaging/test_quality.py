"""Findings on quality: each tells the fault it is made for, and a good photograph has none."""

import cv2
import numpy as np
import pytest

from reepi.core.images import Photograph, Pixels
from reepi.imaging.quality import quality_findings


def textured(seed: int = 0) -> Pixels:
    """Skin-coloured noise: fine detail, neither dark nor bright."""
    noise = np.random.default_rng(seed).normal(0, 12, (400, 600, 3))
    return np.clip(np.array([190, 150, 130]) + noise, 0, 255).astype(np.uint8)


def findings(pixels: Pixels, original: tuple[int, int] = (2000, 3000)) -> tuple[str, ...]:
    return quality_findings(Photograph(pixels, original))


def test_good_photograph_has_no_finding() -> None:
    """Detail, light and size suffice."""
    assert findings(textured()) == ()


@pytest.mark.parametrize(
    ("pixels", "finding"),
    [
        (cv2.GaussianBlur(textured(), (0, 0), 5), "blurred"),
        (textured() // 6, "dark"),
        (np.where(np.arange(600)[None, :, None] < 300, 255, textured()).astype(np.uint8), "overexposed"),
    ],
)
def test_each_fault_is_told(pixels: Pixels, finding: str) -> None:
    """Blur, darkness and burnt-out light are found."""
    assert finding in findings(pixels)


def test_low_resolution_is_judged_by_the_original() -> None:
    """The working size says nothing about what the camera gave."""
    assert findings(textured(), (300, 400)) == ("low_resolution",)
