"""The whole measurement on one page.

photograph -> tissue map -> (pixel -> body face) -> surface map -> visit -> areas by region and day -> endpoints
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate
from reepi.core.errors import FolderGone, NotWritten, PhotographRejected, ReepiError
from reepi.core.findings import as_reasons
from reepi.core.images import Photograph
from reepi.core.measured import EndedPhotograph, MeasuredPhotograph
from reepi.core.results import PhotoRow, Status
from reepi.core.step_times import StepTimes
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.surface import Registration, SurfaceMap
from reepi.core.tissue import UNLABELLED
from reepi.imaging.damage import OF_THE_MACHINE
from reepi.imaging.reading import at_working_size, decode_finely, read_bytes
from reepi.inspection import Look, capture_record, photograph_findings, registered_or_not, see
from reepi.instruments import Archive, Instruments
from reepi.mapping.earlier import RegisteredPhotograph
from reepi.mapping.eyes import REFUSED, hidden_pixels
from reepi.mapping.fusion import fuse, with_chart
from reepi.mapping.projection import project_onto_faces
from reepi.scoring.agreement import agreement
from reepi.scoring.conclusion import ConcludedPatient, concluded_patient, skin_of
from reepi.scoring.visits import Visit, photos_by_visit


class ResultsGone(ReepiError):
    """What a photograph gave was removed while the study was being scored."""


def measure_photograph(
    path: Path,
    entry: PhotoEntry,
    template: BodyTemplate,
    instruments: Instruments,
    earlier: RegisteredPhotograph | None = None,
) -> MeasuredPhotograph:
    """Measure one photograph: read it, find its tissues, register it, project it onto the body.

    A photograph that cannot be measured is a finding, not an error: it comes back as rejected with its reason, with as
    much of its results as there is.
    """
    times, capture = StepTimes(), instruments.capture
    look, photograph, mask, hidden = None, None, None, None
    try:
        with times.step("read"):
            fine = decode_finely(read_bytes(path))
            photograph = at_working_size(fine)
        seen = see(photograph, fine, instruments.segment, capture, times)
        tissues, mask = seen.tissues, seen.tissues.mask
        with times.step("register"):
            register = instruments.registrar_of(entry.file, template)
            placed = registered_or_not(register, seen.standard, tissues, entry.view, template, earlier)
        look = Look(seen, entry.view, template, placed, entry.mm_per_px)
        hidden = _hidden(photograph, entry, placed, template, instruments)
        if isinstance(placed, PhotographRejected):
            raise placed
        with times.step("project"):
            surface = project_onto_faces(placed, tissues, template)
        with times.step("judge"):
            findings = photograph_findings(look, capture)
    except PhotographRejected as rejection:
        # What this machine cannot read now is tried again by the next run; everything else would be found again.
        status: Status = "failed" if rejection.code in OF_THE_MACHINE else "rejected"
        row = PhotoRow(entry.file, status, str(rejection), None, times.total)
        record = capture_record(look, () if look is None else photograph_findings(look, capture))
        if hidden is None and photograph is not None:
            hidden = _hidden(photograph, entry, rejection, template, instruments)
        said = rejection.correspondences
        return MeasuredPhotograph(row, times, photograph, mask, capture=record, hidden=hidden, correspondences=said)
    row = PhotoRow(entry.file, "scored", as_reasons(findings), placed.residual_mm, times.total)
    return MeasuredPhotograph(
        row,
        times,
        photograph,
        mask,
        placed,
        template.regions_at(placed.drawn),
        surface,
        capture_record(look, findings),
        hidden,
        placed.correspondences,
    )


def _hidden(
    photograph: Photograph,
    entry: PhotoEntry,
    placed: Registration | PhotographRejected,
    template: BodyTemplate,
    instruments: Instruments,
) -> npt.NDArray[np.bool_] | None:
    """Return what of a photograph no picture may show, None where everything may; a refused place tells nothing."""
    if not instruments.capture.mask_eyes:
        return None
    if instruments.refuses(entry.file):
        placed = PhotographRejected(REFUSED, "A reader refused its place on the body.")
    return hidden_pixels(photograph, entry.view, placed, template)


@dataclass(frozen=True)
class Measurement:
    """One photograph to be measured.

    Parameters
    ----------
    patient : Patient
        Whose skin it shows.
    entry : PhotoEntry
        Its line in the study.
    earlier : EndedPhotograph, optional
        The same view of an earlier day, on which its registration leans.
    """

    patient: Patient
    entry: PhotoEntry
    earlier: EndedPhotograph | None = None


@dataclass(frozen=True)
class Bench:
    """Where photographs are measured and patients concluded. Nothing of one photograph is left for the next.

    Parameters
    ----------
    folder : Path
        The study folder.
    instruments : Instruments
        What to measure with.
    archive : Archive
        Where finished photographs are found and kept.
    """

    folder: Path
    instruments: Instruments
    archive: Archive

    def measure(self, task: Measurement) -> EndedPhotograph:
        """Return how a photograph ends; what it gave is in the archive.

        Raises
        ------
        NotWritten
            The archive cannot keep it, as on a full disk; a fault of the photograph is no error, but how it ends.
        FolderGone
            The photograph is missing because the whole study is.
        """
        times, template = StepTimes(), _template_or_reason(task.patient, self.instruments)
        with times.step("find"):
            measured = self.archive.find(task.entry, task.patient, task.earlier)
        if measured is None:
            measured = self._measured(task, template, times)
            with times.step("write"):
                measured = self._kept(task.entry, measured)
        if not isinstance(template, PhotographRejected):
            measured = _attempt(task.entry.file, partial(self.instruments.readers, task.entry, measured, template))
        # What goes before and after is not part of the photograph's own time, which is kept with what it gave.
        return EndedPhotograph(task.entry, measured.row, {**measured.steps, **times}, self.archive.mark(task.entry))

    def _measured(
        self, task: Measurement, template: BodyTemplate | PhotographRejected, times: StepTimes
    ) -> MeasuredPhotograph:
        entry, path = task.entry, self.folder / task.entry.file
        if isinstance(template, PhotographRejected):
            return MeasuredPhotograph(PhotoRow(entry.file, "rejected", str(template), None, None))

        def measured_from_earlier() -> MeasuredPhotograph:
            before = None if task.earlier is None else self._recalled(task.earlier, template, times)
            return measure_photograph(path, entry, template, self.instruments, before)

        measured = _attempt(entry.file, measured_from_earlier)
        if measured.photograph is None and not _holds_anything(self.folder):
            raise FolderGone(f"{self.folder} is gone. Bring its disk or share back and score again; it goes on.")
        return measured

    def _recalled(self, earlier: EndedPhotograph, template: BodyTemplate, times: StepTimes) -> RegisteredPhotograph:
        """Return the same view of an earlier day.

        Raises
        ------
        ResultsGone
            It cannot be read. What is measured without it must not be kept as if it had leaned on it.
        """
        with times.step("recall"):
            before = self.archive.recall(earlier.entry, template, earlier.mark.content)
        if before is None:
            raise ResultsGone(f"what {earlier.entry.file} gave on an earlier day cannot be read. Score the study again")
        return before

    def _kept(self, entry: PhotoEntry, measured: MeasuredPhotograph) -> MeasuredPhotograph:
        def kept() -> MeasuredPhotograph:
            self.archive.keep(entry, measured)
            return measured

        ended = _attempt(entry.file, kept)
        if ended is not measured:
            # It failed while it was packed; what was written of it goes.
            self.archive.keep(entry, ended)
        return ended

    def conclude(self, part: Study, ended: Iterable[EndedPhotograph]) -> ConcludedPatient:
        """Fuse a patient's photographs visit by visit and score the patient.

        Parameters
        ----------
        part : Study
            The study of this patient alone.
        ended : iterable of EndedPhotograph
            How the photographs ended.

        Raises
        ------
        ResultsGone
            What a photograph gave is no longer there.
        """
        (patient,) = part.patients
        template = _template_or_reason(patient, self.instruments)
        if not part.photos or isinstance(template, PhotographRejected):
            return concluded_patient(part, (), None)
        skin = skin_of(part, template)
        scored = {each.entry.file: each for each in ended if each.row.status == "scored"}
        visits = []
        for (_, day), entries in photos_by_visit(part.photos).items():
            found = [scored[entry.file] for entry in entries if entry.file in scored]
            maps = {each.entry.file: self._surface(each, template) for each in found}
            chart = self.instruments.readers.chart_of(patient.patient_id, day)
            surface = visit_surface([*maps.values()], template, chart)
            visits.append(Visit(day, surface, agreement(maps, skin, None if chart is None else chart != UNLABELLED)))
        return concluded_patient(part, visits, skin)

    def _surface(self, ended: EndedPhotograph, template: BodyTemplate) -> SurfaceMap:
        measured = self.archive.fetch(ended)
        if measured is not None:
            measured = self.instruments.readers(ended.entry, measured, template)
        if measured is None or measured.surface is None:
            raise ResultsGone(f"What {ended.entry.file} gave was there and is gone. Score the study again; it goes on.")
        return measured.surface


class Course:
    """What of a patient may be measured, and when.

    A photograph leans on the last one of its view that was scored at an earlier visit, never on one of the same day, so
    it waits for these alone. All else may be measured side by side.

    Parameters
    ----------
    part : Study
        The study of this patient alone.
    """

    def __init__(self, part: Study) -> None:
        (self._patient,) = part.patients
        self._n_left = len(part.photos)
        self._visits: dict[str, deque[tuple[PhotoEntry, ...]]] = {}
        for entries in photos_by_visit(part.photos).values():
            for view in dict.fromkeys(entry.view_name for entry in entries):
                own = tuple(entry for entry in entries if entry.view_name == view)
                self._visits.setdefault(view, deque()).append(own)
        self._ended: dict[str, list[EndedPhotograph]] = {view: [] for view in self._visits}
        self._latest: dict[str, EndedPhotograph] = {}

    @property
    def over(self) -> bool:
        """Whether every photograph has ended."""
        return self._n_left == 0

    def begun(self) -> tuple[Measurement, ...]:
        """Return what may be measured at first: of each view, the photographs of its first visit."""
        return tuple(task for view in self._visits for task in self._next(view))

    def after(self, ended: EndedPhotograph) -> tuple[Measurement, ...]:
        """Return what may be measured as well once a photograph has ended."""
        view = ended.entry.view_name
        self._n_left -= 1
        self._ended[view].append(ended)
        visit = self._visits[view][0]
        if len(self._ended[view]) < len(visit):
            return ()
        # Of several of one day the first by name counts, whichever ended first.
        scored = {each.entry.file: each for each in self._ended[view] if each.row.status == "scored"}
        if first := next((scored[entry.file] for entry in visit if entry.file in scored), None):
            self._latest[view] = first
        self._visits[view].popleft()
        self._ended[view] = []
        return self._next(view)

    def _next(self, view: str) -> tuple[Measurement, ...]:
        entries = self._visits[view][0] if self._visits[view] else ()
        return tuple(Measurement(self._patient, entry, self._latest.get(view)) for entry in entries)


def measured_in_turn(part: Study, measure: Callable[[Measurement], EndedPhotograph]) -> Iterator[EndedPhotograph]:
    """Measure a patient's photographs one after the other; yield how each ended."""
    course = Course(part)
    tasks = deque(course.begun())
    while tasks:
        ended = measure(tasks.popleft())
        tasks += course.after(ended)
        yield ended


