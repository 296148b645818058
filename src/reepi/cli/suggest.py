"""``reepi suggest``: which photographs of a study to annotate next, and why."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reepi.cli.database import Database

if TYPE_CHECKING:
    from rich.table import Table

    from reepi.core.capture import CaptureProtocol
    from reepi.core.results import SuggestionRow
    from reepi.core.study import PhotoEntry, Study
    from reepi.model.suggestion.examination import Examiner
    from reepi.model.suggestion.ranking import Candidate, Suggestion
    from reepi.model.suggestion.seen import Floats64
    from reepi.store.reading_progress import ReadingProgress

TABLE_WIDTH = 160
"""Characters of the table where it goes to a file: wide enough for most reasons."""


def suggest(
    study: Annotated[Path, typer.Argument(help="Study folder with study.toml, patients.csv and photos.csv.")],
    model: Annotated[
        Path | None, typer.Option("--model", help="Folder of the tissue model [default: the shipped one].")
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="How many to name, and to draw.")] = 20,
    out: Annotated[Path | None, typer.Option("--out", help="CSV file for all photographs with all figures.")] = None,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", help="Folder for a picture of each: photograph, prediction, doubt.")
    ] = None,
    database: Database = None,
) -> None:
    """Rank a study's photographs by what annotating them would teach the model.

    Those that the model is unsure of, contradicts itself on, or has seen nothing like come first. Photographs that
    were read already are left out, unless readers differ on them.
    """
    from rich.console import Console

    from reepi.model.suggestion.examination import load_examiner
    from reepi.model.suggestion.ranking import suggest as ranked
    from reepi.store.reading_progress import reading_progress
    from reepi.store.readings import ReadingStore
    from reepi.store.rows import write_rows
    from reepi.store.shipped import shipped_model
    from reepi.store.study import read_study

    content = read_study(study)
    if out is not None:
        check_out(out, study)
    progress = reading_progress(ReadingStore(study, database), content.reading.differ_percent / 100)
    examiner = load_examiner(model or shipped_model("tissue"))
    candidates, read = examined(study, content, progress, examiner)
    rows = suggestion_rows(content, ranked(candidates, read))
    if out is not None:
        from reepi.core.results import SuggestionRow

        write_rows(out, SuggestionRow, rows)
    if pictures is not None:
        draw(study, content.capture, rows[:most], examiner, pictures)
    if examiner.seen is None:
        typer.echo("The model does not say what it saw (seen.npz), so unlikeness does not count.", err=True)
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(suggestion_table(rows[:most], len(rows)))


def check_out(out: Path, study: Path) -> None:
    """Refuse a table, before the photographs are examined, that cannot be written or would replace a study's own.

    Raises
    ------
    InputError
        It is a folder, or one of the study's own files.
    NotWritten
        Its folder cannot be written to.
    """
    from reepi.cli.add import refuse_own_table
    from reepi.core.errors import Fault, InputError
    from reepi.store.files import check_writable

    refuse_own_table(out, study)
    if out.is_dir():
        raise InputError([Fault(str(out), "it is a folder", "Name a file for the table with --out.")])
    check_writable(out)


def examined(
    folder: Path, study: "Study", progress: "ReadingProgress", examiner: "Examiner"
) -> "tuple[list[Candidate], list[Floats64]]":
    """Return the photographs that may be suggested, and the features of those that are settled.

    A photograph that cannot be read is told and left out.
    """
    from reepi.cli.progress import counted_progress
    from reepi.core.errors import PhotographRejected
    from reepi.imaging.standard_reading import read_standardised

    candidates, read = [], []
    with counted_progress("Photographs", len(study.photos)) as told:
        for number, entry in enumerate(study.photos, start=1):
            try:
                photograph = read_standardised(folder / entry.file, study.capture)
            except PhotographRejected as rejection:
                typer.echo(f"{entry.file}: left out, {rejection}", err=True)
                continue
            if entry.file in progress.settled:
                read.append(examiner.feature(photograph))
            else:
                differ = progress.differing.get(entry.file, 0.0)
                candidates.append(examiner.examine(entry.file, photograph, differ))
            told(number)
    return candidates, read


def suggestion_rows(study: "Study", suggestions: "Sequence[Suggestion]") -> "list[SuggestionRow]":
    """Return suggestions with what the study says of their photographs."""
    entries = {entry.file: entry for entry in study.photos}
    return [
        _row(place, study, entries[suggestion.candidate.file], suggestion)
        for place, suggestion in enumerate(suggestions, start=1)
    ]


def _row(place: int, study: "Study", entry: "PhotoEntry", suggestion: "Suggestion") -> "SuggestionRow":
    from reepi.core.results import SuggestionRow
    from reepi.scoring.visits import day_number, visit_date

    candidate = suggestion.candidate
    signals, doubt = candidate.signals, candidate.signals.doubt
    return SuggestionRow(
        place=place,
        file=entry.file,
        patient_id=entry.patient_id,
        day=day_number(visit_date(entry.taken_at), study.patient(entry.patient_id).day_zero_date),
        view=entry.view_name,
        score=suggestion.score,
        mean_rank=suggestion.mean_rank,
        redundancy=suggestion.redundancy,
        entropy=signals.entropy,
        mirrored_percent=100 * signals.mirrored,
        readers_differ_percent=100 * candidate.readers_differ,
        distance=candidate.distance,
        nearer_percent=None if candidate.share_nearer is None else 100 * candidate.share_nearer,
        doubt=f"{doubt.first.label} or {doubt.second.label}",
        doubt_percent=100 * doubt.share,
        why=suggestion.why,
    )


def suggestion_table(rows: "Sequence[SuggestionRow]", total: int) -> "Table":
    """Return suggestions as a table to print."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=f"Annotate next: {len(rows)} of {total} photographs")
    for heading in ("", "file", "patient", "day", "view", "score"):
        table.add_column(heading, justify="right" if heading in ("", "day", "score") else "left", no_wrap=True)
    table.add_column("why", ratio=1)
    for row in rows:
        day = "" if row.day is None else str(row.day)
        cells = (str(row.place), row.file, row.patient_id, day, row.view, f"{row.score:.2f}", row.why)
        table.add_row(*map(escape, cells))
    return table


