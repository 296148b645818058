"""How a photograph is laid on a network's canvas: one similarity, written down, for training and use alike.

Coordinates are pixel edges here: a pixel (column, row) covers [column, column + 1) x [row, row + 1).
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels


@dataclass(frozen=True)
class Letterbox:
    """A photograph, aspect kept, in the middle of a canvas.

    Parameters
    ----------
    photograph : (int, int)
        Height and width of the photograph [px].
    canvas : (int, int)
        Height and width of the canvas [px], multiples of the grid.
    grid : int
        The photograph begins and ends on every so many canvas pixels, so that a map that is so many times coarser can
        be cut as well.
    """

    photograph: tuple[int, int]
    canvas: tuple[int, int]
    grid: int = 1

    @property
    def scale(self) -> float:
        """Canvas pixels per photograph pixel."""
        return min(self.canvas[0] / self.photograph[0], self.canvas[1] / self.photograph[1])

    @property
    def content(self) -> tuple[int, int]:
        """Height and width of the photograph on the canvas [px]."""
        cells = [max(1, round(side * self.scale / self.grid)) for side in self.photograph]
        return cells[0] * self.grid, cells[1] * self.grid

    @property
    def corner(self) -> tuple[int, int]:
        """Row and column of the photograph's top left corner on the canvas [px]."""
        (height, width), (rows, columns) = self.content, self.canvas
        return (rows - height) // (2 * self.grid) * self.grid, (columns - width) // (2 * self.grid) * self.grid

    def apply(self, pixels: Pixels) -> Pixels:
        """Return the canvas (rows, columns, 3) with the photograph on it, black around."""
        (height, width), (top, left) = self.content, self.corner
        shrinks = self.scale < 1
        resized = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        canvas = np.zeros((*self.canvas, 3), np.uint8)
        canvas[top : top + height, left : left + width] = resized
        return canvas

    def cut(self, maps: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return the part of maps (C, rows / grid, columns / grid) that shows the photograph."""
        top, left, height, width = (length // self.grid for length in (*self.corner, *self.content))
        return maps[:, top : top + height, left : left + width]


def canvas_for(photograph: tuple[int, int], long_side: int, stride: int) -> tuple[int, int]:
    """Return the smallest canvas with that long side whose sides are multiples of the stride, (rows, columns) [px]."""
    height, width = photograph
    scale = long_side / max(height, width)
    sides = [max(stride, -(-round(side * scale) // stride) * stride) for side in (height, width)]
    return sides[0], sides[1]
