"""A patient's lesions over days, as fields in body coordinates: the same skin has the same history in every view.

All fields are functions of the canonical point, so a photograph's mask and the truth per body face are two samplings
of one function.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.regions import REGIONS, part_of
from reepi.core.tissue import Tissue
from reepi.phantom.noise import Floats, NoiseField, draw_field

PREFERENCE = {
    "head": 2.0,
    "neck": 2.2,
    "trunk": 3.0,
    "buttock": 1.0,
    "genitalia": 0.8,
    "upper_arm": 2.0,
    "forearm": 1.2,
    "hand": 1.0,
    "thigh": 1.6,
    "lower_leg": 0.9,
    "foot": 0.8,
}
"""How readily each part is struck, per area: trunk, face and the limbs' proximal parts first."""

_CHUNK = 60_000


@dataclass(frozen=True)
class Spots:
    """Round lesions before noise distorts them.

    Parameters
    ----------
    centres : (L, 3) float32
        Canonical points [m].
    radii_m : (L,) float32
        Radius when fully grown [m].
    start_days, growth_days : (L,) float32
        Day of appearance, and days to full size.
    """

    centres: Floats
    radii_m: Floats
    start_days: Floats
    growth_days: Floats

    def radii_at(self, day: float) -> Floats:
        """Return the radius of each spot on a day [m], (L,); negative before it appears."""
        grown = np.clip((day - self.start_days) / self.growth_days, 0, 1)
        size = self.radii_m * (grown * (2 - grown))
        return np.where(day < self.start_days, np.float32(-1), size).astype(np.float32)

    def depth(self, distances: Floats, day: float) -> Floats:
        """Return how deep inside the union of spots points lie [m], given distances (L, N); (N,)."""
        if not len(self.radii_m):
            return np.full(distances.shape[1], -1, np.float32)
        return np.asarray((self.radii_at(day)[:, None] - distances).max(axis=0))

    def distances(self, points: Floats) -> Floats:
        """Return the distance of points (N, 3) to each centre [m], (L, N)."""
        square = -2 * (self.centres @ points.T)
        square += np.einsum("ij,ij->i", points, points)
        square += np.einsum("ij,ij->i", self.centres, self.centres)[:, None]
        return np.asarray(np.sqrt(np.maximum(square, 0)), np.float32)


@dataclass(frozen=True)
class Timing:
    """When a patient's lesions spread, loosen and heal; days after day zero, widths in metres."""

    halo_m: float
    halo_stop_day: float
    peel_start_day: float
    peel_days: float
    heal_start_day: float
    heal_days: float
    front_m_per_day: float
    margin_m: float
    fade_day: float
    fade_days: float
    late_heal_day: float


@dataclass(frozen=True)
class SkinState:
    """What lesions have done to points of the skin on a day.

    Parameters
    ----------
    tissue : (N,) uint8
        Tissue of each point.
    depth_m : (N,) float32
        Distance inside the edge of what is, or ever was, open; negative outside [m].
    peel_m : (N,) float32
        Distance-like field that is positive where the epidermis is gone, near zero at its torn edge [m].
    healing : (N,) float32
        Progress past the healing front; near zero at the fresh edge [m].
    """

    tissue: npt.NDArray[np.uint8]
    depth_m: Floats
    peel_m: Floats
    healing: Floats


@dataclass(frozen=True)
class Course:
    """A patient's lesions from first to last day.

    Parameters
    ----------
    sheets : Spots
        Lesions that open, merge and heal.
    macules : Spots
        Erythema that never opens.
    late : Spots
        Lesions that open once the others are healing: relapse and new detachment.
    timing : Timing
        When and how fast.
    warp : tuple of NoiseField
        Three coarse and three fine fields that distort outlines.
    chance : tuple of NoiseField
        Fields that decide where the halo is wide, where it peels first, and where islands heal first.
    coarse_warp_m, fine_warp_m : float
        Size of the distortion [m].
    """

    sheets: Spots
    macules: Spots
    late: Spots
    timing: Timing
    warp: tuple[NoiseField, ...]
    chance: tuple[NoiseField, ...]
    coarse_warp_m: float
    fine_warp_m: float

    def warped(self, points: Floats) -> Floats:
        """Return canonical points (N, 3) [m] moved so that round spots become ragged."""
        coarse = np.stack([field.at(points) for field in self.warp[:3]], axis=1) * np.float32(self.coarse_warp_m)
        fine = np.stack([field.at(points) for field in self.warp[3:]], axis=1) * np.float32(self.fine_warp_m)
        return np.asarray(points + coarse + fine)

    def state(self, points: Floats, day: float) -> SkinState:
        """Return the state of canonical points (N, 3) [m] on a day after day zero."""
        points = np.asarray(points, np.float32)
        parts = [_state(self, points[i : i + _CHUNK], day) for i in range(0, max(len(points), 1), _CHUNK)]
        return SkinState(
            np.concatenate([part.tissue for part in parts]),
            np.concatenate([part.depth_m for part in parts]),
            np.concatenate([part.peel_m for part in parts]),
            np.concatenate([part.healing for part in parts]),
        )


