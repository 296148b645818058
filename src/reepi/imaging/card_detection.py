"""Finds the capture card in a photograph: markers first, then the whole card by what they say of its place."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.capture_card import CardSighting
from reepi.core.images import Pixels
from reepi.imaging.card_alignment import aligned, flattened, flattening, patches_with_border
from reepi.imaging.card_drawing import marker_dictionary
from reepi.imaging.card_layout import LAYOUTS, CardLayout, reference_colours
from reepi.imaging.card_patches import is_card, patch_colours, seen_colours
from reepi.imaging.card_places import card_window
from reepi.imaging.chart_detection import find_chart
from reepi.imaging.planes import jacobian, mapped, plane, scales

Floats = npt.NDArray[np.float64]
Grey = npt.NDArray[np.uint8]

WINDOWS: Final = (9, 21, 45)
"""Windows of the adaptive threshold [px]: for markers of about 15, 40 and 100 pixels and more."""

LEAST_PERIMETER: Final = 40.0
"""Perimeter of the smallest marker that is sought [px]: of fewer than 1.7 pixels a bit nothing can be told."""

ENOUGH: Final = 3
"""Markers that make a second look, in a sharpened photograph, needless."""

SURE_ALIKE: Final = 0.85
SURE_MARKERS: Final = 4
"""A card is held by so many markers, or by its drawing being so much like it (correlation): with less of it in sight, a
millimetre would be off by more than one in a hundred, and no millimetre is better than a wrong one."""

SHARPENED_PX: Final = 3.0
SHARPENING: Final = 3.0
"""Width [px] and strength of the sharpening."""

CLOSE_UP_PX_PER_MM: Final = 6.0
"""Scale at which markers are sought again on the flattened card [px/mm], at most."""

LOOSE: Final = 0.12
"""Corners that lie further from where the card puts them, as a part of a marker's side, belong to no card."""


@dataclass(frozen=True)
class _Seen:
    """Markers of one card with the homography that holds most of them."""

    layout: CardLayout
    corners: Mapping[int, Floats]
    to_photograph: Floats

    @property
    def residuals(self) -> Floats:
        """Distance of every corner from where the homography puts it [px]."""
        marks = np.concatenate([self.layout.markers[number] for number in self.corners])
        seen = np.concatenate([*self.corners.values()])
        return np.asarray(np.linalg.norm(mapped(self.to_photograph, marks) - seen, axis=1))


def find_card_in(pixels: Pixels, chart: bool = False) -> CardSighting | None:
    """Find a capture card, or else a commercial colour chart if wanted, in the finer copy of a photograph.

    See `find_card` and `reepi.imaging.chart_detection.find_chart`, which takes longer.
    """
    return find_card(pixels) or (find_chart(pixels) if chart else None)


def find_card(pixels: Pixels) -> CardSighting | None:
    """Find a capture card in a photograph.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB; a long side of about `reepi.imaging.limits.FINE_SIDE`.

    Returns
    -------
    CardSighting or None
        The card with most of its markers in sight; None where none is seen by at least two markers, or by one that
        stands beside patches of the right colours.

    Notes
    -----
    Markers: Garrido-Jurado et al., Pattern Recognition 2014;47:2280-2292, doi:10.1016/j.patcog.2014.01.005.
    """
    grey = _grey(pixels)
    found = _markers_in_sight(grey)
    candidates = [seen for layout in LAYOUTS.values() if (seen := _held(layout, found)) is not None]
    for seen in sorted(candidates, key=lambda each: -len(each.corners)):
        closer = _seen_closer(grey, seen)
        colours = patch_colours(pixels, closer.layout, closer.to_photograph)
        if is_card(colours, n_markers=len(closer.corners)):
            placed, first = aligned(grey, closer.layout, closer.to_photograph, [*closer.corners], colours)
            # With the card in its place, more of its patches are read where they are, and they hold it better.
            colours = patch_colours(pixels, closer.layout, placed)
            placed, again = aligned(grey, closer.layout, placed, [*closer.corners], colours)
            # Where the second does not settle, the first holds.
            if (again or first) > SURE_ALIKE or len(closer.corners) >= SURE_MARKERS:
                return _sighting(replace(closer, to_photograph=placed), pixels)
    return None


def _markers_in_sight(grey: Grey) -> dict[int, Floats]:
    """Return the corners of each marker in a photograph, where there may be a card."""
    window = card_window(grey, LEAST_PERIMETER)
    if window is None:
        return {}
    near = np.ascontiguousarray(grey[window])
    found = _markers(near, LEAST_PERIMETER)
    if len(found) < ENOUGH:
        found = _markers(_sharpened(near), LEAST_PERIMETER) | found
    rows, columns = window
    return {number: corners + np.array([columns.start, rows.start]) for number, corners in found.items()}


