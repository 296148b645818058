"""From a network's dense prediction to correspondences."""

import numpy as np

from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Correspondences, DensePrediction
from reepi.core.images import TissueMap
from reepi.core.tissue import Tissue
from reepi.mapping.correspondences import evenly_spread, from_canonical_points

N_CORRESPONDENCES = 500
"""How many pixels are kept: enough that more no longer move the fit, few enough for a fit in a third of a second."""

LEAST_BELIEF = 0.5
"""Pixels are used where both networks hold skin for more likely than not."""


def correspondences_from_dense(
    prediction: DensePrediction, tissues: TissueMap, template: BodyTemplate
) -> Correspondences:
    """Return the correspondences of a dense prediction on skin, the surest of each neighbourhood.

    Parameters
    ----------
    prediction : DensePrediction
        Of the correspondence network.
    tissues : TissueMap
        Of the tissue network, at the photograph's working size; covered skin counts as skin.
    template : BodyTemplate
        The patient's body.
    """
    height, width = tissues.probabilities.shape[1:]
    inside = prediction.inside((height, width))
    pixels = prediction.photograph_pixels()[inside]
    columns, rows = np.clip(np.rint(pixels), 0, [width - 1, height - 1]).astype(int).T
    skin = 1 - tissues.probabilities[Tissue.BACKGROUND, rows, columns].astype(np.float64)
    body = prediction.body[inside].astype(np.float64)
    usable = np.flatnonzero((skin > LEAST_BELIEF) & (body > LEAST_BELIEF))
    sigma = prediction.sigma[inside].astype(np.float64)
    kept = usable[evenly_spread(pixels[usable], -sigma[usable], N_CORRESPONDENCES)]
    belief = np.clip(skin[kept] * body[kept], 0, 1)
    return from_canonical_points(pixels[kept], prediction.points[inside][kept], sigma[kept], belief, template)
