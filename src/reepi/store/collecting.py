"""Which readings of which studies become training data: all faults are found before anything is written."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final

from reepi.core.capture import CaptureProtocol
from reepi.core.errors import Fault, InputError, PhotographRejected
from reepi.core.images import Mask
from reepi.core.reading import Reading
from reepi.core.study import PhotoEntry, Study
from reepi.imaging.reading import read_bytes
from reepi.store.provenance import bytes_hash
from reepi.store.readings import ReadingStore
from reepi.store.study import inside, read_study

KEY_LENGTH: Final = 8
"""Characters of a photograph's hash in its stem: enough that two of one study never get the same."""


@dataclass(frozen=True)
class ReadPhotograph:
    """A photograph with the readings that a model may learn from.

    Parameters
    ----------
    stem : str
        Its name in the training data.
    study : str
        Name of its study.
    patient_id : str
        The patient, told apart from those of other studies.
    entry : PhotoEntry
        Its line in the study.
    path : Path
        Its file.
    readings : tuple of Reading
        Those that count, by reader's name; one at least. An adjudication stands alone.
    store : ReadingStore
        Where their masks are.
    capture : CaptureProtocol
        How its study takes photographs, which decides the colours that models see.
    """

    stem: str
    study: str
    patient_id: str
    entry: PhotoEntry
    path: Path
    readings: tuple[Reading, ...]
    store: ReadingStore
    capture: CaptureProtocol

    @property
    def readers(self) -> str:
        """Names of the readers."""
        return ", ".join(reading.reader for reading in self.readings)

    def masks(self) -> tuple[Mask, ...]:
        """Return each reader's mask (H, W); see `ReadingStore.mask`."""
        return tuple(self.store.mask(reading) for reading in self.readings)


@dataclass(frozen=True)
class Plan:
    """What is to become training data.

    Parameters
    ----------
    studies : tuple of str
        Names of the studies that were looked at, in order, also of those without a photograph.
    photographs : tuple of ReadPhotograph
        Photographs with their readings.
    """

    studies: tuple[str, ...]
    photographs: tuple[ReadPhotograph, ...]


def plan_collection(folders: Sequence[Path], url: str | None = None) -> Plan:
    """Return the photographs of studies whose newest readings are accepted or corrected, with every mask verified.

    Parameters
    ----------
    folders : sequence of Path
        The study folders.
    url : str, optional
        Data base of several readers, of one study; those in the study folders if none.

    Raises
    ------
    InputError
        A study is wrong, two share a name, a photograph is missing or was changed since it was read, or a mask was
        changed; names all of them. Also where no study has such a reading, or one data base is named for several.
    """
    faults: list[Fault] = []
    studies = _read_studies(folders, faults)
    if url is not None and len(studies) > 1:
        raise InputError([Fault("--database", "it holds the readings of one study", "Collect one study at a time.")])
    faults += _names_told_apart(studies)
    photographs = [photo for folder, study in studies.items() for photo in _photographs(folder, study, url, faults)]
    if not photographs and not faults:
        named = ", ".join(map(str, studies))
        faults.append(Fault(named, "no reading was accepted or corrected", "Review the study first."))
    if faults:
        raise InputError(faults)
    return Plan(tuple(sorted(study.name for study in studies.values())), tuple(photographs))


def study_key(name: str) -> str:
    """Return a study's name as part of a file's name: plain letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-").lower() or "study"


def _read_studies(folders: Sequence[Path], faults: list[Fault]) -> dict[Path, Study]:
    studies = {}
    for folder in {folder.resolve(): folder for folder in folders}.values():
        try:
            studies[folder] = read_study(folder)
        except InputError as error:
            faults += [_in_study(folder, fault) for fault in error.faults]
    return studies


def _in_study(folder: Path, fault: Fault) -> Fault:
    named = fault.where.startswith(str(folder))
    return fault if named else replace(fault, where=str(folder / fault.where))


def _names_told_apart(studies: dict[Path, Study]) -> list[Fault]:
    first: dict[str, Path] = {}
    return [
        Fault(str(folder), f"its name {study.name!r} cannot be told from that of {there}", "Rename one in study.toml.")
        for folder, study in studies.items()
        if (there := first.setdefault(study_key(study.name), folder)) != folder
    ]


def _photographs(folder: Path, study: Study, url: str | None, faults: list[Fault]) -> list[ReadPhotograph]:
    store = ReadingStore(folder, url)
    entries = {entry.file: entry for entry in study.photos}
    found = []
    for file, readings in _teaching(store, faults).items():
        problems = _photograph_faults(folder, entries, file, readings) + _mask_faults(store, readings)
        path = inside(folder, file)
        if problems or path is None:
            faults += problems
            continue
        found.append(_read_photograph(study, entries[file], path, readings, store))
    return sorted(found, key=lambda photo: photo.stem)


def _teaching(store: ReadingStore, faults: list[Fault]) -> dict[str, tuple[Reading, ...]]:
    """Return the readings that count and that a model may learn from, by file."""
    try:
        counting = store.counting()
    except InputError as error:
        faults += error.faults
        return {}
    return {file: readings for file, readings in counting.items() if all(reading.teaches for reading in readings)}


def _photograph_faults(
    folder: Path, entries: dict[str, PhotoEntry], file: str, readings: Sequence[Reading]
) -> list[Fault]:
    path = inside(folder, file)
    if path is None:
        return [Fault(str(folder), f"the reading of {file!r} leaves the study folder", "Restore the data base.")]
    if file not in entries:
        return [Fault(str(path), "it was read but is not in photos.csv", "Put its line back.")]
    try:
        content = bytes_hash(read_bytes(path))
    except PhotographRejected as rejection:
        return [Fault(str(path), f"it was read, and now is {rejection.code}", "Copy the photograph back.")]
    return [
        Fault(str(path), f"it was changed since {reading.reader} read it", "Copy the original back, or read it again.")
        for reading in readings
        if reading.photograph_sha256 != content
    ]


def _mask_faults(store: ReadingStore, readings: Sequence[Reading]) -> list[Fault]:
    faults: list[Fault] = []
    for reading in readings:
        try:
            store.mask(reading)
        except InputError as error:
            faults += error.faults
    return faults


def _read_photograph(
    study: Study, entry: PhotoEntry, path: Path, readings: tuple[Reading, ...], store: ReadingStore
) -> ReadPhotograph:
    key, name = study_key(study.name), re.sub(r"[^A-Za-z0-9_-]+", "-", PurePosixPath(entry.file).stem)
    stem = f"{key}_{name}_{readings[0].photograph_sha256[:KEY_LENGTH]}"
    return ReadPhotograph(stem, study.name, f"{key}/{entry.patient_id}", entry, path, readings, store, study.capture)