def _grey(pixels: Pixels) -> Grey:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _sharpened(grey: Grey) -> Grey:
    """Return a picture with its edges raised, in which blurred markers are told that are small or slanted."""
    smooth = cv2.GaussianBlur(grey, (0, 0), SHARPENED_PX)
    return np.asarray(cv2.addWeighted(grey, 1 + SHARPENING, smooth, -SHARPENING, 0), np.uint8)


def _markers(grey: Grey, least_perimeter: float) -> dict[int, Floats]:
    parameters = cv2.aruco.DetectorParameters()
    parameters.adaptiveThreshWinSizeMin, parameters.adaptiveThreshWinSizeMax = WINDOWS[0], WINDOWS[-1]
    parameters.adaptiveThreshWinSizeStep = 18
    parameters.minMarkerPerimeterRate = least_perimeter / max(grey.shape)
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    parameters.perspectiveRemovePixelPerCell = 6
    parameters.errorCorrectionRate = 0.3
    corners, numbers, _ = cv2.aruco.ArucoDetector(marker_dictionary(), parameters).detectMarkers(grey)
    named = [int(number) for number in np.ravel(numbers)] if corners else []
    known = {number for layout in LAYOUTS.values() for number in layout.markers}
    # A number that is seen twice is on two cards or on none.
    counts = Counter(named)
    pairs = zip(named, corners, strict=True)
    return {n: np.asarray(c, np.float64).reshape(4, 2) for n, c in pairs if n in known and counts[n] == 1}


def _held(layout: CardLayout, found: Mapping[int, Floats]) -> _Seen | None:
    """Return the markers of one card that lie on one plane as they should, or None if there are none."""
    mine = {number: corners for number, corners in found.items() if number in layout.markers}
    if not mine:
        return None
    marks = np.concatenate([layout.markers[number] for number in mine])
    places = np.concatenate([*mine.values()])
    side = float(np.median([np.linalg.norm(c - np.roll(c, 1, axis=0), axis=1).mean() for c in mine.values()]))
    homography = plane(marks, places, LOOSE * side)
    if homography is None or not _is_upright(homography, layout):
        return None
    off = np.linalg.norm(mapped(homography, marks) - places, axis=1).reshape(-1, 4).max(axis=1)
    kept = {number: corners for (number, corners), worst in zip(mine.items(), off, strict=True) if worst < LOOSE * side}
    if not kept:
        return None
    marks = np.concatenate([layout.markers[number] for number in kept])
    fitted = plane(marks, np.concatenate([*kept.values()]))
    return None if fitted is None else _Seen(layout, kept, fitted)


def _is_upright(homography: Floats, layout: CardLayout) -> bool:
    """Return whether the whole card lies in front of the camera and is not mirrored."""
    outline = np.column_stack([layout.outline, np.ones(4)]) @ homography[2]
    return bool((outline * outline[0] > 0).all() and np.linalg.det(jacobian(homography, layout.middle)) > 0)


def _seen_closer(grey: Grey, seen: _Seen) -> _Seen:
    """Return the card as it is seen in a flat close-up, in which markers that were too slanted are found as well."""
    largest, _ = scales(seen.to_photograph, seen.layout.middle)
    scale = min(CLOSE_UP_PX_PER_MM, max(2.0, 1.5 * largest))
    to_photograph = seen.to_photograph @ flattening(scale)
    flat = flattened(grey, seen.layout, seen.to_photograph, scale)
    found = _markers(_sharpened(flat), LEAST_PERIMETER) | _markers(flat, LEAST_PERIMETER)
    again = _held(seen.layout, {number: mapped(to_photograph, corners) for number, corners in found.items()})
    return again if again is not None and len(again.corners) >= len(seen.corners) else seen


def _sighting(seen: _Seen, pixels: Pixels) -> CardSighting:
    layout = seen.layout
    patches = seen_colours(pixels, layout, seen.to_photograph)
    patches[~patches_with_border(_grey(pixels), layout, seen.to_photograph)] = np.nan
    larger, smaller = scales(seen.to_photograph, layout.middle)
    return CardSighting(
        kind=layout.kind,
        to_photograph=seen.to_photograph,
        size=(pixels.shape[0], pixels.shape[1]),
        mm_per_px=1 / larger,
        tilt_degrees=float(np.degrees(np.arccos(min(1.0, smaller / larger)))),
        residual_px=float(np.sqrt((seen.residuals**2).mean())),
        patches=patches,
        references=reference_colours(),
        outline=mapped(seen.to_photograph, layout.outline),
    )
