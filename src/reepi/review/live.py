"""The numbers of a visit while it is being painted: the same that scoring gives, without their intervals."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate
from reepi.core.images import Mask
from reepi.core.regions import WHOLE_BODY
from reepi.core.results import AREA_LABELS, OPEN_LABEL
from reepi.core.surface import Origin, SurfaceMap
from reepi.core.tissue import Tissue
from reepi.mapping.projection import SkinSamples, project_mask
from reepi.pipeline import visit_surface
from reepi.scoring.areas import AREA_REGIONS, Unassessed, full_areas
from reepi.scoring.assessed import assessed_fraction, assessed_parts
from reepi.scoring.skin import Floats, Skin


@dataclass(frozen=True)
class Numbers:
    """Areas of a visit [% BSA], with unassessed skin taken as the protocol says.

    Parameters
    ----------
    table : (34, 7) float64
        `AREA_REGIONS` by `AREA_LABELS`, as `reepi.scoring.areas.AreaTable.full`.
    surface : SurfaceMap
        What they were counted on.
    unassessed : float
        Skin that nothing tells of, before it is taken as anything [% BSA]; as in ``areas.csv``.
    """

    table: Floats
    surface: SurfaceMap
    unassessed: float

    def percent(self, tissue: str, region: str = WHOLE_BODY) -> float:
        """Return the area of a tissue in a region [% BSA]."""
        return float(self.table[AREA_REGIONS.index(region), AREA_LABELS.index(tissue)])

    @property
    def open(self) -> float:
        """Open skin [% BSA]."""
        return self.percent(OPEN_LABEL)

    @property
    def reepithelialised(self) -> float:
        """Re-epithelialised skin [% BSA]."""
        return self.percent(Tissue.REEPITHELIALISED.label)


@dataclass(frozen=True)
class LiveVisit:
    """A visit of which one photograph is being painted.

    Parameters
    ----------
    template : BodyTemplate
        The patient's body.
    skin : Skin
        Of that body, by the protocol's table.
    rule : "as_region" or "as_unaffected"
        What unassessed skin is taken as.
    others : mapping of str to SurfaceMap
        What the visit's other photographs show, by file: the reader's own reading of each, or the proposal.
    """

    template: BodyTemplate
    skin: Skin
    rule: Unassessed
    others: Mapping[str, SurfaceMap]

    def numbers(
        self, samples: SkinSamples | None, mask: Mask | None, chart: npt.NDArray[np.uint8] | None = None
    ) -> Numbers:
        """Return the visit's numbers.

        Parameters
        ----------
        samples : SkinSamples, optional
            Where the photograph lies on the body; without them it shows nothing.
        mask : (H, W) uint8, optional
            Its tissues as they are painted now.
        chart : (F,) uint8, optional
            What is painted on the body chart now.
        """
        maps = [*self.others.values()]
        if samples is not None and mask is not None:
            maps.append(project_mask(samples, mask).said_by(Origin.READING))
        surface = visit_surface(maps, self.template, chart)
        assessed = float(self.skin.shares @ assessed_fraction(assessed_parts(surface)))
        return Numbers(full_areas(surface, self.skin, self.rule), surface, max(0.0, 100.0 - assessed))
