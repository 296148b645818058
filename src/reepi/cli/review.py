"""``reepi review``: read photographs, correct the model's proposals, sign visits."""

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from reepi.cli.database import Database


def review(
    study: Annotated[Path, typer.Argument(help="Study folder with study.toml, patients.csv and photos.csv.")],
    reader: Annotated[str, typer.Option("--reader", help="Your name, as it will stand beside every reading.")],
    database: Database = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Results folder with the proposals [default: STUDY/results].")
    ] = None,
) -> None:
    """Open a study's photographs one after the other in napari, with the model's proposals painted on.

    Everything is saved at once; the review goes on where it was left, also after a crash. Works without a model: a
    study that was not scored is painted from nothing.
    """
    from reepi.core.errors import Fault, InputError
    from reepi.core.reading import checked_reader

    for package in ("napari", "qtpy"):
        if importlib.util.find_spec(package) is None:
            remedy = 'Install it with a Qt binding: pip install "reepi[review]" PyQt6'
            raise InputError([Fault("reepi review", f"{package} is not installed", remedy)])
    try:
        checked_reader(reader)
    except ValueError as error:
        raise InputError([Fault("--reader", str(error), "Give your name.")]) from error
    from reepi.review.app import open_review, run

    opened = open_review(study, reader, database, out)
    typer.echo(f"{len(opened.tasks)} photographs, {sum(task.is_read for task in opened.tasks)} read", err=True)
    run(opened)
