"""A flat thing seen by a camera: points and scales through a homography."""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def plane(marks: Floats, places: Floats, loose_px: float | None = None) -> Floats | None:
    """Return the homography (3, 3) of marks (N, 2) to places (N, 2), or None if there is none.

    Parameters
    ----------
    marks, places : (N, 2) float64
        Points on the flat thing, and where they are seen [px].
    loose_px : float, optional
        Points further off than this are left out [px]; all count without it.
    """
    how = () if loose_px is None else (cv2.RANSAC, loose_px)
    found: Any = cv2.findHomography(marks, places, *how)[0]
    return None if found is None else np.asarray(found, np.float64)


def mapped(homography: Floats, points: Floats) -> Floats:
    """Return points (N, 2) through a homography (3, 3)."""
    flat = np.column_stack([points, np.ones(len(points))]) @ homography.T
    return np.asarray(flat[:, :2] / flat[:, 2:])


def jacobian(homography: Floats, point: Floats) -> Floats:
    """Return the derivative (2, 2) of a homography (3, 3) at a point (2,)."""
    x, y, w = homography @ np.array([*point, 1.0])
    rows = homography[:2, :2] * w - np.outer([x, y], homography[2, :2])
    return np.asarray(rows / w**2)


def scales(homography: Floats, point: Floats) -> tuple[float, float]:
    """Return the larger and the smaller scale of a homography (3, 3) at a point (2,).

    The larger is that across the line of sight; the plane's tilt shortens the smaller.
    """
    larger, smaller = np.linalg.svd(jacobian(homography, point), compute_uv=False)
    return float(larger), float(smaller)
