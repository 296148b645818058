"""A card in a photograph is no skin, whatever its patches look like."""

import cv2
import numpy as np

from reepi.core.capture_card import CardSighting
from reepi.core.images import TissueMap
from reepi.core.tissue import Tissue


def without_card(tissues: TissueMap, sighting: CardSighting | None) -> TissueMap:
    """Return a tissue map with the area of a card as background: its patches have the colours of skin and wounds.

    Parameters
    ----------
    tissues : TissueMap
        At working size.
    sighting : CardSighting, optional
        The card, found at any size of the same photograph.
    """
    if sighting is None:
        return tissues
    height, width = tissues.probabilities.shape[1:]
    scale = np.array([width / sighting.size[1], height / sighting.size[0]])
    corners = (sighting.outline + 0.5) * scale - 0.5
    card = cv2.fillConvexPoly(np.zeros((height, width), np.uint8), np.rint(corners).astype(np.int32), 1) > 0
    sure = (np.arange(len(Tissue)) == Tissue.BACKGROUND).astype(np.float32)
    return TissueMap(np.where(card, sure[:, None, None], tissues.probabilities))
