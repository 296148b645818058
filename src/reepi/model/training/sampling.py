"""Batches for training: data sets in balance, photographs cut and changed by chance that a seed repeats."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from reepi.core.errors import Fault, InputError
from reepi.core.images import Pixels
from reepi.core.views import VIEW_NAMES, mirrored_view
from reepi.model.anchors import surface_anchors
from reepi.model.architecture import FINE_GRID, GRID
from reepi.model.canvas import correspondence_canvas, tissue_side
from reepi.model.data.canonical import Canonical
from reepi.model.data.datasets import DataSet, Sample
from reepi.model.letterbox import Letterbox
from reepi.model.training.augmentation import Appearance, Cut, bent, bent_labels, draw_bend, elsewhere, occlude, warp

Batch = dict[str, Tensor]

BALANCE: Final = 0.8
"""A data set of n photographs is drawn in proportion to n to this power: large sets more often, small ones enough."""

TISSUE_CROP: Final = 288
"""Side of the square that training cuts out [px]."""

TISSUE_ZOOM: Final = (0.65, 1.4)
"""Range of the scale of a training cut against the size at which the whole photograph is seen in use."""

CORRESPONDENCE_ZOOM: Final = (0.8, 1.35)
CORRESPONDENCE_TURN: Final = 0.3
"""Largest turn of a training photograph, either way [rad]."""

OCCLUDER_CHANCE: Final = 0.25
BEND_CHANCE: Final = 0.6
ELSEWHERE_CHANCE: Final = 0.35

EXPECTED_PHOTOGRAPHS: Final = 12
"""Photographs per view and data set that tell what the view shows; training does the rest."""

LEAST_EXPECTED: Final = 1e-4
"""Least share of the skin that a view is expected to show next to an anchor."""


class TissueDraw:
    """Draws batches of square cuts with their label sets.

    Parameters
    ----------
    datasets : sequence of DataSet
        Where cuts come from.
    batch_size : int
        Cuts in a batch.
    seed : int
        Seed of colours and noise.
    """

    def __init__(self, datasets: Sequence[DataSet], batch_size: int, seed: int) -> None:
        self._sets = [(dataset, dataset.of_split("train")) for dataset in datasets if dataset.of_split("train")]
        self._shares = balanced_shares([len(samples) for _, samples in self._sets])
        self._batch_size, self._appearance = batch_size, Appearance(seed)

    def __call__(self, rng: np.random.Generator) -> Batch:
        """Return pixels (B, 3, S, S) in 0..1 and label sets (B, S/2, S/2)."""
        pairs = [self._cut(rng) for _ in range(self._batch_size)]
        labels = torch.from_numpy(np.stack([labels for _, labels in pairs]))
        return {"pixels": as_tensor([pixels for pixels, _ in pairs]), "labels": labels}

    def _cut(self, rng: np.random.Generator) -> tuple[Pixels, npt.NDArray[np.uint8]]:
        dataset, samples = self._sets[rng.choice(len(self._sets), p=self._shares)]
        sample = samples[rng.integers(len(samples))]
        pixels, labels = sample.read_image(), dataset.labels.encode(sample.read_mask())
        size = (TISSUE_CROP, TISSUE_CROP)
        cut = tissue_cut(labels, rng)
        seen = np.asarray(warp(pixels, cut.affine(size), size, 0), np.uint8)
        grid = (TISSUE_CROP // FINE_GRID, TISSUE_CROP // FINE_GRID)
        return self._appearance(seen, rng), np.asarray(warp(labels, cut.affine(size, FINE_GRID), grid, 0), np.uint8)


def tissue_cut(labels: npt.NDArray[np.uint8], rng: np.random.Generator) -> Cut:
    """Return a window around a pixel of a label set that is drawn from those present, so that rare ones are met."""
    present = np.flatnonzero(np.bincount(labels.ravel(), minlength=256)[1:]) + 1
    places = np.flatnonzero(labels == rng.choice(present)) if len(present) else np.arange(labels.size)
    row, column = np.unravel_index(rng.choice(places), labels.shape)
    low, high = np.log(TISSUE_ZOOM)
    scale = tissue_side(labels.shape) / max(labels.shape) * float(np.exp(rng.uniform(low, high)))
    half = TISSUE_CROP / scale / 2
    shift = rng.uniform(-0.8, 0.8, 2) * half
    height, width = labels.shape
    centre = _kept_inside(column + shift[0], width, half), _kept_inside(row + shift[1], height, half)
    turn = rng.uniform(-0.5, 0.5) + (np.pi / 2 * rng.integers(4) if rng.random() < 0.3 else 0)
    return Cut(centre, scale, float(turn), bool(rng.random() < 0.5))


def _kept_inside(centre: float, side: int, half: float) -> float:
    return side / 2 if side < 2 * half else float(np.clip(centre, half, side - half))


class CorrespondenceDraw:
    """Draws batches of whole photographs, all upright or all lying, with the body point of every output pixel.

    Parameters
    ----------
    datasets : sequence of DataSet
        Those with faces and views count.
    batch_size : int
        Photographs in a batch.
    seed : int
        Seed of colours and noise.
    """

    def __init__(self, datasets: Sequence[DataSet], batch_size: int, seed: int) -> None:
        self._canonical = {dataset.name: Canonical.read(dataset.folder) for dataset in datasets}
        samples = [(d.name, s) for d in datasets for s in d.of_split("train") if s.faces and s.view]
        self._groups = _by_orientation(samples)
        self._shares = np.array([len(group) for group in self._groups]) / max(len(samples), 1)
        self._batch_size, self._appearance = batch_size, Appearance(seed)

    def __call__(self, rng: np.random.Generator) -> Batch:
        """Return pixels (B, 3, H, W) in 0..1, view (B,), and of every output pixel what it shows.

        That is points (B, 3, H/4, W/4) [m], their nearest anchor and body, both (B, H/4, W/4).
        """
        group = self._groups[rng.choice(len(self._groups), p=self._shares)]
        chosen = [group[place] for place in rng.integers(len(group), size=self._batch_size)]
        parts = [self._item(name, sample, rng) for name, sample in chosen]
        return {
            "pixels": as_tensor([part[0] for part in parts]),
            "view": torch.tensor([part[1] for part in parts]),
            "points": torch.from_numpy(np.stack([part[2] for part in parts])).permute(0, 3, 1, 2),
            "anchor": torch.from_numpy(np.stack([part[3] for part in parts])),
            "body": torch.from_numpy(np.stack([part[4] for part in parts])),
        }

    def _item(
        self, name: str, sample: Sample, rng: np.random.Generator
    ) -> tuple[Pixels, int, npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        pixels, codes = sample.read_image(), sample.read_face_codes()
        canvas = correspondence_canvas(codes.shape)
        cut = correspondence_cut(codes.shape, canvas, rng)
        grid = (canvas[0] // GRID, canvas[1] // GRID)
        seen = np.asarray(warp(pixels, cut.affine(canvas), canvas, 0), np.uint8)
        found = np.asarray(warp(codes, cut.affine(canvas, GRID), grid, 0), np.uint16)
        if rng.random() < ELSEWHERE_CHANCE:
            seen = elsewhere(seen, warp(codes, cut.affine(canvas), canvas, 0) > 0, rng)
        if rng.random() < BEND_CHANCE:
            bend = draw_bend(rng, canvas)
            seen = bent(seen, bend)
            found = np.asarray(bent_labels(codes, cut.affine(canvas), bend, GRID), np.uint16)
        seen = self._appearance(occlude(seen, rng) if rng.random() < OCCLUDER_CHANCE else seen, rng)
        view = mirrored_view(str(sample.view)) if cut.mirrored else str(sample.view)
        canonical = self._canonical[name]
        faces = canonical.faces(found, cut.mirrored)
        body = (found > 0).astype(np.float32)
        return seen, VIEW_NAMES.index(view), canonical.centroids[faces], surface_anchors().of_face[faces], body


@dataclass(frozen=True)
class Expected:
    """What photographs of each view show.

    Parameters
    ----------
    centres : (V, 3) float32
        Mean canonical point [m].
    anchors : (V, K) float32
        Logarithm of the share of the skin that lies next to each anchor.
    """

    centres: npt.NDArray[np.float32]
    anchors: npt.NDArray[np.float32]


def expected_of_views(datasets: Sequence[DataSet], centres: npt.NDArray[np.float32]) -> Expected:
    """Return what a few training photographs of each view show.

    Parameters
    ----------
    datasets : sequence of DataSet
        Where to look.
    centres : (V, 3) float32
        Mean points of views that no photograph has [m].
    """
    anchors = surface_anchors()
    centres, counts = centres.copy(), np.zeros((len(VIEW_NAMES), len(anchors.points)))
    for index, view in enumerate(VIEW_NAMES):
        means = []
        for dataset in datasets:
            canonical = Canonical.read(dataset.folder)
            samples = [s for s in dataset.of_split("train") if s.view == view and s.faces]
            for sample in samples[:EXPECTED_PHOTOGRAPHS]:
                codes = sample.read_face_codes()
                faces = canonical.faces(codes[codes > 0])
                counts[index] += np.bincount(anchors.of_face[faces], minlength=len(anchors.points))
                means += [canonical.centroids[faces].mean(axis=0)] if len(faces) else []
        if means:
            centres[index] = np.mean(means, axis=0)
    shares = (counts + 1) / (counts + 1).sum(axis=1, keepdims=True)
    return Expected(centres, np.log(np.maximum(shares, LEAST_EXPECTED)).astype(np.float32))


def correspondence_cut(photograph: tuple[int, ...], canvas: tuple[int, int], rng: np.random.Generator) -> Cut:
    """Return a whole photograph, somewhat zoomed, shifted, turned, and mirrored half of the time."""
    height, width = photograph[:2]
    zoom = float(np.exp(rng.uniform(*np.log(CORRESPONDENCE_ZOOM))))
    shift = rng.uniform(-0.5, 0.5, 2) * max(zoom - 0.9, 0.1) * 0.6
    centre = width * (0.5 + float(shift[0])), height * (0.5 + float(shift[1]))
    scale = Letterbox((height, width), canvas).scale * zoom
    turn = rng.normal(0, CORRESPONDENCE_TURN / 2)
    angle = float(np.clip(turn, -CORRESPONDENCE_TURN, CORRESPONDENCE_TURN))
    return Cut(centre, scale, angle, bool(rng.random() < 0.5))


def balanced_shares(counts: Sequence[int]) -> npt.NDArray[np.float64]:
    """Return how often each data set is drawn, from its number of photographs; sums to 1."""
    weights = np.asarray(counts, np.float64) ** BALANCE
    return np.asarray(weights / weights.sum())


def as_tensor(images: Sequence[Pixels]) -> Tensor:
    """Return images (H, W, 3) uint8 as one tensor (B, 3, H, W) in 0..1, channels last in memory."""
    stacked = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
    return stacked.to(torch.float32, memory_format=torch.channels_last) / 255


def _by_orientation(samples: list[tuple[str, Sample]]) -> list[list[tuple[str, Sample]]]:
    from PIL import Image

    groups: dict[bool, list[tuple[str, Sample]]] = {}
    for name, sample in samples:
        # The faces are stored upright, which a photograph need not be.
        with Image.open(str(sample.faces)) as faces:
            groups.setdefault(faces.height >= faces.width, []).append((name, sample))
    if not groups:
        raise InputError([Fault("the data folders", "no training photograph has faces and a view", "Add phantoms.")])
    return list(groups.values())
