"""What a process that takes part in a scoring must know, and the two things it does: measure and conclude."""

import threading
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path

from reepi.cli.models import Models
from reepi.core.capture import CaptureProtocol
from reepi.core.errors import ReepiError
from reepi.core.measured import EndedPhotograph
from reepi.core.memory import give_back_memory
from reepi.core.results import PatientRows
from reepi.core.study import Study
from reepi.model.threads import use_threads
from reepi.pipeline import Bench, Measurement
from reepi.scoring.conclusion import ConcludedPatient
from reepi.store.finished import FinishedPhotographs
from reepi.store.placements import placement_of
from reepi.store.provenance import measuring_key, model_hash
from reepi.store.reader_points import unchanged_points
from reepi.store.recent import RECENT
from reepi.store.results import Picture, ResultsFolder
from reepi.store.said import Said, said_of
from reepi.store.trail import Trail


class OtherProgram(ReepiError):
    """A process that should take part in a scoring runs another program, other packages or other models."""


@dataclass(frozen=True)
class Job:
    """A scoring, as every process that takes part in it must know it. It travels between machines.

    Parameters
    ----------
    folder : Path
        The study folder, the same for all that take part.
    results : Path
        Where results go.
    models : Models
        What to measure with.
    capture : CaptureProtocol
        How photographs are taken and judged.
    pictures : tuple of "overlay" and "borders"
        Pictures to write of each photograph.
    database : str, optional
        URL of the data base of readings; the file in the study folder if none.
    events : int
        As much of the trail of readings counts as there was when the scoring began.
    made_with : str
        Program, packages and models where the scoring was begun, see `Models.made_with`.
    name : str
        Tells this scoring from all others, so that no process takes over what it knew of an earlier one.
    """

    folder: Path
    results: Path
    models: Models
    capture: CaptureProtocol
    pictures: tuple[Picture, ...] = ()
    database: str | None = None
    events: int = 0
    made_with: str = ""
    name: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def said(self) -> Said:
        """What people said that counts."""
        return said_of(self.folder, Trail(self.folder, self.database).until(self.events))

    def bench(self) -> Bench:
        """Load the models and return where this process measures; takes seconds.

        Raises
        ------
        InputError
            A model or the data base of readings is wrong.
        """
        target, said = ResultsFolder(self.results), self.said
        archive = finished_photographs(self.capture, self.folder, target, self.models, said, self.pictures)
        instruments = replace(
            self.models.instruments(),
            capture=self.capture,
            points_of=partial(unchanged_points, self.folder, said.points),
            placement_of=partial(placement_of, self.folder),
            refuses=said.refuses_place,
            readers=said.readers(target, archive, self.pictures),
        )
        return Bench(self.folder, instruments, archive)


def finished_photographs(
    capture: CaptureProtocol,
    folder: Path,
    results: ResultsFolder,
    models: Models,
    said: Said,
    pictures: Collection[Picture] = (),
) -> FinishedPhotographs:
    """Return what earlier runs of a study's scoring finished with these models and the points that count now."""
    hashes = measuring_key([model_hash(path) for path in models.by_use.values()], capture)
    return FinishedPhotographs(results, folder, hashes, pictures, said.places(capture))


def written(results: ResultsFolder, patient: ConcludedPatient) -> PatientRows:
    """Write the surface maps of a patient's visits and the history of the skin; return what the tables hold."""
    for visit in patient.visits:
        results.write_surface(patient.patient.patient_id, visit.date, visit.surface)
    if patient.score.history is not None:
        results.write_history(patient.patient.patient_id, patient.score.history)
    return patient.rows


class _Own(threading.local):
    """What a thread measures with: models and what is known of earlier photographs are made for one thread."""

    name: str = ""
    bench: Bench | None = None


_own = _Own()


def measure(job: Job, task: Measurement) -> EndedPhotograph:
    """Measure a photograph in any thread of this process; each loads its models once for a scoring."""
    return _own_bench(job).measure(task)


def conclude(job: Job, part: Study, ended: Sequence[EndedPhotograph]) -> PatientRows:
    """Conclude a patient in any thread of this process, and write what does not stand in tables."""
    rows = written(ResultsFolder(job.results), _own_bench(job).conclude(part, ended))
    give_back_memory()
    return rows


def measure_remotely(job: Job, task: Measurement) -> EndedPhotograph:
    """Measure a photograph in a process that others hand work to.

    Raises
    ------
    OtherProgram
        This process would give other numbers, or does not see the study.
    """
    _join(job)
    return measure(job, task)


def conclude_remotely(job: Job, part: Study, ended: Sequence[EndedPhotograph]) -> PatientRows:
    """Conclude a patient in a process that others hand work to; raises as `measure_remotely`."""
    _join(job)
    return conclude(job, part, ended)


def _own_bench(job: Job) -> Bench:
    if _own.bench is None or _own.name != job.name:
        _own.bench, _own.name = job.bench(), job.name
    return _own.bench


@lru_cache(maxsize=1)
def _join(job: Job) -> None:
    """Make this process, which somebody else began, one of those that take part in a scoring."""
    if not job.folder.is_dir():
        raise OtherProgram(f"A worker does not see {job.folder}. Give it the same folders at the same paths.")
    if job.models.made_with != job.made_with:
        what = "another version of reepi or of a package that it measures with, or has other models"
        raise OtherProgram(f"A worker runs {what}. Install the same on all.")
    # What was laid on a body for another scoring may be laid on another body now, with the same camera and pose.
    RECENT.clear()
    use_threads(1)
