"""How fast the edge of open skin moves inwards: area closed by mean length of the edge and by days [mm a day].

The linear healing parameter (Gilman, Wounds 1990;3:95-101): a wound of area A1 and edge P1 that has the area A2 and the
edge P2 after t days has closed at (A1 - A2) / ((P1 + P2) / 2) / t. Unlike a percentage it does not depend on how large
the wound was. A disc whose radius shrinks by 1 mm a day gives 1 mm a day, whatever its radius.

It is counted on the neutral body, on skin that both visits assessed, over all wounds that were there at the earlier
visit. A wound is open skin of either visit that hangs together. Skin that detached elsewhere meanwhile is no part of
them. Closing and opening that a moved mapping makes up cancel, since areas are subtracted.

The figure is about edges. New epidermis that spreads from hair follicles inside a wound closes it without moving its
edge. So where what closed does not lie where an edge would have closed it, there is no figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from reepi.core.surface import SurfaceMap
from reepi.scoring.exchange import Faces, near
from reepi.scoring.healing import face_reading
from reepi.scoring.intervals import Z_90, Estimate
from reepi.scoring.skin import Floats, Skin
from reepi.scoring.visits import Visit

MIN_OPEN_MM2 = 1000.0
"""Less open skin than 10 cm², a dozen faces of the body, has no edge whose length the mesh could tell [mm²]."""

MESH_NOISE = 1.4
"""Faces are open or closed as a whole, so the area that closes is off by about √(1.4 a^1.5 P) for faces of area a along
an edge P. Measured on discs of 4 to 12 cm radius on the trunk of the reference body, singly and six together: their
edge seems to move 1.4 mm (single) or 0.6 mm (six) more or less than it did (standard deviation)."""

MEAN_DEPTH = (0.3, 0.7)
"""What an edge closes lies, on average, at half of its movement where it is straight, and at a third to two thirds
where it goes around a disc. Where what closed lay elsewhere, by more than a face on the deeper side, no edge passed
over it."""

EDGE_AT = 0.5
"""The edge runs where half of the skin around a corner of the mesh is open."""


@dataclass(frozen=True)
class Front:
    """How fast open skin closed from its edge between two visits.

    Parameters
    ----------
    visit : int
        Place of the later visit.
    since : int
        Place of the earlier one: the last before it at which skin was assessed.
    speed : Estimate or None
        Speed of the front [mm/day], with its 90 % interval; None where it cannot be told.
    at_least : float or None
        Where all had closed by the later visit: area by the first edge and by days, less the doubt [mm/day].
    reason : str
        What it rests on, or why it cannot be told.
    """

    visit: int
    since: int
    speed: Estimate | None
    at_least: float | None
    reason: str


@dataclass(frozen=True)
class Outline:
    """Area inside the outline of open skin [mm²], and its length [mm]."""

    area_mm2: float
    length_mm: float


@dataclass(frozen=True)
class Wounds:
    """The wounds that were there at the earlier of two visits.

    Parameters
    ----------
    before, after : Outline
        Their outline at both visits.
    face_mm2 : float
        Mean area of a face of the mesh [mm²].
    mean_depth_mm : float
        How far what closed lay, on average, from skin that was closed before [mm].
    """

    before: Outline
    after: Outline
    face_mm2: float
    mean_depth_mm: float

    @property
    def closed_mm2(self) -> float:
        """How much less is open [mm²]."""
        return self.before.area_mm2 - self.after.area_mm2

    @property
    def mean_edge_mm(self) -> float:
        """Mean length of the edge [mm]."""
        return (self.before.length_mm + self.after.length_mm) / 2

    @property
    def advance_mm(self) -> float:
        """How far the edge moved; where all closed, how far it moved at least, since its length did not grow [mm]."""
        return self.closed_mm2 / (self.mean_edge_mm if self.after.area_mm2 > 0 else self.before.length_mm)

    @property
    def is_by_edge(self) -> bool:
        """Whether what closed lies where an edge would have closed it."""
        low, high = (part * self.advance_mm for part in MEAN_DEPTH)
        return bool(low <= self.mean_depth_mm <= high + self.face_mm2**0.5)

    @property
    def mesh_mm2(self) -> float:
        """90 % half width of the closed area from faces that count as a whole [mm²]."""
        return float(Z_90 * np.sqrt(MESH_NOISE * self.face_mm2**1.5 * self.mean_edge_mm))


def healing_fronts(
    visits: Sequence[Visit], assessed: Sequence[int], spreads: Sequence[float], skin: Skin
) -> tuple[Front, ...]:
    """Return the speed of the front between each visit at which skin was assessed and the one before.

    Parameters
    ----------
    visits : sequence of Visit
        Of one patient, in order.
    assessed : sequence of int
        Places of those at which skin was assessed.
    spreads : sequence of float
        90 % half width of the open skin that each visit showed, from reading and placement [% BSA]
        (`reepi.scoring.areas.AreaTable.open_spread`).
    skin : Skin
        Of the same faces.
    """
    mm2_per_percent = skin.areas_mm2[skin.is_skin].sum() / 100
    fronts = []
    for since, visit in pairwise(assessed):
        wounds = wounds_between(visits[since].surface, visits[visit].surface, skin)
        spread_mm2 = float(np.hypot(spreads[since], spreads[visit]) * mm2_per_percent)
        days = (visits[visit].date - visits[since].date).days
        fronts.append(front_of(wounds, spread_mm2, days, since, visit))
    return tuple(fronts)


def front_of(wounds: Wounds, spread_mm2: float, days: int, since: int, visit: int) -> Front:
    """Return the speed of the front of wounds, where they tell one.

    Parameters
    ----------
    wounds : Wounds
        Open at the earlier visit.
    spread_mm2 : float
        90 % half width of the area that closed, from reading and placement [mm²].
    days : int
        Between the visits.
    since, visit : int
        Their places.
    """
    why_not = _why_no_front(wounds)
    if why_not:
        return Front(visit, since, None, None, f"not computed: {why_not}")
    edge = wounds.closed_mm2 / wounds.advance_mm
    speed, spread = wounds.advance_mm / days, float(np.hypot(spread_mm2, wounds.mesh_mm2)) / edge / days
    told = f"{wounds.closed_mm2 / 100:.1f} cm2 closed along {edge / 10:.1f} cm in {days} days"
    if wounds.after.area_mm2 == 0:
        reason = "not computed: all of it had closed by this visit, so low is the least that the front moved a day"
        return Front(visit, since, None, max(speed - spread, 0.0), f"{reason}; {told}")
    return Front(visit, since, Estimate.around(speed, spread, spread), None, told)


def _why_no_front(wounds: Wounds) -> str:
    """Return why wounds do not tell how fast their edge moved; nothing where they do."""
    if wounds.before.area_mm2 < MIN_OPEN_MM2 or wounds.mean_edge_mm == 0:
        least = f"at least {MIN_OPEN_MM2 / 100:g} cm2 with an edge that both visits show are needed"
        return f"{wounds.before.area_mm2 / 100:.1f} cm2 open before; {least}"
    if wounds.closed_mm2 <= 0:
        return "the skin that was open did not shrink"
    if not wounds.is_by_edge:
        where = f"lay {wounds.mean_depth_mm:.0f} mm inside on average"
        return f"what closed {where}, which an edge that moved {wounds.advance_mm:.0f} mm does not explain"
    return ""


def wounds_between(before: SurfaceMap, after: SurfaceMap, skin: Skin) -> Wounds:
    """Return the wounds that were there at the earlier of two visits, on skin that both assessed."""
    (known_before, open_before), (known_after, open_after) = face_reading(before), face_reading(after)
    both = known_before & known_after & skin.is_skin
    first, second = open_before & both, open_after & both
    residual = np.hypot(np.asarray(before.residual_mm, np.float64), np.asarray(after.residual_mm, np.float64))
    there = first | near(skin, second & ~first, first, residual)
    wounds = second & _touching(first | second, there, skin)
    face_mm2 = float(skin.areas_mm2[skin.is_skin].mean())
    depth = _mean_distance(first & ~second, both & ~first, skin) - face_mm2**0.5 / 2
    return Wounds(outline(first, both, skin), outline(wounds, both, skin), face_mm2, max(depth, 0.0))


def _mean_distance(faces: Faces, others: Faces, skin: Skin) -> float:
    """Return the mean distance of the centres of ``faces``, by their area, from the nearest of ``others`` [mm]."""
    if not faces.any() or not others.any():
        return 0.0
    distances, _ = cKDTree(skin.centres_mm[others]).query(skin.centres_mm[faces])
    return float(np.average(distances, weights=skin.areas_mm2[faces]))


def _touching(faces: Faces, some: Faces, skin: Skin) -> Faces:
    """Return the faces of those pieces of ``faces``, joined by shared edges, that hold one of ``some``, (F,)."""
    one, two = skin.pairs[faces[skin.pairs].all(axis=1)].T
    links = coo_matrix((np.ones(len(one), bool), (one, two)), shape=(skin.n_faces, skin.n_faces))
    _, piece = connected_components(links, directed=False)
    return faces & np.isin(piece, piece[faces & some])


def outline(is_open: Faces, assessed: Faces, skin: Skin) -> Outline:
    """Return the smoothed outline of open skin on assessed skin.

    The border between open and other faces is a staircase, longer than the edge it stands for by an amount that no
    finer mesh removes. So the edge is drawn as a contour: each corner of the mesh takes the open part of the skin
    around it, faces weighted by their angle there, and the contour of `EDGE_AT` is drawn straight through each face.
    On a fine mesh its length is true to 5 % in the worst direction, and to 2 % for a disc. The area is that inside the
    contour: specks of a face or two, which have no outline, count neither above nor below the line.

    Parameters
    ----------
    is_open : (F,) bool
        Open faces.
    assessed : (F,) bool
        Faces whose skin is known; where they end is no edge.
    skin : Skin
        Of the same faces.
    """
    faces, corners = skin.faces[assessed], skin.corners_mm[assessed]
    weights = _angles(corners)
    n_corners = len(skin.vertices_mm)
    around = np.bincount(faces.ravel(), weights.ravel(), n_corners)
    opened = np.bincount(faces.ravel(), (weights * is_open[assessed][:, None]).ravel(), n_corners)
    share = np.divide(opened, around, out=np.zeros(n_corners), where=around > 0)
    inside, lengths = contour(corners, share[faces] - EDGE_AT)
    return Outline(float((inside * skin.areas_mm2[assessed]).sum()), float(lengths.sum()))


def _angles(corners: Floats) -> Floats:
    """Return the angle of triangles (F, 3, 3) at each of their corners [rad], (F, 3)."""
    to_next, to_last = np.roll(corners, -1, axis=1) - corners, np.roll(corners, 1, axis=1) - corners
    across = np.linalg.norm(np.cross(to_next, to_last), axis=2)
    angles: Floats = np.arctan2(across, (to_next * to_last).sum(axis=2))
    return angles


def contour(corners: Floats, heights: Floats) -> tuple[Floats, Floats]:
    """Return which part of each triangle lies above height 0, and how long the contour through it is, (F,) each.

    Parameters
    ----------
    corners : (F, 3, 3) float64
        Corners of the triangles.
    heights : (F, 3) float64
        Height at each corner; linear in between.
    """
    above = heights >= 0
    count = above.sum(axis=1)
    inside, lengths = (count == 3).astype(np.float64), np.zeros(len(count))
    row = np.flatnonzero((count == 1) | (count == 2))
    # The corner that lies alone on its side of the contour; both ends of the contour lie on its edges.
    alone = np.where(count[row] == 1, above[row].argmax(axis=1), above[row].argmin(axis=1))
    cut, ends = np.ones(len(row)), []
    for step in (1, 2):
        other = (alone + step) % 3
        along = heights[row, alone] / (heights[row, alone] - heights[row, other])
        ends.append(corners[row, alone] + along[:, None] * (corners[row, other] - corners[row, alone]))
        cut *= along
    inside[row] = np.where(count[row] == 1, cut, 1 - cut)
    lengths[row] = np.linalg.norm(ends[0] - ends[1], axis=1)
    return inside, lengths
