"""Between photograph and network: where pixels go, and back."""

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.core.images import Photograph
from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES, VIEWS
from reepi.model.architecture import FINE_GRID, GRID, STRIDE
from reepi.model.letterbox import Letterbox, canvas_for
from reepi.model.prediction import ONES, predict_correspondence, predict_tissue, softmax, tempered


def photograph(height: int, width: int) -> Photograph:
    pixels = np.zeros((height, width, 3), np.uint8)
    return Photograph(pixels, (height, width))


def red_is_detached(pixels: Any, view: int) -> Any:
    """Say detached where red is bright, else background."""
    seen = pixels[0, 0, ::FINE_GRID, ::FINE_GRID]
    logits = np.zeros((1, 7, *seen.shape), np.float32)
    logits[0, Tissue.DETACHED] = np.where(seen > 0.5, 20, -20)
    return (logits,)


@settings(max_examples=30)
@given(st.integers(64, 1500), st.integers(64, 1500), st.sampled_from([256, 512]))
def test_canvas_holds_the_photograph(height: int, width: int, long_side: int) -> None:
    """Sides are multiples of the stride, the long side is met, and the photograph lies inside, aspect kept."""
    box = Letterbox((height, width), canvas_for((height, width), long_side, STRIDE))
    assert all(side % STRIDE == 0 for side in box.canvas)
    assert max(box.canvas) == long_side
    assert box.content[0] <= box.canvas[0]
    assert box.content[1] <= box.canvas[1]
    assert box.content[0] / height == pytest.approx(box.content[1] / width, rel=0.5 / min(box.content) + 1e-3)


@given(st.integers(64, 1500), st.integers(64, 1500), st.sampled_from([2, 4]))
def test_on_a_grid_the_photograph_begins_and_ends_on_it(height: int, width: int, grid: int) -> None:
    """What is cut out of a coarser map is the photograph's part of it, with nothing of what is around."""
    canvas = canvas_for((height, width), 512, STRIDE)
    box = Letterbox((height, width), canvas, grid)
    laid = box.apply(np.full((height, width, 3), 255, np.uint8))[::grid, ::grid, 0].astype(np.float32)[None]
    assert box.cut(laid).min() == 255
    assert box.cut(laid).size == np.count_nonzero(laid)


@pytest.mark.parametrize("size", [(96, 128), (700, 300), (512, 512)])
def test_tissue_lands_where_it_was(size: tuple[int, int]) -> None:
    """A red quarter of the photograph comes back as that quarter."""
    image = photograph(*size)
    half_row, half_column = size[0] // 2, size[1] // 2
    image.pixels[:half_row, half_column:, 0] = 255
    mask = predict_tissue(red_is_detached, image, 256).mask
    expected = image.pixels[..., 0] > 0
    assert mask.shape == size
    assert ((mask == Tissue.DETACHED) == expected).mean() > 0.98


