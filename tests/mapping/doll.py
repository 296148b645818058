"""A doll: a body of tubes with the template's fields and joints, the same left and right, easy to reason about."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.face_image import FaceImage
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences
from reepi.core.regions import REGIONS
from reepi.mapping.correspondences import from_face_image

SIDES, RINGS = 12, 9

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Tube:
    joint: str
    parent: str
    start: Point
    end: Point
    radius: float
    region: str


def _limb_tubes(side: str, s: int) -> tuple[Tube, ...]:
    letter = side[0].upper()
    arm, fore, leg, shin = (f"{name}.{letter}" for name in ("upperarm01", "lowerarm01", "upperleg01", "lowerleg01"))
    return (
        Tube(arm, "spine01", (0.2 * s, 0, 1.4), (0.4 * s, 0, 1.2), 0.045, f"upper_arm_{side}"),
        Tube(fore, arm, (0.4 * s, 0, 1.2), (0.58 * s, 0, 1.02), 0.04, f"forearm_{side}"),
        Tube(leg, "root", (0.1 * s, 0, 0.88), (0.13 * s, 0, 0.48), 0.07, f"thigh_{side}"),
        Tube(shin, leg, (0.13 * s, 0, 0.48), (0.15 * s, 0, 0.08), 0.05, f"lower_leg_{side}"),
        Tube(f"foot.{letter}", shin, (0.15 * s, 0.03, 0.04), (0.17 * s, -0.18, 0.02), 0.035, f"foot_{side}"),
    )


TUBES = (
    Tube("spine04", "root", (0, 0, 0.9), (0, 0, 1.45), 0.15, "trunk"),
    Tube("neck01", "spine01", (0, 0, 1.45), (0, 0, 1.75), 0.08, "head"),
    *_limb_tubes("left", 1),
    *_limb_tubes("right", -1),
)

CHAINS = (
    ("root", "spine04", "spine03", "spine02", "spine01", "neck01", "neck02", "head"),
    *(
        chain
        for letter in "LR"
        for chain in (
            ("spine01", f"clavicle.{letter}", f"upperarm01.{letter}", f"lowerarm01.{letter}", f"lowerarm02.{letter}"),
            (f"lowerarm02.{letter}", f"wrist.{letter}"),
            ("root", f"upperleg01.{letter}", f"lowerleg01.{letter}", f"foot.{letter}"),
            *((f"wrist.{letter}", *(f"finger{n}-{k}.{letter}" for k in (1, 2, 3))) for n in (2, 3, 4, 5)),
        )
    ),
)


def _joints() -> tuple[list[str], npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Names, parents and heads; a joint without a tube sits where the joint above it does."""
    starts = {tube.joint: tube.start for tube in TUBES}
    names, parents, heads = ["root"], [-1], [np.array([0, 0, 0.9])]
    for chain in CHAINS:
        for above, name in pairwise(chain):
            parent = names.index(above)
            names.append(name)
            parents.append(parent)
            heads.append(np.array(starts.get(name, heads[parent])))
    return names, np.array(parents, np.int32), np.array(heads, np.float64)


def _tube_vertices(tube: Tube) -> npt.NDArray[np.float64]:
    """Rings from start to end, then the two middles that close it. The mirrored tube has mirrored vertices."""
    start, end = np.array(tube.start, float), np.array(tube.end, float)
    along = (end - start) / np.linalg.norm(end - start)
    up = np.array([0, 1.0, 0]) if abs(along[1]) < 0.9 else np.array([0, 0, 1.0])
    across = np.cross(along, up)
    across = across / np.linalg.norm(across) * (-1 if start[0] < 0 else 1)
    up = up - along * (along @ up)
    angle = 2 * np.pi * (np.arange(SIDES) + 0.5) / SIDES
    ring = tube.radius * (np.cos(angle)[:, None] * across + np.sin(angle)[:, None] * up / np.linalg.norm(up))
    rings = start + (end - start) * np.linspace(0, 1, RINGS)[:, None, None] + ring
    return np.vstack([rings.reshape(-1, 3), start, end])


def _axis_points(tube: Tube) -> npt.NDArray[np.float64]:
    """The middle of the ring that each vertex of a tube lies on."""
    start, end = np.array(tube.start, float), np.array(tube.end, float)
    middles = start + (end - start) * np.linspace(0, 1, RINGS)[:, None]
    return np.vstack([np.repeat(middles, SIDES, axis=0), start, end])


