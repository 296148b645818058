"""Anchors: points spread over the reference body, of which a network names the nearest before it measures the rest.

A pixel of a forearm may well show its front or its back, and nothing between the two. A network that is asked for
coordinates answers with the middle of the arm; one that is asked which anchor is near can say "this or that".
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from reepi.body.mirror import neighbours
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.regions import REGIONS, part_of
from reepi.model.architecture import N_ANCHORS

Floats = npt.NDArray[np.float64]

N_NEAR: Final = 9
"""Anchors of a neighbourhood, its middle among them."""

FINENESS: Final = {"hand": 3.0, "foot": 2.2, "head": 1.8, "forearm": 1.3, "genitalia": 1.5}
"""How many times closer than elsewhere anchors lie on some parts, where a centimetre is a larger share of them."""


@dataclass(frozen=True)
class Anchors:
    """K points on the reference body.

    Parameters
    ----------
    points : (K, 3) float32
        Neutral pose [m].
    near : (K, N) int64
        The N anchors nearest along the skin to each, itself first.
    reach_m : (K,) float32
        Mean distance to the others of its neighbourhood [m].
    of_face : (F,) int64
        Nearest anchor along the skin of each template face.
    """

    points: npt.NDArray[np.float32]
    near: npt.NDArray[np.int64]
    reach_m: npt.NDArray[np.float32]
    of_face: npt.NDArray[np.int64]


@cache
def surface_anchors(n: int = N_ANCHORS) -> Anchors:
    """Return so many anchors on the reference body, always the same.

    Each next anchor is the point of the skin farthest from those before it (Gonzalez, Theor Comput Sci
    1985;38:293-306), with distances stretched by `FINENESS`. Distances to faces and neighbours go along the skin, so
    that the two sides of a hand, or two fingers, are far apart.
    """
    template = reference_template()
    centres = np.asarray(template.canonical, np.float64)[template.faces].mean(axis=1)
    chosen = _farthest(centres, np.flatnonzero(template.skin), _fineness(template), n)
    along = np.asarray(dijkstra(_graph(template, centres), directed=False, indices=chosen), np.float64)
    straight = np.linalg.norm(centres[chosen][:, None] - centres[None], axis=-1)
    # Islands of faces that no edge joins to the rest take the anchor that is nearest through the air.
    along = np.where(np.isfinite(along), along, 10 + straight)
    between = along[:, chosen]
    near = np.argsort(between, axis=1, kind="stable")[:, :N_NEAR]
    reach = np.take_along_axis(between, near, axis=1)[:, 1:].mean(axis=1)
    return Anchors(
        centres[chosen].astype(np.float32),
        near.astype(np.int64),
        reach.astype(np.float32),
        along.argmin(axis=0).astype(np.int64),
    )


def _fineness(template: BodyTemplate) -> Floats:
    by_region = np.array([*(FINENESS.get(part_of(region), 1.0) for region in REGIONS), 1.0])
    return np.asarray(by_region[template.regions])


def _farthest(points: Floats, allowed: npt.NDArray[np.int64], fineness: Floats, n: int) -> npt.NDArray[np.int64]:
    """Return n of the allowed points, each the farthest from those before it in stretched distance."""
    chosen = [int(allowed[points[allowed, 2].argmax()])]
    gap = np.full(len(allowed), np.inf)
    for _ in range(n - 1):
        gap = np.minimum(gap, np.linalg.norm(points[allowed] - points[chosen[-1]], axis=1) * fineness[allowed])
        chosen.append(int(allowed[gap.argmax()]))
    return np.array(chosen, np.int64)


def _graph(template: BodyTemplate, centres: Floats) -> coo_matrix:
    beside = neighbours(template.faces)
    face = np.repeat(np.arange(len(beside)), beside.shape[1])
    other = beside.ravel().astype(np.int64)
    face, other = face[other >= 0], other[other >= 0]
    lengths = np.linalg.norm(centres[face] - centres[other], axis=1)
    return coo_matrix((lengths, (face, other)), shape=(len(beside), len(beside)))
