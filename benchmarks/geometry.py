"""Measure the geometry alone: true masks and true correspondences on unseen bodies, poses and cameras.

Run with ``python benchmarks/geometry.py [--patients N] [--seed S]``. Prints first, for every visit, the open skin that
solver, projection and fusion find on the skin that was photographed, against what is painted there; then how far the
solver alone places skin from where it belongs, for exact and for wrong correspondences, on the patient's own body and
on the average adult's, before and after the outline of the true skin is followed, always with the focal length
unknown; and last the processor time of each step.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.face_image import FaceImage
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate, build_template, reference_template
from reepi.core.correspondence import Correspondences
from reepi.core.errors import PhotographRejected
from reepi.core.images import TissueMap
from reepi.core.regions import REGIONS
from reepi.core.surface import NO_FACE, SurfaceMap
from reepi.core.tissue import OPEN, Tissue
from reepi.core.views import VIEWS, View
from reepi.mapping.correspondences import evenly_spread, from_canonical_points, from_face_image
from reepi.mapping.fit import BodyFit, fit_body, refined_on_outline
from reepi.mapping.fusion import fuse
from reepi.mapping.outline import skin_edges
from reepi.mapping.projection import project_onto_faces
from reepi.mapping.registration import registration_from_fit
from reepi.phantom.framing import draw_framing, frame
from reepi.phantom.lesions import Course, draw_course
from reepi.phantom.patients import draw_person
from reepi.phantom.poses import draw_pose
from reepi.phantom.subject import canonical_surface

Floats = npt.NDArray[np.float64]
Result = TypeVar("Result")

STREAM = 77
"""First word of the seeds, which no training set or study uses."""

LIMIT_PERCENT_BSA = 0.3
LONG_SIDE_PX = 1024
N_CORRESPONDENCES = 500
DAYS = (4.0, 10.0)
VISIT_VIEWS = (
    "head_anterior", "trunk_anterior", "trunk_posterior", "trunk_left", "buttocks_posterior", "arm_left_anterior",
    "arm_right_posterior", "hand_left_dorsal", "leg_left_anterior", "leg_right_posterior", "foot_right_plantar",
)  # fmt: skip

NOISE_M = 0.05
OUTLIERS = 0.1

PART_SHIFT_M = 0.03
"""How far a network may lay a whole part of the body from its place [m]: no two of its pixels tell of the other."""

FINE_NOISE_M = 0.01
TURNED = 1 / 3
"""Share of a hand's or a foot's pixels that such a network lays on its other side."""

SOLVER_SIDE_PX = 384
CAST_SIDE_PX = 1024
FAR_CM = 100.0


@dataclass(frozen=True)
class Shot:
    """One photograph's geometry: who, from where, and what every pixel truly shows."""

    template: BodyTemplate
    view: View
    camera: Camera
    image: FaceImage

    @property
    def correspondences(self) -> Correspondences:
        """Those of every skin pixel."""
        return from_face_image(self.image, self.template)


def take(rng: np.random.Generator, template: BodyTemplate, view: View, long_side: int) -> Shot:
    """Pose a body, stand before it and look."""
    vertices = template.posed(rotations(template, draw_pose(rng, template, view)))
    camera = frame(template, vertices, view, draw_framing(rng, long_side))
    return Shot(template, view, camera, RayCaster(vertices, template.faces).render(camera))


def thinned(correspondences: Correspondences) -> Correspondences:
    """Return an even selection."""
    n = len(correspondences)
    return correspondences.part(evenly_spread(correspondences.pixels, np.zeros(n), N_CORRESPONDENCES))


def canonical(template: BodyTemplate, faces: npt.NDArray[np.integer], barycentric: npt.NDArray[np.floating]) -> Floats:
    """Return canonical points (N, 3) [m]."""
    return np.einsum("nc,ncd->nd", barycentric, template.canonical[template.faces[faces]].astype(np.float64))


def true_mask(shot: Shot, course: Course, day: float) -> TissueMap:
    """Return the tissue of every pixel, certain."""
    every = shot.correspondences
    mask = np.zeros(shot.camera.size, np.uint8)
    columns, rows = every.pixels.astype(int).T
    mask[rows, columns] = course.state(canonical(shot.template, every.faces, every.barycentric), day).tissue
    return TissueMap.from_mask(mask)


def true_open(template: BodyTemplate, course: Course, day: float) -> Floats:
    """Return the open share of each face, (F,), at sixteen points of equal area on each."""
    weights = np.random.default_rng(0).dirichlet([1.0, 1.0, 1.0], 16)
    points = np.einsum("sc,fcd->fsd", weights, template.canonical[template.faces]).reshape(-1, 3)
    return np.asarray(np.isin(course.state(points, day).tissue, OPEN).reshape(-1, 16).mean(axis=1))


