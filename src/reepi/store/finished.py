"""Which photographs are finished: what lets a killed run go on, and a changed photograph be measured anew."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from pathlib import Path

from reepi.body.template import BodyTemplate
from reepi.core.errors import FolderGone, PhotographRejected
from reepi.core.measured import EndedPhotograph, Mark, MeasuredPhotograph
from reepi.core.results import PhotoRow
from reepi.core.study import Patient, PhotoEntry
from reepi.core.surface import SurfaceMap
from reepi.imaging.reading import read_photograph
from reepi.imaging.writing import decode_mask, resized_mask
from reepi.mapping.earlier import RegisteredPhotograph
from reepi.store.files import is_remote, remove_files, write_bytes
from reepi.store.placements import placement_hash
from reepi.store.provenance import photograph_hash, photograph_key
from reepi.store.recent import RECENT, Recent
from reepi.store.registration_files import read_registration, registration_text
from reepi.store.results import DAMAGED, Picture, ResultsFolder
from reepi.store.surfaces import pack_photograph, unpack_record, unpack_surface


class FinishedPhotographs:
    """Keeps what photographs gave, and gives it back as long as nothing it follows from has changed.

    Parameters
    ----------
    results : ResultsFolder
        Where it is kept; the folder is there from the beginning, and when it is gone, so is what holds it.
    study : Path
        The study folder.
    model : str
        Hash of the model.
    pictures : collection of "overlay" and "borders"
        Pictures that are wanted of each photograph.
    places : mapping of str to str, optional
        Hashes of what readers said of each photograph's place, see `Said.places`; with others it is measured anew.
    """

    def __init__(
        self,
        results: ResultsFolder,
        study: Path,
        model: str,
        pictures: Collection[Picture],
        places: Mapping[str, str] | None = None,
    ) -> None:
        self._results = results
        self._study = study
        self._model = model
        self._wanted = pictures
        self._marks: dict[str, Mark] = {}
        self._places = places or {}

    def find(self, entry: PhotoEntry, patient: Patient, earlier: EndedPhotograph | None) -> MeasuredPhotograph | None:
        """Return what a photograph gave in an earlier run, or None where it must be measured.

        ``earlier`` is the same view of an earlier day.
        """
        content = photograph_hash(self._study / entry.file)
        placed = placement_hash(self._study, entry.file) + self._places.get(entry.file, "")
        before = "" if earlier is None else earlier.mark.key
        key = photograph_key(content, self._model, patient, entry, before, placed)
        self._marks[entry.file] = Mark(key, content)
        return self._kept(entry.file, key)

    def fetch(self, ended: EndedPhotograph) -> MeasuredPhotograph | None:
        """Return what a photograph gave that was found or kept, perhaps by another process; None if it is gone."""
        self._marks[ended.entry.file] = ended.mark
        return self._kept(ended.entry.file, ended.mark.key)

    def keep(self, entry: PhotoEntry, measured: MeasuredPhotograph) -> None:
        """Write a photograph's results; the mark that it is finished comes last. What failed is tried again.

        What another process finished meanwhile stays as it is: that one took over because this one was held to be lost.

        Raises
        ------
        NotWritten
            The disk is full, or the folder cannot be written to.
        FolderGone
            The results were taken away; they are not begun anew where their disk or share was.
        """
        if not is_remote(self._results.path) and not self._results.path.is_dir():
            raise FolderGone(f"{self._results.path} is gone. Bring its disk or share back and score again; it goes on.")
        if measured.photograph is not None:
            RECENT.put(self.mark(entry).content, Recent(measured.photograph, measured.registration))
        if self._kept(entry.file, self.mark(entry).key) is not None:
            return
        remove_files([self._results.work(entry.file)])
        self._results.write_pictures(measured, self._wanted)
        if measured.row.status == "failed":
            return
        # The mark is of the file as it was sought: if it was changed while it was measured, the next run sees that.
        record = {"key": self.mark(entry).key, "row": asdict(measured.row), "steps": measured.steps}
        surface = measured.surface if measured.surface is not None else SurfaceMap.unseen(0)
        packed = pack_photograph(surface, json.dumps(record))
        write_bytes(self._results.work(entry.file), packed)

    def recall(self, entry: PhotoEntry, template: BodyTemplate, content: str = "") -> RegisteredPhotograph | None:
        """Return a finished photograph as its files tell it, or None where they do not.

        Always as the files have it, also in the run that wrote them: a run that was killed must go on to the same
        numbers. Only the photograph itself, which nobody writes, need not be read twice where the hash of its file's
        bytes is told, nor a registration be drawn twice that is the one in the file.
        """
        recent = RECENT.get(content)
        try:
            photograph = read_photograph(self._study / entry.file) if recent is None else recent.photograph
            mask = decode_mask(self._quickest_mask(entry.file).read_bytes())
            text = self._results.registration(entry.file).read_text()
            known = None if recent is None else recent.registration
            if known is None or registration_text(entry.file, known) != text:
                known = read_registration(text, template)
        except (PhotographRejected, OSError, ValueError):
            return None
        return RegisteredPhotograph(photograph, resized_mask(mask, photograph.size), known)

    def _quickest_mask(self, file: str) -> Path:
        """Return the model's mask at working size, or at the original's in results of other programs."""
        work = self._results.work_mask(file)
        return work if work.is_file() else self._results.proposal(file)

    def mark(self, entry: PhotoEntry) -> Mark:
        """Return what a photograph's result follows from, once it was sought or fetched."""
        return self._marks[entry.file]

    def _kept(self, file: str, key: str) -> MeasuredPhotograph | None:
        try:
            content = self._results.work(file).read_bytes()
            record = json.loads(unpack_record(content))
            surface = unpack_surface(content)
            row = PhotoRow(**record["row"])
        except (*DAMAGED, TypeError):
            return None
        if record.get("key") != key or not self._pictures_there(file, row):
            return None
        return MeasuredPhotograph(row, record["steps"], surface=surface if row.status == "scored" else None)

    def _pictures_there(self, file: str, row: PhotoRow) -> bool:
        wanted = [self._results.mask(file), self._results.work_mask(file), self._results.registration(file)]
        wanted += [self._results.picture(file, kind) for kind in self._wanted]
        return row.status != "scored" or all(path.is_file() for path in wanted)
