"""What a surface map knows of each face: how much of it was assessed, and what was found there."""

from typing import Final

import numpy as np

from reepi.core.surface import SurfaceMap, as_shares
from reepi.core.tissue import ASSESSED, OPEN
from reepi.scoring.skin import Floats

OPEN_COLUMNS: Final = [ASSESSED.index(tissue) for tissue in OPEN]
"""Columns of `assessed_parts`, and of shares of them, that are open skin."""


def assessed_parts(surface: SurfaceMap) -> Floats:
    """Return the share of each face found to be each of the `ASSESSED` tissues, (F, 5); sums to 1 or less.

    Covered skin, and template skin where the photograph showed none, count as unassessed and are left out.
    """
    seen = np.clip(np.asarray(surface.seen, np.float64), 0, 1)
    parts: Floats = seen[:, None] * as_shares(surface.tissue.clip(0))[:, list(ASSESSED)]
    return parts


def believed_mix(surface: SurfaceMap) -> Floats:
    """Return the mix of `ASSESSED` tissues that each face is believed to be, (F, 5); 0 where nothing was seen."""
    return as_shares(surface.belief[:, list(ASSESSED)].clip(0))


def assessed_fraction(parts: Floats) -> Floats:
    """Return the assessed share of each face, (F,) between 0 and 1, from its `assessed_parts` (F, 5)."""
    fraction: Floats = np.clip(parts.sum(axis=1), 0, 1)
    return fraction


def open_share(mix: Floats) -> Floats:
    """Return the open part of a mix or of parts (N, 5), (N,)."""
    share: Floats = mix[:, OPEN_COLUMNS].sum(axis=1)
    return share


def with_open(parts: Floats) -> Floats:
    """Return values per assessed tissue (N, 5) with those of open skin as a sixth column, (N, 6)."""
    return np.column_stack([parts, open_share(parts)])
