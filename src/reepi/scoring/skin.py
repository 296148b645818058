"""The patient's skin as scoring needs it: share, region, place and neighbours of every template face."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.regions import NO_REGION, REGIONS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MM_PER_M = 1000.0
SUM_TOLERANCE = 1e-6
"""Shares may miss 100 % BSA by this much, which is rounding [% BSA]."""


@dataclass(frozen=True)
class Skin:
    """Shares, regions and neighbourhood of the faces of a body template.

    Parameters
    ----------
    shares : (F,) float64
        Share of each face [% BSA]; 0 where it is not skin; sums to 100.
    regions : (F,) int64
        Index in `reepi.core.regions.REGIONS`, `NO_REGION` where the face is not skin.
    centres_mm : (F, 3) float64
        Centre of each face on the neutral body [mm].
    pairs : (E, 2) int64
        Skin faces that share an edge.
    lengths_mm : (E,) float64
        Length of the shared edges [mm].
    percent_per_mm2 : (F,) float64
        Share of the body surface in one square millimetre of the face [% BSA/mm²].
    vertices_mm : (V, 3) float64
        Corners of the faces on the neutral body [mm].
    faces : (F, 3) int64
        Indices of the corners of each face.

    Raises
    ------
    ValueError
        The shares do not sum to 100, lie on faces that are not skin, or the arrays do not describe the same faces.
    """

    shares: Floats
    regions: Ints
    centres_mm: Floats
    pairs: Ints
    lengths_mm: Floats
    percent_per_mm2: Floats
    vertices_mm: Floats
    faces: Ints

    def __post_init__(self) -> None:
        n = len(self.shares)
        if self.regions.shape != (n,) or self.centres_mm.shape != (n, 3) or self.percent_per_mm2.shape != (n,):
            raise ValueError("shares, regions, centres_mm and percent_per_mm2 do not describe the same faces")
        if self.faces.shape != (n, 3):
            raise ValueError(f"{len(self.faces)} faces have corners, {n} have shares: not the same faces")
        if self.pairs.shape != (len(self.lengths_mm), 2):
            raise ValueError("pairs and lengths_mm do not describe the same edges")
        if not abs(self.shares.sum() - 100) <= SUM_TOLERANCE or self.shares.min(initial=0) < 0:
            raise ValueError(f"shares must be 0 or more and sum to 100 % BSA, not {self.shares.sum()}")
        if self.shares[self.regions == NO_REGION].any():
            raise ValueError("a face that belongs to no region has a share; set it to 0")

    @property
    def n_faces(self) -> int:
        """Number of template faces."""
        return len(self.shares)

    @property
    def is_skin(self) -> npt.NDArray[np.bool_]:
        """Whether each face is skin, (F,)."""
        skin: npt.NDArray[np.bool_] = self.regions != NO_REGION
        return skin

    @property
    def corners_mm(self) -> Floats:
        """Corners of each face [mm], (F, 3, 3)."""
        corners: Floats = self.vertices_mm[self.faces]
        return corners

    @property
    def areas_mm2(self) -> Floats:
        """Area of each face on the neutral body, skin or not [mm²], (F,)."""
        return triangle_areas(self.corners_mm)

    @property
    def region_shares(self) -> Floats:
        """Share of each region [% BSA], (33,) in the order of `REGIONS`."""
        return self.by_region(self.shares)

    def by_region(self, amounts: Floats, faces: Ints | None = None) -> Floats:
        """Return the sum of ``amounts`` over each region, (33,) or (33, K).

        Parameters
        ----------
        amounts : (F,) or (F, K) float64
            Of every face, or of those named.
        faces : (N,) int64, optional
            Faces that the amounts are of.
        """
        regions = self.regions if faces is None else self.regions[faces]
        skin = regions != NO_REGION
        return summed(regions[skin], np.asarray(amounts, np.float64)[skin], len(REGIONS))

    @classmethod
    def from_mesh(
        cls, vertices: npt.ArrayLike, faces: npt.ArrayLike, regions: npt.ArrayLike, shares: npt.ArrayLike
    ) -> "Skin":
        """Return the skin of a triangle mesh.

        Parameters
        ----------
        vertices : (V, 3) array
            Neutral pose [m].
        faces : (F, 3) array
            Vertex indices.
        regions : (F,) array
            Region index of each face.
        shares : (F,) array
            Share of each face [% BSA].
        """
        vertices_mm, corner_index = np.asarray(vertices, np.float64) * MM_PER_M, np.asarray(faces, np.int64)
        corners = vertices_mm[corner_index]
        region_index = np.asarray(regions, np.int64)
        share = np.asarray(shares, np.float64)
        if not len(corners) == len(region_index) == len(share):
            raise ValueError(
                f"{len(corners)} faces, {len(region_index)} regions, {len(share)} shares: not the same faces"
            )
        pairs, lengths = _neighbours(corner_index, corners)
        skin = (region_index[pairs] != NO_REGION).all(axis=1)
        areas = triangle_areas(corners)
        density = np.divide(share, areas, out=np.zeros_like(share), where=areas > 0)
        centres = corners.mean(axis=1)
        return cls(share, region_index, centres, pairs[skin], lengths[skin], density, vertices_mm, corner_index)


def triangle_areas(corners: Floats) -> Floats:
    """Return the area of triangles of corners (F, 3, 3), (F,) in the square of their unit."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas: Floats = np.linalg.norm(normals, axis=1) / 2
    return areas


def summed(groups: Ints, amounts: Floats, n_groups: int) -> Floats:
    """Return the sum of ``amounts`` (N,) or (N, K) over each group 0 to ``n_groups`` - 1, (n_groups,) or (…, K)."""
    if amounts.ndim == 1:
        return np.bincount(groups, amounts, n_groups).astype(np.float64)
    return np.column_stack([np.bincount(groups, column, n_groups) for column in amounts.T])


def _neighbours(faces: Ints, corners: Floats) -> tuple[Ints, Floats]:
    """Return the pairs of faces that share an edge, (E, 2), and the lengths of those edges [mm], (E,)."""
    ends = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    lengths = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2).reshape(-1)
    order = np.lexsort(ends.T)
    same = (ends[order][1:] == ends[order][:-1]).all(axis=1)
    first, second = order[:-1][same], order[1:][same]
    return np.column_stack([first // 3, second // 3]), lengths[first]
