"""Pictures of an evaluation: a photograph, what is true of it and what the model says, side by side."""

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from reepi.core.images import Mask, Photograph, Pixels, TissueMap
from reepi.core.tissue import COLOURS, Tissue
from reepi.model.data.datasets import DataSet, Sample
from reepi.model.evaluation.evaluating import as_photograph
from reepi.report.figures import THUMBNAIL_SIDE, thumbnail

LEFT_OPEN: Final = (226, 229, 233)
"""Colour where a label is missing or leaves the tissue open: no tissue has it."""

Segment = Callable[[Photograph], TissueMap]


def case_pictures(segment: Segment, dataset: DataSet, sample: Sample) -> tuple[bytes, bytes, bytes]:
    """Return a photograph, its truth and its prediction as small JPEGs of one size."""
    photograph = as_photograph(sample)
    predicted = segment(photograph).mask
    truth, said = truth_picture(dataset.labels.encode(sample.read_mask())), np.array(list(COLOURS.values()), np.uint8)
    return thumbnail(photograph.pixels), thumbnail(_small(truth)), thumbnail(_small(said[predicted]))


def truth_picture(sets: Mask) -> Pixels:
    """Return label sets (H, W) in the colours of their tissues, grey where they are not sure of one, (H, W, 3)."""
    palette = np.full((256, 3), LEFT_OPEN, np.uint8)
    for tissue in Tissue:
        palette[1 << tissue] = COLOURS[tissue]
    return palette[sets]


def _small(painted: Pixels) -> Pixels:
    """Return a painted mask at the size of a thumbnail without mixing its colours."""
    height, width = painted.shape[:2]
    scale = min(1.0, THUMBNAIL_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(painted, size, interpolation=cv2.INTER_NEAREST_EXACT), np.uint8)
