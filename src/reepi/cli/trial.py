"""Writes and scores a simulated trial: what ``phantom --trial`` does, and the tests and notebooks with it."""

from collections.abc import Callable
from pathlib import Path

from reepi.cli.batch import OVERLAYS, Outcome, score_folder
from reepi.cli.jobs import finished_photographs
from reepi.cli.models import Models
from reepi.instruments import Instruments
from reepi.phantom.painted import keep_painted, register_painted, segment_painted
from reepi.phantom.trial import TrialOptions, write_trial
from reepi.store.results import ResultsFolder
from reepi.store.said import said_of
from reepi.store.study import read_study
from reepi.store.trail import Trail


class PaintedModels(Models):
    """What stands in the place of models in a painted study: no network, but colours and a known camera."""

    def instruments(self) -> Instruments:
        """Return the instruments that are right on painted photographs."""
        return Instruments(segment_painted, register_painted)


def scored_trial(options: TrialOptions, done: Callable[[int], None] = lambda _: None) -> Outcome:
    """Write a simulated trial and score it into ``results`` of its folder, as ``reepi score`` would.

    Parameters
    ----------
    options : TrialOptions
        What the trial is drawn from.
    done : callable
        Told the number of patients drawn so far.
    """
    instruments = write_trial(options, done)
    return score_painted(options.out, PaintedModels(instruments["tissue"], instruments["place"]))


def score_painted(folder: Path, models: PaintedModels) -> Outcome:
    """Score a study of painted photographs; what `reepi.phantom.painted` measured of them is kept beforehand."""
    study, results = read_study(folder), ResultsFolder(folder / "results")
    said = said_of(folder, Trail(folder))
    with results.alone(f"painting {folder}"):
        archive = finished_photographs(study.capture, folder, results, models, said, OVERLAYS)
        keep_painted(study, folder, archive)
    return score_folder(folder, results.path, models)
