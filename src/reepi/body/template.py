"""The body template: a patient's body as a triangle surface with regions, areas, joints and canonical coordinates."""

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache, wraps
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, Literal, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from reepi.body.cache import cache_folder, kept_or_made
from reepi.body.physique import ORDINARY, SHAPES, Physique
from reepi.core.arrays import opened_arrays
from reepi.core.regions import NO_REGION, REGIONS, lund_browder_shares
from reepi.core.study import Patient
from reepi.core.surface import NO_FACE

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
P = ParamSpec("P")
R = TypeVar("R")

CACHE_LAYOUT = 7
"""Raised when what a cached template holds, or how it is cut, changes."""

FINGERPRINT_DECIMALS = 6
"""Vertices are hashed to the micrometre [m]: machines may differ in the last bits of a body, but not visibly."""

MOST_AT_HAND = 4
"""Templates that a process holds, ten to fifteen megabytes each with what is looked up in them; others are read again.
Patients are scored a few at a time."""

POSES_AT_HAND = 8
"""Poses that a process remembers, a third of a megabyte each: one of a photograph is asked for half a dozen times, and
two photographs are measured at a time."""


@dataclass(frozen=True, eq=False)
class BodyTemplate:
    """A patient's body in its neutral pose, equal to itself alone. Faces and joints mean the same in all templates.

    Parameters
    ----------
    vertices : (V, 3) float64
        Neutral pose [m]: x to the patient's left, y to the back, z up.
    faces : (F, 3) int32
        Triangles, counter-clockwise from outside.
    regions : (F,) int8
        Index in `reepi.core.regions.REGIONS`, or `NO_REGION` where the face is not skin.
    areas_cm2 : (F,) float64
        Skin area of each face of the neutral body [cm²], 0 where it is not skin.
    joint_names : tuple of str
        Names of the J joints.
    joint_heads : (J, 3) float64
        Joint centres [m].
    joint_parents : (J,) int32
        Parent of each joint, before it in order; -1 for the root.
    skin_joints : (V, K) int32
        Joints that move each vertex.
    skin_weights : (V, K) float64
        By how much; rows sum to 1.
    canonical : (V, 3) float32
        The same anatomical point on the reference adult in its neutral pose [m].
    measure_names : tuple of str
        Names of the K measures in which bodies of this sex, age, height and weight differ; see `reepi.body.physique`.
    vertex_shifts : (K, V, 3) float32
        By how much vertices move as one of them grows by its spread [m].
    head_shifts : (K, J, 3) float32
        The same of the joint centres [m].
    """

    vertices: Floats
    faces: npt.NDArray[np.int32]
    regions: npt.NDArray[np.int8]
    areas_cm2: Floats
    joint_names: tuple[str, ...]
    joint_heads: Floats
    joint_parents: npt.NDArray[np.int32]
    skin_joints: npt.NDArray[np.int32]
    skin_weights: Floats
    canonical: npt.NDArray[np.float32]
    measure_names: tuple[str, ...]
    vertex_shifts: npt.NDArray[np.float32]
    head_shifts: npt.NDArray[np.float32]

    @property
    def n_faces(self) -> int:
        """Number of faces."""
        return len(self.faces)

    @cached_property
    def skin(self) -> npt.NDArray[np.bool_]:
        """Faces that are skin, (F,)."""
        return np.asarray(self.regions != NO_REGION)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of shape and regions, which tells this body from others, on any machine."""
        digest = hashlib.sha256()
        # Adding 0 makes negative zeros positive.
        digest.update((np.round(self.vertices, FINGERPRINT_DECIMALS) + 0.0).astype("<f8").tobytes())
        digest.update(self.faces.astype("<i4").tobytes() + self.regions.astype("<i1").tobytes())
        return digest.hexdigest()

    @property
    def area_m2(self) -> float:
        """Skin area of the whole body [m²]."""
        return float(self.areas_cm2.sum()) / 1e4

    def shares(self, table: Literal["patient", "lund-browder"], age_years: float) -> Floats:
        """Return the share of each face in the body surface [% BSA], (F,); sums to 100.

        Parameters
        ----------
        table : "patient" or "lund-browder"
            The patient's own areas; or those scaled within each region so that every region has the share that the
            Lund-Browder chart gives it.
        age_years : float
            Age, which chooses the column of the chart [years].
        """
        if table == "patient":
            return np.asarray(self.areas_cm2 / self.areas_cm2.sum() * 100)
        chart = np.array([lund_browder_shares(age_years)[name] for name in REGIONS])
        region_area = np.bincount(self.regions[self.skin], self.areas_cm2[self.skin], len(REGIONS))
        per_area = np.append(chart / region_area, 0.0)
        return np.asarray(self.areas_cm2 * per_area[self.regions])

    def regions_at(self, faces: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
        """Return the regions of faces of any shape; `NO_REGION` where there is no face, or none of skin."""
        # `NO_FACE` is -1, and so the last place.
        return np.append(self.regions, np.int8(NO_REGION))[faces]

    @cached_property
    def canonical_skin(self) -> tuple[Floats, "cKDTree"]:
        """Canonical corners of the faces that are skin, (S, 3, 3) [m], and a search tree of their centres."""
        from scipy.spatial import cKDTree

        corners = np.asarray(self.canonical, np.float64)[self.faces[self.skin]]
        return corners, cKDTree(corners.mean(axis=1))

    @cached_property
    def canonical_tree(self) -> "cKDTree":
        """Search tree of the canonical vertices."""
        from scipy.spatial import cKDTree

        return cKDTree(self.canonical)

    @cached_property
    def neighbours(self) -> npt.NDArray[np.int32]:
        """Face across each edge of each face, (F, 3), from each corner to the next; `NO_FACE` where there is none."""
        start, end = self.faces.astype(np.int64), np.roll(self.faces, -1, axis=1).astype(np.int64)
        n = len(self.vertices)
        edges, across = (start * n + end).ravel(), (end * n + start).ravel()
        order = np.argsort(edges)
        place = np.minimum(np.searchsorted(edges, across, sorter=order), len(edges) - 1)
        twin = order[place]
        return np.where(edges[twin] == across, twin // 3, NO_FACE).astype(np.int32).reshape(-1, 3)

    def posed(self, rotations: Floats, measures: Mapping[str, float] | None = None) -> Floats:
        """Return the vertices (V, 3) [m] after turning the joints (linear blend skinning).

        Parameters
        ----------
        rotations : (J, 3) float64
            Rotation vector of each joint about its centre, in the world axes of the neutral pose [rad]. A joint carries
            along all that hangs on it.
        measures : mapping of str to float, optional
            By how many spreads the body differs from the template in some of its measures.

        Raises
        ------
        ValueError
            The template has no such measure.

        Notes
        -----
        The last poses are remembered, so what is returned cannot be written to.
        """
        varied = tuple(sorted((measures or {}).items()))
        if unknown := [name for name, _ in varied if name not in self.measure_names]:
            raise ValueError(f"the template has no measures {', '.join(unknown)}")
        return _posed(self, np.asarray(rotations, np.float64).tobytes(), varied)

    @cached_property
    def _skinning(self) -> tuple[npt.NDArray[np.intp], Floats, "csr_array"]:
        """Vertex and weight of each bond of a vertex to a joint, and of all bonds the matrix (V, 4 J).

        It holds the weight times the vertex' place and one, so that it turns joint transforms into places.
        """
        from scipy.sparse import csr_array

        vertex, slot = np.nonzero(self.skin_weights)
        joint, weight = self.skin_joints[vertex, slot].astype(np.int64), self.skin_weights[vertex, slot]
        places = np.column_stack([self.vertices, np.ones(len(self.vertices))])[vertex] * weight[:, None]
        columns = (4 * joint[:, None] + np.arange(4)).ravel()
        starts = 4 * np.searchsorted(vertex, np.arange(len(self.vertices) + 1))
        size = len(self.vertices), 4 * len(self.joint_names)
        return vertex, weight, csr_array((places.ravel(), columns, starts), size)

    def _varied_skinning(self, measures: npt.NDArray[np.float32]) -> "csr_array":
        """Return the matrix of `_skinning` of a body that differs in its measures (K,) by so many spreads."""
        vertex, weight, matrix = self._skinning
        if not measures.any():
            return matrix
        varied = matrix.copy()
        moved = (measures @ self.vertex_shifts.reshape(len(measures), -1)).reshape(-1, 3)
        varied.data.reshape(-1, 4)[:, :3] += weight[:, None] * moved[vertex]
        return varied

    def joint_transforms(self, rotations: Floats, heads: Floats | None = None) -> Floats:
        """Return what each joint does to the points that hang on it, (J, 3, 4): linear part and translation [m].

        The joints' centres (J, 3) [m] are the template's if not given.
        """
        from scipy.spatial.transform import Rotation

        heads = self.joint_heads if heads is None else heads

        transforms = np.tile(np.eye(4), (len(self.joint_names), 1, 1))
        turns = Rotation.from_rotvec(np.asarray(rotations, np.float64)).as_matrix()
        transforms[:, :3, :3] = turns
        transforms[:, :3, 3] = heads - np.einsum("jab,jb->ja", turns, heads)
        for joint, parent in enumerate(self.joint_parents.tolist()):
            if parent >= 0:
                transforms[joint] = transforms[parent] @ transforms[joint]
        return transforms[:, :3]


def kept_with_body(
    function: Callable[Concatenate[BodyTemplate, P], R],
) -> Callable[Concatenate[BodyTemplate, P], R]:
    """Remember what a function of a body gives, and forget it with the body.

    A cache of its own size would keep bodies in memory that nobody measures any more.
    """
    kept: WeakKeyDictionary[BodyTemplate, dict[object, R]] = WeakKeyDictionary()

    @wraps(function)
    def remembered(template: BodyTemplate, /, *others: P.args, **named: P.kwargs) -> R:
        own, asked = kept.setdefault(template, {}), (others, tuple(sorted(named.items())))
        if asked not in own:
            own[asked] = function(template, *others, **named)
        return own[asked]

    return remembered


@lru_cache(maxsize=POSES_AT_HAND)
def _posed(template: BodyTemplate, rotations: bytes, measures: tuple[tuple[str, float], ...]) -> Floats:
    """Return the vertices (V, 3) of a template with measures whose joints are turned by the bytes of (J, 3) float64."""
    differs = dict(measures)
    varied = np.array([differs.get(name, 0.0) for name in template.measure_names], np.float32)
    heads = template.joint_heads + np.tensordot(varied, template.head_shifts, 1)
    transforms = template.joint_transforms(np.frombuffer(rotations).reshape(-1, 3).copy(), heads)
    skinning = template._varied_skinning(varied)
    vertices = np.asarray(skinning @ transforms.transpose(0, 2, 1).reshape(-1, 3))
    vertices.setflags(write=False)
    return vertices


def build_template(patient: Patient, physique: Physique = ORDINARY) -> BodyTemplate:
    """Return the body template of a patient's sex, age, height and weight.

    Built templates are kept in the user's cache folder; a kept template that cannot be read is built anew. Those with a
    physique are not kept: it is of rendered patients, and of these there are thousands.

    Parameters
    ----------
    patient : Patient
        Sex, age, height and weight.
    physique : Physique, optional
        What of the body is not ordinary besides; of a real patient nobody knows it.

    Raises
    ------
    ValueError
        The body model reaches no such height and weight.
    """
    if physique != ORDINARY:
        return _build(patient, physique)
    return _template(patient.sex, patient.age_years, patient.height_cm, patient.weight_kg)


_ONE_AT_A_TIME = threading.RLock()
"""Held while a template is sought: of two threads that want the same new body, one builds it."""


def _template(sex: Literal["F", "M"], age_years: float, height_cm: float, weight_kg: float) -> BodyTemplate:
    with _ONE_AT_A_TIME:
        return _read_or_built(sex, age_years, height_cm, weight_kg)


@lru_cache(maxsize=MOST_AT_HAND)
def _read_or_built(sex: Literal["F", "M"], age_years: float, height_cm: float, weight_kg: float) -> BodyTemplate:
    person = Patient("template", sex, age_years, height_cm, weight_kg)
    key = f"{CACHE_LAYOUT}|{version('anny')}|{sex}|{age_years:g}|{height_cm:g}|{weight_kg:g}"
    path = cache_folder("templates") / f"{hashlib.sha256(key.encode()).hexdigest()[:20]}.npz"
    return kept_or_made(path, _load, lambda: _build(person), _arrays)


def reference_template() -> BodyTemplate:
    """Return the template of the reference adult, on whom regions are cut and canonical coordinates are read."""
    return _template("M", 25, *REFERENCE_HEIGHT_WEIGHT)


REFERENCE_HEIGHT_WEIGHT = (176.0, 72.0)
"""Height [cm] and weight [kg] of the man whose charts are shown where no patient is meant."""


def _build(patient: Patient, physique: Physique = ORDINARY) -> BodyTemplate:
    from reepi.body.anatomy import no_shifts, shape_of, shifts_of_measures
    from reepi.body.body_model import body_model
    from reepi.body.regions import face_regions, reference_body

    top, shape, regions = body_model().topology, shape_of(patient, physique), face_regions()
    # Of a body whose physique is told, nothing is left open.
    names, shifts = (tuple(SHAPES), shifts_of_measures(patient)) if physique == ORDINARY else ((), no_shifts(shape))
    a, b, c = shape.vertices[top.faces].transpose(1, 0, 2)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2 * 1e4
    areas[regions == NO_REGION] = 0
    return BodyTemplate(
        shape.vertices,
        top.faces,
        regions,
        areas,
        top.joint_names,
        shape.joint_heads,
        top.joint_parents,
        top.skin_joints,
        top.skin_weights,
        reference_body().vertices.astype(np.float32),
        names,
        shifts.vertices.astype(np.float32),
        shifts.joint_heads.astype(np.float32),
    )


def _arrays(template: BodyTemplate) -> dict[str, object]:
    return {field.name: getattr(template, field.name) for field in fields(template)}


def _load(path: Path) -> BodyTemplate:
    with opened_arrays(path) as kept:
        values = {field.name: kept[field.name] for field in fields(BodyTemplate)}
    for names in ("joint_names", "measure_names"):
        values[names] = tuple(str(name) for name in values[names])
    return BodyTemplate(**values)
