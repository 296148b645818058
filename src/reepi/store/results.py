"""The results folder: which file holds what, and how each is written and read back."""

import json
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from reepi.core.correspondence import Correspondences
from reepi.core.history import SkinHistory
from reepi.core.images import Pixels
from reepi.core.measured import MeasuredPhotograph
from reepi.core.results import AreaRow, ChangeRow, DisagreementRow, EndpointRow, PhotoRow, StudyScore
from reepi.core.surface import SurfaceMap
from reepi.imaging.writing import (
    blackened,
    decode_mask,
    encode_mask,
    encode_overlay,
    encode_region_borders,
    encode_small,
)
from reepi.store.correspondences import pack_correspondences, unpack_correspondences
from reepi.store.files import UNFINISHED, is_remote, make_folder, remove_files, write_bytes
from reepi.store.histories import pack_history, unpack_history
from reepi.store.locking import locked
from reepi.store.registration_files import read_unsure, registration_text
from reepi.store.rows import read_rows, rows_to_text, write_rows
from reepi.store.surfaces import pack_surface, unpack_surface

Picture = Literal["overlay", "borders"]
"""What may be written of a photograph for the eye: its tissues painted on, or the borders of the body's regions."""

PICTURE_FOLDERS: Final[dict[Picture, str]] = {"overlay": "overlays", "borders": "debug"}

_ENDINGS: Final = {
    "masks": ".png",
    "proposals": ".png",
    "registrations": ".json",
    "capture": ".json",
    "hidden": ".png",
    "overlays": ".jpg",
    "debug": ".jpg",
    "work/readings": ".npz",
    "work/masks": ".png",
    "work/correspondences": ".npz",
    "work/small": ".webp",
}
"""Folders with one file for each photograph, and how its name ends."""

_SHARED: Final = ("masks", "debug")
"""Those of them in which somebody else's files may lie; what a photograph has there, it never has alone."""

_DAMAGED_INSIDE: Final = (KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error)

DAMAGED: Final = (OSError, ValueError, *_DAMAGED_INSIDE)
"""What reading a damaged or foreign ``.npz`` raises; `RuntimeError` where it seems to be encrypted, or of a later kind
of archive."""


