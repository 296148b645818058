"""Training data folders: read with all their faults at once; see the contract of ``dataset.toml``."""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.errors import Fault, InputError
from reepi.core.images import Mask, Pixels
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.core.views import VIEWS
from reepi.model.splits import Split, split_by_blocks, split_of_word

IMAGE_SUFFIXES: Final = (".jpg", ".jpeg", ".png")

ALL_TISSUES: Final = (1 << len(Tissue)) - 1


@dataclass(frozen=True)
class LabelSets:
    """What each mask value of a data set may mean.

    Parameters
    ----------
    bits : (256,) uint8
        Bit t of an entry is set if the value may mean tissue t; 0 is unlabelled.
    known : (256,) bool
        Whether the data set declares the value.
    """

    bits: npt.NDArray[np.uint8]
    known: npt.NDArray[np.bool_]

    def encode(self, mask: Mask) -> npt.NDArray[np.uint8]:
        """Return the label set of every pixel of a mask, (H, W) uint8."""
        return self.bits[mask]


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
    """

    stem: str
    image: Path
    mask: Path
    patient_id: str
    split: Split
    view: str | None = None
    faces: Path | None = None

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
    """

    folder: Path
    name: str
    source: str
    licence: str
    labels: LabelSets
    samples: tuple[Sample, ...]

    def of_split(self, split: Split) -> tuple[Sample, ...]:
        """Return the samples of one split."""
        return tuple(sample for sample in self.samples if sample.split == split)


def read_datasets(folders: Sequence[Path]) -> tuple[DataSet, ...]:
    """Read data folders, check every mask, and name all faults of all folders at once.

    Raises
    ------
    InputError
        A folder, declaration, photograph or mask is missing or wrong.
    """
    faults: list[Fault] = []
    datasets = [_read_dataset(Path(folder), faults) for folder in folders]
    if faults:
        raise InputError(faults)
    return tuple(dataset for dataset in datasets if dataset is not None)


def _read_dataset(folder: Path, faults: list[Fault]) -> DataSet | None:
    declared = _read_declaration(folder / "dataset.toml", faults)
    if declared is None:
        return None
    labels = parse_label_sets(declared.get("values"), str(folder / "dataset.toml"), faults)
    samples = _list_samples(folder, faults)
    for sample in samples:
        faults += mask_faults(sample, labels)
    name, source, licence = (str(declared.get(key, "not declared")) for key in ("name", "source", "licence"))
    return DataSet(folder, name, source, licence, labels, samples)


def _read_declaration(path: Path, faults: list[Fault]) -> dict[str, object] | None:
    if not path.is_file():
        faults.append(Fault(str(path), "the file is missing", "Write it as the training guide shows."))
        return None
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        faults.append(Fault(str(path), f"this is no TOML: {error}", "Correct the file."))
        return None


def parse_label_sets(values: object, where: str, faults: list[Fault]) -> LabelSets:
    """Return the meaning of mask values from the table ``[values]``; without one, values are tissues by themselves.

    Parameters
    ----------
    values : dict
        Mask value or ``default`` -> tissue, list of tissues, or ``unlabelled``.
    where : str
        File name for faults.
    faults : list of Fault
        Receives what is wrong.
    """
    bits, known = np.zeros(256, np.uint8), np.zeros(256, bool)
    known[UNLABELLED] = True
    table: Mapping[str, object] = values if isinstance(values, dict) else {str(t.value): t.label for t in Tissue}
    if "default" in table:
        bits[:UNLABELLED] = _bits(table["default"], where, faults)
        known[:] = True
    for key, meaning in table.items():
        if key == "default":
            continue
        if not (key.isdigit() and int(key) < 256):
            faults.append(Fault(where, f"{key!r} is no mask value", "Use 0 to 255 or default."))
            continue
        bits[int(key)], known[int(key)] = _bits(meaning, where, faults), True
    return LabelSets(bits, known)


def _bits(meaning: object, where: str, faults: list[Fault]) -> int:
    if meaning == "unlabelled":
        return 0
    bits = 0
    for word in [meaning] if isinstance(meaning, str) else meaning if isinstance(meaning, list) else [meaning]:
        try:
            bits |= 1 << Tissue.from_label(str(word))
        except ValueError as error:
            faults.append(Fault(where, str(error), "Correct the table [values]."))
    return bits


