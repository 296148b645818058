"""The same view of an earlier day as a source of correspondences: patches of skin are found again.

Each day is registered by itself first, so both photographs are known to a few centimetres. The earlier photograph is
drawn as the later camera would see it, and patches of skin that shows no lesion are sought in their neighbourhood by
normalised cross-correlation. Where a patch is found again, the later pixel shows the skin that the earlier one was laid
on: both maps then agree on what is the same skin, whatever they share of error.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from reepi.body.articulation import rotations
from reepi.body.template import BodyTemplate
from reepi.core.images import Mask, Photograph, Pixels
from reepi.core.surface import NO_FACE, Registration
from reepi.core.tissue import Tissue
from reepi.mapping.correspondences import Correspondences, evenly_spread
from reepi.mapping.registration import camera_and_pose

Floats = npt.NDArray[np.float32]

PX_PER_MM = 0.6
"""Scale at which patches are compared: pores and noise are gone, moles and mottles are left."""

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
    scale, scale_before = _scale(later.registration), _scale(earlier.registration)
    if scale is None or scale_before is None:
        return None
    faces = _resized(later.registration.faces, scale)
    look, calm = _looks(later, scale)
    look_before, calm_before = _looks(earlier, scale_before)
    sight = (_earlier_pixels(faces, earlier.registration, template) + 0.5) * np.float32(scale_before) - 0.5
    calm = calm * _drawn(calm_before, sight) * np.isfinite(sight).all(axis=-1)
    patches = _found_again(look, _drawn(look_before, sight), calm)
    kept = _agreeing(patches)
    if not len(kept):
        return None
    places, found = patches.places[kept], patches.places[kept] + patches.shifts[kept]
    n = len(kept)
    return Correspondences(
        np.asarray((found + 0.5) / scale - 0.5, np.float64),
        faces[places[:, 1], places[:, 0]].astype(np.int64),
        np.full((n, 3), 1 / 3),
        np.full(n, SIGMA_M),
        np.ones(n),
        "earlier_day",
    )


def _scale(registration: Registration) -> float | None:
    """Return common pixels per photograph pixel, or None where nothing is registered."""
    shown = registration.faces != NO_FACE
    if not shown.any():
        return None
    camera, _ = camera_and_pose(registration)
    px_per_mm = camera.focal_px / float(np.median(registration.distance_mm[shown]))
    return PX_PER_MM / px_per_mm


def _resized(faces: npt.NDArray[np.int32], scale: float) -> npt.NDArray[np.int32]:
    size = (max(1, round(faces.shape[1] * scale)), max(1, round(faces.shape[0] * scale)))
    return np.asarray(cv2.resize(faces, size, interpolation=cv2.INTER_NEAREST), np.int32)


def _looks(registered: RegisteredPhotograph, scale: float) -> tuple[Floats, Floats]:
    """Return how a photograph looks at the common scale, and how much of each pixel shows no lesion."""
    height, width = registered.mask.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = cv2.resize(registered.photograph.pixels, size, interpolation=cv2.INTER_AREA)
    calm = cv2.resize(np.isin(registered.mask, CALM).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return _evened(np.asarray(pixels, np.uint8)), np.asarray(calm, np.float32)


def _earlier_pixels(faces: npt.NDArray[np.int32], earlier: Registration, template: BodyTemplate) -> Floats:
    """Return where the earlier photograph shows the skin of each pixel (H, W, 2), x before y; NaN where it does not."""
    camera, pose = camera_and_pose(earlier)
    posed = template.posed(rotations(template, pose))
    pixels = camera.project(posed[template.faces].mean(axis=1)).astype(np.float32)
    shown = np.zeros(template.n_faces, bool)
    shown[np.unique(earlier.faces[earlier.faces != NO_FACE])] = True
    both = (faces != NO_FACE) & shown[faces]
    places = np.where(both[..., None], pixels[faces], np.nan)
    return _smoothed(np.asarray(places, np.float32), both)


def _smoothed(places: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Return places averaged over a face's width, so that they do not jump from face to face; NaN stays."""
    weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), 2.5)
    sums = [cv2.GaussianBlur(np.where(known, places[..., axis], 0), (0, 0), 2.5) for axis in (0, 1)]
    mean = np.stack(sums, axis=-1) / np.maximum(weight, 1e-6)[..., None]
    return np.asarray(np.where(known[..., None], mean, np.nan), np.float32)


