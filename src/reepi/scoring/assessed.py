"""What a surface map knows of each face: how much of it was assessed, and what was found there."""

from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.surface import SurfaceMap
from reepi.core.tissue import ASSESSED, OPEN
from reepi.scoring.skin import Floats

OPEN_COLUMNS: Final = [ASSESSED.index(tissue) for tissue in OPEN]
"""Columns of `assessed_parts` and `assessed_mix` that are open skin."""


def assessed_parts(surface: SurfaceMap) -> Floats:
    """Return the share of each face found to be each of the `ASSESSED` tissues, (F, 5); sums to 1 or less.

    Covered skin, and template skin where the photograph showed none, count as unassessed and are left out.
    """
    seen = np.clip(np.asarray(surface.seen, np.float64), 0, 1)
    parts: Floats = seen[:, None] * _mix(surface.tissue)[:, list(ASSESSED)]
    return parts


def believed_mix(surface: SurfaceMap) -> Floats:
    """Return the mix of `ASSESSED` tissues that each face is believed to be, (F, 5); 0 where nothing was seen."""
    return assessed_mix(_mix(surface.belief)[:, list(ASSESSED)])


def _mix(shares: npt.NDArray[np.float32]) -> Floats:
    """Return shares (F, 7) that sum to 1, or to 0 where there are none."""
    shares64 = np.clip(np.asarray(shares, np.float64), 0, None)
    return assessed_mix(shares64)


def assessed_fraction(parts: Floats) -> Floats:
    """Return the assessed share of each face, (F,) between 0 and 1, from its `assessed_parts` (F, 5)."""
    fraction: Floats = np.clip(parts.sum(axis=1), 0, 1)
    return fraction


def assessed_mix(parts: Floats) -> Floats:
    """Return the mix of tissues among the parts of each face or region, (N, tissues); 0 where there are none."""
    total = parts.sum(axis=1, keepdims=True)
    mix: Floats = np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)
    return mix


def open_share(mix: Floats) -> Floats:
    """Return the open part of a mix or of parts (N, 5), (N,)."""
    share: Floats = mix[:, OPEN_COLUMNS].sum(axis=1)
    return share


def with_open(parts: Floats) -> Floats:
    """Return values per assessed tissue (N, 5) with those of open skin as a sixth column, (N, 6)."""
    return np.column_stack([parts, open_share(parts)])
