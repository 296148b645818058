"""Findings that pixels alone tell: blur, light, colour and resolution, judged on the skin where it is known."""

import math
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.capture import CaptureProtocol
from reepi.core.findings import Finding
from reepi.core.images import Mask, Photograph
from reepi.core.tissue import Tissue
from reepi.imaging.limits import WORKING_SIDE
from reepi.imaging.sharpness import blur_px
from reepi.imaging.skin_light import skin_light

Flags = npt.NDArray[np.bool_]

LEAST_KNOWN_SKIN: Final = 0.01
"""With a smaller share of skin in the picture, all of it is judged."""

LEAST_HEALTHY: Final = 0.003
"""With a smaller share of intact skin in the picture, nothing tells the light's colour."""

WELL_LIT: Final = 55.0
"""Lightness [CIE L*] of a picture's brightest hundredth that shows a camera exposed for what lies there."""

DARK_SKIN: Final = 0.6
"""Factor of the least lightness of skin where something in the picture is well lit: skin that is dark by itself passes,
a patient before a window does not."""

SHARP_PX: Final = 1.3
"""Blur [px] that a sharp photograph of any size may have of its own pixels. Sharp ones that were reduced to 480 to 720
have up to 1.1, rendered ones up to 1.5; the limit there is 1.45 to 1.6."""

OUTLINE_PX: Final = 8
"""How far beyond the skin [px] edges tell its blur: the outline of the body is the best of them."""


def pixel_findings(photograph: Photograph, capture: CaptureProtocol, mask: Mask | None = None) -> tuple[Finding, ...]:
    """Return what pixels tell of a photograph: ``blurred``, ``dark``, ``overexposed``, ``glare``, ``colour_cast``,
    ``low_resolution``.

    Parameters
    ----------
    photograph : Photograph
        At working size.
    capture : CaptureProtocol
        The limits.
    mask : (H, W) uint8, optional
        Its tissues; without them, or where they show hardly any skin, the whole picture is judged, and not its colour.
    """  # noqa: D205
    if mask is not None and (mask != Tissue.BACKGROUND).mean() < LEAST_KNOWN_SKIN:
        mask = None
    within = None if mask is None else _with_outline(mask != Tissue.BACKGROUND)
    return (
        *_blur(photograph, capture, within),
        *_light(photograph, capture, mask),
        *_size(photograph, capture),
    )


def _blur(photograph: Photograph, capture: CaptureProtocol, within: Flags | None) -> list[Finding]:
    found = blur_px(photograph.pixels, within)
    if found is None and within is not None:
        found = blur_px(photograph.pixels)
    limit = _blur_limit(photograph, capture)
    return [capture.finding("blurred", found, limit)] if found is not None and found > limit else []


def _blur_limit(photograph: Photograph, capture: CaptureProtocol) -> float:
    """Return the largest blur [px] of a photograph, which is less where it is smaller than the working size.

    Made smaller, a photograph keeps the blur of its own pixels, and that of the camera shrinks; variances add up.
    """
    scale = max(photograph.size) / WORKING_SIDE
    if scale >= 1:
        return capture.blur_px
    sharp = min(SHARP_PX, capture.blur_px)
    return math.hypot(sharp, scale * math.sqrt(capture.blur_px**2 - sharp**2))


def _light(photograph: Photograph, capture: CaptureProtocol, mask: Mask | None) -> list[Finding]:
    """Judge the light on the skin; where none is known that on the whole picture, without glare and colour."""
    everywhere = np.ones(photograph.size, bool)
    skin = everywhere if mask is None else np.asarray(mask != Tissue.BACKGROUND)
    bare = skin if mask is None else skin & (mask != Tissue.COVERED)
    healthy = ~everywhere if mask is None else np.asarray(mask == Tissue.INTACT)
    known = float(healthy.mean()) >= LEAST_HEALTHY
    light = skin_light(photograph.pixels, skin, bare, healthy)
    findings = []
    least = capture.least_lightness * (DARK_SKIN if light.brightest >= WELL_LIT else 1)
    if light.lightness < least:
        findings.append(capture.finding("dark", light.lightness, least))
    if 100 * light.clipped > capture.clipped_percent:
        findings.append(capture.finding("overexposed", 100 * light.clipped, capture.clipped_percent))
    elif mask is not None and 100 * light.burnt_out > capture.glare_percent:
        findings.append(capture.finding("glare", 100 * light.burnt_out, capture.glare_percent))
    # Colours that are lost in noise tell nothing of the lamp.
    if known and light.lightness >= least and light.cast_stops > capture.cast_stops:
        findings.append(capture.finding("colour_cast", light.cast_stops, capture.cast_stops))
    return findings


def _size(photograph: Photograph, capture: CaptureProtocol) -> list[Finding]:
    side = max(photograph.original_size)
    return [capture.finding("low_resolution", side, capture.least_side_px)] if side < capture.least_side_px else []


def _with_outline(skin: Flags) -> Flags:
    kernel = np.ones((2 * OUTLINE_PX + 1, 2 * OUTLINE_PX + 1), np.uint8)
    return np.asarray(cv2.dilate(skin.astype(np.uint8), kernel) > 0)
