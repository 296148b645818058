"""What a tissue model's answer tells about itself: where it is unsure, and where it contradicts itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Photograph, Pixels, TissueMap
from reepi.core.tissue import Tissue

SIGNAL_SIDE: Final = 512
"""Long side of the maps that signals are counted on [px]; shares of skin need no finer grid."""

SECOND_GUESS: Final = 0.25
"""Where the second most probable tissue has this probability or more, the model is unsure between the two."""

NO_SKIN: Final = 1e-3
"""Weight of a pixel that is certainly background: a photograph without skin is judged by all its pixels."""

Floats = npt.NDArray[np.float32]
Segment = Callable[[Photograph], TissueMap]


@dataclass(frozen=True)
class Doubt:
    """Two tissues that a model cannot tell apart in a photograph.

    Parameters
    ----------
    first, second : Tissue
        The two, in the order of the list.
    share : float
        Share of skin where they are the first two guesses and the second has a fair chance, 0 to 1.
    """

    first: Tissue
    second: Tissue
    share: float


@dataclass(frozen=True)
class Signals:
    """What a model's answer to one photograph tells.

    Parameters
    ----------
    entropy : float
        Mean predictive entropy of skin pixels [nat].
    mirrored : float
        Share of skin that gets another tissue when the photograph is mirrored, 0 to 1.
    doubt : Doubt
        The largest doubt between two tissues.
    """

    entropy: float
    mirrored: float
    doubt: Doubt


def read_signals(segment: Segment, photograph: Photograph) -> Signals:
    """Return the signals of a photograph; the network runs twice, on it and on its mirror image.

    Entropy is not weighted to the borders of lesions: over the 32 photographs of the sample study its rank correlation
    with the share of skin that the shipped model gets wrong is 0.96 as it is, 0.83 at borders alone and 0.36 without
    them.
    """
    seen = coarse(segment(photograph))
    back = coarse(segment(mirrored(photograph)))[:, :, ::-1]
    skin = skin_weights(seen)
    differs = seen.argmax(axis=0) != back.argmax(axis=0)
    return Signals(
        entropy=float((entropy(seen) * skin).sum()),
        mirrored=float((differs * skin).sum()),
        doubt=largest_doubt(seen, skin),
    )


def entropy(probabilities: Floats) -> Floats:
    """Return the entropy (H, W) [nat] of tissue probabilities (7, H, W) (Shannon 1948)."""
    return np.asarray(-(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(axis=0), np.float32)


def skin_weights(probabilities: Floats) -> Floats:
    """Return the weight (H, W) of every pixel in a mean over skin; sums to 1."""
    weights = 1 - probabilities[Tissue.BACKGROUND] + NO_SKIN
    return np.asarray(weights / weights.sum(dtype=np.float64), np.float32)


def largest_doubt(probabilities: Floats, skin: Floats) -> Doubt:
    """Return the pair of tissues that a model is unsure about on the largest share of skin.

    Parameters
    ----------
    probabilities : (7, H, W)
        Of each tissue.
    skin : (H, W)
        Weights that sum to 1.
    """
    first_two = np.sort(np.argpartition(probabilities, -2, axis=0)[-2:], axis=0)
    second = np.take_along_axis(probabilities, first_two, axis=0).min(axis=0)
    pairs = first_two[0] * len(Tissue) + first_two[1]
    shares = np.bincount(pairs.ravel(), (skin * (second >= SECOND_GUESS)).ravel(), len(Tissue) ** 2)
    first, other = divmod(int(shares.argmax()), len(Tissue))
    return Doubt(Tissue(first), Tissue(other), float(shares.max()))


def coarse(tissues: TissueMap) -> Floats:
    """Return tissue probabilities (7, h, w) on a grid of at most `SIGNAL_SIDE`."""
    height, width = tissues.probabilities.shape[1:]
    scale = SIGNAL_SIDE / max(height, width)
    if scale >= 1:
        return tissues.probabilities
    size = max(1, round(width * scale)), max(1, round(height * scale))
    planes = [cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in tissues.probabilities]
    return np.stack(planes).astype(np.float32, copy=False)


def mirrored(photograph: Photograph) -> Photograph:
    """Return a photograph with left and right exchanged."""
    pixels: Pixels = np.ascontiguousarray(photograph.pixels[:, ::-1])
    return Photograph(pixels, photograph.original_size, photograph.focal_px)
