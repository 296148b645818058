"""How sure an area is: its sources of doubt, each with its model, joined to a 90 % interval.

1. Reading. What a point of skin is believed to be are calibrated probabilities. The reading of a patch of skin is right
   or wrong as a whole, so a patch of size P with probability p has the variance P² p (1 - p), and a region
   Σ s P p (1 - p) over faces of share s. Of a face that a border crosses, p (1 - p) is the mean over its points: a
   face that is surely open in one half and surely not in the other leaves no doubt (`reading_doubt`). A part of the
   doubt is shared by the whole patient (skin tone, light): its standard deviation is a constant times Σ s p (1 - p).
2. Placement. A registration error of r mm moves the edge of a tissue patch. Errors move together along an effective
   length L, so an edge of length l gives the variance l L r² [mm⁴]. L is much shorter than the distance over which a
   registration is off by the same: a patch that is displaced as a whole loses on one side what it gains on the other.
   The edge length of a map of shares is its total variation, Σ over shared edges of length x difference (the co-area
   formula, Fleming & Rishel, Arch Math 1960;11:218-222). Where tissue meets the border of its region, skin may belong
   to the neighbour; for the whole body no such border counts.
3. Unassessed skin. The share of a tissue in the unassessed skin of a region follows a beta distribution,
   Beta(1/2 + k m, 1/2 + k (1 - m)), with m the assessed mix and k a constant times the assessed part of the region.
   With nothing assessed that is Jeffreys' prior (Proc R Soc Lond A 1946;186:453-461): from nearly none to nearly all.

Sources 1 and 2 are joined as variances. Where the visit's photographs differ more about the skin that several of them
show than that explains (`reepi.scoring.agreement`), the variance that their difference gives takes its place. Source 3
is added in quadrature on each side.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from reepi.core.regions import REGIONS
from reepi.core.surface import SurfaceMap, as_shares, with_open
from reepi.scoring.assessed import assessed_fraction, reading_doubt
from reepi.scoring.intervals import Z_90, quadrature
from reepi.scoring.skin import Floats, Skin, summed

LOW_QUANTILE, HIGH_QUANTILE = 0.05, 0.95
"""Ends of a central 90 % interval."""


@dataclass(frozen=True)
class Doubt:
    """Constants of the interval of an area.

    Parameters
    ----------
    patch_percent : float
        Skin that is read rightly or wrongly as a whole [% BSA]; the default is half a hand with its fingers.
    shared_reading : float
        Part of the reading's doubt that all skin of a patient shares.
    moving_mm : float
        Effective length along which registration errors move together [mm], chosen with ``benchmarks/placement.py``
        on bodies that its reported figures do not use: 5 would hold the truth in 92 % there; twice that, since the
        residuals of real registrations are themselves estimates.
    prior_strength : float
        How much a region's assessed skin says about its unassessed skin, in equivalent draws.
    alike : float
        Correlation between what was missed in different regions.
    """

    patch_percent: float = 0.5
    shared_reading: float = 0.25
    moving_mm: float = 10.0
    prior_strength: float = 4.0
    alike: float = 0.25


DEFAULT_DOUBT = Doubt()


@dataclass(frozen=True)
class Filling:
    """What the unassessed skin of each region is taken as.

    Parameters
    ----------
    unassessed : (33,) float64
        Unassessed skin [% BSA].
    assessed_fraction : (33,) float64
        Assessed part of the region, 0 to 1.
    mix : (33, 5) float64
        Mix of tissues that is expected in the unassessed skin; rows sum to 1, or to 0 where nothing is known.
    added : (33, 5) float64
        Skin taken as each tissue [% BSA].
    left : (33,) float64
        Skin that stays unassessed [% BSA].
    extended : bool
        Whether assessed skin stands for unassessed skin as well, and its doubt with it.
    """

    unassessed: Floats
    assessed_fraction: Floats
    mix: Floats
    added: Floats
    left: Floats
    extended: bool


def area_interval(
    skin: Skin, parts: Floats, filling: Filling, spread: Floats, doubt: Doubt = DEFAULT_DOUBT
) -> tuple[Floats, Floats]:
    """Return the ends of the 90 % interval of the areas per region and tissue [% BSA].

    Parameters
    ----------
    skin : Skin
        Of the faces of ``parts``.
    parts : (F, 5) float64
        From `assessed_parts`.
    filling : Filling
        What unassessed skin was taken as.
    spread : (34, 6) float64
        From `measured_spread`; grows with the area that assessed skin stands for, if it is extended.
    doubt : Doubt
        Constants of the model.

    Returns
    -------
    low, high : (34, 6) float64
        Regions and whole body by the assessed tissues and open.
    """
    full = _with_sums(skin.by_region(skin.shares[:, None] * parts) + filling.added)
    if filling.extended:
        spread = spread * _scale_up(skin, assessed_fraction(parts))[:, None]
    down, up = _unassessed_reach(filling, doubt)
    ceiling = np.append(skin.region_shares, 100.0)[:, None]
    low = np.clip(full - quadrature(spread, down), 0, ceiling)
    high = np.clip(full + quadrature(spread, up), 0, ceiling)
    if not filling.assessed_fraction.any():
        low[-1], high[-1] = 0.0, 100.0
    return np.minimum(low, full), np.maximum(high, full)


def _with_sums(areas: Floats) -> Floats:
    """Return regional areas (33, 5) with open skin and the whole body, (34, 6)."""
    areas = with_open(areas)
    return np.vstack([areas, areas.sum(axis=0)])


def measured_spread(
    surface: SurfaceMap, skin: Skin, parts: Floats, doubt: Doubt = DEFAULT_DOUBT, between: Floats | None = None
) -> Floats:
    """Return the 90 % half width of the seen areas from reading and placement [% BSA].

    Parameters
    ----------
    surface : SurfaceMap
        For the error of its mapping, and for what is believed of each face.
    skin : Skin
        Of the same faces.
    parts : (F, 5) float64
        From `assessed_parts` of the surface map.
    doubt : Doubt
        Constants of the model.
    between : (34, 6) float64, optional
        `Agreement.between` of the visit's photographs [% BSA²].

    Returns
    -------
    (34, 6) float64
        Regions and whole body by the assessed tissues and open.
    """
    fraction = assessed_fraction(parts)
    mix = with_open(as_shares(parts))
    ambiguous = skin.by_region((skin.shares * fraction)[:, None] * reading_doubt(surface))
    ambiguous = np.vstack([ambiguous, ambiguous.sum(axis=0)])
    reading = doubt.patch_percent * ambiguous + (doubt.shared_reading * ambiguous) ** 2
    placement = doubt.moving_mm * _edge_variance_per_mm(surface, skin, mix, fraction > 0)
    modelled = reading + placement
    half_width: Floats = Z_90 * np.sqrt(modelled if between is None else np.maximum(modelled, between))
    return half_width


def _scale_up(skin: Skin, fraction: Floats) -> Floats:
    """Return share / assessed area of each region and the body, (34,); 0 where nothing was assessed."""
    assessed = skin.by_region(skin.shares * fraction)
    shares, assessed = np.append(skin.region_shares, 100.0), np.append(assessed, assessed.sum())
    scale: Floats = np.divide(shares, assessed, out=np.zeros_like(shares), where=assessed > 0)
    return scale


def _edge_variance_per_mm(surface: SurfaceMap, skin: Skin, mix: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Return Σ edge length x residual² x difference of mix, per region and for the body [% BSA² / mm], (34, 6)."""
    kept = known[skin.pairs].all(axis=1)
    one, two = skin.pairs[kept].T
    residual = np.asarray(surface.residual_mm, np.float64)[skin.pairs[kept]].mean(axis=1)
    density = skin.percent_per_mm2[skin.pairs[kept]].mean(axis=1)
    weight = (skin.lengths_mm[kept] * (residual * density) ** 2)[:, None]
    same = (skin.regions[one] == skin.regions[two])[:, None]
    difference = np.abs(mix[one] - mix[two])
    regional = summed(skin.regions[one], weight * np.where(same, difference, mix[one]), len(REGIONS))
    regional += summed(skin.regions[two], weight * np.where(same, 0.0, mix[two]), len(REGIONS))
    return np.vstack([regional, (weight * difference).sum(axis=0)])


def _unassessed_reach(filling: Filling, doubt: Doubt) -> tuple[Floats, Floats]:
    """Return how far below and above the estimate unassessed skin may take an area [% BSA], (34, 6) each."""
    mix, added = with_open(filling.mix), with_open(filling.added)
    strength = (doubt.prior_strength * filling.assessed_fraction)[:, None]
    first, second = 0.5 + strength * mix, 0.5 + strength * (1 - mix)
    unassessed = filling.unassessed[:, None]
    down = np.clip(added - unassessed * betaincinv(first, second, LOW_QUANTILE), 0, None)
    up = np.clip(unassessed * betaincinv(first, second, HIGH_QUANTILE) - added, 0, None)
    return _with_body(down, doubt.alike), _with_body(up, doubt.alike)


def _with_body(reach: Floats, alike: float) -> Floats:
    """Return regional deviations (33, 6) with that of their sum, for a correlation between regions, (34, 6)."""
    body = np.sqrt((1 - alike) * np.square(reach).sum(axis=0) + alike * reach.sum(axis=0) ** 2)
    return np.vstack([reach, body])
