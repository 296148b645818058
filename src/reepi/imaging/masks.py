"""Masks at another size."""

import cv2
import numpy as np

from reepi.core.images import Mask


def shrunk_mask(mask: Mask, size: tuple[int, int]) -> Mask:
    """Return a mask (H, W) at a smaller size, where each pixel is what most of it was; on a draw the lower value.

    A shrunk photograph's pixel is the mean of those it covers, so its label is their majority.

    Parameters
    ----------
    mask : (H, W) uint8
        Values of any meaning.
    size : (int, int)
        Height and width of the result [px].
    """
    if mask.shape == size:
        return mask.copy()
    result, most = np.zeros(size, np.uint8), np.full(size, -1, np.int16)
    for value in np.unique(mask):
        here = np.where(mask == value, np.uint8(255), np.uint8(0))
        share = cv2.resize(here, (size[1], size[0]), interpolation=cv2.INTER_AREA).astype(np.int16)
        result[share > most] = value
        most = np.maximum(most, share)
    return result
