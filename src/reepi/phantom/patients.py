"""Random patients: body, skin, hair and the course of their disease."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from reepi.body.physique import ORDINARY, SHAPES, SPREADS, Physique
from reepi.body.template import BodyTemplate, build_template
from reepi.core.study import Patient, Sex
from reepi.phantom.covers import Clothes, Hair, draw_clothes, draw_dressings, draw_hair
from reepi.phantom.families import draw_look, draw_skin
from reepi.phantom.features import Features, draw_features
from reepi.phantom.lesions import Course, draw_course
from reepi.phantom.looks import Look, SkinLook
from reepi.phantom.subject import Subject, canonical_surface, reference_landmarks, reference_normals

TRAINING_STREAM, STUDY_STREAM, HELD_OUT_STREAM = 1, 2, 3
"""First word of every seed. Training sets, studies and sets of the look that is held out draw from different streams of
chance, so that a study or a held-out set of any seed holds patients, poses and looks that no training set of any seed
has shown."""


@dataclass(frozen=True)
class PhantomPatient:
    """A patient whose skin is known on every day.

    Parameters
    ----------
    patient : Patient
        Sex, age, height and weight.
    template : BodyTemplate
        The body.
    course : Course
        The lesions over days.
    skin : SkinLook
        Healthy skin.
    features : Features
        Lips, areolae and the like.
    hair : Hair
        Hair.
    look : Look
        How tissues appear.
    """

    patient: Patient
    template: BodyTemplate
    course: Course
    skin: SkinLook
    features: Features
    hair: Hair
    look: Look


def draw_person(rng: np.random.Generator, patient_id: str) -> Patient:
    """Return a random adult of 18 to 75 years with a body mass index of 17 to 38 kg/m²."""
    sex: Sex = "F" if rng.random() < 0.5 else "M"
    mean, spread = (163.0, 6.5) if sex == "F" else (176.0, 7.0)
    height = float(np.clip(rng.normal(mean, spread), 148, 198))
    bmi = float(np.clip(rng.gamma(20, 1.28), 17, 38))
    weight = round(bmi * (height / 100) ** 2)
    return Patient(patient_id, sex, int(rng.integers(18, 76)), round(height), weight)


def draw_physique(rng: np.random.Generator) -> Physique:
    """Return what of a random adult's body height and weight do not tell."""
    spreads = np.array([SPREADS[name] for name in SHAPES])
    return Physique(tuple(map(float, spreads * np.clip(rng.normal(size=len(spreads)), -2, 2))))


def draw_patient(
    rng: np.random.Generator,
    person: Patient,
    max_open_percent: float,
    look: str | None = None,
    even: bool = False,
    physique: Physique = ORDINARY,
) -> PhantomPatient:
    """Return a person with skin, hair and a disease that opens about ``max_open_percent`` of it [% BSA].

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    person : Patient
        Who falls ill.
    max_open_percent : float
        Open skin at its worst [% BSA].
    look : str, optional
        Family of looks, one of `reepi.phantom.families.LOOKS` or the one held out; any if not given.
    even : bool
        Sow lesions evenly over the body instead of where the disease prefers.
    physique : Physique, optional
        What of the body is not ordinary; nothing if not given.
    """
    template = build_template(person, physique)
    skin = draw_skin(rng)
    return PhantomPatient(
        person,
        template,
        draw_course(rng, canonical_surface(template), max_open_percent, even),
        skin,
        draw_features(rng, person),
        draw_hair(rng, person, skin.fitzpatrick),
        draw_look(rng, look, skin),
    )


def on_day(
    phantom: PhantomPatient,
    day: float,
    rng: np.random.Generator,
    dressings: int,
    clothed: bool,
    look: Look | None = None,
) -> Subject:
    """Return a patient as found on a day, with so many random dressings; in another look if one is given."""
    surface = canonical_surface(phantom.template)
    clothes: Clothes | None = draw_clothes(rng, reference_landmarks(), phantom.patient.sex) if clothed else None
    stuck = draw_dressings(rng, surface, reference_normals(), dressings)
    return Subject(
        phantom.template, phantom.course, look or phantom.look, phantom.features, phantom.hair, clothes, stuck, day
    )


def dated(person: Patient, index_date: date, day_zero_date: date) -> Patient:
    """Return a person with the dates that a study needs."""
    return replace(person, index_date=index_date, day_zero_date=day_zero_date)
