"""A training data folder of rendered lesions on the photographed skin of another data folder."""

import json
from collections.abc import Callable
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
from reepi.phantom.samples_table import image_path, write_lines
from reepi.phantom.trainingset import DECLARATION, TRAINING_JPEG_QUALITY
from reepi.store.files import write_bytes, write_text

LEAST_SKIN: Final = 0.02
"""Share of a photograph that must be skin to carry lesions."""

NOT_SKIN: Final = 7
"""Mask value of what hides or surrounds skin: background or covered."""

_NOT_SKIN_SET: Final = 1 << Tissue.BACKGROUND | 1 << Tissue.COVERED


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

    The lines of all of them are written first. Until the last one is made, whoever reads the folder is told which are
    missing.

    Raises
    ------
    InputError
        The source folder is wrong, or shows too little skin; or the folder holds something else, or was drawn from
        other options.
    """
    (source,) = read_datasets([options.onto])
    drawn_from = {name: value for name, value in asdict(options).items() if name not in ("out", "photographs")}
    declared = _declaration(options, source)
    claim(options.out, {"made": "composites", **drawn_from}, DECLARATION, declared)
    write_text(options.out / DECLARATION, declared)
    samples = _turns(source, options.photographs)
    write_lines(options.out, (_line(options, number, sample) for number, sample in enumerate(samples)))
    for number, sample in enumerate(samples):
        if not image_path(options.out, _stem(options, number)).exists():
            _write_composite(options, source, sample, number)
        done(number + 1)


def _turns(source: DataSet, count: int) -> list[Sample]:
    fitting = [s for s in source.samples if _skin(source, s.read_mask()).mean() >= LEAST_SKIN]
    if not fitting:
        problem = f"no photograph shows skin on {LEAST_SKIN:.0%} of its area"
        raise InputError([Fault(str(source.folder), problem, "Name a folder whose masks know intact skin.")])
    return [fitting[number % len(fitting)] for number in range(count)]


def _stem(options: CompositeOptions, number: int) -> str:
    return f"c{options.seed}_{number:05d}"


def _line(options: CompositeOptions, number: int, sample: Sample) -> dict[str, str]:
    return {"stem": _stem(options, number), "patient_id": sample.patient_id, "split": sample.split, "view": ""}


def _write_composite(options: CompositeOptions, source: DataSet, sample: Sample, number: int) -> None:
    """Write the mask, then the photograph, whose presence says that both are there."""
    rng = np.random.default_rng([TRAINING_STREAM, options.seed, 4, number])
    labels = sample.read_mask()
    skin = _skin(source, labels)
    pixels, tissue = composite(sample.read_image(), skin, rng)
    stem = _stem(options, number)
    write_bytes(options.out / "masks" / f"{stem}.png", png(_values(source, labels, skin, tissue)))
    write_bytes(image_path(options.out, stem), jpeg_file(pixels, TRAINING_JPEG_QUALITY))


def _skin(source: DataSet, labels: Mask) -> npt.NDArray[np.bool_]:
    """Return surely intact skin, (H, W), without the ragged rim of hand-drawn masks."""
    sure = (source.labels.encode(labels) == 1 << Tissue.INTACT).astype(np.uint8)
    return cv2.erode(sure, np.ones((3, 3), np.uint8)) > 0


def _values(source: DataSet, labels: Mask, skin: npt.NDArray[np.bool_], tissue: Mask) -> Mask:
    """Return tissue on the skin, and elsewhere what surrounds or hides it if the source is sure that there is no skin.

    The skin's rim, and what the source leaves unlabelled or holds for another tissue, stay unlabelled.
    """
    sets = source.labels.encode(labels)
    values = np.full(labels.shape, UNLABELLED, np.uint8)
    values[(sets > 0) & ((sets | _NOT_SKIN_SET) == _NOT_SKIN_SET)] = NOT_SKIN
    values[sets == 1 << Tissue.BACKGROUND] = Tissue.BACKGROUND
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
