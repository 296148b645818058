"""``reepi watch``: scores photographs as they arrive, and tells what to take again while the patient is there."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

from reepi.cli.database import Database

if TYPE_CHECKING:
    from reepi.cli.watching import Watch

LOCK_FILE: Final = ".watching.lock"
"""File in the study folder that says who watches."""

STILL_SECONDS: Final = 2.0
"""A file whose size has not changed for so long is whole [s]; the least time between two looks."""

Study = Annotated[Path, typer.Argument(help="Study folder with study.toml and patients.csv.")]
Folder = Annotated[Path, typer.Argument(help="Folder in which photographs arrive; left as it is.")]
Once = Annotated[bool, typer.Option("--once", help="Take in what is there and end.")]
Interval = Annotated[float, typer.Option("--interval", min=STILL_SECONDS, help="Seconds between two looks.")]
Out = Annotated[str | None, typer.Option("--out", help="Results folder [default: STUDY/results].")]
Model = Annotated[Path | None, typer.Option("--model", help="Folder of the tissue model [default: the shipped one].")]
Correspondence = Annotated[
    Path | None, typer.Option("--correspondence", help="Folder of the correspondence model [default: the shipped one].")
]
Look = Annotated[bool, typer.Option("--look/--no-look", help="Let the network guess views for to_place.csv.")]


def watch(
    study: Study,
    folder: Folder,
    once: Once = False,
    interval: Interval = 10.0,
    out: Out = None,
    model: Model = None,
    correspondence: Correspondence = None,
    look: Look = True,
    database: Database = None,
) -> None:
    """Watch a folder: add the photographs that are sure, score them, and list what to take again.

    A photograph whose patient, day or view its names do not tell waits in STUDY/to_place.csv: complete its line there,
    write yes under add, and it is added at the next look; write no, and it stays out. One of a patient who is not in
    patients.csv is looked at again once he has a line there. Each day's list of what to photograph again is written to
    the results as reshoot_<date>.csv and .html. Ctrl-C, or SIGTERM as services get it, ends the watch; nothing is lost.
    """
    from reepi.cli.add import open_study
    from reepi.core.errors import Fault, InputError
    from reepi.store.adding.sources import overlaps_study
    from reepi.store.locking import locked
    from reepi.store.places import check_local, check_results, results_place

    results = results_place(study, out)
    check_local(results, "a watch", "Name a folder with --out, and copy its results.")
    check_results(results, study, open_study(study))
    if not folder.is_dir():
        raise InputError(
            [Fault(str(folder), "there is no such folder", "Name the folder in which photographs arrive.")]
        )
    if overlaps_study(folder, study):
        problem = "it is the study's own, or holds it"
        raise InputError([Fault(str(folder), problem, "Name a folder outside of it, or the photos in it.")])
    try:
        with _ended_by_signals(), locked(study / LOCK_FILE, f"watching {folder}"):
            watched = _watch(study, folder, results, model, correspondence, look, database)
            _looks(watched, 2 if once else None, STILL_SECONDS if once else interval)
    except KeyboardInterrupt:
        typer.echo("The watch has ended.", err=True)
        return
    waiting = watched.n_waiting()
    if waiting:
        typer.echo(_waiting_words(waiting))
    raise typer.Exit(int(watched.failed or waiting > 0))


def _waiting_words(count: int) -> str:
    from reepi.cli.watching import WAITING_FILE

    words = "waits" if count == 1 else "wait"
    lines = "its line" if count == 1 else "their lines"
    return f"{count} {words} in {WAITING_FILE}: complete {lines} there."


class _Ended(KeyboardInterrupt):
    """Somebody ended the watch.

    A class of its own: the interpreter ends with the status of an interrupted program, however the exception is dealt
    with, once a plain ``KeyboardInterrupt`` has passed through an ``exec`` of text, which imports do (named tuples and
    data classes are made so).
    """


def _end(signum: int, frame: object) -> NoReturn:
    raise _Ended


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what is under way in order: what is half-written goes, locks are given back."""
    before = {each: signal.signal(each, _end) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, meant in before.items():
            signal.signal(each, meant)


def _watch(
    study: Path,
    folder: Path,
    results: Path,
    model: Path | None,
    correspondence: Path | None,
    look: bool,
    database: str | None,
) -> "Watch":
    from reepi.cli.batch import score_folder
    from reepi.cli.incoming import body_predictor
    from reepi.cli.models import Models
    from reepi.cli.watching import Watch
    from reepi.store.adding.arriving import Arrivals

    models = Models.chosen(model, correspondence)

    def score() -> object:
        outcome = score_folder(study, results, models, database=database)
        if outcome.remark:
            typer.echo(outcome.remark, err=True)
        return outcome

    predictor = cache(body_predictor(correspondence)) if look else None
    return Watch(study, results, Arrivals(folder), score, predictor, typer.echo)


def _looks(watched: "Watch", n: int | None, interval: float, sleep: Callable[[float], None] = time.sleep) -> None:
    """Look so many times, or until somebody ends it, with a pause between two looks."""
    done = 0
    while True:
        watched.look()
        done += 1
        if done == n:
            return
        sleep(interval)
