"""From tissue and look to what light meets: colour, relief and gloss of every skin point."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from reepi.core.tissue import Tissue
from reepi.phantom.features import SkinDetail
from reepi.phantom.lesions import SkinState
from reepi.phantom.looks import Look, SkinLook, TissueLook
from reepi.phantom.noise import Floats

MELANIN_TINT = np.array([0.86, 0.74, 0.62], np.float32)
"""How a unit of melanin dims red, green and blue; blue most."""

BLOOD_TINT = np.array([0.98, 0.80, 0.82], np.float32)
"""How a unit of blood dims red, green and blue; green most."""


@dataclass(frozen=True)
class Material:
    """What light meets at points of a surface.

    Parameters
    ----------
    albedo : (N, 3) float32
        Diffuse colour, linear light, 0 to 1.
    height_m : (N,) float32
        Relief above the smooth surface [m].
    gloss : (N,) float32
        Strength of the sheen.
    roughness : (N,) float32
        Width of the sheen, 0 to 1.
    """

    albedo: Floats
    height_m: Floats
    gloss: Floats
    roughness: Floats

    def replaced(self, where: npt.NDArray[np.bool_], other: "Material") -> "Material":
        """Return this material with ``other`` (of as many points as are true) put where ``where`` (N,) is true."""
        albedo, height = self.albedo.copy(), self.height_m.copy()
        gloss, roughness = self.gloss.copy(), self.roughness.copy()
        albedo[where], height[where] = other.albedo, other.height_m
        gloss[where], roughness[where] = other.gloss, other.roughness
        return Material(albedo, height, gloss, roughness)


def smooth_step(value: Floats, low: float, high: float) -> Floats:
    """Return 0 below ``low``, 1 above ``high``, and a smooth cubic between."""
    t = np.clip((value - np.float32(low)) / np.float32(max(high - low, 1e-9)), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def skin_material(skin: SkinLook, points: Floats, detail: SkinDetail) -> Material:
    """Return healthy skin at canonical points (N, 3) [m], with its features."""
    blotch, mottle, fine = skin.blotch.at(points), skin.mottle.at(points), skin.fine.at(points)
    melanin = skin.blotch_gain * 2 * blotch + skin.fine_gain * fine + detail.melanin
    melanin += 1.5 * smooth_step(skin.freckle.at(points), skin.freckle_level, skin.freckle_level + 0.5)
    blood = skin.mottle_gain * 4 * mottle + skin.blotch_gain * blotch + detail.blood
    albedo = skin.base * MELANIN_TINT ** melanin[:, None] * BLOOD_TINT ** blood[:, None]
    count = len(points)
    return Material(
        np.clip(albedo, 0.005, 0.95).astype(np.float32),
        skin.bump_m * fine,
        np.full(count, skin.gloss, np.float32),
        np.full(count, skin.roughness, np.float32),
    )


def tissue_material(look: TissueLook, skin_albedo: Floats, points: Floats) -> Material:
    """Return a tissue at canonical points (N, 3) [m], over skin of colour (N, 3)."""
    grain = look.grain.at(points)
    second = smooth_step(look.blotch.at(points), look.blotch_level, look.blotch_level + look.blotch_softness)
    own = look.colour + (look.second - look.colour) * second[:, None]
    albedo = look.opacity * own + (1 - look.opacity) * skin_albedo * look.tint
    albedo = albedo * (1 + look.grain_gain * grain)[:, None]
    count = len(points)
    return Material(
        np.clip(albedo, 0.004, 0.95).astype(np.float32),
        (look.bump_m * np.tanh(grain)).astype(np.float32),
        np.full(count, look.gloss, np.float32),
        np.full(count, look.roughness, np.float32),
    )


def body_material(look: Look, points: Floats, state: SkinState, detail: SkinDetail) -> Material:
    """Return the skin with its lesions at canonical points (N, 3) [m]; bones and furrows show under both."""
    material = lesion_material(look, skin_material(look.skin, points, detail), points, state)
    return replace(material, height_m=material.height_m + detail.height_m)


def lesion_material(look: Look, skin: Material, points: Floats, state: SkinState) -> Material:
    """Return skin of whatever origin with lesions on it, at canonical points (N, 3) [m]."""
    material = skin
    for tissue, tissue_look in (
        (Tissue.ERYTHEMA, look.erythema),
        (Tissue.DETACHABLE, look.detachable),
        (Tissue.DETACHED, look.detached),
        (Tissue.REEPITHELIALISED, look.healed),
    ):
        where = state.tissue == tissue
        if where.any():
            here = tissue_material(tissue_look, material.albedo[where], points[where])
            material = material.replaced(where, here)
    return _with_blisters(look, _with_edges(look, material, state, points), state, points)


def _with_edges(look: Look, material: Material, state: SkinState, points: Floats) -> Material:
    """Return the material with the whitish torn rim of epidermis and shreds of it on raw skin."""
    detached = state.tissue == Tissue.DETACHED
    if not detached.any():
        return material
    rim = np.exp(-((state.peel_m[detached] / look.rim_m) ** 2)) * look.rim_gain
    shred = smooth_step(look.detachable.grain.at(points[detached]), look.flap_level, look.flap_level + 0.2)
    cover = np.maximum(rim, 0.8 * shred)[:, None].astype(np.float32)
    pale = np.float32(0.35) * look.skin.base + np.float32(0.65) * np.array([0.75, 0.68, 0.6], np.float32)
    albedo = material.albedo[detached] * (1 - cover) + pale * cover
    height = material.height_m[detached] + np.float32(0.0006) * cover[:, 0]
    edge = Material(albedo, height, material.gloss[detached], material.roughness[detached])
    return material.replaced(detached, edge)


def _with_blisters(look: Look, material: Material, state: SkinState, points: Floats) -> Material:
    """Return the material with filled blisters on part of the detached skin."""
    where = np.flatnonzero(state.tissue == Tissue.DETACHED)
    excess = look.blister_field.at(points[where]) - np.float32(look.blister_level)
    where, excess = where[excess > 0], excess[excess > 0]
    if not len(where):
        return material
    here = tissue_material(look.blister, np.broadcast_to(look.skin.base, (len(where), 3)), points[where])
    dome = look.blister.bump_m * 2 * np.sqrt(np.minimum(excess, 1))
    mask = np.zeros(len(points), bool)
    mask[where] = True
    return material.replaced(mask, Material(here.albedo, dome.astype(np.float32), here.gloss, here.roughness))
