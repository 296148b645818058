"""A study folder of rendered patients, with its truth beside it."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np

from reepi.body.physique import Physique
from reepi.body.template import BodyTemplate
from reepi.core.surface import SurfaceMap
from reepi.core.views import VIEW_NAMES
from reepi.mapping.projection import project_mask, skin_samples
from reepi.mapping.registration import registration_from_pose
from reepi.phantom.claiming import claim
from reepi.phantom.framing import draw_framing
from reepi.phantom.patients import (
    STUDY_STREAM,
    PhantomPatient,
    dated,
    draw_patient,
    draw_person,
    draw_physique,
    on_day,
)
from reepi.phantom.pictures import camera_record, face_code, jpeg_file, png, read_camera, read_mask
from reepi.phantom.rendering import RenderedPhotograph, render_photograph
from reepi.phantom.scene import draw_scene
from reepi.phantom.side_by_side import rendered
from reepi.phantom.study_tables import (
    PHYSIQUES,
    PhantomVisit,
    patients_table,
    photos_table,
    physiques_table,
    truth_table,
)
from reepi.phantom.truth import face_tissue, seen_share, true_surface, truth_rows
from reepi.store.files import write_bytes, write_text
from reepi.store.settings import SETTINGS_FILE
from reepi.store.surfaces import pack_surface

STANDARD_VIEWS = (
    "whole_anterior",
    "whole_posterior",
    "head_anterior",
    "trunk_anterior",
    "trunk_posterior",
    "trunk_left",
    "trunk_right",
    "buttocks_posterior",
    "arm_left_anterior",
    "arm_right_anterior",
)
"""Views taken at every visit unless others are asked for: together they show nearly all skin."""

STANDARD_DAYS = (0, 5, 7, 10, 15)
"""Days of the visits unless others are asked for: the trial's."""

FIRST_DAY = date(2026, 1, 5)
"""Day zero of the first patient; each further one comes a week later."""

EARLIEST_DAY, LATEST_DAY = -100, 999
"""Days of the first and the last visit that a study may have; what chance does on a day is drawn by its number from
the first on."""

BODIES = "each with girths and lengths of its own"
"""What bodies patients have; a study that was begun with others is not gone on with."""

MAX_OPEN_PERCENT = (8.0, 55.0)
"""Range that a patient's largest open skin is drawn from, evenly in its logarithm [% BSA]."""


@dataclass(frozen=True)
class StudyOptions:
    """What a study is drawn from.

    Parameters
    ----------
    out : Path
        The study folder.
    patients : int
        How many patients.
    seed : int
        Seed; the same seed gives the same study.
    days : tuple of int
        Days of the visits, after day zero; from `EARLIEST_DAY` to `LATEST_DAY`, each once.
    views : tuple of str
        Views of each visit, each once.
    long_side : int
        Long side of a photograph [px].
    jpeg_quality : int
        Quality of the photographs' files.
    look : str or None
        Family of looks; any if None.
    max_open_percent : float or None
        Open skin at its worst [% BSA]; drawn for each patient if None.
    """

    out: Path
    patients: int
    seed: int
    days: tuple[int, ...] = STANDARD_DAYS
    views: tuple[str, ...] = STANDARD_VIEWS
    long_side: int = 1024
    jpeg_quality: int = 90
    look: str | None = None
    max_open_percent: float | None = None

    def __post_init__(self) -> None:
        problems = _problems(self)
        if problems:
            raise ValueError("; ".join(problems))

    @property
    def photographs(self) -> int:
        """Number of photographs."""
        return self.patients * len(self.days) * len(self.views)


def _problems(options: StudyOptions) -> list[str]:
    """Return what is wrong with the options of a study."""
    problems = []
    unknown = sorted(set(options.views) - set(VIEW_NAMES))
    if unknown:
        problems.append(f"views {', '.join(unknown)} do not exist; choose from {', '.join(VIEW_NAMES)}")
    if options.patients < 1 or not options.days or not options.views:
        problems.append("a study needs a patient, a day and a view")
    if any(not EARLIEST_DAY <= day <= LATEST_DAY for day in options.days):
        problems.append(f"days of visits lie between {EARLIEST_DAY} and {LATEST_DAY}")
    repeated = [*_repeated(options.days), *_repeated(options.views)]
    if repeated:
        problems.append(f"{', '.join(repeated)} stands there twice; give each day and each view once")
    return problems


def _repeated(values: Sequence[object]) -> list[str]:
    return [str(value) for value, count in Counter(values).items() if count > 1]


def write_study(options: StudyOptions, workers: int = 1, done: Callable[[int], None] = lambda _: None) -> None:
    """Render a study; photographs already in the folder are kept.

    Parameters
    ----------
    options : StudyOptions
        What to draw.
    workers : int
        Processes.
    done : callable
        Told the number of photographs finished so far.

    Raises
    ------
    InputError
        The folder holds something else, or was drawn from other options.
    """
    drawn_from = {name: value for name, value in asdict(options).items() if name != "out"}
    claim(options.out, {"made": "study", "bodies": BODIES, **drawn_from}, SETTINGS_FILE, _settings(options))
    visits: list[PhantomVisit] = []
    for batch in rendered(render_patient, options, options.patients, workers):
        visits += batch
        done(sum(len(visit.photos) for visit in visits))
    _write_tables(options, visits)


