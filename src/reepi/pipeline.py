"""The whole measurement on one page.

photograph -> tissue map -> (pixel -> body face) -> surface map -> visit -> areas by region and day -> endpoints
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Protocol

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate, build_template
from reepi.core.capture import CaptureProtocol
from reepi.core.errors import PhotographRejected
from reepi.core.findings import as_reasons
from reepi.core.images import Photograph, TissueMap
from reepi.core.reader_points import ReaderPoint
from reepi.core.results import DisagreementRow, EndpointRow, MeasuredPhotograph, PhotoRow, StudyScore
from reepi.core.study import Patient, PhotoEntry, Study
from reepi.core.surface import Origin, Registration, SurfaceMap
from reepi.core.views import View
from reepi.imaging.card_detection import find_card_in
from reepi.imaging.card_hiding import without_card
from reepi.imaging.reading import at_working_size, decode_finely, read_bytes
from reepi.imaging.standardising import standardised
from reepi.inspection import Look, capture_record, photograph_findings, registered_or_not
from reepi.mapping.earlier import RegisteredPhotograph
from reepi.mapping.eyes import hidden_pixels
from reepi.mapping.fusion import fuse, with_chart
from reepi.mapping.projection import project_onto_faces
from reepi.mapping.reader import register_with_points
from reepi.scoring.agreement import agreement
from reepi.scoring.clinical_endpoints import clinical_rows
from reepi.scoring.cohort import cohort_rows
from reepi.scoring.endpoints import PatientScore, score_patient
from reepi.scoring.skin import Skin
from reepi.scoring.sources import origins_by_region, source_text
from reepi.scoring.visits import Visit, day_number, photos_by_visit

PROPOSAL = Origin.PROPOSAL.label
"""Source of a photograph that nobody read."""


class Segmenter(Protocol):
    """Says what tissue each pixel of a photograph shows."""

    def __call__(self, photograph: Photograph, /) -> TissueMap:
        """Return the tissue map at the photograph's working size."""


class Registrar(Protocol):
    """Finds the face of the body template that each pixel of a photograph shows."""

    def __call__(
        self,
        photograph: Photograph,
        tissues: TissueMap,
        view: View,
        template: BodyTemplate,
        earlier: RegisteredPhotograph | None,
        /,
    ) -> Registration:
        """Return the registration, or raise `PhotographRejected` where none passes the gate.

        ``earlier`` is the same view of an earlier day, if there is one.
        """


class Readers(Protocol):
    """Says what people who looked at the photographs and the patient found; it outranks the model."""

    def __call__(
        self, entry: PhotoEntry, measured: MeasuredPhotograph, template: BodyTemplate, /
    ) -> MeasuredPhotograph:
        """Return what a photograph gives once its readings are heard."""

    def chart_of(self, patient_id: str, day: date, /) -> npt.NDArray[np.uint8] | None:
        """Return what was painted on a visit's body chart, (F,): a tissue or 255; None where nothing was."""


class Nobody:
    """Nobody read anything: the model's proposals count."""

    def __call__(
        self, entry: PhotoEntry, measured: MeasuredPhotograph, template: BodyTemplate, /
    ) -> MeasuredPhotograph:
        """Return what the model found."""
        source = PROPOSAL if measured.row.status == "scored" else ""
        return replace(measured, row=replace(measured.row, source=source))

    def chart_of(self, patient_id: str, day: date, /) -> None:
        """Return that nothing was painted."""
        return


class Archive(Protocol):
    """Remembers measured photographs from one run to the next, and from one visit to the next.

    ``earlier`` is the same view of an earlier day, from which a photograph's registration follows as well.
    """

    def find(self, entry: PhotoEntry, patient: Patient, earlier: PhotoEntry | None) -> MeasuredPhotograph | None:
        """Return what a photograph gave, or None where it must be measured."""

    def keep(
        self, entry: PhotoEntry, patient: Patient, earlier: PhotoEntry | None, measured: MeasuredPhotograph
    ) -> None:
        """Keep what a photograph gave."""

    def recall(self, entry: PhotoEntry, template: BodyTemplate) -> RegisteredPhotograph | None:
        """Return a kept photograph with its registration, or None where that is not kept."""


@dataclass(frozen=True)
class Instruments:
    """What the measurement is made with.

    Parameters
    ----------
    segment : Segmenter
        Tissue of each pixel.
    register : Registrar
        Body face of each pixel.
    template_of : callable
        Body template of a patient.
    capture : CaptureProtocol
        How photographs are taken and judged.
    points_of : callable
        Points that a reader placed on a photograph, by its file; where there are any, they decide its registration.
    readers : Readers
        What people read.
    """

    segment: Segmenter
    register: Registrar
    template_of: Callable[[Patient], BodyTemplate] = build_template
    capture: CaptureProtocol = field(default_factory=CaptureProtocol)
    points_of: Callable[[str], Sequence[ReaderPoint]] = lambda file: ()
    readers: Readers = field(default_factory=Nobody)

    def registrar_of(self, file: str) -> Registrar:
        """Return the registrar of a photograph: that of all, led by the reader's points where there are any."""
        points = self.points_of(file)
        return partial(register_with_points, points, self.register) if points else self.register


