"""Where pixels of a photograph lie on the body: densely, as a network sees it, and as single correspondences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Source = Literal["network", "reader", "earlier_day", "truth"]


@dataclass(frozen=True)
class DensePrediction:
    """For every pixel of the network's grid: its point on the reference body, how sure, and whether it is body.

    Parameters
    ----------
    points : (H', W', 3) float32
        Canonical coordinates [m] on the reference adult in neutral pose: x to the patient's left, y to the back, z up.
    sigma : (H', W') float32
        Expected error of a point, the scale of a Laplace law [m].
    body : (H', W') float32
        Probability that the pixel shows skin of the body template, bare or under a dressing.
    scale : float
        Network pixels per photograph pixel.
    offset : (float, float)
        Place (x, y) of the photograph's top left corner on the network's grid, as pixel edges [network px].

    views : mapping of str to float
        Probability of each view of being the one that the photograph shows, whatever was declared.

    Notes
    -----
    Pixel (0, 0) is the *centre* of the top left pixel on both grids. A photograph pixel (x, y) lies at network pixel
    ``(x + 0.5) * scale + offset_x - 0.5``, and likewise for y.
    """

    points: npt.NDArray[np.float32]
    sigma: npt.NDArray[np.float32]
    body: npt.NDArray[np.float32]
    scale: float
    offset: tuple[float, float]
    views: Mapping[str, float]

    def __post_init__(self) -> None:
        grid = self.body.shape
        if self.points.shape != (*grid, 3) or self.sigma.shape != grid or len(grid) != 2:
            raise ValueError(f"points {self.points.shape}, sigma {self.sigma.shape} and body {grid} do not match")
        if not self.scale > 0:
            raise ValueError(f"scale must be positive, not {self.scale}")

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the network's grid [network px]."""
        return self.body.shape[0], self.body.shape[1]

    def photograph_pixels(self) -> npt.NDArray[np.float64]:
        """Return the photograph coordinates (x, y) [px] of every network pixel, (H', W', 2).

        Pixels of the letterbox border lie outside the photograph; `inside` tells them.
        """
        rows, columns = np.indices(self.size, dtype=np.float64)
        grid = np.stack([columns, rows], axis=-1)
        return np.asarray((grid + 0.5 - np.asarray(self.offset)) / self.scale - 0.5)

    def network_pixels(self, photograph_xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the network coordinates (x, y) of photograph coordinates (..., 2), both [px of their grid]."""
        return np.asarray((photograph_xy + 0.5) * self.scale + np.asarray(self.offset) - 0.5)

    def inside(self, photograph_size: tuple[int, int]) -> npt.NDArray[np.bool_]:
        """Return which network pixels lie on the photograph and not on the border, (H', W').

        Parameters
        ----------
        photograph_size : (int, int)
            Height and width of the photograph at working size [px].
        """
        xy = self.photograph_pixels()
        height, width = photograph_size
        return np.asarray(
            (xy[..., 0] >= -0.5) & (xy[..., 1] >= -0.5) & (xy[..., 0] <= width - 0.5) & (xy[..., 1] <= height - 0.5)
        )


@dataclass(frozen=True)
class Correspondences:
    """Pixels and the template points they show.

    Parameters
    ----------
    pixels : (N, 2) float64
        x before y at working size [px].
    faces : (N,) int64
        Template face of each.
    barycentric : (N, 3) float64
        Place within the face, as weights of its corners.
    sigma_m : (N,) float64
        Expected error of the template point [m]; what weighs the correspondences against each other.
    weights : (N,) float64
        How far each is to be believed besides, 0 to 1.
    source : "network", "reader", "earlier_day" or "truth"
        Where they come from.

    Raises
    ------
    ValueError
        The arrays differ in length, or an error is not positive.
    """

    pixels: Floats
    faces: npt.NDArray[np.int64]
    barycentric: Floats
    sigma_m: Floats
    weights: Floats
    source: Source

    def __post_init__(self) -> None:
        n = len(self.faces)
        shapes = (self.pixels.shape, self.barycentric.shape, self.sigma_m.shape, self.weights.shape)
        if shapes != ((n, 2), (n, 3), (n,), (n,)):
            raise ValueError(f"pixels, barycentric, sigma_m and weights {shapes} do not describe {n} faces")
        if not np.all(self.sigma_m > 0) or not np.all((self.weights >= 0) & (self.weights <= 1)):
            raise ValueError("sigma_m must be positive and weights must lie between 0 and 1")

    def __len__(self) -> int:
        return len(self.faces)

    def part(self, keep: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> "Correspondences":
        """Return those of an index or a choice."""
        return Correspondences(
            self.pixels[keep],
            self.faces[keep],
            self.barycentric[keep],
            self.sigma_m[keep],
            self.weights[keep],
            self.source,
        )

    def joined(self, other: "Correspondences") -> "Correspondences":
        """Return these and others together, under the name of these."""
        return Correspondences(
            np.concatenate([self.pixels, other.pixels]),
            np.concatenate([self.faces, other.faces]),
            np.concatenate([self.barycentric, other.barycentric]),
            np.concatenate([self.sigma_m, other.sigma_m]),
            np.concatenate([self.weights, other.weights]),
            self.source,
        )

    @property
    def kept(self) -> "Correspondences":
        """These as they are when they were kept, in single precision, and read again."""
        pixels, barycentric, sigma_m, weights = (
            part.astype(np.float32).astype(np.float64)
            for part in (self.pixels, self.barycentric, self.sigma_m, self.weights)
        )
        return Correspondences(pixels, self.faces, barycentric, sigma_m, weights, self.source)
