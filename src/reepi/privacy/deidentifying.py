"""A study folder in, a study folder out that tells nobody who its patients are."""

import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reepi.core.errors import Fault, InputError
from reepi.core.study import Study
from reepi.instruments import Instruments
from reepi.mapping.eyes import Hidden
from reepi.phantom.claiming import MARK
from reepi.privacy.clinical_tables import TERMS, clean_clinical, clean_historical
from reepi.privacy.findings import FINDINGS_FILE, PrivacyRow, findings_text
from reepi.privacy.in_picture import text_is_looked_for
from reepi.privacy.link_table import (
    PATIENT,
    PHOTOGRAPH,
    Link,
    check_photographs,
    joined,
    links_text,
    read_links,
    write_private,
)
from reepi.privacy.photographs import Dicom, Handled, Handling, handle
from reepi.privacy.places import Places
from reepi.privacy.pseudonyms import Pseudonyms, key_text, new_key, read_key
from reepi.privacy.settings import clean_settings
from reepi.privacy.tables import clean_table
from reepi.scoring.visits import visit_date
from reepi.store.clinical import CLINICAL_COLUMNS, CLINICAL_FILE
from reepi.store.files import check_writable, make_folder, telling, write_text
from reepi.store.historical import HISTORICAL_COLUMNS, HISTORICAL_FILE
from reepi.store.placements import PLACED
from reepi.store.results import ResultsFolder
from reepi.store.said import said_of
from reepi.store.settings import SETTINGS_FILE
from reepi.store.study import PATIENTS_FILE, PHOTOS_FILE, read_study
from reepi.store.tables import Line, read_table
from reepi.store.trail import Trail

_PATIENT_COLUMNS: Final = (
    *("patient_id", "sex", "age_years", "height_cm", "weight_kg"),
    *("index_date", "day_zero_date"),
)
_PHOTO_COLUMNS: Final = ("file", "patient_id", "taken_at", "view", "mm_per_px")

_NAME_THEM: Final = "They may tell who it is; name those that do not with --keep."

_HIDDEN: Final = {
    "eyes": "The eyes are hidden.",
    "face": "The faces are hidden.",
    None: "Nothing is hidden in the photographs.",
}


