"""The same view of an earlier day as a source of correspondences: patches of skin are found again.

Each day is registered by itself first, so both photographs are known to a few centimetres. The earlier photograph is
drawn as the later camera would see it, and patches of skin that shows no lesion are sought in their neighbourhood by
normalised cross-correlation. Where a patch is found again, the later pixel shows the skin that the earlier one was laid
on: both maps then agree on what is the same skin, whatever they share of error.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences
from reepi.core.images import Mask, Photograph, Pixels
from reepi.core.surface import NO_FACE, Registration
from reepi.core.tissue import Tissue
from reepi.mapping.correspondences import evenly_spread
from reepi.mapping.registration import ShownSkin, shown_skin

Floats = npt.NDArray[np.float32]

MOST_PX_PER_MM = 0.6
"""Scale at which patches are compared: pores and noise are gone, moles and mottles are left. Where one of the pictures
has less, that is enough."""

PATCH_MM = 26.0
"""Half the side of a patch [mm]."""

REACH_MM = 45.0
"""How far a patch is sought from where the two registrations put it [mm]."""

SPACING_MM = 18.0
"""Distance between patches [mm]."""

LEAST_LIKENESS = 0.45
"""Least normalised cross-correlation of a patch that is found again; on rendered patients of two days nine of ten such
patches are the same skin once their neighbours agree."""

LEAST_CALM = 0.7
"""Least part of a patch that shows intact or red skin on both days: the edges of lesions move between days."""

NEIGHBOURS = 6
AGREEING_MM = 7.0
"""A patch counts if the median of its neighbours was displaced like it, to so much [mm]."""

MOST_PATCHES = 250
"""Patches that are sought; more would cost time and add little."""

FEWEST_PATCHES = 12
AGREEING_SHARE = 0.5
"""With fewer patches that agree, or with more that are alike and do not, chance could have brought them: of patches
that are alike by chance, one in ten is displaced like its neighbours."""

SIGMA_M = 0.008
"""Expected error of a patch that is found again [m]."""

CALM = (Tissue.INTACT, Tissue.ERYTHEMA)

BLUR_SHRINK = 4
"""How many times smaller the picture is in which surroundings are averaged."""

FINE_REACH_PX = 2
"""How far a patch may lie from where it was found at half the size [px of the common scale]."""

FACE_WIDTH_PX = 2.5
"""Standard deviation over which places of faces are averaged [px of the common scale]."""

EVERY_OTHER = np.array([[0.5, 0, 0], [0, 0.5, 0]])
"""From pixels of a picture to those of one that has every other row and column of it."""

NOWHERE_PX = -9.0
"""Row and column that no picture has."""

_IS_CALM = np.isin(np.arange(256), CALM).astype(np.float32)
"""By the value of a mask."""


@dataclass(frozen=True)
class RegisteredPhotograph:
    """A photograph with its tissues and its registration.

    Parameters
    ----------
    photograph : Photograph
        At working size.
    mask : (H, W) uint8
        Its tissues.
    registration : Registration
        Its place on the body.
    """

    photograph: Photograph
    mask: Mask
    registration: Registration


@dataclass(frozen=True)
class _Patches:
    """Where patches were expected in the later picture, how far off they were found, and how alike they are.

    Places and shifts are (N, 2), x before y, in pixels of the common scale.
    """

    places: npt.NDArray[np.int64]
    shifts: npt.NDArray[np.int64]
    likeness: npt.NDArray[np.float64]


def correspondences_from_earlier(
    later: RegisteredPhotograph, earlier: RegisteredPhotograph, template: BodyTemplate
) -> Correspondences | None:
    """Return the correspondences of a photograph with the body as an earlier day's registration lays it.

    Parameters
    ----------
    later, earlier : RegisteredPhotograph
        The same view of two days, each registered by itself.
    template : BodyTemplate
        The patient's body.

    Returns
    -------
    Correspondences or None
        None where too few patches of skin are found again.
    """
    skin, skin_before = (shown_skin(each.registration, template) for each in (later, earlier))
    if not len(skin.faces) or not len(skin_before.faces):
        return None
    own, own_before = _px_per_mm(later.registration, skin), _px_per_mm(earlier.registration, skin_before)
    px_per_mm = min(own, own_before, MOST_PX_PER_MM)
    scale, scale_before = px_per_mm / own, px_per_mm / own_before
    sizes = _Sizes.at(px_per_mm)
    faces = _resized(later.registration, scale)
    window = _window(faces != NO_FACE, sizes)
    faces = faces[window.rows, window.columns]
    before = _places(skin_before) * np.float32(scale_before)
    there = _window_around(before[_present(faces, skin.n_faces)], _size(earlier.mask.shape, scale_before), sizes)
    if there is None:
        return None
    sight = _smoothed(before - np.array([there.columns.start + 0.5, there.rows.start + 0.5], np.float32), faces)
    look, calm = _looks(later, scale, window, sizes)
    look_before, calm_before = (_drawn(image, sight) for image in _looks(earlier, scale_before, there, sizes))
    patches = _found_again(look, look_before, calm * calm_before, sizes)
    kept = _agreeing(patches, px_per_mm)
    if not len(kept):
        return None
    places, n = patches.places[kept], len(kept)
    found = places + patches.shifts[kept] + np.array([window.columns.start, window.rows.start])
    return Correspondences(
        np.asarray((found + 0.5) / scale - 0.5, np.float64),
        faces[places[:, 1], places[:, 0]].astype(np.int64),
        np.full((n, 3), 1 / 3),
        np.full(n, SIGMA_M),
        np.ones(n),
        "earlier_day",
    )


@dataclass(frozen=True)
class _Sizes:
    """Half the side of a patch, how far it is sought, and the distance between patches [px of the common scale]."""

    half: int
    reach: int
    step: int

    @classmethod
    def at(cls, px_per_mm: float) -> "_Sizes":
        half, reach, step = (round(length * px_per_mm) for length in (PATCH_MM, REACH_MM, SPACING_MM))
        return cls(max(1, half), max(1, reach), max(1, step))

    @property
    def margin(self) -> int:
        """Room that patches and their search need around what is looked at."""
        return 2 * self.half + self.reach


def _px_per_mm(registration: Registration, skin: ShownSkin) -> float:
    """Return how many pixels of a photograph are a millimetre of its skin."""
    shown = registration.drawn[registration.drawn != NO_FACE]
    return skin.camera.focal_px / float(np.median(skin.distance_mm[shown]))


def _size(shape: tuple[int, ...], scale: float) -> tuple[int, int]:
    """Return height and width at the common scale."""
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def _resized(registration: Registration, scale: float) -> npt.NDArray[np.int32]:
    """Return the face that each pixel shows at the common scale, (h, w)."""
    size = _size(registration.size, scale)
    return np.asarray(cv2.resize(registration.drawn, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT), np.int32)


@dataclass(frozen=True)
class _Window:
    """A part of a picture at the common scale: all that is looked at."""

    rows: slice
    columns: slice


def _window(known: npt.NDArray[np.bool_], sizes: _Sizes) -> _Window:
    """Return the window of what is known (H, W), with as much around it as patches and their search reach."""
    rows, columns = (np.flatnonzero(known.any(axis=axis)) for axis in (1, 0))
    return _grown(rows, columns, (known.shape[0], known.shape[1]), sizes.margin)


def _window_around(places: Floats, size: tuple[int, int], sizes: _Sizes) -> _Window | None:
    """Return the window that holds places (N, 2), x before y, with as much around it; None if all are NaN."""
    known = places[np.isfinite(places[:, 0])]
    return _grown(known[:, 1], known[:, 0], size, sizes.margin) if len(known) else None


def _grown(rows: npt.NDArray[Any], columns: npt.NDArray[Any], size: tuple[int, int], margin: int) -> _Window:
    spans = []
    for places, length in zip((rows, columns), size, strict=True):
        low, high = int(places.min()) - margin, int(places.max()) + margin + 1
        start = min(max(low, 0), length - 1)
        spans.append(slice(start, max(min(high, length), start + 1)))
    return _Window(*spans)


def _looks(registered: RegisteredPhotograph, scale: float, window: _Window, sizes: _Sizes) -> tuple[Floats, Floats]:
    """Return how a photograph looks in a window at the common scale, and how much of each pixel shows no lesion."""
    size = _size(registered.mask.shape, scale)
    pixels = cv2.resize(registered.photograph.pixels, size[::-1], interpolation=cv2.INTER_AREA)
    calm = cv2.resize(cv2.LUT(registered.mask, _IS_CALM), size[::-1], interpolation=cv2.INTER_AREA)
    cut = window.rows, window.columns
    return _evened(np.asarray(pixels[cut], np.uint8), sizes.half), np.asarray(calm[cut], np.float32)


def _places(skin: ShownSkin) -> Floats:
    """Return where a photograph shows each face and, last, `NO_FACE`, (F + 1, 2), x before y; NaN if nowhere.

    Counted from the corner of the picture, not from the middle of its first pixel.
    """
    places = np.full((skin.n_faces + 1, 2), np.nan, np.float32)
    places[skin.faces] = skin.camera.project(skin.middles) + 0.5
    return places


def _present(faces: npt.NDArray[np.int32], n_faces: int) -> npt.NDArray[np.bool_]:
    """Return which faces, and last whether `NO_FACE`, are in a picture (H, W), as (F + 1,)."""
    present = np.zeros(n_faces + 1, bool)
    present[faces] = True
    return present


def _smoothed(places: Floats, faces: npt.NDArray[np.int32]) -> Floats:
    """Return the places (F + 1, 2) of faces (H, W) averaged over a face's width, so that they do not jump.

    Where a face has no place, it is out of any picture. Half of the rows and columns tell as much of what is so smooth.
    """
    known = np.isfinite(places[:, 0])
    table = np.where(known[:, None], np.column_stack([places, np.ones(len(places), np.float32)]), np.float32(0))
    sums = cv2.GaussianBlur(np.take(table, faces[::2, ::2], axis=0), (0, 0), FACE_WIDTH_PX / 2)
    between = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    size = faces.shape[1], faces.shape[0]
    sums = cv2.warpAffine(sums, EVERY_OTHER, size, flags=between, borderMode=cv2.BORDER_REPLICATE)
    mean = sums[..., :2] / np.maximum(sums[..., 2:], np.float32(1e-6))
    mean[~known[faces]] = NOWHERE_PX
    return np.asarray(mean, np.float32)


def _drawn(image: Floats, sight: Floats) -> Floats:
    """Return an image of the earlier photograph as the later one would show it, 0 where it shows none."""
    return np.asarray(cv2.remap(image, sight[..., 0], sight[..., 1], cv2.INTER_LINEAR), np.float32)


def _evened(pixels: Pixels, reach_px: float) -> Floats:
    """Return lightness and redness (H, W, 2), each less its surroundings' mean and over their spread."""
    lightness, redness, _ = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB))
    image = cv2.merge([lightness, redness]).astype(np.float32)
    size = image.shape[1], image.shape[0]
    image -= cv2.resize(_surroundings(image, reach_px), size, interpolation=cv2.INTER_LINEAR)
    # Worked out in the small, so that the large is only multiplied.
    once_over_spread = 1 / (np.sqrt(_surroundings(image * image, reach_px)) + 1)
    image *= cv2.resize(once_over_spread, size, interpolation=cv2.INTER_LINEAR)
    return image