def visit(rng: np.random.Generator, template: BodyTemplate, course: Course, day: float) -> SurfaceMap:
    """Photograph a patient from all sides and fuse what the photographs show."""
    maps = []
    for name in VISIT_VIEWS:
        shot = take(rng, template, VIEWS[name], LONG_SIDE_PX)
        fit = fit_body(thinned(shot.correspondences), shot.view, template, shot.camera.size)
        registration = registration_from_fit(fit, template, "truth")
        maps.append(project_onto_faces(registration, true_mask(shot, course, day), template))
    return fuse(maps)


def measure_visits(patients: int, seed: int) -> bool:
    """Print every visit's error; return whether all are within the limit."""
    print(f"{'patient':28} {'day':>4} {'seen':>7} {'true open':>10} {'measured':>9} {'error':>7}   [% BSA]")
    errors = []
    for number in range(patients):
        rng = np.random.default_rng([STREAM, seed, number])
        person = draw_person(rng, f"G{number}")
        template = build_template(person)
        shares = template.shares("patient", person.age_years)
        course = draw_course(rng, canonical_surface(template), float(rng.uniform(5, 60)))
        for day in DAYS:
            surface = visit(rng, template, course, day)
            assessed = surface.seen * (1 - surface.tissue[:, Tissue.BACKGROUND] - surface.tissue[:, Tissue.COVERED])
            true, found = float(shares @ (true_open(template, course, day) * assessed)), float(shares @ surface.open)
            errors.append(abs(found - true))
            who = f"{person.sex} {person.age_years:g} y {person.height_cm:g} cm {person.weight_kg:g} kg"
            print(f"{who:28} {day:4g} {shares @ assessed:7.2f} {true:10.2f} {found:9.2f} {found - true:+7.3f}")
    print(f"largest error {max(errors):.3f} % BSA (limit {LIMIT_PERCENT_BSA}), mean {np.mean(errors):.3f}\n")
    return max(errors) <= LIMIT_PERCENT_BSA


def disturbed(rng: np.random.Generator, exact: Correspondences, template: BodyTemplate) -> Correspondences:
    """Return correspondences with noise on every canonical point and some points put anywhere in the picture."""
    points = canonical(template, exact.faces, exact.barycentric)
    wrong = rng.random(len(points)) < OUTLIERS
    noisy = points + rng.normal(0, NOISE_M / np.sqrt(3), points.shape)
    noisy[wrong] = points[rng.integers(0, len(points), wrong.sum())]
    sigma = np.full(len(points), NOISE_M)
    return from_canonical_points(exact.pixels, noisy, sigma, np.ones(len(points)), template)


def misled(rng: np.random.Generator, exact: Correspondences, template: BodyTemplate) -> Correspondences:
    """Return correspondences that err together: parts shifted as a whole, a third of hands and feet turned over."""
    points = canonical(template, exact.faces, exact.barycentric)
    noisy = points + rng.normal(0, FINE_NOISE_M / np.sqrt(3), points.shape)
    regions = template.regions[exact.faces]
    parts = np.array([name.rpartition("_")[0] or name for name in REGIONS])[regions]
    for part in np.unique(parts):
        shift = rng.normal(size=3)
        noisy[parts == part] += PART_SHIFT_M * shift / np.linalg.norm(shift)
        if part.startswith(("hand", "foot")):
            turned = np.flatnonzero(parts == part)
            turned = turned[np.argsort(points[turned] @ rng.normal(size=3))[: round(TURNED * len(turned))]]
            noisy[turned] = other_side(template, points[turned], regions[turned])
    sigma = np.full(len(points), PART_SHIFT_M)
    return from_canonical_points(exact.pixels, noisy, sigma, np.ones(len(points)), template)


def other_side(template: BodyTemplate, points: Floats, regions: npt.NDArray[np.integer]) -> Floats:
    """Return the canonical points across a hand or foot from points (N, 3) in regions (N,)."""
    sides = {"dorsal": ("palmar", "plantar"), "palmar": ("dorsal",), "plantar": ("dorsal",)}
    centres = template.canonical[template.faces].mean(axis=1).astype(np.float64)
    result = points.copy()
    for region in np.unique(regions):
        part, _, side = REGIONS[region].rpartition("_")
        others = [i for i, name in enumerate(REGIONS) if name in {f"{part}_{other}" for other in sides[side]}]
        there, here = centres[np.isin(template.regions, others)], regions == region
        result[here] = there[cKDTree(there).query(points[here])[1]]
    return result


