"""Light on surfaces: a few lamps, light from all around, shadow, sheen and a flash."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.phantom.appearance import Material
from reepi.phantom.noise import Floats

Shadowed = Callable[[Floats, Floats], npt.NDArray[np.bool_]]
"""Whether points (N, 3) are hidden from a direction (3,)."""


@dataclass(frozen=True)
class Lamp:
    """A lamp far away.

    Parameters
    ----------
    direction : (3,) float32
        Unit vector towards the lamp, world axes.
    colour : (3,) float32
        Irradiance, linear light.
    casts_shadow : bool
        Whether other parts of the body shade it.
    """

    direction: Floats
    colour: Floats
    casts_shadow: bool


@dataclass(frozen=True)
class Light:
    """All light of a scene.

    Parameters
    ----------
    lamps : tuple of Lamp
        Lamps far away.
    above, below : (3,) float32
        Light from all around: from above and from below.
    flash : (3,) float32
        Irradiance of the camera's flash at one metre; 0 if it did not fire.
    wrap : float
        How far light creeps around edges, as skin scatters it, 0 to 1.
    """

    lamps: tuple[Lamp, ...]
    above: Floats
    below: Floats
    flash: Floats
    wrap: float


@dataclass(frozen=True)
class Shape:
    """Where the seen points are and how they lie.

    Parameters
    ----------
    points, normals, to_camera : (N, 3) float32
        World position [m], outward unit normal with relief, unit vector to the camera.
    distance_m : (N,) float32
        Distance from the camera [m].
    """

    points: Floats
    normals: Floats
    to_camera: Floats
    distance_m: Floats


def shade(shape: Shape, material: Material, light: Light, shadowed: Shadowed) -> tuple[Floats, Floats]:
    """Return the light that leaves points of a surface towards the camera: scattered and mirrored, (N, 3) linear each.

    Notes
    -----
    Wrapped Lambert diffuse and Blinn-Phong sheen (Blinn, SIGGRAPH 1977) with Schlick's Fresnel term
    (Schlick, Computer Graphics Forum 1994;13:233-246).
    """
    up = (0.5 + 0.5 * shape.normals[:, 2])[:, None]
    diffuse = light.above * up + light.below * (1 - up)
    sheen = np.zeros_like(material.albedo)
    for lamp in light.lamps:
        lit = _lit(shape, lamp, shadowed)
        diffuse += _wrapped(shape.normals @ lamp.direction, light.wrap)[:, None] * lamp.colour * lit
        sheen += _sheen(shape, material, lamp.direction) * lamp.colour * lit
    if light.flash.any():
        power = (light.flash / np.maximum(shape.distance_m, 0.2)[:, None] ** 2).astype(np.float32)
        facing = np.einsum("ij,ij->i", shape.normals, shape.to_camera)
        diffuse += _wrapped(facing, light.wrap)[:, None] * power
        sheen += _sheen(shape, material, shape.to_camera) * power
    return (material.albedo * diffuse).astype(np.float32), sheen


def _lit(shape: Shape, lamp: Lamp, shadowed: Shadowed) -> Floats | float:
    if not lamp.casts_shadow:
        return 1.0
    return np.where(shadowed(shape.points, lamp.direction), np.float32(0.15), np.float32(1))[:, None]


def _wrapped(cosine: Floats, wrap: float) -> Floats:
    return np.asarray(np.clip((cosine + wrap) / (1 + wrap), 0, 1), np.float32)


def _sheen(shape: Shape, material: Material, direction: Floats) -> Floats:
    half = shape.to_camera + direction
    half /= np.linalg.norm(half, axis=1, keepdims=True) + 1e-9
    power = 2 / np.maximum(material.roughness, 0.04) ** 2
    lobe = np.clip(np.einsum("ij,ij->i", shape.normals, half), 0, 1) ** power * (power + 2) / 40
    grazing = (1 - np.clip(np.einsum("ij,ij->i", shape.to_camera, half), 0, 1)) ** 5
    return np.asarray((material.gloss * (0.3 + 0.7 * grazing) * lobe)[:, None], np.float32)


def kelvin_colour(kelvin: float) -> Floats:
    """Return the colour of a black body in linear light, green 1; a fit good enough for lamps of 2500 to 9000 K."""
    warmth = 6500 / kelvin
    return np.array([warmth**0.75, 1.0, warmth**-0.95], np.float32)


def _seen_colour(rng: np.random.Generator, tidy: bool) -> Floats:
    """Return a lamp's colour as a camera that corrects most of it records it."""
    left = rng.uniform(0.0, 0.12 if tidy else 0.45)
    return np.asarray(kelvin_colour(rng.uniform(2900, 8000)) ** left, np.float32)


def draw_light(rng: np.random.Generator, to_camera: Floats, lying: bool, tidy: bool = False) -> Light:
    """Return random light.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    to_camera : (3,) float32
        Unit vector from the body to the camera.
    lying : bool
        The patient lies, so that lamps need not hang above the head.
    tidy : bool
        Even light of nearly one colour.
    """
    tint = _seen_colour(rng, tidy)
    lamps = tuple(_draw_lamp(rng, to_camera, lying, tidy) for _ in range(rng.integers(1, 4)))
    ambient = rng.uniform(0.4 if tidy else 0.15, 0.8)
    contrast = rng.uniform(0.2, 0.9)
    flash = rng.uniform(0.2, 2.0) if rng.random() < 0.35 else 0.0
    return Light(
        lamps,
        (ambient * tint).astype(np.float32),
        (ambient * contrast * tint * rng.normal(1, 0.06, 3)).astype(np.float32),
        (flash * np.array([1, 1, 1.02]) * rng.normal(1, 0.02, 3)).astype(np.float32),
        float(rng.uniform(0.05, 0.45)),
    )


def _draw_lamp(rng: np.random.Generator, to_camera: Floats, lying: bool, tidy: bool) -> Lamp:
    direction = rng.normal(size=3) + np.array([0, 0, 0.0 if lying else 0.8]) + to_camera * rng.uniform(0.2, 1.8)
    direction /= np.linalg.norm(direction) + 1e-9
    colour = _seen_colour(rng, tidy) * rng.uniform(0.2, 1.1)
    return Lamp(direction.astype(np.float32), colour.astype(np.float32), bool(rng.random() < 0.4))
