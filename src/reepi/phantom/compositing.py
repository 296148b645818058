"""Rendered lesions on photographed skin: real light, folds and colour under tissue that is known."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial.transform import Rotation

from reepi.core.images import Mask, Pixels
from reepi.core.tissue import Tissue
from reepi.phantom.appearance import Material, lesion_material
from reepi.phantom.families import draw_look, draw_skin
from reepi.phantom.lesions import SkinState, Surface, draw_course
from reepi.phantom.looks import FITZPATRICK_SRGB, encoded, linear
from reepi.phantom.noise import Floats, draw_field

PERSON_M: Final = 1.7
"""Length of body that a photograph's long side shows [m], more or less; it sets how large lesions look."""

SEEDS: Final = 4000
"""Skin pixels that lesions are sown on."""

FEATHER_PX: Final = 0.7
"""Blur of what is laid onto a photograph [px], as its own optics blur it."""

SHADE_RANGE: Final = (0.05, 3.0)
"""Range of the light on a pixel over that on the median of the skin."""

RELIEF_RANGE: Final = (0.4, 1.8)
"""Range of the light on a slope over that on flat skin."""

STEEPNESS: Final = 400.0
"""How much more a bump of a metre would face a lamp; moist granules then glitter."""

_LUMINANCE: Final = np.array([0.2126, 0.7152, 0.0722], np.float32)
"""Weights of linear red, green and blue in luminance (IEC 61966-2-1)."""


@dataclass(frozen=True)
class Ground:
    """Photographed skin, taken apart into what it is and what light falls on it.

    Parameters
    ----------
    skin : (H, W) bool
        Its N pixels.
    points : (N, 3) float32
        Where they lie, on a plane of random place and turn [m].
    albedo : (N, 3) float32
        Colour in white light of median strength, linear.
    light : (N, 3) float32
        Light on each pixel, so that albedo times light is the photograph.
    fitzpatrick : float
        Skin type that its colour is nearest to, 0 to 5.
    m_per_px : float
        Scale [m/px].
    """

    skin: npt.NDArray[np.bool_]
    points: Floats
    albedo: Floats
    light: Floats
    fitzpatrick: float
    m_per_px: float


def composite(pixels: Pixels, skin: npt.NDArray[np.bool_], rng: np.random.Generator) -> tuple[Pixels, Mask]:
    """Return a photograph with lesions on its skin, and the tissue of each pixel of that skin.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    skin : (H, W) bool
        Where healthy skin is; some pixels at least.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    (H, W, 3) uint8, (H, W) uint8
        sRGB, and tissue, `Tissue.BACKGROUND` where there is no skin.
    """
    ground = _taken_apart(pixels, skin, rng)
    look = draw_look(rng, None, draw_skin(rng, ground.fitzpatrick))
    state = _draw_state(ground, rng)
    count = len(ground.points)
    bare = Material(ground.albedo, np.zeros(count, np.float32), *np.full((2, count), 0.4, np.float32))
    material = lesion_material(look, bare, ground.points, state)
    light = material.albedo * ground.light * _relief(ground, material.height_m, rng)[:, None]
    light += _sheen(material, ground, rng)[:, None]
    mask = np.full(skin.shape, Tissue.BACKGROUND, np.uint8)
    mask[skin] = state.tissue
    return _laid_on(pixels, ground, light, state), mask


def _taken_apart(pixels: Pixels, skin: npt.NDArray[np.bool_], rng: np.random.Generator) -> Ground:
    colour = linear(pixels[skin])
    base = np.median(colour, axis=0) + np.float32(1e-4)
    types = linear(FITZPATRICK_SRGB)
    fitzpatrick = float(np.abs(np.log((types @ _LUMINANCE) / (base @ _LUMINANCE))).argmin())
    tint = base / types[int(fitzpatrick)]
    shade = np.clip((colour @ _LUMINANCE) / (base @ _LUMINANCE), *SHADE_RANGE)
    light = (shade[:, None] * tint).astype(np.float32)
    m_per_px = PERSON_M / max(skin.shape) * float(np.exp(rng.uniform(np.log(0.5), np.log(1.2))))
    flat = np.column_stack([*np.nonzero(skin), np.zeros(len(colour))]) * m_per_px
    turn = Rotation.random(random_state=int(rng.integers(2**31))).as_matrix()
    points = (flat @ turn + rng.uniform(-1, 1, 3)).astype(np.float32)
    albedo = np.clip(colour / light, 0.004, 0.95).astype(np.float32)
    return Ground(skin, points, albedo, light, fitzpatrick, m_per_px)


def _draw_state(ground: Ground, rng: np.random.Generator) -> SkinState:
    """Return what a disease that opens 5 to 70 % of the skin has done to it on a day."""
    seeds = ground.points[rng.integers(len(ground.points), size=SEEDS)]
    shares = np.full(SEEDS, 100 / SEEDS)
    surface = Surface(seeds, np.zeros(SEEDS, np.int8), shares)
    course = draw_course(rng, surface, float(rng.uniform(5, 70)), even=True)
    return course.state(ground.points, float(rng.choice([rng.uniform(-2, 7), rng.uniform(4, 18)])))


def _relief(ground: Ground, height_m: Floats, rng: np.random.Generator) -> Floats:
    """Return how relief brightens and darkens each pixel under light from one side (Lambert's law to first order)."""
    relief = np.zeros(ground.skin.shape, np.float32)
    relief[ground.skin] = height_m
    towards = rng.normal(size=2)
    slope = np.stack(np.gradient(relief, ground.m_per_px), axis=-1) @ (towards / np.linalg.norm(towards))
    return np.asarray(np.clip(1 - slope[ground.skin], *RELIEF_RANGE), np.float32)


def _sheen(material: Material, ground: Ground, rng: np.random.Generator) -> Floats:
    """Return the light that moist tissue mirrors: where a slow field says that the skin faces a lamp."""
    facing = draw_field(rng, float(rng.uniform(0.03, 0.15))).at(ground.points)
    facing *= 1 + np.float32(STEEPNESS) * material.height_m
    lobe = np.exp(-((np.maximum(1.6 - facing, 0) / (0.2 + 2 * material.roughness)) ** 2))
    bare = material.roughness >= np.float32(0.4)
    level = ground.light @ _LUMINANCE
    return np.where(bare, 0, 0.6 * material.gloss * lobe * level).astype(np.float32)


def _laid_on(pixels: Pixels, ground: Ground, light: Floats, state: SkinState) -> Pixels:
    """Return the photograph with the lesions' light on it, blended as its optics blend."""
    struck = state.tissue != Tissue.INTACT
    alpha = np.zeros(ground.skin.shape, np.float32)
    alpha[ground.skin] = struck
    layer = linear(pixels)
    under = layer.copy()
    layer[ground.skin] = np.where(struck[:, None], light, under[ground.skin])
    mixed = under + (_blurred(layer) - under) * _blurred(alpha)[..., None]
    return np.asarray(encoded(mixed) * 255 + 0.5, np.uint8)


def _blurred(image: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), FEATHER_PX), np.float32)
