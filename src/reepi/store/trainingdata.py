"""Writes a training data folder from readings: what is finished stays, what changed is written anew."""

import csv
import io
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reepi.core.errors import Fault, InputError
from reepi.core.reading import Agreement, agreement
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.imaging.limits import WORKING_SIDE
from reepi.imaging.masks import shrunk_mask
from reepi.imaging.standard_reading import read_standardised
from reepi.imaging.writing import encode_mask, encode_photograph
from reepi.model.data.datasets import COLLECTED
from reepi.store.collecting import Plan, ReadPhotograph
from reepi.store.files import UNFINISHED, remove_files, write_bytes, write_text
from reepi.store.provenance import bytes_hash
from reepi.store.rows import escape, format_number

SAMPLES_FILE: Final = "samples.csv"

SPLITS_FILE: Final = "splits.csv"
"""Split of every patient who ever was in the folder; it only grows. What somebody writes in the samples counts more."""

_FINISHED: Final = ("differing_percent", "made_from")
"""Columns that are filled once a photograph's files are written."""

_COLUMNS: Final = ("stem", "patient_id", "split", "view", "study", "photograph", "readers", *_FINISHED)

_SPLIT_COLUMNS: Final = ("patient_id", "split")

_TURNS: Final = ("train", "train", "validation", "train", "test", "train", "train", "test", "train", "train")
"""Splits that patients take in the order in which they come: seven, one and two of ten, and the third one validates."""

_FORMAT: Final = 2
"""Raised when the same readings give other files, so that old ones are written anew."""

Row = dict[str, str]


@dataclass(frozen=True)
class Collection:
    """What a training data folder is made of.

    Parameters
    ----------
    plan : Plan
        Photographs with their readings, of which studies.
    licence : str
        What may be done with the result.
    long_side : int
        Long side of photographs and masks in it, at most [px].
    """

    plan: Plan
    licence: str
    long_side: int = WORKING_SIDE


def write_collection(
    collection: Collection, out: Path, told: Callable[[int], None] = lambda _: None
) -> tuple[Row, ...]:
    """Write a training data folder, or bring it up to date; return its lines.

    The tables are written first, and a line is finished once it says what it was made from. A killed run leaves every
    photograph as it was, as it shall be, or named as missing by whoever reads the folder; the next run goes on.

    Parameters
    ----------
    collection : Collection
        What to write.
    out : Path
        The folder.
    told : callable
        Told the number of photographs finished so far.

    Raises
    ------
    InputError
        The folder holds something else, or readings of a study that was not named; nothing is written then.
    """
    old = {row["stem"]: row for row in _own_rows(out)}
    _check_studies(out, collection, old)
    known = _own_splits(out)
    planned = {photo.stem: photo for photo in collection.plan.photographs}
    for stem in old.keys() - planned.keys():
        remove_files(_files(out, stem))
    write_text(out / "dataset.toml", _declaration(collection))
    splits = _splits(_people(planned.values()), [*known, *old.values()])
    _write_table(out / SPLITS_FILE, _SPLIT_COLUMNS, ({"patient_id": each, "split": splits[each]} for each in splits))
    begun = {stem: _row(photo, splits[escape(photo.patient_id)]) for stem, photo in planned.items()}
    rows = {stem: begun[stem] | _kept(out, collection, photo, old.get(stem)) for stem, photo in planned.items()}
    _write_table(out / SAMPLES_FILE, _COLUMNS, rows.values())
    for number, (stem, photo) in enumerate(planned.items(), start=1):
        if not rows[stem]["made_from"]:
            rows[stem] = begun[stem] | _write_sample(out, collection, photo)
            _write_table(out / SAMPLES_FILE, _COLUMNS, rows.values())
        told(number)
    return tuple(rows.values())


def _own_rows(out: Path) -> list[Row]:
    """Return the lines of an earlier run; refuses a folder that something else made."""
    if not out.exists() or (out.is_dir() and all(path.name.endswith(UNFINISHED) for path in out.iterdir())):
        return []
    try:
        made_by = tomllib.loads((out / "dataset.toml").read_text(encoding="utf-8")).get("made_by")
    except (OSError, ValueError):
        made_by = None
    if made_by != COLLECTED:
        raise InputError([Fault(str(out), f"it holds what {COLLECTED} did not write", "Name a new folder.")])
    try:
        rows = _read_table(out / SAMPLES_FILE, _COLUMNS)
    except OSError:
        return []
    # A stem names files that may be removed, so it must be one.
    return [row for row in rows if row["stem"] and Path(row["stem"]).name == row["stem"]]


def _own_splits(out: Path) -> list[Row]:
    """Return the split of each patient who ever was in the folder; folders of before this file have none."""
    try:
        return _read_table(out / SPLITS_FILE, _SPLIT_COLUMNS)
    except FileNotFoundError:
        return []


