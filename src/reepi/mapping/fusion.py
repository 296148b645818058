"""Fuses the surface maps of a visit's photographs into one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.core.surface import BY_READERS, Origin, SurfaceMap, as_shares
from reepi.core.tissue import ASSESSED, UNLABELLED, Tissue

Floats = npt.NDArray[np.float64]

UNASSESSED = [tissue for tissue in Tissue if tissue not in ASSESSED]

WORTH_HEARING = 0.1
"""A photograph whose weight on a face is less than this share of the best one's has no say on how much of the face
can be assessed: at the edge of a limb it may well show what lies behind."""

LEAST_TOLD = 0.25
"""A photograph that somebody read silences the model's proposals on a face if it tells the tissue of this share of it
at least. Chosen, not measured."""

CHART_ERROR_MM = 20.0
"""Expected error of what is painted on a body chart [mm]: a finger's width. Chosen, not measured."""

LEAST_ERROR_MM = 1e-3
"""No photograph is surer of its place than this [mm]; keeps weights finite."""


def fuse(maps: Sequence[SurfaceMap]) -> SurfaceMap:
    """Return the surface map of all photographs of a visit together.

    Of each face, as much counts as assessed as its best photographs show; what they show there is averaged, each
    weighted by the inverse square of its error on that face, which grows with grazing views, distance and a poor
    registration; so are the beliefs. Where a photograph that somebody read has a say and tells the tissue, those that
    the model alone read are silent. A photograph given twice counts once, and their order does not matter, both to the
    last bit.

    Parameters
    ----------
    maps : sequence of SurfaceMap
        At least one, all of one template.

    Raises
    ------
    ValueError
        There are none, or they differ in their number of faces.
    """
    distinct = _distinct(maps)
    weight, shown = face_weights(distinct), [_Shown.of(each) for each in distinct]
    amounts = _fused_amounts(shown, weight)
    n_faces = weight.shape[1]
    belief, residual_mm = np.zeros((n_faces, len(Tissue))), np.zeros(n_faces)
    variance, said = np.zeros((n_faces, len(ASSESSED) + 1)), np.zeros(n_faces)
    for each, part, own in zip(distinct, shown, weight, strict=True):
        faces = part.faces
        beliefs = each.belief[faces].astype(np.float64)
        say = own[faces] * each.seen[faces]
        belief[faces] += say[:, None] * beliefs
        say = say * beliefs[:, list(ASSESSED)].sum(axis=1)
        variance[faces] += say[:, None] * each.variance[faces]
        said[faces] += say
        residual_mm[faces] += own[faces] * each.residual_mm[faces]
    fused_seen = np.minimum(amounts.sum(axis=1), 1)
    total = np.maximum(weight.sum(axis=0), 1e-12)
    return SurfaceMap(
        as_shares(amounts).astype(np.float32),
        fused_seen.astype(np.float32),
        np.where(fused_seen > 0, residual_mm / total, 0).astype(np.float32),
        as_shares(np.where(fused_seen[:, None] > 0, belief, 0)).astype(np.float32),
        np.where(fused_seen > 0, origins(distinct, weight), Origin.UNSEEN).astype(np.uint8),
        (variance / np.maximum(said, 1e-12)[:, None]).astype(np.float32),
    )


def with_chart(surface: SurfaceMap, tissue: npt.NDArray[np.uint8]) -> SurfaceMap:
    """Return a visit's surface map with what a reader painted on the body chart, which outranks the photographs.

    Parameters
    ----------
    surface : SurfaceMap
        Fusion of the visit's photographs.
    tissue : (F,) uint8
        Tissue painted on each face; 255 where nothing was painted.

    Raises
    ------
    ValueError
        The chart has other faces than the map.
    """
    if tissue.shape != surface.seen.shape:
        raise ValueError(f"the chart has {len(tissue)} faces, the surface map {len(surface.seen)}")
    painted = tissue != UNLABELLED
    certain = (tissue[:, None] == np.arange(len(Tissue), dtype=np.uint8)).astype(np.float32)
    return SurfaceMap(
        np.where(painted[:, None], certain, surface.tissue),
        np.where(painted, 1, surface.seen).astype(np.float32),
        np.where(painted, CHART_ERROR_MM, surface.residual_mm).astype(np.float32),
        np.where(painted[:, None], certain, surface.belief),
        np.where(painted, Origin.CHART, surface.origin).astype(np.uint8),
        np.where(painted[:, None], np.float32(0), surface.variance),
    )


def averaged(maps: Sequence[SurfaceMap]) -> SurfaceMap:
    """Return the mean of what several readers say of one photograph: nobody has decided between them yet.

    What they differ on is doubt: it widens the variance of the mean belief, and not that within a face. Who labelled
    less of a face says less of it, and who labelled nothing of it, nothing.

    Parameters
    ----------
    maps : sequence of SurfaceMap
        One for each reader, all of the same photograph and place on the body.
    """
    labelled = np.stack([each.seen for each in maps]).astype(np.float64)
    part = labelled / np.maximum(labelled.sum(axis=0), 1e-12)

    def mean(name: str) -> npt.NDArray[np.float32]:
        said = np.stack([getattr(each, name) for each in maps])
        return np.asarray(np.einsum("mf,mft->ft", part, said), np.float32)

    seen = labelled.max(axis=0).astype(np.float32)
    return SurfaceMap(
        mean("tissue"),
        seen,
        np.max([each.residual_mm for each in maps], axis=0),
        mean("belief"),
        np.where(seen > 0, maps[0].origin.max(initial=Origin.UNSEEN), Origin.UNSEEN).astype(np.uint8),
        mean("variance"),
    )