def _state(course: Course, points: Floats, day: float) -> SkinState:
    place = course.warped(points)
    halo, peel, island = (field.at(points) for field in course.chance)
    distances = course.sheets.distances(place)
    depth = course.sheets.depth(distances, day)
    peeled = _peeled(course.timing, depth, halo, peel, day)
    healed = _healed(course.timing, depth, island, day)
    late = course.late.distances(place)
    late_depth = course.late.depth(late, day)
    late_front = max(day - course.timing.late_heal_day, 0) * 2 * course.timing.front_m_per_day
    tissue = np.where(_red(course, place, depth, day), Tissue.ERYTHEMA, Tissue.INTACT).astype(np.uint8)
    tissue[depth > 0] = Tissue.DETACHABLE
    tissue[(depth > 0) & (peeled > 0)] = Tissue.DETACHED
    tissue[(depth > 0) & (healed > 0)] = Tissue.REEPITHELIALISED
    tissue[late_depth > 0] = Tissue.DETACHED
    tissue[(late_depth > 0) & (late_depth < late_front)] = Tissue.REEPITHELIALISED
    return SkinState(tissue, np.maximum(depth, late_depth), np.maximum(peeled, late_depth), healed)


def _peeled(timing: Timing, depth: Floats, halo: Floats, peel: Floats, day: float) -> Floats:
    """Return where loosened epidermis has come off: inside the halo, early where chance wants it [m]."""
    still_active = np.clip(1 - (day - timing.halo_stop_day) / 4, 0, 1)
    width = timing.halo_m * still_active * np.clip(1 + 0.5 * halo, 0.15, 3)
    eagerness = 1.5 - 3.5 * (day - timing.peel_start_day) / timing.peel_days
    return np.asarray(np.minimum(depth - width, (peel - np.float32(eagerness)) * np.float32(0.02)), np.float32)


def _healed(timing: Timing, depth: Floats, island: Floats, day: float) -> Floats:
    """Return where new epidermis has arrived: from the edge inwards, and from islands [m]."""
    days = day - timing.heal_start_day
    if days <= 0:
        return np.full(len(depth), -1, np.float32)
    front = days * timing.front_m_per_day * np.clip(1 + 0.4 * island, 0.3, 2)
    islands = (island - np.float32(2.6 - 5.2 * days / timing.heal_days)) * np.float32(0.01)
    return np.asarray(np.maximum(front - depth, islands), np.float32)


def _red(course: Course, place: Floats, depth: Floats, day: float) -> npt.NDArray[np.bool_]:
    """Return which points carry erythema: macules and a margin around sheets, both fading."""
    timing = course.timing
    left = np.float32(np.clip(1 - (day - timing.fade_day) / timing.fade_days, 0, 1))
    red = (depth > -timing.margin_m * left) & (depth > -0.5)
    if left > 0 and len(course.macules.radii_m):
        shrink = np.float32(0.03) * (1 - left)
        red |= course.macules.depth(course.macules.distances(place), day) > shrink
    return np.asarray(red)


@dataclass(frozen=True)
class Surface:
    """The skin that lesions are sown on.

    Parameters
    ----------
    points : (F, 3) float32
        Canonical centroid of each face [m].
    regions : (F,) int8
        Region of each face; negative where it is not skin.
    shares : (F,) float64
        Share of the body surface of each face [% BSA].
    """

    points: Floats
    regions: npt.NDArray[np.int8]
    shares: npt.NDArray[np.float64]


def open_percent(course: Course, surface: Surface, day: float) -> float:
    """Return the open skin of a day [% BSA], sampled at the centre of each face."""
    tissue = course.state(surface.points, day).tissue
    is_open = (tissue == Tissue.DETACHABLE) | (tissue == Tissue.DETACHED)
    return float(surface.shares[is_open & (surface.regions >= 0)].sum())


