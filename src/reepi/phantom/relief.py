"""Smooth and rough surface: normals of a body's vertices, and normals tilted by fine relief."""

import cv2
import numpy as np
import numpy.typing as npt

from reepi.phantom.noise import Floats

STEEPEST = 1.2
"""Largest slope that relief gives to a normal."""


def vertex_normals(vertices: npt.NDArray[np.float64], faces: npt.NDArray[np.int32]) -> Floats:
    """Return the area-weighted unit normal of each vertex, (V, 3)."""
    a, b, c = vertices[faces].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    total = np.zeros_like(vertices)
    for axis in range(3):
        total[:, axis] = np.bincount(faces.ravel(), np.repeat(normal[:, axis], 3), len(vertices))
    return np.asarray(total / (np.linalg.norm(total, axis=1, keepdims=True) + 1e-12), np.float32)


def tilted(body: npt.NDArray[np.bool_], points: Floats, normals: Floats, height: Floats) -> Floats:
    """Return unit normals tilted by relief, (N, 3), from its slope on the picture's grid.

    Parameters
    ----------
    body : (H, W) bool
        Pixels that show the body, N of them.
    points, normals : (N, 3) float32
        World position [m] and smooth unit normal of each.
    height : (N,) float32
        Relief above the smooth surface [m].

    Notes
    -----
    Surface gradient bump mapping (Mikkelsen, J Graph GPU Game Tools 2010;15:49-61). Derivatives across outlines, where
    the surface breaks off, are dropped.
    """
    relief = np.zeros(body.shape, np.float32)
    relief[body] = height
    place = np.zeros((*body.shape, 3), np.float32)
    place[body] = points
    along_x, along_y = (np.gradient(place, axis=axis)[body] for axis in (1, 0))
    slope_x, slope_y = (np.gradient(relief, axis=axis)[body] for axis in (1, 0))
    inner = cv2.erode(body.astype(np.uint8), np.ones((3, 3), np.uint8))[body] > 0
    across_x, across_y = np.cross(along_y, normals), np.cross(normals, along_x)
    determinant = np.einsum("ij,ij->i", along_x, across_x)
    smallest = np.float32((0.2 * np.median(np.abs(determinant))) + 1e-12) if len(determinant) else np.float32(1)
    gradient = (slope_x[:, None] * across_x + slope_y[:, None] * across_y) / (
        np.where(determinant < 0, -1, 1) * np.maximum(np.abs(determinant), smallest)
    )[:, None]
    slope = np.linalg.norm(gradient, axis=1, keepdims=True)
    gradient *= np.minimum(1, STEEPEST / (slope + 1e-9)) * inner[:, None]
    rough = normals - gradient
    return np.asarray(rough / (np.linalg.norm(rough, axis=1, keepdims=True) + 1e-9), np.float32)
