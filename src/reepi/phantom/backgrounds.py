"""What lies around the patient: bedding, walls, clutter, drapes, gloves; generated, or crops of photographs."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reepi.phantom.looks import FITZPATRICK_SRGB, linear
from reepi.phantom.noise import Floats

Size = tuple[int, int]

_CLOTH_SRGB = (
    (240, 240, 238), (206, 220, 232), (60, 110, 160), (110, 170, 150), (30, 90, 80), (230, 214, 190), (40, 44, 54),
    (188, 150, 120), (170, 60, 60), (220, 190, 196), (120, 120, 126), (214, 208, 90),
)  # fmt: skip

_GLOVE_SRGB = ((90, 130, 200), (120, 90, 170), (235, 235, 230), (40, 44, 60), (226, 206, 170))


@dataclass(frozen=True)
class Foreground:
    """Something in front of the patient.

    Parameters
    ----------
    alpha : (H, W) float32
        1 where it hides the patient.
    light : (H, W, 3) float32
        What it looks like, linear light.
    """

    alpha: Floats
    light: Floats


def smooth_noise(rng: np.random.Generator, size: Size, cell_px: float, stretch: float = 1.0) -> Floats:
    """Return smooth noise (H, W) of unit variance with features of ``cell_px``, ``stretch`` times longer one way."""
    height, width = size
    cells = (max(int(height / cell_px), 1) + 4, max(int(width / (cell_px * stretch)), 1) + 4)
    coarse = rng.standard_normal(cells).astype(np.float32)
    zoom = cv2.resize(coarse, (width + 8, height + 8), interpolation=cv2.INTER_CUBIC)[4:-4, 4:-4]
    return np.asarray((zoom - zoom.mean()) / (zoom.std() + 1e-6), np.float32)


def _turned(image: Floats, angle_deg: float, size: Size) -> Floats:
    """Return the centre (H, W) of an image at least 1.5 times as large, turned by an angle [degrees]."""
    height, width = size
    rows, columns = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), angle_deg, 1.0)
    matrix[:, 2] += (width / 2 - columns / 2, height / 2 - rows / 2)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), np.float32)


def cloth(rng: np.random.Generator, size: Size, plain: bool = False) -> Floats:
    """Return wrinkled cloth, (H, W, 3) linear light, with folds and, unless plain, sometimes a pattern."""
    side = int(1.5 * max(size))
    big = (side, side)
    fold = smooth_noise(rng, big, side / rng.uniform(4, 14), rng.uniform(1, 5))
    crease = -np.abs(smooth_noise(rng, big, side / rng.uniform(6, 20), rng.uniform(1, 6)))
    relief = fold + rng.uniform(0, 1.2) * crease + 0.25 * smooth_noise(rng, big, side / 50)
    slope = cv2.GaussianBlur(np.gradient(relief, axis=0) + 0.6 * np.gradient(relief, axis=1), (0, 0), 2)
    shade = 1 + np.clip(slope / (slope.std() + 1e-6), -3, 3) * np.float32(rng.uniform(0.03, 0.22))
    colour = linear(np.clip(np.array(_CLOTH_SRGB[rng.integers(len(_CLOTH_SRGB))]) * rng.uniform(0.7, 1.05), 4, 250))
    image = shade[..., None] * (colour if plain else _pattern(rng, big, colour))
    return _turned(image.astype(np.float32), float(rng.uniform(0, 360)), size)


def _pattern(rng: np.random.Generator, size: Size, colour: Floats) -> Floats:
    """Return plain, striped, checked or dotted colour, (H, W, 3)."""
    other = linear(rng.uniform(20, 250, 3))
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    step = rng.uniform(6, 60)
    stripes, rows = np.sin(x * 2 * np.pi / step) > rng.uniform(-0.5, 0.9), np.sin(y * 2 * np.pi / step) > 0
    kind = rng.integers(6)
    on = (stripes, stripes ^ rows, stripes & rows)[kind] if kind < 3 else np.zeros(size, bool)
    return np.where(on[..., None], other * np.float32(0.6) + colour * np.float32(0.4), colour).astype(np.float32)


def wall(rng: np.random.Generator, size: Size) -> Floats:
    """Return a lit plain surface, (H, W, 3) linear light, sometimes with boards or tiles."""
    colour = linear(rng.uniform(30, 245) + rng.normal(0, 25, 3).clip(-30, 30)).clip(0.01, 0.95)
    y, x = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    gradient = 1 + np.float32(rng.uniform(0, 0.4)) * (np.cos(angle) * x + np.sin(angle) * y)
    texture = 1 + np.float32(rng.uniform(0, 0.1)) * smooth_noise(rng, size, rng.uniform(2, 30), rng.uniform(1, 12))
    image = colour * (gradient * texture)[..., None]
    if rng.random() < 0.3:
        joint = (np.sin((x * np.cos(angle) - y * np.sin(angle)) * rng.uniform(4, 20)) > 0.97)[..., None]
        image = np.where(joint, image * np.float32(0.5), image)
    return np.asarray(np.clip(image, 0.003, 1), np.float32)


def with_clutter(rng: np.random.Generator, image: Floats, count: int) -> Floats:
    """Return an image (H, W, 3) with things lying about: boxes, blobs and rods, some of the colour of skin."""
    image = np.ascontiguousarray(image)
    height, width = image.shape[:2]
    for _ in range(count):
        skin_like = FITZPATRICK_SRGB[rng.integers(6)] if rng.random() < 0.4 else rng.uniform(5, 250, 3)
        colour = linear(np.clip(skin_like + rng.normal(0, 12, 3), 4, 250))
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        half = rng.uniform(0.04, 0.35, 2) * max(size := (height, width))
        box = cv2.boxPoints(
            ((float(centre[0]), float(centre[1])), (float(half[0]), float(half[1])), rng.uniform(0, 180))
        )
        stencil = np.zeros(size, np.float32)
        if rng.random() < 0.5:
            cv2.fillConvexPoly(stencil, box.astype(np.int32), 1.0, cv2.LINE_AA)
        else:
            axes = (max(int(half[0] / 2), 1), max(int(half[1] / 2), 1))
            cv2.ellipse(stencil, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1, cv2.LINE_AA)
        shade = 1 + np.float32(0.25) * smooth_noise(rng, size, rng.uniform(20, 150))
        over = stencil[..., None]
        image = np.asarray(image * (1 - over) + colour * shade[..., None] * over, np.float32)
    return np.asarray(np.clip(image, 0.002, 1), np.float32)


def photograph_crop(rng: np.random.Generator, pixels: npt.NDArray[np.uint8], size: Size) -> Floats:
    """Return a random crop of a photograph, enlarged to (H, W, 3) linear light."""
    height, width = pixels.shape[:2]
    aspect = size[1] / size[0]
    tall = rng.uniform(0.35, 1.0) * min(height, width / aspect)
    wide = tall * aspect
    y, x = rng.uniform(0, height - tall), rng.uniform(0, width - wide)
    crop = pixels[int(y) : int(y + tall), int(x) : int(x + wide)]
    return linear(cv2.resize(crop, (size[1], size[0]), interpolation=cv2.INTER_LINEAR))


def draw_background(
    rng: np.random.Generator, size: Size, photographs: tuple[npt.NDArray[np.uint8], ...] = (), tidy: bool = False
) -> Floats:
    """Return a random background, (H, W, 3) linear light.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    size : (int, int)
        Height and width [px].
    photographs : tuple of (h, w, 3) uint8
        Real photographs without skin; half of the backgrounds are crops of them, if there are any.
    tidy : bool
        Plain bedding with nothing on it.
    """
    if tidy:
        return cloth(rng, size, plain=True)
    if photographs and rng.random() < 0.45:
        return photograph_crop(rng, photographs[rng.integers(len(photographs))], size)
    image = cloth(rng, size) if rng.random() < 0.65 else wall(rng, size)
    return with_clutter(rng, image, int(rng.integers(0, 5))) if rng.random() < 0.5 else image


def draw_drape(rng: np.random.Generator, size: Size) -> Foreground:
    """Return a sheet that hides one border of the picture behind a wavy edge."""
    height, width = size
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    across = -np.sin(angle) * x + np.cos(angle) * y
    wave = sum(rng.normal(0, 0.06) * np.sin(across * f + rng.uniform(0, 6)) for f in (2, 5, 9))
    depth = along + wave - np.float32(rng.uniform(0.45, 1.0))
    alpha = np.clip(depth * 0.5 * max(size), 0, 1).astype(np.float32)
    edge = (1 - 0.35 * np.exp(-np.maximum(depth, 0) * 25)).astype(np.float32)
    return Foreground(alpha, np.asarray(cloth(rng, size) * edge[..., None], np.float32))


def draw_glove(rng: np.random.Generator, size: Size) -> Foreground:
    """Return a helper's gloved or bare hand reaching in from a border, as a palm with fingers."""
    height, width = size
    alpha = np.zeros(size, np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    inward = -np.array([np.cos(angle), np.sin(angle)])
    border = np.array([width, height]) * (0.5 - 0.55 * inward)
    palm = border + inward * rng.uniform(0.08, 0.22) * max(size)
    thick = rng.uniform(0.06, 0.12) * max(size)
    cv2.line(alpha, tuple(map(int, border)), tuple(map(int, palm)), 1.0, int(thick))
    for spread in np.linspace(-0.5, 0.5, 4) + rng.normal(0, 0.06, 4):
        turn = np.array([[np.cos(spread), -np.sin(spread)], [np.sin(spread), np.cos(spread)]]) @ inward
        tip = palm + turn * thick * rng.uniform(0.9, 1.7)
        cv2.line(alpha, tuple(map(int, palm + turn * 0.2 * thick)), tuple(map(int, tip)), 1.0, max(int(thick / 3.5), 2))
    inside = cv2.distanceTransform((alpha > 0).astype(np.uint8), cv2.DIST_L2, 3)
    shade = 0.55 + 0.45 * np.clip(inside / (thick / 4), 0, 1)
    srgb = FITZPATRICK_SRGB[rng.integers(6)] if rng.random() < 0.3 else _GLOVE_SRGB[rng.integers(len(_GLOVE_SRGB))]
    light = linear(np.asarray(srgb)) * shade[..., None] * (1 + 0.06 * smooth_noise(rng, size, 12))[..., None]
    soft = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 0.7), np.float32)
    return Foreground(soft, np.asarray(light, np.float32))
