"""Hair of the body: what darkens skin on chest, shins and forearms, and what hides it at pubis and armpits."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.regions import REGIONS, part_of
from reepi.core.study import Patient
from reepi.phantom.noise import Floats, NoiseField, draw_field

ARMPIT_M = (0.19, -0.03, 1.375)
"""Left armpit on the reference body, canonical [m]."""

HIDING = 0.5
"""Hair that is thicker than this hides the skin, between its strands too."""

_PART = np.array([*(part_of(region) for region in REGIONS), ""])


@dataclass(frozen=True)
class BodyHair:
    """How dark a patient's hair makes parts of the skin, 0 to 1.

    Parameters
    ----------
    chest, belly, back, legs, forearms, pubis, armpits : float
        Thickness of each.
    strand, patch : NoiseField
        Strands, and how unevenly they grow.
    """

    chest: float
    belly: float
    back: float
    legs: float
    forearms: float
    pubis: float
    armpits: float
    strand: NoiseField
    patch: NoiseField

    def thickness(self, points: Floats, regions: npt.NDArray[np.int8]) -> Floats:
        """Return how thick hair grows at canonical points (N, 3) [m] in regions (N,), from 0 on; 1 is a mat."""
        part = _PART[regions]
        y, z = points[:, 1], points[:, 2]
        trunk, front = part == "trunk", y < -0.03
        loins = (trunk | np.isin(part, ("genitalia", "thigh"))) & (y < 0) & (z < 1.02)
        grows = np.zeros(len(points), np.float32)
        for share, where, growth in (
            (self.chest, trunk & front & (z > 1.2), _on_chest),
            (self.belly, trunk & front & (z <= 1.2), _on_belly),
            (self.back, trunk & ~front & (z > 1.3), _evenly),
            (self.legs, np.isin(part, ("thigh", "lower_leg")), _on_legs),
            (self.forearms, part == "forearm", _evenly),
            (self.pubis, loins, _on_pubis),
            (self.armpits, np.isin(part, ("trunk", "upper_arm")) & (z > 1.3), _in_armpits),
        ):
            if share and where.any():
                grows[where] = np.maximum(grows[where], share * growth(np.abs(points[where, 0]), y[where], z[where]))
        hairy = np.flatnonzero(grows > 0.01)
        grows[hairy] *= np.clip(0.75 + 0.35 * self.patch.at(points[hairy]), 0, 1.2)
        return grows

    def strands(self, points: Floats, thickness: Floats) -> Floats:
        """Return how much of the picture of canonical points (N, 3) [m] strands of a thickness (N,) take up, 0 to 1."""
        share = np.zeros(len(points), np.float32)
        hairy = np.flatnonzero(thickness > 0)
        strands = np.clip(0.65 + 0.35 * self.strand.at(points[hairy]), 0.1, 1.2)
        share[hairy] = np.clip(thickness[hairy] * strands, 0, 1)
        return share


def draw_body_hair(rng: np.random.Generator, person: Patient) -> BodyHair:
    """Return a random patient's body hair."""
    man = person.sex == "M"

    def some(chance: float, least: float, most: float) -> float:
        return float(rng.uniform(least, most)) if rng.random() < chance else 0.0

    return BodyHair(
        some(0.65 if man else 0, 0.08, 0.6),
        some(0.7 if man else 0.05, 0.05, 0.4),
        some(0.2 if man else 0, 0.05, 0.25),
        some(0.9 if man else 0.25, 0.05, 0.45 if man else 0.15),
        some(0.8 if man else 0.15, 0.04, 0.3 if man else 0.1),
        some(0.8 if man else 0.7, 0.6, 1.2),
        some(0.85 if man else 0.35, 0.4, 1.0),
        draw_field(rng, float(rng.uniform(0.003, 0.006)), stretch=float(rng.uniform(2, 6))),
        draw_field(rng, 0.04),
    )


def _rising(value: Floats, over: float) -> Floats:
    """Return 0 below 0, 1 from ``over`` on."""
    return np.asarray(np.clip(value / np.float32(over), 0, 1), np.float32)


def _evenly(x: Floats, y: Floats, z: Floats) -> Floats:
    return np.ones(len(x), np.float32)


def _on_chest(x: Floats, y: Floats, z: Floats) -> Floats:
    width = np.minimum(np.float32(0.04) + np.float32(0.8) * (z - np.float32(1.2)), np.float32(0.12))
    return np.asarray(_rising(width - x, 0.05) * _rising(np.float32(1.49) - z, 0.05), np.float32)


def _on_belly(x: Floats, y: Floats, z: Floats) -> Floats:
    around = 0.4 * _rising(np.float32(0.1) - x, 0.05)
    return np.asarray(np.maximum(_rising(np.float32(0.035) - x, 0.02), around), np.float32)


def _on_legs(x: Floats, y: Floats, z: Floats) -> Floats:
    shin = np.maximum(_rising(np.float32(0.62) - z, 0.12), np.float32(0.35))
    return np.asarray(shin * np.maximum(_rising(np.float32(0.03) - y, 0.05), 0.3), np.float32)


def _on_pubis(x: Floats, y: Floats, z: Floats) -> Floats:
    wedge = np.float32(0.035) + np.float32(0.75) * (z - np.float32(0.87)) - x
    return _rising(np.minimum(wedge, np.float32(0.985) - z), 0.015)


def _in_armpits(x: Floats, y: Floats, z: Floats) -> Floats:
    away = np.linalg.norm(np.stack([x, y, z], axis=1) - np.array(ARMPIT_M, np.float32), axis=1)
    return _rising(np.float32(0.034) - away, 0.012)
