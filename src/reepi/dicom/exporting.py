"""Writes a scored study as DICOM objects: photographs, their tissues, and the measurements of each visit."""

import io
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

import pydicom
from pydicom.dataset import Dataset

from reepi.core.errors import Fault, InputError, PhotographRejected, first_of
from reepi.core.results import AreaRow, PhotoRow
from reepi.core.study import PhotoEntry, Study
from reepi.dicom.datasets import Visit
from reepi.dicom.identifiers import uid_of
from reepi.dicom.measurements import measurement_report
from reepi.dicom.origins import Run, readers_of
from reepi.dicom.photographs import photograph_image
from reepi.dicom.segmentations import tissue_segmentation
from reepi.imaging.file_types import file_type
from reepi.imaging.reading import read_bytes
from reepi.imaging.writing import decode_mask
from reepi.store.files import remove_files, write_bytes
from reepi.store.provenance import bytes_hash, changed_since, check_outputs
from reepi.store.results import ResultsFolder, stem
from reepi.store.study import read_study

Table = TypeVar("Table")

REPORT_NAME: Final = "measurements.dcm"
"""File of a visit's measurements."""

OWN_FILES: Final = ("photograph_*.dcm", "tissues_*.dcm", REPORT_NAME)
"""Files of a visit that an export writes."""

MOST_NAMED: Final = 5
"""Photographs or visits that a remark names."""


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Parameters
    ----------
    photographs, segmentations, reports : int
        Objects of each kind.
    troubles : tuple of str
        What could not be exported, and why.
    remarks : tuple of str
        What is not exported since it was not scored, what changed meanwhile, and how much was removed.
    """

    photographs: int
    segmentations: int
    reports: int
    troubles: tuple[str, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Scored:
    """A scored study: what an export reads."""

    folder: Path
    study: Study
    results: ResultsFolder
    rows: dict[str, PhotoRow]
    areas: list[AreaRow]
    run: Run
    record: dict[str, Any]

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is not exported since it was not scored, and what changed meanwhile."""
        added = [entry.file for entry in self.study.photos if entry.file not in self.rows]
        unscored = [entry.file for entry in self.study.photos if entry.file in self.rows and not self.has_scored(entry)]
        shown = {_key(entry) for entry in self.study.photos if self.has_scored(entry)}
        unseen = sorted({(row.patient_id, row.date) for row in self.areas} - shown)
        told = (
            changed_since(self.folder, self.record, "the export"),
            _not_exported(added, "on the list since the study was scored"),
            _not_exported(unscored, "rejected or failed"),
            _not_exported([f"{who} on {day}" for who, day in unseen], "areas of visits without a scored photograph"),
        )
        return tuple(filter(None, told))

    def has_scored(self, entry: PhotoEntry) -> bool:
        """Return whether a photograph was scored."""
        row = self.rows.get(entry.file)
        return row is not None and row.status == "scored"


@dataclass
class _Visited:
    """What was written of a visit so far."""

    evidence: list[Dataset] = field(default_factory=list)
    readers: list[str] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    photographs: int = 0


@dataclass
class _Told:
    """What an export will say."""

    photographs: int = 0
    segmentations: int = 0
    reports: int = 0
    files: list[Path] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @contextmanager
    def trouble(self, what: str) -> Iterator[None]:
        """Keep what goes wrong with one thing, so that the rest goes on."""
        try:
            yield
        except (PhotographRejected, OSError, ValueError) as trouble:
            self.troubles.append(f"{what}: {trouble}")


def export_dicom(
    study_folder: Path, results: Path, out: Path, progress: Callable[[int], None] = lambda _: None
) -> Exported:
    """Write every scored photograph, its tissues and the measurements of each visit below ``out``.

    A file is ``PATIENT/DATE/NAME.dcm``; an object of the same identifier that is there already is left as it is. What
    an earlier export of the study wrote and this one does not have is removed, unless there is trouble.

    Parameters
    ----------
    study_folder, results : Path
        The study and its results.
    out : Path
        Folder to write to; made where it is missing.
    progress : callable
        Told the number of photographs done so far.

    Raises
    ------
    InputError
        The study folder is wrong, or the results are missing, damaged or of two runs.
    """
    scored, told, done = _read(study_folder, results), _Told(), 0
    for visit, entries in _visits(scored):
        place, visited = out / visit.patient.patient_id / visit.day, _Visited()
        for number, entry in enumerate(entries, 1):
            with told.trouble(entry.file):
                _write_photograph(scored, visit, entry, number, place, visited)
            done += 1
            progress(done)
        with told.trouble(f"{visit.patient.patient_id} on {visit.day}"):
            told.reports += _write_report(scored, visit, _key(entries[0]), place, visited)
        told.photographs += visited.photographs
        told.segmentations += len(visited.evidence) - visited.photographs
        told.files += visited.files
    removed = "" if told.troubles else _clear_leftovers(out, scored.study.name, told.files)
    remarks = (*scored.remarks, *filter(None, [removed]))
    return Exported(told.photographs, told.segmentations, told.reports, tuple(told.troubles), remarks)


def _clear_leftovers(out: Path, study_name: str, files: Collection[Path]) -> str:
    """Remove objects of the study that are not among these files, and return in words how many there were."""
    there = (path for name in OWN_FILES for path in out.glob(f"*/*/{name}"))
    old = [path for path in set(there).difference(files) if _is_of_study(path, study_name)]
    remove_files(old)
    gone = f"Objects removed here, since the study no longer has them: {len(old)}. An archive may still have them."
    return gone if old else ""