def _surroundings(image: Floats, reach_px: float) -> Floats:
    """Return the mean around each pixel (H, W, 2), weighted by a Gaussian of that width, for a smaller picture.

    It is `BLUR_SHRINK` times smaller: so wide a blur leaves nothing that it does not hold.
    """
    size = max(1, image.shape[1] // BLUR_SHRINK), max(1, image.shape[0] // BLUR_SHRINK)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), reach_px / BLUR_SHRINK), np.float32)


def _found_again(now: Floats, before: Floats, calm: Floats, sizes: _Sizes) -> _Patches:
    half, reach, step = sizes.half, sizes.reach, sizes.step
    share = cv2.boxFilter(calm, -1, (2 * half + 1, 2 * half + 1))
    margin = half + reach + 2 * FINE_REACH_PX
    rows, columns = np.meshgrid(
        np.arange(margin, now.shape[0] - margin, step), np.arange(margin, now.shape[1] - margin, step), indexing="ij"
    )
    chosen = share[rows, columns] >= LEAST_CALM
    places = np.stack([columns[chosen], rows[chosen]], axis=1).astype(np.int64)
    places = places[evenly_spread(places.astype(np.float64), np.zeros(len(places)), MOST_PATCHES)]
    if not len(places):
        return _Patches(places, places, np.zeros(0))
    coarse_now, coarse_before = _halved(now), _halved(before)
    found = []
    for x, y in places.tolist():
        # Sought at half the size, then found to the pixel.
        dx, dy, _ = _best_match(coarse_now, coarse_before, (x // 2, y // 2), (0, 0), half // 2, (reach + 1) // 2)
        found.append(_best_match(now, before, (x, y), (2 * dx, 2 * dy), half, FINE_REACH_PX))
    shifts = np.array([(dx, dy) for dx, dy, _ in found], np.int64).reshape(-1, 2)
    return _Patches(places, shifts, np.array([likeness for _, _, likeness in found], np.float64))


def _halved(image: Floats) -> Floats:
    return np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.float32)


def _best_match(
    now: Floats, before: Floats, place: tuple[int, int], expected: tuple[int, int], half: int, reach: int
) -> tuple[int, int, float]:
    """Return by how many pixels the patch at a place is displaced, around what is expected, and how alike it is."""
    x, y = place
    left, top = x + expected[0], y + expected[1]
    patch = before[y - half : y + half + 1, x - half : x + half + 1]
    around = half + reach
    area = now[top - around : top + around + 1, left - around : left + around + 1]
    likeness = cv2.matchTemplate(area, patch, cv2.TM_CCOEFF_NORMED)
    _, best, _, (column, row) = cv2.minMaxLoc(likeness)
    return expected[0] + column - reach, expected[1] + row - reach, float(best)


def _agreeing(patches: _Patches, px_per_mm: float) -> npt.NDArray[np.int64]:
    """Return which patches are alike enough and displaced like their neighbours; none if that may be chance."""
    alike = np.flatnonzero(patches.likeness >= LEAST_LIKENESS)
    if len(alike) <= NEIGHBOURS:
        return alike[:0]
    _, beside = cKDTree(patches.places[alike]).query(patches.places[alike], k=np.arange(2, NEIGHBOURS + 2))
    middle = np.median(patches.shifts[alike][beside], axis=1)
    off_mm = np.linalg.norm(patches.shifts[alike] - middle, axis=1) / px_per_mm
    agreeing = off_mm <= AGREEING_MM
    enough = agreeing.sum() >= FEWEST_PATCHES and agreeing.mean() >= AGREEING_SHARE
    return np.asarray(alike[agreeing & enough], np.int64)
