"""Measure what misplaced photographs do to areas, and whether the intervals of % BSA know it.

Run with ``python benchmarks/placement.py [--patients N] [--seed S]``. True masks are laid on the body with cameras and
poses drawn wrong, so that the median error on the skin of each photograph is just the residual it states. Prints how
often the 90 % half width of the open skin that was seen holds the truth, for regions and the whole body, and the same
of the interval with unassessed skin filled in; each as it would be without the disagreement between photographs, and
with it. Seed 0 is the one the constants of `reepi.scoring.area_doubt` were chosen on; report figures of another.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.rays import FaceImage, RayCaster
from reepi.body.template import BodyTemplate, build_template
from reepi.core.images import TissueMap
from reepi.core.surface import NO_FACE, Registration, SurfaceMap
from reepi.core.views import VIEWS
from reepi.mapping.projection import project_onto_faces
from reepi.phantom.framing import draw_framing, frame
from reepi.phantom.lesions import Course, draw_course
from reepi.phantom.patients import draw_person
from reepi.phantom.poses import draw_pose
from reepi.phantom.subject import canonical_surface

Floats = npt.NDArray[np.float64]

STREAM = 78
"""First word of the seeds, which no training set or study uses."""

LONG_SIDE_PX = 384
PROBE_LONG_SIDE_PX = 96
"""Long side of the pictures in which the error on the skin is measured."""

RESIDUALS_MM = (5.0, 40.0)
"""Between these the stated error of a photograph is drawn, evenly on a logarithmic scale."""

ALWAYS = ("whole_anterior", "whole_posterior")
MORE_VIEWS = 4
"""Views of every visit, and how many others."""

DRAWS = 2
"""How often the photographs of a visit are misplaced anew."""

FIRST_TRY = 0.3
"""Size of a slip whose error tells how large the one wanted is; the error is nearly linear in it."""

DAY = 4.0

Pose = dict[str, Floats]


@dataclass(frozen=True)
class Shot:
    """A photograph of which everything is known, at the size at which errors are measured."""

    template: BodyTemplate
    camera: Camera
    pose: Pose
    probe: FaceImage


def take(rng: np.random.Generator, template: BodyTemplate, view: str) -> Shot:
    """Pose a body, stand before it and look."""
    pose = dict(draw_pose(rng, template, VIEWS[view]))
    vertices = template.posed(rotations(template, pose))
    camera = frame(template, vertices, VIEWS[view], draw_framing(rng, LONG_SIDE_PX))
    return Shot(template, camera, pose, look(template, camera, pose, PROBE_LONG_SIDE_PX))


def look(template: BodyTemplate, camera: Camera, pose: Pose, long_side: int) -> FaceImage:
    """Return what every pixel shows."""
    size = round(camera.size[0] * long_side / max(camera.size)), round(camera.size[1] * long_side / max(camera.size))
    return RayCaster(template.posed(rotations(template, pose)), template.faces).render(camera.scaled(size))


def canonical(template: BodyTemplate, image: FaceImage, at: npt.NDArray[np.bool_]) -> Floats:
    """Return the canonical points of pixels, (N, 3) [m]."""
    corners = template.canonical[template.faces[image.faces[at]]].astype(np.float64)
    return np.einsum("nc,ncd->nd", image.barycentric[at], corners)


def true_mask(shot: Shot, course: Course) -> TissueMap:
    """Return the tissue of every pixel, certain."""
    image = look(shot.template, shot.camera, shot.pose, LONG_SIDE_PX)
    skin = (image.faces != NO_FACE) & shot.template.skin[image.faces]
    mask = np.zeros(shot.camera.size, np.uint8)
    mask[skin] = course.state(canonical(shot.template, image, skin), DAY).tissue
    return TissueMap.from_mask(mask)


@dataclass(frozen=True)
class Slip:
    """How a camera and a pose are wrong, before the size of it is set."""

    turn: Floats
    shift: Floats
    zoom: float
    joints: Pose

    @classmethod
    def drawn(cls, rng: np.random.Generator, pose: Pose) -> "Slip":
        """Draw a slip: camera, joints and scale share in it alike."""
        joints = {name: rng.normal(0, 0.05, 3) for name in pose}
        return cls(rng.normal(0, 0.05, 3), rng.normal(0, 0.02, 3), float(rng.normal(0, 0.03)), joints)

    def camera(self, true: Camera, target: Floats, size: float) -> Camera:
        """Return the camera turned about the point it looks at, shifted and zoomed."""
        turned = turn(size * self.turn)
        position = target + turned @ (true.position - target) + size * self.shift
        focal_px = true.focal_px * float(np.exp(size * self.zoom))
        return replace(true, rotation=true.rotation @ turned.T, position=position, focal_px=focal_px)

    def pose(self, true: Pose, size: float) -> Pose:
        """Return the pose with every joint turned further."""
        return {name: angle + size * self.joints[name] for name, angle in true.items()}


def turn(vector: Floats) -> Floats:
    """Return the rotation matrix of a rotation vector [rad]."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_rotvec(vector).as_matrix())


def misplaced(rng: np.random.Generator, shot: Shot, wanted_mm: float) -> Registration:
    """Return a registration that is wrong by about ``wanted_mm`` and states its true median error on the skin."""
    slip = Slip.drawn(rng, shot.pose)
    posed = shot.template.posed(rotations(shot.template, shot.pose))
    target = posed[shot.template.faces[shot.probe.faces[shot.probe.faces != NO_FACE]]].mean(axis=(0, 1))
    first = error_mm(shot, slip.camera(shot.camera, target, FIRST_TRY), slip.pose(shot.pose, FIRST_TRY))
    size = FIRST_TRY * float(np.clip(wanted_mm / first, 0.1, 10))
    camera, pose = slip.camera(shot.camera, target, size), slip.pose(shot.pose, size)
    numbers: dict[str, object] = {
        "focal_px": camera.focal_px, "size": camera.size, "rotation": camera.rotation, "position_m": camera.position,
        "pose": pose,
    }  # fmt: skip
    nothing = np.zeros(camera.size, np.float32)
    stated = error_mm(shot, camera, pose)
    return Registration(np.full(camera.size, NO_FACE, np.int32), nothing, nothing, stated, numbers)


def error_mm(shot: Shot, camera: Camera, pose: Pose) -> float:
    """Return the median distance between the true and the found place of the pixels that show skin in both [mm]."""
    found = look(shot.template, camera, pose, PROBE_LONG_SIDE_PX)
    both = (shot.probe.faces != NO_FACE) & (found.faces != NO_FACE)
    if not both.any():
        return float("inf")
    gaps = canonical(shot.template, found, both) - canonical(shot.template, shot.probe, both)
    return float(1000 * np.median(np.linalg.norm(gaps, axis=1)))
