"""Training data folders: read with all their faults at once; see the contract of ``dataset.toml``."""

import csv
import io
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError, first_of
from reepi.core.images import Mask, Pixels
from reepi.core.path_ends import path_ends
from reepi.core.views import VIEWS
from reepi.model.data.crossings import Crossing, crossings
from reepi.model.data.label_sets import LabelSets, parse_label_sets
from reepi.model.data.mask_faults import check_pair
from reepi.model.data.splits import Split, split_by_blocks, split_of_word

IMAGE_SUFFIXES: Final = (".jpg", ".jpeg", ".png")

COLLECTED: Final = "reepi collect"
"""What made a folder that it may change, and in which a patient of one name is one person in all such folders."""

NAMED: Final = 3
"""Photographs that a fault of many of them names."""


@dataclass(frozen=True)
class Sample:
    """One photograph of a data set with its labels.

    Parameters
    ----------
    stem : str
        File name without suffix.
    image, mask : Path
        Photograph and tissue mask of the same size.
    patient_id : str
        Whose photograph it is; the stem where no patients are known.
    split : "train", "validation" or "test"
        What it may be used for.
    view : str, optional
        Declared view, needed for correspondences.
    faces : Path, optional
        16-bit PNG with template face + 1 of every pixel, 0 for none.
    look : str, optional
        Look that a phantom was rendered in, for figures by look.
    small_hash : bytes
        Hash of the photograph at an eighth of its size; nothing where it was not looked at.
    """

    stem: str
    image: Path
    mask: Path
    patient_id: str
    split: Split
    view: str | None = None
    faces: Path | None = None
    look: str | None = None
    small_hash: bytes = b""

    def read_image(self) -> Pixels:
        """Return the photograph (H, W, 3), sRGB."""
        return np.asarray(cv2.cvtColor(_decoded(self.image, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), np.uint8)

    def read_mask(self) -> Mask:
        """Return the mask (H, W) of values as stored."""
        return np.asarray(_decoded(self.mask, cv2.IMREAD_UNCHANGED), np.uint8)

    def read_face_codes(self) -> npt.NDArray[np.uint16]:
        """Return the template face + 1 of every pixel (H, W), 0 for none.

        Raises
        ------
        InputError
            The sample has no faces, or they cannot be read.
        """
        if self.faces is None:
            raise InputError([Fault(str(self.image), "it has no file in faces/", "Render the data set with faces.")])
        return np.asarray(_decoded(self.faces, cv2.IMREAD_UNCHANGED), np.uint16)


@dataclass(frozen=True)
class DataSet:
    """A training data folder, read and found valid.

    Parameters
    ----------
    folder : Path
        Where it lies.
    name, source, licence : str
        As declared, for the model card.
    labels : LabelSets
        What its mask values mean.
    samples : tuple of Sample
        All photographs, ordered by stem.
    doubts : tuple of Fault
        What looks wrong but can be trained on, such as a mask without any label.
    made_by : str
        What made the folder, as declared.
    """

    folder: Path
    name: str
    source: str
    licence: str
    labels: LabelSets
    samples: tuple[Sample, ...]
    doubts: tuple[Fault, ...] = ()
    made_by: str = ""

    def of_split(self, split: Split) -> tuple[Sample, ...]:
        """Return the samples of one split."""
        return tuple(sample for sample in self.samples if sample.split == split)


def read_datasets(folders: Sequence[Path]) -> tuple[DataSet, ...]:
    """Read data folders, check every mask, and name all faults of all folders at once.

    A photograph or patient in several splits is a doubt, as two clinics may both have a patient 1; between folders of
    collected readings it is a fault.

    Raises
    ------
    InputError
        A folder, declaration, photograph or mask is missing or wrong, or readings are in several splits.
    """
    faults: list[Fault] = []
    read = [_read_dataset(Path(folder), faults) for folder in folders]
    datasets = [dataset for dataset in read if dataset is not None]
    crossed = crossings(distinct(datasets))
    faults += [each.fault for each in crossed if _is_certain(each)]
    if faults:
        raise InputError(faults)
    return _told_apart([_doubted(dataset, crossed) for dataset in datasets])


def _is_certain(crossing: Crossing) -> bool:
    return crossing.first.made_by == crossing.second.made_by == COLLECTED


def _doubted(dataset: DataSet, crossed: Sequence[Crossing]) -> DataSet:
    doubts = tuple(each.fault for each in crossed if each.second.folder == dataset.folder)
    return replace(dataset, doubts=(*dataset.doubts, *doubts))


def _told_apart(datasets: Sequence[DataSet]) -> tuple[DataSet, ...]:
    """Return data sets of which those of one name bear as much of the ends of their folders' paths as tells them."""
    folders: dict[str, set[Path]] = {}
    for dataset in datasets:
        folders.setdefault(dataset.name, set()).add(dataset.folder.resolve())
    ends = {folder: end for alike in folders.values() for folder, end in path_ends(alike).items()}
    return tuple(
        replace(each, name=f"{each.name} ({ends[each.folder.resolve()]})") if len(folders[each.name]) > 1 else each
        for each in datasets
    )


def distinct(datasets: Sequence[DataSet]) -> tuple[DataSet, ...]:
    """Return each data set once, where some are named twice so that training draws from them more often."""
    return tuple({dataset.folder: dataset for dataset in datasets}.values())


def spread(samples: Sequence[Sample], most: int) -> tuple[Sample, ...]:
    """Return at most so many samples, evenly from the first to the last."""
    places = np.linspace(0, len(samples) - 1, min(len(samples), most)).astype(int)
    return tuple(samples[place] for place in places)


def _read_dataset(folder: Path, faults: list[Fault]) -> DataSet | None:
    declared = _read_declaration(folder / "dataset.toml", faults)
    if declared is None:
        return None
    labels = parse_label_sets(declared.get("values"), str(folder / "dataset.toml"), faults)
    samples = _list_samples(folder, faults)
    with ThreadPoolExecutor() as pool:
        checked = list(pool.map(lambda sample: check_pair(sample.image, sample.mask, labels), samples))
    samples = tuple(replace(s, small_hash=found.small_hash) for s, found in zip(samples, checked, strict=True))
    faults += [fault for found in checked for fault in found.faults]
    doubts = tuple(doubt for found in checked for doubt in found.doubts)
    name, source, licence = (str(declared.get(key, "not declared")) for key in ("name", "source", "licence"))
    made_by = str(declared.get("made_by", ""))
    return DataSet(folder, name, source, licence, labels, samples, doubts, made_by)


def _read_declaration(path: Path, faults: list[Fault]) -> dict[str, object] | None:
    if not path.is_file():
        faults.append(Fault(str(path), "the file is missing", "Write it as docs/training.md shows."))
        return None
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(Fault(str(path), f"this is no TOML: {error}", "Correct the file."))
        return None


def _list_samples(folder: Path, faults: list[Fault]) -> tuple[Sample, ...]:
    files = [p for p in sorted((folder / "images").glob("*")) if p.suffix.lower() in IMAGE_SUFFIXES]
    images = {path.stem: path for path in files}
    faults += _pairing_faults(folder, images)
    twins = [path for path in files if images[path.stem] != path]
    faults += [Fault(str(p), f"{images[p.stem].name} has the same name", "Rename one and its mask.") for p in twins]
    rows = _read_rows(folder / "samples.csv", set(images), faults)
    patients = {stem: rows.get(stem, {}).get("patient_id") or stem for stem in images}
    told = {patients[stem]: split_of_word(row["split"]) for stem, row in rows.items() if row.get("split")}
    splits = split_by_blocks(list(patients.values())) | told
    return tuple(
        _sample(folder, image, patients[stem], rows.get(stem, {}), splits[patients[stem]])
        for stem, image in images.items()
    )


def _pairing_faults(folder: Path, images: dict[str, Path]) -> list[Fault]:
    if not images:
        return [Fault(str(folder / "images"), "it holds no photographs", "Put JPEG or PNG files there.")]
    masks = {p.stem: p for p in sorted((folder / "masks").glob("*.png"))}
    orphans = [path for stem, path in masks.items() if stem not in images]
    bare = [path for stem, path in images.items() if stem not in masks]
    others = {p.stem: p.name for p in (folder / "masks").glob("*") if p.stem not in masks}
    return [
        *(Fault(str(path), "its photograph is missing", "Add or remove one.") for path in orphans),
        *(Fault(str(path), "its mask is missing", _mask_remedy(path.stem, others.get(path.stem))) for path in bare),
    ]


def _mask_remedy(stem: str, other: str | None) -> str:
    if other is None:
        return f"Add {stem}.png to masks/."
    return f"Export {other} as {stem}.png: only a PNG keeps the values as they were drawn."


def _sample(folder: Path, image: Path, patient_id: str, row: dict[str, str], split: Split) -> Sample:
    stem, faces = image.stem, folder / "faces" / f"{image.stem}.png"
    there = faces if faces.is_file() else None
    view, look = row.get("view") or None, row.get("look") or None
    return Sample(stem, image, folder / "masks" / f"{stem}.png", patient_id, split, view, there, look)


def _read_rows(path: Path, stems: set[str], faults: list[Fault]) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    rows: dict[str, dict[str, str]] = {}
    splits: dict[str, Split] = {}
    try:
        # Excel begins UTF-8 with a mark.
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        faults.append(Fault(str(path), "it is not in UTF-8", "Save it as CSV UTF-8."))
        return {}
    for line, cells in enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2):
        row = {name: (cell or "").strip() for name, cell in cells.items() if name}
        problems = _row_problems(row, stems, splits)
        if row.get("stem") in rows:
            problems.append(f"photograph {row['stem']!r} has a line already")
        faults += [Fault(str(path), problem, "Correct the line.", line) for problem in problems]
        if row.get("stem"):
            rows[row["stem"]] = {} if problems else row
    faults += _unlisted(path, sorted(stems - rows.keys()))
    return rows


