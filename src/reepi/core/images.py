"""Images as values. Arrays are row before column; pixel (0, 0) is the centre of the top left pixel."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from reepi.core.tissue import OPEN, Tissue

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Photograph:
    """An upright photograph at working size.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    original_size : (int, int)
        Height and width of the upright original [px].
    focal_px : float, optional
        Focal length at working size [px], if the file told it.
    """

    pixels: Pixels
    original_size: tuple[int, int]
    focal_px: float | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width at working size [px]."""
        return self.pixels.shape[0], self.pixels.shape[1]


def highest(planes: npt.NDArray[np.float32]) -> tuple[Mask, npt.NDArray[np.float32]]:
    """Return which of several planes (T, H, W) is the highest in each pixel, the first of equal ones, and how high.

    Several times as fast as argmax along the first axis.
    """
    top, place = planes[0].copy(), np.zeros(planes.shape[1:], np.uint8)
    for number, plane in enumerate(planes[1:], start=1):
        np.maximum(place, (plane > top).view(np.uint8) * np.uint8(number), out=place)
        np.maximum(top, plane, out=top)
    return place, top


@dataclass(frozen=True)
class TissueMap:
    """What a segmenter says of every pixel of a photograph at working size.

    Parameters
    ----------
    probabilities : (7, H, W) float32
        Calibrated probability of each tissue, in the order of `Tissue`; sums to 1 over the first axis.
    told : (H, W) uint8, optional
        The most probable tissue of each pixel where that is known already; see `mask`.
    """

    probabilities: npt.NDArray[np.float32]
    told: Mask | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.probabilities.ndim != 3 or self.probabilities.shape[0] != len(Tissue):
            raise ValueError(f"probabilities must be ({len(Tissue)}, H, W), not {self.probabilities.shape}")

    @cached_property
    def mask(self) -> Mask:
        """Most probable tissue of each pixel, (H, W) uint8, on a draw the lower value; the same array each time."""
        mask = highest(self.probabilities)[0] if self.told is None else self.told
        mask.flags.writeable = False
        return mask

    @property
    def skin(self) -> npt.NDArray[np.float32]:
        """Probability that a pixel is the patient's skin, covered or not, (H, W)."""
        return np.asarray(1 - self.probabilities[Tissue.BACKGROUND])

    @property
    def open(self) -> npt.NDArray[np.float32]:
        """Probability that a pixel is open skin, (H, W)."""
        return np.asarray(self.probabilities[list(OPEN)].sum(axis=0))

    @classmethod
    def from_mask(cls, mask: Mask) -> "TissueMap":
        """Return the map that is certain of a mask, (H, W) uint8 of values 0 to 6.

        Raises
        ------
        ValueError
            The mask holds a value that is no tissue.
        """
        if mask.max(initial=0) >= len(Tissue):
            raise ValueError(f"mask holds the value {mask.max()}, which is no tissue")
        return cls((mask[None] == np.arange(len(Tissue), dtype=np.uint8)[:, None, None]).astype(np.float32))