def _drawn(image: Floats, sight: Floats) -> Floats:
    """Return an image of the earlier photograph as the later one would show it, 0 where it shows none."""
    places = np.nan_to_num(sight, nan=-9.0)
    return np.asarray(cv2.remap(image, places[..., 0], places[..., 1], cv2.INTER_LINEAR), np.float32)


def _evened(pixels: Pixels) -> Floats:
    """Return lightness and redness (H, W, 2), each less its surroundings' mean and over their spread."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[..., :2].astype(np.float32)
    reach = PATCH_MM * PX_PER_MM
    rest = lab - cv2.GaussianBlur(lab, (0, 0), reach)
    spread = np.sqrt(cv2.GaussianBlur(rest**2, (0, 0), reach)) + 1
    return np.asarray(rest / spread, np.float32)


def _found_again(now: Floats, before: Floats, calm: Floats) -> _Patches:
    half, reach = round(PATCH_MM * PX_PER_MM), round(REACH_MM * PX_PER_MM)
    share = cv2.boxFilter(calm, -1, (2 * half + 1, 2 * half + 1))
    step, margin = max(1, round(SPACING_MM * PX_PER_MM)), half + reach
    rows, columns = np.meshgrid(
        np.arange(margin, now.shape[0] - margin, step), np.arange(margin, now.shape[1] - margin, step), indexing="ij"
    )
    chosen = share[rows, columns] >= LEAST_CALM
    places = np.stack([columns[chosen], rows[chosen]], axis=1).astype(np.int64)
    places = places[evenly_spread(places.astype(np.float64), np.zeros(len(places)), MOST_PATCHES)]
    best = [_best_match(now, before, x, y, half, reach) for x, y in places]
    shifts = np.array([(dx, dy) for dx, dy, _ in best], np.int64).reshape(-1, 2)
    return _Patches(places, shifts, np.array([likeness for _, _, likeness in best], np.float64))


def _best_match(now: Floats, before: Floats, x: int, y: int, half: int, reach: int) -> tuple[int, int, float]:
    """Return by how many pixels the patch at a place is displaced, and how alike it is there."""
    patch = before[y - half : y + half + 1, x - half : x + half + 1]
    around = half + reach
    area = now[y - around : y + around + 1, x - around : x + around + 1]
    likeness = cv2.matchTemplate(area, patch, cv2.TM_CCOEFF_NORMED)
    _, best, _, (column, row) = cv2.minMaxLoc(likeness)
    return column - reach, row - reach, float(best)


def _agreeing(patches: _Patches) -> npt.NDArray[np.int64]:
    """Return which patches are alike enough and displaced like their neighbours; none if that may be chance."""
    alike = np.flatnonzero(patches.likeness >= LEAST_LIKENESS)
    if len(alike) <= NEIGHBOURS:
        return alike[:0]
    _, beside = cKDTree(patches.places[alike]).query(patches.places[alike], k=np.arange(2, NEIGHBOURS + 2))
    middle = np.median(patches.shifts[alike][beside], axis=1)
    off_mm = np.linalg.norm(patches.shifts[alike] - middle, axis=1) / PX_PER_MM
    agreeing = off_mm <= AGREEING_MM
    enough = agreeing.sum() >= FEWEST_PATCHES and agreeing.mean() >= AGREEING_SHARE
    return np.asarray(alike[agreeing & enough], np.int64)
