"""Of which parts of a registered photograph it is sure what they show.

A photograph of a hand may show a thigh behind it, one of a foot the other foot. The fit lays the hand rightly and has
the rest where nothing holds it. What a pixel shows is sure where the correspondences around it, on the body as it was
laid, are sure of themselves and agree with the fit.
"""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences
from reepi.core.surface import NO_FACE, Registration

Floats = npt.NDArray[np.float64]

GRID_LONG_SIDE = 64
"""Cells of the grid along a photograph's long side: as fine as correspondences tell, and small to keep."""

SURE_M, SURE_MEDIANS = 0.08, 2.5
"""A correspondence is sure of itself up to this expected error [m], or up to so many times the photograph's median: of
a whole person it is larger everywhere, and evens out in the fit."""

AGREES_M, AGREES_MEDIANS = 0.08, 2.0
"""It agrees with the fit up to this distance on the reference body [m], or so many times the same median."""

BESIDE = 2.0
"""Distance of cells that are beside each other, on the diagonal too [cells]."""

AROUND = 15
"""Correspondences nearest on the reference body that are asked; half of them must be sure and agree."""

REACH_M = 0.1
"""What is farther from every correspondence than this is not known [m]. These limits were chosen on rendered
photographs (``python benchmarks/mapping.py --seed 1000``); somewhat smaller or larger ones do nearly as well."""


def unsure_cells(
    registration: Registration, correspondences: Correspondences, template: BodyTemplate
) -> npt.NDArray[np.bool_]:
    """Return the cells of a grid over a photograph whose place on the body is not sure, (g, k).

    A cell whose middle shows no face of the body is as the nearest one beside it that does: a rim may run through it.

    Parameters
    ----------
    registration : Registration
        With all of its faces.
    correspondences : Correspondences
        What it was found from.
    template : BodyTemplate
        The patient's body.
    """
    faces = _faces_of_cells(registration)
    there = np.asarray(faces != NO_FACE)
    if not there.any():
        return there
    unsure = there.copy()
    unsure[there] = _unsure_faces(faces[there], registration, correspondences, template)
    away, nearest = distance_transform_edt(~there, return_indices=True)
    return np.asarray(unsure[tuple(nearest)] & (away < BESIDE))


def _unsure_faces(
    faces: npt.NDArray[np.int32], registration: Registration, correspondences: Correspondences, template: BodyTemplate
) -> npt.NDArray[np.bool_]:
    """Return of which faces (N,) it is not sure that the photograph shows them where they were laid."""
    laid = _faces_at(registration, correspondences.pixels)
    there = (laid != NO_FACE) & (correspondences.weights > 0)
    if np.count_nonzero(there) < AROUND:
        return np.ones(len(faces), bool)
    places, errors = _middles(laid[there], template), correspondences.sigma_m[there]
    gaps = np.linalg.norm(places - _middles(correspondences.faces[there], template), axis=1)
    median = float(np.median(errors))
    agree = (errors < max(SURE_M, SURE_MEDIANS * median)) & (gaps < max(AGREES_M, AGREES_MEDIANS * median))
    distances, near = cKDTree(places).query(_middles(faces, template), k=AROUND)
    return np.asarray((agree[near].mean(axis=1) < 0.5) | (distances[:, 0] > REACH_M))


def _faces_of_cells(registration: Registration) -> npt.NDArray[np.int32]:
    """Return the face in the middle of each cell, (g, k)."""
    height, width = registration.drawn.shape
    cells = [max(1, round(GRID_LONG_SIDE * side / max(height, width))) for side in (height, width)]
    rows, columns = ((2 * np.arange(n) + 1) * side // (2 * n) for n, side in zip(cells, (height, width), strict=True))
    return np.asarray(registration.drawn[rows].take(columns, axis=1))


def _faces_at(registration: Registration, pixels: Floats) -> npt.NDArray[np.int32]:
    """Return the faces at pixels (N, 2) of working size, x before y."""
    ends = np.array(registration.drawn.shape[::-1])
    shrink = ends / np.array(registration.size[::-1])
    columns, rows = np.clip(np.floor((pixels + 0.5) * shrink).astype(np.int64), 0, ends - 1).T
    return np.asarray(registration.drawn[rows, columns])


def _middles(faces: npt.NDArray[np.integer], template: BodyTemplate) -> Floats:
    """Return the middles of faces on the reference body, (N, 3) [m]."""
    return np.asarray(np.asarray(template.canonical, np.float64)[template.faces[faces]].mean(axis=1))
