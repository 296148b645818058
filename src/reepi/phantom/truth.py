"""What is true of a phantom patient's skin on a day: tissue shares per face, and % BSA by region and tissue."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate
from reepi.core.images import Mask
from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import OPEN_LABEL, UNASSESSED_LABEL
from reepi.core.surface import NO_FACE, SurfaceMap
from reepi.core.tissue import ASSESSED, OPEN, Tissue
from reepi.phantom.lesions import Course

SUBDIVISION = 4
"""Each side of a face is divided so many times; tissue is read at the centres of the ``SUBDIVISION ** 2`` parts."""


@dataclass(frozen=True)
class TruthRow:
    """One line of ``truth.csv`` without patient and date.

    Parameters
    ----------
    region : str
        One of `reepi.core.regions.REGIONS`, or ``whole_body``.
    tissue : str
        A tissue that can be assessed, ``open``, or ``unassessed``.
    percent_bsa : float
        Of all skin, also under hair, clothes and dressings [% BSA]; ``unassessed`` is 0.
    percent_bsa_seen : float
        Of the skin that the visit's photographs show [% BSA]; ``unassessed`` is the rest.
    """

    region: str
    tissue: str
    percent_bsa: float
    percent_bsa_seen: float


@cache
def part_centres(subdivision: int = SUBDIVISION) -> npt.NDArray[np.float32]:
    """Return the barycentric centres of the equal parts of a triangle, (subdivision², 3)."""
    thirds = []
    for i in range(subdivision):
        for j in range(subdivision - i):
            thirds.append((3 * i + 1, 3 * j + 1))
            if i + j < subdivision - 1:
                thirds.append((3 * i + 2, 3 * j + 2))
    first_two = np.array(thirds, np.float32) / (3 * subdivision)
    return np.column_stack([first_two, 1 - first_two.sum(axis=1)]).astype(np.float32)


def face_tissue(template: BodyTemplate, course: Course, day: float) -> npt.NDArray[np.float32]:
    """Return the share of each tissue in each face on a day, (F, 7) in the order of `Tissue`.

    Rows of skin sum to 1; those of eyes and mouth are 0.
    """
    skin = np.flatnonzero(template.skin)
    corners = template.canonical[template.faces[skin]]
    points = np.einsum("pk,fkx->fpx", part_centres(), corners)
    tissue = course.state(points.reshape(-1, 3), day).tissue.reshape(len(skin), -1)
    shares = np.zeros((template.n_faces, len(Tissue)), np.float32)
    for kind in Tissue:
        shares[skin, kind] = (tissue == kind).mean(axis=1)
    return shares


def seen_share(n_faces: int, photographs: list[tuple[npt.NDArray[np.int32], Mask]]) -> npt.NDArray[np.float32]:
    """Return how much of each face some photograph of a visit shows, (F,): the best photograph counts.

    Parameters
    ----------
    n_faces : int
        Number of faces of the template.
    photographs : list of ((H, W) int32, (H, W) uint8)
        Face map and tissue mask of each photograph.
    """
    best = np.zeros(n_faces, np.float32)
    for faces, mask in photographs:
        shown = faces != NO_FACE
        clear = shown & np.isin(mask, ASSESSED)
        total = np.bincount(faces[shown], minlength=n_faces)
        best = np.maximum(best, np.bincount(faces[clear], minlength=n_faces) / np.maximum(total, 1))
    return best.astype(np.float32)


def true_surface(tissue: npt.NDArray[np.float32], seen: npt.NDArray[np.float32]) -> SurfaceMap:
    """Return the surface map that a flawless measurement of a visit would give, from (F, 7) shares and (F,) seen."""
    return SurfaceMap.of_shares(np.where(seen[:, None] > 0, tissue, 0).astype(np.float32), seen, np.zeros_like(seen))


def truth_rows(
    template: BodyTemplate, shares: npt.NDArray[np.float64], surface: SurfaceMap, tissue: npt.NDArray[np.float32]
) -> list[TruthRow]:
    """Return the rows of a visit: whole body first, then region by region.

    Parameters
    ----------
    template : BodyTemplate
        The patient's body.
    shares : (F,) float64
        Share of each face in the body surface [% BSA].
    surface : SurfaceMap
        What the visit's photographs show.
    tissue : (F, 7) float32
        Share of each tissue in each face.
    """
    rows = []
    for region in (WHOLE_BODY, *REGIONS):
        inside = template.skin if region == WHOLE_BODY else template.regions == REGIONS.index(region)
        weight = shares[inside]
        whole = weight @ tissue[inside]
        seen = (weight * surface.seen[inside]) @ tissue[inside]
        rows += [TruthRow(region, kind.label, float(whole[kind]), float(seen[kind])) for kind in ASSESSED]
        opened = [float(part[list(OPEN)].sum()) for part in (whole, seen)]
        rows.append(TruthRow(region, OPEN_LABEL, *opened))
        rows.append(TruthRow(region, UNASSESSED_LABEL, 0.0, float(weight.sum() - seen[list(ASSESSED)].sum())))
    return rows
