"""``reepi agree``: how far readers, models or methods agree."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reepi.cli.evaluate import TABLE_WIDTH, command_line
from reepi.core.errors import Fault, InputError

if TYPE_CHECKING:
    from rich.table import Table

    from reepi.cli.rater_sources import Compared
    from reepi.scoring.rater_agreement import RaterAgreement

NEEDED = ("pingouin",)
"""Packages of the extra ``stats`` that compute the figures."""


def agree(
    folders: Annotated[
        list[Path],
        typer.Argument(help="One study folder, whose readers are compared, or two and more folders of results."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for page and tables [default: agreement in the first folder].")
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option("--name", help="What to call a folder of results; once for each, in order.")
    ] = None,
    results: Annotated[
        Path | None, typer.Option("--results", help="Results of the study folder [default: STUDY/results].")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option("--database", envvar="REEPI_DATABASE", help="URL of the readers' data base."),
    ] = None,
) -> None:
    """Measure how far raters agree: a study's readers and model, or results of other readers, models or methods.

    Of every two: ICC(2,1), Bland-Altman bias and limits of agreement, weighted kappa of the severity class, kappa of
    the responder, Dice of their masks; with 95 % intervals. Writes a page and the figures as CSV.
    """
    _check_installed()
    from rich.console import Console

    from reepi.cli.progress import counted_progress
    from reepi.cli.rater_sources import results_compared, study_compared
    from reepi.report.agreement_writing import write_agreement
    from reepi.scoring.rater_masks import shared_photographs

    if len(folders) == 1:
        compared = study_compared(folders[0], results or folders[0] / "results", database)
    else:
        compared = results_compared(folders, name or [])
    photographs = shared_photographs({name: result.masks for name, result in compared.raters.items()})
    with counted_progress("Photographs", len(photographs)) as told:
        found = compared.agreement(told)
    _tell_empty(compared, found)
    page = write_agreement(out or folders[0] / "agreement", found, compared.title, command_line())
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(headline_table(found))
    typer.echo(page)


def _check_installed() -> None:
    missing = [package for package in NEEDED if find_spec(package) is None]
    if missing:
        remedy = "Install them with: pip install 'reepi[stats]'."
        raise InputError([Fault("reepi agree", f"{' and '.join(missing)} not installed", remedy)])


def _tell_empty(compared: "Compared", found: "RaterAgreement") -> None:
    """Say on standard error which raters share nothing."""
    for pair in found.pairs:
        if not any(figure.n for figure in pair.figures):
            typer.echo(f"{pair.first} and {pair.second} have nothing in common in {compared.title}.", err=True)


def headline_table(found: "RaterAgreement") -> "Table":
    """Return the figures that a reader asks for first as a table to print."""
    from rich.table import Table
    from rich.text import Text

    from reepi.report.agreement_content import agreement_content, counted, shown, spread

    table = Table(title="Agreement")
    for heading in ("first", "second", "figure", "value", "95 % interval", "on"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for pair in agreement_content(found, "", "").pairs:
        for title, figure in pair.headlines:
            cells: Sequence[str] = (title, shown(figure), spread(figure), counted(figure))
            table.add_row(*(Text(cell) for cell in (pair.pair.first, pair.pair.second, *cells)))
    return table
