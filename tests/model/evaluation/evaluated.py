"""Photographs measured by hand: masks of a few pixels, what a model says of them, and the records of both."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from reepi.core.images import TissueMap
from reepi.model.data.datasets import DataSet, Sample
from reepi.model.data.label_sets import parse_label_sets
from reepi.model.evaluation.records import PhotographRecord, TissueRecords, record_photograph

SINGLE = {str(value): value for value in range(7)}
"""Every mask value means its tissue."""

CLOTHES = {"0": "background", "1": "intact", "9": ["background", "covered"]}
"""A data set that knows bare skin and nothing of lesions, as photographs of people in the street do."""

Rows = Sequence[Sequence[int]]


def dataset(values: object = None, name: str = "tiny") -> DataSet:
    """Return a data set without files."""
    return DataSet(Path(name), name, "made up", "CC0-1.0", parse_label_sets(values, name, []), ())


def photograph(
    true: Rows | np.ndarray,
    predicted: Rows | np.ndarray,
    patient: str = "a",
    *,
    values: object = None,
    view: str | None = None,
    look: str | None = None,
    colour: tuple[int, int, int] = (200, 160, 130),
    stem: str = "p",
) -> PhotographRecord:
    """Return the record of a mask and what a model makes of it, all of one colour."""
    mask, said = np.array(true, np.uint8), np.array(predicted, np.uint8)
    sample = Sample(stem, Path(f"{stem}.jpg"), Path(f"{stem}.png"), patient, "test", view, look=look)
    pixels = np.broadcast_to(np.array(colour, np.uint8), (*mask.shape, 3)).copy()
    labels = dataset(values).labels
    return record_photograph(sample, pixels, TissueMap.from_mask(said), labels.encode(mask), 768, True)


def records(*photographs: PhotographRecord, values: object = None, name: str = "tiny") -> TissueRecords:
    """Return photographs as the records of one data set."""
    return TissueRecords(dataset(values, name), photographs, True)
