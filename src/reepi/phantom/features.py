"""What healthy skin shows that is no lesion: lips, nipples, navel, pale palms and soles, bones and furrows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.regions import REGIONS
from reepi.core.study import Patient
from reepi.phantom.anatomy import Anatomy, draw_anatomy
from reepi.phantom.noise import Floats, NoiseField, draw_field

NIPPLE_M = (0.088, -0.163, 1.347)
"""Left nipple on the reference body, canonical [m]: the foremost point of a woman's breast."""

NAVEL_M = (0.0, -0.143, 1.105)
"""Navel on the reference body, canonical [m]."""

MOUTH_M = (0.0, -0.166, 1.658)
"""Middle of the closed lips on the reference body, canonical [m]."""

_PALE = np.array([region.endswith(("palmar", "plantar")) for region in REGIONS] + [False])


@dataclass(frozen=True)
class SkinDetail:
    """Pigment beyond the patient's own, and relief, at points of the skin.

    Parameters
    ----------
    melanin, blood : (N,) float32
        Units of `reepi.phantom.appearance.MELANIN_TINT` and ``BLOOD_TINT``; negative where skin is paler.
    height_m : (N,) float32
        Relief above the template's surface [m].
    """

    melanin: Floats
    blood: Floats
    height_m: Floats


@dataclass(frozen=True)
class Features:
    """A patient's features.

    Parameters
    ----------
    areola_m : float
        Radius of the areolae [m].
    areola_melanin, areola_blood, lip_blood, palm_blood, navel_melanin : float
        Pigment of each.
    edge : NoiseField
        Irregularity of their outlines.
    nipple_m, navel_m : float
        Height of the nipples and depth of the navel [m].
    navel_half_m : (float, float)
        Half the navel's width and height [m].
    anatomy : Anatomy
        Bones and furrows.
    """

    areola_m: float
    areola_melanin: float
    areola_blood: float
    lip_blood: float
    palm_blood: float
    navel_melanin: float
    edge: NoiseField
    nipple_m: float
    navel_m: float
    navel_half_m: tuple[float, float]
    anatomy: Anatomy

    def at(self, points: Floats, regions: npt.NDArray[np.int8], fitzpatrick: float) -> SkinDetail:
        """Return pigment and relief at canonical points (N, 3) [m] in regions (N,), for a skin type 0 to 5."""
        pale = _PALE[regions].astype(np.float32)
        melanin = np.float32(-0.48 * fitzpatrick) * pale
        blood = np.float32(self.palm_blood) * pale
        height = self.anatomy.height_m(points, regions)
        front = np.flatnonzero((points[:, 1] < -0.1) & (np.abs(points[:, 0]) < 0.13) & (points[:, 2] > 1.05))
        if len(front):
            areola, nipple, lips, navel = self._shapes(points[front])
            melanin[front] += self.areola_melanin * areola + self.navel_melanin * navel + 0.6 * lips
            blood[front] += self.areola_blood * areola + self.lip_blood * lips
            height[front] += self.nipple_m * nipple - self.navel_m * navel
        return SkinDetail(melanin, blood, height)

    def _shapes(self, points: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return how much points (N, 3) belong to areola, nipple, lips and navel, 0 to 1 each."""
        ragged = 1 + 0.12 * self.edge.at(points)
        mirrored = points.copy()
        mirrored[:, 0] = np.abs(mirrored[:, 0])
        areola = _disc(mirrored, NIPPLE_M, (self.areola_m,) * 3, ragged)
        nipple = _bump(mirrored, NIPPLE_M, (0.006,) * 3)
        lips = _disc(points, MOUTH_M, (0.026, 0.03, 0.0095), ragged)
        navel = _bump(points, NAVEL_M, (self.navel_half_m[0], 0.03, self.navel_half_m[1]))
        return areola, nipple, lips, navel


def _disc(points: Floats, centre: tuple[float, ...], half_m: tuple[float, ...], ragged: Floats) -> Floats:
    local = (points - np.array(centre, np.float32)) / np.array(half_m, np.float32)
    away = np.linalg.norm(local, axis=1) * ragged
    return np.asarray(np.clip((1.1 - away) / 0.2, 0, 1), np.float32)


def _bump(points: Floats, centre: tuple[float, ...], half_m: tuple[float, ...]) -> Floats:
    local = (points - np.array(centre, np.float32)) / np.array(half_m, np.float32)
    return np.asarray(np.exp(-np.einsum("ij,ij->i", local, local)), np.float32)


def draw_features(rng: np.random.Generator, person: Patient) -> Features:
    """Return random features of a patient."""
    later = rng.spawn(1)[0]
    areola_m = float(rng.uniform(0.014, 0.024) if person.sex == "F" else rng.uniform(0.009, 0.015))
    return Features(
        areola_m,
        float(rng.uniform(0.6, 2.4)),
        float(rng.uniform(0.5, 2.0)),
        float(rng.uniform(0.8, 2.6)),
        float(rng.uniform(0.1, 1.0)),
        float(rng.uniform(0.3, 1.5)) + float(later.uniform(0.6, 3)),
        draw_field(rng, 0.015),
        float(later.uniform(0.001, 0.006)),
        float(later.uniform(0.003, 0.012)),
        (float(later.uniform(0.007, 0.013)), float(later.uniform(0.006, 0.013))),
        draw_anatomy(later, person.bmi),
    )
