"""Everything a reader needs of a study: what is to be read, and one photograph with all that belongs to it.

Opening a photograph touches no window and no other reader's work, so it can be done ahead in another thread.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from reepi.body.template import BodyTemplate, build_template
from reepi.core.chart_reading import ChartReading, CountingChart
from reepi.core.correspondence import Correspondences
from reepi.core.counting import CountingReadings, counting_by_file
from reepi.core.errors import PhotographRejected
from reepi.core.images import Mask, Pixels
from reepi.core.reader_points import SavedPoints
from reepi.core.reading import Reading, checked_reader
from reepi.core.study import PhotoEntry, Study
from reepi.core.surface import Registration, SurfaceMap
from reepi.core.tissue import UNLABELLED
from reepi.core.trail import Visit
from reepi.imaging.limits import WORKING_SIDE
from reepi.imaging.reading import decode_photograph, read_bytes
from reepi.mapping.projection import SkinSamples, skin_samples
from reepi.review.adjudication import Case, Dispute, LaidOut, disputed_tasks, disputes, laid_out
from reepi.review.frames import earlier_photographs
from reepi.review.live import LiveVisit
from reepi.review.photograph_maps import PhotographMaps, expected_misread
from reepi.review.scored import ModelName, ScoredStudy
from reepi.review.worklist import UNREAD, Task, worklist
from reepi.scoring.skin import Skin
from reepi.scoring.visits import photos_by_visit, visit_date
from reepi.store.charts import ChartStore
from reepi.store.provenance import bytes_hash, declared, photograph_hash
from reepi.store.reader_points import PointStore
from reepi.store.readings import ReadingStore
from reepi.store.registrations import RegistrationStore
from reepi.store.results import ResultsFolder
from reepi.store.signatures import SignatureStore
from reepi.store.study import read_study
from reepi.store.trail import Trail

FULL_SIZE: Final = 1_000_000
"""Working side that leaves every photograph at its own size [px]."""

NOT_SCORED: Final = (
    "The photograph was changed since the study was scored, so nothing is proposed for it. Score the study again."
)

NOT_PLACED: Final = (
    "Its view, or the patient's body, was changed since the study was scored, so its place on the body is not known. "
    "Score the study again and open the review anew."
)

NOT_READ: Final = "The photograph was changed since you read it. Look whether what you said holds, and save it again."


@dataclass(frozen=True)
class OpenPhotograph:
    """A photograph on the desk.

    Parameters
    ----------
    task : Task
        What is read.
    sha256 : str
        Hash of the file as it was opened.
    pixels : (H, W, 3) uint8
        The upright original, sRGB.
    focal_px : float or None
        Focal length at working size, if the file tells it [px].
    start : (H, W) uint8
        Where the reader begins: the reader's own reading, else the proposal, else nothing labelled.
    proposal : (H, W) uint8 or None
        What the model proposes.
    model : ModelName
        Which model that was.
    template : BodyTemplate
        The patient's body.
    registration : Registration or None
        Where the photograph lies on it.
    registration_sha256 : str
        Hash of the registration's file.
    samples : SkinSamples or None
        What of the body it shows.
    network : Correspondences or None
        What the network says of its place, to which a reader's points are added as in scoring.
    live : LiveVisit
        The other photographs of its visit.
    case : Case or None
        What an adjudicator has to decide on it.
    warnings : tuple of str
        What the reader has to know before reading it.
    is_outdated : bool
        Whether the reader read it before it was changed, and so has to read it again.
    judged : tuple of str
        Hashes of the readings that an adjudicator judges.
    """

    task: Task
    sha256: str
    pixels: Pixels
    focal_px: float | None
    start: Mask
    proposal: Mask | None
    model: ModelName
    template: BodyTemplate
    registration: Registration | None
    registration_sha256: str
    samples: SkinSamples | None
    network: Correspondences | None
    live: LiveVisit
    case: Case | None = None
    warnings: tuple[str, ...] = ()
    is_outdated: bool = False
    judged: tuple[str, ...] = ()

    @property
    def ground(self) -> str:
        """Hash of what unsaved work on it lies on: the photograph, and the readings that are judged."""
        return ground_of(self.sha256, self.judged)

    @property
    def is_repeat(self) -> bool:
        """Whether it is read again for drift: as it was the first time, and what is said of it counts for nothing."""
        return self.task.occasion != 1

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the upright original [px]."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def working_size(self) -> tuple[int, int]:
        """Height and width at which the photograph was measured [px]."""
        if self.samples is not None:
            return self.samples.size
        shrink = min(1.0, WORKING_SIDE / max(self.size))
        return max(1, round(self.size[0] * shrink)), max(1, round(self.size[1] * shrink))

    @property
    def visit(self) -> Visit:
        """Patient and day."""
        return self.task.entry.patient_id, visit_date(self.task.entry.taken_at)


class Desk:
    """A study as one reader sees it.

    Parameters
    ----------
    folder : Path
        The study folder.
    reader : str
        Who reads.
    database : str, optional
        Data base of several readers; the file in the study folder if none.
    results : Path, optional
        Results that proposals and registrations are taken from; ``results`` in the study folder if none. A study that
        was not scored can be read too, from nothing.

    Raises
    ------
    InputError
        The study folder or the data base is wrong; carries all faults.
    ValueError
        The reader has no proper name.
    """

    def __init__(self, folder: Path, reader: str, database: str | None = None, results: Path | None = None) -> None:
        self.folder = folder
        self.reader = checked_reader(reader)
        self.study: Study = read_study(folder)
        self.role = self.study.reading.role_of(self.reader)
        self.results = ResultsFolder(results or folder / "results")
        trail = Trail(folder, database)
        self.readings = ReadingStore(folder, trail=trail)
        self.points = PointStore(folder, trail=trail)
        self.charts = ChartStore(folder, trail=trail)
        self.decisions = RegistrationStore(folder, trail=trail)
        self.signatures = SignatureStore(folder, trail=trail)
        self._visits = photos_by_visit(self.study.photos)
        self._declared = declared(self.study)
        self._scored = ScoredStudy(self.results)
        self._rows = self._scored.rows()
        self._opened: dict[str, str] = {}
        self._maps = PhotographMaps(self.results, self.readings, self.template)

    def tasks(self, unopened: Collection[str] = ()) -> tuple[Task, ...]:
        """Return what the reader has to read, given which files cannot be opened."""
        own = [each for each in self._own_newest() if not self._is_outdated(each)]
        if self.role == "reader":
            return worklist(self.study, self.reader, own, self._rows.values(), self.doubts(), unopened)
        every = worklist(self.study, self.reader, (), self._rows.values(), self.doubts(), unopened)
        settled = {file: each for file, each in self.readings.decided().items() if each.reader == self.reader}
        told = disputed_tasks(every, self.disputes(), settled)
        outdated = {file for file, each in settled.items() if self._is_outdated(each)}
        return tuple(replace(task, state=UNREAD) if task.entry.file in outdated else task for task in told)

    def disputes(self) -> dict[str, Dispute]:
        """Return the photographs that need an adjudicator, by file."""
        share = self.study.reading.differ_percent / 100
        return disputes(self.readings.newest(), self.readings.decided(), self.readings.mask, share, self.study.name)

    def doubts(self) -> dict[str, float]:
        """Return the skin that the model is expected to have misread, by photograph [% of the skin in it]."""
        surfaces = ((file, self._maps.proposed(file)) for file in self._rows)
        return {file: expected_misread(surface) for file, surface in surfaces if surface is not None}

    @property
    def hides_visits(self) -> bool:
        """Whether the protocol hides which photographs belong together; charts and numbers of a visit would tell."""
        return self.study.reading.blind_to_day or self.study.reading.blind_to_patient

    def template(self, patient_id: str) -> BodyTemplate:
        """Return the body of a patient (`ValueError` if the body model reaches no such height and weight)."""
        return build_template(self.study.patient(patient_id))

    def skin(self, patient_id: str) -> Skin:
        """Return the skin of a patient's body, by the protocol's table."""
        patient, template = self.study.patient(patient_id), self.template(patient_id)
        shares = template.shares(self.study.protocol.body_surface, patient.age_years)
        return Skin.from_mesh(template.vertices, template.faces, template.regions, shares)

    def visit_files(self, visit: Visit) -> tuple[str, ...]:
        """Return the photographs of a visit."""
        return tuple(entry.file for entry in self._visits[visit])

    def own_reading(self, file: str, occasion: int = 1) -> Reading | None:
        """Return the reader's newest reading of a photograph, or None."""
        own = self._own_newest()
        return next((each for each in own if (each.photograph, each.occasion) == (file, occasion)), None)

    def judged(self, file: str) -> tuple[str, ...]:
        """Return the hashes of the readings that an adjudicator judges on a photograph as they stand; a reader none."""
        if self.role == "reader":
            return ()
        return tuple(each.sha256 for each in self.readings.newest() if each.photograph == file)

    def ground(self, file: str) -> str:
        """Return the hash of what unsaved work on a photograph lies on as it is now; see `OpenPhotograph.ground`."""
        return ground_of(photograph_hash(self.folder / file), self.judged(file))

    def own_points(self, file: str) -> SavedPoints | None:
        """Return the reader's newest points on a photograph, or None."""
        own = (each for each in self.points.newest() if (each.photograph, each.reader) == (file, self.reader))
        return next(own, None)

    def own_chart(self, visit: Visit) -> ChartReading | None:
        """Return the reader's newest chart of a visit, or None."""
        own = (each for each in self.charts.newest() if each.reader == self.reader and each.role == self.role)
        return next((each for each in own if each.visit == visit), None)

    def begun_chart(self, visit: Visit) -> ChartReading | CountingChart | None:
        """Return the chart of a visit that the reader goes on from, or None.

        An adjudicator who painted none goes on from the readers' that count: what is saved will take its place whole.
        """
        own = self.own_chart(visit)
        return self.charts.counting().get(visit) if own is None and self.role == "adjudicator" else own

    def open(self, task: Task) -> OpenPhotograph:
        """Return a photograph with all that belongs to it.

        Raises
        ------
        PhotographRejected
            The file cannot be read, or the patient has no body template.
        InputError
            A mask was changed since it was saved.
        """
        entry = task.entry
        content = read_bytes(self.folder / entry.file)
        digest = self._opened[entry.file] = bytes_hash(content)
        is_scored = self._scored.photograph_hash(entry.file) in ("", digest)
        is_placed = is_scored and self._is_as_scored(entry.file)
        # Looked at before the masks are: what is saved in between is then known not to have been seen.
        judged = self.judged(entry.file)
        with ThreadPoolExecutor(1) as decoder:
            # Decoding takes as long as all the rest, and leaves the other core to it.
            decoding = decoder.submit(decode_photograph, content, FULL_SIZE)
            try:
                template = self.template(entry.patient_id)
            except ValueError as error:
                raise PhotographRejected(
                    "no_body_template", f"{error}. Check the patient's height and weight."
                ) from error
            registration, placed = self._maps.place(entry.file, template) if is_placed else (None, "")
            samples = skin_samples(registration, template) if registration is not None else None
            network = self.results.read_correspondences(entry.file) if is_placed else None
            live = self.live(entry, template)
            photograph = decoding.result()
        proposal = self._scored.proposal(entry.file, photograph.size) if is_scored else None
        own = self.own_reading(entry.file, task.occasion)
        disputed = self._laid_out(entry.file, digest, photograph.size)
        if self.role == "adjudicator" and disputed is None and own is None:
            raise PhotographRejected("not_disputed", "Its readers agree by now, or somebody decided it.")
        is_outdated = own is not None and own.photograph_sha256 != digest
        nothing = np.full(photograph.size, UNLABELLED, np.uint8)
        read = self._mask_of(own, photograph.size) if own is not None and own.mask_file else None
        start = proposal if read is None else read
        start = start if disputed is None or disputed.start is None else disputed.start
        told = "" if disputed is None else disputed.told
        warnings = (
            (NOT_SCORED, not is_scored),
            (NOT_PLACED, is_scored and not is_placed),
            (NOT_READ, is_outdated),
            (told, bool(told)),
        )
        return OpenPhotograph(
            task,
            digest,
            photograph.pixels,
            photograph.focal_px,
            (nothing if start is None else start).copy(),
            proposal,
            self._scored.model,
            template,
            registration,
            placed,
            samples,
            network,
            live,
            None if disputed is None else disputed.case,
            tuple(told for told, holds in warnings if holds),
            is_outdated,
            judged,
        )

    def live(self, entry: PhotoEntry, template: BodyTemplate) -> LiveVisit:
        """Return the other photographs of a photograph's visit, as they count for the reader now."""
        others = {}
        if not self.hides_visits:
            counts, refused = self._counting(), self.refused()
            for file in self.visit_files((entry.patient_id, visit_date(entry.taken_at))):
                surface = None if file in refused else self._surface(file, counts.get(file), entry.patient_id)
                if surface is not None and file != entry.file:
                    others[file] = surface
        return LiveVisit(template, self.skin(entry.patient_id), self.study.protocol.unassessed, others)

    def refused(self) -> frozenset[str]:
        """Return the photographs whose place on the body, as it was scored, somebody refused and nobody accepted.

        Points that were placed since make it right once the study is scored again, and not before.
        """
        standing = self.decisions.refused()
        return frozenset(
            file
            for file, each in self.decisions.counting().items()
            if each.verdict == "refused"
            and (
                each.registration_sha256 == self._maps.place_hash(file)
                or (file in standing and each.photograph_sha256 == photograph_hash(self.folder / file))
            )
        )

    def _counting(self) -> dict[str, CountingReadings]:
        """Return what counts of each photograph for the reader: their own readings; for an adjudicator everybody's."""
        if self.role == "adjudicator":
            return counting_by_file(self.readings.newest(), self.readings.decided())
        return counting_by_file([each for each in self.readings.newest() if each.reader == self.reader], {})

    def _surface(self, file: str, counts: CountingReadings | None, patient_id: str) -> SurfaceMap | None:
        """Return what a photograph shows of the body, None where it shows nothing that counts."""
        if not self._is_as_scored(file):
            return None
        if counts is None:
            return self._maps.proposed(file)
        if counts.rejected or any(self._is_outdated(each) for each in counts.readings):
            return None
        return self._maps.read(file, counts, patient_id)

    def earlier_entries(self, entry: PhotoEntry) -> tuple[PhotoEntry, ...]:
        """Return the photographs of the same view on earlier days, latest first; none where the day is hidden."""
        return () if self.hides_visits else earlier_photographs(self.study.photos, entry)

    def picture(self, file: str, side: int = 1600) -> Pixels | None:
        """Return another photograph of the study (H, W, 3), with a long side of at most ``side``, for comparison."""
        try:
            return decode_photograph(read_bytes(self.folder / file), side).pixels
        except PhotographRejected:
            return None

    def _laid_out(self, file: str, digest: str, size: tuple[int, int]) -> LaidOut | None:
        """Return what an adjudicator begins with on a photograph, None where it is not disputed."""
        dispute = self.disputes_of(file) if self.role == "adjudicator" else None
        if dispute is None:
            return None

        def shown(reading: Reading) -> Mask | None:
            is_of_now = reading.teaches and reading.photograph_sha256 == digest
            return self._mask_of(reading, size) if is_of_now else None

        return laid_out(dispute, shown(dispute.first), shown(dispute.second))

    def disputes_of(self, file: str) -> Dispute | None:
        """Return what is disputed on a photograph, or None."""
        newest = [each for each in self.readings.newest() if each.photograph == file]
        share = self.study.reading.differ_percent / 100
        return disputes(newest, self.readings.decided(), self.readings.mask, share, self.study.name).get(file)

    def _own_newest(self) -> tuple[Reading, ...]:
        """Return the reader's newest reading of each photograph and occasion."""
        own = (each for each in self.readings.history() if (each.reader, each.role) == (self.reader, self.role))
        return tuple({(each.photograph, each.occasion): each for each in own}.values())

    def _is_outdated(self, reading: Reading) -> bool:
        """Return whether a photograph is known to be another since it was read, without reading the file."""
        known = self._opened.get(reading.photograph, "")
        if not known and reading.number <= self._scored.events:
            known = self._scored.photograph_hash(reading.photograph)
        return known not in ("", reading.photograph_sha256)

    def _is_as_scored(self, file: str) -> bool:
        """Return whether a photograph is still declared as the view, and of the body, as which it was scored."""
        return self._scored.declared(file) in (None, self._declared[file])

    def _mask_of(self, reading: Reading, size: tuple[int, int]) -> Mask | None:
        mask = self.readings.mask(reading)
        return mask if mask.shape == size else None


def ground_of(photograph: str, judged: Sequence[str]) -> str:
    """Return the hash of a photograph and of the readings of it that are judged, each told by its own."""
    return bytes_hash("".join((photograph, *judged)).encode())