@dataclass(frozen=True)
class Order:
    """What is to be done.

    Parameters
    ----------
    study : Path
        Study folder; left as it is.
    out : Path
        Folder to write; must not be there, or be empty.
    link : Path
        Link table to write, or to extend.
    key : Path
        File of the key; made where it is not there.
    hidden : "eyes", "face" or None
        What is hidden in photographs.
    looks_for_text : bool
        Whether text and barcodes are looked for.
    kept : tuple of str
        Columns that pass although reepi does not know them.
    results : Path, optional
        Where the study was scored to; ``results`` in the study folder if none.
    database : str, optional
        URL of the data base of readings; the file in the study folder if none.
    """

    study: Path
    out: Path
    link: Path
    key: Path
    hidden: Hidden | None = "eyes"
    looks_for_text: bool = True
    kept: tuple[str, ...] = ()
    results: Path | None = None
    database: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a study.

    Parameters
    ----------
    handled : tuple of Handled
        How each photograph ended.
    rows : tuple of PrivacyRow
        Everything that was found.
    left_out : tuple of str
        Files and folders of the study folder that were not handed on.
    """

    handled: tuple[Handled, ...]
    rows: tuple[PrivacyRow, ...]
    left_out: tuple[str, ...]


def deidentify(
    order: Order,
    load: Callable[[], Instruments],
    dicom: Dicom | None = None,
    progress: Callable[[Handled], None] = lambda handled: None,
) -> Outcome:
    """Write a study without what tells who its patients are.

    Everything is written beside ``out`` under a hidden name that ends in ``.part``, and renamed at the end: a run that
    is killed leaves no half study, and the next one begins anew.

    Parameters
    ----------
    order : Order
        What to do.
    load : callable
        Loads what photographs are measured with; called only where one was not scored before.
    dicom : callable, optional
        De-identifies DICOM files.
    progress : callable
        Told of each photograph as it ends.

    Raises
    ------
    InputError
        The study or the call is wrong; carries all faults.
    NotWritten
        The new folder, the link table or the key cannot be written.
    """
    check_places(order)
    study = read_study(order.study)
    earlier = read_links(order.link)
    key = read_key(order.key)
    names = Pseudonyms(key or new_key())
    _check_twins(study, names)
    # Before hours of work and before a key is written: another key, or another study's table, would not fit.
    joined(order.link, earlier, links_of(study, names, ()))
    check_photographs(order.link, earlier, {entry.file: entry.patient_id for entry in study.photos})
    # Nor is a key left behind where the rest cannot be written.
    for place in (order.out, order.link, order.key):
        check_writable(place)
    if key is None:
        write_private(order.key, key_text(names.key))
    part = order.out.with_name(f".{order.out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    make_folder(part)
    try:
        outcome = _filled(part, order, study, names, load, dicom, progress)
        links = joined(order.link, earlier, links_of(study, names, outcome.handled))
        # The table first: a folder without it could never be led back.
        write_private(order.link, links_text(links))
        with telling(order.out):
            if order.out.exists():
                order.out.rmdir()
            part.replace(order.out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return outcome


def check_places(order: Order) -> None:
    """Refuse a call that would mix what is handed on with what must not be.

    Raises
    ------
    InputError
        The new folder is there and not empty, lies in the study or around it, or holds the link table or the key.
    """
    faults = []
    study, out = order.study.resolve(), order.out.resolve()
    if order.out.exists() and (not order.out.is_dir() or any(order.out.iterdir())):
        faults.append(Fault(str(order.out), "it is there already", "Name a new folder; nothing is overwritten."))
    if out.is_relative_to(study) or study.is_relative_to(out):
        faults.append(Fault(str(order.out), "it lies in the study folder, or around it", "Name a folder elsewhere."))
    for path, what in ((order.link, "link table"), (order.key, "key")):
        if path.resolve().is_relative_to(out):
            problem = f"the {what} would lie in the folder that is handed on"
            faults.append(Fault(str(path), problem, "Keep it where only you can read it."))
        elif path.is_dir():
            faults.append(Fault(str(path), "it is a folder", f"Name a file for the {what}."))
    if order.link.resolve() == order.key.resolve():
        faults.append(Fault(str(order.key), "link table and key have the same name", "Name two files."))
    if faults:
        raise InputError(faults)


def links_of(study: Study, names: Pseudonyms, handled: Iterable[Handled]) -> list[Link]:
    """Return the lines of the link table of a study."""
    shifts = {patient.patient_id: str(names.shift(patient.patient_id).days) for patient in study.patients}
    patients = [Link(PATIENT, old, names.patient(old), old, shift) for old, shift in shifts.items()]
    photographs = [
        Link(PHOTOGRAPH, each.entry.file, each.name, each.entry.patient_id, shifts[each.entry.patient_id])
        for each in handled
    ]
    return [*patients, *photographs]


def _check_twins(study: Study, names: Pseudonyms) -> None:
    new = {names.patient(patient.patient_id) for patient in study.patients}
    if len(new) < len(study.patients):
        raise InputError([Fault(PATIENTS_FILE, "two patients got the same pseudonym", "Make another key.")])


def _filled(
    part: Path,
    order: Order,
    study: Study,
    names: Pseudonyms,
    load: Callable[[], Instruments],
    dicom: Dicom | None,
    progress: Callable[[Handled], None],
) -> Outcome:
    results = ResultsFolder(order.results or order.study / "results")
    places = Places(study, order.study, results, said_of(order.study, Trail(order.study, order.database)), load)
    handling = Handling(study, order.study, part, names, places, order.hidden, order.looks_for_text, dicom)
    handled = []
    for entry in study.photos:
        handled.append(handle(handling, entry))
        progress(handled[-1])
    if not any(each.there for each in handled):
        reasons = sorted({f"{row.finding}: {each.reason or row.explanation}" for each in handled for row in each.rows})
        raise InputError([Fault(PHOTOS_FILE, "no photograph can be handed on", reason) for reason in reasons])
    rows = [row for each in _in_order(handled, names) for row in each.rows]
    rows += _write_tables(part, order, study, names, handled)
    if order.looks_for_text and not text_is_looked_for():
        rows.append(PrivacyRow("", "", "", "", "text_not_looked_for", "Tesseract is not installed. Look for text."))
    write_text(part / FINDINGS_FILE, findings_text(rows))
    read_study(part)
    return Outcome(tuple(handled), tuple(rows), _left_out(order.study, study))


def _in_order(handled: Sequence[Handled], names: Pseudonyms) -> list[Handled]:
    """Return photographs by new name of patient and by day: the old order would tell who was admitted when."""
    return sorted(handled, key=lambda each: (names.patient(each.entry.patient_id), visit_date(each.entry.taken_at)))


def _write_tables(
    part: Path, order: Order, study: Study, names: Pseudonyms, handled: Sequence[Handled]
) -> list[PrivacyRow]:
    """Write settings and tables; return what was left out of them."""
    settings, left_out = clean_settings(order.study, _HIDDEN[order.hidden])
    write_text(part / SETTINGS_FILE, settings)
    rows = [
        _left_out_row(SETTINGS_FILE, left_out, "Names of people, comments and what reepi does not know stay behind.")
    ]
    patients = _by_patient(read_table(order.study / PATIENTS_FILE, _PATIENT_COLUMNS)[0], names)
    rows += _write_table(part, order, names, PATIENTS_FILE, patients, _PATIENT_COLUMNS, {})
    lines = read_table(order.study / PHOTOS_FILE, _PHOTO_COLUMNS[:-1])[0]
    line_of = dict(zip((entry.file for entry in study.photos), lines, strict=True))
    new = {each.entry.file: each.name for each in handled if each.there}
    photos = [line_of[each.entry.file] for each in _in_order(handled, names) if each.there]
    rename = {"file": lambda cell: new[cell.replace("\\", "/")]}
    rows += _write_table(part, order, names, PHOTOS_FILE, photos, _PHOTO_COLUMNS, rename)
    rows += _write_clinical(part, order, names)
    rows += _write_historical(part, order)
    return [row for row in rows if row.finding]


def _by_patient(lines: Iterable[Line], names: Pseudonyms) -> list[Line]:
    return sorted(lines, key=lambda line: names.patient(line.cells["patient_id"]))


def _write_table(
    part: Path,
    order: Order,
    names: Pseudonyms,
    name: str,
    lines: Sequence[Line],
    known: Sequence[str],
    renamed: dict[str, Callable[[str], str]],
) -> list[PrivacyRow]:
    table = clean_table(lines, known, {"patient_id": names.patient, **renamed}, names.shift, order.kept)
    write_text(part / name, table.text)
    rows = [_left_out_row(name, table.dropped, _NAME_THEM)]
    if table.capped:
        rows.append(PrivacyRow(name, "", "", "", "age_capped", f"{table.capped} ages above 90 are written as 90."))
    return rows


def _write_clinical(part: Path, order: Order, names: Pseudonyms) -> list[PrivacyRow]:
    """Write what the ward knows, if the study tells it."""
    lines, _ = read_table(order.study / CLINICAL_FILE, CLINICAL_COLUMNS[:-1], may_be_empty=True)
    if not lines:
        return []
    clean = clean_clinical(_by_patient(lines, names), names, order.kept)
    write_text(part / CLINICAL_FILE, clean.table.text)
    told = [
        (
            clean.terms,
            "terms_withheld",
            f"{clean.terms} terms in free text are left out; keep them with --keep {TERMS}.",
        ),
        (clean.lines, "lines_withheld", f"{clean.lines} laboratory values may be numbers of people and are left out."),
        (clean.units, "units_withheld", f"{clean.units} units of laboratory values are not known and are left out."),
        (
            *(len(clean.laboratory), "laboratory_names"),
            f"{', '.join(clean.laboratory)}. Look whether such a name tells who it is.",
        ),
    ]
    rows = [PrivacyRow(CLINICAL_FILE, "", "", "", code, words) for number, code, words in told if number]
    return [_left_out_row(CLINICAL_FILE, clean.table.dropped, _NAME_THEM), *rows]


def _write_historical(part: Path, order: Order) -> list[PrivacyRow]:
    """Write the historical cohort, if the study has one; it names nobody, so nothing of it needs to be new."""
    lines, _ = read_table(order.study / HISTORICAL_FILE, HISTORICAL_COLUMNS[:2], may_be_empty=True)
    if not lines:
        return []
    table = clean_historical(lines)
    write_text(part / HISTORICAL_FILE, table.text)
    return [_left_out_row(HISTORICAL_FILE, table.dropped, "Columns that reepi does not know stay behind.")]


def _left_out_row(name: str, left_out: Sequence[str], why: str) -> PrivacyRow:
    if not left_out:
        return PrivacyRow(name, "", "", "")
    return PrivacyRow(name, "", "", "", "left_out", f"{', '.join(left_out)}. {why}")


def _left_out(folder: Path, study: Study) -> tuple[str, ...]:
    """Return what of a study folder is not handed on: results, readings, drafts and photographs that are not listed."""
    known = {SETTINGS_FILE, PATIENTS_FILE, PHOTOS_FILE, CLINICAL_FILE, HISTORICAL_FILE}
    known |= {PLACED, MARK, *(photo.file.split("/")[0] for photo in study.photos)}
    others = sorted(path.name for path in folder.iterdir() if path.name not in known)
    listed = {(folder / photo.file).resolve() for photo in study.photos}
    folders = {(folder / photo.file).parent for photo in study.photos} - {folder}
    unlisted = sum(path.is_file() and path.resolve() not in listed for each in folders for path in each.glob("*"))
    return (*others, *([f"{unlisted} files that photos.csv does not list"] if unlisted else []))
