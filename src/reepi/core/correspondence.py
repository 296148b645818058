"""Dense correspondence: where each pixel of a photograph lies on the reference body, as a network sees it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


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
