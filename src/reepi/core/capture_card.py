"""A capture card or colour chart that was found in a photograph."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CardSighting:
    """A card in a photograph: where it lies, how large a millimetre is there, and what its patches look like.

    Parameters
    ----------
    kind : str
        What was found: ``reepi-a6``, ``reepi-a5`` or ``colorchecker-24``.
    to_photograph : (3, 3) float64
        Homography from the card [mm, x to the right, y down] to the photograph [px, x to the right, y down].
    size : (int, int)
        Height and width of the photograph that ``to_photograph`` refers to [px].
    mm_per_px : float
        Millimetres that a pixel shows at the middle of the card, across the line of sight [mm/px]; NaN of a chart,
        which comes in several sizes.
    tilt_degrees : float
        Angle between the card and the picture plane, without perspective [degrees]; NaN of a chart.
    residual_px : float
        Root mean square distance of the marks found from where the homography puts them [px].
    patches : (N, 3) float64
        Median colour of each patch in the photograph, sRGB of 0 to 255; NaN where a patch is hidden or glares.
    references : (N, 3) float64
        Colour of each patch in even daylight, sRGB of 0 to 255.
    outline : (4, 2) float64
        Corners of the card in the photograph, x and y [px].
    """

    kind: str
    to_photograph: Floats
    size: tuple[int, int]
    mm_per_px: float
    tilt_degrees: float
    residual_px: float
    patches: Floats
    references: Floats
    outline: Floats

    @property
    def record(self) -> dict[str, Any]:
        """The sighting as plain values; patches that are out of sight are None."""
        return {
            "kind": self.kind,
            "mm_per_px": _plain(self.mm_per_px, 6),
            "of_size": list(self.size),
            "tilt_degrees": _plain(self.tilt_degrees, 2),
            "residual_px": round(self.residual_px, 3),
            "to_photograph": self.to_photograph.tolist(),
            "patches": [None if np.isnan(each).any() else np.round(each, 2).tolist() for each in self.patches],
        }


def _plain(value: float, digits: int) -> float | None:
    return None if np.isnan(value) else round(value, digits)
