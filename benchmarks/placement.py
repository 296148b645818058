"""Measure what misplaced photographs do to areas, and whether the intervals of % BSA know it.

Run with ``python benchmarks/placement.py [--patients N] [--seed S]``. True masks are laid on the body with cameras and
poses drawn wrong, so that the median error on the skin of each photograph is just the residual it states. Prints
how often the 90 % half width of the open skin that was seen holds the truth, for regions and the whole body, without
and with what the agreement of the photographs says, and how often the whole interval does, in which unassessed skin is
filled in. Seed 0 is the one the constants of `reepi.scoring.area_doubt` were chosen on; report figures of another.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.face_image import FaceImage
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate, build_template
from reepi.core.images import TissueMap
from reepi.core.results import AREA_LABELS, OPEN_LABEL
from reepi.core.surface import NO_FACE, Registration, SurfaceMap
from reepi.core.tissue import OPEN
from reepi.core.views import VIEWS
from reepi.mapping.fusion import fuse
from reepi.mapping.projection import project_onto_faces
from reepi.phantom.framing import draw_framing, frame
from reepi.phantom.lesions import Course, draw_course
from reepi.phantom.patients import draw_person
from reepi.phantom.poses import draw_pose
from reepi.phantom.subject import canonical_surface
from reepi.phantom.truth import face_tissue
from reepi.scoring.agreement import agreement
from reepi.scoring.area_doubt import Doubt
from reepi.scoring.areas import area_table
from reepi.scoring.assessed import assessed_fraction, assessed_parts
from reepi.scoring.skin import Skin

Floats = npt.NDArray[np.float64]

STREAM = 78
"""First word of the seeds, which no training set or study uses."""

LONG_SIDE_PX = 384
PROBE_LONG_SIDE_PX = 96
"""Long side of the pictures in which the error on the skin is measured."""

RESIDUALS_MM = (5.0, 40.0)
"""Between these the stated error of a photograph is drawn, evenly on a logarithmic scale."""

OPEN_PERCENT = (3.0, 60.0)
"""Largest open skin of a patient, drawn the same way [% BSA]."""

LEAST_OPEN = 0.05
"""A region with less open skin than this, true and found, is not counted [% BSA]."""

ROUNDING = 1e-6

PLACEMENT_ALONE = Doubt(patch_percent=0.0, shared_reading=0.0)
"""The masks are true, so nothing is doubted of their reading; a face at an edge, which is part open, would be."""

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
    mask[skin] = course.state(canonical(shot.template, image, skin).astype(np.float32), DAY).tissue
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


@dataclass(frozen=True)
class Trial:
    """Open skin of a visit by region, the whole body last [% BSA], (34,) each."""

    found: Floats
    true: Floats
    alone: Floats
    joint: Floats
    true_full: Floats
    low: Floats
    high: Floats

    @property
    def counted(self) -> npt.NDArray[np.bool_]:
        """Where there is open skin to measure."""
        return np.asarray(np.maximum(self.found, self.true) > LEAST_OPEN)


def trials(patients: int, seed: int) -> Iterator[Trial]:
    """Yield the visits of patients with 3 to 60 % of their skin open, every one misplaced `DRAWS` times."""
    for number in range(patients):
        rng = np.random.default_rng([STREAM, seed, number])
        person = draw_person(rng, f"G{number}")
        template = build_template(person)
        course = draw_course(rng, canonical_surface(template), float(np.exp(rng.uniform(*np.log(OPEN_PERCENT)))))
        shares = template.shares("patient", person.age_years)
        skin = Skin.from_mesh(template.vertices, template.faces, template.regions, shares)
        opened = face_tissue(template, course, DAY)[:, list(OPEN)].sum(axis=1).astype(np.float64)
        others = [name for name in VIEWS if name not in ALWAYS]
        shots = [take(rng, template, view) for view in (*ALWAYS, *rng.choice(others, MORE_VIEWS, replace=False))]
        masks = [true_mask(shot, course) for shot in shots]
        for _ in range(DRAWS):
            wanted = [float(np.exp(rng.uniform(*np.log(RESIDUALS_MM)))) for _ in shots]
            registrations = [misplaced(rng, shot, mm) for shot, mm in zip(shots, wanted, strict=True)]
            maps = {
                f"{i}": project_onto_faces(registration, mask, template)
                for i, (registration, mask) in enumerate(zip(registrations, masks, strict=True))
            }
            yield trial(maps, skin, opened)


def trial(maps: dict[str, SurfaceMap], skin: Skin, opened: Floats) -> Trial:
    """Return what a visit measures and what is true."""
    surface, between = fuse([*maps.values()]), agreement(maps, skin).between
    alone = area_table(surface, skin, doubt=PLACEMENT_ALONE)
    joint = area_table(surface, skin, doubt=PLACEMENT_ALONE, between=between)
    assessed = assessed_fraction(assessed_parts(surface))
    column = AREA_LABELS.index(OPEN_LABEL)
    true, true_full = by_region(skin, opened * assessed), by_region(skin, opened)
    found, low, high = joint.seen[:, column], joint.low[:, column], joint.high[:, column]
    return Trial(found, true, alone.spread[:, column], joint.spread[:, column], true_full, low, high)


def by_region(skin: Skin, parts: Floats) -> Floats:
    """Return areas by region, the whole body last, (34,) [% BSA], from a part of every face."""
    regional = skin.by_region(skin.shares * parts)
    return np.append(regional, regional.sum())


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    done = list(trials(options.patients, options.seed))
    found, true, alone, joint, true_full, low, high, counted = (
        np.stack([getattr(each, name) for each in done])
        for name in ("found", "true", "alone", "joint", "true_full", "low", "high", "counted")
    )
    error = np.abs(found - true)
    inside = (low - ROUNDING <= true_full) & (true_full <= high + ROUNDING)
    print(f"open skin of {len(done)} visits, true masks, photographs misplaced by {RESIDUALS_MM} mm   [% BSA]")
    print(f"{'':12} {'n':>5} {'mean error':>11} {'half width':>11} {'holds':>6} {'agreement':>15} {'filled in':>10}")
    for name, at in (("regions", slice(0, -1)), ("whole body", slice(-1, None))):
        here = counted[:, at]
        numbers = (
            error[:, at][here].mean(), joint[:, at][here].mean(), 100 * (error <= alone)[:, at][here].mean(),
            100 * (error <= joint)[:, at][here].mean(), 100 * inside[:, at][here].mean(),
        )  # fmt: skip
        print("{:12} {:5d} {:11.3f} {:11.3f} {:5.0f}% {:14.0f}% {:9.0f}%".format(name, here.sum(), *numbers))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