def _unlisted(path: Path, stems: list[str]) -> list[Fault]:
    """Return the fault of photographs that a table leaves out: any of them may show a patient of another split."""
    if not stems:
        return []
    problem = f"it has no line for {first_of(stems, NAMED)}"
    return [Fault(str(path), problem, "Add one each, so that it is known whose photograph it is and in which split.")]


def _row_problems(row: dict[str, str], stems: set[str], splits: dict[str, Split]) -> list[str]:
    """Return what is wrong with a line; ``splits`` holds each patient's split so far and takes this line's."""
    stem, view, patient, word = (row.get(column, "") for column in ("stem", "view", "patient_id", "split"))
    patient = patient or stem
    problems = [] if stem in stems else [f"images/ holds no photograph {stem!r}" if stem else "the stem is missing"]
    if view and view not in VIEWS:
        problems.append(f"{view!r} is no view")
    try:
        split = split_of_word(word) if word else None
    except ValueError as error:
        return [*problems, str(error)]
    if patient and split and splits.setdefault(patient, split) != split:
        problems.append(f"patient {patient!r} is in {splits[patient]} and in {split}; a patient belongs to one split")
    return problems


def _decoded(path: Path, flag: int) -> npt.NDArray[np.uint8 | np.uint16]:
    image = cv2.imread(str(path), flag)
    if image is None:
        raise InputError([Fault(str(path), "it cannot be read", "Export it again.")])
    return image  # type: ignore[return-value]
