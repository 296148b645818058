"""Carries a plan out: copies first, then the lines that name them, so that no line is ever without its file."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path, PurePosixPath
from typing import Final

from reepi.core.errors import PhotographRejected
from reepi.core.study import Study
from reepi.imaging.file_types import file_type
from reepi.imaging.reading import read_bytes
from reepi.store.adding.photo_list import append_photos
from reepi.store.adding.plan import Addition
from reepi.store.adding.sources import PHOTOS_FOLDER
from reepi.store.files import write_bytes
from reepi.store.locking import locked
from reepi.store.provenance import bytes_hash, photograph_hash
from reepi.store.rows import escape
from reepi.store.study import read_study

LOCK_FILE: Final = ".adding.lock"

WAIT_SECONDS: Final = 30.0
"""How long to wait for another who adds to the same study [s]."""


@dataclass(frozen=True)
class Added:
    """What became of an addition.

    Parameters
    ----------
    addition : Addition
        As it was planned; with its problem where it could not be carried out.
    file : str
        Its file in the study; empty where it was not added.
    """

    addition: Addition
    file: str = ""


def listed_hashes(folder: Path, study: Study, sizes: Collection[int]) -> dict[str, str]:
    """Return the study's photographs of some sizes by the hash of their content.

    Only files of a size that comes in can be the same as what comes in, so only those are read.

    Parameters
    ----------
    folder : Path
        The study folder.
    study : Study
        The study.
    sizes : collection of int
        Sizes of the files that come in [bytes].
    """
    files = [entry.file for entry in study.photos if _size(folder / entry.file) in sizes]
    return {photograph_hash(folder / file): file for file in files}


def add_photographs(
    folder: Path, additions: Sequence[Addition], progress: Callable[[Added], None] = lambda added: None
) -> list[Added]:
    """Copy photographs into a study and name them in ``photos.csv``.

    A copy is named by patient, date and view, since a file's own name may tell more than it should. Nothing is ever
    overwritten. Where the run is killed, the next finds the copies that were made.

    Parameters
    ----------
    folder : Path
        The study folder.
    additions : sequence of Addition
        Complete ones, confirmed or sure.
    progress : callable
        Told of each as it ends.

    Returns
    -------
    list of Added
        In the order of the additions. One that cannot be read any more, or that was added by another in the meantime,
        comes back without a file and with its problem.

    Raises
    ------
    InputError
        The study folder is wrong.
    Locked
        Somebody else is adding to it.
    """
    with locked(folder / LOCK_FILE, "adding photographs", WAIT_SECONDS):
        study = read_study(folder, may_be_empty=True)
        listed = listed_hashes(folder, study, {_size(each.file) for each in additions})
        stems = {_stem(entry.file) for entry in study.photos}
        results: list[Added] = []
        for planned in additions:
            addition = _hashed(planned)
            added = _placed(folder, addition, listed, stems)
            if added.file:
                listed[addition.content_hash] = added.file
                stems.add(_stem(added.file))
            results.append(added)
            progress(added)
        lines = [_line(added) for added in results if added.file]
        if lines:
            append_photos(folder, lines)
    return results


def _hashed(addition: Addition) -> Addition:
    """Return an addition with the hash of its file where it has none, as one that a person wrote by hand."""
    return addition if addition.content_hash else replace(addition, content_hash=photograph_hash(addition.file))


def _placed(folder: Path, addition: Addition, listed: dict[str, str], stems: set[str]) -> Added:
    """Return where a photograph lies in the study, after copying it unless it is there."""
    if not addition.complete:
        raise ValueError(f"{addition.file} is not complete: {addition.why}")
    if same := listed.get(addition.content_hash):
        return Added(replace(addition, present=True, problem=f"it is in the study as {same}"))
    try:
        content = read_bytes(addition.file)
    except PhotographRejected as rejection:
        return Added(replace(addition, problem=str(rejection)))
    if bytes_hash(content) != addition.content_hash:
        return Added(replace(addition, problem="the file has changed since it was looked at. Add it again"))
    own = file_inside(folder, addition.file)
    if own is not None:
        return _in_place(addition, own, stems)
    ending = ".dcm" if file_type(content) == "dicom" else addition.file.suffix.lower()
    file = _free_name(folder, addition, ending, stems)
    if not (folder / file).exists():
        write_bytes(folder / file, content)
    return Added(addition, file)


def _in_place(addition: Addition, file: str, stems: set[str]) -> Added:
    """Return a photograph that lies in the study's own folder already and only has no line."""
    if _stem(file) in stems:
        problem = f"another photograph of the study is called {_stem(file)}. Rename this one"
    elif escape(file) != file or not file.isprintable():
        problem = "its name would be taken for a formula. Rename it"
    else:
        return Added(addition, file)
    return Added(replace(addition, problem=problem))


def file_inside(folder: Path, path: Path) -> str | None:
    """Return the name in the study of a file in its folder of originals, or None where it lies elsewhere."""
    home = folder.resolve()
    place = path.resolve()
    return place.relative_to(home).as_posix() if place.is_relative_to(home / PHOTOS_FOLDER) else None


def _free_name(folder: Path, addition: Addition, ending: str, stems: set[str]) -> str:
    """Return a name that no other photograph has; a copy that an earlier run left without a line has it rightly."""
    taken_at = addition.taken_at.value
    day = "" if taken_at is None else taken_at.date().isoformat()
    name = f"{addition.patient_id.value}_{day}_{addition.view.value}"
    taken = stems | _others(folder, addition.content_hash, name)
    number, stem = 1, name
    while stem.casefold() in taken:
        number += 1
        stem = f"{name}_{number}"
    return f"{PHOTOS_FOLDER}/{stem}{ending}"


def _others(folder: Path, content_hash: str, name: str) -> set[str]:
    """Return the stems of files in the folder of originals that begin like a name and hold something else."""
    there = (path for path in (folder / PHOTOS_FOLDER).glob("*") if path.stem.casefold().startswith(name.casefold()))
    return {path.stem.casefold() for path in there if photograph_hash(path) != content_hash}


def _line(added: Added) -> dict[str, str]:
    addition = added.addition
    scale = "" if addition.mm_per_px is None else f"{addition.mm_per_px:g}"
    return {
        "file": added.file,
        "patient_id": addition.patient_id.value or "",
        "taken_at": moment_text(addition.taken_at.value),
        "view": addition.view.value or "",
        "mm_per_px": scale,
    }


def moment_text(moment: datetime | None) -> str:
    """Return a time in ISO 8601; its date alone where it is midnight, which stands for an unknown time of day."""
    if moment is None:
        return ""
    return moment.date().isoformat() if moment.timetz() == time() else moment.isoformat(timespec="seconds")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _stem(file: str) -> str:
    return PurePosixPath(file.replace("\\", "/")).stem.casefold()


def complete_ones(additions: Iterable[Addition]) -> list[Addition]:
    """Return the additions that can be carried out once somebody has confirmed them."""
    return [addition for addition in additions if addition.complete]