def scored_in_turn(
    study: Study, bench: Bench, progress: Callable[[PhotoRow], None] = lambda row: None
) -> Iterator[tuple[tuple[EndedPhotograph, ...], ConcludedPatient]]:
    """Score the patients of a study one after the other; yield how their photographs ended, and what they gave.

    Parameters
    ----------
    study : Study
        The study.
    bench : Bench
        Where to measure.
    progress : callable
        Told of each photograph as it ends.
    """
    for part in study.by_patient():
        ended = []
        for each in measured_in_turn(part, bench.measure):
            ended.append(each)
            progress(each.row)
        yield tuple(ended), bench.conclude(part, ended)


def visit_surface(
    maps: Sequence[SurfaceMap], template: BodyTemplate, chart: npt.NDArray[np.uint8] | None
) -> SurfaceMap:
    """Return the surface map of a visit: its photographs fused, and over them what was painted on the chart, (F,)."""
    surface = fuse(maps) if maps else SurfaceMap.unseen(template.n_faces)
    return surface if chart is None else with_chart(surface, chart)


def _template_or_reason(patient: Patient, instruments: Instruments) -> BodyTemplate | PhotographRejected:
    try:
        return instruments.template_of(patient)
    except ValueError as error:
        return PhotographRejected("no_body_template", f"{error}. Check the patient's height and weight.")


def _holds_anything(folder: Path) -> bool:
    """Say whether a folder is there; where a disk was taken away, an empty one may be left in its place."""
    try:
        return any(True for _ in folder.iterdir())
    except OSError:
        return False


def _attempt(file: str, measure: Callable[[], MeasuredPhotograph]) -> MeasuredPhotograph:
    """Measure, and turn an error of the program into a failed photograph.

    This is the one place where every error is caught: what one photograph breaks must not end the batch, and nothing of
    it is used. A disk that cannot be written to is no photograph's fault: all others would fail as well.
    """
    try:
        return measure()
    except (NotWritten, FolderGone):
        raise
    except MemoryError:
        reason = "there was not enough memory to measure it. End other programs or use fewer workers, and score again"
        return MeasuredPhotograph(PhotoRow(file, "failed", reason, None, None))
    except Exception as error:  # noqa: BLE001 - see above
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return MeasuredPhotograph(PhotoRow(file, "failed", reason, None, None))
