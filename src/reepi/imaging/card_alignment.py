"""Lays the drawn card onto the one in a photograph, closer than its markers' corners tell."""

import functools
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.imaging.card_drawing import card_pixels
from reepi.imaging.card_layout import LAYOUTS, CardLayout, reference_colours
from reepi.imaging.planes import mapped

Floats = npt.NDArray[np.float64]
Grey = npt.NDArray[np.uint8]

MARGIN_MM: Final = 6.0
"""Surroundings of the card in the flattened picture [mm]."""

PX_PER_MM: Final = 3.0
"""Scale at which the card is laid on the photograph [px/mm]: finer does not place it better, only slower."""

STEPS: Final = (30, 1e-5)
"""Most steps, and the gain in correlation below which the alignment ends."""

BLUR_PX: Final = 2.0
"""Blur of both pictures [px], so that what is a few pixels off still feels the pull."""

LEAST_ALIKE: Final = 0.8
"""Correlation below which the alignment is not believed, and the markers' corners decide."""

LEAST_MARKER_ALIKE: Final = 0.5
LEAST_PATCH_ALIKE: Final = 0.55
"""Correlation from which a marker that was not told, and a patch with its border, are taken to be in sight."""

BORDER_MM: Final = 0.5
"""So much of the card around a patch is looked at for its border [mm, at A6]: half of the gap to the next."""

DARK: Final = 75
"""Patches with a darker grey value have no border against the black around them that noise could not hide."""

MOST_SHIFT_MM: Final = 12.0
"""An alignment that moves a corner of the card further is not believed [mm]. Where all markers in sight lie on one
side, the other is off by some."""


def patches_with_border(grey: Grey, layout: CardLayout, to_photograph: Floats) -> npt.NDArray[np.bool_]:
    """Return which patches are seen to end where they should, (24,): what lies across one hides its border.

    Patches nearly as dark as what is around them have no border to be seen, and are not doubted.
    """
    return _with_border(flattened(grey, layout, to_photograph, PX_PER_MM), _drawn(layout.kind), layout)


def flattening(px_per_mm: float) -> Floats:
    """Return the matrix (3, 3) from pixels of a flattened card to its millimetres."""
    # A pixel's place is its centre, half a pixel from where it begins.
    first = 0.5 / px_per_mm - MARGIN_MM
    return np.array([[1 / px_per_mm, 0, first], [0, 1 / px_per_mm, first], [0, 0, 1]])


def flattened(grey: Grey, layout: CardLayout, to_photograph: Floats, px_per_mm: float) -> Grey:
    """Return the card of a photograph (H, W) as if seen from straight above, with a margin."""
    return np.asarray(
        cv2.warpPerspective(
            grey,
            to_photograph @ flattening(px_per_mm),
            _size(layout, px_per_mm),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderValue=127,
        ),
        np.uint8,
    )


def aligned(
    grey: Grey, layout: CardLayout, to_photograph: Floats, markers: Sequence[int], patches: Floats
) -> tuple[Floats, float]:
    """Return the homography (3, 3) that lays the drawn card best on the photograph, and how alike they are, -1 to 1.

    Parameters
    ----------
    grey : (H, W) uint8
        The photograph.
    layout : CardLayout
        Which card.
    to_photograph : (3, 3) float64
        Homography from the card [mm] to the photograph [px], as its markers tell it.
    markers : sequence of int
        Markers that are seen: with the patches that are, these parts of the card are compared.
    patches : (24, 3) float64
        Colours of its patches; NaN where one is out of sight.

    Notes
    -----
    Enhanced correlation coefficient: Evangelidis & Psarakis, IEEE TPAMI 2008;30:1858-1865,
    doi:10.1109/TPAMI.2008.113. It does not mind how bright the card is lit.
    """
    flat = flattened(grey, layout, to_photograph, PX_PER_MM)
    drawn = _drawn(layout.kind)
    in_sight = [each for number, each in layout.markers.items() if number in markers or _is_there(flat, drawn, each)]
    in_sight += [*layout.patches[np.isfinite(patches).all(axis=1) & _with_border(flat, drawn, layout)]]
    blurred = np.asarray(cv2.GaussianBlur(flat, (0, 0), BLUR_PX), np.uint8)
    alike, moved = _settled(drawn, blurred, _mask(layout, in_sight))
    scale = flattening(PX_PER_MM)
    better = np.asarray(to_photograph @ scale @ moved @ np.linalg.inv(scale))
    shift = np.abs(mapped(np.linalg.inv(to_photograph) @ better, layout.outline) - layout.outline).max()
    return (better, alike) if alike > LEAST_ALIKE and shift < MOST_SHIFT_MM else (to_photograph, 0.0)


