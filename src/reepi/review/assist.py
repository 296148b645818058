"""Help with borders: an area grows or shrinks to the next edge of colour, a patch of like skin is taken at one click.

Only a window around the place is looked at, and no more finely than a border can be seen, so that both answer at once
on photographs of any size.
"""

from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Mask, Pixels
from reepi.core.tissue import Tissue
from reepi.review.edits import connected
from reepi.review.patches import Area, Patch, Place, pixel_at, relabelled

REACH: Final = 1 / 60
"""How far a border moves at most, as a share of the photograph's long side."""

SUPERPIXEL: Final = 1 / 70
"""Side of a superpixel, as a share of the photograph's long side."""

WINDOW_PX: Final = 700
"""Long side at which a window is looked at; larger ones are looked at smaller [px]."""

COMPACTNESS: Final = 12.0
"""Weight of nearness against likeness of colour in a superpixel."""


def grown(mask: Mask, pixels: Pixels, at: Place, reach_px: int | None = None) -> Patch | None:
    """Return the change that lets the connected area under a place grow to the next edge of colour.

    Parameters
    ----------
    mask : (H, W) uint8
        The tissues.
    pixels : (H, W, 3) uint8
        The photograph.
    at : (int, int)
        Row and column.
    reach_px : int, optional
        How far the border moves at most [px]; a `REACH` of the photograph if not given.
    """
    return _to_edge(mask, pixels, at, reach_px, "outwards")


def shrunk(mask: Mask, pixels: Pixels, at: Place, reach_px: int | None = None) -> Patch | None:
    """Return the change that lets the connected area under a place shrink to the next edge of colour; see `grown`.

    What it leaves gets the tissue that borders it most.
    """
    return _to_edge(mask, pixels, at, reach_px, "inwards")


def superpixel(pixels: Pixels, at: Place, side_px: int | None = None) -> Area | None:
    """Return the patch of like colour that a place of a photograph (H, W, 3) lies in.

    Simple linear iterative clustering (Achanta et al., IEEE Trans Pattern Anal Mach Intell 2012;34:2274-2282) in a
    window around the place. The window's grid is fixed to the photograph, so a second click finds the same patch.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        The photograph.
    at : (int, int)
        Row and column.
    side_px : int, optional
        Its side, roughly [px]; a `SUPERPIXEL` of the photograph's long side if not given.
    """
    from skimage.segmentation import slic

    pixel = pixel_at(pixels[..., 0], at)
    if pixel is None:
        return None
    side = side_px or max(4, round(max(pixels.shape[:2]) * SUPERPIXEL))
    cell = 2 * side
    top, left = (max(0, (place // cell - 1) * cell) for place in pixel)
    window = pixels[top : top + 3 * cell, left : left + 3 * cell]
    scale = min(1.0, 24 / side)
    small = _resized(window, scale, cv2.INTER_AREA)
    wanted = max(1, round(window.shape[0] * window.shape[1] / side**2))
    labels = slic(small, wanted, COMPACTNESS, max_num_iter=5, start_label=0, enforce_connectivity=True)
    full = cv2.resize(labels.astype(np.float32), window.shape[1::-1], interpolation=cv2.INTER_NEAREST_EXACT)
    chosen = full == full[pixel[0] - top, pixel[1] - left]
    return _cut(chosen, top, left)


def _to_edge(
    mask: Mask, pixels: Pixels, at: Place, reach_px: int | None, way: Literal["outwards", "inwards"]
) -> Patch | None:
    own_area = connected(mask, at)
    if own_area is None:
        return None
    reach = reach_px or max(3, round(max(mask.shape) * REACH))
    rows, columns = (_widened(each, 2 * reach, size) for each, size in zip(own_area.window, mask.shape, strict=True))
    top, left = rows.start, columns.start
    window = mask[rows, columns]
    own = np.zeros(window.shape, np.uint8)
    inside = own[own_area.top - top :, own_area.left - left :]
    inside[: own_area.inside.shape[0], : own_area.inside.shape[1]] = own_area.inside
    scale = min(1.0, WINDOW_PX / max(window.shape))
    share = _flooded(_resized(pixels[rows, columns], scale, cv2.INTER_AREA), _shrunk(own, scale), reach * scale, way)
    found = np.asarray(cv2.resize(share, window.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5)
    if way == "outwards":
        tissue = int(window[own.astype(bool)][0])
        return relabelled(mask, Area(top, left, found), tissue)
    return relabelled(mask, Area(top, left, own.astype(bool) & ~found), _around(window, own))


def _widened(window: slice, by: int, size: int) -> slice:
    return slice(max(0, window.start - by), min(size, window.stop + by))


def _flooded(
    pixels: Pixels, own: npt.NDArray[np.uint8], reach: float, way: Literal["outwards", "inwards"]
) -> npt.NDArray[np.float32]:
    """Return where the area is (h, w) once a flood from inside and one from outside met at the edges between."""
    from skimage.segmentation import watershed

    size = 2 * max(1, round(reach)) + 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    least = own if way == "outwards" else cv2.erode(own, brush)
    most = cv2.dilate(own, brush) if way == "outwards" else own
    markers = np.where(least > 0, 2, np.where(most > 0, 0, 1)).astype(np.int32)
    flooded = watershed(edge_strength(pixels), markers)  # type: ignore[no-untyped-call]
    return np.asarray(flooded == 2, np.float32)


def edge_strength(pixels: Pixels) -> npt.NDArray[np.float32]:
    """Return how much colour changes at each pixel of a photograph (H, W, 3), in CIELAB, (H, W)."""
    lab = cv2.cvtColor(cv2.GaussianBlur(pixels, (0, 0), 1.2), cv2.COLOR_RGB2LAB).astype(np.float32)
    dx, dy = cv2.Sobel(lab, cv2.CV_32F, 1, 0), cv2.Sobel(lab, cv2.CV_32F, 0, 1)
    return np.asarray(np.sqrt((dx**2 + dy**2).sum(axis=2)), np.float32)


def _around(window: Mask, own: npt.NDArray[np.uint8]) -> int:
    """Return the tissue that borders an area most."""
    rim = (cv2.dilate(own, np.ones((3, 3), np.uint8)) > 0) & (own == 0)
    return int(np.bincount(window[rim]).argmax()) if rim.any() else int(Tissue.INTACT)


def _resized(pixels: Pixels, scale: float, way: int) -> Pixels:
    if scale >= 1:
        return pixels
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=way), np.uint8)


def _shrunk(own: npt.NDArray[np.uint8], scale: float) -> npt.NDArray[np.uint8]:
    return _resized(own, scale, cv2.INTER_NEAREST_EXACT)


def _cut(area: npt.NDArray[np.bool_], top: int, left: int) -> Area:
    x, y, width, height = cv2.boundingRect(area.astype(np.uint8))
    return Area(top + y, left + x, area[y : y + height, x : x + width])
