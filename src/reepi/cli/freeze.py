"""``reepi freeze``: fixes a study's numbers and all that they follow from."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from reepi.cli.database import Database
from reepi.core.errors import Fault, InputError


def freeze(
    study: Annotated[Path, typer.Argument(help="Study folder that was scored.")],
    results: Annotated[str | None, typer.Option("--results", help="Results folder [default: STUDY/results].")] = None,
    by: Annotated[str, typer.Option("--by", help="Who freezes it [default: the name you are logged in with].")] = "",
    note: Annotated[str, typer.Option("--note", help="Why, in a sentence.")] = "",
    again: Annotated[
        bool, typer.Option("--again", help="Freeze a frozen study anew; the former freeze is kept.")
    ] = False,
    database: Database = None,
) -> None:
    """Fix models, protocol, patients, photographs, readings, body templates and numbers of a scored study by hash.

    From then on, scoring stops before it begins where any of them changed, and names what did, unless it is told
    --despite-freeze. Where nothing changed, it says whether the same bytes came out. Write the hash that this command
    prints down elsewhere: it shows whether freeze.json was changed.
    """
    from reepi.store.freezing import FREEZE_FILE, new_freeze, write_freeze
    from reepi.store.places import check_local, results_place
    from reepi.store.results import ResultsFolder
    from reepi.store.study import read_study
    from reepi.store.trail import Trail

    place = results_place(study, results)
    check_local(place, "a freeze", "Copy the results to a folder, and name it with --results.")
    content, folder = read_study(study), ResultsFolder(place)
    who = by or _logged_in()
    made = new_freeze(content, study, folder, Trail(study, database).head(), who, note, again)
    write_freeze(study, made)
    counted = {group: len(names) for group, names in made.fixed.items()}
    typer.echo(f"Frozen: {counted['photograph']} photographs of {counted['patient']} patients, {study / FREEZE_FILE}")
    typer.echo(f"freeze {made.sha256}")


def _logged_in() -> str:
    """Return the name that the user is logged in with."""
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError) as error:
        problem = "the name that you are logged in with is not known"
        raise InputError([Fault("reepi freeze", problem, "Say with --by who freezes it.")]) from error
