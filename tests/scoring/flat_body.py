"""A flat body on which every answer can be counted: 33 rows of squares of 10 mm, one row a region."""

from datetime import date, timedelta

import numpy as np

from reepi.core.regions import REGIONS
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.scoring.skin import Skin
from reepi.scoring.visits import Visit

SQUARES = 10
"""Squares of a region's row; each is two triangles."""

FACES = 2 * SQUARES
FACE = 100 / (len(REGIONS) * FACES)
"""Share of a face [% BSA]."""

REGION = 100 / len(REGIONS)
"""Share of a region [% BSA]."""

DAY_ZERO = date(2024, 2, 26)


def flat_skin() -> Skin:
    """Return skin of equal faces: square i of region r has the faces ``20 r + 2 i`` and ``20 r + 2 i + 1``."""
    rows = len(REGIONS)
    corner = np.arange((rows + 1) * (SQUARES + 1)).reshape(rows + 1, SQUARES + 1)
    y, x = np.divmod(corner.ravel(), SQUARES + 1)
    vertices = np.column_stack([x, y, np.zeros_like(x)]) * 0.01
    one = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, 1:]], axis=-1)
    two = np.stack([corner[:-1, :-1], corner[1:, 1:], corner[1:, :-1]], axis=-1)
    faces = np.stack([one, two], axis=2).reshape(-1, 3)
    return Skin.from_mesh(vertices, faces, np.repeat(np.arange(rows), FACES), np.full(len(faces), FACE))


def part_of_region(number: int, end: float = 1.0, start: float = 0.0) -> slice:
    """Return the faces of a region's row between two parts of its length."""
    return slice(FACES * number + round(start * FACES), FACES * number + round(end * FACES))


def painted(*areas: tuple[Tissue, slice], unseen: slice = slice(0, 0), residual_mm: float = 0.0) -> SurfaceMap:
    """Return a surface map, all intact and seen but for what is named."""
    n_faces = len(REGIONS) * FACES
    tissue = np.zeros((n_faces, len(Tissue)), np.float32)
    tissue[:, Tissue.INTACT] = 1
    for kind, faces in areas:
        tissue[faces] = np.eye(len(Tissue))[kind]
    seen = np.ones(n_faces, np.float32)
    tissue[unseen], seen[unseen] = 0, 0
    return SurfaceMap.of_shares(tissue, seen, np.where(seen > 0, residual_mm, 0).astype(np.float32))


def on_day(day: int, surface: SurfaceMap) -> Visit:
    """Return the visit of a day."""
    return Visit(DAY_ZERO + timedelta(day), surface)


def weighted_skin(*parts: tuple[slice, float]) -> Skin:
    """Return the same skin with other shares: the faces of each slice hold so much [% BSA], the others the rest."""
    even = flat_skin()
    shares = np.full(even.n_faces, np.nan)
    for faces, percent in parts:
        shares[faces] = percent / len(range(*faces.indices(even.n_faces)))
    rest = np.isnan(shares)
    shares[rest] = (100 - sum(percent for _, percent in parts)) / rest.sum()
    return Skin.from_mesh(even.vertices_mm / 1000, even.faces, even.regions, shares)
