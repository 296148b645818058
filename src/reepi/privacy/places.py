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
from reepi.store.placements import placement_of
from reepi.store.provenance import bytes_hash, photograph_hash
from reepi.store.registration_files import read_registration
from reepi.store.results import ResultsFolder
from reepi.store.study import PATIENTS_FILE


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
    load : callable
        Loads what to measure with; called only where something must be measured.
    """

    study: Study
    folder: Path
    results: ResultsFolder
    load: Callable[[], Instruments]

    def of(self, entry: PhotoEntry) -> tuple[Registration, BodyTemplate]:
        """Return the registration of a photograph, and the body that it was laid on.

        Raises
        ------
        PhotographRejected
            It cannot be placed on the body.
        """
        patient = self.study.patient(entry.patient_id)
        try:
            template = build_template(patient)
        except ValueError as error:
            raise PhotographRejected("no_body_template", f"{error}. Check the patient's height and weight.") from error
        if self._inputs.get(entry.file) == photograph_hash(self.folder / entry.file):
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
        return replace(self.load(), placement_of=partial(placement_of, self.folder))

    @cached_property
    def _inputs(self) -> Mapping[str, str]:
        """Hashes of the photographs that were scored on the body that their patient still has."""
        try:
            record: dict[str, Any] = json.loads(self.results.run.read_text(encoding="utf-8"))
            inputs: dict[str, str] = record["inputs"]
            patients = bytes_hash((self.folder / PATIENTS_FILE).read_bytes())
            scored = {row.file for row in self.results.read_photos() if row.status == "scored"}
            return {file: inputs[file] for file in scored if file in inputs and inputs[PATIENTS_FILE] == patients}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
