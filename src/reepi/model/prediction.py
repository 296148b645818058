"""From a photograph to tissue probabilities and to points on the body, whatever engine runs the network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.correspondence import DensePrediction
from reepi.core.images import Mask, Photograph, TissueMap, highest
from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES, View, mirrored_view
from reepi.model.architecture import FINE_GRID, GRID, LOG_DISTANCE_RANGE, STRIDE
from reepi.model.canvas import correspondence_canvas, tissue_side
from reepi.model.engines import Floats, Forward
from reepi.model.letterbox import Letterbox, canvas_for

ONES: Floats = np.ones(len(Tissue), np.float32)
"""Temperatures that change nothing."""


def predict_tissue(forward: Forward, photograph: Photograph, long_side: int, temperatures: Floats = ONES) -> TissueMap:
    """Return the tissue probabilities of every pixel of a photograph.

    Parameters
    ----------
    forward : callable
        Runs the tissue network.
    photograph : Photograph
        At working size.
    long_side : int
        Largest long side at which the network sees a photograph [px].
    temperatures : (7,) float32
        Temperature of each predicted tissue; see `tempered`.
    """
    height, width = photograph.size
    found = np.empty((len(Tissue), height, width), np.float32)
    for plane, logits in zip(found, tissue_logits(forward, photograph.pixels, long_side), strict=True):
        cv2.resize(logits, (width, height), dst=plane, interpolation=cv2.INTER_LINEAR)
    starts = range(0, height, ROWS)
    masks = [_become_probabilities(found[:, start : start + ROWS], temperatures) for start in starts]
    return TissueMap(found, np.concatenate(masks))


ROWS: Final = 16
"""Rows that turn into probabilities at once: all their tissues stay in a processor's cache."""


def _become_probabilities(logits: Floats, temperatures: Floats) -> Mask:
    """Turn logits (7, rows, W) into ``softmax(tempered(logits, temperatures))`` in place; return the highest."""
    tissue, top = highest(logits)
    table = np.zeros(256, np.float32)
    table[: len(temperatures)] = temperatures
    divisor = cv2.LUT(tissue, table)
    logits /= divisor
    logits -= top / divisor
    for plane in logits:
        # Several times as fast as numpy's.
        cv2.exp(plane, dst=plane)
    logits /= logits.sum(axis=0)
    return tissue


def tempered(logits: Floats, temperatures: Floats) -> Floats:
    """Return logits (7, ...) divided by the temperature of the tissue that is largest in each place.

    Temperature scaling (Guo et al., ICML 2017) with one temperature per predicted tissue: like a single one it never
    changes which tissue is the most probable, so masks and areas stay as they are.
    """
    return np.asarray(logits / temperatures[logits.argmax(axis=0)], np.float32)


def tissue_logits(forward: Forward, pixels: npt.NDArray[np.uint8], long_side: int) -> Floats:
    """Return the logits (7, h, w) of a photograph (H, W, 3), `FINE_GRID` times coarser than the network sees it.

    It sees it in its own size, but not larger than ``long_side``, and not smaller than training was used to.
    """
    size = pixels.shape[0], pixels.shape[1]
    box = Letterbox(size, canvas_for(size, tissue_side(size, long_side), STRIDE), FINE_GRID)
    return box.cut(forward(network_input(box.apply(pixels)), 0)[0][0])


APART_M: Final = 0.1
"""A pixel that photograph and mirror image place farther apart than this [m] takes the surer of the two places."""


def predict_correspondence(
    forward: Forward, photograph: Photograph, view: View, temperature: float = 1.0
) -> DensePrediction:
    """Return where each part of a photograph lies on the reference body.

    The network sees the photograph and its mirror image, which shows the mirrored body in the mirrored view. Points are
    averaged by their expected errors; where the two differ, the expected error grows by half of their distance.

    Parameters
    ----------
    forward : callable
        Runs the correspondence network.
    photograph : Photograph
        At working size.
    view : View
        The declared view.
    temperature : float
        Expected distances are multiplied by it.
    """
    box = Letterbox(photograph.size, correspondence_canvas(photograph.size))
    canvas = network_input(box.apply(photograph.pixels))
    straight = _placed(forward, canvas, view.name)
    turned = _placed(forward, np.ascontiguousarray(canvas[..., ::-1]), mirrored_view(view.name)).mirrored()
    points, sigma = _averaged(straight, turned)
    odds = np.array([straight.views[name] * turned.views[name] for name in VIEW_NAMES]) + 1e-12
    top, left = box.corner
    return DensePrediction(
        points=points,
        sigma=np.float32(temperature) * sigma,
        body=np.asarray((straight.body + turned.body) / 2, np.float32),
        scale=box.scale / GRID,
        offset=(left / GRID, top / GRID),
        views=dict(zip(VIEW_NAMES, map(float, np.sqrt(odds) / np.sqrt(odds).sum()), strict=True)),
    )


@dataclass(frozen=True)
class _Placed:
    """What the network says of one canvas: points (h, w, 3) and sigma (h, w) [m], body (h, w), and its views."""

    points: Floats
    sigma: Floats
    body: Floats
    views: Mapping[str, float]

    def mirrored(self) -> "_Placed":
        """Return what it says of the mirror image."""
        points = self.points[:, ::-1] * np.array([-1, 1, 1], np.float32)
        views = {name: self.views[mirrored_view(name)] for name in VIEW_NAMES}
        return _Placed(points, self.sigma[:, ::-1], self.body[:, ::-1], views)


def _placed(forward: Forward, canvas: Floats, view: str) -> _Placed:
    dense, views = forward(canvas, VIEW_NAMES.index(view))
    return _Placed(
        np.ascontiguousarray(np.moveaxis(dense[0, :3], 0, -1)),
        np.exp(np.clip(dense[0, 3], *LOG_DISTANCE_RANGE)),
        np.asarray(1 / (1 + np.exp(-np.clip(dense[0, 4], -30, 30))), np.float32),
        dict(zip(VIEW_NAMES, map(float, softmax(views[0])), strict=True)),
    )


def _averaged(one: _Placed, other: _Placed) -> tuple[Floats, Floats]:
    """Return points (h, w, 3) and their expected errors (h, w) [m] of two predictions."""
    first, second = 1 / one.sigma**2, 1 / other.sigma**2
    gap = np.linalg.norm(one.points - other.points, axis=-1)
    surer = np.where((one.sigma <= other.sigma)[..., None], one.points, other.points)
    mean = (first[..., None] * one.points + second[..., None] * other.points) / (first + second)[..., None]
    points = np.where((gap > APART_M)[..., None], surer, mean)
    sigma = np.hypot(np.sqrt(2 / (first + second)), gap / 2)
    return np.ascontiguousarray(points, np.float32), np.asarray(sigma, np.float32)


def network_input(canvas: npt.NDArray[np.uint8]) -> Floats:
    """Return a canvas (H, W, 3) as network input (1, 3, H, W) in 0..1."""
    return np.ascontiguousarray(np.moveaxis(canvas, -1, 0)[None], dtype=np.float32) / np.float32(255)


def softmax(logits: Floats) -> Floats:
    """Return probabilities over the first axis."""
    shifted = np.exp(logits - logits.max(axis=0))
    return np.asarray(shifted / shifted.sum(axis=0), np.float32)
