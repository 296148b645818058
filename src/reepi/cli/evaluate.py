"""``reepi evaluate``: how good a model is, on data kept apart."""

import csv
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from reepi.model.evaluation import Figure

TABLE_WIDTH = 130
"""Characters of the table where it goes to a file: wide enough that no cell breaks."""


def evaluate(
    model: Annotated[Path, typer.Argument(help="Model folder.")],
    data: Annotated[list[Path], typer.Argument(help="Training data folders, each with dataset.toml.")],
    split: Annotated[Literal["train", "validation", "test"], typer.Option(help="Which part of the data.")] = "test",
    out: Annotated[Path | None, typer.Option("--out", help="CSV file for the figures.")] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="First fit the temperature on validation data.")
    ] = False,
    update_card: Annotated[
        bool, typer.Option("--update-card", help="Write the figures into the model folder.")
    ] = False,
    example: Annotated[
        Path | None, typer.Option("--example", help="Photograph that may be given away, kept with its output.")
    ] = None,
) -> None:
    """Measure a model: per tissue Dice and area error, or per view the distance on the body."""
    from rich.console import Console

    from reepi.model.calibrating import calibrate_model
    from reepi.model.datasets import read_datasets
    from reepi.model.folder import write_whole
    from reepi.model.measuring import add_example, measure_model, record_figures

    datasets = read_datasets(data)
    if calibrate:
        typer.echo(f"temperature {calibrate_model(model, datasets).calibration.temperature:.3f}", err=True)
    figures = measure_model(model, datasets, split)
    if update_card:
        record_figures(model, figures, split, command_line())
    if example is not None:
        add_example(model, example)
    if out is not None:
        write_whole(out, figures_csv(figures).encode())
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(figures_table(figures))


def figures_csv(figures: "Sequence[Figure]") -> str:
    """Return figures as CSV, one a line."""
    from reepi.model.evaluation import Figure

    text = StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Figure)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(figure) for figure in figures)
    return text.getvalue()


def figures_table(figures: "Sequence[Figure]") -> "Table":
    """Return figures as a table to print."""
    from rich.table import Table

    table = Table(title="Measured on data kept apart")
    for heading in ("data set", "subject", "measure", "value", "90 % interval", "photographs"):
        table.add_column(heading, justify="right" if heading in ("value", "photographs") else "left")
    for figure in (figure for figure in figures if not figure.is_confusion):
        interval = "" if figure.low is None else f"{figure.low:.3f} to {figure.high:.3f}"
        row = (figure.dataset, figure.subject, figure.measure.replace("[", r"\["), f"{figure.value:.3f}")
        table.add_row(*row, interval, str(figure.n))
    return table


def command_line() -> str:
    """Return what the user called, with names in place of paths, for a card that others read."""
    return shlex.join(["reepi", *(Path(word).name if "/" in word else word for word in sys.argv[1:])])
