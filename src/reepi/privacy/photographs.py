"""One photograph of a study to its de-identified file, or to the reason why it is withheld."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate
from reepi.core.errors import PhotographRejected
from reepi.core.images import Pixels
from reepi.core.study import PhotoEntry, Study
from reepi.core.surface import Registration
from reepi.imaging.damage import DECODING_ERRORS
from reepi.imaging.file_types import file_type
from reepi.imaging.reading import decode_photograph, read_bytes
from reepi.mapping.eyes import Hidden, eye_pixels, may_show_a_face
from reepi.privacy.copies import Copy, deidentified_copy, reads_alike
from reepi.privacy.findings import PrivacyRow, Status, withheld
from reepi.privacy.hiding import at_size, painted_over
from reepi.privacy.in_picture import LOOKED_AT_PX, TextNotReadError, Written, written_in
from reepi.privacy.places import Places
from reepi.privacy.pseudonyms import Pseudonyms
from reepi.store.files import write_bytes, write_text
from reepi.store.placements import placement_name, placement_text

Bools = npt.NDArray[np.bool_]

Paint = Callable[[Pixels], Pixels]
Dicom = Callable[[bytes, str, int, bytes, Paint | None], bytes]
"""De-identifies a DICOM file: its content, the patient's new name, by how many days dates move, the key of UIDs, and
what paints over what is hidden."""

PHOTOS: Final = "photos"


@dataclass(frozen=True)
class Handling:
    """How photographs are de-identified.

    Parameters
    ----------
    study : Study
        The study.
    folder : Path
        Its folder.
    target : Path
        Folder that is filled.
    names : Pseudonyms
        New names.
    places : Places
        Where photographs lie on the body.
    hidden : "eyes", "face" or None
        What is hidden in them.
    looks_for_text : bool
        Whether text and barcodes are looked for.
    dicom : callable, optional
        De-identifies DICOM files; without it they are written anew as PNG.
    """

    study: Study
    folder: Path
    target: Path
    names: Pseudonyms
    places: Places
    hidden: Hidden | None
    looks_for_text: bool
    dicom: Dicom | None = None


@dataclass(frozen=True)
class Handled:
    """How a photograph ended.

    Parameters
    ----------
    entry : PhotoEntry
        Its line of the original study.
    name : str
        Its file in the handed-on study; without an ending where it is not in it.
    there : bool
        Whether it is in it.
    rows : tuple of PrivacyRow
        What was found, at least one row.
    reason : str
        Why it is withheld, in full, for those who know the original study: it may hold names and is handed on nowhere.
    """

    entry: PhotoEntry
    name: str
    there: bool
    rows: tuple[PrivacyRow, ...]
    reason: str = ""


def handle(handling: Handling, entry: PhotoEntry) -> Handled:
    """De-identify one photograph and write it; one that cannot be is withheld, and an error of the program fails it."""
    stem = f"{PHOTOS}/{handling.names.photograph(entry.file)}"
    patient = handling.names.patient(entry.patient_id)
    try:
        return _handled(handling, entry, stem, patient)
    except PhotographRejected as rejection:
        row = PrivacyRow(stem, patient, entry.view_name, "withheld", rejection.code, withheld(rejection.code))
        return _ended(entry, row, rejection.explanation)
    except Exception as error:  # noqa: BLE001 - one photograph must not end the batch, and nothing of it is handed on
        explanation = f"{type(error).__name__}. The photograph is not handed on."
        return _ended(entry, PrivacyRow(stem, patient, entry.view_name, "failed", "error", explanation))


def _handled(handling: Handling, entry: PhotoEntry, stem: str, patient: str) -> Handled:
    content = read_bytes(handling.folder / entry.file)
    place, doubt = _place(handling, entry)
    hidden = None if place is None or handling.hidden is None else eye_pixels(*place, handling.hidden)
    copy = _copy(handling, content, hidden, entry, patient)
    file = stem + copy.suffix
    found = [*doubt, *([_ANEW] if copy.anew else []), *([_ERASED] if copy.erased else []), *_read_in(handling, copy)]
    write_bytes(handling.target / PurePosixPath(file), copy.content)
    if place is not None:
        write_text(handling.target / placement_name(file), placement_text(file, copy.content, *place))
    status: Status = "masked" if hidden is not None and hidden.any() else "copied"
    rows = [PrivacyRow(file, patient, entry.view_name, status, *finding) for finding in found or [("", "")]]
    return Handled(entry, file, True, tuple(rows))


def _ended(entry: PhotoEntry, row: PrivacyRow, reason: str = "") -> Handled:
    return Handled(entry, row.file, False, (row,), reason)


_ANEW: Final = ("written_anew", "It is a PNG now, with the pixels that the measurement reads of the original.")

_ERASED: Final = (
    "erased",
    "Parts of it were transparent and are painted over: what was erased so was still in the file, and was measured.",
)

_NOT_PLACED: Final = (
    "not_placed",
    "It could not be placed on the body, so nothing is hidden in it. Look whether it shows a face.",
)


def _place(
    handling: Handling, entry: PhotoEntry
) -> tuple[tuple[Registration, BodyTemplate] | None, list[tuple[str, str]]]:
    """Return where a photograph lies on the body, unless nothing is hidden at all, and the doubt that is left.

    Raises
    ------
    PhotographRejected
        It could show a face, and nobody knows where.
    """
    if handling.hidden is None:
        return None, []
    try:
        return handling.places.of(entry), []
    except PhotographRejected as rejection:
        if may_show_a_face(entry.view, rejection):
            raise
        return None, [_NOT_PLACED]


def _copy(handling: Handling, content: bytes, hidden: Bools | None, entry: PhotoEntry, patient: str) -> Copy:
    if handling.dicom is not None and file_type(content) == "dicom":
        hidden = hidden if hidden is not None and hidden.any() else None
        if (cleaned := _dicom_copy(handling, handling.dicom, content, hidden, entry, patient)) is not None:
            return cleaned
    return deidentified_copy(content, hidden, handling.target)


def _dicom_copy(
    handling: Handling, dicom: Dicom, content: bytes, hidden: Bools | None, entry: PhotoEntry, patient: str
) -> Copy | None:
    """Return a DICOM object that stays one, or None where it cannot; it is read back as every copy is."""
    original = decode_photograph(content)

    def paint(pixels: Pixels) -> Pixels:
        return painted_over(pixels, at_size(cast(Bools, hidden), (pixels.shape[0], pixels.shape[1])))

    shift = handling.names.shift(entry.patient_id).days
    try:
        cleaned = dicom(content, patient, shift, handling.names.uid_key, None if hidden is None else paint)
        return Copy(cleaned, ".dcm", anew=False) if reads_alike(original, cleaned, hidden) else None
    except (PhotographRejected, *DECODING_ERRORS):
        return None


def _read_in(handling: Handling, copy: Copy) -> list[tuple[str, str]]:
    """Return what could be read in the copy; what it says stands nowhere."""
    if not handling.looks_for_text:
        return []
    try:
        found = written_in(decode_photograph(copy.content, LOOKED_AT_PX).pixels)
    except TextNotReadError as error:
        return [("text_not_looked_for", f"Tesseract failed on it ({error}). Look for text and barcodes.")]
    return [_told(kind, [each for each in found if each.kind == kind]) for kind in sorted({w.kind for w in found})]


def _told(kind: str, found: list[Written]) -> tuple[str, str]:
    places = ", ".join(dict.fromkeys(each.place for each in found))
    return kind, f"{len(found)} found ({places}). Look whether it tells who the patient is; cover it, or leave it out."
