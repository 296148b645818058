"""``reepi report``: the report of a scored study, written again, as a page and as PDF."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer


def report(
    study: Annotated[Path, typer.Argument(help="Study folder that was scored.")],
    results: Annotated[
        str | None, typer.Option("--results", help="Results folder or its URL [default: STUDY/results].")
    ] = None,
    pdf: Annotated[
        bool | None,
        typer.Option(
            "--pdf/--no-pdf",
            help="Print report.pdf through Chromium, Chrome or Edge [default: if there is one].",
        ),
    ] = None,
) -> None:
    """Write the report of a scored study again, from its results."""
    from reepi.report import write_report
    from reepi.report.printing import HOW_TO, NoPdf, find_browser
    from reepi.report.writing import not_of_one_scoring, read_origin
    from reepi.store.files import is_remote
    from reepi.store.places import check_local, results_place
    from reepi.store.results import ResultsFolder

    folder = results_place(study, results)
    if pdf:
        check_local(folder, "a PDF", "Copy the results to a folder, or print the page from a browser.")
    pdf = False if is_remote(folder) else pdf
    browser = None if pdf is False else find_browser()
    missing = pdf is not False and browser is None
    scored = ResultsFolder(folder)
    try:
        # Without results there is nothing to keep others from, and no folder is made.
        with scored.alone(f"writing the report of {study}") if folder.is_dir() else nullcontext():
            page = write_report(folder, study, browser)
    except NoPdf as error:
        typer.echo(f"Report: {scored.report}")
        typer.echo(f"No PDF: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Report: {page}")
    if changed := not_of_one_scoring(study, scored, read_origin(scored)):
        typer.echo(changed, err=True)
    if browser is not None:
        typer.echo(f"PDF: {page.with_suffix('.pdf')}")
    if missing:
        typer.echo(f"No PDF: no browser was found. {HOW_TO}", err=True)
        raise typer.Exit(1 if pdf else 0)