def _is_of_study(path: Path, study_name: str) -> bool:
    """Return whether an export of the study wrote an object; a DICOM original is known by the mask beside it."""
    visit = study_name, path.parent.parent.name, path.parent.name
    mask = path.with_name(path.name.replace("photograph_", "tissues_", 1))
    return any(_is_of_visit(header, visit) for header in map(_header, {path, mask}) if header is not None)


def _is_of_visit(header: Dataset, visit: tuple[str, str, str]) -> bool:
    """Return whether an object is in a series of a visit: study, patient and day."""
    series = (("photographs",), ("tissues", header.get("StudyInstanceUID")), ("measurements",))
    return header.get("SeriesInstanceUID") in {uid_of("series", *visit, *each) for each in series}


def _not_exported(files: Sequence[str], why: str) -> str:
    """Return in words that photographs are not exported; empty where there are none."""
    return f"Not exported, {why}: {first_of(files, MOST_NAMED)}." if files else ""


def _visits(scored: _Scored) -> Iterator[tuple[Visit, list[PhotoEntry]]]:
    """Yield each visit with its scored photographs, in the order in which they were taken."""
    together: dict[tuple[str, date], list[PhotoEntry]] = {}
    for entry in scored.study.photos:
        if scored.has_scored(entry):
            together.setdefault(_key(entry), []).append(entry)
    for entries in together.values():
        taken = sorted(entries, key=lambda entry: (entry.taken_at.replace(tzinfo=None), entry.file))
        patient = scored.study.patient(taken[0].patient_id)
        yield Visit(scored.study.name, patient, taken[0].taken_at), taken


def _write_photograph(
    scored: _Scored, visit: Visit, entry: PhotoEntry, number: int, place: Path, visited: _Visited
) -> None:
    content = read_bytes(scored.folder / entry.file)
    if scored.record.get("inputs", {}).get(entry.file) not in (None, bytes_hash(content)):
        raise ValueError("it was changed since it was scored. Score the study again.")
    source = scored.rows[entry.file].source
    if not scored.results.mask(entry.file).is_file():
        raise ValueError(f"its mask {scored.results.mask(entry.file)} is missing. Score the study again.")
    mask = decode_mask(scored.results.mask(entry.file).read_bytes())
    encoded = _image(scored, content, visit, entry, number)
    image = pydicom.dcmread(io.BytesIO(encoded), stop_before_pixels=True)
    tissues = tissue_segmentation(image, mask, entry, source, visit, scored.run, number)
    visited.files.append(_keep(place / f"photograph_{stem(entry.file)}.dcm", encoded))
    visited.evidence.append(image)
    visited.photographs += 1
    visited.readers.extend(filter(None, [readers_of(source)]))
    if tissues is not None:
        visited.files.append(_keep(place / f"tissues_{stem(entry.file)}.dcm", tissues))
        visited.evidence.append(pydicom.dcmread(io.BytesIO(tissues), stop_before_pixels=True))


def _write_report(scored: _Scored, visit: Visit, key: tuple[str, date], place: Path, visited: _Visited) -> int:
    """Write the areas of a visit, if it has any, and return how many reports that makes."""
    rows = [row for row in scored.areas if (row.patient_id, row.date) == key]
    if rows and not visited.evidence:
        raise ValueError("no photograph was exported that its report could refer to")
    if rows:
        report = measurement_report(visited.evidence, rows, visited.readers, visit, scored.run)
        visited.files.append(_keep(place / REPORT_NAME, report))
    return int(bool(rows))


def _image(scored: _Scored, content: bytes, visit: Visit, entry: PhotoEntry, number: int) -> bytes:
    """Return a photograph as DICOM: an original that is DICOM as it is, if nothing of it must be hidden."""
    path = scored.results.hidden(entry.file)
    hidden = decode_mask(path.read_bytes()) if path.exists() else None
    if file_type(content) != "dicom":
        return photograph_image(content, entry, visit, number, hidden)
    if hidden is not None:
        raise ValueError("it is a DICOM original, and the study hides eyes. Export a copy made by reepi deidentify.")
    return content


def _keep(path: Path, content: bytes) -> Path:
    """Write an object unless the same one is there: an archive may have it, so that it must not change."""
    there, now = _header(path), pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True)
    if there is None or there.get("SOPInstanceUID") != now.SOPInstanceUID:
        write_bytes(path, content)
    return path


def _header(path: Path) -> Dataset | None:
    """Return an object without its pixels; None where there is none."""
    try:
        return pydicom.dcmread(path, stop_before_pixels=True)
    except (OSError, pydicom.errors.InvalidDicomError):
        return None


def _key(entry: PhotoEntry) -> tuple[str, date]:
    return entry.patient_id, entry.taken_at.date()


def _read(study_folder: Path, results: Path) -> _Scored:
    study, folder = read_study(study_folder), ResultsFolder(results)
    record = _or_fault(folder.run, lambda: json.loads(folder.run.read_text(encoding="utf-8")))
    rows: Sequence[PhotoRow] = _or_fault(folder.photos, folder.read_photos)
    areas, run = _or_fault(folder.areas, folder.read_areas), _or_fault(folder.run, lambda: Run.of_record(record))
    check_outputs(folder.path, record)
    return _Scored(study_folder, study, folder, {row.file: row for row in rows}, areas, run, record)


def _or_fault(path: Path, read: Callable[[], Table]) -> Table:
    """Return what a file of the results holds, or tell which one is missing or damaged."""
    try:
        return read()
    except (OSError, ValueError) as error:
        raise InputError([Fault(str(path), f"cannot be read ({error})", "Score the study first.")]) from error
