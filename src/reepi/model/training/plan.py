"""What a training run is told to do, and what tells two runs apart when one goes on from the other."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from reepi.core.errors import Fault
from reepi.model.architecture import Task
from reepi.model.data.datasets import DataSet, distinct

Precision = Literal["auto", "f32", "bf16"]

CHECKPOINT_SECONDS: Final = 180.0
"""Time between checkpoints [s]: what a kill may cost."""


@dataclass(frozen=True)
class TrainingPlan:
    """What a training run does.

    Parameters
    ----------
    task : "tissue" or "correspondence"
        What is learnt.
    minutes : float
        Time for training, validations included; infinite where only the steps are limited.
    seed : int
        Seed of all chance.
    batch_size : int
        Photographs or cuts in a step, on each device.
    validate_every : int
        Steps between validations; each leaves the model folder with the best weights so far.
    max_steps : int
        Steps after which training ends before its time; -1 is no limit.
    threads : int, optional
        Processor threads; None leaves torch's choice.
    command : str
        What the user called, for the card.
    patience : int
        Validations without improvement after which training ends; 0 is no limit.
    precision : "auto", "f32" or "bf16"
        Number format of the network's sums.
    devices : int, optional
        Graphics cards, or processes where there are none; None takes all cards, or one process.
    workers : int, optional
        Processes that draw batches; None chooses.
    checkpoint_seconds : float
        Time between checkpoints [s].
    rate : float
        Factor on the step sizes; below 1 where training goes on from good weights.
    """

    task: Task = "tissue"
    minutes: float = 60.0
    seed: int = 0
    batch_size: int = 8
    validate_every: int = 400
    max_steps: int = -1
    threads: int | None = None
    command: str = ""
    patience: int = 0
    precision: Precision = "auto"
    devices: int | None = None
    workers: int | None = None
    checkpoint_seconds: float = CHECKPOINT_SECONDS
    rate: float = 1.0

    def __post_init__(self) -> None:
        for name in ("minutes", "batch_size", "validate_every", "rate"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}")
        if math.isinf(self.minutes) and self.max_steps < 0:
            raise ValueError("training needs an end: give minutes or max_steps")


def run_identity(datasets: Sequence[DataSet], plan: TrainingPlan, started_from: str) -> dict[str, str | float]:
    """Return what must stay the same, and what must not shrink, when a run goes on from its checkpoint.

    Parameters
    ----------
    datasets : sequence of DataSet
        As given to training; how often each is named counts.
    plan : TrainingPlan
        What to do.
    started_from : str
        Hash of the weights that training started from, or nothing.
    """
    named: dict[str, str | float] = {f"data set {d.name} ({d.folder.name})": data_hash(d) for d in distinct(datasets)}
    return {
        **named,
        "data sets drawn from": ", ".join(dataset.name for dataset in datasets),
        "task": plan.task,
        "seed": plan.seed,
        "batch size": plan.batch_size,
        "step sizes": plan.rate,
        "weights to start from": started_from,
        **{name: float(value) for name, value in zip(_MAY_GROW, _limits(plan), strict=True)},
    }


_MAY_GROW: Final = ("budget [minutes]", "steps at most")


def _limits(plan: TrainingPlan) -> tuple[float, float]:
    return plan.minutes, math.inf if plan.max_steps < 0 else plan.max_steps


def data_hash(dataset: DataSet) -> str:
    """Return a hash of what a data set holds: names, patients, splits, meanings, and the size of every file."""
    digest = hashlib.sha256(dataset.labels.bits.tobytes())
    for sample in dataset.samples:
        sizes = [path.stat().st_size for path in (sample.image, sample.mask)]
        digest.update(f"{sample.stem} {sample.patient_id} {sample.split} {sample.view} {sizes}\n".encode())
    return digest.hexdigest()[:16]


def resume_faults(where: str, before: Mapping[str, str | float] | None, now: Mapping[str, str | float]) -> list[Fault]:
    """Return why a run cannot go on from a checkpoint: every difference of data and plan, but for a larger limit."""
    if before is None:
        return [Fault(where, "it is a checkpoint of an earlier version", "Start without --resume.")]
    faults = []
    for name in dict.fromkeys((*before, *now)):
        was, is_now = before.get(name, "absent"), now.get(name, "absent")
        grown = name in _MAY_GROW and float(is_now) >= float(was)
        if was != is_now and not grown:
            remedy = "Give it as before, or more." if name in _MAY_GROW else "Give it as before, or start anew."
            faults.append(Fault(where, f"{name} was {_said(was)} and is {_said(is_now)}", remedy))
    return faults


def _said(value: str | float) -> str:
    return value or "none" if isinstance(value, str) else f"{value:g}"
