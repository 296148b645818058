"""One vector per photograph: what the deepest layer of a network's encoder sees in it, averaged over the photograph."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import torch

from reepi.core.images import Pixels
from reepi.model.architecture import ENCODER_MEAN, ENCODER_STD, STRIDE
from reepi.model.letterbox import Letterbox, canvas_for
from reepi.model.network import Network
from reepi.model.prediction import network_input

FEATURE_SIDE: Final = 384
"""Long side at which every photograph is described [px]: the same for all, so that size alone is no difference."""

Describe = Callable[[Pixels], npt.NDArray[np.float64]]
"""Photograph (H, W, 3) to its feature (D,)."""


def describer(network: Network) -> Describe:
    """Return what describes a photograph by the mean of the encoder's deepest feature."""
    device = next(network.parameters()).device
    encoder = network.eval().encoder

    def describe(pixels: Pixels) -> npt.NDArray[np.float64]:
        size = pixels.shape[0], pixels.shape[1]
        box = Letterbox(size, canvas_for(size, FEATURE_SIDE, STRIDE))
        with torch.inference_mode():
            inputs = torch.from_numpy(network_input(box.apply(pixels))).to(device)
            deepest = encoder((inputs - ENCODER_MEAN) / ENCODER_STD)[-1][0]
        return np.asarray(deepest.float().mean(dim=(1, 2)).cpu().numpy(), np.float64)

    return describe
