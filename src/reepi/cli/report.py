"""``reepi report``: the report of a scored study, written again."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    study: Annotated[Path, typer.Argument(help="Study folder that was scored.")],
    results: Annotated[Path | None, typer.Option("--results", help="Results folder [default: STUDY/results].")] = None,
) -> None:
    """Write the report of a scored study again, from its results."""
    from reepi.report import write_report
    from reepi.store.results import ResultsFolder

    folder = results or study / "results"
    write_report(folder, study)
    typer.echo(f"Report: {ResultsFolder(folder).report}")
