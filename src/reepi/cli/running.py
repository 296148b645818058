"""Runs the scoring of a study: photographs side by side, in threads of this process or in other processes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import Any, Final

from reepi.cli import jobs
from reepi.cli.jobs import Job
from reepi.cli.pools import Pool
from reepi.core.errors import ReepiError
from reepi.core.measured import EndedPhotograph, Mark
from reepi.core.results import PatientRows, PhotoRow
from reepi.core.study import Study
from reepi.pipeline import Course, Measurement
from reepi.store.provenance import photograph_hash

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


@dataclass(frozen=True)
class Hands:
    """The two things that are done for a scoring, as whoever does them is asked to.

    Parameters
    ----------
    measure : callable
        Measures a photograph.
    conclude : callable
        Concludes a patient whose photographs are all measured.
    """

    measure: Callable[[Job, Measurement], EndedPhotograph]
    conclude: Callable[[Job, Study, Sequence[EndedPhotograph]], PatientRows]


HERE: Final = Hands(jobs.measure, jobs.conclude)
"""Threads of this process."""

ELSEWHERE: Final = Hands(jobs.measure_remotely, jobs.conclude_remotely)
"""Other processes, which first make sure that they would give the same numbers."""


def scored_side_by_side(pool: Pool, hands: Hands, job: Job, study: Study, progress: Progress) -> Iterator[Scored]:
    """Score patients side by side in a pool; they come in the order in which they end.

    Parameters
    ----------
    pool : Pool
        Where the work is handed to. What a process that is lost was at is done by others.
    hands : Hands
        What is handed to it.
    job : Job
        The scoring.
    study : Study
        The study.
    progress : callable
        Told of each photograph as it ends.
    """
    running: dict[Future[Any], _Patient] = {}
    try:
        yield from _scored(pool, hands, job, study, progress, running)
    except BaseException:
        pool.settle(running)
        raise


def _scored(
    pool: Pool, hands: Hands, job: Job, study: Study, progress: Progress, running: "dict[Future[Any], _Patient]"
) -> Iterator[Scored]:
    """Score as `scored_side_by_side` says; what is under way at any time is in ``running``."""
    todo = study.by_patient()
    while True:
        while len(running) < TASKS_A_WORKER * pool.workers and (part := next(todo, None)) is not None:
            running |= _Patient(part, pool, hands, job).begun()
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            patient = running.pop(future)
            if patient.conclusions:
                try:
                    yield tuple(patient.ended), future.result()
                except pool.gives_up:
                    # It was on a worker together with what ended that; the tables cannot do without it.
                    running |= patient.concluded_again()
                continue
            ended, begun = patient.taken(future)
            progress(ended.row)
            running |= begun


@dataclass
class _Patient:
    """How far a patient's photographs have come.

    Parameters
    ----------
    part : Study
        The study of this patient alone.
    pool, hands, job
        As in `scored_side_by_side`.
    ended : list of EndedPhotograph
        Photographs that have ended.
    tasks : dict
        Those that are under way.
    conclusions : int
        How often the conclusion was handed out, which begins when all are measured.
    """

    part: Study
    pool: Pool
    hands: Hands
    job: Job
    ended: list[EndedPhotograph] = field(default_factory=list)
    tasks: dict[Future[Any], Measurement] = field(default_factory=dict)
    conclusions: int = 0

    def __post_init__(self) -> None:
        self._course = Course(self.part)

    def begun(self) -> dict[Future[Any], "_Patient"]:
        """Hand out the first photographs, or the conclusion where there are none; return what is awaited."""
        return self._handed_out(self._course.begun())

    def taken(self, future: Future[Any]) -> tuple[EndedPhotograph, dict[Future[Any], "_Patient"]]:
        """Note how a photograph ended, and hand out what waited for it, or the conclusion after the last.

        A photograph that ends every process that has it has failed.
        """
        task = self.tasks.pop(future)
        try:
            ended = future.result()
        except self.pool.gives_up as error:
            reason = f"every worker that measured it was lost, as without memory ({type(error).__name__})"
            row = PhotoRow(task.entry.file, "failed", reason, None, None)
            mark = Mark("", photograph_hash(self.job.folder / task.entry.file))
            ended = EndedPhotograph(task.entry, row, {}, mark)
        self.ended.append(ended)
        return ended, self._handed_out(self._course.after(ended))

    def concluded_again(self) -> dict[Future[Any], "_Patient"]:
        """Hand out the conclusion once more.

        Raises
        ------
        WorkersLost
            It was handed out `MOST_CONCLUSIONS` times.
        """
        if self.conclusions == MOST_CONCLUSIONS:
            patient = self.part.patients[0].patient_id
            raise WorkersLost(f"Every worker that concluded {patient} was lost. Give them more memory and score again.")
        return self._concluded()

    def _handed_out(self, tasks: Iterable[Measurement]) -> dict[Future[Any], "_Patient"]:
        if self._course.over:
            return self._concluded()
        submit, measure = self.pool.executor.submit, self.hands.measure
        handed_out = {submit(measure, self.job, task): task for task in tasks}
        self.tasks |= handed_out
        return dict.fromkeys(handed_out, self)

    def _concluded(self) -> dict[Future[Any], "_Patient"]:
        self.conclusions += 1
        return {self.pool.executor.submit(self.hands.conclude, self.job, self.part, tuple(self.ended)): self}