def _tube_faces() -> npt.NDArray[np.int32]:
    """Sides and caps; which way they turn is settled afterwards."""
    faces = []
    for r in range(RINGS - 1):
        for i in range(SIDES):
            a, b = r * SIDES + i, r * SIDES + (i + 1) % SIDES
            faces += [(a, b, b + SIDES), (a, b + SIDES, a + SIDES)]
    bottom, top, last = RINGS * SIDES, RINGS * SIDES + 1, (RINGS - 1) * SIDES
    faces += [(bottom, (i + 1) % SIDES, i) for i in range(SIDES)]
    faces += [(top, last + i, last + (i + 1) % SIDES) for i in range(SIDES)]
    return np.array(faces, np.int32)


def _region(tube: Tube, normal: npt.NDArray[np.float64]) -> int:
    words = ("dorsal", "plantar") if tube.region.startswith("foot") else ("anterior", "posterior")
    second = normal[2] < 0 if tube.region.startswith("foot") else normal[1] > 0
    return REGIONS.index(f"{tube.region}_{words[int(second)]}")


MEASURES = ("aside", "stout", "tall")
"""Measures of a doll that has some: all of it a hand's breadth aside, its tubes thicker, itself longer."""


def build_doll(scale: float = 1.0, measures: tuple[str, ...] = ()) -> BodyTemplate:
    """Return a doll; `scale` makes another patient of the same topology, `measures` those in which it may differ."""
    names, parents, heads = _joints()
    vertices, faces, regions, joints, weights, axes = [], [], [], [], [], []
    for number, tube in enumerate(TUBES):
        own = _tube_vertices(tube)
        turned = _outward(own, _tube_faces())
        vertices.append(own)
        axes.append(_axis_points(tube))
        faces.append(turned + number * len(own))
        a, b, c = own[turned].transpose(1, 0, 2)
        regions += [_region(tube, normal) for normal in np.cross(b - a, c - a)]
        first = np.arange(len(own)) < SIDES
        weights.append(np.where(first[:, None], [0.6, 0.4], [1.0, 0.0]))
        joints.append(np.tile([names.index(tube.joint), names.index(tube.parent)], (len(own), 1)))
    points, triangles = np.vstack(vertices), np.vstack(faces).astype(np.int32)
    thicker = 0.15 * (points - np.vstack(axes))
    moved = {"aside": (0 * points + 0.1, 0 * heads + 0.1), "stout": (thicker, 0 * heads)}
    moved["tall"] = (0.05 * points * [0, 0, 1], 0.05 * heads * [0, 0, 1])
    a, b, c = (scale * points)[triangles].transpose(1, 0, 2)
    return BodyTemplate(
        scale * points,
        triangles,
        np.array(regions, np.int8),
        np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2 * 1e4,
        tuple(names),
        scale * heads,
        parents,
        np.vstack(joints).astype(np.int32),
        np.vstack(weights).astype(np.float64),
        points.astype(np.float32),
        measures,
        np.array([moved[name][0] for name in measures], np.float32).reshape(-1, *points.shape),
        np.array([moved[name][1] for name in measures], np.float32).reshape(-1, *heads.shape),
    )


def _outward(vertices: npt.NDArray[np.float64], faces: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the faces, each turned so that its normal points away from the tube's middle."""
    a, b, c = vertices[faces].transpose(1, 0, 2)
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), (a + b + c) / 3 - vertices.mean(axis=0)) < 0
    return np.where(inward[:, None], faces[:, ::-1], faces)


@dataclass(frozen=True)
class Shot:
    """A photograph of a doll of which everything is known."""

    template: BodyTemplate
    camera: Camera
    pose: dict[str, npt.NDArray[np.float64]]
    image: FaceImage

    @property
    def correspondences(self) -> Correspondences:
        return from_face_image(self.image, self.template)


def take(
    template: BodyTemplate,
    camera: Camera,
    pose: dict[str, npt.NDArray[np.float64]],
    measures: dict[str, float] | None = None,
) -> Shot:
    """Photograph a doll in a pose, perhaps one that differs in its measures."""
    posed = template.posed(rotations(template, pose), measures)
    return Shot(template, camera, pose, RayCaster(posed, template.faces).render(camera))


POSE = {
    "spine": np.array([0.1, 0.0, 0.15]),
    "shoulder_left": np.array([0.2, 0.4, 0.0]),
    "elbow_left": np.array([-0.5, 0.0, 0.2]),
    "hip_right": np.array([-0.4, 0.1, 0.0]),
    "knee_right": np.array([0.6, 0.0, 0.0]),
}
