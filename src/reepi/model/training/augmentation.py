"""Chance in training: where a photograph is cut, turned and mirrored, and how its colours and sharpness vary."""

import os
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels

Affine = npt.NDArray[np.float64]
"""(2, 3) matrix from canvas pixel edges (x, y, 1) to photograph pixel edges (x, y)."""


Image = npt.NDArray[np.uint8 | np.uint16]


@dataclass(frozen=True)
class Cut:
    """A turned, scaled and perhaps mirrored window on a photograph.

    Parameters
    ----------
    centre : (float, float)
        Place (x, y) on the photograph that the canvas' middle shows [px, edges].
    scale : float
        Canvas pixels per photograph pixel.
    angle : float
        Turn [rad].
    mirrored : bool
        Whether left and right are swapped.
    """

    centre: tuple[float, float]
    scale: float
    angle: float
    mirrored: bool

    def affine(self, canvas: tuple[int, int], coarser: int = 1) -> Affine:
        """Return the map from a canvas (rows, columns), or one ``coarser`` times smaller, to the photograph."""
        cos, sin = np.cos(self.angle) / self.scale, np.sin(self.angle) / self.scale
        turn = np.array([[cos, -sin], [sin, cos]]) @ np.diag([-1.0 if self.mirrored else 1.0, 1.0])
        middle = np.array([canvas[1], canvas[0]]) / 2
        shift = np.asarray(self.centre) - turn @ middle
        return np.column_stack([turn * coarser, shift])


def warp(image: Image, affine: Affine, size: tuple[int, int], border: int) -> Image:
    """Return an image (H, W) or (H, W, 3) seen through an affine; labels (H, W) by nearest neighbour.

    A photograph that shrinks is averaged over the area of each pixel, as it is in use.
    """
    if image.ndim == 3:
        image, affine = _shrunk(*_seen_part(image, affine, size))
    centres = affine.copy()
    centres[:, 2] += affine[:, :2] @ [0.5, 0.5] - 0.5
    method = cv2.INTER_LINEAR if image.ndim == 3 else cv2.INTER_NEAREST
    flags = method | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, centres, (size[1], size[0]), flags=flags, borderValue=(border,) * 3)  # type: ignore[return-value]


def _seen_part(image: Image, affine: Affine, size: tuple[int, int]) -> tuple[Image, Affine]:
    """Return the part of a photograph that a canvas shows, with two canvas pixels around, and the affine to it."""
    ends = np.array([[-2, -2], [-2, size[0] + 2], [size[1] + 2, -2], [size[1] + 2, size[0] + 2]])
    places = ends @ affine[:, :2].T + affine[:, 2]
    bounds = np.array([image.shape[1], image.shape[0]])
    first = np.floor(places.min(axis=0)).astype(int).clip(0, bounds - 1)
    last = np.ceil(places.max(axis=0)).astype(int).clip(first + 1, bounds)
    moved = affine.copy()
    moved[:, 2] -= first
    return image[first[1] : last[1], first[0] : last[0]], moved


