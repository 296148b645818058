"""Looks: how a patient's skin and tissues appear. Drawn at random from named families, so that one can be held out."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.phantom.noise import Floats, NoiseField, draw_field

LOOKS = ("raw", "dusky", "pale", "fibrinous", "haemorrhagic", "mixed")
"""Families of looks; ``mixed`` draws every property from a random other family."""

FITZPATRICK_SRGB = np.array(
    [(246, 216, 198), (238, 202, 176), (221, 175, 141), (186, 136, 100), (133, 90, 63), (78, 52, 40)], np.float64
)
"""Typical skin colour of Fitzpatrick types I to VI, sRGB; spaced in individual typology angle
(Chardon et al., Int J Cosmet Sci 1991;13:191-208)."""

_RAW_SRGB = {
    "raw": ((205, 50, 45), (178, 28, 30), (222, 84, 74)),
    "dusky": ((120, 36, 48), (98, 30, 42), (140, 52, 60)),
    "pale": ((232, 140, 130), (240, 168, 158), (222, 116, 108)),
    "fibrinous": ((206, 110, 84), (214, 150, 104), (190, 84, 70)),
    "haemorrhagic": ((110, 14, 18), (78, 10, 16), (150, 22, 26)),
}
_LOOSE_SRGB = {
    "raw": ((188, 128, 120), (170, 120, 116)),
    "dusky": ((118, 88, 98), (92, 70, 86)),
    "pale": ((206, 180, 170), (190, 168, 160)),
    "fibrinous": ((190, 164, 136), (170, 140, 120)),
    "haemorrhagic": ((110, 66, 74), (130, 84, 88)),
}


def linear(srgb: npt.ArrayLike) -> Floats:
    """Return linear light, 0 to 1, of sRGB values 0 to 255 (IEC 61966-2-1)."""
    value = np.asarray(srgb, np.float32) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


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
        Family, one of `LOOKS`.
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
    edge_m : float
        Width over which erythema fades at its edge [m].
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
    edge_m: float


def draw_skin(rng: np.random.Generator, fitzpatrick: float | None = None) -> SkinLook:
    """Return a random patient's skin; type I to VI evenly unless given, 0 to 5."""
    kind = float(rng.uniform(0, 5)) if fitzpatrick is None else fitzpatrick
    rows = [np.interp(kind, range(6), FITZPATRICK_SRGB[:, channel]) for channel in range(3)]
    srgb = np.array(rows) * rng.uniform(0.93, 1.05) * rng.normal(1, (0.02, 0.03, 0.045))
    return SkinLook(
        linear(np.clip(srgb, 5, 252)),
        kind,
        draw_field(rng, rng.uniform(0.1, 0.35)),
        draw_field(rng, rng.uniform(0.012, 0.04)),
        draw_field(rng, rng.uniform(0.002, 0.008)),
        draw_field(rng, rng.uniform(0.006, 0.015)),
        float(rng.uniform(0.02, 0.14)),
        float(rng.uniform(0.0, 0.09)),
        float(rng.uniform(0.0, 0.08)),
        float(rng.uniform(1.6, 4.5)),
        float(rng.uniform(0.0, 0.12)),
        float(rng.uniform(0.25, 0.6)),
        float(rng.uniform(0, 0.0001)),
    )


def draw_look(rng: np.random.Generator, name: str | None = None, skin: SkinLook | None = None) -> Look:
    """Return a random look of a family (any if not named) on a patient's skin (any if not given).

    Raises
    ------
    ValueError
        No family has that name.
    """
    name = str(rng.choice(LOOKS)) if name is None else name
    if name not in LOOKS:
        raise ValueError(f"look must be one of {', '.join(LOOKS)}, not {name!r}")
    skin = draw_skin(rng) if skin is None else skin
    return Look(
        name,
        skin,
        _erythema(rng, skin, _family(rng, name)),
        _detachable(rng, skin, _family(rng, name)),
        _detached(rng, _family(rng, name)),
        _healed(rng, skin),
        _blister(rng),
        draw_field(rng, rng.uniform(0.01, 0.05)),
        float(rng.uniform(0.8, 3.5)),
        float(rng.uniform(0, 0.9)),
        float(rng.uniform(0.0006, 0.003)),
        float(rng.uniform(1.2, 4.0)),
        float(np.exp(rng.uniform(np.log(0.0008), np.log(0.01)))),
    )


def _family(rng: np.random.Generator, name: str) -> str:
    """Return the family that one tissue follows."""
    return str(rng.choice(LOOKS[:-1])) if name == "mixed" else name


def _pick(rng: np.random.Generator, colours: tuple[tuple[int, int, int], ...]) -> Floats:
    """Return one of some sRGB colours, shaken, as linear light."""
    srgb = np.array(colours[rng.integers(len(colours))]) * rng.uniform(0.8, 1.15) + rng.normal(0, 9, 3)
    return linear(np.clip(srgb, 4, 252))


