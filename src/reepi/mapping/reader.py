"""Registers a photograph by points that a reader placed; what a network or an earlier fit says fills the gaps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, TissueMap
from reepi.core.reader_points import ReaderPoint, points_hash
from reepi.core.surface import Registration
from reepi.core.views import View
from reepi.mapping.contradictions import misfits
from reepi.mapping.earlier import RegisteredPhotograph
from reepi.mapping.fit import BodyFit, FitQuality
from reepi.mapping.reader_problem import (
    extent_mm,
    joined_problem,
    median_spread_mm,
    said_by_registration,
    solved,
    state_of,
)
from reepi.mapping.registration import camera_and_pose, registration_from_fit
from reepi.mapping.solver import BodyState, Problem, Solution

Register = Callable[[Photograph, TissueMap, View, BodyTemplate, RegisteredPhotograph | None], Registration]

READER_SIGMA_M = 0.005
"""Expected error of a reader's point [m]: a click hits a fold, a nipple or a knuckle to some millimetres on the
photograph, and to about two pixels of 2.5 mm on the chart. Chosen, not measured."""

FEWEST_POINTS_ALONE = 6
"""Points that place a photograph where nothing else is known: four determine a camera, two more tell a wrong one."""

MAX_MISFIT_MM = 45.0
MAX_MISFIT_SHARE = 0.15
"""A reader's points contradict each other where one stays farther than this from its place, in mm or as a share of the
extent of the skin that is known; the patient's body differs from the template by less."""

TRUE_OVER_TOLD = 1.4
"""By how much the error on the skin exceeds what points and their fit tell of it: the body is not quite the template,
and a pose that explains the points need not be the patient's. Median over rendered photographs that were placed by
three to twelve points (seed 0 of ``benchmarks/reader_points.py``)."""

MAX_UNCERTAIN_MM = 60.0
"""Estimated error above which the points, however right, leave the rest of the photograph's skin too uncertain [mm].
Wider than the gate of a network, since a reader stands for the points and has seen where they lead."""


class ContradictoryPoints(PhotographRejected):
    """Points of a reader that no camera and pose can explain together.

    Parameters
    ----------
    misfits_mm : dict of int to float
        Place of each such point in the reader's list, counted from 0, and how far it is off where the others fit [mm].
    points : sequence of ReaderPoint
        All of the reader's points.
    """

    def __init__(self, misfits_mm: dict[int, float], points: Sequence[ReaderPoint]) -> None:
        self.misfits_mm = misfits_mm
        named = "; ".join(
            f"point {index + 1} at {100 * points[index].x:.0f} % from the left and {100 * points[index].y:.0f} % from "
            f"the top is {mm:.0f} mm off"
            for index, mm in misfits_mm.items()
        )
        super().__init__("contradictory_points", f"{named} where the others fit. Move it or take it away.")


@dataclass(frozen=True)
class PointFit:
    """A fit by a reader's points.

    Parameters
    ----------
    body : BodyFit
        Camera and pose; its offset is that of the reader's points, its spread that of all skin in the picture.
    offsets_mm : tuple of float
        How far each of the reader's points stays from its place [mm].
    """

    body: BodyFit
    offsets_mm: tuple[float, ...]

    @property
    def error_mm(self) -> float:
        """Estimated error of the mapping on the skin [mm]."""
        return TRUE_OVER_TOLD * self.body.quality.residual_mm


def reader_correspondences(
    points: Sequence[ReaderPoint], template: BodyTemplate, size: tuple[int, int]
) -> Correspondences:
    """Return a reader's points as correspondences of a photograph at a size (H, W) [px].

    Raises
    ------
    PhotographRejected
        A point lies on no skin of the template; names it.
    """
    faces = np.array([point.face for point in points], np.int64)
    wrong = [n + 1 for n, face in enumerate(faces) if face >= template.n_faces or not template.skin[face]]
    if wrong:
        named = ", ".join(map(str, wrong))
        raise PhotographRejected("points_off_body", f"no skin of the body lies at point {named}. Place it again.")
    n = len(points)
    return Correspondences(
        np.array([point.pixel(size) for point in points], np.float64).reshape(n, 2),
        faces,
        np.array([point.barycentric for point in points], np.float64).reshape(n, 3),
        np.full(n, READER_SIGMA_M),
        np.ones(n),
        "reader",
    )


