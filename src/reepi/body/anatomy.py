"""The parametric body behind the template, fitted to a patient.

A phenotype (sex, age, muscle, weight, height) shapes the body; see `reepi.body.body_model`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

from reepi.body.body_model import body_model
from reepi.body.physique import ORDINARY, SHAPES, SPREADS, Physique, differences
from reepi.core.study import Patient

Floats = npt.NDArray[np.float64]

BODY_DENSITY_KG_M3: Final = 985.0
"""Density of the whole body with air in the lungs, which turns the mesh's volume into weight [kg/m³]."""

AGE_ANCHORS_YEARS: Final = (0.0, 1.0, 11.0, 25.0, 90.0)
"""Ages of the body model's newborn, baby, child, young and old shapes [years], spread over -1/3 to 1."""

HEIGHT_TOLERANCE_M: Final = 0.002
WEIGHT_TOLERANCE_KG: Final = 0.2
"""How far the fitted body may be from the patient's height and weight before a plain shape gives way."""

PLAIN_SHAPE_PULL: Final = 0.05
"""Pull of muscle and fat towards the middle, in units of the tolerances: it only settles what both leave free."""

REACHED_M: Final = 0.005
REACHED_KG: Final = 0.5
"""A fit this near the patient is taken."""

STARTS: Final = ((0.5, 0.5, 0.5), (0.5, 1.2, 0.2), (0.5, 0.2, 0.2))
"""Height, fat and muscle from which the fit starts: ordinary, heavy, light; shapes are bent lines in between."""

FAT_LIMITS: Final = (-0.3, 2.0)
"""Range of the model's fatness; beyond 0 and 1 its shapes are extrapolated, which BMI over 33 needs."""


@dataclass(frozen=True)
class BodyShape:
    """A body in its neutral pose.

    Parameters
    ----------
    vertices : (V, 3) float64
        Surface points [m]: x to the patient's left, y to the back, z up; the soles stand at z = 0.
    joint_heads : (J, 3) float64
        Joint centres [m].
    """

    vertices: Floats
    joint_heads: Floats


def body_shape(
    *, male: float, age: float, muscle: float, weight: float, height: float, beside: tuple[Floats, Floats] | None = None
) -> BodyShape:
    """Return the body of a phenotype, every number on the model's scale, 0 to 1 (age from -1/3).

    ``beside`` is how vertices and joints of a physique lie beside those of an ordinary body [m].
    """
    model, phenotype = body_model(), (male, age, muscle, weight, height)
    vertices, joints = model.surface.at(*phenotype).points, model.joints.at(*phenotype).points
    if beside is not None:
        vertices, joints = vertices + beside[0], joints + beside[1]
    floor = _floor(vertices)
    return BodyShape(vertices - floor, joints - floor)


def _floor(vertices: Floats) -> Floats:
    return np.array([0.0, 0.0, vertices[:, 2].min()])


def height_m(vertices: Floats) -> float:
    """Return the stature of a body in its neutral pose [m]."""
    return float(np.ptp(vertices[:, 2]))


def weight_kg(vertices: Floats) -> float:
    """Return the weight of a body [kg]: the volume that its surface encloses times `BODY_DENSITY_KG_M3`."""
    a, b, c = vertices[body_model().topology.faces].transpose(1, 0, 2)
    volume = np.einsum("ij,ij->", a, np.cross(b, c)) / 6
    return float(abs(volume) * BODY_DENSITY_KG_M3)


def model_age(age_years: float) -> float:
    """Return an age [years] on the body model's scale, -1/3 to 1."""
    return float(np.interp(age_years, AGE_ANCHORS_YEARS, np.linspace(-1 / 3, 1, len(AGE_ANCHORS_YEARS))))


def shape_of(patient: Patient, physique: Physique = ORDINARY) -> BodyShape:
    """Return the body of a patient's sex and age with the patient's height and weight.

    Of the many bodies that have them, the one with the most ordinary muscle and fat is taken.

    Parameters
    ----------
    patient : Patient
        Sex, age, height and weight.
    physique : Physique, optional
        What else is not ordinary.

    Raises
    ------
    ValueError
        The body model reaches no such height and weight at this age.
    """
    beside = None if physique == ORDINARY else differences().of(physique)
    return _shape(patient, _phenotype(patient, beside), beside)


def _shape(patient: Patient, x: Floats, beside: tuple[Floats, Floats] | None = None) -> BodyShape:
    """Return the body of a patient's sex and age with height, fat and muscle on the model's scale."""
    male, age = _sex_and_age(patient)
    return body_shape(male=male, age=age, height=x[0], weight=x[1], muscle=x[2], beside=beside)