def surface_errors_cm(shot: Shot, fit: BodyFit, body: BodyTemplate) -> Floats:
    """Return how far from its true place each skin pixel is laid on the reference body [cm]; infinite if beside it."""
    posed = body.posed(rotations(body, fit.pose), fit.measures)
    found = RayCaster(posed, body.faces).render(fit.camera)
    every = shot.correspondences
    columns, rows = every.pixels.astype(int).T
    faces = found.faces[rows, columns]
    gaps = canonical(body, faces, found.barycentric[rows, columns])
    gaps -= canonical(shot.template, every.faces, every.barycentric)
    return np.where(faces == NO_FACE, np.inf, 100 * np.linalg.norm(gaps, axis=1))


def trials(rng: np.random.Generator, shot: Shot) -> Iterator[tuple[str, Correspondences, BodyTemplate]]:
    """Yield what the solver is given: its name, correspondences and body."""
    exact, average = thinned(shot.correspondences), reference_template()
    rough, wrong = disturbed(rng, exact, shot.template), misled(rng, exact, shot.template)
    for name, given in (("exact", exact), ("5 cm noise, 10 % wrong", rough), ("parts shifted or turned", wrong)):
        yield f"{name}, own body", given, shot.template
        yield f"{name}, average body", given, average


@dataclass(frozen=True)
class Tally:
    """What one step of the solver did in each view: errors [cm] and processor seconds."""

    medians: list[float] = field(default_factory=list)
    tails: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, errors_cm: Floats, seconds: float) -> None:
        """Take in a photograph; a pixel beside the body counts as laid on its far end."""
        self.medians.append(float(np.median(errors_cm)))
        self.tails.append(float(np.percentile(np.minimum(errors_cm, FAR_CM), 90)))
        self.seconds.append(seconds)

    def row(self) -> str:
        """Return the medians over the views, the worst view, and the seconds."""
        columns = np.median(self.medians), np.max(self.medians), np.median(self.tails), np.mean(self.tails)
        return "".join(f"{c:9.2f}" for c in columns) + f"{np.median(self.seconds):11.3f}"


def measure_solver(seed: int) -> None:
    """Print the solver's error in all views, one random body, pose and camera each."""
    tallies: dict[str, Tally] = {}
    casts: list[float] = []
    for number, view in enumerate(VIEWS.values()):
        rng = np.random.default_rng([STREAM, seed, 1000 + number])
        shot = take(rng, build_template(draw_person(rng, "S")), view, SOLVER_SIDE_PX)
        for name, given, body in trials(rng, shot):
            try:
                casts.append(measure_steps(shot, name, given, body, tallies))
            except PhotographRejected as rejection:
                print(f"{view.name}, {name}: {rejection}")
    print(f"{'solver, all views [cm]':40} {'median':>8} {'worst':>8} {'90th pct':>8} {'mean of':>8} {'seconds':>10}")
    for name, tally in tallies.items():
        print(f"{name:40}{tally.row()}")
    print(f"{'registration of the fit':76}{np.median(casts):11.3f}")


def measure_steps(
    shot: Shot, name: str, given: Correspondences, body: BodyTemplate, tallies: dict[str, Tally]
) -> float:
    """Take a photograph through fit and outline, and return the processor seconds of the registration after them."""
    skin = (shot.image.faces != NO_FACE).astype(np.float32)
    fit, seconds = timed(lambda: fit_body(given, shot.view, body, shot.camera.size))
    tallies.setdefault(name, Tally()).add(surface_errors_cm(shot, fit, body), seconds)
    fine, seconds = timed(lambda: refined_on_outline(fit, given, skin_edges(skin), body))
    tallies.setdefault(f"{name}, outline", Tally()).add(surface_errors_cm(shot, fine, body), seconds)
    height, width = shot.camera.size
    zoom = CAST_SIDE_PX / SOLVER_SIDE_PX
    large = replace(fine, camera=fine.camera.scaled((round(zoom * height), round(zoom * width))))
    return timed(lambda: registration_from_fit(large, body, "truth"))[1]


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """Return what work returns, and the processor seconds that it took."""
    start = time.process_time()
    return work(), time.process_time() - start


def main() -> int:
    """Run both measurements; exit status 1 if a visit's error is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    within = measure_visits(options.patients, options.seed) if options.patients else True
    measure_solver(options.seed)
    return 0 if within else 1


if __name__ == "__main__":
    raise SystemExit(main())
