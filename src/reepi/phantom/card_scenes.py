"""Lays a capture card into a photograph, as a camera would have seen it there: with its true place known."""

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels
from reepi.imaging.card_drawing import card_pixels
from reepi.imaging.card_layout import CardLayout
from reepi.phantom.capture import jpeg

Floats = npt.NDArray[np.float64]

RASTER_PX_PER_MM = 8.0
"""Scale at which the card is drawn before it is seen from afar [px/mm]."""


@dataclass(frozen=True)
class Placement:
    """Where a card lies and what hinders the view of it.

    Parameters
    ----------
    middle : (float, float)
        Where its middle is in the photograph, x and y [px].
    px_per_mm : float
        Pixels for each millimetre at its middle, across the line of sight [px/mm].
    tilt_degrees : float
        Angle between the card and the picture plane [degrees].
    tilt_axis_degrees : float
        Direction of the axis it is tilted about, in the picture [degrees].
    spin_degrees : float
        How far it is turned in its own plane [degrees].
    focal_px : float
        Focal length of the camera [px].
    light : (3,) array-like
        How bright the light on the card is in red, green and blue; 1 is the light its colours are defined in.
    slope : float
        How much brighter the light is on one side than in the middle, as a part.
    glare : float
        Brightness of a reflection on it, 40 by 24 mm wide on an A6 card, 0 to 1.
    covered : float
        Part of the card's width that something lies across, 0 to 1.
    cover_colour : (3,) array-like
        Colour of what covers it, sRGB of 0 to 255.
    blur_px : float
        Standard deviation of the blur [px].
    noise : float
        Standard deviation of the sensor's noise, of 255.
    jpeg_quality : int
        Quality of the file, 1 to 100.
    """

    middle: tuple[float, float]
    px_per_mm: float
    tilt_degrees: float = 0.0
    tilt_axis_degrees: float = 0.0
    spin_degrees: float = 0.0
    focal_px: float = 2500.0
    light: tuple[float, float, float] = (1.0, 1.0, 1.0)
    slope: float = 0.0
    glare: float = 0.0
    covered: float = 0.0
    cover_colour: tuple[float, float, float] = (214.0, 170.0, 150.0)
    blur_px: float = 0.0
    noise: float = 0.0
    jpeg_quality: int = 95


@dataclass(frozen=True)
class CardScene:
    """A photograph with a card in it.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    to_photograph : (3, 3) float64
        Homography from the card [mm] to pixels [px], pixel (0, 0) at its centre.
    placement : Placement
        How it was laid in.
    mm_per_px : float
        Millimetres that a pixel shows at the card's middle, across the line of sight [mm/px].
    """

    pixels: Pixels
    to_photograph: Floats = field(repr=False)
    placement: Placement
    mm_per_px: float


def homography(layout: CardLayout, placement: Placement, size: tuple[int, int]) -> Floats:
    """Return the homography (3, 3) of a card [mm] into a photograph of a size (H, W) [px], through a pinhole."""
    axis = np.radians(placement.tilt_axis_degrees)
    tilt, _ = cv2.Rodrigues(np.radians(placement.tilt_degrees) * np.array([np.cos(axis), np.sin(axis), 0.0]))
    spin, _ = cv2.Rodrigues(np.radians(placement.spin_degrees) * np.array([0.0, 0.0, 1.0]))
    focal = placement.focal_px
    centre = (size[1] - 1) / 2, (size[0] - 1) / 2
    camera = np.array([[focal, 0, centre[0]], [0, focal, centre[1]], [0, 0, 1]])
    depth = focal / placement.px_per_mm
    place = depth * np.linalg.solve(camera, [*placement.middle, 1.0])
    to_middle = np.eye(3)
    to_middle[:2, 2] = -layout.middle
    pose = np.column_stack([(tilt @ spin)[:, :2], place])
    return np.asarray(camera @ pose @ to_middle)


def lay_card(photograph: Pixels, layout: CardLayout, placement: Placement, rng: np.random.Generator) -> CardScene:
    """Return a photograph (H, W, 3) with a card in it."""
    size = photograph.shape[:2]
    to_photograph = homography(layout, placement, (size[0], size[1]))
    card, cover = _seen(layout, placement, to_photograph, (size[0], size[1]))
    lit = _lit(card, placement, (size[0], size[1]))
    mixed = _linear(photograph) * (1 - cover) + lit * cover
    pixels = _developed(mixed, placement, rng)
    return CardScene(pixels, to_photograph, placement, 1 / placement.px_per_mm)


def _seen(
    layout: CardLayout, placement: Placement, to_photograph: Floats, size: tuple[int, int]
) -> tuple[Floats, Floats]:
    """Return the card in linear light and where it covers the photograph, (H, W, 3) and (H, W, 1)."""
    scale = min(RASTER_PX_PER_MM, 1.5 * placement.px_per_mm)
    drawn = card_pixels(layout, RASTER_PX_PER_MM)
    flat = _linear(np.asarray(cv2.resize(drawn, _raster_size(layout, scale), interpolation=cv2.INTER_AREA), np.uint8))
    height, width = flat.shape[:2]
    if placement.covered > 0:
        # An arm or a fold of the sheet: it comes in from the card's left and ends in a slanted border.
        edge = placement.covered * width + (np.arange(height) / height - 0.5) * 0.25 * width
        under = np.arange(width)[None] < edge[:, None]
        flat[under] = _linear(np.array([[placement.cover_colour]], np.uint8))[0, 0]
    to_mm = np.array([[1 / scale, 0, 0.5 / scale], [0, 1 / scale, 0.5 / scale], [0, 0, 1]])
    whole = to_photograph @ to_mm
    card = cv2.warpPerspective(flat, whole, size[::-1], flags=cv2.INTER_AREA)
    cover = cv2.warpPerspective(np.ones(flat.shape[:2]), whole, size[::-1], flags=cv2.INTER_LINEAR)
    return np.asarray(card, np.float64), np.asarray(cover, np.float64)[..., None]


def _raster_size(layout: CardLayout, scale: float) -> tuple[int, int]:
    return round(layout.size[0] * scale), round(layout.size[1] * scale)


def _lit(card: Floats, placement: Placement, size: tuple[int, int]) -> Floats:
    """Return the card in the light of the placement, with its reflection."""
    x, y = np.arange(size[1])[None, :, None], np.arange(size[0])[:, None, None]
    half = 74 * placement.px_per_mm
    slope = 1 + placement.slope * np.clip((x - placement.middle[0]) / half, -1, 1)
    lit = card * np.array(placement.light) * slope
    if placement.glare > 0:
        off = ((x - placement.middle[0]) / (0.27 * half)) ** 2 + ((y - placement.middle[1]) / (0.16 * half)) ** 2
        lit = lit + placement.glare * np.exp(-off)
    return np.asarray(lit)


def _developed(light: Floats, placement: Placement, rng: np.random.Generator) -> Pixels:
    if placement.blur_px > 0:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), placement.blur_px))
    value = 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
    value = value + rng.normal(0, placement.noise, value.shape) if placement.noise > 0 else value
    pixels: Pixels = np.asarray(np.clip(np.rint(value), 0, 255), np.uint8)
    if placement.jpeg_quality >= 100:
        return pixels
    return jpeg(pixels, placement.jpeg_quality)


def _linear(pixels: npt.NDArray[np.uint8]) -> Floats:
    """Return sRGB as linear light, 0 to 1 (IEC 61966-2-1)."""
    table = np.arange(256) / 255
    table = np.where(table <= 0.04045, table / 12.92, ((table + 0.055) / 1.055) ** 2.4)
    return np.asarray(table[pixels])
