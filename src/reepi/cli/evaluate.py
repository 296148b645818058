"""``reepi evaluate``: how good a model is, on data kept apart."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from reepi.model.card import Calibration
    from reepi.model.data.splits import Split
    from reepi.model.evaluation.evaluating import Figure
    from reepi.model.evaluation.measuring import Measured

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
    report: Annotated[
        Path | None, typer.Option("--report", help="Folder for a page with charts and worst cases, and CSV files.")
    ] = None,
    example: Annotated[
        Path | None, typer.Option("--example", help="Photograph that may be given away, kept with its output.")
    ] = None,
) -> None:
    """Measure a model: accuracy by tissue, patient, skin tone and view, or per view the distance on the body."""
    from rich.console import Console

    from reepi.cli.progress import sample_progress
    from reepi.model.card import read_card
    from reepi.model.data.datasets import distinct, read_datasets
    from reepi.model.evaluation.calibrating import calibrate_model
    from reepi.model.evaluation.measuring import add_example, measure_fully, record_figures
    from reepi.report.evaluation_tables import figures_csv
    from reepi.store.files import check_writable, write_text

    # Before minutes of measuring.
    for path in filter(None, (out, report)):
        check_writable(path)
    datasets = distinct(read_datasets(data))
    if calibrate:
        before, after = read_card(model).calibration, calibrate_model(model, datasets).calibration
        for line in calibration_lines(before, after):
            typer.echo(line, err=True)
    with sample_progress(sum(len(dataset.of_split(split)) for dataset in datasets)) as told:
        measured = measure_fully(model, datasets, split, told)
    if update_card:
        record_figures(model, measured.figures, split, command_line())
    if example is not None:
        add_example(model, example)
    if out is not None:
        write_text(out, figures_csv(measured.figures))
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(figures_table(measured.figures, split))
    if report is not None:
        _write_report(report, model, measured, split)


def calibration_lines(before: "Calibration", after: "Calibration") -> list[str]:
    """Return in words what was fitted, and of what areas a model has no interval any more."""
    lost = ", ".join(sorted(before.area.keys() - after.area.keys()))
    gone = f"warning: the area of {lost} has no interval any more, as too few of these photographs tell it"
    return [f"temperature {after.temperature:.3f}", *([gone] if lost else [])]


def _write_report(folder: Path, model: Path, measured: "Measured", split: "Split") -> None:
    """Write the report of a tissue model, or say that there is none for other models."""
    from reepi.model.inference import load_segmenter
    from reepi.report.evaluation_tables import figures_csv
    from reepi.report.evaluation_writing import FIGURES, write_evaluation
    from reepi.store.files import write_text

    if measured.records:
        typer.echo(write_evaluation(folder, measured, load_segmenter(model), split, command_line()))
        return
    write_text(folder / FIGURES, figures_csv(measured.figures))
    typer.echo(folder / FIGURES)


def figures_table(figures: "Sequence[Figure]", split: str) -> "Table":
    """Return the main figures as a table to print."""
    from rich.table import Table

    table = Table(title=f"Measured on the {split} photographs")
    for heading in ("data set", "subject", "measure", "value", "90 % interval", "photographs"):
        table.add_column(heading, justify="right" if heading in ("value", "photographs") else "left")
    for figure in (figure for figure in figures if not figure.detail):
        interval = "" if figure.low is None else f"{figure.low:.3f} to {figure.high:.3f}"
        row = (figure.dataset, figure.subject, figure.measure.replace("[", r"\["), f"{figure.value:.3f}")
        table.add_row(*row, interval, str(figure.n))
    return table


def command_line() -> str:
    """Return what the user called, with names in place of paths, for a card that others read."""
    return shlex.join(["reepi", *(Path(word).name if "/" in word else word for word in sys.argv[1:])])
