"""Families of looks: what chance may vary about a tissue, and the signs that it always keeps.

A dermatologist can tell the tissues of a patient apart, so every family keeps the signs that they are told apart by
(definitions and morphology: Bastuji-Garin et al., Arch Dermatol 1993;129:92-96; Waters et al., JAMA Dermatol 2023):

- erythema: the skin's own colour and relief under a red or dusky tint, matt;
- detachable: a dull grey or dusky sheet over the skin, wrinkled;
- detached: dermis, which has no melanin, so of one colour in every patient; moist and finely granular, with darker dots
  or yellow fibrin;
- reepithelialised: the skin's own colour under a pink, pale or brown tint, mottled, smooth and dry.
"""

from dataclasses import dataclass

import numpy as np

from reepi.phantom.appearance import BLOOD_TINT
from reepi.phantom.looks import FITZPATRICK_SRGB, Look, SkinLook, TissueLook, linear
from reepi.phantom.noise import Floats, draw_field

Srgb = tuple[int, int, int]


@dataclass(frozen=True)
class Family:
    """Colours of one family of looks, sRGB 0 to 255.

    Parameters
    ----------
    dermis, dots : tuple of (int, int, int)
        Detached skin, and the second colour on it.
    sheet : tuple of (int, int, int)
        Loosened epidermis.
    red, healed : (float, float, float)
        What linear red, green and blue of the skin are multiplied by where it is inflamed, and where it has healed.
    dusky : (float, float)
        Range of how far erythema goes from red to purple, 0 to 1.
    """

    dermis: tuple[Srgb, ...]
    dots: tuple[Srgb, ...]
    sheet: tuple[Srgb, ...]
    red: tuple[float, float, float] = (1.0, 0.42, 0.45)
    healed: tuple[float, float, float] = (1.05, 0.72, 0.72)
    dusky: tuple[float, float] = (0.0, 0.5)


_FIBRIN: tuple[Srgb, ...] = ((216, 186, 120), (230, 204, 150))

_FAMILIES = {
    "raw": Family(
        ((205, 50, 45), (178, 28, 30), (222, 74, 64)),
        ((120, 16, 22), *_FIBRIN),
        ((168, 134, 132), (150, 120, 122)),
    ),
    "dusky": Family(
        ((128, 34, 44), (106, 26, 38), (150, 46, 54)),
        ((74, 14, 24), *_FIBRIN),
        ((116, 94, 104), (96, 78, 92)),
        dusky=(0.3, 1.0),
    ),
    "pale": Family(
        ((226, 112, 104), (234, 130, 122), (216, 96, 92)),
        ((190, 44, 44), (176, 34, 40), *_FIBRIN),
        ((196, 186, 184), (178, 168, 170)),
    ),
    "fibrinous": Family(
        ((206, 96, 70), (210, 120, 76), (190, 76, 60)),
        (*_FIBRIN, (222, 190, 112)),
        ((172, 158, 146), (154, 140, 132)),
    ),
    "haemorrhagic": Family(
        ((112, 14, 18), (82, 10, 16), (150, 22, 26)),
        ((50, 6, 10), (170, 40, 40)),
        ((110, 76, 86), (126, 92, 100)),
        dusky=(0.3, 1.0),
    ),
}

LOOKS = (*_FAMILIES, "mixed")
"""Families of looks that training draws from; ``mixed`` draws every property from a random other family."""

HELD_OUT_LOOK = "macerated"
"""A family that no training set holds unless it is asked for by name: sodden white sheets over salmon dermis, brick red
erythema, skin that heals mauve. How a model does on it says how it does on what it has not seen."""

_HELD_OUT = Family(
    ((222, 96, 66), (206, 72, 78), (232, 116, 92)),
    ((156, 40, 26), (242, 232, 214)),
    ((214, 208, 200), (198, 194, 190)),
    red=(1.0, 0.5, 0.36),
    healed=(0.94, 0.66, 0.84),
)

