"""Textures of tissues that colour alone does not tell apart, whoever looks and however it is printed.

Under the matrices of Machado, Oliveira & Fernandes (IEEE Trans Vis Comput Graph 2009;15:1291-1298) reepithelialised and
covered skin look alike to one man in twenty, and reepithelialised skin like erythema to one in a hundred; in grey,
detachable skin looks like detached. So these three bear a texture; erythema, detached and intact skin are plain.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.tissue import Tissue

Flags = npt.NDArray[np.bool_]
Shape = tuple[int, ...]

PERIOD_PX: Final = 10
"""Distance between the marks of a texture [px]."""

TEXTURED: Final[dict[Tissue, tuple[int, int, int]]] = {
    Tissue.DETACHABLE: (226, 214, 245),
    Tissue.REEPITHELIALISED: (214, 242, 236),
    Tissue.COVERED: (70, 78, 88),
}
"""Colour of the marks on the tissues that bear a texture."""


def _diagonals(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Flags:
    return np.asarray((rows - columns) % PERIOD_PX < PERIOD_PX // 3)


def _dots(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Flags:
    # Every other row of dots is moved by half a period.
    moved = columns + (rows // PERIOD_PX % 2) * (PERIOD_PX // 2)
    return np.asarray((rows % PERIOD_PX < PERIOD_PX // 3) & (moved % PERIOD_PX < PERIOD_PX // 3))


def _lattice(rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64]) -> Flags:
    return np.asarray(((rows + columns) % PERIOD_PX < 2) | ((rows - columns) % PERIOD_PX < 2))


_MARKS: Final[dict[Tissue, Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], Flags]]] = {
    Tissue.DETACHABLE: _diagonals,
    Tissue.REEPITHELIALISED: _dots,
    Tissue.COVERED: _lattice,
}


def texture_of(tissue: Tissue, shape: Shape) -> Flags:
    """Return where the marks of a tissue lie on a picture of a shape (H, W); nowhere if it is plain."""
    marks = _MARKS.get(tissue)
    if marks is None:
        return np.zeros(shape, bool)
    return marks(np.arange(shape[0])[:, None], np.arange(shape[1])[None])
