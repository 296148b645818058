"""``reepi add``: photographs into a study, with a table to confirm."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reepi.core.study import Study as StudyValue
    from reepi.store.adding.placing import Added
    from reepi.store.adding.plan import Addition, Stated

NEW_STUDY = """\
A study folder holds study.toml:

[study]
name = "Name of the study"
day_zero = "infusion"

and patients.csv, with a line for each patient:

patient_id,sex,age_years,height_cm,weight_kg,index_date,day_zero_date
P01,F,40,165,62,2024-03-01,2024-03-05

reepi add writes photos.csv by itself."""
"""What to write where there is no study yet."""

PIPE_COLUMNS = 160
"""Characters of a line where the table goes to a file or another program."""

Study = Annotated[Path, typer.Argument(help="Study folder with study.toml and patients.csv.")]
Photographs = Annotated[
    list[Path] | None, typer.Argument(metavar="FILES...", help="Photographs, or folders with photographs.")
]
PatientId = Annotated[str | None, typer.Option("--patient", help="Patient of all of them.")]
ViewName = Annotated[str | None, typer.Option("--view", help="View of all of them, such as trunk_anterior.")]
TakenAt = Annotated[str | None, typer.Option("--taken-at", help="When all were taken (ISO 8601), such as 2024-03-09.")]
Yes = Annotated[bool, typer.Option("--yes", help="Add without asking what is sure, and leave the rest.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the table and add nothing.")]
Table = Annotated[Path | None, typer.Option("--table", help="Write the table as CSV to correct, and add nothing.")]
FromTable = Annotated[Path | None, typer.Option("--from-table", help="Add what a corrected table says.")]
Look = Annotated[bool, typer.Option("--look/--no-look", help="Let the network look where names tell no view.")]
Correspondence = Annotated[
    Path | None, typer.Option("--correspondence", help="Folder of the correspondence model [default: the shipped one].")
]


def add(
    study: Study,
    files: Photographs = None,
    patient: PatientId = None,
    view: ViewName = None,
    taken_at: TakenAt = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    table: Table = None,
    from_table: FromTable = None,
    look: Look = True,
    correspondence: Correspondence = None,
) -> None:
    """Copy photographs into a study and name them in photos.csv, once you have confirmed the table.

    Patient, day and view follow from the names of folders and files, from the camera's clock, from DICOM tags and, for
    the view, from what the picture shows; what is only guessed is marked. Nothing is ever overwritten.
    """
    from reepi.store.adding.placing import add_photographs, complete_ones
    from reepi.store.adding.table import read_decided, write_table

    known = open_study(study)
    if from_table is not None:
        _reject_with(from_table, files, patient, view, taken_at, table)
        decided = read_decided(from_table, known)
        raise typer.Exit(_report(add_photographs(study, decided), []))
    if table is not None:
        _reject_table(table, study)
    additions = _planned(study, known, files or [], _stated(known, patient, view, taken_at), look, correspondence)
    _show(additions)
    if table is not None:
        write_table(table, additions)
        then = f"reepi add {study} --from-table {table}"
        typer.echo(f"Correct the lines of {table}, write yes or no under add, then: {then}")
        raise typer.Exit
    sure = [addition for addition in additions if addition.sure]
    if dry_run:
        raise typer.Exit(int(any(not addition.present and not addition.sure for addition in additions)))
    chosen = sure if yes else _asked(sure, complete_ones(additions))
    left = [addition for addition in additions if not addition.present and addition not in chosen]
    raise typer.Exit(_report(add_photographs(study, chosen), left))


def open_study(folder: Path) -> "StudyValue":
    """Return the study of a folder, which may have no photographs yet.

    Raises
    ------
    InputError
        It is wrong; where there is no study, with what to write.
    """
    from reepi.core.errors import Fault, InputError
    from reepi.store.settings import SETTINGS_FILE
    from reepi.store.study import read_study

    if not (folder / SETTINGS_FILE).is_file():
        raise InputError([Fault(str(folder), "there is no study in it", NEW_STUDY)])
    return read_study(folder, may_be_empty=True)


def _planned(
    study: Path, known: "StudyValue", files: Sequence[Path], stated: "Stated", look: bool, correspondence: Path | None
) -> "list[Addition]":
    from reepi.cli.incoming import body_predictor, expanded, planned
    from reepi.cli.progress import counted_progress
    from reepi.core.errors import Fault, InputError
    from reepi.store.adding.sources import names_of, passed_over, photographs_in

    if not files:
        raise InputError([Fault("reepi add", "no photographs are named", "Name photographs or folders.")])
    named, missing = expanded(files)
    found = photographs_in(named, study) + [(path, names_of(path, path.parent)) for path in missing]
    if left := passed_over(named):
        endings = ", ".join(ending or "without ending" for ending in left)
        typer.echo(
            f"Passed over, as no photographs by their endings: {sum(left.values())} files ({endings}).", err=True
        )
    with counted_progress("Looking", len(found)) as progress:
        return planned(study, known, found, stated, body_predictor(correspondence) if look else None, progress)


def _stated(known: "StudyValue", patient: str | None, view: str | None, taken_at: str | None) -> "Stated":
    """Return what the call says of all photographs, or all that is wrong with it."""
    from reepi.core.errors import Fault, InputError
    from reepi.core.views import VIEW_NAMES
    from reepi.store.adding.plan import Stated
    from reepi.store.adding.view_clues import view_suggestion
    from reepi.store.cells import suggestion

    faults = []
    patients = [each.patient_id for each in known.patients]
    if patient is not None and patient not in patients:
        remedy = f"{suggestion(patient, patients)}A new patient needs a line in patients.csv first."
        faults.append(Fault("--patient", f"{patient!r} is not in patients.csv", remedy))
    if view is not None and view not in VIEW_NAMES:
        faults.append(Fault("--view", f"{view!r} is not known", view_suggestion(view)))
    moment = None
    try:
        moment = None if taken_at is None else datetime.fromisoformat(taken_at)
    except ValueError:
        faults.append(
            Fault("--taken-at", f"{taken_at!r} cannot be read", "Write it as ISO 8601, such as 2024-03-09T14:05.")
        )
    if faults:
        raise InputError(faults)
    return Stated(patient, view, moment)


def _reject_with(table: Path, *others: object) -> None:
    from reepi.core.errors import Fault, InputError

    if any(others):
        raise InputError([Fault("--from-table", f"{table} says everything", "Leave the other options and files out.")])


def _reject_table(table: Path, study: Path) -> None:
    """Refuse to write a table where something is, or where the study's own belong."""
    from reepi.core.errors import Fault, InputError

    refuse_own_table(table, study)
    if table.exists():
        remedy = "Name another file, or add what this one says with --from-table. Nothing is overwritten."
        raise InputError([Fault(str(table), "it is there already", remedy)])