def study_patient(options: StudyOptions, index: int) -> PhantomPatient:
    """Return the patient of an index in a study, whose physique is not what height and weight make one expect."""
    rng = np.random.default_rng([STUDY_STREAM, options.seed, 1, index])
    day_zero = FIRST_DAY + timedelta(days=7 * index)
    person = dated(draw_person(rng, _patient_id(index)), day_zero - timedelta(days=int(rng.integers(2, 6))), day_zero)
    drawn = float(np.exp(rng.uniform(*np.log(MAX_OPEN_PERCENT))))
    worst = drawn if options.max_open_percent is None else options.max_open_percent
    return draw_patient(rng, person, worst, options.look, physique=study_physique(options, index))


def _patient_id(index: int) -> str:
    return f"P{index + 1:02d}"


def study_physique(options: StudyOptions, index: int) -> Physique:
    """Return what of the body of a study's patient height and weight do not tell."""
    return draw_physique(np.random.default_rng([STUDY_STREAM, options.seed, 4, index]))


def render_patient(options: StudyOptions, index: int) -> list[PhantomVisit]:
    """Render all visits of one patient, with their truth."""
    cv2.setNumThreads(1)
    phantom = study_patient(options, index)
    return [_visit(options, phantom, index, day) for day in options.days]


def _visit(options: StudyOptions, phantom: PhantomPatient, index: int, day: int) -> PhantomVisit:
    person, template = phantom.patient, phantom.template
    taken_on = (person.day_zero_date or FIRST_DAY) + timedelta(days=day)
    stems = [f"{person.patient_id}_d{day:02d}_{view}" for view in options.views]
    for number, stem in enumerate(stems):
        if not photo_path(options.out, stem).exists():
            _write_photograph(options, stem, _photograph(options, phantom, index, day, number))
    tissue = face_tissue(template, phantom.course, day)
    surface = true_surface(tissue, seen_share(_laid_on_body(options.out, stem, template) for stem in stems))
    _write_surface(options.out, person.patient_id, taken_on, surface)
    rows = truth_rows(template, template.shares("patient", person.age_years), surface, tissue)
    photos = tuple((f"photos/{stem}.jpg", view) for stem, view in zip(stems, options.views, strict=True))
    return PhantomVisit(person, taken_on, day, photos, tuple(rows))


def _photograph(
    options: StudyOptions, phantom: PhantomPatient, index: int, day: int, number: int
) -> RenderedPhotograph:
    """Return one photograph; dressings and clothes are those of the day, pose, camera and light its own."""
    of_day = np.random.default_rng([STUDY_STREAM, options.seed, 2, index, day - EARLIEST_DAY])
    subject = on_day(phantom, day, of_day, int(of_day.integers(0, 5)), clothed=False)
    rng = np.random.default_rng([STUDY_STREAM, options.seed, 3, index, day - EARLIEST_DAY, number])
    framing = draw_framing(rng, options.long_side, wide=False)
    return render_photograph(subject, draw_scene(rng, phantom.template, options.views[number], framing, tidy=True), rng)


def photo_path(out: Path, stem: str) -> Path:
    """Return where a photograph lies in a study folder."""
    return out / "photos" / f"{stem}.jpg"


def _write_photograph(options: StudyOptions, stem: str, photograph: RenderedPhotograph) -> None:
    """Write the truth, then the photograph, whose presence says that all is there."""
    truth = options.out / "truth"
    write_bytes(truth / "faces" / f"{stem}.png", png(face_code(photograph.faces)))
    write_bytes(truth / "masks" / f"{stem}.png", png(photograph.mask))
    write_text(truth / "cameras" / f"{stem}.json", json.dumps(camera_record(photograph), indent=1) + "\n")
    write_bytes(photo_path(options.out, stem), jpeg_file(photograph.pixels, options.jpeg_quality))


def _laid_on_body(out: Path, stem: str, template: BodyTemplate) -> SurfaceMap:
    """Return what the stored mask of a photograph shows of each face, by its stored camera and pose."""
    truth = out / "truth"
    camera, pose = read_camera(truth / "cameras" / f"{stem}.json")
    placed = registration_from_pose(camera, pose, template, residual_mm=0.0)
    return project_mask(skin_samples(placed, template), read_mask(truth / "masks" / f"{stem}.png"))


def _write_surface(out: Path, patient_id: str, day: date, surface: SurfaceMap) -> None:
    write_bytes(out / "truth" / "surface" / f"{patient_id}_{day.isoformat()}.npz", pack_surface(surface))


def _settings(options: StudyOptions) -> str:
    days = ", ".join(str(day) for day in options.days)
    return (
        f'[study]\nname = "Rendered patients, seed {options.seed}"\nday_zero = "infusion"\nvisit_days = [{days}]\n\n'
        '[protocol]\nbody_surface = "patient"\ndenominator = "peak"\nnumerator = "followed"\n'
        "almost_complete_percent = 90\ncomplete_percent = 100\neligibility_percent = 10\neligibility_days = 10\n"
        'unassessed = "as_region"\n'
    )


def _write_tables(options: StudyOptions, visits: list[PhantomVisit]) -> None:
    write_text(options.out / SETTINGS_FILE, _settings(options))
    write_text(
        options.out / "patients.csv",
        patients_table({visit.patient.patient_id: visit.patient for visit in visits}.values()),
    )
    write_text(options.out / "photos.csv", photos_table(visits))
    physiques = {_patient_id(index): study_physique(options, index) for index in range(options.patients)}
    write_text(options.out / "truth" / PHYSIQUES, physiques_table(physiques))
    write_text(options.out / "truth.csv", truth_table(visits))
