"""Where each photograph lies on the patient's body: as it was scored, or measured now."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from reepi.body.template import BodyTemplate, build_template
from reepi.core.errors import PhotographRejected
from reepi.core.step_times import StepTimes
from reepi.core.study import PhotoEntry, Study
from reepi.core.surface import Registration
from reepi.imaging.reading import at_working_size, decode_finely, read_bytes
from reepi.inspection import see
from reepi.instruments import Instruments
from reepi.mapping.eyes import REFUSED
from reepi.store.placements import placement_hash, placement_name, placement_of
from reepi.store.provenance import declared, photograph_hash
from reepi.store.reader_points import unchanged_points
from reepi.store.registration_files import read_registration
from reepi.store.results import ResultsFolder
from reepi.store.said import Said


@dataclass(frozen=True)
class Places:
    """Finds photographs on the body.

    Parameters
    ----------
    study : Study
        The study.
    folder : Path
        Its folder.
    results : ResultsFolder
        What it was scored to, if it was; a photograph or patient changed since is measured anew.
    said : Said
        What people said of it: where they refused a place, the same is not taken again.
    load : callable
        Loads what to measure with; called only where something must be measured.
    """

    study: Study
    folder: Path
    results: ResultsFolder
    said: Said
    load: Callable[[], Instruments]

    def of(self, entry: PhotoEntry) -> tuple[Registration, BodyTemplate]:
        """Return the registration of a photograph, and the body that it was laid on.

        Raises
        ------
        PhotographRejected
            It cannot be placed on the body, or a reader refused it or its place.
        """
        content = photograph_hash(self.folder / entry.file)
        if self.said.refuses(entry.file, content):
            raise PhotographRejected(REFUSED, "A reader refused it, or its place. Place it in the review, then go on.")
        patient = self.study.patient(entry.patient_id)
        try:
            template = build_template(patient)
        except ValueError as error:
            raise PhotographRejected("no_body_template", f"{error}. Check the patient's height and weight.") from error
        if self._measured.get(entry.file) == self._as_is(entry, content):
            try:
                text = self.results.registration(entry.file).read_text(encoding="utf-8")
                return read_registration(text, template), template
            except (OSError, ValueError):
                pass
        instruments = self._instruments
        register = instruments.registrar_of(entry.file, template)
        fine = decode_finely(read_bytes(self.folder / entry.file))
        seen = see(at_working_size(fine), fine, instruments.segment, self.study.capture, StepTimes())
        return register(seen.standard, seen.tissues, entry.view, template, None), template

    @cached_property
    def _instruments(self) -> Instruments:
        return replace(
            self.load(),
            capture=self.study.capture,
            placement_of=partial(placement_of, self.folder),
            points_of=partial(unchanged_points, self.folder, self.said.points),
        )

    def _as_is(self, entry: PhotoEntry, content: str) -> tuple[object, ...]:
        """Return what a photograph's place follows from, as it is now."""
        points = self.said.points.get(entry.file)
        hashes = (content, placement_hash(self.folder, entry.file), "" if points is None else points.points_sha256)
        return (*hashes, *self._declared[entry.file])

    @cached_property
    def _declared(self) -> Mapping[str, list[Any]]:
        return declared(self.study)

    @cached_property
    def _measured(self) -> Mapping[str, tuple[object, ...]]:
        """Return the same as it was when the photographs that count were scored."""
        try:
            record: dict[str, Any] = json.loads(self.results.run.read_text(encoding="utf-8"))
            inputs, points = record["inputs"], record["said"]["points"]
            scored = [row.file for row in self.results.read_photos() if row.status == "scored"]
            return {
                file: (
                    *(inputs[file], inputs.get(placement_name(file), ""), points.get(file, "")),
                    *record["declared"][file],
                )
                for file in scored
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
