"""Photographs that people read: their masks are laid on the body in place of the model's."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from reepi.body.template import BodyTemplate
from reepi.core.chart_reading import CountingChart, FaceTissues
from reepi.core.counting import CountingReadings
from reepi.core.images import Mask
from reepi.core.measured import MeasuredPhotograph
from reepi.core.reading import Reading
from reepi.core.registration_decision import Decision
from reepi.core.study import PhotoEntry
from reepi.core.surface import Origin, SurfaceMap
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.core.trail import Visit
from reepi.imaging.writing import decode_mask, encode_mask, encode_overlay, resized_mask
from reepi.mapping.earlier import RegisteredPhotograph
from reepi.mapping.fusion import averaged
from reepi.mapping.projection import project_mask, skin_samples
from reepi.store.files import remove_files, write_bytes
from reepi.store.finished import FinishedPhotographs
from reepi.store.provenance import photograph_hash
from reepi.store.results import DAMAGED, Picture, ResultsFolder
from reepi.store.surfaces import pack_photograph, unpack_record, unpack_surface

PROPOSAL = Origin.PROPOSAL.label
"""Source of a photograph that nobody read."""

REJECTED = "rejected_by_reader"
"""Begins the reasons of a photograph that readers rejected; who and why follow."""

REFUSED = "registration_refused"
"""Begins the reasons of a photograph whose place on the body a reader refused; who and why follow."""


class ReadPhotographs:
    """Gives photographs that people read the numbers of their readings.

    The model's own results stay as they are beside them, so that a reading costs no new measurement and can always be
    compared with the proposal.

    Parameters
    ----------
    results : ResultsFolder
        Where masks and overlays are.
    study : Path
        The study folder.
    finished : FinishedPhotographs
        Where the model's results are found.
    counting : mapping of str to CountingReadings
        What counts of each photograph that was read.
    mask_of : callable
        Mask (H, W) of a reading at the original's size.
    pictures : collection of "overlay" and "borders"
        Pictures that are wanted of each photograph.
    refused : mapping of str to Decision, optional
        Decisions against the place of a photograph that stand. Each counts as long as the photograph is the same.
    charts : mapping of (str, date) to CountingChart, optional
        What counts of each visit's body chart.
    keeps : bool
        Whether what readings give is kept, and shown in the results; without it nothing is written.
    """

    def __init__(
        self,
        results: ResultsFolder,
        study: Path,
        finished: FinishedPhotographs,
        counting: Mapping[str, CountingReadings],
        mask_of: Callable[[Reading], Mask],
        pictures: Collection[Picture] = (),
        refused: Mapping[str, Decision] | None = None,
        charts: Mapping[Visit, CountingChart] | None = None,
        *,
        keeps: bool = True,
    ) -> None:
        self._results = results
        self._study = study
        self._finished = finished
        self._counting = counting
        self._mask_of = mask_of
        self._pictures = pictures
        self._refused = refused or {}
        self._charts = charts or {}
        self._keeps = keeps

    def __call__(self, entry: PhotoEntry, measured: MeasuredPhotograph, template: BodyTemplate) -> MeasuredPhotograph:
        """Return what a photograph gives once its readings are heard.

        Raises
        ------
        InputError
            A mask is missing or was changed.
        """
        counts = self._counting.get(entry.file)
        if counts is None:
            if self._keeps:
                self._proposal_shown_again(entry, template)
            measured = _told(measured, PROPOSAL if measured.row.status == "scored" else "")
        else:
            measured = self._read(entry, measured, counts, template)
        refusal = self._refused.get(entry.file)
        same = refusal is not None and refusal.photograph_sha256 == self._finished.mark(entry).content
        if measured.row.status == "scored" and refusal is not None and same:
            why = f"{refusal.reader} refused its place on the body: {refusal.reason}"
            return _rejected(measured, f"{REFUSED}: {why}")
        return measured

    def chart_of(self, patient_id: str, day: date) -> FaceTissues | None:
        """Return what was painted on a visit's body chart, (F,), or None where nothing was."""
        chart = self._charts.get((patient_id, day))
        return None if chart is None else chart.tissue

    def _read(
        self, entry: PhotoEntry, measured: MeasuredPhotograph, counts: CountingReadings, template: BodyTemplate
    ) -> MeasuredPhotograph:
        measured = _told(measured, counts.source)
        if counts.rejected:
            return _rejected(measured, f"{REJECTED}: {counts.rejected}")
        content = photograph_hash(self._study / entry.file)
        if any(reading.photograph_sha256 != content for reading in counts.readings):
            why = "the photograph was changed since it was read. Restore it, or read it again."
            return _rejected(measured, f"reading_outdated: {why}")
        if measured.surface is None:
            return measured
        return replace(measured, surface=self._surface(entry, counts, template))

    def _surface(self, entry: PhotoEntry, counts: CountingReadings, template: BodyTemplate) -> SurfaceMap:
        if not self._keeps:
            return self._laid(entry, counts, template)[0]
        key, path = f"{self._finished.mark(entry).key}|{counts.key}", self._results.read_work(entry.file)
        try:
            content = path.read_bytes()
            if json.loads(unpack_record(content))["key"] == key and self._results.set_aside(entry.file).is_file():
                return unpack_surface(content)
        except DAMAGED:
            pass
        surface, registered, masks = self._laid(entry, counts, template)
        self._show(entry.file, registered, masks)
        write_bytes(path, pack_photograph(surface, json.dumps({"key": key})))
        return surface

    def _laid(
        self, entry: PhotoEntry, counts: CountingReadings, template: BodyTemplate
    ) -> tuple[SurfaceMap, RegisteredPhotograph, list[Mask]]:
        """Return what the readings show of each face, the photograph with its registration, and their masks."""
        registered = self._finished.recall(entry, template)
        if registered is None:
            raise OSError(f"the results of {entry.file} cannot be read. Delete its file in work/ and score again")
        masks = [self._mask_of(reading) for reading in counts.readings]
        samples = skin_samples(registered.registration, template)
        surface = averaged([project_mask(samples, mask) for mask in masks]).said_by(counts.origin)
        return surface, registered, masks

    def _show(self, file: str, registered: RegisteredPhotograph, masks: Sequence[Mask]) -> None:
        """Put the reading where the model's mask is, which is set aside."""
        mask, proposal = self._results.mask(file), self._results.set_aside(file)
        if not proposal.is_file():
            write_bytes(proposal, mask.read_bytes())
        shown = shown_mask(masks, decode_mask(proposal.read_bytes()))
        write_bytes(mask, encode_mask(shown, (shown.shape[0], shown.shape[1])))
        self._draw(file, registered, shown)

    def _proposal_shown_again(self, entry: PhotoEntry, template: BodyTemplate) -> None:
        """Undo `_show` where the readings that counted are no longer there, as with another data base."""
        aside = self._results.set_aside(entry.file)
        if not aside.is_file():
            return
        write_bytes(self._results.mask(entry.file), aside.read_bytes())
        registered = self._finished.recall(entry, template)
        if registered is not None:
            self._draw(entry.file, registered, registered.mask)
        remove_files([self._results.read_work(entry.file), aside])

    def _draw(self, file: str, registered: RegisteredPhotograph, mask: Mask) -> None:
        """Draw the tissues that count now; where that is not wanted, remove the picture of those that counted before.

        A run that wants it again finds that it is missing.
        """
        if "overlay" not in self._pictures:
            remove_files([self._results.overlay(file)])
            return
        photograph = registered.photograph
        photograph = replace(photograph, pixels=self._results.shown(file, photograph.pixels))
        small = resized_mask(mask, photograph.size)
        write_bytes(self._results.overlay(file), encode_overlay(photograph, small, registered.registration.left_out))


def shown_mask(masks: Sequence[Mask], proposal: Mask) -> Mask:
    """Return readers' masks (H, W) of one photograph as one without unlabelled pixels, for ``masks/``.

    Where readers differ, the first one's tissue is shown; the mean of all is what counts. Where nobody labelled skin,
    it is shown as covered, since its tissue is not known.
    """
    shown = masks[0]
    for mask in masks[1:]:
        shown = np.where(shown == UNLABELLED, mask, shown)
    unknown = np.where(proposal == Tissue.BACKGROUND, np.uint8(Tissue.BACKGROUND), np.uint8(Tissue.COVERED))
    return np.where(shown == UNLABELLED, unknown, shown)


def _told(measured: MeasuredPhotograph, source: str) -> MeasuredPhotograph:
    return replace(measured, row=replace(measured.row, source=source))


def _rejected(measured: MeasuredPhotograph, reason: str) -> MeasuredPhotograph:
    return replace(measured, row=replace(measured.row, status="rejected", reasons=reason), surface=None)
