"""Runs the scoring of a study: photograph by photograph here, or side by side in other processes."""

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any

from reepi.cli.jobs import Job, conclude_remotely, measure_remotely, written
from reepi.cli.pools import Pool
from reepi.core.errors import ReepiError
from reepi.core.measured import EndedPhotograph, Mark
from reepi.core.results import PatientRows, PhotoRow
from reepi.core.study import Study
from reepi.pipeline import Measurement, measurements, scored_in_turn
from reepi.store.provenance import photograph_hash
from reepi.store.results import ResultsFolder

Progress = Callable[[PhotoRow], None]

Scored = tuple[tuple[EndedPhotograph, ...], PatientRows]
"""How a patient's photographs ended, and the patient's rows."""

TASKS_A_WORKER = 4
"""Photographs that are under way for each worker: enough that none waits for the next, few enough that little is held
for patients whose turn is far away."""

MOST_CONCLUSIONS = 3
"""A conclusion needs little; if so many workers were lost with it, more would be."""


class WorkersLost(ReepiError):
    """Workers are lost again and again."""


def scored_here(job: Job, study: Study, progress: Progress) -> Iterator[Scored]:
    """Score the patients of a study one after the other in this process.

    Parameters
    ----------
    job : Job
        The scoring.
    study : Study
        The study.
    progress : callable
        Told of each photograph as it ends.
    """
    results = ResultsFolder(job.results)
    for ended, patient in scored_in_turn(study, job.bench(), progress):
        yield ended, written(results, patient)


def scored_on(pool: Pool, job: Job, study: Study, progress: Progress) -> Iterator[Scored]:
    """Score patients side by side in the processes of a pool; they come in the order in which they end.

    Parameters
    ----------
    pool : Pool
        Where the work is handed to. What a process that is lost was at is done by others.
    job, study, progress
        As in `scored_here`.
    """
    todo, running = study.by_patient(), dict[Future[Any], _Course]()
    while True:
        while len(running) < TASKS_A_WORKER * pool.workers and (part := next(todo, None)) is not None:
            course = _Course(part)
            running |= course.advanced(pool, job)
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            course = running.pop(future)
            if course.conclusions:
                try:
                    yield tuple(course.ended), future.result()
                except pool.gives_up:
                    # It was on a worker together with what ended that; the tables cannot do without it.
                    running |= course.concluded_again(pool, job)
                continue
            place, task = course.waiting.pop(future)
            course.visit[place] = _ended(future, task, pool, job)
            progress(course.visit[place].row)
            if not course.waiting:
                running |= course.advanced(pool, job)


@dataclass
class _Course:
    """How far a patient's photographs have come.

    Parameters
    ----------
    part : Study
        The study of this patient alone.
    ended : list of EndedPhotograph
        Photographs of the visits that are over.
    visit : dict
        Photographs of the present visit that have ended, by their place in it.
    waiting : dict
        Those that have not, with their places.
    conclusions : int
        How often the conclusion was handed out, which begins when all are measured.
    """

    part: Study
    ended: list[EndedPhotograph] = field(default_factory=list)
    visit: dict[int, EndedPhotograph] = field(default_factory=dict)
    waiting: dict[Future[Any], tuple[int, Measurement]] = field(default_factory=dict)
    conclusions: int = 0

    def __post_init__(self) -> None:
        self._visits = measurements(self.part)

    def advanced(self, pool: Pool, job: Job) -> dict[Future[Any], "_Course"]:
        """Hand out the photographs of the next visit, or the conclusion after the last; return what is awaited."""
        over = [self.visit[place] for place in sorted(self.visit)]
        self.ended += over
        self.visit = {}
        try:
            tasks = self._visits.send(over or None)
        except StopIteration:
            return self._concluded(pool, job)
        self.waiting = {pool.executor.submit(measure_remotely, job, task): (i, task) for i, task in enumerate(tasks)}
        return dict.fromkeys(self.waiting, self)

    def concluded_again(self, pool: Pool, job: Job) -> dict[Future[Any], "_Course"]:
        """Hand out the conclusion once more.

        Raises
        ------
        WorkersLost
            It was handed out `MOST_CONCLUSIONS` times.
        """
        if self.conclusions == MOST_CONCLUSIONS:
            patient = self.part.patients[0].patient_id
            raise WorkersLost(f"Every worker that concluded {patient} was lost. Give them more memory and score again.")
        return self._concluded(pool, job)

    def _concluded(self, pool: Pool, job: Job) -> dict[Future[Any], "_Course"]:
        self.conclusions += 1
        return {pool.executor.submit(conclude_remotely, job, self.part, tuple(self.ended)): self}


def _ended(future: Future[Any], task: Measurement, pool: Pool, job: Job) -> EndedPhotograph:
    """Return how a photograph ended; one that ends every process that takes it up has failed."""
    try:
        ended: EndedPhotograph = future.result()
    except pool.gives_up as error:
        reason = f"every worker that measured it was lost, as without memory ({type(error).__name__})"
        row = PhotoRow(task.entry.file, "failed", reason, None, None)
        return EndedPhotograph(task.entry, row, {}, Mark("", photograph_hash(job.folder / task.entry.file)))
    return ended
