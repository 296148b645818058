"""An interval for the area of a tissue in a photograph, whose coverage holds on photographs that did not fit it.

The calibrated probabilities say how much of what was taken for a tissue may be something else (``doubted``), and how
much of the rest may be that tissue (``missed``). On validation photographs the true area is compared with both: how
many times the doubted area it lies below the measured one, or how many times the missed area above. The quantile of
these numbers is the factor that makes a 90 % interval (split conformal prediction with a scale of its own for each
photograph: Lei et al., J Am Stat Assoc 2018;113:1094-1111, sections 2.2 and 5.2). Of several data sets the one that
needs the widest interval decides, so that the interval holds in each kind of photograph.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.core.images import TissueMap
from reepi.core.results import OPEN_LABEL
from reepi.core.tissue import OPEN, Tissue

COVERAGE: Final = 0.9
"""Share of photographs whose interval shall hold the true area."""

SUBJECTS: Final[Mapping[str, tuple[Tissue, ...]]] = {
    tissue.label: (tissue,) for tissue in (Tissue.ERYTHEMA, Tissue.DETACHABLE, Tissue.DETACHED, Tissue.REEPITHELIALISED)
} | {OPEN_LABEL: OPEN}
"""What areas are given for, with the tissues that count."""

LEAST_DOUBT: Final = 0.1
"""Doubt that no photograph is without [% of its skin]: borders are never drawn better."""

LEAST_AREA: Final = 0.5
"""Measured or true area [% of the photograph's skin] from which a photograph counts in the fit and in the coverage.
Where there is none of a tissue and none is found every interval is right, which says nothing."""

FEWEST: Final = 20
"""Photographs that a factor rests on at least; with fewer there is none."""


@dataclass(frozen=True)
class Area:
    """Area of a tissue in a photograph as the network sees it.

    Parameters
    ----------
    percent : float
        Measured [% of the photograph's skin].
    doubted : float
        Part of it that the probabilities expect to be something else [% of the photograph's skin].
    missed : float
        What they expect of it elsewhere [% of the photograph's skin].
    """

    percent: float
    doubted: float
    missed: float

    def interval(self, factor: float) -> tuple[float, float]:
        """Return the lower and upper end of the 90 % interval [% of the photograph's skin]."""
        low = self.percent - factor * (self.doubted + LEAST_DOUBT)
        return max(low, 0.0), min(self.percent + factor * (self.missed + LEAST_DOUBT), 100.0)

    def score(self, true_percent: float) -> float:
        """Return the smallest factor whose interval holds the true area."""
        error = true_percent - self.percent
        return error / (self.missed + LEAST_DOUBT) if error > 0 else -error / (self.doubted + LEAST_DOUBT)


def measured_areas(tissues: TissueMap) -> dict[str, Area]:
    """Return the area of every subject in a photograph; none where it shows no skin."""
    mask, probabilities = tissues.mask, tissues.probabilities
    skin = int((mask != Tissue.BACKGROUND).sum())
    return {name: _area(probabilities, np.isin(mask, kinds), kinds, skin) for name, kinds in SUBJECTS.items() if skin}


def _area(
    probabilities: npt.NDArray[np.float32], found: npt.NDArray[np.bool_], kinds: tuple[Tissue, ...], skin: int
) -> Area:
    belief = probabilities[list(kinds)].sum(axis=0, dtype=np.float64)
    percent = 100 / skin
    return Area(percent * int(found.sum()), percent * float((1 - belief)[found].sum()), percent * belief[~found].sum())


def true_areas(label_sets: npt.NDArray[np.uint8], skin: int) -> dict[str, float]:
    """Return the true area of each subject that the labels decide everywhere [% of the photograph's skin].

    Parameters
    ----------
    label_sets : (H, W) uint8
        Bit t is set if tissue t is possible; 0 is unlabelled.
    skin : int
        Pixels of skin that areas are given in percent of.
    """
    found: dict[str, float] = {}
    for name, kinds in SUBJECTS.items():
        bits = np.uint8(sum(1 << kind for kind in kinds))
        inside = (label_sets > 0) & (label_sets & ~bits == 0)
        if not ((label_sets == 0) | ((label_sets & bits > 0) & ~inside)).any():
            found[name] = 100 * float(inside.sum()) / skin
    return found


@dataclass(frozen=True)
class KnownArea:
    """A measured area beside the true one.

    Parameters
    ----------
    subject : str
        Tissue label or ``open``.
    area : Area
        As measured.
    true_percent : float
        As it is [% of the photograph's skin].
    """

    subject: str
    area: Area
    true_percent: float

    @property
    def counts(self) -> bool:
        """Whether there is enough of the tissue to learn from; see `LEAST_AREA`."""
        return max(self.area.percent, self.true_percent) >= LEAST_AREA


def fit_factors(known: Sequence[Sequence[KnownArea]]) -> dict[str, float]:
    """Return the factor of each subject that at least `FEWEST` photographs tell of.

    Parameters
    ----------
    known : sequence of sequence of KnownArea
        Of each data set, the areas in its photographs. The factor is that of the data set which needs the widest
        interval, or of all together where that is wider or none has enough photographs: what holds in rendered
        photographs alone would promise too much of real ones.
    """
    together = [area for areas in known for area in areas]
    factors: dict[str, float] = {}
    for areas in (*known, together):
        for name in SUBJECTS:
            scores = [each.area.score(each.true_percent) for each in areas if each.subject == name and each.counts]
            if len(scores) >= FEWEST:
                factors[name] = max(conformal_quantile(scores), factors.get(name, 0.0))
    return {name: factors[name] for name in SUBJECTS if name in factors}


def conformal_quantile(scores: Sequence[float]) -> float:
    """Return the smallest score that as many lie at or below as `COVERAGE` of one more photograph asks for."""
    ordered = sorted(scores)
    return float(ordered[min(ceil((len(ordered) + 1) * COVERAGE), len(ordered)) - 1])


def coverage(known: Iterable[KnownArea], factors: Mapping[str, float]) -> dict[str, tuple[float, int]]:
    """Return for each subject the share of intervals that hold the true area, and the photographs it rests on."""
    held: dict[str, list[bool]] = {}
    for each in known:
        if each.counts and each.subject in factors:
            low, high = each.area.interval(factors[each.subject])
            held.setdefault(each.subject, []).append(low - 1e-9 <= each.true_percent <= high + 1e-9)
    return {name: (float(np.mean(held[name])), len(held[name])) for name in SUBJECTS if name in held}
