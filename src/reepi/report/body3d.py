"""A body that turns, as values: its surface once, and what each face of it is at each visit."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.chart_painting import CHART_PALETTE, NOT_SKIN_CODE, UNASSESSED_CODE, UNASSESSED_DARK
from reepi.body.template import BodyTemplate

STEP_M: Final = 1e-4
"""Corners are kept as whole steps of this length [m]: a tenth of a millimetre is finer than any face."""

COMPRESSION: Final = 6
"""Of zlib: 9 takes ten times as long for the codes of a visit, and leaves out 4 % of their bytes."""

CODES: Final = NOT_SKIN_CODE + 1
"""Codes of faces that have a colour."""


@dataclass(frozen=True)
class Surface:
    """Triangles of a body; bodies of one topology share them.

    Parameters
    ----------
    name : str
        Made of the content.
    triangles : bytes
        Corners of each face, zlib of little-endian uint32 (3, F).
    """

    name: str
    triangles: bytes


@dataclass(frozen=True)
class Body:
    """One patient's body.

    Parameters
    ----------
    surface : Surface
        Its triangles.
    corners : bytes
        Places of its corners in steps of `STEP_M`, zlib of little-endian int16 (3, V).
    visits : mapping of str to bytes
        By the title of the visit, the code of each face (see `reepi.scoring.face_findings.face_codes`), zlib of uint8.
    """

    surface: Surface
    corners: bytes
    visits: Mapping[str, bytes]


def body_of(template: BodyTemplate, visits: Mapping[str, npt.NDArray[np.uint8]]) -> Body:
    """Return a body and what its faces are at each visit.

    Parameters
    ----------
    template : BodyTemplate
        The body in its neutral pose.
    visits : mapping of str to (F,) uint8
        Codes of the faces by the title of the visit.
    """
    corners = np.round(template.vertices.T / STEP_M).astype("<i2")
    codes = {title: _packed(found.astype(np.uint8)) for title, found in visits.items()}
    return Body(surface_of(template.faces), _packed(corners), codes)


def surface_of(faces: npt.NDArray[np.int32]) -> Surface:
    """Return the triangles (F, 3) of a body as they are shared."""
    return _surface(np.ascontiguousarray(faces.T.astype("<u4")).tobytes())


@lru_cache(maxsize=1)
def _surface(triangles: bytes) -> Surface:
    """Return triangles as they are shared; kept, since all patients of a study have the same."""
    packed = zlib.compress(triangles, COMPRESSION)
    return Surface(sha256(packed).hexdigest()[:12], packed)


def body_colours() -> tuple[str, ...]:
    """Return the colour of each code, ``#rrggbb``; unassessed skin is plain, since a surface has no stripes."""
    colours = list(CHART_PALETTE[:CODES])
    colours[UNASSESSED_CODE] = UNASSESSED_DARK
    return tuple("#{:02x}{:02x}{:02x}".format(*colour) for colour in colours)


def plotly_source() -> str:
    """Return the program that draws it, from the plotly package of this installation."""
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def _packed(array: npt.NDArray[np.generic]) -> bytes:
    return zlib.compress(np.ascontiguousarray(array).tobytes(), COMPRESSION)
