"""What hides skin: dressings, tape, electrodes, crusts and hair (tissue ``covered``), and clothes (``background``)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.regions import REGIONS, part_of
from reepi.core.study import Patient
from reepi.phantom.appearance import Material, smooth_step
from reepi.phantom.body_hair import BodyHair, draw_body_hair
from reepi.phantom.lesions import Surface
from reepi.phantom.looks import linear
from reepi.phantom.noise import Floats, NoiseField, draw_field

Bools = npt.NDArray[np.bool_]

KINDS = ("gauze", "foam", "film", "tape", "electrode", "crust", "bandage")
"""What dressings there are."""

_COLOURS = {
    "gauze": ((238, 236, 230), (228, 222, 210), (214, 160, 140), (226, 208, 160)),
    "foam": ((222, 186, 160), (236, 214, 196), (240, 240, 238), (120, 110, 110)),
    "film": ((214, 206, 200), (190, 200, 206)),
    "tape": ((240, 236, 226), (226, 196, 164), (206, 214, 226)),
    "electrode": ((240, 240, 240), (226, 226, 220), (120, 170, 210)),
    "crust": ((52, 22, 18), (84, 44, 24), (120, 78, 36), (30, 16, 14)),
    "bandage": ((236, 232, 222), (222, 204, 180), (240, 240, 244)),
}

_HAIR_SRGB = (
    (22, 18, 16),
    (48, 32, 22),
    (92, 62, 38),
    (150, 112, 70),
    (190, 160, 112),
    (150, 148, 146),
    (214, 212, 208),
)


@dataclass(frozen=True)
class Dressing:
    """Something stuck on the skin: a box in body coordinates, or a blob for crusts.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    centre : (3,) float32
        Canonical point [m].
    axes : (3, 3) float32
        Rows: along, across and out of the skin.
    half_m : (3,) float32
        Half its size along each axis [m].
    colour : (3,) float32
        Linear light.
    stain : (3,) float32
        Colour of what soaks through.
    field : NoiseField
        Stains and ragged edge.
    stain_level : float
        Stained where the field passes the level.
    bump_m, gloss : float
        Relief [m] and sheen.
    """

    kind: str
    centre: Floats
    axes: Floats
    half_m: Floats
    colour: Floats
    stain: Floats
    field: NoiseField
    stain_level: float
    bump_m: float
    gloss: float

    def inside(self, points: Floats) -> Bools:
        """Return which canonical points (N, 3) [m] it covers, (N,)."""
        local = np.abs(self.axes @ (points - self.centre).T)
        if self.kind in ("electrode", "crust"):
            radius = np.sqrt(np.einsum("ij,ij->j", local, local))
            ragged = 0.35 if self.kind == "crust" else 0.0
            near = radius < 2.2 * self.half_m[0]
            near[near] = radius[near] < self.half_m[0] * (1 + ragged * self.field.at(points[near]))
            return np.asarray(near)
        return np.asarray((local[0] < self.half_m[0]) & (local[1] < self.half_m[1]) & (local[2] < self.half_m[2]))

    def material(self, points: Floats) -> Material:
        """Return what it looks like at canonical points (N, 3) [m]."""
        local = (points - self.centre) @ self.axes.T
        stain = smooth_step(self.field.at(points), self.stain_level, self.stain_level + 0.8)[:, None]
        albedo = self.colour * (1 - stain) + self.stain * stain
        weave = np.cos(local[:, 0] * 2500) * np.cos(local[:, 1] * 2500)
        ripple = self.field.at(points * 3) if self.kind in ("film", "crust", "bandage") else weave
        if self.kind == "electrode":
            stud = (np.hypot(local[:, 0], local[:, 1]) < self.half_m[0] * 0.3)[:, None]
            albedo = np.where(stud, np.float32(0.15), albedo)
        count = len(points)
        return Material(
            np.clip(albedo * (1 + 0.05 * ripple)[:, None], 0.01, 0.95).astype(np.float32),
            (self.bump_m * ripple).astype(np.float32),
            np.full(count, self.gloss, np.float32),
            np.full(count, 0.25, np.float32),
        )


def draw_dressings(rng: np.random.Generator, surface: Surface, normals: Floats, count: int) -> tuple[Dressing, ...]:
    """Return random dressings on the skin of ``surface``, whose canonical normals are (F, 3)."""
    skin = np.flatnonzero(surface.regions >= 0)
    return tuple(_draw_dressing(rng, surface.points[face], normals[face]) for face in rng.choice(skin, count))


def _draw_dressing(rng: np.random.Generator, centre: Floats, normal: Floats) -> Dressing:
    kind = str(rng.choice(KINDS, p=(0.3, 0.1, 0.1, 0.15, 0.12, 0.15, 0.08)))
    along = np.cross(normal, rng.normal(size=3))
    along /= np.linalg.norm(along) + 1e-9
    axes = np.stack([along, np.cross(normal, along), normal])
    sizes = {"electrode": (0.012, 0.022), "crust": (0.004, 0.025), "tape": (0.02, 0.08)}
    half = rng.uniform(*sizes.get(kind, (0.02, 0.11)))
    width = half * (0.2 if kind == "tape" else rng.uniform(0.4, 1))
    depth = 0.2 if kind == "bandage" else 0.05
    palette = _COLOURS[kind]
    return Dressing(
        kind,
        centre.astype(np.float32),
        axes.astype(np.float32),
        np.array([half, width, depth], np.float32),
        linear(np.clip(np.array(palette[rng.integers(len(palette))]) * rng.uniform(0.8, 1.05), 4, 252)),
        linear(np.array(((150, 60, 40), (200, 170, 90), (110, 30, 30))[rng.integers(3)])),
        draw_field(rng, rng.uniform(0.01, 0.05)),
        float(rng.uniform(0.8, 4)),
        float(rng.uniform(0.0001, 0.0006)),
        float(rng.uniform(0.3, 0.8) if kind == "film" else rng.uniform(0, 0.1)),
    )


@dataclass(frozen=True)
class Landmarks:
    """Where head and loins lie on the reference body, canonical coordinates [m].

    Parameters
    ----------
    head_low, head_high : (3,) float32
        Corners of the head's box.
    crotch_z, waist_z : float
        Heights of the crotch and of the top of the hips.
    """

    head_low: Floats
    head_high: Floats
    crotch_z: float
    waist_z: float


def landmarks(surface: Surface) -> Landmarks:
    """Return the landmarks of the reference body, from its regions."""
    part = np.array([part_of(region) for region in REGIONS] + [""])[surface.regions]
    head = surface.points[part == "head"]
    loins = surface.points[np.isin(part, ("genitalia",))]
    buttock = surface.points[part == "buttock"]
    top = max(float(loins[:, 2].max()), float(buttock[:, 2].max()))
    return Landmarks(head.min(0), head.max(0), float(loins[:, 2].min()), top)


@dataclass(frozen=True)
class Hair:
    """A head of hair, eyebrows, the shadow of a beard, and the hair of the body.

    Parameters
    ----------
    colour : (3,) float32
        Linear light.
    strand, edge : NoiseField
        Strands, and the raggedness of the hairline.
    hairline : float
        Raises (positive) or lowers the hairline, in heights of the head.
    scalp, brows : bool
        Whether there are any.
    beard : float
        Darkness of the beard's shadow, 0 to 1.
    body : BodyHair
        Hair of trunk and limbs.
    """

    colour: Floats
    strand: NoiseField
    edge: NoiseField
    hairline: float
    scalp: bool
    brows: bool
    beard: float
    body: BodyHair

    def on_scalp(self, points: Floats, marks: Landmarks) -> Bools:
        """Return which canonical points (N, 3) [m] lie under hair, (N,)."""
        if not self.scalp:
            return np.zeros(len(points), bool)
        place = (points - marks.head_low) / (marks.head_high - marks.head_low)
        line = np.interp(place[:, 1], (0.0, 0.22, 0.36, 0.55, 0.7, 1.0), (0.9, 0.84, 0.66, 0.5, 0.24, 0.16))
        on = (place[:, 2] > line + self.hairline) & (np.abs(place[:, 0] - 0.5) < 0.62) & (place[:, 2] < 1.1)
        near = on & (place[:, 2] < line + self.hairline + 0.1)
        on[near] = (place[near, 2] - line[near] - self.hairline) > 0.03 * (1 + self.edge.at(points[near]))
        return np.asarray(on)

    def on_brows(self, points: Floats, marks: Landmarks) -> Bools:
        """Return which canonical points (N, 3) [m] are eyebrow, (N,)."""
        place = (points - marks.head_low) / (marks.head_high - marks.head_low)
        across = np.abs(place[:, 0] - 0.5)
        arch = 0.56 + 0.12 * (across - 0.08) - 0.5 * (across - 0.22).clip(0)
        on = self.brows & (place[:, 1] < 0.45) & (across > 0.06) & (across < 0.32)
        ragged = self.strand.at(points) > -0.9
        return np.asarray(on & ragged & (np.abs(place[:, 2] - arch) < 0.02 - 0.03 * (across - 0.2).clip(0)))

    def shadow(self, points: Floats, marks: Landmarks) -> Floats:
        """Return the darkness of the beard's shadow at canonical points (N, 3) [m], (N,)."""
        place = (points - marks.head_low) / (marks.head_high - marks.head_low)
        low = smooth_step(np.float32(0.33) - place[:, 2], 0, 0.1) * smooth_step(place[:, 2], -0.3, -0.1)
        front = smooth_step(np.float32(0.55) - place[:, 1], 0, 0.12) * (np.abs(place[:, 0] - 0.5) < 0.6)
        return np.asarray(self.beard * low * front, np.float32)

    def material(self, points: Floats) -> Material:
        """Return what hair looks like at canonical points (N, 3) [m]."""
        strand = self.strand.at(points)
        count = len(points)
        albedo = self.colour * np.exp(0.45 * strand)[:, None]
        return Material(
            np.clip(albedo, 0.003, 0.9).astype(np.float32),
            (0.0015 * np.tanh(strand)).astype(np.float32),
            np.full(count, 0.08, np.float32),
            np.full(count, 0.3, np.float32),
        )


