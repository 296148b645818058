"""The outline of the skin in a photograph as a source of correspondences.

The rim of the posed template must fall on the edge of the skin, though nobody knows on which point of that edge. So a
point of the rim is drawn to the nearest edge that runs the same way, along the edge's normal only (the iterated closest
points of Besl & McKay, IEEE PAMI 1992;14:239-256, with the point-to-line distance of Chen & Medioni).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.silhouette import Silhouette, outward, silhouette_of
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences
from reepi.mapping.correspondences import evenly_spread

Floats = npt.NDArray[np.float64]

OUTLINE_LONG_SIDE_PX = 384
"""Long side at which edges are sought; a pixel is a few millimetres of skin, about what the edge itself is sure to."""

OUTLINE_SIGMA_M = 0.003
"""Expected error of an edge [m]: how sharply a tissue map ends. What the body's measures
leave over of a girth, the robust weights bear."""

N_OUTLINE = 450
"""Rim points kept: six times as many as correspondences hold against them."""

SAME_WAY = 0.8
"""Least cosine between the normals of a rim point and the edge that it is drawn to."""

NEAR_SHOWN_SKIN_M = 0.12
"""Only rim points this near to skin that has correspondences are used [m]: the pose of other limbs is a guess."""

ON_EDGE_M = 0.01
"""A rim point this near to an edge lies on it [m]: nearer than a body does that stands somewhere else."""

BORDER_PX = 3
"""Edges this near to the picture's border are where the picture ends, not the skin [px]."""


@dataclass(frozen=True)
class Outline:
    """Template points on the rim, and the edges of skin that they belong on.

    Parameters
    ----------
    points : Correspondences
        Pixels on the edges, with the rim points drawn to them.
    normals : (N, 2) float64
        Unit normal of each edge, x before y.
    on_edge : float
        Share of the rim that lies on an edge already, 0 to 1; where the body has no rim in the picture, 1 if the skin
        has no edge there either.
    """

    points: Correspondences
    normals: Floats
    on_edge: float


@dataclass(frozen=True)
class Edges:
    """Edges of a mask.

    Parameters
    ----------
    pixels : (N, 2) float64
        Where the share passes one half between two pixels, x before y [px].
    normals : (N, 2) float64
        Unit vectors that point out of the mask.
    """

    pixels: Floats
    normals: Floats


def edges_of(share: npt.NDArray[np.float32]) -> Edges:
    """Return the edges of a mask given as shares (H, W) from 0 to 1, away from the picture's border."""
    across, down = _crossings(share), _crossings(np.ascontiguousarray(share.T))[:, ::-1]
    pixels = np.concatenate([across, down])
    border = BORDER_PX + np.zeros(2), np.array(share.shape[::-1]) - 1.0 - BORDER_PX
    pixels = pixels[((pixels >= border[0]) & (pixels <= border[1])).all(axis=1)]
    normals = outward((share > 0.5).astype(np.float32), pixels)
    clear = normals.any(axis=1)
    return Edges(pixels[clear], normals[clear])


def _crossings(share: npt.NDArray[np.float32]) -> Floats:
    """Return where shares (H, W) pass one half between neighbours of a row, (N, 2), x before y [px]."""
    inside = share > 0.5
    rows, columns = np.nonzero(inside[:, 1:] != inside[:, :-1])
    left, right = share[rows, columns].astype(np.float64), share[rows, columns + 1].astype(np.float64)
    return np.stack([columns + (0.5 - left) / (right - left), rows.astype(np.float64)], axis=1)


def skin_edges(skin: npt.NDArray[np.float32]) -> Edges:
    """Return the edges of the skin of a photograph, (H, W) at working size, at the size in which they are sought."""
    size = _small((skin.shape[0], skin.shape[1]))
    return edges_of(np.asarray(cv2.resize(skin, size[::-1], interpolation=cv2.INTER_AREA), np.float32))


def outline_of(
    edges: Edges,
    camera: Camera,
    pose: dict[str, tuple[float, float, float]],
    shown: Correspondences,
    template: BodyTemplate,
    reach_m: float,
    measures: Mapping[str, float] | None = None,
) -> Outline:
    """Return where the rim of a posed template should move.

    Parameters
    ----------
    edges : Edges
        Of the skin; see `skin_edges`.
    camera, pose
        Where the body is taken to be so far; `pose` in rotation vectors [rad].
    shown : Correspondences
        Those of the photograph, which tell what skin it shows.
    template : BodyTemplate
        The patient's body.
    reach_m : float
        How far a rim point may be drawn [m].
    measures : mapping of str to float, optional
        By how many spreads the body is taken to differ from the template in some measures.
    """
    size = _small(camera.size)
    small = camera.scaled(size)
    posed = template.posed(rotations(template, pose), measures)
    rim = silhouette_of(posed, template.faces, template.neighbours, small)
    rim = rim.part(_near_shown(template, rim.faces, shown))
    rim = rim.part(evenly_spread(rim.pixels, np.zeros(len(rim.faces)), N_OUTLINE))
    target, gap_px = _same_way_edge(rim, edges)
    gap_m = gap_px * rim.depth_m / small.focal_px
    drawn = np.flatnonzero(gap_m <= reach_m)
    zoom = camera.size[1] / size[1]
    points = Correspondences(
        (edges.pixels[target[drawn]] + 0.5) * zoom - 0.5,
        rim.faces[drawn],
        rim.barycentric[drawn],
        np.full(len(drawn), OUTLINE_SIGMA_M),
        np.ones(len(drawn)),
        shown.source,
    )
    on_edge = float((gap_m <= ON_EDGE_M).mean()) if len(gap_m) else float(not len(edges.pixels))
    return Outline(points, edges.normals[target[drawn]], on_edge)


def _same_way_edge(rim: Silhouette, edges: Edges) -> tuple[npt.NDArray[np.int64], Floats]:
    """Return the nearest edge that runs the same way as each rim point, and its distance [px], infinite if none."""
    if not len(edges.pixels) or not len(rim.pixels):
        return np.full(len(rim.pixels), -1, np.int64), np.full(len(rim.pixels), np.inf)
    nearest = cKDTree(edges.pixels)
    gap, index = nearest.query(rim.pixels, k=np.arange(1, min(24, len(edges.pixels)) + 1))
    agree = np.einsum("nkd,nd->nk", edges.normals[index], rim.normals) > SAME_WAY
    gap = np.where(agree, gap, np.inf)
    best = gap.argmin(axis=1)
    row = np.arange(len(gap))
    return index[row, best].astype(np.int64), np.asarray(gap[row, best])


def _near_shown(template: BodyTemplate, faces: npt.NDArray[np.int64], shown: Correspondences) -> npt.NDArray[np.bool_]:
    here, there = (template.vertices[template.faces[some]].mean(axis=1) for some in (faces, shown.faces))
    gap, _ = cKDTree(there).query(here, distance_upper_bound=NEAR_SHOWN_SKIN_M)
    return np.asarray(template.skin[faces] & (gap < NEAR_SHOWN_SKIN_M))


def _small(size: tuple[int, int]) -> tuple[int, int]:
    shrink = min(1.0, OUTLINE_LONG_SIDE_PX / max(size))
    return max(8, round(size[0] * shrink)), max(8, round(size[1] * shrink))
