"""What a surface map knows of each face: how much of it was assessed, and what was found there."""

import numpy as np

from reepi.core.surface import SurfaceMap, as_shares, with_open
from reepi.core.tissue import ASSESSED
from reepi.scoring.skin import Floats


def assessed_parts(surface: SurfaceMap) -> Floats:
    """Return the share of each face found to be each of the `ASSESSED` tissues, (F, 5); sums to 1 or less.

    Covered skin, and template skin where the photograph showed none, count as unassessed and are left out.
    """
    seen = np.clip(np.asarray(surface.seen, np.float64), 0, 1)
    parts: Floats = seen[:, None] * as_shares(surface.tissue.clip(0))[:, list(ASSESSED)]
    return parts


def reading_doubt(surface: SurfaceMap) -> Floats:
    """Return p (1 - p) of the probability of each `ASSESSED` tissue, and of open skin, (F, 6), mean over the face.

    By the law of total variance that is the mean's p (1 - p) less the variance of p within the face.
    """
    mean = with_open(as_shares(surface.belief[:, list(ASSESSED)].clip(0)))
    return np.asarray(np.clip(mean * (1 - mean) - surface.variance, 0, None), np.float64)


def assessed_fraction(parts: Floats) -> Floats:
    """Return the assessed share of each face, (F,) between 0 and 1, from its `assessed_parts` (F, 5)."""
    fraction: Floats = np.clip(parts.sum(axis=1), 0, 1)
    return fraction
