"""``reepi demo``: the sample study, measured against what is known of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from reepi.cli.known import Comparison


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the study and its results.")] = Path("demo"),
) -> None:
    """Score the sample study and compare the measured with the known open body surface."""
    from rich.console import Console

    from reepi.cli.batch import score_folder
    from reepi.cli.known import TRUTH_FILE, compare, copy_sample
    from reepi.cli.models import Models
    from reepi.store.shipped import sample_study

    models = Models.chosen()
    copy_sample(sample_study(), out)
    outcome = score_folder(out, out / "results", models)
    Console().print(comparison_table(compare(out / TRUTH_FILE, outcome.areas)))
    typer.echo(outcome.summary)
    if outcome.remark:
        typer.echo(outcome.remark, err=True)
    typer.echo(f"Report: {outcome.results.report}")
    raise typer.Exit(outcome.exit_status)


def comparison_table(visits: "list[Comparison]") -> "Table":
    """Return known and measured open skin of each visit as a table to print."""
    from rich.table import Table

    table = Table(title="Open skin of the whole body [% BSA]")
    for heading in ("patient", "day", "known", "measured", "90 % interval", "error", "on seen skin"):
        table.add_column(heading, justify="left" if heading == "patient" else "right")
    for visit in visits:
        day = "-" if visit.day is None else str(visit.day)
        interval = f"{visit.low:.1f} to {visit.high:.1f}"
        figures = (f"{visit.known:.1f}", f"{visit.full:.1f}", interval, f"{visit.error:+.1f}", f"{visit.seen:.1f}")
        table.add_row(visit.patient_id, day, *figures)
    return table
