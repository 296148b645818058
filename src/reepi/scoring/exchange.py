"""Telling skin that changed from skin that only seems to have, because the mapping moved between two visits.

A shift of the mapping moves both edges of an open patch: as much skin seems to have closed on one side as seems to have
opened on the other. Skin that changed for good does not come in such pairs. So the part of closing and opening that is
balanced within a region, and lies as near to open skin of the other visit as the two mappings are uncertain, is taken
as exchanged, not changed. A mapping without error leaves every change as it is.
"""

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reepi.scoring.skin import Floats, Skin

Faces = npt.NDArray[np.bool_]

REACH_RESIDUALS = 2.0
"""An edge may lie displaced by so many joint residuals of two visits; about 95 % of displacements are smaller."""


def moved_edges(
    skin: Skin, open_before: Faces, open_now: Faces, assessed: Faces, residual_mm: Floats
) -> tuple[Faces, Faces]:
    """Return the faces that closed and those that opened so near to an edge that it may only have moved, (F,) each.

    With B the faces open before and N those open now, both among the faces assessed twice, and near(X, Y) the part of X
    within `REACH_RESIDUALS` residuals of Y: near(B - N, N) and near(N - B, B).

    Parameters
    ----------
    skin : Skin
        Shares, regions and centres of the faces.
    open_before, open_now : (F,) bool
        Faces that were open when last assessed, and that are open now.
    assessed : (F,) bool
        Faces assessed at both times.
    residual_mm : (F,) float64
        Joint residual of the two mappings [mm].
    """
    closed = near(skin, open_before & ~open_now & assessed, open_now, residual_mm)
    opened = near(skin, open_now & ~open_before & assessed, open_before, residual_mm)
    return closed, opened


def exchanged(skin: Skin, closed: Faces, opened: Faces, areas: Floats) -> Floats:
    """Return the skin of each region that opened and closed in balance near an edge, in the unit of ``areas``, (33,).

    Parameters
    ----------
    skin : Skin
        Of the same faces.
    closed, opened : (F,) bool
        From `moved_edges`.
    areas : (F,) float64
        Area of each face.
    """
    return np.minimum(skin.by_region(areas * closed), skin.by_region(areas * opened))


def near(skin: Skin, faces: Faces, others: Faces, residual_mm: Floats) -> Faces:
    """Return which of ``faces`` lie within `REACH_RESIDUALS` residuals of one of ``others``, (F,)."""
    result = np.zeros_like(faces)
    candidates = np.flatnonzero(faces & (residual_mm > 0))
    if len(candidates) and others.any():
        distance, _ = cKDTree(skin.centres_mm[others]).query(skin.centres_mm[candidates])
        result[candidates] = distance <= REACH_RESIDUALS * residual_mm[candidates]
    return result
