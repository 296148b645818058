"""What the patches of a card look like in a photograph, without those that are hidden or glare."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels
from reepi.imaging.card_layout import GREYS, CardLayout, reference_colours

Floats = npt.NDArray[np.float64]

INNER: Final = 0.6
"""Part of a patch's sides that is looked at: its border is blurred into its neighbours."""

SAMPLES: Final = (12, 16)
"""Rows and columns of places at which a patch is looked at."""

CLIPPED: Final = 250.0
"""Value from which a channel is full, and tells nothing of the colour any more."""

UNEVEN: Final = 12.0
"""Spread of a patch's values (median absolute deviation, of 255) above which something lies across it."""

OFF: Final = 40.0
"""A patch that is further from what the others make of it (of 255) shows something else."""

LEAST_PATCHES: Final = 8
"""Fewer patches say nothing of the others."""

ALIKE: Final = 0.8
"""Correlation of patches with what they should be, in each channel, below which they belong to no card."""


def patch_colours(pixels: Pixels, layout: CardLayout, to_photograph: Floats) -> Floats:
    """Return the colour of each patch in a photograph, (24, 3); NaN where it is out of sight.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    layout : CardLayout
        Which card.
    to_photograph : (3, 3) float64
        Homography from the card [mm] to the photograph [px].
    """
    samples = _samples(pixels, layout, to_photograph)
    colours = np.median(samples, axis=1)
    spread = np.median(np.abs(samples - colours[:, None]), axis=1).max(axis=1)
    hidden = (spread > UNEVEN) | (samples.min(axis=(1, 2)) < 0) | (colours.max(axis=1) >= CLIPPED)
    colours[hidden] = np.nan
    return _without_strangers(colours)


def seen_colours(pixels: Pixels, layout: CardLayout, to_photograph: Floats) -> Floats:
    """Return what `patch_colours` does, or NaN for all patches where together they are no card's."""
    colours = patch_colours(pixels, layout, to_photograph)
    return colours if _are_alike(colours) else np.full_like(colours, np.nan)


def is_card(patches: Floats, n_markers: int) -> bool:
    """Return whether patches (24, 3) beside so many markers are those of a card.

    Three markers in their right places are a card, two if the patches do not deny it, one if they prove it.
    """
    n_seen = int(np.isfinite(patches).all(axis=1).sum())
    if n_markers >= 3:
        return True
    return _are_alike(patches) and n_seen >= (LEAST_PATCHES if n_markers == 2 else 2 * LEAST_PATCHES)


def _are_alike(patches: Floats) -> bool:
    seen = np.isfinite(patches).all(axis=1)
    if seen.sum() < LEAST_PATCHES:
        return False
    references = reference_colours()[seen]
    if (patches[seen].std(axis=0) == 0).any():
        return False
    return min(float(np.corrcoef(patches[seen, c], references[:, c])[0, 1]) for c in range(3)) > ALIKE


def _samples(pixels: Pixels, layout: CardLayout, to_photograph: Floats) -> Floats:
    """Return values at places inside each patch, (24, N, 3); -1 outside the photograph."""
    rows, columns = SAMPLES
    across, down = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(-1, 1, rows))
    corners = layout.patches
    middles, halves = corners.mean(axis=1), (corners[:, 2] - corners[:, 0]) / 2 * INNER
    grid = np.stack([across.ravel(), down.ravel()], 1)
    places = (middles[:, None] + grid * halves[:, None]).reshape(-1, 1, 2)
    mapped = cv2.perspectiveTransform(places, to_photograph).astype(np.float32)
    values = cv2.remap(
        pixels, mapped[..., 0], mapped[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
    )
    height, width = pixels.shape[:2]
    x, y = mapped[:, 0, 0], mapped[:, 0, 1]
    inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    found = np.where(inside[:, None], values[:, 0].astype(np.float64), -1.0)
    return found.reshape(len(corners), rows * columns, 3)


def _without_strangers(colours: Floats) -> Floats:
    """Return patches without those that no light makes of what they should be.

    A plane through most patches of each channel, over the three of the reference, stands for the light; patches are
    weighted down as they leave it (Huber, Ann Math Statist 1964;35:73-101).
    """
    seen = np.isfinite(colours).all(axis=1)
    if seen.sum() < LEAST_PATCHES:
        return colours
    references = np.column_stack([reference_colours()[seen] / 255, np.ones(seen.sum())])
    values, weights = colours[seen], np.ones(int(seen.sum()))
    for _ in range(12):
        root = np.sqrt(weights)[:, None]
        plane = np.linalg.lstsq(references * root, values * root, rcond=None)[0]
        off = np.linalg.norm(values - references @ plane, axis=1)
        usual = max(4.0, 1.5 * float(np.median(off)))
        weights = np.minimum(1.0, usual / np.maximum(off, 1e-9)) ** 2
    kept = colours.copy()
    kept[np.flatnonzero(seen)[off > max(OFF, 4 * float(np.median(off)))]] = np.nan
    return kept


def grey_steps(patches: Floats) -> Floats:
    """Return the grey steps among patches (24, 3): (6, 3), from white to black."""
    return patches[GREYS]
