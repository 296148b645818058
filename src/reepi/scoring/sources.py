"""Who said what a number rests on: the model's proposals, readings of photographs, or what was painted on the chart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from reepi.core.regions import REGIONS
from reepi.core.surface import Origin, SurfaceMap
from reepi.scoring.assessed import assessed_fraction, assessed_parts
from reepi.scoring.skin import Skin

Origins = frozenset[Origin]


def origins_by_region(surface: SurfaceMap, skin: Skin) -> tuple[Origins, ...]:
    """Return who said what the assessed skin is, for the 33 regions and then the whole body.

    Parameters
    ----------
    surface : SurfaceMap
        Of a visit.
    skin : Skin
        Of the same faces.
    """
    # A dressing painted on the chart says something too: that the skin below it is unassessed.
    told = (assessed_fraction(assessed_parts(surface)) > 0) | (surface.origin == Origin.CHART)
    told &= skin.is_skin
    found = np.zeros((len(REGIONS), len(Origin)), bool)
    found[skin.regions[told], surface.origin[told]] = True
    regional = [frozenset(origin for origin in Origin if origin and row[origin]) for row in found]
    return (*regional, frozenset().union(*regional))


def so_far(told: Sequence[tuple[Origins, ...]]) -> list[tuple[Origins, ...]]:
    """Return, for each visit, who said something of each region at it or before, from `origins_by_region` of each."""
    return list(accumulate(told, lambda before, now: tuple(a | b for a, b in zip(before, now, strict=True))))


def source_text(origins: Iterable[Origin]) -> str:
    """Return origins in words, such as ``proposal + reading``; nothing where nobody said anything."""
    return " + ".join(origin.label for origin in sorted(set(origins)))


@dataclass(frozen=True)
class RestsOn:
    """Whose word the skin of a visit rests on.

    Parameters
    ----------
    assessed : dict of Origin to float
        Assessed skin by who said what it is [% BSA]; adds up to all that was assessed. Every origin but ``UNSEEN``.
    dressings : float
        Skin that is unassessed because a dressing was painted over it on the body chart [% BSA].
    """

    assessed: Mapping[Origin, float]
    dressings: float


def rests_on(surface: SurfaceMap, shares: npt.NDArray[np.float64]) -> RestsOn:
    """Return whose word the skin of a visit rests on.

    Parameters
    ----------
    surface : SurfaceMap
        Of a visit.
    shares : (F,) float64
        Share of each of its faces in the body surface [% BSA]; 0 where there is no skin.
    """
    fraction = assessed_fraction(assessed_parts(surface))
    by_origin = np.bincount(surface.origin, shares * fraction, len(Origin))
    hidden = (shares * (1 - fraction))[surface.origin == Origin.CHART].sum()
    told: dict[Origin, float] = {origin: float(by_origin[origin]) for origin in Origin if origin is not Origin.UNSEEN}
    return RestsOn(told, float(hidden))
