"""Fuses the surface maps of a visit's photographs into one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from reepi.core.surface import BY_READERS, Origin, SurfaceMap, as_shares
from reepi.core.tissue import ASSESSED, UNLABELLED, Tissue

Floats = npt.NDArray[np.float64]

UNASSESSED = [tissue for tissue in Tissue if tissue not in ASSESSED]

WORTH_HEARING = 0.1
"""A photograph whose weight on a face is less than this share of the best one's has no say on how much of the face
can be assessed: at the edge of a limb it may well show what lies behind."""

CHART_ERROR_MM = 20.0
"""Expected error of what is painted on a body chart [mm]: a finger's width. Chosen, not measured."""

LEAST_ERROR_MM = 1e-3
"""No photograph is surer of its place than this [mm]; keeps weights finite."""


def fuse(maps: Sequence[SurfaceMap]) -> SurfaceMap:
    """Return the surface map of all photographs of a visit together.

    Of each face, as much counts as assessed as its best photographs show; what they show there is averaged, each
    weighted by the inverse square of its error on that face, which grows with grazing views, distance and a poor
    registration; so are the beliefs. Where a photograph that somebody read has a say, those that the model alone read
    are silent. A photograph given twice counts once, and their order does not matter, both to the last bit.

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
    seen = np.stack([each.seen for each in distinct]).astype(np.float64)
    residual = np.stack([each.residual_mm for each in distinct]).astype(np.float64)
    weight = face_weights(distinct)
    amounts = _fused_amounts(seen[..., None] * np.stack([each.tissue for each in distinct]), weight)
    beliefs = np.stack([each.belief for each in distinct]).astype(np.float64)
    belief = np.einsum("mf,mft->ft", weight * seen, beliefs)
    say = weight * seen * beliefs[..., list(ASSESSED)].sum(axis=2)
    variance = np.einsum("mf,mft->ft", say, np.stack([each.variance for each in distinct]).astype(np.float64))
    fused_seen = np.minimum(amounts.sum(axis=1), 1)
    total = np.maximum(weight.sum(axis=0), 1e-12)
    fused_residual = np.where(fused_seen > 0, (weight * residual).sum(axis=0) / total, 0)
    return SurfaceMap(
        as_shares(amounts).astype(np.float32),
        fused_seen.astype(np.float32),
        fused_residual.astype(np.float32),
        as_shares(np.where(fused_seen[:, None] > 0, belief, 0)).astype(np.float32),
        np.where(fused_seen > 0, origins(distinct, weight), Origin.UNSEEN).astype(np.uint8),
        (variance / np.maximum(say.sum(axis=0), 1e-12)[:, None]).astype(np.float32),
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

    What they differ on is doubt: it widens the variance of the mean belief, and not that within a face.

    Parameters
    ----------
    maps : sequence of SurfaceMap
        One for each reader, all of the same photograph: they differ in tissue, belief and variance alone.
    """

    def mean(name: str) -> npt.NDArray[np.float32]:
        return np.asarray(np.mean([getattr(each, name) for each in maps], axis=0), np.float32)

    return replace(maps[0], tissue=mean("tissue"), belief=mean("belief"), variance=mean("variance"))


def face_weights(maps: Sequence[SurfaceMap]) -> Floats:
    """Return the weight of each photograph on each face, (M, F): the inverse square of its error there [1/mm²].

    The model's proposals have none where a photograph that somebody read has a say.
    """
    seen = np.stack([each.seen for each in maps])
    residual = np.stack([each.residual_mm for each in maps]).astype(np.float64)
    weight = np.where(seen > 0, 1 / np.maximum(residual, LEAST_ERROR_MM) ** 2, 0)
    read = np.isin(np.stack([each.origin for each in maps]), BY_READERS)
    settled = (heard(weight * seen) & read).any(axis=0)
    return np.where(settled & ~read, 0, weight)


def origins(maps: Sequence[SurfaceMap], weight: Floats) -> npt.NDArray[np.uint8]:
    """Return the highest origin of what counts on each face, (F,), from the weight of each photograph, (M, F)."""
    told = np.where(weight > 0, np.stack([each.origin for each in maps]), Origin.UNSEEN)
    return np.asarray(told.max(axis=0), np.uint8)


def heard(say: Floats) -> npt.NDArray[np.bool_]:
    """Return which photographs have a say on each face, (M, F), from weight x share seen (M, F)."""
    return np.asarray((say > 0) & (say >= WORTH_HEARING * say.max(axis=0)))


def content_of(surface: SurfaceMap) -> bytes:
    """Return what makes a map the same as another one."""
    arrays = (surface.seen, surface.residual_mm, surface.tissue, surface.belief, surface.origin, surface.variance)
    return b"".join(array.tobytes() for array in arrays)


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


def _fused_amounts(amounts: Floats, weight: Floats) -> Floats:
    """Return the share of each face seen with each tissue, (F, 7), from that of each photograph, (M, F, 7)."""
    seen = amounts.sum(axis=2)
    speaks = heard(weight * seen)
    assessed = np.where(speaks, amounts[..., list(ASSESSED)].sum(axis=2), 0).max(axis=0)
    unassessed = np.maximum(np.where(speaks, seen, 0).max(axis=0) - assessed, 0)
    mean = np.einsum("mf,mft->ft", weight, amounts)
    fused = np.zeros(amounts.shape[1:])
    for tissues, extent in ((list(ASSESSED), assessed), (UNASSESSED, unassessed)):
        part = mean[:, tissues]
        fused[:, tissues] = part * (extent / np.maximum(part.sum(axis=1), 1e-300))[:, None]
    return fused
