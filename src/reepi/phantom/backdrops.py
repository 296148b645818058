"""Crops of real photographs without skin, as backgrounds for training."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError
from reepi.core.images import Pixels
from reepi.core.tissue import Tissue
from reepi.model.data.datasets import DataSet, Sample, read_datasets

CROP_SHARE = (0.35, 0.9)
"""Smallest and largest side of a crop, over the photograph's short side."""

_TRIES = 12

_NO_SKIN = 1 << Tissue.BACKGROUND | 1 << Tissue.COVERED


def load_backdrops(folder: Path, limit: int = 150) -> tuple[Pixels, ...]:
    """Return crops of a data folder's training photographs in which no pixel may be skin.

    Photographs for validation and test are left alone: what trains on the crops must not have seen any of them.

    Parameters
    ----------
    folder : Path
        Training data folder with ``dataset.toml``, ``images/`` and ``masks/``.
    limit : int
        At most so many crops.

    Raises
    ------
    InputError
        The folder is not valid, or no training photograph has a crop free of skin.
    """
    (dataset,) = read_datasets([folder])
    samples = dataset.of_split("train")
    rng = np.random.default_rng(7)
    crops: list[Pixels] = []
    for at in rng.permutation(len(samples)):
        crop = _crop(rng, dataset, samples[at])
        crops += [] if crop is None else [crop]
        if len(crops) == limit:
            break
    if not crops:
        problem = "no training photograph has a crop free of skin"
        raise InputError([Fault(str(folder), problem, "Name another folder")])
    return tuple(crops)


def _crop(rng: np.random.Generator, dataset: DataSet, sample: Sample) -> Pixels | None:
    pixels, skin = sample.read_image(), maybe_skin(dataset, sample)
    height, width = skin.shape
    for _ in range(_TRIES):
        side = int(rng.uniform(*CROP_SHARE) * min(height, width))
        y, x = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
        if not skin[y : y + side, x : x + side].any():
            return np.ascontiguousarray(pixels[y : y + side, x : x + side])
    return None


def maybe_skin(dataset: DataSet, sample: Sample) -> npt.NDArray[np.bool_]:
    """Return which pixels may be bare skin, (H, W): unlabelled ones, and those that may be more than what hides it."""
    sets = dataset.labels.encode(sample.read_mask())
    return np.asarray((sets == 0) | (sets & ~np.uint8(_NO_SKIN) > 0))
