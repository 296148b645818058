"""Finds photographs and patients that are in several splits: a model would be judged on what it has seen."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from reepi.core.errors import Fault

if TYPE_CHECKING:
    from reepi.model.data.datasets import DataSet, Sample

Placed = tuple["DataSet", "Sample"]
"""A sample in its data set."""


@dataclass(frozen=True)
class Crossing:
    """What two data sets, which may be one and the same, hold in different splits.

    Parameters
    ----------
    first, second : DataSet
        The data sets.
    fault : Fault
        All of it, told at the second one.
    """

    first: "DataSet"
    second: "DataSet"
    fault: Fault


def crossings(datasets: Sequence["DataSet"]) -> list[Crossing]:
    """Return what distinct data sets hold in different splits: a photograph, pixel by pixel, or a patient's name."""
    samples = [(dataset, sample) for dataset in datasets for sample in dataset.samples]
    known = {(d.folder, s.patient_id): (d, s) for d, s in samples if s.patient_id != s.stem}
    looked_at = [(dataset, sample) for dataset, sample in samples if sample.small_hash]
    # Few are alike at an eighth of their size, so few are read in full.
    alike = _alike(looked_at, lambda sample: sample.small_hash)
    same_photograph = [group for each in alike for group in _alike(each, _pixel_hash)]
    same_patient = _alike(known.values(), lambda sample: sample.patient_id)
    return [
        *_told(
            same_photograph,
            lambda s: s.image.name,
            "Give both patients one split in samples.csv, or remove one of them.",
        ),
        *_told(same_patient, lambda s: f"patient {s.patient_id!r}", "Give the patient one split in every samples.csv."),
    ]


def _alike(samples: Iterable[Placed], key: Callable[["Sample"], Hashable]) -> list[list[Placed]]:
    """Return the samples of each key that is met in several splits."""
    groups: dict[Hashable, list[Placed]] = defaultdict(list)
    for dataset, sample in samples:
        groups[key(sample)].append((dataset, sample))
    return [group for group in groups.values() if len({sample.split for _, sample in group}) > 1]


def _pixel_hash(sample: "Sample") -> bytes:
    return hashlib.sha256(sample.read_image().tobytes()).digest()


def _told(groups: Iterable[Sequence[Placed]], name: Callable[["Sample"], str], remedy: str) -> Iterable[Crossing]:
    """Yield one crossing for each two data sets, with the first thing that is in both as its example."""
    found: dict[tuple[Path, Path], list[tuple[Placed, Placed]]] = defaultdict(list)
    for first, *others in groups:
        for later in others:
            if later[1].split != first[1].split:
                found[first[0].folder, later[0].folder].append((first, later))
    for pairs in found.values():
        (dataset, sample), (other, again) = pairs[0]
        more = f"; there are {len(pairs) - 1} more such" if len(pairs) > 1 else ""
        problem = f"{name(again)} in {again.split} is also {name(sample)} in {sample.split} of {dataset.folder}{more}"
        yield Crossing(dataset, other, Fault(str(other.folder), problem, remedy))
