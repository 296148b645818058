"""The outline of a posed body in a picture, from the edges between faces that look at the camera and faces that do not.

No rays are cast. The outline of the faces that look at the camera is a set of closed loops; counting along each row of
pixels how often they are entered and left tells which pixels the body covers, and so which edges have nothing behind.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reepi.body.camera import Camera

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEAREST_M = 0.02
"""Faces nearer to the camera's plane than this are left out [m]: they have no place in the picture."""

STEP_PX = 2.0
"""Distance between points along an edge [px]."""

BESIDE_PX = 1.5
"""How far outside of the outline the picture must be empty [px]."""

SMOOTHING_PX = 2.0
"""Standard deviation of the blur whose slope tells which way an outline faces [px]."""


@dataclass(frozen=True)
class Silhouette:
    """Points of a surface on its outline in a picture.

    Parameters
    ----------
    pixels : (N, 2) float64
        x before y [px].
    normals : (N, 2) float64
        Unit vectors in the picture that point away from the body.
    faces : (N,) int64
        Face of each, the one that looks at the camera.
    barycentric : (N, 3) float64
        Place on the face's edge, as weights of its corners.
    depth_m : (N,) float64
        Depth in front of the camera [m].
    """

    pixels: Floats
    normals: Floats
    faces: Ints
    barycentric: Floats
    depth_m: Floats

    def part(self, keep: Ints | npt.NDArray[np.bool_]) -> "Silhouette":
        """Return those of an index or a choice."""
        return Silhouette(
            self.pixels[keep], self.normals[keep], self.faces[keep], self.barycentric[keep], self.depth_m[keep]
        )


def silhouette_of(
    vertices: Floats, faces: npt.NDArray[np.int32], neighbours: npt.NDArray[np.int32], camera: Camera
) -> Silhouette:
    """Return the outline of a posed surface.

    Parameters
    ----------
    vertices : (V, 3) float64
        Posed vertices [m].
    faces : (F, 3) int32
        Triangles, counter-clockwise from outside.
    neighbours : (F, 3) int32
        Face across each edge, from each corner to the next, or `NO_FACE`.
    camera : Camera
        Where it is seen from.
    """
    local = camera.in_camera_axes(vertices)
    depth = local[:, 2]
    pixels = camera.focal_px * local[:, :2] / np.maximum(depth, NEAREST_M)[:, None] + np.array(camera.centre)
    looking = _looking(pixels, faces, depth >= NEAREST_M)
    face, corner = np.nonzero(looking[:, None] & ~np.append(looking, False)[neighbours])
    start, end = faces[face, corner], faces[face, (corner + 1) % 3]
    covered = _covered(pixels[start], pixels[end], camera.size)
    points = _along(pixels, depth, start, end, camera.size)
    outline = Silhouette(
        points.pixels,
        outward(covered.astype(np.float32), points.pixels),
        face[points.edge],
        _barycentric(corner[points.edge], points.share),
        points.depth_m,
    )
    return outline.part(_nothing_beside(outline, covered))


def outward(share: npt.NDArray[np.float32], pixels: Floats) -> Floats:
    """Return the unit normals (N, 2) that point out of a mask at pixels (N, 2) on its edge; zero where there is none.

    Parameters
    ----------
    share : (H, W) float32
        The mask, 0 to 1.
    pixels : (N, 2) float64
        x before y, within the picture [px].
    """
    smooth = cv2.GaussianBlur(share, (0, 0), SMOOTHING_PX)
    slopes = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    columns, rows = np.rint(pixels).astype(int).T
    normals = -np.stack([slope[rows, columns] for slope in slopes], axis=1).astype(np.float64)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.where(length > 1e-2, normals / np.maximum(length, 1e-2), 0.0)


@dataclass(frozen=True)
class _EdgePoints:
    """Points (N,) on edges: which edge, how far along it in space (0 to 1), pixels (N, 2) and depth [m]."""

    edge: Ints
    share: Floats
    pixels: Floats
    depth_m: Floats


def _looking(pixels: Floats, faces: npt.NDArray[np.int32], in_front: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which faces look at the camera: as y runs down, their corners run clockwise by the axes' sign."""
    a, b, c = (pixels[faces[:, k]] for k in range(3))
    ab, ac = b - a, c - a
    return np.asarray((ab[:, 0] * ac[:, 1] < ab[:, 1] * ac[:, 0]) & in_front[faces].all(axis=1))


def _covered(start: Floats, end: Floats, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Return which pixels lie within closed loops given as directed edges (E, 2): entered more often than left."""
    height, width = size
    low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    first, last = (np.clip(np.ceil(y), 0, height).astype(np.int64) for y in (low, high))
    edge, place = _repeated(last - first)
    row = first[edge] + place
    rise = end[:, 1] - start[:, 1]
    x = start[edge, 0] + (row - start[edge, 1]) / rise[edge] * (end[edge, 0] - start[edge, 0])
    column = np.clip(np.ceil(x), 0, width).astype(np.int64)
    crossings = np.bincount(row * (width + 1) + column, np.sign(rise)[edge], height * (width + 1))
    return np.asarray(crossings.reshape(height, width + 1).cumsum(axis=1)[:, :width] > 0.5)


def _repeated(counts: Ints) -> tuple[Ints, Ints]:
    """Return each index as often as its count, and the place of each among those of its index."""
    index = np.repeat(np.arange(len(counts)), counts)
    return index, np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)


def _along(
    pixels: Floats, depth: Floats, start: npt.NDArray[np.int32], end: npt.NDArray[np.int32], size: tuple[int, int]
) -> _EdgePoints:
    """Return points at equal steps along those edges that have an end in the picture."""
    near = np.flatnonzero(_within(pixels[start], size) | _within(pixels[end], size))
    start, end = start[near], end[near]
    length = np.linalg.norm(pixels[end] - pixels[start], axis=1)
    counts = np.ceil(np.minimum(length, 2 * max(size)) / STEP_PX).astype(np.int64)
    edge, place = _repeated(counts)
    share = ((place + 0.5) / counts[edge])[:, None]
    there = (1 - share) * pixels[start[edge]] + share * pixels[end[edge]]
    inside = _within(there, size)
    edge, share, there = edge[inside], share[inside, 0], there[inside]
    z0, z1 = depth[start[edge]], depth[end[edge]]
    in_space = share * z0 / (z1 + share * (z0 - z1))
    return _EdgePoints(near[edge], in_space, there, z0 + in_space * (z1 - z0))


def _within(pixels: Floats, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
    return np.asarray(((pixels >= 0) & (pixels <= np.array([size[1], size[0]]) - 1)).all(axis=1))


def _barycentric(corner: Ints, share: Floats) -> Floats:
    row, weights = np.arange(len(corner)), np.zeros((len(corner), 3))
    weights[row, corner], weights[row, (corner + 1) % 3] = 1 - share, share
    return weights


def _nothing_beside(outline: Silhouette, covered: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    height, width = covered.shape
    columns, rows = np.rint(outline.pixels + BESIDE_PX * outline.normals).astype(int).T
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    free = ~covered[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    return np.asarray(inside & free & outline.normals.any(axis=1))