def _shrunk(image: Image, affine: Affine) -> tuple[Image, Affine]:
    """Return a photograph at the size at which an affine shows it, if that is smaller, and the affine from there."""
    height, width = image.shape[:2]
    scale = float(abs(np.linalg.det(affine[:, :2])) ** -0.5)
    if scale >= 1:
        return image, affine
    columns, rows = (max(1, round(side * scale)) for side in (width, height))
    small = cv2.resize(image, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(small, image.dtype), np.diag([columns / width, rows / height]) @ affine


BEND_CELLS: Final = 4
"""Cells of the grid whose corners are moved where a photograph is bent, along its long side."""

BEND: Final = 0.025
"""How far the corners of that grid are moved [long sides, standard deviation]."""


def draw_bend(rng: np.random.Generator, canvas: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Return a smooth random shift of every pixel of a canvas (rows, columns), (H, W, 2) as x and y [px].

    Bodies of other shapes and limbs in other poses come of it; what a pixel shows of the body stays true, as the map of
    the body is bent with the photograph.
    """
    cell = max(canvas) / BEND_CELLS
    corners = tuple(int(np.ceil(side / cell)) + 1 for side in canvas)
    moved = rng.normal(0, BEND * max(canvas), (*corners, 2)).astype(np.float32)
    return np.asarray(cv2.resize(moved, (canvas[1], canvas[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def bent(pixels: Pixels, bend: npt.NDArray[np.float32]) -> Pixels:
    """Return a photograph on its canvas (H, W, 3) bent by a shift (H, W, 2); 0 beyond the edge."""
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]].astype(np.float32)
    return np.asarray(cv2.remap(pixels, columns + bend[..., 0], rows + bend[..., 1], cv2.INTER_LINEAR), np.uint8)


def bent_labels(labels: Image, affine: Affine, bend: npt.NDArray[np.float32], coarser: int) -> Image:
    """Return the labels of a bent photograph on a grid that is so many times coarser than its canvas.

    Parameters
    ----------
    labels : (H, W)
        Of the photograph as it is stored.
    affine : (2, 3)
        Map from the canvas to the photograph.
    bend : (rows, columns, 2) float32
        Shift of the canvas.
    coarser : int
        Canvas pixels per cell of the grid, either way.

    Returns
    -------
    (rows / coarser, columns / coarser)
        What lies where the middle of each cell looks; 0 beyond the photograph.
    """
    rows, columns = (side // coarser for side in bend.shape[:2])
    shift = cv2.resize(bend, (columns, rows), interpolation=cv2.INTER_AREA)
    y, x = (np.mgrid[:rows, :columns] + 0.5) * coarser
    seen = np.stack([x + shift[..., 0], y + shift[..., 1], np.ones_like(x)], axis=-1) @ affine.T
    column, row = np.floor(seen).astype(np.int64).transpose(2, 0, 1)
    height, width = labels.shape
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    return np.where(inside, labels[row.clip(0, height - 1), column.clip(0, width - 1)], labels.dtype.type(0))


COLOUR_CHANCE: Final = 0.5
BLUR_CHANCE: Final = 0.15
NOISE_CHANCE: Final = 0.15
JPEG_CHANCE: Final = 0.2
HUE_SHIFT: Final = 6
"""Largest turn of the hue [of 180]; more would turn red skin into brown and so change its tissue."""


class Appearance:
    """Draws colour, light, blur, noise and compression for a photograph on the canvas.

    Parameters
    ----------
    seed : int
        Seed of its chance.
    """

    def __init__(self, seed: int) -> None:
        # Set before the import, which otherwise asks the package index for a newer version.
        os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")
        import albumentations

        colour = [
            albumentations.RandomBrightnessContrast(brightness_limit=0.25, contrast_limit=0.25, p=COLOUR_CHANCE),
            albumentations.HueSaturationValue(HUE_SHIFT, 25, 10, p=COLOUR_CHANCE / 2),
            albumentations.RandomGamma((75, 135), p=COLOUR_CHANCE / 2),
            albumentations.RGBShift(12, 8, 12, p=COLOUR_CHANCE / 2),
        ]
        blur = albumentations.OneOf(
            [
                albumentations.GaussianBlur((3, 5)),
                albumentations.MotionBlur((3, 7)),
                albumentations.Downscale((0.4, 0.8)),
            ],
            p=BLUR_CHANCE,
        )
        noise = [
            albumentations.GaussNoise((0.01, 0.06), p=NOISE_CHANCE),
            albumentations.ImageCompression(quality_range=(35, 95), p=JPEG_CHANCE),
        ]
        self._steps = albumentations.Compose([*colour, blur, *noise], seed=seed)

    def __call__(self, pixels: Pixels, rng: np.random.Generator | None = None) -> Pixels:
        """Return a changed copy of pixels (H, W, 3); with a generator, the chance depends on its state alone."""
        if rng is not None:
            # One seed each: a seed that all steps share would let them change a photograph in step.
            for step in self._steps.transforms:
                step.set_random_seed(int(rng.integers(2**31)))
        return np.asarray(self._steps(image=pixels)["image"], np.uint8)


def elsewhere(pixels: Pixels, body: npt.NDArray[np.bool_], rng: np.random.Generator) -> Pixels:
    """Return a copy with a smooth random texture wherever there is no body (H, W), as if taken on other bedding."""
    height, width = body.shape
    texture = np.zeros((height, width), np.float32)
    for _ in range(2):
        cells = rng.integers(3, 40, 2)
        noise = rng.standard_normal((int(cells[0]), int(cells[1]))).astype(np.float32)
        texture += np.float32(rng.uniform(0, 0.12)) * cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    colour = rng.uniform(10, 250, 3).astype(np.float32)
    bedding = np.clip(colour * (1 + texture[..., None]), 0, 255)
    there = cv2.GaussianBlur(body.astype(np.float32), (0, 0), 0.6)[..., None]
    return np.asarray(pixels * there + bedding * (1 - there), np.uint8)


def occlude(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Return a copy with one to three plain or noisy rectangles over it, as sheets and hands hide skin."""
    covered = pixels.copy()
    height, width = pixels.shape[:2]
    for _ in range(rng.integers(1, 4)):
        h, w = (int(side * rng.uniform(0.08, 0.35)) for side in (height, width))
        top, left = rng.integers(0, height - h), rng.integers(0, width - w)
        colour = rng.integers(0, 256, 3)
        grain = rng.normal(0, rng.uniform(0, 25), (h, w, 1))
        covered[top : top + h, left : left + w] = np.clip(colour + grain, 0, 255).astype(np.uint8)
    return covered
