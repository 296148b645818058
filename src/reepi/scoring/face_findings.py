"""What each face of a visit is shown as: the one finding that a chart paints it with."""

import numpy as np
import numpy.typing as npt

from reepi.body.chart_painting import NOT_SKIN_CODE, UNASSESSED_CODE
from reepi.core.regions import NO_REGION
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import ASSESSED, Tissue
from reepi.scoring.assessed import assessed_fraction, assessed_parts
from reepi.scoring.healing import MIN_ASSESSED


def face_codes(surface: SurfaceMap, regions: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """Return what each face is painted as: its most frequent tissue, `COVERED`, unassessed or not skin, (F,).

    Background is kept for the paper. A face of which too little was assessed to be followed is unassessed here too.
    """
    parts = assessed_parts(surface)
    codes: npt.NDArray[np.uint8] = np.asarray(ASSESSED, np.uint8)[parts.argmax(axis=1)]
    covered = surface.seen * surface.tissue[:, Tissue.COVERED]
    hidden = hidden_faces(surface)
    codes[hidden] = UNASSESSED_CODE
    codes[hidden & (covered >= MIN_ASSESSED)] = Tissue.COVERED
    codes[regions == NO_REGION] = NOT_SKIN_CODE
    return codes


def hidden_faces(surface: SurfaceMap) -> npt.NDArray[np.bool_]:
    """Return the faces of which too little was assessed to be followed, (F,)."""
    return np.asarray(assessed_fraction(assessed_parts(surface)) < MIN_ASSESSED)
