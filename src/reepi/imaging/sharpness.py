"""How blurred a photograph is [px], measured at its sharpest edges, so that smooth skin does not count as blur."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

FINE_PX: Final = 1.0
COARSE_PX: Final = 2.2
"""Widths [px] of the two blurs that are added; how much weaker an edge gets from one to the other tells its own."""

SHARPEST_SHARE: Final = 0.0015
"""Share of a picture's pixels whose edges are looked at in each direction: the strongest, which are those of outlines
and not of shadows."""

LEAST_SHARE: Final = 0.00025
"""Directions in which a smaller share of the picture's pixels lies on edges are not judged."""

LEAST_SLOPE: Final = 3.0
"""Slope [grey values/px] that noise does not reach after the finer blur."""

RELATIVE_SLOPE: Final = 0.4
"""Slope, over that of the picture's strongest edges, below which an edge is one of shading."""

DIRECTIONS: Final = 4
"""Directions judged apart: a shaken camera blurs edges across its movement and leaves those along it."""

TAKEN_PERCENTILE: Final = 45
"""Percentile of the blur over the edges of a direction."""

SLOPE_VARIANCE_PX2: Final = 1 / 3
"""Variance [px²] that taking a slope over two pixels adds to an edge: that of an even spread over their width."""

REACH_PX: Final = (2, 3, 4, 5, 6)
"""How far to both sides of an edge [px] its other side is looked for."""

OPPOSITE_SLOPE: Final = -0.25
"""Slope beside an edge, over the edge's own, below which it is one side of a line or a speck. These lose more slope by
a blur than the edge of a surface does, and would pass for sharp."""

BORDER_PX: Final = 8
"""Border of the picture [px] that is left out."""

AROUND_PX: Final = 16
"""What is looked at around the part of a picture that is judged [px]: no blur or slope reaches further."""


def blur_px(pixels: Pixels, within: Flags | None = None) -> float | None:
    """Return the blur of a photograph, as the standard deviation of a Gaussian [px]; None where it has no edges.

    Each edge's blur follows from how much two further blurs weaken its slope. The strongest edges of each direction are
    taken together by a percentile, and the most blurred direction counts.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    within : (H, W) bool, optional
        Where edges are looked for.

    Notes
    -----
    Zhuo & Sim, Pattern Recognition 2011;44:1852-1858, doi:10.1016/j.patcog.2011.03.009: an edge of blur s has a slope
    in proportion to 1 / sqrt(s² + r²) after a blur of r.
    """
    area = pixels.shape[0] * pixels.shape[1]
    if within is not None:
        near = _near(within)
        pixels, within = np.ascontiguousarray(pixels[near]), within[near]
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine, coarse, angle = _edges(grey, 2 * SHARPEST_SHARE * area, within)
    direction = np.floor(angle / np.pi * DIRECTIONS + 0.5).astype(int) % DIRECTIONS
    found = []
    for each in range(DIRECTIONS):
        own = np.flatnonzero(direction == each)
        if len(own) >= max(LEAST_SHARE * area, DIRECTIONS):
            own = own[fine[own] >= _strongest(fine[own], SHARPEST_SHARE * area)]
            found.append(float(np.percentile(_own_blur(fine[own], coarse[own]), TAKEN_PERCENTILE)))
    return max(found) if found else None


def _near(within: Flags) -> tuple[slice, slice]:
    """Return the rows and columns of a picture that decide how blurred it is within a part of it (H, W)."""
    left, top, width, height = cv2.boundingRect(within.astype(np.uint8))
    return (
        slice(max(0, top - AROUND_PX), top + height + AROUND_PX),
        slice(max(0, left - AROUND_PX), left + width + AROUND_PX),
    )


def _edges(grey: Floats, count: float, within: Flags | None) -> tuple[Floats, Floats, Floats]:
    """Return slope after the fine and the coarse blur, and direction [rad], of the edges of surfaces, (N,) each.

    ``count`` edges are the strongest of the picture, against which the others are judged.
    """
    across, down = _slopes(grey, FINE_PX)
    fine = np.asarray(cv2.magnitude(across, down), np.float32)
    places = _crests(across, down, fine, within)
    slopes = fine.ravel()[places]
    if len(places):
        places = places[slopes > RELATIVE_SLOPE * _strongest(slopes, count)]
    places = places[~_is_line(across, down, places)]
    x, y = across.ravel()[places], down.ravel()[places]
    coarse = np.hypot(*(slope.ravel()[places] for slope in _slopes(grey, COARSE_PX)))
    angle = np.asarray(np.mod(np.arctan2(y, x), np.pi), np.float32)
    return fine.ravel()[places], np.maximum(coarse, np.float32(1e-6)), angle


def _crests(across: Floats, down: Floats, fine: Floats, within: Flags | None) -> Places:
    """Return the places in a picture, row by row, (N,), that are steeper than those before and behind them."""
    steep = fine > LEAST_SLOPE
    steep[:BORDER_PX] = steep[-BORDER_PX:] = steep[:, :BORDER_PX] = steep[:, -BORDER_PX:] = False
    if within is not None:
        steep &= within
    places, flat = np.flatnonzero(steep), fine.ravel()
    level = np.abs(across.ravel()[places]) >= np.abs(down.ravel()[places])
    step = np.where(level, 1, fine.shape[1])
    own = flat[places]
    return places[(own >= flat[places - step]) & (own > flat[places + step])]


def _is_line(across: Floats, down: Floats, places: Places) -> Flags:
    """Return which edges (N,) have a slope the other way beside them."""
    width, all_across, all_down = across.shape[1], across.ravel(), down.ravel()
    x, y = all_across[places], all_down[places]
    own = np.asarray(np.hypot(x, y), np.float32)
    x, y = x / own, y / own
    least = np.zeros_like(own)
    for reach in REACH_PX:
        # The border that was left out is wider than the reach.
        aside = np.rint(reach * y).astype(np.intp) * width + np.rint(reach * x).astype(np.intp)
        for there in (places + aside, places - aside):
            least = np.minimum(least, all_across[there] * x + all_down[there] * y)
    return np.asarray(least < OPPOSITE_SLOPE * own)


def _slopes(grey: Floats, width_px: float) -> tuple[Floats, Floats]:
    smooth = cv2.GaussianBlur(grey, (0, 0), width_px)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, dx, 1 - dx, ksize=3, scale=1 / 8) for dx in (1, 0))
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _strongest(slope: Floats, count: float) -> float:
    """Return the slope that only so many edges exceed."""
    place = min(max(int(count), 1), len(slope))
    return float(np.partition(slope, -place)[-place])


def _own_blur(fine: Floats, coarse: Floats) -> Floats:
    weaker = np.clip(fine / coarse, 1.0005, COARSE_PX / FINE_PX * 0.9999) ** 2
    variance = (COARSE_PX**2 - weaker * FINE_PX**2) / (weaker - 1) - SLOPE_VARIANCE_PX2
    return np.asarray(np.sqrt(np.maximum(variance, 0)), np.float32)
