"""A simulated trial like LYSYME: a study folder of painted photographs and made-up charts, with its truth beside it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.tissue import ASSESSED, Tissue
from reepi.core.views import VIEWS
from reepi.phantom.claiming import claim
from reepi.phantom.painted import CAMERA_SIDES, laid_on_body, painted_file, painted_mask, write_instrument_cards
from reepi.phantom.patients import STUDY_STREAM
from reepi.phantom.study_tables import PhantomVisit, patients_table, photos_table, truth_table
from reepi.phantom.subject import canonical_surface
from reepi.phantom.trial_clinical import Chart, draw_chart, draw_historical, historical_text
from reepi.phantom.trial_patients import TrialPatient, draw_trial_patient, roles
from reepi.phantom.trial_reading import ReadingError, read_generously
from reepi.phantom.truth import true_surface, truth_rows
from reepi.store.clinical import CLINICAL_FILE, clinical_text
from reepi.store.files import write_bytes, write_text
from reepi.store.historical import HISTORICAL_FILE
from reepi.store.settings import SETTINGS_FILE

TRIAL_DAYS: Final = (0, 3, 5, 7, 10, 15, 22, 30)
"""Days of the visits: those of the trial's endpoints, with one before and two after."""

TRIAL_VIEWS: Final = ("whole_anterior", "whole_posterior", "trunk_left", "trunk_right")
"""Views of a visit, all of the whole body; together they show nine tenths of the skin."""

INSTRUMENTS: Final = "instruments"
"""Folder of the study in which stands what was measured with."""

DRESSINGS: Final = (0, 3)
"""Fewest and most dressings of a visit."""

DRESSING_M: Final = (0.03, 0.08)
"""Radius of a dressing [m]."""


@dataclass(frozen=True)
class TrialOptions:
    """What a trial is drawn from.

    Parameters
    ----------
    out : Path
        The study folder.
    patients : int
        How many patients.
    seed : int
        Seed; the same seed gives the same folder, byte by byte.
    days : tuple of int
        Planned days.
    views : tuple of str
        Views of each visit; from the front, the back and the sides.
    error : ReadingError
        How wrongly the photographs are read and placed; not at all if nothing is said.
    """

    out: Path
    patients: int = 15
    seed: int = 0
    days: tuple[int, ...] = TRIAL_DAYS
    views: tuple[str, ...] = TRIAL_VIEWS
    error: ReadingError = field(default_factory=ReadingError)

    def __post_init__(self) -> None:
        if self.patients < 1 or not self.days or not self.views:
            raise ValueError("a trial needs a patient, a day and a view")
        unknown = [name for name in self.views if name not in VIEWS or VIEWS[name].aspect not in CAMERA_SIDES]
        if unknown:
            raise ValueError(f"views {', '.join(unknown)} are not painted; take those from front, back, left and right")


def write_trial(options: TrialOptions, done: Callable[[int], None] = lambda _: None) -> dict[str, Path]:
    """Write the study folder of a simulated trial.

    Parameters
    ----------
    options : TrialOptions
        What to draw.
    done : callable
        Told the number of patients finished so far.

    Returns
    -------
    dict of Path
        Folders that stand for the models in the record of the scoring, by their use; see `reepi.phantom.painted`.

    Raises
    ------
    InputError
        The folder holds something else, or was drawn from other options.
    """
    drawn_from = {name: value for name, value in asdict(options).items() if name != "out"}
    claim(options.out, {"made": "trial", **drawn_from}, SETTINGS_FILE, _settings(options))
    patients, charts, visits = [], list[Chart](), list[PhantomVisit]()
    for index, role in enumerate(roles(options.seed, options.patients)):
        patient = draw_trial_patient(options.seed, index, role)
        chart = draw_chart(patient, np.random.default_rng([STUDY_STREAM, options.seed, 6, index]))
        days = patient.days_seen(options.days, chart.end)
        visits += [_visit(options, patient, index, day) for day in days]
        patients.append(patient.person)
        charts.append(chart)
        done(index + 1)
    history = draw_historical(np.random.default_rng([STUDY_STREAM, options.seed, 7]))
    for name, text in {
        SETTINGS_FILE: _settings(options),
        "patients.csv": patients_table(patients),
        "photos.csv": photos_table(visits),
        "truth.csv": truth_table(visits),
        CLINICAL_FILE: clinical_text(line for chart in charts for line in chart.lines),
        HISTORICAL_FILE: historical_text(history),
    }.items():
        write_text(options.out / name, text)
    return write_instrument_cards(options.out / INSTRUMENTS)


def _visit(options: TrialOptions, patient: TrialPatient, index: int, day: int) -> PhantomVisit:
    """Paint what is read of a visit, and return it with what is true."""
    rng = np.random.default_rng([STUDY_STREAM, options.seed, 8, index, day])
    template, shares = patient.template, patient.template.shares("patient", patient.person.age_years)
    points = canonical_surface(template).points
    true = patient.tissue(day)
    hidden = _dressings(rng, points, template.skin)
    placed = patient.tissue(day, options.error.shift_m(rng)) if options.error.placement_mm else true
    read = read_generously(rng, placed, points, shares * template.skin, options.error.generosity(rng))
    seen, photos = np.zeros(template.n_faces, np.float32), []
    for view in options.views:
        file = f"photos/{patient.person.patient_id}_d{day:02d}_{view}.png"
        mask = painted_mask(template, VIEWS[view], np.where(hidden, Tissue.COVERED, read).astype(np.uint8))
        write_bytes(options.out / file, painted_file(mask))
        surface = laid_on_body(template, VIEWS[view], mask)
        seen = np.maximum(seen, surface.seen * surface.tissue[:, list(ASSESSED)].sum(axis=1))
        photos.append((file, view))
    tissue = np.zeros((template.n_faces, len(Tissue)), np.float32)
    tissue[np.flatnonzero(template.skin), true[template.skin]] = 1
    rows = truth_rows(template, shares, true_surface(tissue, seen), tissue)
    return PhantomVisit(patient.person, patient.day_zero + timedelta(days=day), day, tuple(photos), tuple(rows))


def _dressings(
    rng: np.random.Generator, points: npt.NDArray[np.float32], skin: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Return which faces lie under one of a visit's dressings, (F,)."""
    count = int(rng.integers(DRESSINGS[0], DRESSINGS[1] + 1))
    centres, radii = rng.choice(np.flatnonzero(skin), DRESSINGS[1]), rng.uniform(*DRESSING_M, DRESSINGS[1])
    hidden = np.zeros(len(points), bool)
    for centre, radius in zip(centres[:count], radii[:count], strict=True):
        hidden |= np.linalg.norm(points - points[centre], axis=1) < radius
    return hidden


def _settings(options: TrialOptions) -> str:
    days = ", ".join(str(day) for day in options.days)
    return (
        f'[study]\nname = "Simulated trial, seed {options.seed}"\nday_zero = "infusion"\nvisit_days = [{days}]\n\n'
        '[protocol]\nbody_surface = "patient"\ndenominator = "peak"\nnumerator = "followed"\n'
        "almost_complete_percent = 90\ncomplete_percent = 100\neligibility_percent = 10\neligibility_days = 10\n"
        'unassessed = "as_region"\nwindow_days = 1\nmissing_responder = "left_out"\nseverity_rule = "bastuji-garin"\n'
        'scorten_boundaries = "above"\nscorten_mortality = "logistic"\ndeath_days = 30\nadverse_event_days = 10\n'
        "infusion_within_days = 5\n"
    )
