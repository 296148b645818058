"""How closely the border of a prediction follows the true border, where the label is sure of it."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

TOLERANCE_PX: Final = 4.0
"""Distance up to which two borders count as the same [px at the size that the network sees]: half of one percent of the
long side of the largest photograph."""

_ROUNDING: Final = 1e-3
"""Distances are single precision [px]."""

Flags = npt.NDArray[np.bool_]


def surface_dice(predicted: Flags, certain: Flags, excluded: Flags, tolerance: float = TOLERANCE_PX) -> float:
    """Return the normalised surface distance, or surface Dice, of a prediction; nan where neither has a border.

    Share of the border pixels of both masks that lie within the tolerance of the other's border (Nikolov et al.,
    J Med Internet Res 2021;23:e26151, doi:10.2196/26151; border pixels in place of their surface elements). The frame
    of the photograph is no border. Where the label leaves the subject open, a border is not counted, but one that runs
    there may still match.

    Parameters
    ----------
    predicted : (H, W) bool
        Predicted subject.
    certain, excluded : (H, W) bool
        Where the label is sure of the subject, and where it rules it out.
    tolerance : float
        [px]
    """
    decided = certain | excluded
    true_border, predicted_border = _border(certain, ~certain), _border(predicted, ~predicted)
    true_counted = _border(certain, excluded)
    predicted_counted = _border(predicted & decided, decided & ~predicted)
    total = int(true_counted.sum() + predicted_counted.sum())
    if not total:
        return float("nan")
    near = _near(true_counted, predicted_border, tolerance) + _near(predicted_counted, true_border, tolerance)
    return near / total


def _border(inside: Flags, outside: Flags) -> Flags:
    """Return pixels of one mask that share an edge with a pixel of another."""
    touches = np.zeros_like(inside)
    touches[1:] |= outside[:-1]
    touches[:-1] |= outside[1:]
    touches[:, 1:] |= outside[:, :-1]
    touches[:, :-1] |= outside[:, 1:]
    return inside & touches


def _near(counted: Flags, border: Flags, tolerance: float) -> int:
    if not counted.any() or not border.any():
        return 0
    distances = distance_to(border)
    return int((distances[counted] <= tolerance + _ROUNDING).sum())


def distance_to(places: Flags) -> npt.NDArray[np.float32]:
    """Return the Euclidean distance of every pixel to the nearest of some places, (H, W) [px]."""
    return np.asarray(cv2.distanceTransform((~places).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE))
