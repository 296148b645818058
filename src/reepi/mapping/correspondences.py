"""Makes correspondences, pixels of a photograph and the points of the body template that they show."""

import numpy as np
import numpy.typing as npt

from reepi.body.face_image import FaceImage
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences
from reepi.core.surface import NO_FACE

Floats = npt.NDArray[np.float64]

CANDIDATE_FACES = 8
"""Faces with the nearest centres among which the nearest point of the surface is sought; neighbours of a face that is
not much longer than wide are always among them."""


def nearest_on_template(
    points: npt.NDArray[np.floating], template: BodyTemplate
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Return the points of the template's skin nearest to canonical points.

    Parameters
    ----------
    points : (N, 3) float
        Points on or near the reference body in neutral pose [m].
    template : BodyTemplate
        Any patient's; its canonical coordinates are the same for all.

    Returns
    -------
    faces : (N,) int64
        Face of each.
    barycentric : (N, 3) float64
        Place within the face.
    distance : (N,) float64
        Distance from the reference body [m].
    """
    skin, (corners, tree) = np.flatnonzero(template.skin), template.canonical_skin
    candidates = np.arange(1, min(CANDIDATE_FACES, len(skin)) + 1)
    _, near = tree.query(points, k=candidates)
    barycentric = nearest_on_triangles(np.asarray(points, np.float64)[:, None], corners[near])
    gap = np.linalg.norm(np.einsum("nkc,nkcd->nkd", barycentric, corners[near]) - points[:, None], axis=-1)
    best = gap.argmin(axis=1)
    row = np.arange(len(points))
    return skin[near[row, best]], barycentric[row, best], gap[row, best]


def nearest_on_triangles(points: Floats, corners: Floats) -> Floats:
    """Return the barycentric weights (..., 3) of the points of triangles (..., 3, 3) nearest to points (..., 3).

    The nearest point is the foot of the perpendicular if that lies inside, else the nearest point of an edge.
    """
    inside = _foot_weights(points, corners)
    edges = np.stack([_edge_weights(points, corners, i, (i + 1) % 3) for i in range(3)])
    gaps = np.linalg.norm(np.einsum("e...c,...cd->e...d", edges, corners) - points, axis=-1)
    on_edge = np.take_along_axis(edges, gaps.argmin(axis=0)[None, ..., None], axis=0)[0]
    return np.where((inside >= 0).all(axis=-1, keepdims=True), inside, on_edge)


def from_canonical_points(
    pixels: Floats, points: npt.NDArray[np.floating], sigma_m: Floats, weights: Floats, template: BodyTemplate
) -> Correspondences:
    """Return the correspondences of a network's canonical points.

    Parameters
    ----------
    pixels : (N, 2) float64
        x before y at working size [px].
    points : (N, 3) float
        Canonical point that each shows [m].
    sigma_m : (N,) float64
        Expected error [m]; the distance of the point from the reference body is added to it.
    weights : (N,) float64
        Belief, 0 to 1.
    template : BodyTemplate
        The patient's body.
    """
    faces, barycentric, distance = nearest_on_template(points, template)
    return Correspondences(pixels, faces, barycentric, np.hypot(sigma_m, distance), weights, "network")


def from_face_image(image: FaceImage, template: BodyTemplate, sigma_m: float = 0.002) -> Correspondences:
    """Return the true correspondences of every skin pixel of a face image.

    Parameters
    ----------
    image : FaceImage
        What a camera sees of the posed template.
    template : BodyTemplate
        The patient's body.
    sigma_m : float
        Error to give them [m].
    """
    skin = (image.faces != NO_FACE) & template.skin[image.faces]
    rows, columns = np.nonzero(skin)
    n = len(rows)
    pixels = np.stack([columns, rows], axis=1).astype(np.float64)
    faces = image.faces[skin].astype(np.int64)
    barycentric = image.barycentric[skin].astype(np.float64)
    return Correspondences(pixels, faces, barycentric, np.full(n, sigma_m), np.ones(n), "truth")


def evenly_spread(pixels: Floats, quality: Floats, n: int) -> npt.NDArray[np.int64]:
    """Return about n of many pixels, spread evenly over the picture: the best one of each cell of a grid.

    Parameters
    ----------
    pixels : (N, 2) float64
        x before y [px].
    quality : (N,) float64
        The pixel of highest quality stands for its cell; the first of equals.
    n : int
        How many cells are wanted.

    Returns
    -------
    (M,) int64
        Index of those kept, ascending.
    """
    if len(pixels) <= n:
        return np.arange(len(pixels))
    cell = _cell_side(pixels, n)
    cells = np.floor((pixels - pixels.min(axis=0)) / cell).astype(np.int64)
    key = cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1]
    order = np.lexsort((np.arange(len(key)), -quality, key))
    first = np.ones(len(key), bool)
    first[1:] = key[order][1:] != key[order][:-1]
    return np.sort(order[first])


def _cell_side(pixels: Floats, n: int) -> float:
    """Return the side [px] of square cells of which about n hold a pixel, by halving the interval."""
    low, high = 0.5, float(np.ptp(pixels, axis=0).max()) + 1
    for _ in range(20):
        side = np.sqrt(low * high)
        cells = np.floor((pixels - pixels.min(axis=0)) / side).astype(np.int64)
        key = np.sort(cells[:, 0] * (cells[:, 1].max() + 1) + cells[:, 1])
        filled = 1 + np.count_nonzero(key[1:] != key[:-1])
        low, high = (side, high) if filled > n else (low, side)
        if high / low < 1.02:
            break
    return float(high)


def _foot_weights(points: Floats, corners: Floats) -> Floats:
    edge1, edge2 = corners[..., 1, :] - corners[..., 0, :], corners[..., 2, :] - corners[..., 0, :]
    to_point = points - corners[..., 0, :]
    d11, d12, d22 = (edge1**2).sum(-1), (edge1 * edge2).sum(-1), (edge2**2).sum(-1)
    p1, p2 = (to_point * edge1).sum(-1), (to_point * edge2).sum(-1)
    area = np.maximum(d11 * d22 - d12**2, 1e-30)
    v, w = (d22 * p1 - d12 * p2) / area, (d11 * p2 - d12 * p1) / area
    return np.stack([1 - v - w, v, w], axis=-1)


def _edge_weights(points: Floats, corners: Floats, start: int, end: int) -> Floats:
    along = corners[..., end, :] - corners[..., start, :]
    length = np.maximum((along**2).sum(-1), 1e-30)
    share = np.clip(((points - corners[..., start, :]) * along).sum(-1) / length, 0, 1)
    weights = np.zeros((*share.shape, 3))
    weights[..., start], weights[..., end] = 1 - share, share
    return weights
