"""Looks: how a patient's skin and tissues appear."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.phantom.noise import Floats, NoiseField

FITZPATRICK_SRGB = np.array(
    [(246, 216, 198), (238, 202, 176), (221, 175, 141), (186, 136, 100), (133, 90, 63), (78, 52, 40)], np.float64
)
"""Typical skin colour of Fitzpatrick types I to VI, sRGB; spaced in individual typology angle
(Chardon et al., Int J Cosmet Sci 1991;13:191-208)."""


def linear(srgb: npt.ArrayLike) -> Floats:
    """Return linear light, 0 to 1, of sRGB values 0 to 255 (IEC 61966-2-1)."""
    value = np.asarray(srgb, np.float32) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def encoded(light: Floats) -> Floats:
    """Return sRGB values, 0 to 1, of linear light, which is cut to 0 to 1 (IEC 61966-2-1)."""
    value = np.clip(light, 0, 1)
    curved = 1.055 * np.maximum(value, 1e-9) ** (1 / 2.4) - 0.055
    return np.where(value <= 0.0031308, value * 12.92, curved).astype(np.float32)


@dataclass(frozen=True)
class SkinLook:
    """A patient's own skin.

    Parameters
    ----------
    base : (3,) float32
        Colour, linear light.
    fitzpatrick : float
        Type, 0 (I) to 5 (VI).
    blotch, mottle, fine, freckle : NoiseField
        Large, middle and fine variation of colour, and freckles.
    blotch_gain, mottle_gain, fine_gain, freckle_level : float
        Strength of each; freckles appear where their field passes the level.
    gloss, roughness : float
        Strength and width of the sheen.
    bump_m : float
        Height of the skin's own relief [m].
    """

    base: Floats
    fitzpatrick: float
    blotch: NoiseField
    mottle: NoiseField
    fine: NoiseField
    freckle: NoiseField
    blotch_gain: float
    mottle_gain: float
    fine_gain: float
    freckle_level: float
    gloss: float
    roughness: float
    bump_m: float


@dataclass(frozen=True)
class TissueLook:
    """How one tissue departs from the skin around it.

    Parameters
    ----------
    colour : (3,) float32
        Its own colour, linear light.
    second : (3,) float32
        Colour of its blotches.
    opacity : float
        Share of its own colour over the skin's, 0 to 1.
    tint : (3,) float32
        What the skin's colour is multiplied by.
    blotch : NoiseField
        Where the second colour shows.
    blotch_level, blotch_softness : float
        Threshold of the blotches and width of their edge, in standard deviations.
    grain : NoiseField
        Fine relief and colour grain.
    grain_gain, bump_m : float
        Strength of the grain's colour, and of its relief [m].
    gloss, roughness : float
        Strength and width of the sheen.
    """

    colour: Floats
    second: Floats
    opacity: float
    tint: Floats
    blotch: NoiseField
    blotch_level: float
    blotch_softness: float
    grain: NoiseField
    grain_gain: float
    bump_m: float
    gloss: float
    roughness: float


@dataclass(frozen=True)
class Look:
    """Everything about the appearance of one patient's skin on one photograph.

    Parameters
    ----------
    name : str
        Family, one of `reepi.phantom.families.LOOKS` or the one held out.
    skin : SkinLook
        The patient's own skin.
    erythema, detachable, detached, healed, blister : TissueLook
        The tissues.
    blister_field : NoiseField
        Where blisters stand.
    blister_level : float
        Blisters stand where the field passes the level.
    rim_gain, rim_m : float
        Brightness and width [m] of the torn edge of epidermis.
    flap_level : float
        Shreds of epidermis lie on detached skin where the grain passes the level.
    """

    name: str
    skin: SkinLook
    erythema: TissueLook
    detachable: TissueLook
    detached: TissueLook
    healed: TissueLook
    blister: TissueLook
    blister_field: NoiseField
    blister_level: float
    rim_gain: float
    rim_m: float
    flap_level: float
