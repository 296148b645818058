"""``reepi check``: whether photographs are good enough, while the patient is still there."""

from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reepi.cli.database import Database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reepi.cli.checking import Checked
    from reepi.core.findings import Finding
    from reepi.core.views import View

Photographs = Annotated[list[Path], typer.Argument(help="Photographs, or one study folder.")]
ViewName = Annotated[
    str | None,
    typer.Option("--view", help="View of all photographs given as files [default: by the file's name, else guessed]."),
]
OfPatient = Annotated[str | None, typer.Option("--patient", help="Look at this patient's photographs only (study).")]
OfDate = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Look at photographs of this day only (study).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Write the answer as JSON.")]
Model = Annotated[Path | None, typer.Option("--model", help="Folder of the tissue model [default: the shipped one].")]
Correspondence = Annotated[
    Path | None, typer.Option("--correspondence", help="Folder of the correspondence model [default: the shipped one].")
]

TAKE_AGAIN = 1
"""Exit status where a view should be taken again, or could not be looked at."""


def check(
    photographs: Photographs,
    view: ViewName = None,
    patient: OfPatient = None,
    on: OfDate = None,
    as_json: AsJson = False,
    model: Model = None,
    correspondence: Correspondence = None,
    database: Database = None,
) -> None:
    """Tell what is wrong with photographs, what to do about it, and which views to take again.

    The limits stand in [capture] of a study's study.toml. Files are judged by the default ones, on the body of an
    average adult. In a study, readers' points and placements that came with it count as in scoring. Ends with 0 where
    nothing has to be taken again, with 1 where something has or could not be looked at, with 2 where the call or the
    study folder is wrong.
    """
    from reepi.cli.checking import views_again
    from reepi.cli.models import Models

    folder = _study_folder(photographs, view, patient, on)
    models = Models.chosen(model, correspondence)
    if folder is not None:
        checked = _of_study(folder, models, patient, on.date() if on else None, database)
    else:
        checked = _of_files(photographs, models, _view(view))
    again, unseen = list(views_again(checked)), [each for each in checked if each.result == "unseen"]
    if as_json:
        _print_json(checked, again)
    else:
        _print_table(checked)
        _print_again(again, len(checked))
        _print_unseen(unseen)
    raise typer.Exit(TAKE_AGAIN if again or unseen else 0)


def _study_folder(paths: list[Path], view: str | None, patient: str | None, on: datetime | None) -> Path | None:
    """Return the study folder, or None where photographs were named; tells what does not go together."""
    from reepi.core.errors import Fault, InputError

    folders = [path for path in paths if path.is_dir()]
    faults = [Fault(str(path), "there is no such file", "Correct its name.") for path in paths if not path.exists()]
    if folders and len(paths) > 1:
        faults += [Fault(str(path), "a study is checked alone", "Name photographs, or one study.") for path in folders]
    if folders and view is not None:
        faults.append(Fault("--view", "photos.csv names the views of a study", "Leave it out."))
    if not folders and (patient or on):
        faults.append(Fault("--patient, --date", "these choose photographs of a study", "Leave them out."))
    if faults:
        raise InputError(faults)
    return folders[0] if folders else None


def _view(name: str | None) -> "View | None":
    from reepi.core.errors import Fault, InputError
    from reepi.core.views import VIEWS
    from reepi.store.adding.view_clues import view_suggestion

    if name is not None and name not in VIEWS:
        raise InputError([Fault("--view", f"{name} is no view", view_suggestion(name))])
    return VIEWS[name] if name else None


