"""How a reader's or a model's error and a misplaced registration change what is seen of a body's skin."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.tissue import OPEN, Tissue
from reepi.phantom.noise import Floats, draw_field

PATCH_M = 0.05
"""Size of the patches in which skin is read wrongly [m]: readers err on lesions and their edges, not on specks."""


@dataclass(frozen=True)
class ReadingError:
    """How wrongly a trial is read.

    Parameters
    ----------
    generosity_percent : float
        Spread (standard deviation) between visits of how much too much or too little open skin is read [% of it].
    placement_mm : float
        Spread of how far a visit's lesions are put off their place, along each axis [mm].
    """

    generosity_percent: float = 0.0
    placement_mm: float = 0.0

    def __post_init__(self) -> None:
        if self.generosity_percent < 0 or self.placement_mm < 0:
            raise ValueError("a spread cannot be negative")

    def shift_m(self, rng: np.random.Generator) -> npt.NDArray[np.float32]:
        """Return how far the lesions of a visit are put off their place, (3,) [m]."""
        return rng.normal(0, self.placement_mm / 1000, 3).astype(np.float32)

    def generosity(self, rng: np.random.Generator) -> float:
        """Return by what factor too much open skin is read at a visit; 1 is right."""
        return max(1 + float(rng.normal(0, self.generosity_percent / 100)), 0.0)


def read_generously(
    rng: np.random.Generator,
    tissue: npt.NDArray[np.uint8],
    points: Floats,
    shares: npt.NDArray[np.float64],
    factor: float,
) -> npt.NDArray[np.uint8]:
    """Return tissues (F,) in which open skin has been read as ``factor`` times as large, patch by patch.

    Where too much is read, skin that looks like it is taken first: healed, then red, then any. Where too little is
    read, open skin is taken as healed if the patient has healed skin, else as red.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    tissue : (F,) uint8
        What is true.
    points : (F, 3)
        Where the faces are [m].
    shares : (F,) float64
        Their shares; 0 where a face is no skin [% BSA].
    factor : float
        1 reads what is there.
    """
    is_open = np.isin(tissue, OPEN)
    change = (factor - 1) * float(shares[is_open].sum())
    patches = draw_field(rng, PATCH_M).at(points)
    # Steps of 100 keep one kind of skin before the next, whatever the noise; noise has unit variance.
    likeness = np.select([tissue == Tissue.REEPITHELIALISED, tissue == Tissue.ERYTHEMA], [200.0, 100.0], 0.0)
    candidates = np.flatnonzero((is_open if change < 0 else ~is_open) & (shares > 0))
    order = candidates[np.argsort(-(patches + (likeness if change > 0 else 0))[candidates], kind="stable")]
    changed = order[np.cumsum(shares[order]) <= abs(change)]
    read = tissue.copy()
    closed = Tissue.REEPITHELIALISED if np.any(tissue == Tissue.REEPITHELIALISED) else Tissue.ERYTHEMA
    read[changed] = Tissue.DETACHED if change > 0 else closed
    return read
