"""A training data folder of rendered photographs: images, tissue masks and face maps."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np

from reepi.body.mirror import face_mirror
from reepi.body.physique import ORDINARY
from reepi.body.template import reference_template
from reepi.core.images import Pixels
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.core.views import VIEW_NAMES
from reepi.phantom.backdrops import load_backdrops
from reepi.phantom.claiming import claim
from reepi.phantom.face_cloth import with_face_cloth
from reepi.phantom.families import HELD_OUT_LOOK, draw_look, draw_look_name
from reepi.phantom.framing import Framing, draw_framing
from reepi.phantom.patients import (
    HELD_OUT_STREAM,
    TRAINING_STREAM,
    PhantomPatient,
    draw_patient,
    draw_person,
    draw_physique,
    on_day,
)
from reepi.phantom.pictures import face_code, jpeg_file, png
from reepi.phantom.poses import Posture
from reepi.phantom.rendering import RenderedPhotograph, render_photograph
from reepi.phantom.samples_table import image_path, write_lines
from reepi.phantom.scene import draw_scene
from reepi.phantom.side_by_side import rendered
from reepi.phantom.subject import canonical_surface
from reepi.store.files import write_bytes, write_text

DECLARATION = "dataset.toml"
"""File that says what a data folder is."""

PHOTOS_PER_PATIENT = 16
"""Photographs of one training patient; the 32 views take turns over two patients."""

LONG_SIDE_PX = 448
"""Long side of a training photograph taken in a hurry [px]."""

STANDARD_SHARE = 0.5
"""Share of the training photographs that keep to the standard, as a study's do; the rest are taken in a hurry, with
pose, framing, light, clothes and dressings drawn more widely than any clinic's."""

STANDARD_LONG_SIDE_PX = 768
"""Long side of a training photograph that keeps to the standard [px]."""

PLACES_LONG_SIDE_PX = 320
"""Long side of a photograph that teaches places alone [px]; the network that learns them sees no more of it."""

PLACES_UPRIGHT = 0.75
"""Share of hurried photographs with the camera held upright where places are taught: who lies in bed lies across."""

PLACES_FACE_COVERED = 0.35
"""Share of the photographs that teach places alone in which a cloth lies over the face, if it is shown."""

TRAINING_JPEG_QUALITY = 92
"""Quality of the stored file; the camera's own JPEG is in the pixels already."""

SPLIT_ROUND = 9
"""Of so many patients the last two are for test and validation; odd, so that both splits see every view in turn."""