def draw(
    folder: Path, capture: "CaptureProtocol", rows: "Sequence[SuggestionRow]", examiner: "Examiner", out: Path
) -> None:
    """Write a picture of every suggested photograph, named by its place.

    In a study that hides eyes, those that were not scored have none: nobody knows where their eyes are.
    """
    import numpy as np

    from reepi.cli.progress import counted_progress
    from reepi.imaging.panels import uncertainty_panel
    from reepi.imaging.standard_reading import read_standardised
    from reepi.imaging.writing import encode_photograph
    from reepi.model.suggestion.signals import entropy
    from reepi.store.files import write_bytes
    from reepi.store.results import ResultsFolder

    results = ResultsFolder(folder / "results")
    with counted_progress("Pictures", len(rows)) as told:
        for row in rows:
            if capture.mask_eyes and not results.hidden(row.file).is_file():
                typer.echo(f"{row.file}: no picture, since its eyes are to be hidden. Score the study first.", err=True)
                told(row.place)
                continue
            photograph = read_standardised(folder / row.file, capture)
            tissues = examiner.segment(photograph)
            # Two tissues as likely as each other have an entropy of ln 2.
            unsure = entropy(tissues.probabilities) / np.float32(np.log(2))
            panel = uncertainty_panel(results.shown(row.file, photograph.pixels), tissues.mask, unsure)
            write_bytes(out / f"{row.place:03d}_{Path(row.file).stem}.jpg", encode_photograph(panel))
            told(row.place)
