"""``reepi train``: from annotated photographs to a model folder."""

import logging
import math
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from reepi.model.data.datasets import DataSet
    from reepi.model.training.best import Progress
    from reepi.model.training.run import Reached

DEFAULT_BUDGET = 60.0
"""Time for training [minutes] where neither --budget nor --max-steps is given."""

TOLD_EVERY = 20
"""Steps between lines of progress."""


def train(
    data: Annotated[
        list[Path],
        typer.Argument(
            help="Training data folders, each with dataset.toml; one named twice is drawn from twice as often."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help="Model folder to write.")],
    task: Annotated[Literal["tissue", "correspondence"], typer.Option(help="What to learn.")] = "tissue",
    start: Annotated[Path | None, typer.Option("--from", help="Model folder to start from.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint, with the same data and plan.")
    ] = False,
    budget: Annotated[
        float | None,
        typer.Option(
            "--budget",
            min=0.01,
            help=f"Minutes for training, validations included; {DEFAULT_BUDGET:g} unless --max-steps is given.",
        ),
    ] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", min=0.01, hidden=True)] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all chance.")] = 0,
    batch_size: Annotated[int, typer.Option(min=1, help="Photographs in a step.")] = 8,
    validate_every: Annotated[int, typer.Option(min=1, help="Steps between validations.")] = 400,
    patience: Annotated[
        int,
        typer.Option(
            min=0, help="End after so many validations without improvement; 0, which suits a budget, never does."
        ),
    ] = 0,
    max_steps: Annotated[int, typer.Option(min=-1, help="Steps to end after; -1 is no limit.")] = -1,
    rate: Annotated[
        float, typer.Option(min=0.001, max=10, help="Factor on the step sizes; less than 1 to go on from good weights.")
    ] = 1.0,
    threads: Annotated[int, typer.Option(min=0, help="Processor threads; 0 takes all.")] = 0,
    precision: Annotated[
        Literal["auto", "f32", "bf16"],
        typer.Option(help="Number format; auto takes bf16 where the device has it."),
    ] = "auto",
    devices: Annotated[
        int, typer.Option(min=0, help="Graphics cards, or processes without one; 0 takes all cards, or one process.")
    ] = 0,
    workers: Annotated[int, typer.Option(min=-1, help="Processes that draw batches; -1 chooses.")] = -1,
) -> None:
    """Train a network on annotated photographs; the model folder can be used from the first validation on."""
    from reepi.cli.evaluate import command_line
    from reepi.model.data.datasets import read_datasets
    from reepi.model.training.run import TrainingPlan, check_new, is_first_process, planned
    from reepi.model.training.run import train as run

    # Several devices are several processes of this command: to the others, what the first one began would be there.
    if not resume and is_first_process():
        check_new(out)
    datasets = read_datasets(data)
    plan = TrainingPlan(
        task=task,
        minutes=chosen_minutes(budget if budget is not None else minutes, max_steps),
        seed=seed,
        batch_size=batch_size,
        validate_every=validate_every,
        max_steps=max_steps,
        threads=threads or None,
        command=command_line(),
        patience=patience,
        rate=rate,
        precision=precision,
        devices=devices or None,
        workers=None if workers < 0 else workers,
    )
    if is_first_process():
        _tell([*(f"warning: {doubt}" for dataset in datasets for doubt in dataset.doubts), *planned(datasets, plan)])
    with _quiet_frameworks():
        reached = run(datasets, out, plan, start=start, resume=resume, progress=_told_every(TOLD_EVERY))
    # The other processes have done their part.
    if is_first_process():
        _tell(reached_lines(reached))
        _finish(out, task, datasets)
        typer.echo(out)


def chosen_minutes(budget: float | None, max_steps: int) -> float:
    """Return the time for training [minutes]: as given; none where steps are limited, so that runs repeat."""
    if budget is not None:
        return budget
    return DEFAULT_BUDGET if max_steps < 0 else math.inf


def reached_lines(reached: "Reached") -> list[str]:
    """Return in words what a run ended with."""
    ends = {"time": "its time was spent", "steps": "its steps were done", "patience": "nothing improved any more"}
    figures = {name: value for name, value in reached.best.items() if name != "step"}
    return [
        f"ended after {reached.steps} steps and {reached.minutes:.1f} minutes: {ends[reached.ended]}",
        f"kept the weights of step {reached.best.get('step', 0):.0f}, measured on validation photographs:",
        *(f"  {name} {value:.3f}" for name, value in figures.items()),
    ]


def _finish(out: Path, task: str, datasets: "Sequence[DataSet]") -> None:
    """Calibrate a model on validation photographs; of a tissue model keep what it saw, for ``reepi suggest``."""
    from reepi.model.suggestion.seen import FEWEST, write_seen

    _tell([_calibrated(out, datasets)])
    if task == "tissue" and sum(len(dataset.of_split("train")) for dataset in datasets) >= FEWEST:
        write_seen(out, datasets)


def _calibrated(out: Path, datasets: "Sequence[DataSet]") -> str:
    """Calibrate a model and say so; one that cannot be is finished all the same."""
    from reepi.core.errors import InputError
    from reepi.model.card import read_card
    from reepi.model.evaluation.calibrating import calibrate_model
    from reepi.model.publishing import write_card

    start = time.monotonic()
    try:
        temperature = calibrate_model(out, datasets).calibration.temperature
    except InputError as error:
        write_card(out, read_card(out))
        return f"warning: the model is not calibrated. {error}"
    return f"temperature {temperature:.3f}, fitted in {time.monotonic() - start:.0f} s"


def _tell(lines: Sequence[str]) -> None:
    for line in lines:
        typer.echo(line, err=True)


@contextmanager
def _quiet_frameworks() -> Iterator[None]:
    """Keep hints for programmers of the training framework from the user."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _told_every(steps: int) -> "Progress":
    """Return a teller of the loss at every so many steps, and of a validation once."""
    said: dict[str, float] = {}

    def told(step: int, share: float, figures: dict[str, float]) -> None:
        measured = {name: value for name, value in figures.items() if name != "loss"}
        if measured and measured != said:
            said.clear()
            said.update(measured)
            typer.echo("validation: " + ", ".join(f"{name} {value:.3f}" for name, value in said.items()), err=True)
        if step % steps == 0:
            typer.echo(f"step {step}, {share:.0%} done: loss {figures['loss']:.3f}", err=True)

    return told