def _settled(drawn: Grey, flat: Grey, mask: Grey) -> tuple[float, Floats]:
    """Return how alike two pictures are where a mask says, and the matrix (3, 3) that moves the one onto the other.

    With little of the card in sight, a homography does not settle; six numbers in place of eight then may.
    """
    ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, *STEPS)
    for motion, rows in ((cv2.MOTION_HOMOGRAPHY, 3), (cv2.MOTION_AFFINE, 2)):
        try:
            alike, moved = cv2.findTransformECC(drawn, flat, np.eye(rows, 3, dtype=np.float32), motion, ends, mask, 1)
        except cv2.error:
            continue
        if alike > LEAST_ALIKE:
            return float(alike), np.vstack([moved, np.eye(3)[rows:]]).astype(np.float64)
    return 0.0, np.eye(3)


@functools.cache
def _drawn(kind: str) -> Grey:
    layout = next(each for each in LAYOUTS.values() if each.kind == kind)
    card = cv2.cvtColor(card_pixels(layout, PX_PER_MM), cv2.COLOR_RGB2GRAY)
    width, height = _size(layout, PX_PER_MM)
    margin = round(MARGIN_MM * PX_PER_MM)
    right, bottom = width - margin - card.shape[1], height - margin - card.shape[0]
    framed = cv2.copyMakeBorder(card, margin, bottom, margin, right, cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(framed, (0, 0), BLUR_PX), np.uint8)


def _mask(layout: CardLayout, areas: Sequence[Floats]) -> Grey:
    """Return where some areas of a card, each (4, 2) [mm], lie on its flattened picture."""
    width, height = _size(layout, PX_PER_MM)
    mask = np.zeros((height, width), np.uint8)
    for corners in areas:
        outward = np.sign(corners - corners.mean(axis=0)) * 0.5
        cv2.fillConvexPoly(mask, np.rint(_pixels(corners + outward)).astype(np.int32), 255)
    return mask


def _with_border(flat: Grey, drawn: Grey, layout: CardLayout) -> npt.NDArray[np.bool_]:
    greys = cv2.cvtColor(reference_colours()[None].astype(np.uint8), cv2.COLOR_RGB2GRAY)[0].astype(int)
    dark = greys < DARK
    around = layout.patches + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * BORDER_MM * layout.scale
    smooth = np.asarray(cv2.GaussianBlur(flat, (0, 0), 1), np.uint8)
    shown = [_is_there(smooth, drawn, corners, LEAST_PATCH_ALIKE) for corners in around]
    return np.asarray(dark | np.array(shown))


def _is_there(flat: Grey, drawn: Grey, corners: Floats, least: float = LEAST_MARKER_ALIKE) -> bool:
    """Return whether a flattened photograph shows what is drawn between some corners (4, 2) [mm]."""
    (left, top), (right, bottom) = np.rint(_pixels(corners[[0, 2]])).astype(int)
    here, there = (each[top:bottom, left:right].astype(np.float64) for each in (flat, drawn))
    here, there = here - here.mean(), there - there.mean()
    # Pearson's, without the division: where nothing is seen, nothing is alike.
    return bool((here * there).sum() > least * np.sqrt((here**2).sum() * (there**2).sum()))


def _pixels(points: Floats) -> Floats:
    """Return points of the card [mm] in its flattened picture [px]."""
    return np.asarray((points + MARGIN_MM) * PX_PER_MM - 0.5)


def _size(layout: CardLayout, px_per_mm: float) -> tuple[int, int]:
    width, height = (round((side + 2 * MARGIN_MM) * px_per_mm) for side in layout.size)
    return width, height
