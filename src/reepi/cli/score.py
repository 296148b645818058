"""``reepi score``: the batch, from a study folder to results."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reepi.cli.database import Database

if TYPE_CHECKING:
    from reepi.store.results import Picture

Study = Annotated[Path, typer.Argument(help="Study folder with study.toml, patients.csv and photos.csv.")]
Out = Annotated[
    str | None,
    typer.Option("--out", help="Results folder, or a URL such as s3://bucket/results [default: STUDY/results]."),
]
Model = Annotated[Path | None, typer.Option("--model", help="Folder of the tissue model [default: the shipped one].")]
Correspondence = Annotated[
    Path | None, typer.Option("--correspondence", help="Folder of the correspondence model [default: the shipped one].")
]
Overlays = Annotated[bool, typer.Option("--overlays/--no-overlays", help="Write each photograph with its tissues on.")]

Debug = Annotated[bool, typer.Option("--debug", help="Write each photograph with the borders of the regions on.")]

DespiteFreeze = Annotated[
    bool, typer.Option("--despite-freeze", help="Score a frozen study though something changed; the results say so.")
]
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="Processes on this machine that measure side by side; same results.")
]
Scheduler = Annotated[
    str | None,
    typer.Option("--scheduler", help="Address of a Dask scheduler whose workers do the work, such as tcp://host:8786."),
]
Report = Annotated[bool, typer.Option("--report/--no-report", help="Write the report; a large study's takes its time.")]


def score(
    study: Study,
    out: Out = None,
    model: Model = None,
    correspondence: Correspondence = None,
    overlays: Overlays = True,
    debug: Debug = False,
    database: Database = None,
    despite_freeze: DespiteFreeze = False,
    workers: Workers = 1,
    scheduler: Scheduler = None,
    report: Report = True,
) -> None:
    """Measure every photograph of a study and write areas, endpoints and the report.

    What readers said of a photograph or painted on a body chart counts instead of what the model proposes.
    A run that was stopped goes on where it stopped. One bad photograph becomes a finding; the batch goes on.
    With --workers or --scheduler photographs are measured side by side; the tables have the same bytes.
    A study that was frozen (reepi freeze) is scored only where nothing changed that decides its numbers.
    """
    from reepi.cli.batch import score_folder
    from reepi.cli.models import Models
    from reepi.core.errors import Fault, InputError
    from reepi.store.files import is_remote
    from reepi.store.places import check_shared, results_place
    from reepi.store.study import read_study
    from reepi.store.study_remarks import study_remarks

    if scheduler is not None and workers > 1:
        problem = "--workers and --scheduler were both given"
        raise InputError([Fault("reepi score", problem, "Give one of them: a cluster has workers of its own.")])
    results = results_place(study, out)
    if not is_remote(results) and results.exists() and not results.is_dir():
        raise InputError([Fault(str(results), "it is a file", "Choose a folder for the results with --out.")])
    check_shared(results, workers, scheduler)
    wanted: dict[Picture, bool] = {"overlay": overlays, "borders": debug}
    pictures = [kind for kind, is_wanted in wanted.items() if is_wanted]
    models = Models.chosen(model, correspondence)
    # Before hours of work, not after them.
    for remark in study_remarks(study, read_study(study), database):
        typer.echo(remark, err=True)
    outcome = score_folder(study, results, models, pictures, database, despite_freeze, workers, scheduler, report)
    typer.echo(outcome.summary)
    if outcome.remark:
        typer.echo(outcome.remark, err=True)
    typer.echo(f"Results: {results}")
    if report:
        typer.echo(f"Report: {outcome.results.report}")
    raise typer.Exit(outcome.exit_status)