def draw_hair(rng: np.random.Generator, person: Patient, fitzpatrick: float) -> Hair:
    """Return random hair for a patient; dark skin mostly goes with dark hair."""
    sex, later = person.sex, rng.spawn(1)[0]
    colours = _HAIR_SRGB[:3] if fitzpatrick > 3 and rng.random() < 0.8 else _HAIR_SRGB
    return Hair(
        linear(np.clip(np.array(colours[rng.integers(len(colours))]) * rng.uniform(0.8, 1.2), 4, 250)),
        draw_field(rng, rng.uniform(0.003, 0.01), stretch=rng.uniform(3, 12)),
        draw_field(rng, 0.03),
        float(rng.normal(0, 0.03)),
        bool(rng.random() < (0.7 if sex == "M" else 0.93)),
        bool(rng.random() < 0.9),
        float(rng.uniform(0, 0.8)) if sex == "M" else 0.0,
        draw_body_hair(later, person),
    )


@dataclass(frozen=True)
class Clothes:
    """A cloth around the loins, in body coordinates, and sometimes one around the chest.

    Parameters
    ----------
    colour : (3,) float32
        Linear light.
    fold : NoiseField
        Its folds.
    top_m, leg_m : float
        How far it reaches above the hips and down the thighs [m].
    chest : (float, float) or None
        Lower and upper height of a chest band [m], canonical.
    """

    colour: Floats
    fold: NoiseField
    top_m: float
    leg_m: float
    chest: tuple[float, float] | None

    def inside(self, points: Floats, marks: Landmarks) -> Bools:
        """Return which canonical points (N, 3) [m] are clothed, (N,)."""
        x, z = np.abs(points[:, 0]), points[:, 2]
        hem = marks.crotch_z - self.leg_m + np.maximum(x - 0.02, 0) * np.float32(0.9 if self.leg_m < 0.02 else 0.0)
        worn = (z > hem) & (z < marks.waist_z + self.top_m) & (x < 0.27)
        if self.chest is not None:
            worn |= (z > self.chest[0]) & (z < self.chest[1]) & (x < 0.22)
        return np.asarray(worn)

    def material(self, points: Floats) -> Material:
        """Return what the cloth looks like at canonical points (N, 3) [m]."""
        fold = self.fold.at(points)
        count = len(points)
        return Material(
            np.clip(self.colour * (1 + 0.08 * fold)[:, None], 0.01, 0.92).astype(np.float32),
            (0.003 * fold).astype(np.float32),
            np.zeros(count, np.float32),
            np.full(count, 0.5, np.float32),
        )


def draw_clothes(rng: np.random.Generator, marks: Landmarks, sex: str) -> Clothes:
    """Return random hospital underwear."""
    srgb = np.array(((236, 236, 236), (90, 130, 170), (40, 44, 60), (150, 190, 180), (210, 190, 200))[rng.integers(5)])
    low = marks.waist_z + rng.uniform(0.2, 0.26)
    chest = (low, low + rng.uniform(0.06, 0.14)) if sex == "F" and rng.random() < 0.3 else None
    return Clothes(
        linear(np.clip(srgb * rng.uniform(0.7, 1.05), 4, 250)),
        draw_field(rng, rng.uniform(0.02, 0.06), stretch=rng.uniform(1, 4)),
        float(rng.uniform(-0.06, 0.04)),
        float(rng.choice([0.0, rng.uniform(0.03, 0.15)])),
        chest,
    )
