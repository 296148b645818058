"""Finds a whole person's landmarks with a pose network that others trained, run by OpenVINO."""

import hashlib
import threading
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError
from reepi.core.images import Photograph, Pixels
from reepi.core.landmarks import LANDMARKS, BodyLandmarks
from reepi.model.card import CARD
from reepi.model.engines import FIRST_USE

WEIGHTS: Final = "weights.tflite"

SIDE: Final = 256
"""Side of the square that the network sees [px]."""

NUMBERS: Final = 5
"""What it says of each landmark: x, y and depth [px of the square], and two logits."""

SEEN: Final = 3
"""Place of the logit of being seen among these."""

_FIRST: Final = {
    "ear": 7,
    "mouth": 9,
    "shoulder": 11,
    "elbow": 13,
    "wrist": 15,
    "hip": 23,
    "knee": 25,
    "ankle": 27,
    "heel": 29,
    "toe": 31,
}

PLACES: Final = {
    "nose": 0,
    "eye_left": 2,
    "eye_right": 5,
    **{f"{name}_left": place for name, place in _FIRST.items()},
    **{f"{name}_right": place + 1 for name, place in _FIRST.items()},
}
"""Place of each landmark among those of the network (BlazePose; Bazarevsky et al., arXiv:2006.10204)."""

MIDDLE, RIM = 33, 34
"""Places of the middle of the hips and of a point on the circle around the whole person, upwards from there."""

MARGIN: Final = 1.25
"""Side of the square that is looked at next, in diameters of that circle."""

LOOKS: Final = 3
"""How often the network looks: first at the whole photograph, then at the person that it found there."""

LOOK_AGAIN: Final = 0.3
"""Probability of a person below which it does not look again."""


@dataclass(frozen=True)
class Square:
    """A turned square of a photograph, as the network sees it.

    Parameters
    ----------
    centre : (2,) float64
        Its middle, x before y [px].
    side_px : float
        Its side [px of the photograph].
    angle_rad : float
        Turn of the person's upward direction from the picture's, clockwise [rad].
    """

    centre: npt.NDArray[np.float64]
    side_px: float
    angle_rad: float

    @property
    def affine(self) -> npt.NDArray[np.float64]:
        """Map (2, 3) from the square's pixels to the photograph's, centres of pixels in both."""
        cos, sin = np.cos(self.angle_rad), np.sin(self.angle_rad)
        turn = np.array([[cos, -sin], [sin, cos]]) * (self.side_px / SIDE)
        middle = np.full(2, (SIDE - 1) / 2)
        return np.column_stack([turn, self.centre - turn @ middle])

    def seen_in(self, pixels: Pixels) -> npt.NDArray[np.float32]:
        """Return what the network looks at, (1, S, S, 3) in 0..1; black beyond the photograph."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(pixels, self.affine, (SIDE, SIDE), flags=flags)
        return np.asarray(seen[None], np.float32) / np.float32(255)


@dataclass(frozen=True)
class NetworkPoseFinder:
    """A pose network in a file, read and compiled when first asked; threads may ask, and take turns.

    Parameters
    ----------
    weights : Path
        The network's file.
    """

    weights: Path
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __call__(self, photograph: Photograph) -> BodyLandmarks:
        """Return the landmarks of the person that a photograph shows best, and how likely there is one."""
        height, width = photograph.size
        square = Square(np.array([(width - 1) / 2, (height - 1) / 2]), float(max(height, width)), 0.0)
        for _ in range(LOOKS):
            numbers, person = self._look(square.seen_in(photograph.pixels))
            pixels = numbers[:, :2] @ square.affine[:, :2].T + square.affine[:, 2]
            up = pixels[RIM] - pixels[MIDDLE]
            if person < LOOK_AGAIN or not np.linalg.norm(up) > 1:
                break
            square = Square(pixels[MIDDLE], 2 * MARGIN * float(np.linalg.norm(up)), float(np.arctan2(up[0], -up[1])))
        chosen = [PLACES[name] for name in LANDMARKS]
        return BodyLandmarks(pixels[chosen], 1 / (1 + np.exp(-numbers[chosen, SEEN])), person)

    def _look(self, seen: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float64], float]:
        """Return what the network says of each of its landmarks, (39, 5), and how likely there is a person."""
        with self._lock:
            found = self._request.infer([seen])
        numbers = np.asarray(found[0], np.float64).reshape(-1, NUMBERS)
        return numbers, float(np.asarray(found[1]).ravel()[0])

    @cached_property
    def _request(self) -> Any:
        """What runs the network, after a first run."""
        from reepi.model.converted import core

        # One thread: the network is small, and takes a tenth of a second of a photograph of a whole person alone.
        hints = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "ENABLE_CPU_PINNING": False}
        with FIRST_USE:
            request = core().compile_model(core().read_model(self.weights), "CPU", hints).create_infer_request()
            request.infer([np.zeros((1, SIDE, SIDE, 3), np.float32)])
        return request


def load_pose_finder(model_dir: Path) -> NetworkPoseFinder:
    """Return the pose network of a model folder.

    Raises
    ------
    InputError
        The folder holds no pose network, or its file is damaged.
    """
    card, weights = model_dir / CARD, model_dir / WEIGHTS
    remedy = "Name another model folder, or install reepi again."
    try:
        told = tomllib.loads(card.read_text(encoding="utf-8"))
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InputError([Fault(str(model_dir), f"no pose network can be read ({error})", remedy)]) from error
    if told.get("task") != "pose":
        raise InputError([Fault(str(card), f"it is a {told.get('task')} model, a pose model is needed", remedy)])
    if told.get("sha256") != digest:
        raise InputError([Fault(str(weights), "its content is not what the card says (sha256)", remedy)])
    return NetworkPoseFinder(weights)
