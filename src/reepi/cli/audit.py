"""``reepi audit``: whether a study's readings still are what its readers said."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reepi.cli.database import Database

if TYPE_CHECKING:
    from reepi.store.audit import Audit

DOES_NOT_HOLD = 1
"""Exit status where something was found."""


def audit(
    study: Annotated[Path, typer.Argument(help="Study folder with study.toml, patients.csv and photos.csv.")],
    database: Database = None,
    head: Annotated[
        list[str] | None,
        typer.Option("--head", metavar="SHA256", help="Head that an earlier audit printed; may be given repeatedly."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option("--out", help="Results folder or its URL; its run.json names a head [default: STUDY/results]."),
    ] = None,
) -> None:
    """Verify the trail of a study's readings, and count every number of its results once more; exit 1 if one differs.

    Every event carries the hash of the one before it, so a change in the middle shows by itself. What cannot show by
    itself is that the newest events were removed, or that somebody wrote the whole trail anew. Against that, write the
    head that this command prints down elsewhere (in the trial master file, or in an e-mail to the sponsor) and give it
    with --head the next time: it must still be in the trail. The head in the results' run.json is checked as well.
    """
    from reepi.cli.replay import audit_results
    from reepi.core.errors import Fault, InputError
    from reepi.store.audit import audit_trail, recorded_head
    from reepi.store.places import results_place
    from reepi.store.results import ResultsFolder
    from reepi.store.study import read_study
    from reepi.store.trail import Trail

    content, run = read_study(study), results_place(study, out) / "run.json"
    heads = {f"--head {number}": each for number, each in enumerate(head or (), start=1)}
    if recorded := recorded_head(run):
        heads[str(run)] = recorded
    if out is not None and not run.is_file():
        raise InputError([Fault(str(run), "there is no such file", "Name the results of a scored study with --out.")])
    trail = Trail(study, database)
    found, rows = audit_trail(study, content, trail, heads), None
    if not found.findings:
        # Numbers are only worth counting once more where what they rest on holds.
        again = audit_results(study, ResultsFolder(run.parent), trail)
        found, rows = replace(found, findings=again.findings, remarks=(*found.remarks, *again.remarks)), again.rows
    for line in told(found, rows):
        typer.echo(line)
    raise typer.Exit(DOES_NOT_HOLD if found.findings else 0)


def told(found: "Audit", rows: int | None) -> list[str]:
    """Return what an audit found, line by line; the head comes last.

    Parameters
    ----------
    found : Audit
        What it found.
    rows : int or None
        Rows of the results that were counted again; None where none were.
    """
    remarks = [f"remark: {remark}" for remark in found.remarks]
    holds = "The trail holds." if rows is None else "Everything holds."
    end = f"{_number(len(found.findings), 'finding')}." if found.findings else holds
    again = "" if rows is None else f" {_number(rows, 'row')} of results counted again."
    counted = f"{_number(found.events, 'event')}.{again} {end}"
    return [*map(str, found.findings), *remarks, counted, f"head {found.head or '(none)'}"]


def _number(count: int, word: str) -> str:
    return f"{count:,} {word if count == 1 else word + 's'}"
