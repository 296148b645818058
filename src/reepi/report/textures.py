"""Textures of what colour alone does not tell apart, whoever looks and however it is printed.

Under the matrices of Machado, Oliveira & Fernandes (IEEE Trans Vis Comput Graph 2009;15:1291-1298) reepithelialised and
covered skin look alike to one man in twenty, and reepithelialised skin like erythema to one in a hundred; in grey,
detachable skin looks like detached. So these three bear a texture; erythema, detached and intact skin are plain.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from reepi.core.tissue import Tissue

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]
Colour = tuple[int, int, int]
Texture = Literal["plain", "diagonals", "dots", "lattice"]

PERIOD_PX: Final = 10
"""Distance between the marks of a texture [px]."""

TEXTURED: Final[dict[Tissue, Colour]] = {
    Tissue.DETACHABLE: (226, 214, 245),
    Tissue.REEPITHELIALISED: (214, 242, 236),
    Tissue.COVERED: (70, 78, 88),
}
"""Colour of the marks on the tissues that bear a texture."""

TEXTURES: Final[dict[Tissue, Texture]] = {
    Tissue.DETACHABLE: "diagonals",
    Tissue.REEPITHELIALISED: "dots",
    Tissue.COVERED: "lattice",
}
"""Texture of each of them."""


def _diagonals(rows: Places, columns: Places) -> Flags:
    return np.asarray((rows - columns) % PERIOD_PX < PERIOD_PX // 3)


def _dots(rows: Places, columns: Places) -> Flags:
    # Every other row of dots is moved by half a period.
    moved = columns + (rows // PERIOD_PX % 2) * (PERIOD_PX // 2)
    return np.asarray((rows % PERIOD_PX < PERIOD_PX // 3) & (moved % PERIOD_PX < PERIOD_PX // 3))


def _lattice(rows: Places, columns: Places) -> Flags:
    return np.asarray(((rows + columns) % PERIOD_PX < 2) | ((rows - columns) % PERIOD_PX < 2))


def _plain(rows: Places, columns: Places) -> Flags:
    return np.zeros((len(rows), columns.shape[1]), bool)


_MARKS: Final[dict[Texture, Callable[[Places, Places], Flags]]] = {
    "plain": _plain,
    "diagonals": _diagonals,
    "dots": _dots,
    "lattice": _lattice,
}


@lru_cache(maxsize=32)
def marks_of(texture: Texture, shape: tuple[int, ...]) -> Flags:
    """Return where the marks of a texture lie on a picture of a shape (H, W); not to be written to."""
    marks = _MARKS[texture](np.arange(shape[0])[:, None], np.arange(shape[1])[None])
    marks.flags.writeable = False
    return marks


def texture_of(tissue: Tissue, shape: tuple[int, ...]) -> Flags:
    """Return where the marks of a tissue lie on a picture of a shape (H, W); nowhere if it is plain."""
    return marks_of(TEXTURES.get(tissue, "plain"), shape)