SKIN_BLOOD = 0.5
BLOOD_SPREAD = 0.35
"""Blood of intact skin, in the units of `BLOOD_TINT`: mean and standard deviation over patients. With them the colours
of rendered skin spread like those of intact skin in street photographs (CCP, 142 of them): red and blue over green,
added, -0.08 to 0.77 stops there and -0.11 to 0.75 here, median 0.33 and 0.29 (first to 99th percentile; ``python
benchmarks/skin_colours.py CCP``)."""

CAMERA_STOPS = 0.05
"""How differently cameras see the same skin [stops of green and of blue, standard deviation]."""


def draw_skin(rng: np.random.Generator, fitzpatrick: float | None = None) -> SkinLook:
    """Return a random patient's skin; type I to VI evenly unless given, 0 to 5."""
    kind = float(rng.uniform(0, 5)) if fitzpatrick is None else fitzpatrick
    rows = [np.interp(kind, range(6), FITZPATRICK_SRGB[:, channel]) for channel in range(3)]
    base = linear(np.clip(np.array(rows) * rng.uniform(0.93, 1.05), 5, 252))
    blood, green, blue = rng.standard_normal(3)
    flushed = BLOOD_TINT ** (SKIN_BLOOD + BLOOD_SPREAD * blood)
    camera = np.exp2(CAMERA_STOPS * np.array([0, green, blue]))
    return SkinLook(
        (base * flushed * camera).astype(np.float32),
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


def draw_look_name(rng: np.random.Generator, name: str | None = None) -> str:
    """Return the family that `draw_look` draws from: the one named, or any of `LOOKS`; see there."""
    if name is None:
        return str(rng.choice(LOOKS))
    if name not in (*LOOKS, HELD_OUT_LOOK):
        raise ValueError(f"look must be one of {', '.join((*LOOKS, HELD_OUT_LOOK))}, not {name!r}")
    return name


def draw_look(rng: np.random.Generator, name: str | None = None, skin: SkinLook | None = None) -> Look:
    """Return a random look of a family (any of `LOOKS` if not named) on a patient's skin (any if not given).

    Raises
    ------
    ValueError
        No family has that name.
    """
    name = draw_look_name(rng, name)
    skin = draw_skin(rng) if skin is None else skin
    return Look(
        name,
        skin,
        _erythema(rng, skin, _family(rng, name)),
        _detachable(rng, skin, _family(rng, name)),
        _detached(rng, _family(rng, name)),
        _healed(rng, skin, _family(rng, name)),
        _blister(rng),
        draw_field(rng, rng.uniform(0.01, 0.05)),
        float(rng.uniform(0.8, 3.5)),
        float(rng.uniform(0, 0.9)),
        float(rng.uniform(0.0006, 0.003)),
        float(rng.uniform(1.6, 4.0)),
    )


def _family(rng: np.random.Generator, name: str) -> Family:
    """Return the family that one tissue follows."""
    if name == HELD_OUT_LOOK:
        return _HELD_OUT
    return _FAMILIES[str(rng.choice(LOOKS[:-1])) if name == "mixed" else name]


def _pick(rng: np.random.Generator, colours: tuple[Srgb, ...]) -> Floats:
    """Return one of some sRGB colours, shaken, as linear light."""
    srgb = np.array(colours[rng.integers(len(colours))]) * rng.uniform(0.85, 1.12) + rng.normal(0, 6, 3)
    return linear(np.clip(srgb, 4, 252))


def _erythema(rng: np.random.Generator, skin: SkinLook, family: Family) -> TissueLook:
    dark = skin.fitzpatrick / 5
    dusky = rng.uniform(*family.dusky)
    purple = np.array([0.6, 0.38 + 0.1 * dark, 0.52 + 0.1 * dark])
    red = np.array(family.red) + np.array([-0.1, 0.14, 0.14]) * dark
    tint = (red * (1 - dusky) + purple * dusky) ** rng.uniform(0.65, 1.1) * rng.normal(1, 0.04, 3)
    return TissueLook(
        _pick(rng, ((150, 60, 70),)),
        _pick(rng, ((120, 50, 66), (190, 90, 90))),
        float(rng.uniform(0, 0.15)),
        tint.astype(np.float32),
        draw_field(rng, rng.uniform(0.006, 0.03)),
        float(rng.uniform(0.3, 2.5)),
        float(rng.uniform(0.2, 1.5)),
        draw_field(rng, rng.uniform(0.002, 0.006)),
        float(rng.uniform(0, 0.06)),
        float(rng.uniform(0, 0.0001)),
        skin.gloss * float(rng.uniform(0.5, 1.0)),
        skin.roughness,
    )


def _detachable(rng: np.random.Generator, skin: SkinLook, family: Family) -> TissueLook:
    dark = np.float32(skin.fitzpatrick / 5)
    tint = np.array([0.66, 0.6, 0.66]) ** rng.uniform(0.5, 1.2) * rng.normal(1, 0.04, 3)
    return TissueLook(
        _pick(rng, family.sheet) * (1 - np.float32(0.45) * dark),
        _pick(rng, family.sheet) * np.float32(rng.uniform(0.6, 1.1)) * (1 - np.float32(0.4) * dark),
        float(rng.uniform(0.5, 0.9)),
        tint.astype(np.float32),
        draw_field(rng, rng.uniform(0.008, 0.04), stretch=rng.uniform(1, 3)),
        float(rng.uniform(0, 1.5)),
        float(rng.uniform(0.2, 1.5)),
        draw_field(rng, rng.uniform(0.004, 0.012), stretch=rng.uniform(3, 7)),
        float(rng.uniform(0.1, 0.3)),
        float(rng.uniform(0.0006, 0.0016)),
        float(rng.uniform(0.0, 0.15)),
        float(rng.uniform(0.3, 0.5)),
    )


def _detached(rng: np.random.Generator, family: Family) -> TissueLook:
    return TissueLook(
        _pick(rng, family.dermis),
        _pick(rng, family.dots),
        float(rng.uniform(0.9, 1.0)),
        np.array([0.9, 0.5, 0.5], np.float32),
        draw_field(rng, rng.uniform(0.004, 0.025)),
        float(rng.uniform(0.4, 1.8)),
        float(rng.uniform(0.1, 1.0)),
        draw_field(rng, rng.uniform(0.0015, 0.006)),
        float(rng.uniform(0.08, 0.25)),
        float(rng.uniform(0.0001, 0.0006)),
        float(rng.uniform(0.25, 0.9)),
        float(rng.uniform(0.06, 0.25)),
    )


def _healed(rng: np.random.Generator, skin: SkinLook, family: Family) -> TissueLook:
    dark = np.float32(skin.fitzpatrick / 5)
    pink = np.array(family.healed) ** rng.uniform(0.7, 1.2)
    pale, brown = np.array([1.3, 1.14, 1.12]), np.array([0.66, 0.55, 0.52]) ** rng.uniform(0.8, 1.3)
    tint = (pink, pink * 1.15, pink * pale, brown)[rng.integers(4)]
    return TissueLook(
        _pick(rng, ((236, 160, 150), (226, 176, 166), (214, 140, 134))) * (1 - np.float32(0.55) * dark),
        _pick(rng, ((246, 214, 204), (150, 96, 78), (120, 76, 60))) * (1 - np.float32(0.4) * dark),
        float(rng.uniform(0.1, 0.4)),
        np.asarray(tint * rng.normal(1, 0.03, 3), np.float32),
        draw_field(rng, rng.uniform(0.006, 0.03)),
        float(rng.uniform(0.2, 1.6)),
        float(rng.uniform(0.3, 1.2)),
        draw_field(rng, rng.uniform(0.002, 0.006)),
        float(rng.uniform(0.0, 0.05)),
        float(rng.uniform(0, 0.00005)),
        float(rng.uniform(0.0, 0.15)),
        float(rng.uniform(0.35, 0.5)),
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
