"""What a DICOM object tells of the photograph in it: whose it is, when it was taken, and what it shows."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pydicom
from pydicom.errors import BytesLengthException, InvalidDicomError

from reepi.imaging.damage import DECODING_ERRORS

DICOMDIR: Final = "DICOMDIR"
"""Name of the list of a medium's objects (PS3.10, 8.6)."""

_MOMENTS: Final = (("AcquisitionDate", "AcquisitionTime"), ("ContentDate", "ContentTime"), ("StudyDate", "StudyTime"))
"""Dates and times of when a picture was taken, the surest first."""

_CALIBRATED: Final = ("GEOMETRY", "FIDUCIAL")
"""Kinds of calibration after which Pixel Spacing is a distance on the patient (PS3.3, 10.7.1.2)."""

SQUARE_TOLERANCE: Final = 0.01
"""Pixels whose sides differ by no larger share are squares."""

_SIDES: Final = {"L": "left", "R": "right"}


@dataclass(frozen=True)
class ImportedPhotograph:
    """What the tags of one object tell; what they do not is None or empty.

    Parameters
    ----------
    path : Path
        Its file.
    patient_id : str
        Number of the patient, as the archive knows it.
    taken_at : datetime or None
        When it was taken.
    words : tuple of str
        What it shows in the archive's words: side and part of the body, names of series and study.
    mm_per_px : float or None
        Scale at the skin [mm/px], where the object states one that was calibrated.
    sop_instance_uid : str
        Its identifier.
    """

    path: Path
    patient_id: str
    taken_at: datetime | None
    words: tuple[str, ...]
    mm_per_px: float | None
    sop_instance_uid: str


def imported(path: Path) -> ImportedPhotograph | None:
    """Return what an object tells of its photograph, or None where the file is no DICOM object or a damaged one."""
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True)
        return ImportedPhotograph(
            path,
            str(header.get("PatientID") or "").strip(),
            _taken_at(header),
            tuple(_words(header)),
            _scale(header),
            str(header.get("SOPInstanceUID") or ""),
        )
    except (InvalidDicomError, BytesLengthException, *DECODING_ERRORS):
        return None


def objects_of(directory: Path) -> tuple[Path, ...]:
    """Return the files that a DICOMDIR lists and that lie beside or below it, also those that are not there.

    Letters of their names may be large or small, as a disc's are once it is mounted or copied.

    Raises
    ------
    ValueError
        The file is no DICOMDIR.
    """
    home = directory.parent.resolve()
    try:
        listed = pydicom.dcmread(directory)
        records = listed.DirectoryRecordSequence
        paths = [_found(home, _parts(record)) for record in records if record.get("ReferencedFileID")]
    except (InvalidDicomError, BytesLengthException, *DECODING_ERRORS) as error:
        raise ValueError(f"{directory} is no DICOMDIR ({error})") from error
    return tuple(path for path in paths if path.resolve().is_relative_to(home))


def _found(folder: Path, parts: tuple[str, ...]) -> Path:
    """Return the file that parts of a path name, whatever the case of their letters, or where it should be."""
    path = folder
    for part in parts:
        exact = path / part
        alike = [] if exact.exists() else [each for each in _entries(path) if each.name.casefold() == part.casefold()]
        path = alike[0] if alike else exact
    return path


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _parts(record: Any) -> tuple[str, ...]:
    found = record.ReferencedFileID
    return (str(found),) if isinstance(found, str) else tuple(str(part) for part in found)


def _taken_at(header: Any) -> datetime | None:
    stamp = _moment(str(header.get("AcquisitionDateTime") or ""))
    if stamp is not None:
        return stamp
    pairs = (f"{header.get(day) or ''}{header.get(time) or ''}" for day, time in _MOMENTS if header.get(day))
    return next((moment for moment in map(_moment, pairs) if moment is not None), None)


def _moment(digits: str) -> datetime | None:
    """Return the moment of DICOM's digits (PS3.5, 6.2: YYYYMMDDHHMMSS.FFFFFF&ZZXX), without its fraction and zone."""
    plain = digits.split(".")[0].split("+")[0].split("-")[0].strip()
    for layout, length in (("%Y%m%d%H%M%S", 14), ("%Y%m%d%H%M", 12), ("%Y%m%d%H", 10), ("%Y%m%d", 8)):
        if len(plain) == length:
            try:
                return datetime.strptime(plain, layout)
            except ValueError:
                return None
    return None


def _words(header: Any) -> Iterator[str]:
    side = next(
        (_SIDES[str(header.get(tag))] for tag in ("ImageLaterality", "Laterality") if header.get(tag) in _SIDES), ""
    )
    parts: list[str] = [str(header.get("BodyPartExamined") or "")]
    parts += [str(code.get("CodeMeaning") or "") for code in _items(header.get("AnatomicRegionSequence"))]
    yield from (f"{side} {part}".strip() for part in parts if part)
    yield from (
        str(header.get(tag)) for tag in ("SeriesDescription", "ImageComments", "StudyDescription") if header.get(tag)
    )


def _items(sequence: Any) -> Iterable[Any]:
    return sequence or ()


def _scale(header: Any) -> float | None:
    """Return millimetres a pixel where both directions agree and Pixel Spacing is said to be that of the patient.

    Without a calibration type it may be that of a sensor or a scanned sheet (PS3.3, 10.7.1), and many programs write 1
    where they know nothing.
    """
    if header.get("PixelSpacingCalibrationType") not in _CALIBRATED:
        return None
    try:
        rows, columns = (float(value) for value in header.get("PixelSpacing"))
    except (TypeError, ValueError):
        return None
    alike = math.isclose(rows, columns, rel_tol=SQUARE_TOLERANCE)
    return rows if alike and math.isfinite(rows) and rows > 0 else None
