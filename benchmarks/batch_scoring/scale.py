"""What a very large number of photographs would cost, from what one costs here."""

from dataclasses import dataclass
from typing import Final

SECONDS_PER_HOUR: Final = 3600.0


@dataclass(frozen=True)
class Constants:
    """What one photograph costs, as measured.

    Parameters
    ----------
    work : float
        Processor time of measuring, fusing and scoring it, which any core may do [s].
    report : float
        Processor time of its part of the report, which the process that leads a study writes at the end [s].
    start : float
        Time before a study's first photograph [s].
    photograph : float
        Size of its file [bytes].
    results : dict
        Size of its results by kind [bytes].
    wire : float, optional
        What goes between scheduler and workers for it [bytes]; None where it was not measured.
    task : float
        The scheduler's time for one task [s].
    task_memory : float
        The scheduler's memory for one task that waits [bytes].
    """

    work: float
    report: float
    start: float
    photograph: float
    results: dict[str, float]
    wire: float | None
    task: float
    task_memory: float

    @property
    def stored(self) -> float:
        """Size of all results of a photograph [bytes]."""
        return sum(self.results.values())

    @property
    def lost_in_noise(self) -> list[str]:
        """Names of constants that came out as nothing or less: no estimate can be made of them."""
        told = {"work": self.work, "report": self.report, "wire": self.wire, "task": self.task}
        return [name for name, value in told.items() if value is not None and value <= 0]


@dataclass(frozen=True)
class Estimate:
    """What a number of photographs costs on a number of cores.

    Parameters
    ----------
    cores : int
        Cores that measure.
    hours : float
        Wall time [h].
    core_hours : float
        Cores times the time that they are held [h].
    transfer : float
        What storage must give and take while all cores measure [bytes/s].
    scheduler : float
        Share of its time for which the scheduler is busy; above 1 it holds the cores back.
    """

    cores: int
    hours: float
    core_hours: float
    transfer: float
    scheduler: float


def one_study(constants: Constants, photographs: int, cores: int) -> Estimate:
    """Return what photographs cost as one study: measured side by side, and reported by one process."""
    measuring = max(constants.work / cores, constants.task) * photographs
    hours = (constants.start + measuring + constants.report * photographs) / SECONDS_PER_HOUR
    return _estimate(constants, cores, hours)


def many_studies(constants: Constants, photographs: int, size: int, cores: int) -> Estimate:
    """Return what they cost as studies of a size, each scored by one process from start to end on a core of its own."""
    studies = -(-photographs // size)
    seconds = studies * constants.start + photographs * (constants.work + constants.report)
    longest = constants.start + min(size, photographs) * (constants.work + constants.report)
    return _estimate(constants, cores, max(seconds / cores, longest) / SECONDS_PER_HOUR)


def cores_that_the_scheduler_feeds(constants: Constants) -> float:
    """Return with how many cores the scheduler has no time left."""
    return constants.work / constants.task


def _estimate(constants: Constants, cores: int, hours: float) -> Estimate:
    transfer = cores * (constants.photograph + constants.stored) / constants.work
    return Estimate(cores, hours, hours * cores, transfer, cores * constants.task / constants.work)
