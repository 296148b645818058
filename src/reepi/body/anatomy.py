"""The parametric body behind the template: anny's default topology, loaded once and read as plain arrays.

Its phenotype (sex, age, muscle, weight, height) shapes the body; `shape_of` fits it to a patient. anny is built on
MakeHuman's base mesh; only its own freely licensed topology is used.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import least_squares

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


@dataclass(frozen=True)
class Topology:
    """What all bodies share.

    Parameters
    ----------
    faces : (F, 3) int32
        Triangles, counter-clockwise from outside.
    joint_names : tuple of str
        Names of the J joints.
    joint_parents : (J,) int32
        Index of each joint's parent, -1 for the root.
    skin_joints : (V, K) int32
        Joints that move each vertex.
    skin_weights : (V, K) float64
        By how much; rows sum to 1.
    skin : (F,) bool
        Faces that are skin; the others are eyes and the inside of the mouth.
    parts : dict of str to (F,) bool
        Coarse masks of ``head``, ``hand.L``, ``foot.R`` and so on.
    """

    faces: npt.NDArray[np.int32]
    joint_names: tuple[str, ...]
    joint_parents: npt.NDArray[np.int32]
    skin_joints: npt.NDArray[np.int32]
    skin_weights: Floats
    skin: npt.NDArray[np.bool_]
    parts: dict[str, npt.NDArray[np.bool_]]


@cache
def _model() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import anny

        return anny.Anny(skinning_method="lbs", extrapolate_phenotypes=True)


@cache
def topology() -> Topology:
    """Return the topology that every body template shares."""
    from anny.face_segmentation import get_face_segmentation_mask

    model = _model()
    names = ("body", "head", "hand.L", "hand.R", "foot.L", "foot.R")
    parts = {name: get_face_segmentation_mask(model, [name]).numpy() for name in names}
    skin = np.logical_or.reduce(list(parts.values()))
    return Topology(
        model.faces.numpy().astype(np.int32),
        tuple(model.bone_labels),
        np.array(model.bone_parents, np.int32),
        model.vertex_bone_indices.numpy().astype(np.int32),
        model.vertex_bone_weights.numpy().astype(np.float64),
        skin,
        parts,
    )


def body_shape(*, male: float, age: float, muscle: float, weight: float, height: float) -> BodyShape:
    """Return the body of a phenotype, every number on the model's scale, 0 to 1 (age from -1/3)."""
    import torch

    phenotype = {"gender": 1 - male, "age": age, "muscle": muscle, "weight": weight, "height": height}
    with torch.no_grad():
        built = _model()(phenotype_kwargs=phenotype)
    vertices = built["rest_vertices"][0].numpy().astype(np.float64)
    heads = built["rest_bone_heads"][0].numpy().astype(np.float64)
    floor = _floor(vertices)
    return BodyShape(vertices - floor, heads - floor)


def body_surface(*, male: float, age: float, muscle: float, weight: float, height: float) -> Floats:
    """Return the vertices of `body_shape` alone, for a fraction of the work: no joint is placed or turned."""
    import torch

    phenotype = {"gender": 1 - male, "age": age, "muscle": muscle, "weight": weight, "height": height}
    model = _model()
    with torch.no_grad():
        coefficients = model.get_phenotype_blendshape_coefficients(**phenotype)
        vertices = model.get_rest_vertices(coefficients)[0].numpy().astype(np.float64)
    return np.asarray(vertices - _floor(vertices))


def _floor(vertices: Floats) -> Floats:
    return np.array([0.0, 0.0, vertices[:, 2].min()])


def height_m(vertices: Floats) -> float:
    """Return the stature of a body in its neutral pose [m]."""
    return float(np.ptp(vertices[:, 2]))


def weight_kg(vertices: Floats) -> float:
    """Return the weight of a body [kg]: the volume that its surface encloses times `BODY_DENSITY_KG_M3`."""
    a, b, c = vertices[topology().faces].transpose(1, 0, 2)
    volume = np.einsum("ij,ij->", a, np.cross(b, c)) / 6
    return float(abs(volume) * BODY_DENSITY_KG_M3)


def model_age(age_years: float) -> float:
    """Return an age [years] on the body model's scale, -1/3 to 1."""
    return float(np.interp(age_years, AGE_ANCHORS_YEARS, np.linspace(-1 / 3, 1, len(AGE_ANCHORS_YEARS))))


def shape_of(patient: Patient) -> BodyShape:
    """Return the body of a patient's sex and age with the patient's height and weight.

    Of the many bodies that have them, the one with the most ordinary muscle and fat is taken.

    Raises
    ------
    ValueError
        The body model reaches no such height and weight at this age.
    """
    fixed = {"male": 1.0 if patient.sex == "M" else 0.0, "age": model_age(patient.age_years)}

    def misfit(x: Floats) -> Floats:
        vertices = body_surface(**fixed, height=x[0], weight=x[1], muscle=x[2])
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
        shape = body_shape(**fixed, height=x[0], weight=x[1], muscle=x[2])
        if _reached(shape, patient):
            return shape
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