def refuse_own_table(table: Path, study: Path) -> None:
    """Refuse to write a table where the study's own belong.

    Raises
    ------
    InputError
        It is one of the files that make the study.
    """
    from reepi.core.errors import Fault, InputError
    from reepi.store.clinical import CLINICAL_FILE
    from reepi.store.historical import HISTORICAL_FILE
    from reepi.store.settings import SETTINGS_FILE
    from reepi.store.study import PATIENTS_FILE, PHOTOS_FILE

    own = (SETTINGS_FILE, PATIENTS_FILE, PHOTOS_FILE, CLINICAL_FILE, HISTORICAL_FILE)
    if table.resolve() in [(study / name).resolve() for name in own]:
        raise InputError([Fault(str(table), "it is one of the study's own files", "Name another file for the table.")])


def _show(additions: "Sequence[Addition]") -> None:
    """Print the table; marks and words tell what colours tell."""
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    shown = RichTable("", "photograph", box=None, pad_edge=False)
    for column in ("patient", "taken at", "view"):
        shown.add_column(column, no_wrap=True, overflow="fold")
    shown.add_column("note", ratio=1)
    above = _shared_folder([addition.file for addition in additions])
    for addition in additions:
        mark, style = _mark(addition)
        cells = (mark, str(addition.file.absolute().relative_to(above)), *_values(addition))
        note = "" if addition.sure else addition.why
        shown.add_row(*(Text(cell, style=style) for cell in (*cells, note)))
    console = Console(highlight=False)
    # In a file or a pipe there is no window to fit into.
    Console(highlight=False, width=max(console.width, PIPE_COLUMNS) if not console.is_terminal else None).print(shown)
    typer.echo(_summary(additions))


def _values(addition: "Addition") -> tuple[str, str, str]:
    """Return patient, time and view as shown: what is not sure with a question mark."""
    from reepi.store.adding.placing import moment_text

    texts = (addition.patient_id.value or "", moment_text(addition.taken_at.value), addition.view.value or "")
    sure = (addition.patient_id.sure, addition.taken_at.sure, addition.view.sure)
    patient, taken_at, view = (text if is_sure else f"{text}?" for text, is_sure in zip(texts, sure, strict=True))
    return patient, taken_at, view


def _shared_folder(files: Sequence[Path]) -> Path:
    """Return the folder that holds all files: names below it tell them apart."""
    folders = [file.absolute().parent for file in files]
    return Path(os.path.commonpath(folders)) if folders else Path()


def _mark(addition: "Addition") -> tuple[str, str]:
    if addition.present:
        return "=", "dim"
    if addition.problem:
        return "!", "red"
    return ("+", "") if addition.sure else ("?", "yellow")


def _summary(additions: "Sequence[Addition]") -> str:
    marks = [_mark(addition)[0] for addition in additions]
    words = {"+": "sure", "?": "to confirm (marked ?)", "=": "there already (=)", "!": "that cannot be added (!)"}
    told = ", ".join(f"{marks.count(mark)} {word}" for mark, word in words.items() if mark in marks)
    return f"{len(additions)} photographs: {told}"


def _asked(sure: "list[Addition]", complete: "list[Addition]") -> "list[Addition]":
    """Ask what to add; nothing where nobody answers."""
    if not complete:
        return []
    choices: dict[str, list[Addition]] = {"a": complete, "s": sure, "n": []}
    question = f"Add (a)ll {len(complete)}, (s)ure ones alone: {len(sure)}, or (n)one?"
    answer = typer.prompt(question, default="n", err=True).strip().lower()[:1]
    return choices.get(answer, [])


def _report(results: "Sequence[Added]", left: "Sequence[Addition]") -> int:
    """Tell what was added and what was not; return the exit status."""
    for added in results:
        if added.file:
            typer.echo(f"{added.addition.file.name} -> {added.file}")
        else:
            typer.echo(f"{added.addition.file}: {added.addition.problem}", err=True)
    missed = [added for added in results if not added.file and not added.addition.present]
    typer.echo(f"{sum(bool(added.file) for added in results)} added, {len(left) + len(missed)} left out")
    if left:
        remedy = "give --patient, --view or --taken-at, or correct the plan that --table writes"
        typer.echo(f"To add what was left out, {remedy}.", err=True)
    return int(bool(left or missed))
