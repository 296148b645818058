"""A training data folder of rendered lesions on the photographed skin of another data folder."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError
from reepi.core.images import Mask
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.model.data.datasets import DataSet, Sample, read_datasets
from reepi.phantom.claiming import claim
from reepi.phantom.compositing import composite
from reepi.phantom.patients import TRAINING_STREAM
from reepi.phantom.pictures import jpeg_file, png
from reepi.phantom.trainingset import DECLARATION, TRAINING_JPEG_QUALITY
from reepi.store.files import write_bytes, write_text

LEAST_SKIN: Final = 0.02
"""Share of a photograph that must be skin to carry lesions."""

NOT_SKIN: Final = 7
"""Mask value of what hides or surrounds skin: background or covered."""


@dataclass(frozen=True)
class CompositeOptions:
    """What composites are made of.

    Parameters
    ----------
    out : Path
        The data folder.
    onto : Path
        Data folder whose masks tell skin (``intact``) from the rest.
    seed : int
        Seed of the set.
    photographs : int
        How many; photographs of ``onto`` take turns.
    """

    out: Path
    onto: Path
    seed: int
    photographs: int


def write_composites(options: CompositeOptions, done: Callable[[int], None] = lambda _: None) -> None:
    """Make composites; those already in the folder are kept. Each keeps patient and split of its photograph.

    Raises
    ------
    InputError
        The source folder is wrong, or shows too little skin; or the folder holds something else, or was drawn from
        other options.
    """
    (source,) = read_datasets([options.onto])
    lines = ["stem,patient_id,split,view"]
    drawn_from = {name: value for name, value in asdict(options).items() if name not in ("out", "photographs")}
    declared = _declaration(options, source)
    claim(options.out, {"made": "composites", **drawn_from}, DECLARATION, declared)
    write_text(options.out / DECLARATION, declared)
    for number, sample in enumerate(_turns(source, options.photographs)):
        stem = f"c{options.seed}_{number:05d}"
        if not (options.out / "images" / f"{stem}.jpg").exists():
            _write_composite(options, source, sample, number, stem)
        lines.append(f"{stem},{sample.patient_id},{sample.split},")
        write_text(options.out / "samples.csv", "\n".join(lines) + "\n")
        done(number + 1)


def _turns(source: DataSet, count: int) -> Iterator[Sample]:
    fitting = [s for s in source.samples if _skin(source, s.read_mask()).mean() >= LEAST_SKIN]
    if not fitting:
        problem = f"no photograph shows skin on {LEAST_SKIN:.0%} of its area"
        raise InputError([Fault(str(source.folder), problem, "Name a folder whose masks know intact skin.")])
    yield from (fitting[number % len(fitting)] for number in range(count))


def _write_composite(options: CompositeOptions, source: DataSet, sample: Sample, number: int, stem: str) -> None:
    """Write the mask, then the photograph, whose presence says that both are there."""
    rng = np.random.default_rng([TRAINING_STREAM, options.seed, 4, number])
    labels = sample.read_mask()
    skin = _skin(source, labels)
    pixels, tissue = composite(sample.read_image(), skin, rng)
    write_bytes(options.out / "masks" / f"{stem}.png", png(_values(source, labels, skin, tissue)))
    write_bytes(options.out / "images" / f"{stem}.jpg", jpeg_file(pixels, TRAINING_JPEG_QUALITY))


def _skin(source: DataSet, labels: Mask) -> npt.NDArray[np.bool_]:
    """Return surely intact skin, (H, W), without the ragged rim of hand-drawn masks."""
    sure = (source.labels.encode(labels) == 1 << Tissue.INTACT).astype(np.uint8)
    return cv2.erode(sure, np.ones((3, 3), np.uint8)) > 0


def _values(source: DataSet, labels: Mask, skin: npt.NDArray[np.bool_], tissue: Mask) -> Mask:
    """Return tissue on the skin; elsewhere background if the source is sure of it, skin's rim unlabelled."""
    sets = source.labels.encode(labels)
    values = np.full(labels.shape, NOT_SKIN, np.uint8)
    values[sets == 1 << Tissue.BACKGROUND] = Tissue.BACKGROUND
    values[(sets & (1 << Tissue.INTACT)) > 0] = UNLABELLED
    values[skin] = tissue[skin]
    return values


def _declaration(options: CompositeOptions, source: DataSet) -> str:
    values = "\n".join(f'{tissue.value} = "{tissue.label}"' for tissue in Tissue)
    told = f"lesions by reepi phantom, training stream, seed {options.seed}, on photographs of {source.name}"
    return (
        'name = "composites"\n'
        f"source = {json.dumps(f'{told}: {source.source}')}\n"
        f"licence = {json.dumps(source.licence)}\n"
        f'patient_ids = "those of {source.name}, in samples.csv"\n\n'
        f'[values]\n{values}\n{NOT_SKIN} = ["background", "covered"]\n{UNLABELLED} = "unlabelled"\n'
    )
