"""Files that are offered to a study: which of them are photographs, and what each file tells of itself."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from reepi.core.errors import Fault, InputError, PhotographRejected
from reepi.imaging.file_types import file_type
from reepi.imaging.reading import decode_photograph, read_bytes
from reepi.imaging.taken import changed_at, taken_at
from reepi.store.adding.plan import Source
from reepi.store.provenance import bytes_hash

_RAW: Final = [".dng", ".cr2", ".cr3", ".nef", ".arw", ".raf", ".orf", ".rw2", ".pef", ".srw", ".nrw", ".crw", ".x3f"]

ENDINGS: Final[tuple[str, ...]] = (
    *[".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".heic", ".heif", ".hif", ".avif", ".tif", ".tiff", ".dcm", ".dicom"],
    *_RAW,
)
"""Endings of the files that are taken from a folder, the handiest first: of one picture in two formats the first is
taken. A file that is named itself may end otherwise."""

PHOTOS_FOLDER: Final = "photos"
"""Folder of the originals in a study."""

OUTER_FOLDERS: Final = 2
"""Folders, with the one that was named, whose names are looked at beside those inside it: a patient's and a day's."""

_SYSTEM_SIGNS: Final = ("@", "#", "$")
"""How the names begin of folders in which storage keeps thumbnails and what was deleted: ``@eaDir``, ``#recycle``,
``$RECYCLE.BIN``."""

_SYSTEM_FOLDERS: Final = frozenset({"system volume information", "lost+found"})

DICOM_START: Final = 132
"""Bytes by which a DICOM object is known (PS3.10, 7.1)."""

CHECK_SIDE: Final = 256
"""Size at which a photograph is decoded to see that it can be [px]."""


def photographs_in(paths: Sequence[Path], study: Path) -> list[tuple[Path, tuple[str, ...]]]:
    """Return the files that are named or lie in the folders that are, each once, with the names that may tell of it.

    Hidden files and folders, folders of the system or of network storage (what was deleted, thumbnails), and what is no
    photograph by its ending, are passed over in a folder, but for DICOM objects, which archives name without one.
    A folder that a link leads to is not entered.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders.
    study : Path
        The study folder. Of what lies in it only the folder of originals is looked at: its results hold pictures too.

    Raises
    ------
    InputError
        Something that was named is not there, or a folder holds no photographs; carries all faults.
    """
    found: dict[Path, tuple[str, ...]] = {}
    faults = []
    for path in paths:
        if overlaps_study(path, study):
            remedy = f"Name {study / PHOTOS_FOLDER}, where its photographs belong."
            faults.append(Fault(str(path), "it is the study's own, or holds it", remedy))
        elif path.is_file():
            found.setdefault(path, names_of(path, path.parent))
        elif path.is_dir():
            inside = [*files_below(path)]
            found |= {file: names_of(file, path) for file in inside if file not in found}
            if not inside:
                faults.append(Fault(str(path), "there are no photographs in it", f"Known are {', '.join(ENDINGS)}."))
        else:
            faults.append(Fault(str(path), "it is not there", "Name photographs, or folders with photographs."))
    if faults:
        raise InputError(faults)
    return [*found.items()]


def overlaps_study(path: Path, study: Path) -> bool:
    """Say whether a path lies in a study folder outside its originals, or holds it: results are pictures too."""
    home, place = study.resolve(), path.resolve()
    if place.is_relative_to(home / PHOTOS_FOLDER):
        return False
    return place.is_relative_to(home) or home.is_relative_to(place)


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the photographs, by their endings, of a folder and all folders in it, in the order of their paths."""
    return filter(_is_photograph, _seen_below(folder))


def passed_over(paths: Iterable[Path]) -> dict[str, int]:
    """Return how many files of folders are no photographs by their endings, by ending in small letters."""
    files = {file for folder in paths if folder.is_dir() for file in _seen_below(folder) if not _is_photograph(file)}
    return dict(sorted(Counter(file.suffix.lower() for file in files).items()))


def _seen_below(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and all folders in it that are neither hidden nor the system's."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inner.parts) or any(map(_is_systems, inner.parts[:-1]))
        if not hidden and path.is_file():
            yield path


def _is_photograph(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS or _is_dicom(path)


def _is_systems(folder: str) -> bool:
    return folder.startswith(_SYSTEM_SIGNS) or folder.casefold() in _SYSTEM_FOLDERS


def _is_dicom(path: Path) -> bool:
    """Say whether a file is a DICOM object: archives name them by numbers, without an ending."""
    if path.name.upper() == "DICOMDIR" or path.suffix.strip(".0123456789"):
        return False
    try:
        with path.open("rb") as file:
            return file_type(file.read(DICOM_START)) == "dicom"
    except OSError:
        return False


def names_of(file: Path, below: Path, outer: int = OUTER_FOLDERS) -> tuple[str, ...]:
    """Return the names of a file's folders and its own without ending.

    Parameters
    ----------
    file : Path
        The file.
    below : Path
        A folder that holds it.
    outer : int
        How many names, from that folder's own outwards, are looked at besides.
    """
    outside = below.resolve().parts[1:]
    inside = file.relative_to(below).parts
    return (*outside[len(outside) - outer :], *inside[:-1], file.stem)


def looked_at(path: Path, names: tuple[str, ...]) -> Source:
    """Return a file with its hash and date, and with what is wrong where it is no photograph that can be read."""
    try:
        content = read_bytes(path)
        changed = changed_at(content) or datetime.fromtimestamp(path.stat().st_mtime).replace(microsecond=0)
        source = Source(path, names, bytes_hash(content), taken_at(content), changed)
    except PhotographRejected as rejection:
        return Source(path, names, "", problem=str(rejection))
    except OSError as error:
        return Source(path, names, "", problem=f"unreadable: {error.strerror}. Check its rights")
    try:
        decode_photograph(content, CHECK_SIDE)
    except PhotographRejected as rejection:
        return replace(source, problem=str(rejection))
    return source


def without_twins(sources: Iterable[Source], listed: Mapping[str, str]) -> list[Source]:
    """Return sources of which those that lie beside the same picture in a handier format are out.

    Cameras write a raw file and a JPEG of one name; counted twice, a picture would weigh twice. One that is in the
    study already comes before a handier one.

    Parameters
    ----------
    sources : iterable of Source
        The files, looked at.
    listed : mapping of str to str
        Files of the study by the hash of their content.
    """
    offered = [*sources]
    kept: dict[tuple[Path, str], Source] = {}
    for source in sorted(offered, key=lambda each: (each.content_hash not in listed, _handiness(each))):
        if not source.problem:
            kept.setdefault(picture_name(source.path), source)
    return [_twin(source, kept.get(picture_name(source.path), source), listed) for source in offered]


def picture_name(path: Path) -> tuple[Path, str]:
    """Return folder and name of a file without its ending: what lies under one such name is one picture."""
    return path.parent, path.stem.casefold()


def _twin(source: Source, kept: Source, listed: Mapping[str, str]) -> Source:
    alike = source is kept or _handiness(source) == _handiness(kept)
    if alike or source.problem or source.content_hash in listed:
        return source
    file = listed.get(kept.content_hash)
    place = f", in the study as {file}" if file else ""
    told = f"{kept.path.name} beside it is the same picture{place}. Name this file alone to add it"
    return replace(source, problem=told)


def _handiness(source: Source) -> int:
    ending = source.path.suffix.lower()
    return ENDINGS.index(ending) if ending in ENDINGS else len(ENDINGS)