def _of_study(folder: Path, models: Any, patient: str | None, on: date | None, database: str | None) -> "list[Checked]":
    from reepi.cli.checking import check_study
    from reepi.cli.progress import counted_progress
    from reepi.core.errors import Fault, InputError
    from reepi.core.study import PhotoEntry
    from reepi.store.placements import placement_of
    from reepi.store.reader_points import PointStore, unchanged_points
    from reepi.store.study import read_study
    from reepi.store.study_remarks import study_remarks

    def wanted(entry: PhotoEntry) -> bool:
        return patient in (None, entry.patient_id) and on in (None, entry.taken_at.date())

    study = read_study(folder)
    count = sum(wanted(entry) for entry in study.photos)
    if not count:
        raise InputError([Fault(str(folder), "it has no such photograph", "Correct --patient and --date.")])
    for remark in study_remarks(folder, study, database):
        typer.echo(remark, err=True)
    instruments = replace(
        models.instruments(),
        points_of=partial(unchanged_points, folder, PointStore(folder, database).counting()),
        placement_of=partial(placement_of, folder),
    )
    with counted_progress("Photographs", count) as progress:
        return check_study(study, folder, instruments, date.today(), wanted, progress=progress)


def _of_files(files: list[Path], models: Any, view: "View | None") -> "list[Checked]":
    from reepi.cli.checking import check_files
    from reepi.cli.progress import counted_progress
    from reepi.core.capture import CaptureProtocol

    with counted_progress("Photographs", len(files)) as progress:
        return check_files(files, models.instruments(), CaptureProtocol(), view, progress=progress)


def _print_table(checked: "Sequence[Checked]") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("Photograph", "View", "Result", "What was found, and what to do", "s", show_lines=True)
    words = {"fine": "fine", "told": "fine, but", "again": "take again", "unseen": "not looked at"}
    for each in checked:
        guess = "" if each.guessed is None else f"\n(guessed, {100 * each.guessed:.0f} %)"
        found = "\n".join(_sentence(finding) for finding in each.inspection.findings)
        seconds = f"{each.inspection.seconds:.1f}"
        table.add_row(
            escape(each.inspection.file), each.inspection.view + guess, words[each.result], escape(found), seconds
        )
    console = Console()
    if not console.is_terminal:
        # A file has no width; rows stay whole.
        console = Console(width=160)
    console.print(table, highlight=False)


def _sentence(finding: "Finding") -> str:
    numbers = "" if finding.measured is None else f" ({finding.measured:.3g}"
    numbers += "" if not numbers or finding.limit is None else f", limit {finding.limit:.3g}"
    return f"{finding.code}{numbers}{')' if numbers else ''}: {finding.remedy}"


def _print_again(again: "Sequence[Checked]", count: int) -> None:
    if not again:
        typer.echo(f"{count} photographs: nothing to take again.")
        return
    typer.echo(f"{count} photographs; take again:")
    for each in again:
        patient_id, day = each.visit or ("", None)
        named = f"{patient_id}, {day.isoformat()}, {each.inspection.view}" if day else each.inspection.file
        codes = ", ".join(finding.code for finding in each.inspection.findings if finding.refuses)
        typer.echo(f"  {named}: {codes}")


def _print_unseen(unseen: "Sequence[Checked]") -> None:
    if unseen:
        typer.echo(f"{len(unseen)} could not be looked at; check again:")
    for each in unseen:
        typer.echo(f"  {each.inspection.file}: {', '.join(finding.code for finding in each.inspection.findings)}")


def _print_json(checked: "Sequence[Checked]", again: "Sequence[Checked]") -> None:
    import json
    from dataclasses import asdict

    def line(each: "Checked") -> dict[str, Any]:
        return {
            "file": each.inspection.file,
            "patient_id": each.visit[0] if each.visit else None,
            "date": each.visit[1].isoformat() if each.visit else None,
            "day": each.day,
            "view": each.inspection.view or None,
            "view_probability": each.guessed,
            "result": each.result,
            "seconds": round(each.inspection.seconds, 3),
            "findings": [asdict(finding) for finding in each.inspection.findings],
        }

    answer = {"photographs": [line(each) for each in checked], "take_again": [each.inspection.file for each in again]}
    typer.echo(json.dumps(answer, indent=1))