def _erythema(rng: np.random.Generator, skin: SkinLook, family: str) -> TissueLook:
    dark = skin.fitzpatrick / 5
    dusky = rng.uniform(0.3, 1) if family in ("dusky", "haemorrhagic") else rng.uniform(0, 0.5)
    strength = rng.uniform(0.5, 1.1)
    red = np.array([1.0 - 0.05 * dark, 0.42 + 0.2 * dark, 0.45 + 0.2 * dark])
    purple = np.array([0.6, 0.38 + 0.1 * dark, 0.52 + 0.1 * dark])
    tint = (red * (1 - dusky) + purple * dusky) ** strength * rng.normal(1, 0.05, 3)
    return TissueLook(
        _pick(rng, ((150, 60, 70),)),
        _pick(rng, ((120, 50, 66), (190, 90, 90))),
        float(rng.uniform(0, 0.25)),
        tint.astype(np.float32),
        draw_field(rng, rng.uniform(0.006, 0.03)),
        float(rng.uniform(0.3, 2.5)),
        float(rng.uniform(0.2, 1.5)),
        draw_field(rng, rng.uniform(0.002, 0.006)),
        float(rng.uniform(0, 0.12)),
        float(rng.uniform(0, 0.0003)),
        skin.gloss * float(rng.uniform(0.7, 1.5)),
        skin.roughness,
    )


def _detachable(rng: np.random.Generator, skin: SkinLook, family: str) -> TissueLook:
    dark = skin.fitzpatrick / 5
    tint = np.array([0.75, 0.6, 0.66]) ** rng.uniform(0.3, 1.2) * rng.normal(1, 0.05, 3)
    return TissueLook(
        _pick(rng, _LOOSE_SRGB[family]) * np.float32(1 - 0.45 * dark),
        _pick(rng, _LOOSE_SRGB[family]) * np.float32(rng.uniform(0.5, 1.3) * (1 - 0.3 * dark)),
        float(rng.uniform(0.25, 0.85)),
        tint.astype(np.float32),
        draw_field(rng, rng.uniform(0.008, 0.04), stretch=rng.uniform(1, 3)),
        float(rng.uniform(0, 1.5)),
        float(rng.uniform(0.2, 1.5)),
        draw_field(rng, rng.uniform(0.003, 0.010), stretch=rng.uniform(2.5, 7)),
        float(rng.uniform(0.03, 0.3)),
        float(rng.uniform(0.0003, 0.0014)),
        float(rng.uniform(0.0, 0.25)),
        float(rng.uniform(0.2, 0.5)),
    )


def _detached(rng: np.random.Generator, family: str) -> TissueLook:
    blotches = _RAW_SRGB[family] + (((216, 186, 120), (236, 214, 170)) if rng.random() < 0.5 else ((90, 16, 20),))
    return TissueLook(
        _pick(rng, _RAW_SRGB[family]),
        _pick(rng, blotches),
        float(rng.uniform(0.8, 1.0)),
        np.array([0.9, 0.5, 0.5], np.float32),
        draw_field(rng, rng.uniform(0.005, 0.04)),
        float(rng.uniform(-0.5, 2.0)),
        float(rng.uniform(0.1, 1.2)),
        draw_field(rng, rng.uniform(0.0015, 0.007)),
        float(rng.uniform(0.0, 0.25)),
        float(rng.uniform(0.0, 0.0006)),
        float(rng.choice([rng.uniform(0, 0.1), rng.uniform(0.2, 0.9)])),
        float(rng.uniform(0.06, 0.3)),
    )


def _healed(rng: np.random.Generator, skin: SkinLook) -> TissueLook:
    dark = skin.fitzpatrick / 5
    kind = rng.integers(4)
    pink = np.array([1.05, 0.72, 0.72]) ** rng.uniform(0.6, 1.3)
    tints = (pink, pink * 1.15, np.array([1.3, 1.2, 1.2]), np.array([0.66, 0.55, 0.52]) ** rng.uniform(0.6, 1.3))
    return TissueLook(
        _pick(rng, ((236, 160, 150), (226, 176, 166), (214, 140, 134))) * np.float32(1 - 0.4 * dark),
        _pick(rng, ((246, 214, 204), (160, 100, 80), (120, 76, 60))) * np.float32(1 - 0.3 * dark),
        float(rng.uniform(0.25, 0.8)),
        np.asarray(tints[kind] * rng.normal(1, 0.04, 3), np.float32),
        draw_field(rng, rng.uniform(0.004, 0.025)),
        float(rng.uniform(0.2, 1.6)),
        float(rng.uniform(0.1, 1.2)),
        draw_field(rng, rng.uniform(0.002, 0.006), stretch=rng.uniform(1, 3)),
        float(rng.uniform(0.0, 0.14)),
        float(rng.uniform(0, 0.0003)),
        float(rng.choice([0.0, rng.uniform(0.05, 0.4)])),
        float(rng.uniform(0.15, 0.4)),
    )


def _blister(rng: np.random.Generator) -> TissueLook:
    return TissueLook(
        _pick(rng, ((222, 180, 140), (206, 150, 120), (150, 70, 80), (232, 204, 170))),
        _pick(rng, ((240, 220, 180), (120, 40, 50))),
        float(rng.uniform(0.3, 0.8)),
        np.array([1.0, 0.85, 0.75], np.float32),
        draw_field(rng, rng.uniform(0.004, 0.02)),
        float(rng.uniform(0.5, 2)),
        float(rng.uniform(0.3, 1.2)),
        draw_field(rng, rng.uniform(0.003, 0.01)),
        float(rng.uniform(0, 0.1)),
        float(rng.uniform(0.0005, 0.003)),
        float(rng.uniform(0.2, 0.8)),
        float(rng.uniform(0.08, 0.25)),
    )
