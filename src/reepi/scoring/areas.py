"""From a visit's surface map to % BSA per region and tissue, as seen and with unassessed skin filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import AREA_LABELS, OPEN_LABEL, AreaRow
from reepi.core.surface import SurfaceMap, as_shares, with_open
from reepi.core.tissue import ASSESSED, Tissue
from reepi.scoring.area_doubt import DEFAULT_DOUBT, Doubt, Filling, area_interval, measured_spread
from reepi.scoring.assessed import assessed_fraction, assessed_parts
from reepi.scoring.intervals import Estimate
from reepi.scoring.skin import Floats, Skin

Unassessed = Literal["as_region", "as_unaffected"]

AREA_REGIONS = (*REGIONS, WHOLE_BODY)
"""Rows of an `AreaTable`: the regions, then the whole body."""

INTACT_COLUMN = ASSESSED.index(Tissue.INTACT)


@dataclass(frozen=True)
class AreaTable:
    """Areas of one visit [% BSA]. Every array is (34, 7): `AREA_REGIONS` by `AREA_LABELS`.

    Parameters
    ----------
    seen : (34, 7) float64
        Of the skin that was seen. The parts of a region (`PART_LABELS`) add up to its share.
    full : (34, 7) float64
        With unassessed skin taken as the protocol says. What that rule cannot fill stays ``unassessed``, so these
        parts add up to the region's share as well.
    low, high : (34, 7) float64
        90 % interval of ``full``.
    spread : (34, 7) float64
        90 % half width of ``seen`` from reading and placement alone; 0 for ``unassessed``.
    """

    seen: Floats
    full: Floats
    low: Floats
    high: Floats
    spread: Floats

    def estimate(self, tissue: str, region: str = WHOLE_BODY) -> Estimate:
        """Return ``full`` of a region and tissue with its interval [% BSA]."""
        at = AREA_REGIONS.index(region), AREA_LABELS.index(tissue)
        return Estimate(float(self.full[at]), float(self.low[at]), float(self.high[at]))

    def seen_percent(self, tissue: str, region: str = WHOLE_BODY) -> float:
        """Return ``seen`` of a region and tissue [% BSA]."""
        return float(self.seen[AREA_REGIONS.index(region), AREA_LABELS.index(tissue)])

    @property
    def open_spread(self) -> float:
        """90 % half width of the whole body's open skin that was seen [% BSA]."""
        return float(self.spread[-1, AREA_LABELS.index(OPEN_LABEL)])

    @property
    def assessed_percent(self) -> float:
        """Skin of the whole body that was assessed [% BSA]."""
        return float(self.seen[-1, : len(ASSESSED)].sum())

    def rows(
        self, patient_id: str, visit_date: date, day: int | None, sources: Sequence[str] | None = None
    ) -> list[AreaRow]:
        """Return the table as rows of ``areas.csv``, region by region, with the source of each region if given."""
        told = sources or [""] * len(AREA_REGIONS)
        return [
            AreaRow(
                patient_id,
                visit_date,
                day,
                region,
                tissue,
                float(self.seen[i, j]),
                float(self.full[i, j]),
                float(self.low[i, j]),
                float(self.high[i, j]),
                told[i],
            )
            for i, region in enumerate(AREA_REGIONS)
            for j, tissue in enumerate(AREA_LABELS)
        ]


def area_table(
    surface: SurfaceMap,
    skin: Skin,
    unassessed: Unassessed = "as_region",
    doubt: Doubt = DEFAULT_DOUBT,
    between: Floats | None = None,
) -> AreaTable:
    """Return the areas of one visit.

    Per region r with share S, assessed area A and area a_t of tissue t, the unassessed skin is u = S - A.
    ``as_region``: full_t = a_t + u a_t / A = S a_t / A. A region of which nothing was assessed takes the assessed mix
    of the whole body, weighted by the part w of the body that was assessed: full_t = S w a_t(body) / A(body); the rest,
    S (1 - w), stays unassessed. So a visit that shows one hand says little about the other regions.
    ``as_unaffected``: unassessed skin counts as intact.

    Parameters
    ----------
    surface : SurfaceMap
        Fusion of the visit's photographs.
    skin : Skin
        Shares, regions and neighbourhood of the same faces.
    unassessed : "as_region" or "as_unaffected"
        What unassessed skin is taken as.
    doubt : Doubt
        Constants of the interval.
    between : (34, 6) float64, optional
        `Agreement.between` of the visit's photographs [% BSA²].

    Raises
    ------
    ValueError
        The surface map and the skin do not have the same faces.
    """
    if len(surface.seen) != skin.n_faces:
        raise ValueError(f"the surface map has {len(surface.seen)} faces, the skin {skin.n_faces}")
    parts = assessed_parts(surface)
    seen, filling = _filled(parts, skin, unassessed)
    spread = measured_spread(surface, skin, parts, doubt, between)
    low, high = area_interval(skin, parts, filling, spread, doubt)
    full = seen + filling.added
    return AreaTable(
        _table(seen, filling.unassessed),
        _table(full, filling.left),
        _join(low, filling.left),
        _join(high, filling.left),
        _join(spread, np.zeros_like(filling.left)),
    )


def full_areas(surface: SurfaceMap, skin: Skin, unassessed: Unassessed = "as_region") -> Floats:
    """Return `AreaTable.full` alone, (34, 7): the same numbers without their intervals, which take longer."""
    seen, filling = _filled(assessed_parts(surface), skin, unassessed)
    return _table(seen + filling.added, filling.left)


def _filled(parts: Floats, skin: Skin, rule: Unassessed) -> tuple[Floats, Filling]:
    """Return the areas seen of the regions (33, 5), and what their unassessed skin is taken as."""
    seen = skin.by_region(skin.shares[:, None] * parts)
    assessed = skin.by_region(skin.shares * assessed_fraction(parts))
    return seen, _fill(seen, assessed, skin.region_shares, rule)


def _fill(seen: Floats, assessed: Floats, shares: Floats, rule: Unassessed) -> Filling:
    """Return what each region's unassessed skin is taken as, by the rule written in `area_table`."""
    unassessed = np.clip(shares - assessed, 0, None)
    known = assessed > 0
    body_mix = as_shares(seen.sum(axis=0, keepdims=True))
    mix = np.where(known[:, None], as_shares(seen), body_mix)
    fraction = np.divide(assessed, shares, out=np.zeros_like(shares), where=shares > 0)
    if rule == "as_unaffected":
        added = np.zeros_like(seen)
        added[:, INTACT_COLUMN] = unassessed
    else:
        weight = np.where(known, 1.0, min(assessed.sum() / 100, 1.0))
        added = (unassessed * weight)[:, None] * mix
    left = np.clip(unassessed - added.sum(axis=1), 0, None)
    return Filling(unassessed, fraction, mix, added, left, extended=rule == "as_region")


def _join(known: Floats, unassessed: Floats) -> Floats:
    """Return known areas (34, 6) beside the unassessed ones of the regions (33,), (34, 7)."""
    return np.column_stack([known, np.append(unassessed, unassessed.sum())])


def _table(parts: Floats, unassessed: Floats) -> Floats:
    """Return the areas of the regions (33, 5) and (33,) as a table with open skin and the whole body, (34, 7)."""
    return _join(with_open(np.vstack([parts, parts.sum(axis=0)])), unassessed)
