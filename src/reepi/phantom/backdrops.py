"""Crops of real photographs without skin, as backgrounds for training."""

import tomllib
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError
from reepi.core.images import Pixels

CROP_SHARE = (0.35, 0.9)
"""Smallest and largest side of a crop, over the photograph's short side."""

_TRIES = 12


def load_backdrops(folder: Path, limit: int = 150) -> tuple[Pixels, ...]:
    """Return crops of a data folder's photographs in which no pixel may be skin.

    Parameters
    ----------
    folder : Path
        Training data folder with ``dataset.toml``, ``images/`` and ``masks/``.
    limit : int
        At most so many crops.

    Raises
    ------
    InputError
        The folder has no ``dataset.toml`` or no photograph with a crop free of skin.
    """
    card = folder / "dataset.toml"
    if not card.is_file():
        raise InputError([Fault(str(card), "the data folder has no card", "Name a folder with dataset.toml")])
    values = tomllib.loads(card.read_text(encoding="utf-8"))["values"]
    rng = np.random.default_rng(7)
    images = sorted((folder / "images").glob("*.jpg"))
    crops = []
    for at in rng.permutation(len(images)):
        crop = _crop(rng, images[at], folder / "masks" / f"{images[at].stem}.png", values)
        crops += [] if crop is None else [crop]
        if len(crops) == limit:
            break
    if not crops:
        raise InputError([Fault(str(folder), "no photograph has a crop free of skin", "Name another folder")])
    return tuple(crops)


def _crop(rng: np.random.Generator, image: Path, mask: Path, values: dict[str, str | list[str]]) -> Pixels | None:
    pixels, labels = cv2.imread(str(image)), cv2.imread(str(mask), cv2.IMREAD_UNCHANGED)
    if pixels is None or labels is None:
        return None
    skin = _maybe_skin(labels.astype(np.uint8), values)
    height, width = skin.shape
    for _ in range(_TRIES):
        side = int(rng.uniform(*CROP_SHARE) * min(height, width))
        y, x = int(rng.integers(0, height - side + 1)), int(rng.integers(0, width - side + 1))
        if not skin[y : y + side, x : x + side].any():
            return np.ascontiguousarray(pixels[y : y + side, x : x + side, ::-1])
    return None


def _maybe_skin(labels: npt.NDArray[np.uint8], values: dict[str, str | list[str]]) -> npt.NDArray[np.bool_]:
    """Return which pixels may be bare skin: those whose set of tissues holds more than background and covered."""
    skin = np.zeros(256, bool)
    default = values.get("default", "unlabelled")
    for value in range(256):
        may_be = values.get(str(value), default)
        tissues = {may_be} if isinstance(may_be, str) else set(may_be)
        skin[value] = not tissues <= {"background", "covered"}
    return np.asarray(skin[labels])
