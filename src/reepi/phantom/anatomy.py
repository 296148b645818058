"""What shows under healthy skin: bones, furrows and folds that tell the front of a body from its back.

The template's surface is smooth between vertices centimetres apart, and holds none of these. Places are canonical
points of the reference body [m]; heights and widths are those of an adult's surface anatomy.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from reepi.core.regions import REGIONS, part_of
from reepi.phantom.noise import Floats

Point = tuple[float, float]
"""Across (patient's left of the midline, mirrored) and up, canonical [m]."""

CLAVICLE: tuple[Point, Point] = ((0.022, 1.508), (0.15, 1.53))
SCAPULA: tuple[Point, ...] = ((0.068, 1.485), (0.08, 1.335), (0.155, 1.455))
SCAPULAR_SPINE: tuple[Point, Point] = ((0.07, 1.462), (0.16, 1.5))
COSTAL_ARCH: tuple[Point, ...] = ((0.012, 1.275), (0.06, 1.225), (0.115, 1.15))
JUGULAR_NOTCH: Point = (0.0, 1.513)
SACRAL_DIMPLE: Point = (0.042, 1.055)
PATELLA: Point = (0.152, 0.545)
POPLITEAL_FOLD: tuple[Point, Point] = ((0.115, 0.528), (0.19, 0.523))
ELBOW_FOLD: tuple[Point, Point] = ((0.372, 1.225), (0.412, 1.262))
OLECRANON: Point = (0.392, 1.25)
GLUTEAL_FOLD: tuple[Point, Point] = ((0.03, 0.885), (0.13, 0.872))

_PART = np.array([*(part_of(region) for region in REGIONS), ""])


@dataclass(frozen=True)
class Anatomy:
    """How much a patient's bones and furrows show.

    Parameters
    ----------
    spine_m, linea_m, notch_m, fold_m : float
        Depth of the furrow over the spine, of the one over sternum and linea alba, of the jugular notch and of the
        folds at knees, elbows and buttocks [m].
    clavicle_m, scapula_m, rib_m, vertebra_m, patella_m : float
        Height of the bones [m].
    dimple_m : float
        Depth of the dimples over the sacrum [m].
    """

    spine_m: float
    linea_m: float
    notch_m: float
    fold_m: float
    clavicle_m: float
    scapula_m: float
    rib_m: float
    vertebra_m: float
    patella_m: float
    dimple_m: float

    def height_m(self, points: Floats, regions: npt.NDArray[np.int8]) -> Floats:
        """Return the relief [m] at canonical points (N, 3) [m] in regions (N,); negative where it sinks in."""
        height = np.zeros(len(points), np.float32)
        part = _PART[regions]
        front = points[:, 1] < -0.03
        trunk = np.isin(part, ("trunk", "neck"))
        for where, relief in (
            (trunk & front, self._chest),
            (trunk & ~front, self._back),
            (part == "buttock", self._buttocks),
            (np.isin(part, ("thigh", "lower_leg")) & (np.abs(points[:, 2] - 0.53) < 0.09), self._knees),
            (np.isin(part, ("upper_arm", "forearm")) & (np.abs(points[:, 2] - 1.24) < 0.08), self._elbows),
        ):
            chosen = np.flatnonzero(where)
            if len(chosen):
                height[chosen] = relief(*_mirrored(points[chosen]))
        return height

    def _chest(self, place: Floats, depth: Floats) -> Floats:
        z = place[:, 1]
        furrow = _bell(place[:, 0], 0.009) * _between(z, 1.13, 1.48, 0.03)
        ribs = np.cos((z - 0.35 * depth) * np.float32(2 * np.pi / 0.032)) * _between(z, 1.17, 1.36, 0.04)
        side = np.clip((place[:, 0] - 0.07) / 0.05, 0, 1)
        return np.asarray(
            self.clavicle_m * _ridge(place, CLAVICLE, 0.007)
            - 0.8 * self.clavicle_m * _ridge(place - np.array([0, 0.02], np.float32), CLAVICLE, 0.012)
            - self.notch_m * _bell(_away(place, (JUGULAR_NOTCH, JUGULAR_NOTCH)), 0.012)
            - self.linea_m * furrow
            + self.rib_m * (2 * _path(place, COSTAL_ARCH, 0.01) + 0.6 * ribs * side),
            np.float32,
        )

    def _back(self, place: Floats, depth: Floats) -> Floats:
        z = place[:, 1]
        knobs = 0.5 + 0.5 * np.cos(z * np.float32(2 * np.pi / 0.031))
        line = _between(z, 1.07, 1.54, 0.03)
        ribs = np.cos((z - 0.35 * depth) * np.float32(2 * np.pi / 0.032)) * _between(z, 1.17, 1.33, 0.04)
        side = np.clip((place[:, 0] - 0.05) / 0.05, 0, 1)
        return np.asarray(
            self.vertebra_m * knobs * _bell(place[:, 0], 0.009) * line
            - self.spine_m * _bell(place[:, 0], 0.016) * line
            + self.scapula_m * (_plate(place, SCAPULA, 0.025) + 0.5 * _ridge(place, SCAPULAR_SPINE, 0.009))
            + self.rib_m * 0.6 * ribs * side
            - self.dimple_m * _bell(_away(place, (SACRAL_DIMPLE, SACRAL_DIMPLE)), 0.009),
            np.float32,
        )

    def _buttocks(self, place: Floats, depth: Floats) -> Floats:
        dimple = self.dimple_m * _bell(_away(place, (SACRAL_DIMPLE, SACRAL_DIMPLE)), 0.009)
        return np.asarray(-dimple - self.fold_m * _ridge(place, GLUTEAL_FOLD, 0.004) * (depth > 0), np.float32)

    def _knees(self, place: Floats, depth: Floats) -> Floats:
        away = _away(place, (PATELLA, PATELLA))
        cap = self.patella_m * (np.clip((0.03 - away) / 0.012, 0, 1) - 0.7 * _bell(away - 0.034, 0.006))
        fold = self.fold_m * _ridge(place, POPLITEAL_FOLD, 0.003)
        return np.asarray(np.where(depth < -0.045, cap, np.where(depth > -0.01, -fold, 0)), np.float32)

    def _elbows(self, place: Floats, depth: Floats) -> Floats:
        bone = 0.7 * self.patella_m * _bell(_away(place, (OLECRANON, OLECRANON)), 0.012)
        fold = self.fold_m * _ridge(place, ELBOW_FOLD, 0.003)
        return np.asarray(np.where(depth < -0.06, -fold, np.where(depth > -0.03, bone, 0)), np.float32)


def draw_anatomy(rng: np.random.Generator, bmi: float) -> Anatomy:
    """Return how much shows of a random patient of a body mass index [kg/m²]; more in the lean."""
    lean = float(np.clip((31 - bmi) / 11 + rng.normal(0, 0.15), 0.05, 1.2))

    def up_to(least: float, most: float) -> float:
        return float(rng.uniform(least, most) * lean)

    return Anatomy(
        float(rng.uniform(0.003, 0.011)),
        up_to(0.0005, 0.005),
        0.002 + up_to(0.001, 0.006),
        float(rng.uniform(0.0006, 0.003)),
        up_to(0.001, 0.006),
        up_to(0.002, 0.009),
        up_to(0.0002, 0.0016),
        up_to(0.0003, 0.0018),
        0.002 + up_to(0.001, 0.006),
        float(rng.uniform(0.0, 0.004)),
    )


def _mirrored(points: Floats) -> tuple[Floats, Floats]:
    """Return place (N, 2), mirrored to the patient's left, and depth (N,) of canonical points, front to back [m]."""
    return np.stack([np.abs(points[:, 0]), points[:, 2]], axis=1), points[:, 1]


def _away(place: Floats, line: tuple[Point, ...]) -> Floats:
    """Return the distance of places (N, 2) from a segment [m]."""
    start, end = np.array(line, np.float32)
    along = end - start
    share = np.clip((place - start) @ along / max(float(along @ along), 1e-12), 0, 1)
    return np.asarray(np.linalg.norm(place - start - share[:, None] * along, axis=1), np.float32)


def _bell(away: Floats, width_m: float) -> Floats:
    return np.asarray(np.exp(-((away / np.float32(width_m)) ** 2)), np.float32)


def _between(value: Floats, low: float, high: float, fade: float) -> Floats:
    return np.asarray(np.clip((value - low) / fade, 0, 1) * np.clip((high - value) / fade, 0, 1), np.float32)


def _ridge(place: Floats, line: tuple[Point, ...], width_m: float) -> Floats:
    return _bell(_away(place, line), width_m)


def _path(place: Floats, corners: tuple[Point, ...], width_m: float) -> Floats:
    away = [_away(place, pair) for pair in pairwise(corners)]
    return _bell(np.min(away, axis=0), width_m)


def _plate(place: Floats, corners: tuple[Point, ...], fade_m: float) -> Floats:
    """Return 1 well inside a convex outline, counterclockwise as seen from before, 0 outside it."""
    inside = []
    for start, end in zip(np.array(corners, np.float32), np.roll(np.array(corners, np.float32), -1, 0), strict=True):
        along = (end - start) / np.linalg.norm(end - start)
        inside.append((place - start) @ np.array([-along[1], along[0]], np.float32))
    return np.asarray(np.clip(np.min(inside, axis=0) / fade_m + 0.3, 0, 1), np.float32)
