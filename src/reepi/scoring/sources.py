"""Who said what a number rests on: the model's proposals, readings of photographs, or what was painted on the chart."""

from collections.abc import Iterable

import numpy as np

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


def source_text(origins: Iterable[Origin]) -> str:
    """Return origins in words, such as ``proposal + reading``; nothing where nobody said anything."""
    return " + ".join(origin.label for origin in sorted(set(origins)))
