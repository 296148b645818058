"""A patient as the camera finds them on a day: skin with its lesions, and what lies on it."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate, reference_template
from reepi.core.images import Mask
from reepi.core.surface import NO_FACE
from reepi.core.tissue import Tissue
from reepi.phantom.appearance import Material, body_material
from reepi.phantom.body_hair import HIDING
from reepi.phantom.covers import Clothes, Dressing, Hair, Landmarks, landmarks
from reepi.phantom.features import Features
from reepi.phantom.lesions import Course, Surface
from reepi.phantom.looks import Look
from reepi.phantom.noise import Floats
from reepi.phantom.relief import vertex_normals


@dataclass(frozen=True)
class Subject:
    """A patient as rendered on one day.

    Parameters
    ----------
    template : BodyTemplate
        The body.
    course : Course
        Its lesions over days.
    look : Look
        How skin and tissues appear.
    features : Features
        Lips, areolae and the like.
    hair : Hair
        Hair on head and face.
    clothes : Clothes or None
        What is worn.
    dressings : tuple of Dressing
        What sticks on the skin.
    day : float
        Days after day zero.
    """

    template: BodyTemplate
    course: Course
    look: Look
    features: Features
    hair: Hair
    clothes: Clothes | None
    dressings: tuple[Dressing, ...]
    day: float


def canonical_surface(template: BodyTemplate) -> Surface:
    """Return the canonical centroid, region and share [% BSA] of each face of a body."""
    points = template.canonical[template.faces].mean(axis=1)
    return Surface(points.astype(np.float32), template.regions, template.shares("patient", 40.0))


@lru_cache(maxsize=1)
def reference_landmarks() -> Landmarks:
    """Return the landmarks of the reference body, which canonical coordinates refer to."""
    return landmarks(canonical_surface(reference_template()))


@lru_cache(maxsize=1)
def reference_normals() -> Floats:
    """Return the mean of the vertex normals of each face of the reference body, (F, 3)."""
    template = reference_template()
    normals = vertex_normals(template.canonical.astype(np.float64), template.faces)
    return np.asarray(normals[template.faces].mean(axis=1))


def dressed(
    subject: Subject, face: npt.NDArray[np.int32], points: Floats
) -> tuple[Material, Mask, npt.NDArray[np.int32]]:
    """Return material, tissue and shown face of the body's pixels: skin, then hair, dressings and clothes on it."""
    template = subject.template
    marks = reference_landmarks()
    state = subject.course.state(points, subject.day)
    detail = subject.features.at(points, template.regions[face], subject.look.skin.fitzpatrick)
    material = body_material(subject.look, points, state, detail)
    material = _with_beard(subject.hair, material, points, marks)
    thickness = subject.hair.body.thickness(points, template.regions[face])
    strands = subject.hair.body.strands(points, thickness)
    material = replace(material, albedo=_hairy(material.albedo, strands, subject.hair.colour))
    mask, faces = state.tissue.copy(), face.copy()
    mask[thickness > HIDING] = Tissue.COVERED
    covers: list[Hair | Dressing] = [subject.hair, *subject.dressings]
    for cover in covers:
        where = cover.on_scalp(points, marks) if isinstance(cover, Hair) else cover.inside(points)
        if where.any():
            material = material.replaced(where, cover.material(points[where]))
            mask[where] = Tissue.COVERED
    if subject.clothes is not None:
        worn = subject.clothes.inside(points, marks)
        material = material.replaced(worn, subject.clothes.material(points[worn]))
        mask[worn], faces[worn] = Tissue.BACKGROUND, NO_FACE
    inner = template.regions[face] < 0
    material = material.replaced(inner, _eyes(points[inner]))
    mask[inner], faces[inner] = Tissue.BACKGROUND, NO_FACE
    return material, mask, faces


def _with_beard(hair: Hair, material: Material, points: Floats, marks: Landmarks) -> Material:
    near = points[:, 2] > marks.head_low[2] - 0.03
    if not near.any():
        return material
    dark = hair.shadow(points[near], marks) * np.clip(0.6 + 0.4 * hair.strand.at(points[near] * 2), 0, 1)
    dark = np.maximum(dark, 0.85 * hair.on_brows(points[near], marks))
    albedo = material.albedo.copy()
    albedo[near] = _hairy(albedo[near], dark, hair.colour)
    return replace(material, albedo=albedo)


def _hairy(albedo: Floats, share: Floats, colour: Floats) -> Floats:
    """Return the colour (N, 3) of skin of which hair takes up a share (N,)."""
    return np.asarray(albedo * (1 - share[:, None]) + colour * share[:, None], np.float32)


def _eyes(points: Floats) -> Material:
    count = len(points)
    return Material(
        np.broadcast_to(np.array([0.5, 0.42, 0.4], np.float32), (count, 3)),
        np.zeros(count, np.float32),
        np.full(count, 0.4, np.float32),
        np.full(count, 0.1, np.float32),
    )
