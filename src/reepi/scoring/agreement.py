"""Whether the photographs of a visit agree about the skin that several of them show.

Two photographs of the same skin are two measurements of it. Where they differ, one of them is misplaced or misread, and
nobody needs to know the truth to see it. So their difference is reported by region, and it is a second, independent
look at the doubt about the visit's areas: for photographs m of weight w_m on face f of share s_f, the errors e_m that
they seem to have had give the area of a tissue the variance

    Σ_m (Σ_f s_f w_mf e_mf / √(1 - w_mf))²,   e_mf = x_mf - Σ_n w_nf x_nf,

a sandwich estimate clustered by photograph (Liang & Zeger, Biometrika 1986;73:13-22) with the leverage correction of
Bell & McCaffrey (Surv Methodol 2002;28:169-181). For two photographs of equal weight that differ by D it is D²/4.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import numpy as np
import numpy.typing as npt

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import DisagreementRow
from reepi.core.surface import SurfaceMap, as_shares, with_open
from reepi.core.tissue import ASSESSED
from reepi.mapping.fusion import content_of, face_weights, heard
from reepi.scoring.assessed import assessed_fraction, assessed_parts
from reepi.scoring.skin import Floats, Skin

Flags = npt.NDArray[np.bool_]

ByRegion = Callable[[Floats], Floats]
"""Sums of amounts (N,) or (N, K) over each region, and over the whole body last, (34,) or (34, K)."""

SHOWN_WELL = 0.5
"""A photograph shows a face well if it lets at least this part of it be assessed, and is heard on it by fusion."""


@dataclass(frozen=True)
class Pair:
    """Two photographs and the skin on which they differ [% BSA]."""

    first: str
    second: str
    percent_bsa: float


@dataclass(frozen=True)
class Agreement:
    """How far the photographs of a visit agree. Arrays are by region, the whole body last.

    Parameters
    ----------
    overlap : (34,) float64
        Skin that two or more photographs show well [% BSA].
    differing : (34,) float64
        Of it, the area between the largest and the smallest open share that one of them gives each face [% BSA].
    pairs : tuple of Pair or None, 34
        The two photographs that differ on the most skin; None where none do.
    between : (34, 6) float64
        Variance of the areas of the assessed tissues and of open skin, from the differences alone [% BSA²].
    """

    overlap: Floats
    differing: Floats
    pairs: tuple[Pair | None, ...]
    between: Floats

    def rows(
        self, patient_id: str, visit_date: date, day: int | None, sources: Sequence[str] | None = None
    ) -> list[DisagreementRow]:
        """Return the rows of ``disagreement.csv``, region by region, with the source of each region if given."""
        rows = []
        regions = (*REGIONS, WHOLE_BODY)
        told = sources or [""] * len(regions)
        for region, overlap, differing, pair, source in zip(
            regions, self.overlap.tolist(), self.differing.tolist(), self.pairs, told, strict=True
        ):
            part = 100 * differing / overlap if overlap > 0 else None
            names = (pair.first, pair.second, pair.percent_bsa) if pair else ("", "", 0.0)
            rows.append(DisagreementRow(patient_id, visit_date, day, region, overlap, differing, part, *names, source))
        return rows


def agreement(maps: Mapping[str, SurfaceMap], skin: Skin, settled: Flags | None = None) -> Agreement:
    """Return how far the photographs of a visit agree.

    Parameters
    ----------
    maps : mapping of str to SurfaceMap
        What each photograph shows, by its file. One that is given twice counts once.
    skin : Skin
        Of the same faces.
    settled : (F,) bool, optional
        Faces of which somebody said at the bedside what they are: photographs that differ there leave no doubt.
    """
    files = _distinct_files(maps)
    if len(files) < 2:
        none = np.zeros(len(REGIONS) + 1)
        return Agreement(none, none, (None,) * len(none), np.zeros((len(none), len(ASSESSED) + 1)))
    # Nothing is told of skin that one photograph alone shows, which is most of it.
    faces = np.flatnonzero(np.sum([maps[file].seen > 0 for file in files], axis=0) >= 2)
    surfaces = [maps[file].of_faces(faces) for file in files]
    parts = [assessed_parts(surface) for surface in surfaces]
    assessed = np.stack([assessed_fraction(part) for part in parts])
    say = face_weights(surfaces) * assessed
    well = heard(say) & (assessed >= SHOWN_WELL)
    well &= well.sum(axis=0) >= 2
    mixes = np.stack([with_open(as_shares(part)) for part in parts])
    opened = mixes[..., -1]
    area = skin.shares[faces] * np.where(well, assessed, 0).max(axis=0)
    spread = np.where(well, opened, 0).max(axis=0) - np.where(well, opened, 1).min(axis=0)
    spread = np.where(well.any(axis=0), spread, 0)

    def by_region(amounts: Floats) -> Floats:
        regional = skin.by_region(amounts, faces)
        return np.concatenate([regional, regional.sum(axis=0, keepdims=True)])

    doubted = area if settled is None else np.where(settled[faces], 0, area)
    return Agreement(
        by_region(area),
        by_region(area * spread),
        _most_differing(files, opened, well, area, by_region),
        _between(mixes, np.where(well, say, 0), doubted, by_region),
    )


def _distinct_files(maps: Mapping[str, SurfaceMap]) -> list[str]:
    """Return the files of different maps, in an order that their content alone decides."""
    first: dict[bytes, str] = {}
    for file in sorted(maps):
        first.setdefault(content_of(maps[file]), file)
    return [first[content] for content in sorted(first)]


def _most_differing(
    files: list[str], opened: Floats, well: Flags, area: Floats, by_region: ByRegion
) -> tuple[Pair | None, ...]:
    """Return for each region and the body the two photographs that differ on the most skin."""
    best: list[Pair | None] = [None] * (len(REGIONS) + 1)
    for one, two in sorted(combinations(range(len(files)), 2), key=lambda pair: sorted(files[i] for i in pair)):
        both = well[one] & well[two]
        if not both.any():
            continue
        differing = by_region(area * np.where(both, np.abs(opened[one] - opened[two]), 0))
        first, second = sorted((files[one], files[two]))
        for at in np.flatnonzero(differing > 0):
            known = best[at]
            if known is None or differing[at] > known.percent_bsa:
                best[at] = Pair(first, second, float(differing[at]))
    return tuple(best)


def _between(mixes: Floats, say: Floats, area: Floats, by_region: ByRegion) -> Floats:
    """Return the variance of the areas from the differences between photographs [% BSA²], (34, 6)."""
    weight = np.divide(say, say.sum(axis=0), out=np.zeros_like(say), where=say > 0)
    mean = np.einsum("mf,mft->ft", weight, mixes)
    variance = np.zeros((len(REGIONS) + 1, mixes.shape[2]))
    for mix, own in zip(mixes, weight, strict=True):
        leverage = np.divide(own, np.sqrt(1 - own), out=np.zeros_like(own), where=(own > 0) & (own < 1))
        variance += by_region((area * leverage)[:, None] * (mix - mean)) ** 2
    return variance
