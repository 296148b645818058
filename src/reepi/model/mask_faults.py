"""Finds masks that cannot be trained on, before training starts."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from reepi.core.errors import Fault
from reepi.core.images import Mask
from reepi.model.label_sets import LabelSets


def mask_faults(image: Path, mask_file: Path, labels: LabelSets) -> list[Fault]:
    """Return what is wrong with a photograph's mask: unreadable, colour, another size, or a value not declared.

    A mask that is not there is told elsewhere.
    """
    if not mask_file.is_file():
        return []
    where = str(mask_file)
    mask = cv2.imread(where, cv2.IMREAD_UNCHANGED)
    if mask is None:
        return [Fault(where, "it cannot be read", "Export it again as 8-bit PNG.")]
    if mask.ndim != 2 or mask.dtype != np.uint8:
        channels = 1 if mask.ndim == 2 else mask.shape[2]
        return [Fault(where, f"it has {channels} channels of {mask.dtype}", "Export it as single-channel 8-bit PNG.")]
    return _size_faults(image, where, mask.shape) + _value_faults(where, np.asarray(mask, np.uint8), labels)


def _size_faults(photograph: Path, where: str, size: tuple[int, ...]) -> list[Fault]:
    # Opening reads the header only; decoding every photograph would double the time before training.
    try:
        with Image.open(photograph) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError):
        return [Fault(str(photograph), "it cannot be read", "Export it again as JPEG.")]
    if (height, width) == size:
        return []
    problem = f"it is {size[1]} x {size[0]}, its photograph {width} x {height}"
    return [Fault(where, problem, "Draw the mask on the photograph as it is stored.")]


def _value_faults(where: str, mask: Mask, labels: LabelSets) -> list[Fault]:
    unknown = np.flatnonzero((np.bincount(mask.ravel(), minlength=256) > 0) & ~labels.known)
    if not len(unknown):
        return []
    values = ", ".join(map(str, unknown))
    return [Fault(where, f"it holds values that are not declared: {values}", "Declare them in dataset.toml.")]