@dataclass(frozen=True)
class TrainingOptions:
    """What a training set is drawn from.

    Parameters
    ----------
    out : Path
        The data folder.
    seed : int
        Seed of the set.
    photographs : int
        How many.
    backgrounds : Path or None
        Data folder of real photographs that backgrounds may be cut from.
    look : str or None
        Family of looks of all photographs; any of `reepi.phantom.families.LOOKS` if None. A set of the look that is
        held out is for tests alone, and shares nothing but its seed with training sets.
    places : bool
        Small photographs in all poses of a patient in bed: for learning places on the body, for which
        lesions matter little.
    """

    out: Path
    seed: int
    photographs: int
    backgrounds: Path | None = None
    look: str | None = None
    places: bool = False

    @property
    def patients(self) -> int:
        """Number of patients."""
        return -(-self.photographs // PHOTOS_PER_PATIENT)

    @property
    def held_out(self) -> bool:
        """Whether it is a set of the look that is held out."""
        return self.look == HELD_OUT_LOOK

    def rng(self, *words: int) -> np.random.Generator:
        """Return the source of chance of what some numbers stand for, such as a photograph."""
        return np.random.default_rng([_stream(self.held_out), self.seed, *words])


@dataclass(frozen=True)
class Sample:
    """One line of ``samples.csv``."""

    stem: str
    patient_id: str
    split: str
    view: str
    look: str


def write_training_set(
    options: TrainingOptions, workers: int = 1, done: Callable[[int], None] = lambda _: None
) -> None:
    """Render a training set; photographs already in the folder are kept, so a set may also grow.

    The lines of all photographs are written first. Until the last of them is rendered, whoever reads the folder is told
    which are missing.

    Parameters
    ----------
    options : TrainingOptions
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
    drawn_from = {name: value for name, value in asdict(options).items() if name not in ("out", "photographs")}
    made = "held-out set" if options.held_out else "training set"
    claim(options.out, {"made": made, **drawn_from}, DECLARATION, _declaration(options))
    _write_frame(options)
    write_lines(options.out, (asdict(each) for index in range(options.patients) for each in _samples(options, index)))
    finished = 0
    for count in rendered(render_patient, options, options.patients, workers):
        finished += count
        done(finished)


def render_patient(options: TrainingOptions, index: int) -> int:
    """Render the photographs of one training patient that are not there yet, and return how many the patient has."""
    cv2.setNumThreads(1)
    phantom: PhantomPatient | None = None
    samples = _samples(options, index)
    for number, sample in enumerate(samples):
        if image_path(options.out, sample.stem).exists():
            continue
        phantom = phantom or training_patient(options.seed, index, held_out=options.held_out)
        photograph = _render(options, phantom, sample, index, number)
        _write_photograph(options.out, sample.stem, photograph)
    return len(samples)


def split_of(index: int) -> str:
    """Return the split of a patient: ``train``, ``val`` or ``test``; see `TrainingOptions.look`."""
    return {SPLIT_ROUND - 1: "val", SPLIT_ROUND - 2: "test"}.get(index % SPLIT_ROUND, "train")


def training_patient(seed: int, index: int, *, held_out: bool = False) -> PhantomPatient:
    """Return the patient of an index in the training set of a seed, or in the set of the look that is held out.

    Each has a body of his own, with a physique that height and weight do not tell: a network that learns from few
    bodies places the skin of others worse. Those that test or validate have theirs by their index alone, whatever the
    seed, and an ordinary physique.
    """
    trained_on = split_of(index) == "train" and not held_out
    body = np.random.default_rng([_stream(held_out), *([4, seed, index] if trained_on else [3, index])])
    rng = np.random.default_rng([_stream(held_out), seed, 1, index])
    person = draw_person(body, _patient_id(seed, index, held_out))
    physique = draw_physique(body) if trained_on else ORDINARY
    return draw_patient(rng, person, float(rng.uniform(3, 65)), even=bool(rng.random() < 0.5), physique=physique)


def _patient_id(seed: int, index: int, held_out: bool) -> str:
    """Return an identifier that no patient of another set has: patients of one name are taken to be one."""
    return f"{'H' if held_out else 'T'}{seed}_{index:05d}"


def _stream(held_out: bool) -> int:
    return HELD_OUT_STREAM if held_out else TRAINING_STREAM


def _samples(options: TrainingOptions, index: int) -> list[Sample]:
    """Return the photographs of one training patient."""
    count = min(PHOTOS_PER_PATIENT, options.photographs - index * PHOTOS_PER_PATIENT)
    return [_sample(options, index, number) for number in range(count)]


def _sample(options: TrainingOptions, index: int, number: int) -> Sample:
    look = draw_look_name(options.rng(2, index, number), options.look)
    view = VIEW_NAMES[(index * PHOTOS_PER_PATIENT + number) % len(VIEW_NAMES)]
    split = "test" if options.held_out else split_of(index)
    patient_id = _patient_id(options.seed, index, options.held_out)
    return Sample(f"s{options.seed}_{index:05d}_{number:02d}", patient_id, split, view, look)


def _render(
    options: TrainingOptions, phantom: PhantomPatient, sample: Sample, index: int, number: int
) -> RenderedPhotograph:
    rng = options.rng(2, index, number)
    # Of a stream of its own: the first draw of the other one has chosen the family, and would choose its parts as well.
    of_look = options.rng(5, index, number)
    look = draw_look(of_look, sample.look, phantom.skin)
    day = float(rng.choice([rng.uniform(-2, 7), rng.uniform(4, 18)]))
    standard = bool(rng.random() < STANDARD_SHARE)
    if standard:
        clothed, dressings = False, int(rng.integers(0, 5))
        framing = draw_framing(rng, PLACES_LONG_SIDE_PX if options.places else STANDARD_LONG_SIDE_PX, wide=False)
    else:
        clothed = bool(rng.random() < (0.2 if sample.view.startswith(("pelvis", "buttocks")) else 0.55))
        dressings = int(rng.integers(0, 9)) if rng.random() < 0.6 else 0
        framing = _hurried_framing(rng, options)
    subject = on_day(phantom, day, rng, dressings, clothed, look)
    posture: Posture | None = "any" if options.places and not standard else None
    backdrops = _backdrops(options.backgrounds)
    scene = draw_scene(rng, phantom.template, sample.view, framing, backdrops, standard, posture)
    of_cloth = options.rng(4, index, number)
    if options.places and of_cloth.random() < PLACES_FACE_COVERED:
        scene = with_face_cloth(of_cloth, scene, phantom.template)
    return render_photograph(subject, scene, rng)


def _hurried_framing(rng: np.random.Generator, options: TrainingOptions) -> Framing:
    if options.places:
        return draw_framing(rng, PLACES_LONG_SIDE_PX, upright=PLACES_UPRIGHT)
    return draw_framing(rng, LONG_SIDE_PX)


@lru_cache(maxsize=1)
def _backdrops(folder: Path | None) -> tuple[Pixels, ...]:
    return () if folder is None else load_backdrops(folder)


def _write_photograph(out: Path, stem: str, photograph: RenderedPhotograph) -> None:
    """Write face map and mask, then the image, whose presence says that all three are there."""
    write_bytes(out / "faces" / f"{stem}.png", png(face_code(photograph.faces)))
    write_bytes(out / "masks" / f"{stem}.png", png(photograph.mask))
    write_bytes(image_path(out, stem), jpeg_file(photograph.pixels, TRAINING_JPEG_QUALITY))


def _write_frame(options: TrainingOptions) -> None:
    """Write what does not depend on the photographs: the data set's card and the canonical face centres."""
    template = reference_template()
    points = canonical_surface(template).points
    packed = BytesIO()
    np.savez(packed, centroids=points, mirror=face_mirror().astype(np.int32))
    write_bytes(options.out / "canonical.npz", packed.getvalue())
    write_text(options.out / DECLARATION, _declaration(options))


def _declaration(options: TrainingOptions) -> str:
    values = "\n".join(f'{tissue.value} = "{tissue.label}"' for tissue in Tissue)
    stream = "held-out" if options.held_out else "training"
    source = f"rendered by reepi phantom, {stream} stream, seed {options.seed}"
    source += "" if options.look is None else f", look {options.look} alone"
    source += ", small and in all poses, for places on the body" if options.places else ""
    if options.backgrounds is not None:
        source += f"; some backgrounds cut from training photographs of {options.backgrounds.name}, where no skin is"
    return (
        f'name = "{_name(options)}"\n'
        f"source = {json.dumps(source)}\n"
        'licence = "Apache-2.0"\n'
        'patient_ids = "one per rendered patient, in samples.csv"\n\n'
        f'[values]\n{values}\n{UNLABELLED} = "unlabelled"\n'
    )


def _name(options: TrainingOptions) -> str:
    return "-".join(["phantoms", *(["places"] if options.places else []), *([options.look] if options.look else [])])