def test_temperature_softens_but_keeps_the_choice() -> None:
    """Twice the temperature halves the log odds, of the tissue that it belongs to and of no other."""
    image = photograph(64, 64)
    image.pixels[:32, :, 0] = 255
    temperatures = ONES.copy()
    temperatures[Tissue.DETACHED] = 10
    hard, soft = (predict_tissue(red_is_detached, image, 64, t) for t in (ONES, temperatures))
    assert np.array_equal(hard.mask, soft.mask)
    assert np.array_equal(hard.probabilities[:, 50], soft.probabilities[:, 50])
    assert soft.probabilities[Tissue.DETACHED].max() == pytest.approx(1 / (1 + 6 * np.exp(-2)), abs=1e-5)


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (200, 200)])
def test_dense_prediction_knows_where_its_pixels_lie(size: tuple[int, int]) -> None:
    """A network that returns its input finds the colours of the photograph at the pixels it names."""
    image = photograph(*size)
    rows, columns = np.indices(size)
    image.pixels[..., 0], image.pixels[..., 1] = 255 * columns // size[1], 255 * rows // size[0]

    def echo(pixels: Any, view: int) -> Any:
        output = np.zeros((1, 5, pixels.shape[2] // GRID, pixels.shape[3] // GRID), np.float32)
        blocks = pixels[0].reshape(3, output.shape[2], GRID, output.shape[3], GRID).mean(axis=(2, 4))
        mirrored = view == VIEW_NAMES.index("trunk_right")
        output[0, :3] = blocks * np.array([-1 if mirrored else 1, 1, 1], np.float32)[:, None, None]
        views = np.zeros((1, len(VIEWS)), np.float32)
        views[0, view] = 50
        return output, views

    predicted = predict_correspondence(echo, image, VIEWS["trunk_left"], temperature=2.0)
    xy, inner = predicted.photograph_pixels(), predicted.inside(size)
    inner[:2], inner[-2:], inner[:, :2], inner[:, -2:] = False, False, False, False
    expected = np.stack([xy[..., 0] / size[1], xy[..., 1] / size[0]], axis=-1)
    shown = inner & (expected > 0.1).all(axis=-1) & (expected < 0.9).all(axis=-1)
    assert shown.any()
    assert np.abs(predicted.points[..., :2] - expected)[shown].max() < 0.02
    assert np.allclose(predicted.sigma, 2.0)
    assert np.allclose(predicted.body, 0.5)
    assert max(predicted.views, key=lambda name: predicted.views[name]) == "trunk_left"


@given(st.lists(st.floats(-50, 50), min_size=7, max_size=7))
def test_softmax_adds_to_one(logits: list[float]) -> None:
    """Probabilities of a pixel sum to 1."""
    assert softmax(np.array(logits, np.float32)).sum() == pytest.approx(1, abs=1e-5)


def placing(straight: tuple[float, float], mirrored: tuple[float, float]) -> Any:
    """A network that places a left arm at one x [m] with one error [m], and its mirror image at another."""

    def forward(pixels: Any, view: int) -> Any:
        x, sigma = straight if VIEW_NAMES[view] == "arm_left_anterior" else mirrored
        dense = np.zeros((1, 5, pixels.shape[2] // GRID, pixels.shape[3] // GRID), np.float32)
        dense[0, 0], dense[0, 3] = x, np.log(sigma)
        return dense, np.zeros((1, len(VIEW_NAMES)), np.float32)

    return forward


def test_photograph_and_mirror_image_are_averaged_by_their_errors() -> None:
    """Twice as sure counts four times; half of what they differ by goes into the expected error."""
    network = placing((0.30, 0.01), (-0.35, 0.02))
    predicted = predict_correspondence(network, photograph(200, 150), VIEWS["arm_left_anterior"])
    assert np.allclose(predicted.points[..., 0], 0.31, atol=1e-4)
    assert np.allclose(predicted.sigma, np.hypot(np.sqrt(2 / (1e4 + 2500)), 0.025), atol=1e-4)


def test_of_two_places_far_apart_the_surer_counts() -> None:
    """Between a hand's back and its palm there is no skin."""
    network = placing((0.30, 0.03), (-0.50, 0.02))
    predicted = predict_correspondence(network, photograph(200, 150), VIEWS["arm_left_anterior"])
    assert np.allclose(predicted.points[..., 0], 0.50, atol=1e-4)
    assert (predicted.sigma > 0.1).all()


@pytest.mark.parametrize("size", [(70, 40), (96, 64), (33, 90)])
def test_probabilities_are_those_of_the_definition(size: tuple[int, int]) -> None:
    """Row by row and in place gives the softmax of tempered logits; ties count for the first."""
    random = np.random.default_rng(3)
    box = Letterbox(size, canvas_for(size, 96, STRIDE), FINE_GRID)
    rows, columns = box.canvas
    logits = random.integers(-3, 4, (1, 7, rows // FINE_GRID, columns // FINE_GRID)).astype(np.float32)
    temperatures = random.uniform(0.5, 2, 7).astype(np.float32)
    image = photograph(*size)
    resized = [cv2.resize(plane, size[::-1], interpolation=cv2.INTER_LINEAR) for plane in box.cut(logits[0])]
    found = predict_tissue(lambda pixels, view: (logits,), image, 96, temperatures).probabilities
    assert found.dtype == np.float32
    asked = softmax(tempered(np.stack(resized), temperatures))
    assert np.allclose(found, asked, rtol=1e-5, atol=0)
