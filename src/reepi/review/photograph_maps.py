"""What a scored study's photographs show of the body: as the model proposes, or as it was read."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from reepi.body.template import BodyTemplate
from reepi.core.counting import CountingReadings
from reepi.core.reading import Reading
from reepi.core.surface import Registration, SurfaceMap
from reepi.core.tissue import ASSESSED
from reepi.mapping.fusion import averaged
from reepi.mapping.projection import project_mask, skin_samples
from reepi.store.provenance import bytes_hash
from reepi.store.readings import ReadingStore
from reepi.store.registration_files import read_registration
from reepi.store.results import DAMAGED, ResultsFolder
from reepi.store.surfaces import unpack_surface


class PhotographMaps:
    """Lays photographs on the body by their registrations in the results.

    Parameters
    ----------
    results : ResultsFolder
        Where proposals and registrations are.
    readings : ReadingStore
        Where the masks of readings are.
    template_of : callable
        Body of a patient, by the patient's identifier.
    """

    def __init__(
        self, results: ResultsFolder, readings: ReadingStore, template_of: Callable[[str], BodyTemplate]
    ) -> None:
        self._results = results
        self._readings = readings
        self._template_of = template_of
        self._kept = lru_cache(maxsize=256)(self._laid)

    def place(self, file: str, template: BodyTemplate) -> tuple[Registration | None, str]:
        """Return where a photograph lies on the body, and the hash of that; None and nothing where that is not known.

        Parameters
        ----------
        file : str
            File as in ``photos.csv``.
        template : BodyTemplate
            The patient's body.
        """
        try:
            text = self._results.registration(file).read_text()
            return read_registration(text, template), bytes_hash(text.encode())
        except (OSError, ValueError):
            return None, ""

    def place_hash(self, file: str) -> str:
        """Return the hash of where a photograph lies on the body, empty where that is not known."""
        try:
            return bytes_hash(self._results.registration(file).read_bytes())
        except OSError:
            return ""

    def proposed(self, file: str) -> SurfaceMap | None:
        """Return what a photograph shows by the model, or None where it shows nothing or was not scored."""
        path = self._results.work(file)
        try:
            # Photographs of one visit need each other's maps, so they are kept as long as their files are the same.
            return _surface_in(path, path.stat().st_mtime_ns)
        except DAMAGED:
            return None

    def read(self, file: str, counts: CountingReadings, patient_id: str) -> SurfaceMap | None:
        """Return what a photograph shows by the readings that count, or None where it was not scored."""
        if self.proposed(file) is None:
            return None
        maps = [self._kept(reading, patient_id, self.place_hash(file)) for reading in counts.readings]
        known = [each for each in maps if each is not None]
        return averaged(known).said_by(counts.origin) if known else None

    def _laid(self, reading: Reading, patient_id: str, place: str) -> SurfaceMap | None:
        """Return what a reading shows; it is kept as long as the photograph's place has the same hash."""
        template = self._template_of(patient_id)
        registration, _ = self.place(reading.photograph, template)
        if registration is None:
            return None
        return project_mask(skin_samples(registration, template), self._readings.mask(reading))


def expected_misread(surface: SurfaceMap) -> float:
    """Return the seen skin whose tissue is expected to be another than the one proposed [%].

    The mean, over the faces seen, of the probability that the believed tissue is not the one counted. Where a border
    crosses a face, belief and mask change together, by the variance of the belief at least.
    """
    seen = surface.seen.astype(np.float64)
    if not seen.any():
        return 0.0
    together = surface.variance[:, : len(ASSESSED)].sum(axis=1)
    agreed = np.minimum((surface.belief * surface.tissue).sum(axis=1) + together, 1)
    return float(100 * np.average(1 - agreed, weights=seen))


@lru_cache(maxsize=128)
def _surface_in(path: Path, modified_ns: int) -> SurfaceMap | None:
    """Return the surface map of a file as it was at a time, or None where nothing was seen."""
    surface = unpack_surface(path.read_bytes())
    return surface if len(surface.seen) else None
