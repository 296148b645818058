"""``reepi phantom``: rendered patients of known body surface involved."""

from pathlib import Path
from typing import Annotated

import typer

from reepi.cli.progress import counted_progress
from reepi.core.errors import Fault, InputError

Out = Annotated[Path, typer.Argument(help="Folder of the study, or of the training set.")]
Patients = Annotated[
    int | None, typer.Option("--patients", min=1, help="Number of patients of the study [default: 3; 15 of a trial].")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same patients and photographs.")]
Visits = Annotated[str, typer.Option("--visits", help="Days of the visits, separated by commas.")]
Views = Annotated[str, typer.Option("--views", help="Views of each visit, separated by commas [default: ten].")]
LongSide = Annotated[int, typer.Option("--long-side", min=64, max=4096, help="Long side of a photograph in pixels.")]
Quality = Annotated[int, typer.Option("--jpeg-quality", min=30, max=100, help="Quality of the photographs' files.")]
Look = Annotated[
    str | None,
    typer.Option("--look", help="Family of looks of skin and tissues [default: any]; macerated is in no other set."),
]
MaxOpen = Annotated[
    float | None, typer.Option("--max-open", min=0.5, max=80, help="Largest open skin in % BSA [default: 8 to 55].")
]
Training = Annotated[
    int | None, typer.Option("--training", min=1, help="Render a training set of so many photographs, not a study.")
]
Backgrounds = Annotated[
    Path | None, typer.Option("--backgrounds", help="Data folder of photographs for a training set's backgrounds.")
]
Places = Annotated[
    bool,
    typer.Option("--places", help="Make a training set for places on the body: small photographs, poses of all kinds."),
]
Onto = Annotated[
    Path | None,
    typer.Option("--onto", help="Lay a training set's lesions on the skin of this data folder's photographs instead."),
]
Trial = Annotated[
    bool,
    typer.Option("--trial", help="Simulate a whole trial instead: painted bodies, charts, and all of it scored."),
]
Workers = Annotated[int, typer.Option("--workers", min=1, help="Processes that render side by side.")]

STUDY_PATIENTS, TRIAL_PATIENTS = 3, 15
"""Patients of a study, and of a trial, unless others are asked for."""


def phantom(
    out: Out,
    patients: Patients = None,
    seed: Seed = 0,
    visits: Visits = "0,5,7,10,15",
    views: Views = "",
    long_side: LongSide = 1024,
    jpeg_quality: Quality = 90,
    look: Look = None,
    max_open: MaxOpen = None,
    training: Training = None,
    backgrounds: Backgrounds = None,
    onto: Onto = None,
    places: Places = False,
    trial: Trial = False,
    workers: Workers = 1,
) -> None:
    """Render patients whose skin is known: a study folder with truth.csv beside it, or a training set.

    With --trial, a trial is simulated from painted bodies instead of rendered photographs: visits that are missed, late
    or early, deaths, clinical.csv, historical.csv, and the results, on which report and export can be tried. Only
    --patients (15 if not given) and --seed count with it.

    A run that was stopped goes on where it stopped. Studies, training sets and sets of the look macerated draw from
    different streams of chance, so no study and no such set shows a patient that a training set has shown.
    """
    from reepi.phantom.composites import CompositeOptions, write_composites
    from reepi.phantom.study import STANDARD_VIEWS, StudyOptions, write_study
    from reepi.phantom.trainingset import TrainingOptions, write_training_set

    _check_options(training, look, backgrounds, onto, places)
    if trial:
        _check_trial_options(training, look, max_open)
        _simulate_trial(out, TRIAL_PATIENTS if patients is None else patients, seed)
        return
    if training is not None and onto is not None:
        with counted_progress("Photographs", training) as done:
            write_composites(CompositeOptions(out, onto, seed, training), done)
        return
    if training is not None:
        with counted_progress("Photographs", training) as done:
            write_training_set(TrainingOptions(out, seed, training, backgrounds, look, places), workers, done)
        return
    days = _days(visits)
    try:
        names = tuple(name.strip() for name in views.split(",")) if views else STANDARD_VIEWS
        options = StudyOptions(
            out, patients or STUDY_PATIENTS, seed, days, names, long_side, jpeg_quality, look, max_open
        )
    except ValueError as error:
        raise InputError([Fault("reepi phantom", str(error), "See reepi phantom --help")]) from error
    with counted_progress("Photographs", options.photographs) as done:
        write_study(options, workers, done)
    typer.echo(f"Study: {out}\nTruth: {out / 'truth.csv'}")


def _days(visits: str) -> tuple[int, ...]:
    """Return the days of ``--visits``."""
    try:
        return tuple(int(day) for day in visits.split(","))
    except ValueError as error:
        remedy = "Write whole days separated by commas, such as 0,5,7."
        raise InputError([Fault("--visits", f"{visits!r} cannot be read", remedy)]) from error


def _check_trial_options(training: int | None, look: str | None, max_open: float | None) -> None:
    """Refuse what a simulated trial would pass over; see `phantom`."""
    faults = []
    if training is not None:
        faults.append(Fault("reepi phantom", "--trial and --training were both given", "Give one of them."))
    if look is not None or max_open is not None:
        problem = "--look and --max-open are for rendered patients; a trial is painted"
        faults.append(Fault("reepi phantom", problem, "Leave them out."))
    if faults:
        raise InputError(faults)


def _simulate_trial(out: Path, patients: int, seed: int) -> None:
    from reepi.cli.trial import scored_trial
    from reepi.phantom.trial import TrialOptions

    with counted_progress("Patients", patients) as done:
        outcome = scored_trial(TrialOptions(out, patients, seed), done)
    typer.echo(f"Study: {out}\nTruth: {out / 'truth.csv'}\nReport: {outcome.results.report}")


def _check_options(
    training: int | None, look: str | None, backgrounds: Path | None, onto: Path | None, places: bool
) -> None:
    """Refuse a look that does not exist, and options that would be passed over; see `phantom`."""
    from reepi.phantom.families import HELD_OUT_LOOK, LOOKS

    problems = []
    if look is not None and look not in (*LOOKS, HELD_OUT_LOOK):
        problems.append(f"--look must be one of {', '.join((*LOOKS, HELD_OUT_LOOK))}, not {look!r}")
    if training is None and (onto or backgrounds or places):
        problems.append("--onto, --backgrounds and --places are for training sets; add --training")
    if onto and (look or backgrounds or places):
        problems.append(
            "--onto lays lesions of any look on its own photographs; leave --look, --backgrounds and --places out"
        )
    if problems:
        raise InputError([Fault("reepi phantom", problem, "See reepi phantom --help") for problem in problems])