@dataclass(frozen=True)
class MeasuredStudy:
    """What a study's photographs gave.

    Parameters
    ----------
    rows : tuple of PhotoRow
        How each photograph ended, in the order of the study.
    visits : dict
        Visits of each patient by date, every one with its fused surface map and whether its photographs agree.
    steps : dict
        Mean time of each step over the photographs that took it [s].
    """

    rows: tuple[PhotoRow, ...]
    visits: dict[str, tuple[Visit, ...]]
    steps: dict[str, float]


class StepTimes(dict[str, float]):
    """Time that each step of a photograph took [s]."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Take the time of a step, also of one that ends in an error."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self[name] = round(time.perf_counter() - start, 4)

    @property
    def total(self) -> float:
        """Time of all steps [s]."""
        return round(sum(self.values()), 3)


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
        with times.step("standardise"):
            card = find_card_in(fine.pixels, capture.chart) if capture.card != "none" else None
            standard, colours = standardised(photograph, card, capture.standardise)
        with times.step("segment"):
            tissues = without_card(instruments.segment(standard), card)
        mask = tissues.mask
        with times.step("register"):
            register = instruments.registrar_of(entry.file)
            placed = registered_or_not(register, standard, tissues, entry.view, template, earlier)
        look = Look(photograph, tissues, entry.view, template, placed, card, entry.mm_per_px, colours=colours)
        hidden = hidden_pixels(photograph, entry.view, placed, template) if capture.mask_eyes else None
        if isinstance(placed, PhotographRejected):
            raise placed
        with times.step("project"):
            surface = project_onto_faces(placed, tissues, template)
        with times.step("judge"):
            findings = photograph_findings(look, capture)
    except PhotographRejected as rejection:
        row = PhotoRow(entry.file, "rejected", str(rejection), None, times.total)
        record = capture_record(look, () if look is None else photograph_findings(look, capture))
        return MeasuredPhotograph(row, times, photograph, mask, capture=record, hidden=hidden)
    row = PhotoRow(entry.file, "scored", as_reasons(findings), placed.residual_mm, times.total)
    return MeasuredPhotograph(
        row,
        times,
        photograph,
        mask,
        placed,
        template.regions_at(placed.faces),
        surface,
        capture_record(look, findings),
        hidden,
    )


def measure_study(
    study: Study,
    folder: Path,
    instruments: Instruments,
    archive: Archive,
    progress: Callable[[PhotoRow], None] = lambda row: None,
) -> MeasuredStudy:
    """Measure every photograph of a study and fuse those of each visit.

    Parameters
    ----------
    study : Study
        The study.
    folder : Path
        Its folder.
    instruments : Instruments
        What to measure with.
    archive : Archive
        Where finished photographs are found and kept.
    progress : callable
        Told of each photograph as it ends.
    """
    ended: dict[str, tuple[PhotoRow, dict[str, float]]] = {}
    visits: dict[str, tuple[Visit, ...]] = {}
    latest: dict[tuple[str, str], PhotoEntry] = {}
    for (patient_id, day), entries in photos_by_visit(study.photos).items():
        patient = study.patient(patient_id)
        template = _template_or_reason(patient, instruments)
        maps: dict[str, SurfaceMap] = {}
        for entry in entries:
            earlier = latest.get((patient_id, entry.view_name))
            measured = _read(folder, entry, earlier, patient, template, instruments, archive)
            maps |= {entry.file: measured.surface} if measured.surface is not None else {}
            # Rows and times only: the pixels of a whole study do not fit in memory.
            ended[entry.file] = measured.row, measured.steps
            progress(measured.row)
        # Not before the visit ends: photographs of one day do not lean on each other.
        scored = [entry for entry in entries if ended[entry.file][0].status == "scored"]
        latest |= {(patient_id, entry.view_name): entry for entry in reversed(scored)}
        if not isinstance(template, PhotographRejected):
            surface = visit_surface([*maps.values()], template, instruments.readers.chart_of(patient_id, day))
            agreed = agreement(maps, _skin(study, patient, template))
            visits[patient_id] = (*visits.get(patient_id, ()), Visit(day, surface, agreed))
    return MeasuredStudy(
        rows=tuple(ended[entry.file][0] for entry in study.photos),
        visits=visits,
        steps=mean_steps([steps for _, steps in ended.values()]),
    )


def visit_surface(
    maps: Sequence[SurfaceMap], template: BodyTemplate, chart: npt.NDArray[np.uint8] | None
) -> SurfaceMap:
    """Return the surface map of a visit: its photographs fused, and over them what was painted on the chart, (F,)."""
    surface = fuse(maps) if maps else SurfaceMap.unseen(template.n_faces)
    return surface if chart is None else with_chart(surface, chart)


def score_study(
    study: Study,
    visits: Mapping[str, Sequence[Visit]],
    template_of: Callable[[Patient], BodyTemplate] = build_template,
) -> StudyScore:
    """Return the numbers of all patients, in the order of the study; patients without visits have endpoints alone.

    Parameters
    ----------
    study : Study
        The study, with the protocol that decides the definitions.
    visits : dict
        Visits of each patient.
    template_of : callable
        Body template of a patient; the one that the photographs were measured on.
    """
    scores: dict[str, PatientScore] = {}
    endpoints: list[EndpointRow] = []
    for patient in study.patients:
        mine = visits.get(patient.patient_id, ())
        skin = _skin(study, patient, template_of(patient)) if mine else None
        record = study.record(patient.patient_id)
        score = score_patient(patient, mine, skin, study.protocol, record=record, visit_days=study.visit_days)
        scores[patient.patient_id] = score
        endpoints += [*score.endpoints, *_clinical_rows(study, patient, score)]
    return StudyScore(
        areas=tuple(row for score in scores.values() for row in score.areas),
        endpoints=(*endpoints, *cohort_rows(study, endpoints)),
        changes=tuple(row for score in scores.values() for row in score.changes),
        histories={name: score.history for name, score in scores.items() if score.history is not None},
    )


def _clinical_rows(study: Study, patient: Patient, score: PatientScore) -> list[EndpointRow]:
    record, has_table = study.record(patient.patient_id), bool(study.clinical)
    first_visit, first_open = score.first_open or (None, None)
    return clinical_rows(patient, record, study.protocol, first_open, first_visit, study.day_zero, has_table)


def disagreement_rows(
    study: Study,
    visits: Mapping[str, Sequence[Visit]],
    template_of: Callable[[Patient], BodyTemplate] = build_template,
) -> list[DisagreementRow]:
    """Return whether the photographs of each visit agree, in the order of the study; see `score_study`."""
    rows: list[DisagreementRow] = []
    for patient in study.patients:
        for visit in visits.get(patient.patient_id, ()):
            if visit.agreement is not None:
                day = day_number(visit.date, patient.day_zero_date)
                told = origins_by_region(visit.surface, _skin(study, patient, template_of(patient)))
                sources = [source_text(origins) for origins in told]
                rows += visit.agreement.rows(patient.patient_id, visit.date, day, sources)
    return rows


def mean_steps(times: Sequence[dict[str, float]]) -> dict[str, float]:
    """Return the mean time of each step over the photographs that took it [s]."""
    names = dict.fromkeys(name for steps in times for name in steps)
    return {name: fmean(steps[name] for steps in times if name in steps) for name in names}


def _skin(study: Study, patient: Patient, template: BodyTemplate) -> Skin:
    shares = template.shares(study.protocol.body_surface, patient.age_years)
    return Skin.from_mesh(template.vertices, template.faces, template.regions, shares)


def _template_or_reason(patient: Patient, instruments: Instruments) -> BodyTemplate | PhotographRejected:
    try:
        return instruments.template_of(patient)
    except ValueError as error:
        return PhotographRejected("no_body_template", f"{error}. Check the patient's height and weight.")


def _read(
    folder: Path,
    entry: PhotoEntry,
    earlier: PhotoEntry | None,
    patient: Patient,
    template: BodyTemplate | PhotographRejected,
    instruments: Instruments,
    archive: Archive,
) -> MeasuredPhotograph:
    """Return what the model finds in a photograph, with what readers say of it."""
    measured = archive.find(entry, patient, earlier)
    if measured is None:
        measured = _measure(folder, entry, earlier, patient, template, instruments, archive)
    if isinstance(template, PhotographRejected):
        return measured
    return _attempt(entry.file, partial(instruments.readers, entry, measured, template))


def _measure(
    folder: Path,
    entry: PhotoEntry,
    earlier: PhotoEntry | None,
    patient: Patient,
    template: BodyTemplate | PhotographRejected,
    instruments: Instruments,
    archive: Archive,
) -> MeasuredPhotograph:
    if isinstance(template, PhotographRejected):
        measured = MeasuredPhotograph(PhotoRow(entry.file, "rejected", str(template), None, None))
    else:
        before = None if earlier is None else archive.recall(earlier, template)
        attempt = partial(measure_photograph, folder / entry.file, entry, template, instruments, before)
        measured = _attempt(entry.file, attempt)
    archive.keep(entry, patient, earlier, measured)
    return measured


def _attempt(file: str, measure: Callable[[], MeasuredPhotograph]) -> MeasuredPhotograph:
    """Measure, and turn an error of the program into a failed photograph.

    This is the one place where every error is caught: what one photograph breaks must not end the batch, and nothing of
    it is used.
    """
    try:
        return measure()
    except Exception as error:  # noqa: BLE001 - see above
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return MeasuredPhotograph(PhotoRow(file, "failed", reason, None, None))