def fit_points(
    points: Sequence[ReaderPoint],
    view: View,
    template: BodyTemplate,
    size: tuple[int, int],
    focal_px: float | None = None,
    network: Correspondences | None = None,
    earlier: Registration | None = None,
) -> PointFit:
    """Return the camera and pose that a reader's points ask for; takes less than a second.

    The points are never given up for what the network or an earlier registration says. Those two fill the gaps: with
    one of them, a single point already moves the fit.

    Parameters
    ----------
    points : sequence of ReaderPoint
        One at least.
    view : View
        The declared view.
    template : BodyTemplate
        The patient's body.
    size : (int, int)
        Height and width of the photograph at working size [px].
    focal_px : float, optional
        Focal length at working size, if the file tells it [px].
    network : Correspondences, optional
        What the network says of the photograph.
    earlier : Registration, optional
        Where the photograph stood before, if anywhere; what it says counts where there is no `network`.

    Raises
    ------
    PhotographRejected
        The points are too few to place the photograph.
    ContradictoryPoints
        They contradict each other; says which one, and by how much.
    """
    firm = reader_correspondences(points, template, size)
    soft = network if network is not None or earlier is None else said_by_registration(earlier, template, size)
    if (soft is None and len(firm) < FEWEST_POINTS_ALONE) or not len(firm):
        raise _too_few(view, len(firm), 1 if soft is not None else FEWEST_POINTS_ALONE)
    problem = joined_problem(firm, soft, template, size, focal_px)
    solution = solved(problem, _earlier_states(problem, earlier, size))
    if solution is None:
        raise _too_few(view, len(firm), len(firm) + 2)
    offsets_mm = 1000 * solution.offsets_m[: len(firm)]
    limit_mm = min(MAX_MISFIT_MM, MAX_MISFIT_SHARE * extent_mm(problem))
    if offsets_mm.max() > limit_mm:
        raise ContradictoryPoints(misfits(problem, solution, limit_mm), points)
    return PointFit(_body_fit(problem, solution, template, size, focal_px), tuple(map(float, offsets_mm)))


def register_points(
    points: Sequence[ReaderPoint],
    view: View,
    template: BodyTemplate,
    size: tuple[int, int],
    focal_px: float | None = None,
    network: Correspondences | None = None,
    earlier: Registration | None = None,
) -> Registration:
    """Return the registration that a reader's points ask for; see `fit_points`.

    Its details name the source ``reader``, how many points there are, and which, by their hash.

    Raises
    ------
    PhotographRejected
        As `fit_points`; also where the points leave the rest of the skin too uncertain.
    """
    fit = fit_points(points, view, template, size, focal_px, network, earlier)
    check_certain(fit, view)
    registration = registration_from_fit(fit.body, template, "reader")
    told = {
        "n_reader_points": len(points),
        "points_sha256": points_hash(points),
        "largest_misfit_mm": round(max(fit.offsets_mm), 3),
    }
    return replace(registration, residual_mm=fit.error_mm, camera={**registration.camera, **told})


def register_with_points(
    points: Sequence[ReaderPoint],
    register: Register,
    photograph: Photograph,
    tissues: TissueMap,
    view: View,
    template: BodyTemplate,
    earlier_day: RegisteredPhotograph | None = None,
) -> Registration:
    """Return the registration of a photograph on which a reader placed points.

    Parameters
    ----------
    points : sequence of ReaderPoint
        The points.
    register : callable
        Any registrar. One that has a method ``correspondences`` is asked for those, else for its registration, and may
        well reject the photograph.
    photograph, tissues, view, template, earlier_day
        As a registrar takes them.

    Raises
    ------
    PhotographRejected
        As `register_points`.
    """
    network, earlier = None, None
    if ask := getattr(register, "correspondences", None):
        network = ask(photograph, tissues, view, template)
        network = network if len(network) else None
    else:
        try:
            earlier = register(photograph, tissues, view, template, earlier_day)
        except PhotographRejected:
            earlier = None
    try:
        placed = register_points(points, view, template, photograph.size, photograph.focal_px, network, earlier)
    except PhotographRejected as rejection:
        rejection.correspondences = network
        raise
    return replace(placed, correspondences=network)


def check_certain(fit: PointFit, view: View) -> None:
    """Let a fit pass only where the points tell enough of the photograph's skin (else `PhotographRejected`)."""
    if not fit.error_mm <= MAX_UNCERTAIN_MM:
        raise PhotographRejected(
            "not_registered",
            f"the reader's points leave its place on the body uncertain by {fit.error_mm:.0f} mm (limit "
            f"{MAX_UNCERTAIN_MM:.0f}). Place more of them on {view.name}, far from those that are there.",
        )


def _earlier_states(problem: Problem, earlier: Registration | None, size: tuple[int, int]) -> tuple[BodyState, ...]:
    if earlier is None:
        return ()
    camera, pose = camera_and_pose(earlier)
    return (state_of(camera.scaled(size), pose, problem),)


def _body_fit(
    problem: Problem, solution: Solution, template: BodyTemplate, size: tuple[int, int], focal_px: float | None
) -> BodyFit:
    from reepi.body.camera import Camera

    state, firm = solution.state, problem.firm
    camera = Camera(float(np.exp(state.log_focal)), size, state.rotation, -state.rotation.T @ state.shift)
    named = zip(problem.skeleton.names, state.pose, strict=True)
    pose = {name: (float(x), float(y), float(z)) for name, (x, y, z) in named}
    agreed = np.where(firm, 1.0, solution.trust)
    quality = FitQuality(
        1000 * float(np.median(solution.offsets_m[firm])),
        median_spread_mm(problem, solution, camera, pose, template),
        float(np.average(agreed, weights=problem.weights)),
        len(problem.pixels),
        extent_mm(problem),
    )
    return BodyFit(camera, pose, {}, lambda: quality)


def _too_few(view: View, there: int, wanted: int) -> PhotographRejected:
    return PhotographRejected(
        "not_registered",
        f"{there} points of the reader do not tell where {view.name} was photographed from. Place at least {wanted}, "
        f"far from each other.",
    )
