"""``reepi gate``: whether a new tissue model may take the place of the one in use."""

import csv
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from reepi.cli.evaluate import TABLE_WIDTH

if TYPE_CHECKING:
    from rich.table import Table

    from reepi.model.evaluation.gate import Gate

REFUSED = 1
"""Exit status of a new model that is worse beyond a margin."""


def gate(
    new: Annotated[Path, typer.Argument(help="Folder of the new tissue model.")],
    data: Annotated[list[Path], typer.Argument(help="Training data folders, frozen for this use.")],
    against: Annotated[
        Path | None, typer.Option("--against", help="Folder of the model in use; the shipped one if none.")
    ] = None,
    split: Annotated[Literal["train", "validation", "test"], typer.Option(help="Which part of the data.")] = "test",
    margin_area: Annotated[
        float, typer.Option(min=0, help="By how much an area error may grow [% of photograph].")
    ] = 0.3,
    margin_dice: Annotated[float, typer.Option(min=0, help="By how much a pooled Dice may fall.")] = 0.02,
    strict: Annotated[
        bool, typer.Option("--strict", help="Refuse also where the interval reaches beyond the margin.")
    ] = False,
    frozen: Annotated[
        str | None, typer.Option("--frozen", help="Hash that the frozen set must have, or its beginning.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="CSV file for the comparison.")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="If it passes, let the new model take the old one's place.")
    ] = False,
) -> None:
    """Compare two tissue models on the same photographs, area error first; exit 1 if the new one is worse."""
    from rich.console import Console

    from reepi.cli.evaluate import command_line
    from reepi.model.data.datasets import read_datasets
    from reepi.model.evaluation.gate import Margins, compare_models, frozen_hash
    from reepi.model.evaluation.succession import succeed
    from reepi.model.inference import load_segmenter
    from reepi.store.files import check_writable, write_text
    from reepi.store.shipped import shipped_model

    if out is not None:
        check_writable(out)
    old, datasets = against or shipped_model("tissue"), read_datasets(data)
    check_frozen(frozen, frozen_hash(datasets, split))
    margins = Margins(margin_area, margin_dice)
    found = compare_models(load_segmenter(old), load_segmenter(new), datasets, split, margins)
    passes = found.passes(strict)
    if out is not None:
        write_text(out, gate_csv(found))
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(gate_table(found))
    typer.echo(f"frozen set {found.frozen}: {found.photographs} photographs, split {split}")
    typer.echo(conclusion(found, passes))
    if not passes:
        raise typer.Exit(REFUSED)
    if write:
        succeed(new, old, found, command_line())
        typer.echo(old)


def check_frozen(expected: str | None, found: str) -> None:
    """Refuse data that are not the frozen set that was meant.

    Raises
    ------
    InputError
        The hash of the data does not begin as expected.
    """
    from reepi.core.errors import Fault, InputError

    if expected is not None and not (expected and found.startswith(expected.lower())):
        problem = f"their hash is {found}, not {expected}"
        raise InputError([Fault("the data folders", problem, "Restore the frozen set, or leave out --frozen.")])


def conclusion(found: "Gate", passes: bool) -> str:
    """Return the outcome in a sentence."""
    counted = {verdict: sum(row.verdict == verdict for row in found.rows) for verdict in VERDICTS}
    said = ", ".join(f"{n} {verdict}" for verdict, n in counted.items() if n)
    return f"the new model {'passes' if passes else 'is refused'}: {said}"


VERDICTS = ("better", "not worse", "unsure", "worse")
"""In the order in which they are counted."""


def gate_table(found: "Gate") -> "Table":
    """Return the comparison as a table to print."""
    from rich.table import Table

    table = Table(title="New model against old, on the same photographs")
    for heading in (
        "data set",
        "tissue",
        "measure",
        "old",
        "new",
        "new - old",
        "90 % interval",
        "photographs",
        "verdict",
    ):
        right = heading in ("old", "new", "new - old", "photographs")
        table.add_column(heading, justify="right" if right else "left")
    for row in found.rows:
        numbers = (f"{row.old:.3f}", f"{row.new:.3f}", f"{row.difference:+.3f}", row.interval)
        table.add_row(row.dataset, row.tissue, row.measure.replace("[", r"\["), *numbers, str(row.n), row.verdict)
    return table


def gate_csv(found: "Gate") -> str:
    """Return the comparison as CSV, one figure a line, each with the hash of the frozen set."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["dataset", "tissue", "measure", "old", "new", "difference", "low", "high", "n", "verdict", "frozen_set"]
    )
    for row in found.rows:
        numbers = [row.old, row.new, row.difference, row.low, row.high, row.n]
        writer.writerow([row.dataset, row.tissue, row.measure, *numbers, row.verdict, found.frozen])
    return text.getvalue()