def draw_course(rng: np.random.Generator, surface: Surface, max_open_percent: float, even: bool = False) -> Course:
    """Return a random course whose largest open skin is about ``max_open_percent`` [% BSA].

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    surface : Surface
        Skin to sow lesions on.
    max_open_percent : float
        Open skin at its worst [% BSA]; met within a few percent of itself.
    even : bool
        Sow evenly over the body instead of where the disease prefers.
    """
    weights = _seed_weights(surface, even)
    count = int(rng.integers(4, 40))
    sheets = _draw_spots(rng, surface, weights, count, (0.015, 0.09), (-4.0, 2.5), (2.0, 6.0))
    macules = _draw_spots(rng, surface, weights, int(rng.integers(0, 90)), (0.004, 0.022), (-5.0, 2.0), (1.0, 3.0))
    late = _draw_spots(rng, surface, weights, int(rng.integers(0, 4)), (0.008, 0.03), (8.0, 13.0), (1.0, 3.0))
    course = Course(
        sheets,
        macules,
        late,
        _draw_timing(rng),
        tuple(draw_field(rng, w) for w in (0.12, 0.12, 0.12, 0.022, 0.022, 0.022)),
        (draw_field(rng, 0.06), draw_field(rng, rng.uniform(0.03, 0.15)), draw_field(rng, rng.uniform(0.025, 0.08))),
        float(rng.uniform(0.004, 0.022)),
        float(rng.uniform(0.0006, 0.004)),
    )
    return _scaled_to(course, surface, max_open_percent)


def _seed_weights(surface: Surface, even: bool) -> npt.NDArray[np.float64]:
    liking = np.array([1.0 if even else PREFERENCE[part_of(region)] for region in REGIONS] + [0.0])
    weights = surface.shares * liking[surface.regions]
    return np.asarray(weights / weights.sum())


def _draw_spots(
    rng: np.random.Generator,
    surface: Surface,
    weights: npt.NDArray[np.float64],
    count: int,
    radius_m: tuple[float, float],
    start_day: tuple[float, float],
    growth_days: tuple[float, float],
) -> Spots:
    seeds = rng.choice(len(weights), size=count, p=weights)
    radii = np.exp(rng.uniform(np.log(radius_m[0]), np.log(radius_m[1]), count))
    return Spots(
        surface.points[seeds].astype(np.float32).reshape(-1, 3),
        radii.astype(np.float32),
        rng.uniform(*start_day, count).astype(np.float32),
        rng.uniform(*growth_days, count).astype(np.float32),
    )


def _draw_timing(rng: np.random.Generator) -> Timing:
    return Timing(
        halo_m=float(rng.uniform(0.002, 0.03)),
        halo_stop_day=float(rng.uniform(3, 8)),
        peel_start_day=float(rng.uniform(-4, 1)),
        peel_days=float(rng.uniform(4, 12)),
        heal_start_day=float(rng.uniform(3, 7)),
        heal_days=float(rng.uniform(9, 18)),
        front_m_per_day=float(rng.uniform(0.0008, 0.004)),
        margin_m=float(rng.uniform(0.002, 0.03)),
        fade_day=float(rng.uniform(4, 10)),
        fade_days=float(rng.uniform(4, 12)),
        late_heal_day=float(rng.uniform(11, 15)),
    )


SIZING_DAYS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
"""Days at which the extent of a course is measured when its size is set."""


def _scaled_to(course: Course, surface: Surface, max_open_percent: float) -> Course:
    """Return the course with radii scaled, by bisection on the logarithm, to the wanted extent."""
    surface = _thinned(surface)
    low, high = np.log(0.1), np.log(8.0)
    for _ in range(8):
        middle = (low + high) / 2
        worst = max(open_percent(_resized(course, np.exp(middle)), surface, day) for day in SIZING_DAYS[1::2])
        low, high = (middle, high) if worst < max_open_percent else (low, middle)
    return _resized(course, float(np.exp((low + high) / 2)))


def _thinned(surface: Surface) -> Surface:
    """Return every fifth face, carrying the shares of all: enough to size lesions by."""
    shares = surface.shares[::5] * (surface.shares.sum() / surface.shares[::5].sum())
    return Surface(surface.points[::5], surface.regions[::5], shares)


def _resized(course: Course, factor: float) -> Course:
    spots = course.sheets
    radii = (spots.radii_m * np.float32(factor)).astype(np.float32)
    sheets = Spots(spots.centres, radii, spots.start_days, spots.growth_days)
    return Course(
        sheets,
        course.macules,
        course.late,
        course.timing,
        course.warp,
        course.chance,
        course.coarse_warp_m,
        course.fine_warp_m,
    )
