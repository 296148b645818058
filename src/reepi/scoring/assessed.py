"""What a surface map knows of each face: how much of it was assessed, and what was found there."""

from typing import Final

import numpy as np

from reepi.core.surface import SurfaceMap
from reepi.core.tissue import ASSESSED, OPEN
from reepi.scoring.skin import Floats

OPEN_COLUMNS: Final = [ASSESSED.index(tissue) for tissue in OPEN]
"""Columns of `assessed_parts` and `assessed_mix` that are open skin."""


def assessed_parts(surface: SurfaceMap) -> Floats:
    """Return the share of each face found to be each of the `ASSESSED` tissues, (F, 5); sums to 1 or less.

    Covered skin, and template skin where the photograph showed none, count as unassessed and are left out.
    """
    tissue = np.clip(np.asarray(surface.tissue, np.float64), 0, None)
    total = tissue.sum(axis=1, keepdims=True)
    shares = np.divide(tissue, total, out=np.zeros_like(tissue), where=total > 0)
    seen = np.clip(np.asarray(surface.seen, np.float64), 0, 1)
    parts: Floats = seen[:, None] * shares[:, list(ASSESSED)]
    return parts


def assessed_fraction(parts: Floats) -> Floats:
    """Return the assessed share of each face, (F,) between 0 and 1, from its `assessed_parts` (F, 5)."""
    fraction: Floats = np.clip(parts.sum(axis=1), 0, 1)
    return fraction


def assessed_mix(parts: Floats) -> Floats:
    """Return the mix of tissues among what was assessed of each face or region, (N, 5); 0 where nothing was."""
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
