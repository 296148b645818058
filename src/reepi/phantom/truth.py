"""What is true of a phantom patient's skin on a day: tissue shares per face, and % BSA by region and tissue."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate
from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import OPEN_LABEL, UNASSESSED_LABEL
from reepi.core.surface import SurfaceMap
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
        Of the skin that the visit's photographs show clear and no steeper than skin is read, which is
        `reepi.mapping.projection.LEAST_FACING` [% BSA]; ``unassessed`` is the rest.
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


def seen_share(photographs: Iterable[SurfaceMap]) -> npt.NDArray[np.float32]:
    """Return how much of each face some photograph of a visit shows clear, (F,): the best photograph counts.

    Parameters
    ----------
    photographs : iterable of SurfaceMap
        The true mask of each photograph, laid on the body by its true camera (`reepi.mapping.projection.project_mask`).
    """
    return np.asarray(np.max([each.seen * _clear_share(each) for each in photographs], axis=0), np.float32)


def _clear_share(surface: SurfaceMap) -> npt.NDArray[np.float32]:
    """Return how much of what is in sight of each face nothing covers, (F,).

    Skin is in sight or not whatever its pixel shows: at the body's rim that may be what lies behind it.
    """
    clear = surface.tissue[:, list(ASSESSED)].sum(axis=1)
    body = clear + surface.tissue[:, Tissue.COVERED]
    return np.asarray(np.divide(clear, body, out=np.zeros_like(clear), where=body > 0), np.float32)


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
