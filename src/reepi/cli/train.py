"""``reepi train``: from annotated photographs to a model folder."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from reepi.model.training import Progress


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
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")] = False,
    minutes: Annotated[float, typer.Option(min=0.01, help="Time for training [minutes].")] = 60.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of all chance.")] = 0,
    batch_size: Annotated[int, typer.Option(min=1, help="Photographs in a step.")] = 8,
    validate_every: Annotated[int, typer.Option(min=1, help="Steps between validations.")] = 400,
    max_steps: Annotated[int, typer.Option(min=-1, help="Steps to end after; -1 is no limit.")] = -1,
    threads: Annotated[int, typer.Option(min=0, help="Processor threads; 0 takes all.")] = 0,
) -> None:
    """Train a network on annotated photographs; the model folder can be used from the first validation on."""
    from reepi.cli.evaluate import command_line
    from reepi.model.calibrating import calibrate_model
    from reepi.model.datasets import read_datasets
    from reepi.model.training import TrainingPlan
    from reepi.model.training import train as run

    datasets = read_datasets(data)
    for dataset in datasets:
        parts = ", ".join(f"{len(dataset.of_split(split))} {split}" for split in ("train", "validation", "test"))
        typer.echo(f"{dataset.name}: {parts} ({dataset.licence})", err=True)
    command = command_line()
    plan = TrainingPlan(task, minutes, seed, batch_size, validate_every, max_steps, threads or None, command)
    with _quiet_frameworks():
        run(datasets, out, plan, start=start, resume=resume, progress=_told_every(20))
    if any(dataset.of_split("validation") for dataset in datasets):
        typer.echo(f"temperature {calibrate_model(out, datasets).calibration.temperature:.3f}", err=True)
    typer.echo(out)


@contextmanager
def _quiet_frameworks() -> Iterator[None]:
    """Keep hints for programmers of the training framework from the user."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _told_every(steps: int) -> "Progress":
    def told(step: int, share: float, figures: dict[str, float]) -> None:
        if step % steps == 0:
            listed = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
            typer.echo(f"step {step}, {share:.0%} of the time: {listed}", err=True)

    return told