def face_weights(maps: Sequence[SurfaceMap]) -> Floats:
    """Return the weight of each photograph on each face, (M, F): the inverse square of its error there [1/mm²].

    The model's proposals have none where a photograph that somebody read has a say and tells the tissue.
    """
    seen = np.stack([each.seen for each in maps])
    residual = np.stack([each.residual_mm for each in maps]).astype(np.float64)
    weight = np.where(seen > 0, 1 / np.maximum(residual, LEAST_ERROR_MM) ** 2, 0)
    read = np.isin(np.stack([each.origin for each in maps]), BY_READERS)
    settled = (heard(weight * seen) & read & (_told(maps) >= LEAST_TOLD)).any(axis=0)
    return np.where(settled & ~read, 0, weight)


def origins(maps: Sequence[SurfaceMap], weight: Floats) -> npt.NDArray[np.uint8]:
    """Return the highest origin of those worth hearing on each face, (F,), from the weight of each photograph, (M, F).

    Who says that a face is background decides only where nobody tells its tissue.
    """
    telling, showing = heard(weight * _told(maps)), heard(weight * np.stack([each.seen for each in maps]))
    counts = np.where(telling.any(axis=0), telling, showing)
    return np.asarray(np.where(counts, np.stack([each.origin for each in maps]), Origin.UNSEEN).max(axis=0), np.uint8)


def _told(maps: Sequence[SurfaceMap]) -> Floats:
    """Return the share of each face whose tissue each photograph tells, (M, F): background tells none."""
    return np.stack([each.seen * (1 - each.tissue[:, Tissue.BACKGROUND].astype(np.float64)) for each in maps])


def heard(say: Floats) -> npt.NDArray[np.bool_]:
    """Return which photographs have a say on each face, (M, F), from weight x share seen (M, F)."""
    return np.asarray((say > 0) & (say >= WORTH_HEARING * say.max(axis=0)))


def content_of(surface: SurfaceMap) -> bytes:
    """Return what makes a map the same as another one: what it says of the faces that it shows."""
    faces = np.flatnonzero(surface.seen)
    arrays = (surface.seen, surface.residual_mm, surface.tissue, surface.belief, surface.origin, surface.variance)
    return b"".join([faces.tobytes(), *(array[faces].tobytes() for array in arrays)])


def _distinct(maps: Sequence[SurfaceMap]) -> list[SurfaceMap]:
    """Return each different map once, in an order that their content alone decides.

    Raises
    ------
    ValueError
        There are none, or they differ in their number of faces.
    """
    if len({len(each.seen) for each in maps}) != 1:
        raise ValueError("fuse takes one or more surface maps of one template")
    by_content = {content_of(each): each for each in maps}
    return [by_content[content] for content in sorted(by_content)]


@dataclass(frozen=True)
class _Shown:
    """The faces (N,) that a photograph shows, a small part of the body, and their share of each tissue, (N, 7)."""

    faces: npt.NDArray[np.intp]
    amounts: Floats

    @classmethod
    def of(cls, surface: SurfaceMap) -> "_Shown":
        faces = np.flatnonzero(surface.seen)
        return cls(faces, surface.seen[faces].astype(np.float64)[:, None] * surface.tissue[faces])


def _fused_amounts(shown: Sequence[_Shown], weight: Floats) -> Floats:
    """Return the share of each face seen with each tissue, (F, 7), from photographs and their weights (M, F)."""
    n_faces = weight.shape[1]
    seen = np.zeros_like(weight)
    for row, part in zip(seen, shown, strict=True):
        row[part.faces] = part.amounts.sum(axis=1)
    speaks = heard(weight * seen)
    assessed, mean = np.zeros(n_faces), np.zeros((n_faces, len(Tissue)))
    for part, own, speaking in zip(shown, weight, speaks, strict=True):
        faces = part.faces
        known = np.where(speaking[faces], part.amounts[:, list(ASSESSED)].sum(axis=1), 0)
        assessed[faces] = np.maximum(assessed[faces], known)
        mean[faces] += own[faces][:, None] * part.amounts
    unassessed = np.maximum(np.where(speaks, seen, 0).max(axis=0) - assessed, 0)
    fused = np.zeros_like(mean)
    for tissues, extent in ((list(ASSESSED), assessed), (UNASSESSED, unassessed)):
        part_of_mean = mean[:, tissues]
        fused[:, tissues] = part_of_mean * (extent / np.maximum(part_of_mean.sum(axis=1), 1e-300))[:, None]
    return fused
