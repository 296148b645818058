"""Finds a commercial chart of 24 patches in a photograph, and reads its colours; it says nothing of millimetres."""

import functools
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.capture_card import CardSighting
from reepi.core.images import Pixels
from reepi.imaging.planes import mapped, plane

Floats = npt.NDArray[np.float64]

KIND: Final = "colorchecker-24"

SOUGHT_SIDE: Final = 1024
"""Long side of the photograph in which a chart is sought [px]; its colours are read at the photograph's own size."""

LEAST_SIDE: Final = 500
"""Smaller pictures are enlarged by the detector [px]; its own 1000 takes four times as long and finds no more."""

ROWS_COLUMNS: Final = (4, 6)

INNER: Final = 0.5
"""Part of a patch's sides that is looked at."""

SAMPLES: Final = 12
"""Places along each side at which a patch is looked at."""

CLIPPED: Final = 250.0
"""Value from which a channel is full, and tells nothing of the colour any more."""

UNEVEN: Final = 12.0
"""Spread of a patch's values (median absolute deviation, of 255) above which something lies across it."""

LEAST_PATCHES: Final = 12
ALIKE: Final = 0.9
"""Patches in sight, and their correlation with what they should be in each channel, below which it is no chart."""


def find_chart(pixels: Pixels) -> CardSighting | None:
    """Find a chart of 24 patches in a photograph.

    Charts of this design come in several sizes, so that it tells colours only: ``mm_per_px`` is NaN, and
    ``to_photograph`` leads from places in patches, (0, 0) at the middle of the first and (5, 3) at that of the last.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.

    Notes
    -----
    Detector of OpenCV's module mcc. It sees whole charts only; of a chart in part, nothing is told.
    """
    shrink = max(1.0, max(pixels.shape[:2]) / SOUGHT_SIDE)
    size = round(pixels.shape[1] / shrink), round(pixels.shape[0] / shrink)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if shrink > 1 else pixels
    # Typing stubs of OpenCV do not know this module's makers.
    module: Any = cv2.mcc
    detector = module.CCheckerDetector_create()
    detector.setColorChartType(module.MCC24)
    limits = detector.getDetectionParams()
    limits.minImageSize = LEAST_SIDE
    detector.setDetectionParams(limits)
    if not detector.process(np.ascontiguousarray(small[..., ::-1]), 1):
        return None
    corners = np.asarray(detector.getBestColorChecker().getColorCharts(), np.float64).reshape(-1, 4, 2)
    if len(corners) != len(reference_colours()):
        return None
    return _sighting(pixels, (corners + 0.5) * shrink - 0.5)


@functools.cache
def reference_colours() -> Floats:
    """Return the published colour of each patch, (24, 3), sRGB of 0 to 255, row by row from dark skin to black.

    Those of charts made since November 2014, seen in daylight (D65) instead of their D50, as colour-science has them.
    """
    import colour

    chart = colour.CCS_COLOURCHECKERS["ColorChecker24 - After November 2014"]
    seen = colour.xyY_to_XYZ(np.array([*chart.data.values()]))
    return 255 * np.clip(
        np.asarray(colour.XYZ_to_sRGB(seen, chart.illuminant, chromatic_adaptation_transform="Bradford"), np.float64),
        0,
        1,
    )


def _sighting(pixels: Pixels, corners: Floats) -> CardSighting | None:
    """Return the chart whose patches have these corners, (24, 4, 2), or None where the colours are no chart's."""
    places = np.stack(np.meshgrid(np.arange(ROWS_COLUMNS[1]), np.arange(ROWS_COLUMNS[0])), -1).reshape(-1, 2)
    middles = corners.mean(axis=1)
    to_photograph = plane(places.astype(np.float64), middles)
    if to_photograph is None:
        return None
    patches = _patch_colours(pixels, corners)
    seen = np.isfinite(patches).all(axis=1)
    if seen.sum() < LEAST_PATCHES:
        return None
    references = reference_colours()
    if min(np.corrcoef(patches[seen, c], references[seen, c])[0, 1] for c in range(3)) < ALIKE:
        return None
    across, down = ROWS_COLUMNS[1] - 0.5, ROWS_COLUMNS[0] - 0.5
    outline = np.array([[-0.5, -0.5], [across, -0.5], [across, down], [-0.5, down]])
    return CardSighting(
        kind=KIND,
        to_photograph=np.asarray(to_photograph, np.float64),
        size=(pixels.shape[0], pixels.shape[1]),
        mm_per_px=float("nan"),
        tilt_degrees=float("nan"),
        residual_px=float(
            np.sqrt((np.linalg.norm(mapped(to_photograph, places.astype(np.float64)) - middles, axis=1) ** 2).mean())
        ),
        patches=patches,
        references=references,
        outline=mapped(to_photograph, outline),
    )


def _patch_colours(pixels: Pixels, corners: Floats) -> Floats:
    """Return the median colour of each patch, (24, 3); NaN where it is uneven, burnt out or beside the picture."""
    along = (np.linspace(-INNER, INNER, SAMPLES) + 1) / 2
    u, v = (each.ravel()[:, None] for each in np.meshgrid(along, along))
    first, second, third, fourth = (corners[:, None, at] for at in range(4))
    places = ((1 - u) * (1 - v) * first + u * (1 - v) * second + u * v * third + (1 - u) * v * fourth).round()
    x, y = places[..., 0].astype(int), places[..., 1].astype(int)
    inside = ((x >= 0) & (y >= 0) & (x < pixels.shape[1]) & (y < pixels.shape[0])).all(axis=1)
    values = pixels[y.clip(0, pixels.shape[0] - 1), x.clip(0, pixels.shape[1] - 1)].astype(np.float64)
    colours = np.median(values, axis=1)
    spread = np.median(np.abs(values - colours[:, None]), axis=1).max(axis=1)
    hidden = ~inside | (spread > UNEVEN) | (colours.max(axis=1) >= CLIPPED)
    return np.asarray(np.where(hidden[:, None], np.nan, colours), np.float64)