def _sex_and_age(patient: Patient) -> tuple[float, float]:
    return 1.0 if patient.sex == "M" else 0.0, model_age(patient.age_years)


def _phenotype(patient: Patient, beside: tuple[Floats, Floats] | None) -> Floats:
    """Return height, fat and muscle on the model's scale of a patient's body; see `shape_of`."""
    of_sex_and_age = body_model().surface.at(*_sex_and_age(patient))

    def misfit(x: Floats) -> Floats:
        vertices = of_sex_and_age.at(x[2], x[1], x[0]).points
        if beside is not None:
            vertices = vertices + beside[0]
        return np.array(
            [
                (height_m(vertices) - patient.height_cm / 100) / HEIGHT_TOLERANCE_M,
                (weight_kg(vertices) - patient.weight_kg) / WEIGHT_TOLERANCE_KG,
                PLAIN_SHAPE_PULL * (x[1] - 0.5) / 0.5,
                PLAIN_SHAPE_PULL * (x[2] - 0.5) / 0.5,
            ]
        )

    for start in STARTS:
        x = _fit(misfit, start)
        shape = _shape(patient, x, beside)
        if _reached(shape, patient):
            return x
    raise ValueError(
        f"no body of {patient.height_cm:g} cm and {patient.weight_kg:g} kg at {patient.age_years:g} years; the nearest "
        f"has {height_m(shape.vertices) * 100:.0f} cm and {weight_kg(shape.vertices):.0f} kg. "
        f"Check height_cm and weight_kg"
    )


def _fit(misfit: Callable[[Floats], Floats], start: tuple[float, float, float]) -> Floats:
    low, high = np.array([-0.2, FAT_LIMITS[0], 0.0]), np.array([1.2, FAT_LIMITS[1], 1.0])
    fit = least_squares(misfit, start, bounds=(low, high), diff_step=1e-3, max_nfev=40)
    return np.asarray(fit.x, np.float64)


def _reached(shape: BodyShape, patient: Patient) -> bool:
    tall = abs(height_m(shape.vertices) - patient.height_cm / 100) <= REACHED_M
    return tall and abs(weight_kg(shape.vertices) - patient.weight_kg) <= REACHED_KG


def shifts_of_measures(patient: Patient) -> BodyShape:
    """Return by how much bodies of a patient's sex, age, height and weight differ, measure by measure.

    To first order: height, fat and muscle of the body model give way as `shape_of` would have them do. Of bodies that
    are a centimetre away from the ordinary, the shifts of their measures together leave two millimetres.

    Parameters
    ----------
    patient : Patient
        Sex, age, height and weight.

    Returns
    -------
    BodyShape
        Not places, but how vertices (K, V, 3) and joints (K, J, 3) move as each of the K measures of a physique grows
        by its spread and height and weight stay [m].

    Raises
    ------
    ValueError
        The body model reaches no such height and weight at this age.
    """
    x, moved, step = _phenotype(patient, None), differences(), 1e-2
    ordinary = _shape(patient, x)

    def size(vertices: Floats) -> Floats:
        return np.array([height_m(vertices), weight_kg(vertices)])

    spreads = np.array([SPREADS[name] for name in SHAPES])
    by_measure = [(half[0] - half[1]) / 2 * spreads[:, None, None] for half in (moved.surface, moved.joints)]
    nearby = [_shape(patient, x + step * axis) for axis in np.eye(3)]
    by_phenotype = [
        np.stack([(getattr(near, part) - getattr(ordinary, part)) / step for near in nearby])
        for part in ("vertices", "joint_heads")
    ]
    here = size(ordinary.vertices)
    of_measure = np.stack([size(ordinary.vertices + d) - here for d in by_measure[0]], axis=1)
    of_phenotype = np.stack([(size(near.vertices) - here) / step for near in nearby], axis=1)
    tolerances = np.array([[HEIGHT_TOLERANCE_M], [WEIGHT_TOLERANCE_KG]])
    pulls = PLAIN_SHAPE_PULL / 0.5 * np.eye(3)[1:]
    system = np.vstack([of_phenotype / tolerances, pulls])
    wanted = np.vstack([-of_measure / tolerances, np.zeros((2, len(spreads)))])
    answer = np.linalg.lstsq(system, wanted, rcond=None)[0]
    surface, joints = (
        measure + np.tensordot(answer.T, phenotype, 1)
        for measure, phenotype in zip(by_measure, by_phenotype, strict=True)
    )
    return BodyShape(surface, joints)


def no_shifts(shape: BodyShape) -> BodyShape:
    """Return the shifts of a body of which nothing is left open, K = 0; see `shifts_of_measures`."""
    return BodyShape(np.zeros((0, *shape.vertices.shape)), np.zeros((0, *shape.joint_heads.shape)))
