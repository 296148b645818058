"""Copies of a picture are found; other pictures are not taken for copies."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.core.images import Pixels
from reepi.imaging.likeness import Fingerprint, fingerprint, repeated


def picture(seed: int) -> Pixels:
    """Blotches that only this seed has."""
    noise = np.random.default_rng(seed).normal(0, 1, (60, 80, 3)).astype(np.float32)
    blotches = cv2.resize(cv2.GaussianBlur(noise, (0, 0), 1.5), (640, 480), interpolation=cv2.INTER_CUBIC)
    return np.clip(140 + 90 * blotches / blotches.std() / 2, 0, 255).astype(np.uint8)


def print_of(pixels: Pixels, content: bytes) -> Fingerprint:
    return fingerprint(content, pixels)


def test_the_same_file_is_told() -> None:
    """Two names of one content, even where the picture is flat."""
    flat = np.full((300, 400, 3), 128, np.uint8)
    assert repeated({"a": print_of(flat, b"x"), "b": print_of(flat, b"x")}) == {"b": ("a", 1.0)}


def test_flat_pictures_are_not_alike() -> None:
    """Two walls are no copies of each other."""
    flat = np.full((300, 400, 3), 128, np.uint8)
    assert repeated({"a": print_of(flat, b"x"), "b": print_of(flat, b"y")}) == {}


@settings(max_examples=10)
@given(st.integers(0, 1000), st.floats(0.3, 1.0), st.integers(40, 95))
def test_copies_are_told_and_others_are_not(seed: int, scale: float, quality: int) -> None:
    """Reduced and written again, a picture is the same; another one is not."""
    own, other = picture(seed), picture(seed + 1)
    small = cv2.resize(own, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    copy = cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    prints = {"own": print_of(own, b"1"), "other": print_of(other, b"2"), "copy": print_of(copy, b"3")}
    assert {file: first for file, (first, _) in repeated(prints).items()} == {"copy": "own"}


def test_nothing_to_compare() -> None:
    """No file, no finding."""
    assert repeated({}) == {}
