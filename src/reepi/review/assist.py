"""Borders that snap to what the eye sees: an area grows or shrinks to colour edges.

Each function leaves photograph and mask as they are and looks only at a window around the place.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Mask, Pixels
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.review.edits import connected
from reepi.review.patches import Area, Patch, Place, difference, one_of, relabelled
from reepi.review.windows import moved, reduced, resized, widened

GROWS_OVER: Final = (*(tissue for tissue in Tissue if tissue != Tissue.BACKGROUND), UNLABELLED)
"""What an area grows over unless told otherwise: it does not leave the patient."""

STEP_SHARE: Final = 0.01
"""How far a border moves at most, unless told otherwise, as a share of the photograph's longer side."""

_WORKING_STEP_PX: Final = 12.0
"""Windows are reduced until a step is so many pixels: more cost time and add noise, not edges."""

_WORKING_PIXELS: Final = 1_000_000
"""Windows are reduced until they hold no more pixels than this."""

_KEPT_DEPTH: Final = 0.6
"""A thin part shrinks at most by this share of its half-width, so that no part vanishes at once."""


def grown(
    mask: Mask,
    pixels: Pixels,
    at: Place,
    step_px: float | None = None,
    over: Collection[int] = GROWS_OVER,
) -> Patch | None:
    """Return the change that lets the connected area under a place grow to the next colour edges.

    The new border is a watershed of the photograph between the area and what is further than a step from it
    (Meyer, Color image segmentation, 1992; OpenCV). Where no edge lies in between it ends about half-way.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel.
    pixels : (H, W, 3) uint8
        The photograph, sRGB.
    at : (float, float)
        Row and column [px].
    step_px : float, optional
        How far the border moves at most [px]; `STEP_SHARE` of the longer side if not given.
    over : collection of int, optional
        What the area may grow over.

    Returns
    -------
    Patch or None
        None if nothing grows, or the place lies outside the photograph.
    """
    scene = _scene(mask, pixels, at, step_px)
    if scene is None:
        return None
    away = cv2.distanceTransform((~scene.inside).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    barred = ~one_of(over)[scene.mask] & ~scene.inside
    flooded = _watershed(scene.pixels, scene.inside, (away > scene.step_px) | barred)
    return relabelled(mask, scene.enlarged(flooded), scene.tissue, over)


def shrunk(mask: Mask, pixels: Pixels, at: Place, step_px: float | None = None) -> Patch | None:
    """Return the change that lets the connected area under a place shrink to the next colour edges.

    What it gives up becomes the nearest other tissue.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel.
    pixels : (H, W, 3) uint8
        The photograph, sRGB.
    at : (float, float)
        Row and column [px].
    step_px : float, optional
        How far the border moves at most [px]; `STEP_SHARE` of the longer side if not given.

    Returns
    -------
    Patch or None
        None if nothing shrinks, the area is the whole photograph, or the place lies outside it.
    """
    scene = _scene(mask, pixels, at, step_px)
    if scene is None or scene.inside.all() or (scene.mask == scene.tissue).all():
        return None
    kept = scene.enlarged(_watershed(scene.pixels, _core(scene), ~scene.inside))
    after = mask[kept.window].copy()
    given_up = scene.area & ~kept.inside
    after[given_up] = resized(_nearest_other(scene), after.shape, cv2.INTER_NEAREST_EXACT)[given_up]
    return difference(mask[kept.window], after, kept.top, kept.left)


@dataclass(frozen=True)
class _Scene:
    """The connected area that a reader means, and the window around it, reduced to working size.

    Parameters
    ----------
    window : (slice, slice)
        Rows and columns of the window in the photograph.
    area : (H, W) bool
        The area, in the window as it is.
    tissue : int
        Its mask value.
    pixels, mask, inside : (h, w, ...)
        The photograph, the mask and the area, reduced.
    step_px : float
        How far the border may move, in reduced pixels.
    """

    window: tuple[slice, slice]
    area: npt.NDArray[np.bool_]
    tissue: int
    pixels: Pixels
    mask: Mask
    inside: npt.NDArray[np.bool_]
    step_px: float

    def enlarged(self, inside: npt.NDArray[np.bool_]) -> Area:
        """Return reduced pixels (h, w) as an area of the photograph, its border smooth."""
        smooth = resized(inside.astype(np.float32), self.area.shape, cv2.INTER_LINEAR) > 0.5
        return Area(self.window[0].start, self.window[1].start, smooth)


def _scene(mask: Mask, pixels: Pixels, at: Place, step_px: float | None) -> _Scene | None:
    if pixels.shape[:2] != mask.shape:
        raise ValueError(f"photograph {pixels.shape[:2]} and mask {mask.shape} must be of one size")
    step = STEP_SHARE * max(mask.shape) if step_px is None else step_px
    if not 1 <= step < np.inf:
        raise ValueError(f"a border moves by 1 px or more, not {step}")
    found = connected(mask, at)
    if found is None:
        return None
    window = widened(found.window, mask.shape, int(2 * step) + 1)
    area = moved(found, window)
    factor = max(1.0, step / _WORKING_STEP_PX, (area.size / _WORKING_PIXELS) ** 0.5)
    share = reduced(area.astype(np.float32), factor)
    inside = share > (0.5 if share.max() > 0.5 else 0)
    small = resized(mask[window], share.shape, cv2.INTER_NEAREST_EXACT)
    tissue = int(mask[found.window][found.inside][0])
    return _Scene(window, area, tissue, reduced(pixels[window], factor), small, inside, step / factor)


def _watershed(pixels: Pixels, inner: npt.NDArray[np.bool_], outer: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the side of the inner seeds, (h, w), of the border that a watershed draws between them and the outer."""
    labels = np.where(inner, 1, np.where(outer, 2, 0)).astype(np.int32)
    cv2.watershed(cv2.GaussianBlur(pixels, (0, 0), 1), labels)
    side = (labels == 1).view(np.uint8)
    # The ridge itself is a pixel wide and is shared out to the inner side, never over an outer seed.
    ridge = (labels == -1) & (cv2.dilate(side, np.ones((3, 3), np.uint8)) > 0)
    return np.asarray(inner | (labels == 1) | (ridge & ~outer))


def _core(scene: _Scene) -> npt.NDArray[np.bool_]:
    """Return the part of the area that stays: deeper than a step, or the middle of what is thinner than that."""
    depth = cv2.distanceTransform(scene.inside.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    side = 2 * int(np.ceil(scene.step_px)) + 1
    deepest = cv2.dilate(depth, np.ones((side, side), np.uint8))
    return np.asarray((depth > np.minimum(scene.step_px, _KEPT_DEPTH * deepest)) & scene.inside)


def _nearest_other(scene: _Scene) -> Mask:
    """Return for each reduced pixel (h, w) the tissue of the nearest pixel that has another tissue than the area."""
    same = scene.mask == scene.tissue
    _, labels = cv2.distanceTransformWithLabels(
        same.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    tissues = np.zeros(labels.max() + 1, np.uint8)
    tissues[labels[~same]] = scene.mask[~same]
    return np.asarray(tissues[labels])