def _check_studies(out: Path, collection: Collection, old: dict[str, Row]) -> None:
    others = sorted({row["study"] for row in old.values()} - {escape(name) for name in collection.plan.studies})
    if others:
        problem = f"it also holds readings of {', '.join(others)}"
        raise InputError([Fault(str(out), problem, "Name that study as well, or another folder.")])


def _people(photographs: Iterable[ReadPhotograph]) -> dict[str, frozenset[str]]:
    """Return, by patient as written, all patients who are the same person: studies may share photographs."""
    shown: dict[str, set[str]] = {}
    for photo in photographs:
        shown.setdefault(photo.readings[0].photograph_sha256, set()).add(escape(photo.patient_id))
    people: dict[str, frozenset[str]] = {}
    for patients in shown.values():
        person = frozenset(patients).union(*(people.get(patient, frozenset()) for patient in patients))
        people |= dict.fromkeys(person, person)
    return people


def _splits(people: Mapping[str, frozenset[str]], old: Iterable[Row]) -> dict[str, str]:
    """Return the split of each patient, as written: the last that was said, and for new people the next in turn.

    A patient who has trained a model must never test one later, however many join, and however long he was gone.
    """
    splits = {row["patient_id"]: row["split"] for row in old if row["patient_id"] and row["split"]}
    for patient in sorted(people.keys() - splits.keys()):
        known = [splits[each] for each in sorted(people[patient]) if each in splits]
        splits[patient] = known[0] if known else _TURNS[len(splits) % len(_TURNS)]
    return splits


def _kept(out: Path, collection: Collection, photo: ReadPhotograph, old: Row | None) -> Row:
    """Return the finished cells of a photograph's earlier line if its files still are what would be written."""
    finished = old is not None and old["made_from"] == _made_from(collection, photo)
    if old is None or not finished or not all(path.is_file() for path in _files(out, photo.stem)):
        return {}
    return {name: old[name] for name in _FINISHED}


def _write_sample(out: Path, collection: Collection, photo: ReadPhotograph) -> Row:
    """Write photograph and mask; return the finished cells of their line."""
    image, mask = _files(out, photo.stem)
    agreed = _agreed(photo)
    photograph = read_standardised(photo.path, photo.capture, collection.long_side)
    write_bytes(mask, encode_mask(shrunk_mask(agreed.mask, photograph.size), photograph.size))
    write_bytes(image, encode_photograph(photograph.pixels))
    differing = format_number(round(100 * agreed.differing, 3)) if len(photo.readings) > 1 else ""
    return dict(zip(_FINISHED, (differing, _made_from(collection, photo)), strict=True))


def _agreed(photo: ReadPhotograph) -> Agreement:
    try:
        return agreement(photo.masks())
    except ValueError as error:
        raise InputError([Fault(str(photo.path), str(error), "Read the photograph again.")]) from error


def _files(out: Path, stem: str) -> tuple[Path, Path]:
    return out / "images" / f"{stem}.jpg", out / "masks" / f"{stem}.png"


def _row(photo: ReadPhotograph, split: str) -> Row:
    """Return the line of a photograph that is not finished."""
    cells = (photo.stem, photo.patient_id, split, photo.entry.view_name, photo.study, photo.entry.file, photo.readers)
    return dict(zip(_COLUMNS, (*map(escape, cells), "", ""), strict=True))


def _made_from(collection: Collection, photo: ReadPhotograph) -> str:
    masks = tuple(reading.mask_sha256 for reading in photo.readings)
    light = (photo.capture.card, photo.capture.chart, photo.capture.standardise)
    parts = (_FORMAT, photo.readings[0].photograph_sha256, masks, collection.long_side, light)
    return bytes_hash(repr(parts).encode())


def _read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: row.get(name) or "" for name in columns} for row in csv.DictReader(file)]


def _write_table(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def _declaration(collection: Collection) -> str:
    values = "\n".join(f'{tissue.value} = "{tissue.label}"' for tissue in Tissue)
    names = ", ".join(collection.plan.studies)
    return (
        f"name = {_quoted(f'readings of {names}')}\n"
        f"source = {_quoted(f'accepted and corrected readings of {names}')}\n"
        f"licence = {_quoted(collection.licence)}\n"
        'patient_ids = "study/patient, in samples.csv"\n'
        f"made_by = {_quoted(COLLECTED)}\n"
        f"long_side_px = {collection.long_side}\n\n"
        f'[values]\n{values}\n{UNLABELLED} = "unlabelled"\n'
    )


def _quoted(text: str) -> str:
    # JSON lets the delete character through, TOML does not.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "")