def _list_samples(folder: Path, faults: list[Fault]) -> tuple[Sample, ...]:
    images = {p.stem: p for p in sorted((folder / "images").glob("*")) if p.suffix.lower() in IMAGE_SUFFIXES}
    if not images:
        faults.append(Fault(str(folder / "images"), "it holds no photographs", "Put JPEG or PNG files there."))
    for orphan in sorted({p.stem for p in (folder / "masks").glob("*.png")} - set(images)):
        faults.append(Fault(str(folder / "masks" / f"{orphan}.png"), "its photograph is missing", "Add or remove one."))
    rows = _read_rows(folder / "samples.csv", faults)
    patients = {stem: rows.get(stem, {}).get("patient_id") or stem for stem in images}
    blocks = split_by_blocks(list(patients.values()))
    samples = []
    for stem, image in images.items():
        row, mask = rows.get(stem, {}), folder / "masks" / f"{stem}.png"
        faces = folder / "faces" / f"{stem}.png"
        if not mask.is_file():
            faults.append(Fault(str(image), "its mask is missing", f"Add {mask.name} to masks/."))
        split = split_of_word(row["split"]) if row.get("split") else blocks[patients[stem]]
        there = faces if faces.is_file() else None
        samples.append(Sample(stem, image, mask, patients[stem], split, row.get("view") or None, there))
    return tuple(samples)


def _read_rows(path: Path, faults: list[Fault]) -> dict[str, dict[str, str]]:
    if not path.is_file():
        return {}
    rows: dict[str, dict[str, str]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            for problem in _row_problems(row):
                faults.append(Fault(str(path), problem, "Correct the line.", line))
                row = {"stem": row.get("stem") or ""}
            rows[row["stem"]] = row
    return rows


def _row_problems(row: dict[str, str]) -> list[str]:
    problems = [] if row.get("stem") else ["the stem is missing"]
    if row.get("view") and row["view"] not in VIEWS:
        problems.append(f"{row['view']!r} is no view")
    try:
        split_of_word(row.get("split") or "train")
    except ValueError as error:
        problems.append(str(error))
    return problems


def mask_faults(sample: Sample, labels: LabelSets) -> list[Fault]:
    """Return what is wrong with a sample's mask: unreadable, colour, another size, or a value not declared."""
    if not sample.mask.is_file():
        return []
    where = str(sample.mask)
    mask = cv2.imread(where, cv2.IMREAD_UNCHANGED)
    if mask is None:
        return [Fault(where, "it cannot be read", "Export it again as 8-bit PNG.")]
    if mask.ndim != 2 or mask.dtype != np.uint8:
        channels = 1 if mask.ndim == 2 else mask.shape[2]
        return [Fault(where, f"it has {channels} channels of {mask.dtype}", "Export it as single-channel 8-bit PNG.")]
    return _size_faults(sample, mask.shape) + _value_faults(where, np.asarray(mask, np.uint8), labels)


def _size_faults(sample: Sample, size: tuple[int, ...]) -> list[Fault]:
    # Opening reads the header only; decoding every photograph would double the time before training.
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(sample.image) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError):
        return [Fault(str(sample.image), "it cannot be read", "Export it again as JPEG.")]
    if (height, width) == size:
        return []
    problem = f"it is {size[1]} x {size[0]}, its photograph {width} x {height}"
    return [Fault(str(sample.mask), problem, "Draw the mask on the photograph as it is stored.")]


def _value_faults(where: str, mask: Mask, labels: LabelSets) -> list[Fault]:
    unknown = np.flatnonzero((np.bincount(mask.ravel(), minlength=256) > 0) & ~labels.known)
    if not len(unknown):
        return []
    values = ", ".join(map(str, unknown))
    return [Fault(where, f"it holds values that are not declared: {values}", "Declare them in dataset.toml.")]


def _decoded(path: Path, flag: int) -> npt.NDArray[np.uint8 | np.uint16]:
    image = cv2.imread(str(path), flag)
    if image is None:
        raise InputError([Fault(str(path), "it cannot be read", "Export it again.")])
    return image  # type: ignore[return-value]