@dataclass(frozen=True)
class ResultsFolder:
    """Names the files of a scored study.

    Parameters
    ----------
    path : Path
        The folder; made when the first file is written.
    """

    path: Path

    @property
    def areas(self) -> Path:
        """Areas by visit, region and tissue."""
        return self.path / "areas.csv"

    @property
    def endpoints(self) -> Path:
        """Endpoints of patients and cohort."""
        return self.path / "endpoints.csv"

    @property
    def disagreement(self) -> Path:
        """Whether the photographs of each visit agree, by region."""
        return self.path / "disagreement.csv"

    @property
    def changes(self) -> Path:
        """What became of the skin by visit and region."""
        return self.path / "changes.csv"

    @property
    def photos(self) -> Path:
        """How each photograph ended."""
        return self.path / "photos.csv"

    @property
    def tables(self) -> tuple[Path, ...]:
        """All tables that a run writes."""
        return self.areas, self.endpoints, self.changes, self.disagreement, self.photos

    @property
    def run(self) -> Path:
        """Versions, hashes and protocol: what is needed to replay the run."""
        return self.path / "run.json"

    @property
    def report(self) -> Path:
        """The report for people."""
        return self.path / "report.html"

    @property
    def lock(self) -> Path:
        """Says who is writing results."""
        return self.path / ".scoring.lock"

    def mask(self, file: str) -> Path:
        """Tissue mask of a photograph at its original size, as it was measured."""
        return self._file("masks", stem(file))

    def set_aside(self, file: str) -> Path:
        """Where the model's mask lies once a reading has taken its place."""
        return self._file("proposals", stem(file))

    def proposal(self, file: str) -> Path:
        """Tissue mask by the model at the original size, whether or not a reading has taken its place."""
        aside = self.set_aside(file)
        return aside if aside.is_file() else self.mask(file)

    def overlay(self, file: str) -> Path:
        """Photograph with its tissues painted on, at working size."""
        return self.picture(file, "overlay")

    def picture(self, file: str, kind: Picture) -> Path:
        """Photograph with something drawn on it, at working size."""
        return self._file(PICTURE_FOLDERS[kind], stem(file))

    def registration(self, file: str) -> Path:
        """Camera, pose and residual of a photograph's registration."""
        return self._file("registrations", stem(file))

    def capture(self, file: str) -> Path:
        """How a photograph was taken: its card, its colours, what was found in it."""
        return self._file("capture", stem(file))

    def hidden(self, file: str) -> Path:
        """Mask of what no picture may show of a photograph, at working size; there only in studies that hide eyes."""
        return self._file("hidden", stem(file))

    def shown(self, file: str, pixels: Pixels) -> Pixels:
        """Return pixels (H, W, 3) of a photograph, at any size, without what no picture may show.

        Raises
        ------
        OSError, ValueError
            What must not be shown cannot be read.
        """
        path = self.hidden(file)
        return blackened(pixels, decode_mask(path.read_bytes())) if path.exists() else pixels

    def work(self, file: str) -> Path:
        """Mark of a finished photograph, with what a later run needs of it."""
        return self.path / "work" / f"{stem(file)}.npz"

    def read_work(self, file: str) -> Path:
        """Mark of a photograph whose readings were laid on the body, with what they gave."""
        return self._file("work/readings", stem(file))

    def work_mask(self, file: str) -> Path:
        """Tissue mask by the model at working size, which a later day's photographs and the report read quickly."""
        return self._file("work/masks", stem(file))

    def small(self, file: str) -> Path:
        """Photograph at the size of the report, without what no picture may show."""
        return self._file("work/small", stem(file))

    def shown_mask(self, file: str) -> Path:
        """Return the quickest to read of the masks that tell what counts of a photograph, at whatever size."""
        read = self.set_aside(file).is_file() or not self.work_mask(file).is_file()
        return self.mask(file) if read else self.work_mask(file)

    def left_out(self, file: str) -> npt.NDArray[np.bool_] | None:
        """Return the cells of a grid over a photograph that were left out, None if there are none; see `Registration`.

        Raises
        ------
        OSError, ValueError
            It has no registration, or that is damaged.
        """
        return read_unsure(self.registration(file).read_text(encoding="utf-8"))

    def correspondences(self, file: str) -> Path:
        """Return where it lies what the network says of a photograph's place, for a review that adds points."""
        return self._file("work/correspondences", stem(file))

    def read_correspondences(self, file: str) -> Correspondences | None:
        """Return what the network says of a photograph's place, None where it says nothing or nobody asked it."""
        try:
            found = unpack_correspondences(self.correspondences(file).read_bytes())
        except DAMAGED:
            return None
        return found if len(found) else None

    def surface(self, patient_id: str, day: date) -> Path:
        """Fused surface map of a visit."""
        return self.path / "surface" / f"{patient_id}_{day.isoformat()}.npz"

    def following(self, patient_id: str) -> Path:
        """History of each face of a patient's body."""
        return self.path / "following" / f"{patient_id}.npz"

    def write_tables(self, areas: Iterable[AreaRow], endpoints: Iterable[EndpointRow]) -> None:
        """Write the areas and the endpoints."""
        write_rows(self.areas, AreaRow, areas)
        write_rows(self.endpoints, EndpointRow, endpoints)

    def table_texts(self, score: StudyScore) -> dict[str, str]:
        """Return the text of each table that holds numbers of a score, by file name, as it will be written."""
        return {
            self.areas.name: rows_to_text(AreaRow, score.areas),
            self.endpoints.name: rows_to_text(EndpointRow, score.endpoints),
            self.changes.name: rows_to_text(ChangeRow, score.changes),
            self.disagreement.name: rows_to_text(DisagreementRow, score.disagreement),
        }

    def write_disagreement(self, rows: Iterable[DisagreementRow]) -> None:
        """Write whether the photographs of each visit agree."""
        write_rows(self.disagreement, DisagreementRow, rows)

    def write_changes(self, rows: Iterable[ChangeRow]) -> None:
        """Write what became of the skin by visit and region."""
        write_rows(self.changes, ChangeRow, rows)

    def write_photos(self, rows: Iterable[PhotoRow]) -> None:
        """Write how each photograph ended."""
        write_rows(self.photos, PhotoRow, rows)

    def read_areas(self) -> list[AreaRow]:
        """Return the areas (`FileNotFoundError` if the study was not scored)."""
        return read_rows(self.areas, AreaRow)

    def read_endpoints(self) -> list[EndpointRow]:
        """Return the endpoints (`FileNotFoundError` if the study was not scored)."""
        return read_rows(self.endpoints, EndpointRow)

    def read_disagreement(self) -> list[DisagreementRow]:
        """Return whether photographs agree (`FileNotFoundError` if the study was scored before that was looked at)."""
        return read_rows(self.disagreement, DisagreementRow)

    def read_changes(self) -> list[ChangeRow]:
        """Return what became of the skin (`FileNotFoundError` if the study was scored before that was written)."""
        return read_rows(self.changes, ChangeRow)

    def read_photos(self) -> list[PhotoRow]:
        """Return how each photograph ended (`FileNotFoundError` if the study was not scored)."""
        return read_rows(self.photos, PhotoRow)

    def write_pictures(self, measured: MeasuredPhotograph, pictures: Collection[Picture]) -> None:
        """Write a photograph's mask, registration and pictures, and remove those of an earlier run that it has not.

        What it has is replaced and never missing meanwhile: a worker that was taken for lost may write it once more
        while others recall it.
        """
        has = set()
        for path, content in self._contents(measured, pictures):
            write_bytes(path, content)
            has.add(path)
        remove_files(path for path in self._files(stem(measured.row.file)) if path not in has)

    def _contents(self, measured: MeasuredPhotograph, pictures: Collection[Picture]) -> Iterator[tuple[Path, bytes]]:
        file, photograph, mask = measured.row.file, measured.photograph, measured.mask
        if measured.capture:
            yield self.capture(file), f"{json.dumps(measured.capture, indent=2, sort_keys=True)}\n".encode()
        if measured.hidden is not None and photograph is not None:
            hidden = measured.hidden.astype(np.uint8)
            yield self.hidden(file), encode_mask(hidden, photograph.size)
            photograph = replace(photograph, pixels=blackened(photograph.pixels, hidden))
        if photograph is not None:
            yield self.small(file), encode_small(photograph.pixels)
        if photograph is not None and mask is not None:
            yield self.work_mask(file), encode_mask(mask, photograph.size)
            yield self.mask(file), encode_mask(mask, photograph.original_size)
            if "overlay" in pictures:
                yield self.overlay(file), encode_overlay(photograph, mask, _left_out(measured))
            if "borders" in pictures and measured.regions is not None:
                borders = encode_region_borders(photograph, measured.regions, _caption(measured))
                yield self.picture(file, "borders"), borders
        if measured.correspondences is not None:
            yield self.correspondences(file), pack_correspondences(measured.correspondences)
        if measured.registration is not None:
            yield self.registration(file), registration_text(file, measured.registration).encode()

    def write_surface(self, patient_id: str, day: date, surface: SurfaceMap) -> None:
        """Write the fused surface map of a visit."""
        write_bytes(self.surface(patient_id, day), pack_surface(surface))

    def read_surface(self, patient_id: str, day: date, *, doubt: bool = True) -> SurfaceMap:
        """Return the fused surface map of a visit (`FileNotFoundError`, or `ValueError` if it is damaged).

        Without its doubt it tells what was counted and who said so; see `unpack_surface`.
        """
        path = self.surface(patient_id, day)
        try:
            return unpack_surface(path.read_bytes(), doubt=doubt)
        except _DAMAGED_INSIDE as error:
            raise ValueError(f"{path} is damaged: {error}. Score the study again.") from error

    def write_history(self, patient_id: str, history: SkinHistory) -> None:
        """Write the history of each face of a patient's body."""
        write_bytes(self.following(patient_id), pack_history(history))

    def read_history(self, patient_id: str) -> SkinHistory:
        """Return the history of each face (`FileNotFoundError`, or `ValueError` if it is damaged)."""
        path = self.following(patient_id)
        try:
            return unpack_history(path.read_bytes())
        except _DAMAGED_INSIDE as error:
            raise ValueError(f"{path} is damaged: {error}. Score the study again.") from error

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Write results while nobody else does; what is half-written afterwards is removed, also after an error.

        An object store has no locks and shows nothing half-written: there, whoever begins a second run must see to it
        that there is none.

        Parameters
        ----------
        what : str
            What is done, for the message to others.

        Raises
        ------
        Locked
            Somebody else is writing.
        NotWritten
            The folder cannot be written to.
        """
        if is_remote(self.path):
            yield
            return
        make_folder(self.path)
        with locked(self.lock, what):
            try:
                yield
            finally:
                with suppress(OSError):
                    self.clear_unfinished()

    def clear_unfinished(self) -> None:
        """Remove what is half-written; only while nobody else is writing."""
        remove_files(self.path.rglob(f".*{UNFINISHED}"))

    def clear_leftovers(self, files: Iterable[str], visits: Iterable[tuple[str, date]]) -> None:
        """Remove results of photographs and visits that are no longer in the study."""
        wanted = {stem(file) for file in files}
        own = [*((name, end) for name, end in _ENDINGS.items() if name not in _SHARED), ("work", ".npz")]
        there = {path.stem for folder, ending in own for path in self.path.glob(f"{folder}/*{ending}")}
        for name in sorted(there - wanted):
            remove_files([*self._files(name), self.path / "work" / f"{name}.npz"])
        kept = {path for visit in visits for path in (self.surface(*visit), self.following(visit[0]))}
        made = [*self.path.glob("surface/*_????-??-??.npz"), *self.path.glob("following/*.npz")]
        remove_files(path for path in made if path not in kept)

    def _file(self, folder: str, name: str) -> Path:
        return self.path / folder / f"{name}{_ENDINGS[folder]}"

    def _files(self, name: str) -> list[Path]:
        return [self._file(folder, name) for folder in _ENDINGS]


def stem(file: str) -> str:
    """Return the name that a photograph's results bear: its file's name without folder and ending."""
    return PurePosixPath(file).stem


def _left_out(measured: MeasuredPhotograph) -> npt.NDArray[np.bool_] | None:
    return None if measured.registration is None else measured.registration.left_out


def _caption(measured: MeasuredPhotograph) -> str:
    return "" if measured.row.residual_mm is None else f"estimated error {measured.row.residual_mm:.0f} mm"
