"""Colour of skin in a photograph: its tone, and how far a lesion stands out from the skin around it.

Both are measured as the photograph shows them: light and camera are not corrected, so they are apparent values.
"""

from typing import Final

import numpy as np
import numpy.typing as npt
from skimage.color import deltaE_ciede2000, rgb2lab

from reepi.core.images import Pixels
from reepi.model.evaluation.surface_distance import Flags, distance_to

LEAST_PIXELS: Final = 400
"""Fewer pixels of intact skin, of lesion or of the skin around it, at the size that the network sees, are no sample."""

MOST_PIXELS: Final = 20_000
"""Pixels whose colour is converted, evenly over all; more move no median."""

AROUND_PX: Final = 32.0
"""Intact skin within this distance of a lesion is the skin around it [px at the size that the network sees]."""

TONES: Final = (
    ("very light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
    ("dark", -np.inf),
)
"""Groups of skin tone with the angle [degrees] above which each lies (Del Bino & Bernerd, Br J Dermatol 2013;169 Suppl
3:33, doi:10.1111/bjd.12529)."""


def typology_angle(pixels: Pixels, intact: Flags) -> float:
    """Return the individual typology angle of intact skin [degrees]; nan where there is too little of it.

    arctan((L* - 50) / b*) x 180 / pi (Chardon, Cretois & Hourseau, Int J Cosmet Sci 1991;13:191,
    doi:10.1111/j.1467-2494.1991.tb00561.x) of the median L* and b*, continued past 90 degrees where b* is negative.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    intact : (H, W) bool
        Intact skin.
    """
    lab = _lab(pixels, intact)
    if lab is None:
        return float("nan")
    lightness, _, yellow = np.median(lab, axis=0)
    return float(np.degrees(np.arctan2(lightness - 50, yellow)))


def tone_of(angle: float) -> str:
    """Return the group of skin tone of a typology angle [degrees]."""
    return next(name for name, above in TONES if angle > above)


def lesion_contrast(pixels: Pixels, lesion: Flags, intact: Flags) -> float:
    """Return the CIEDE2000 difference between the mean colours of lesions and of the intact skin around them.

    It is nan where there is too little of either (Sharma, Wu & Dalal, Color Res Appl 2005;30:21).

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    lesion, intact : (H, W) bool
        Skin with a lesion, and intact skin.
    """
    if not lesion.any():
        return float("nan")
    inner, outer = _lab(pixels, lesion), _lab(pixels, intact & (distance_to(lesion) <= AROUND_PX))
    if inner is None or outer is None:
        return float("nan")
    difference: np.float64 = deltaE_ciede2000(inner.mean(axis=0), outer.mean(axis=0))  # type: ignore[no-untyped-call]
    return float(difference)


def _lab(pixels: Pixels, chosen: Flags) -> npt.NDArray[np.float64] | None:
    """Return CIE L*a*b* (D65) of chosen pixels (N, 3), or None where they are too few."""
    colours = pixels[chosen]
    if len(colours) < LEAST_PIXELS:
        return None
    step = -(-len(colours) // MOST_PIXELS)
    return np.asarray(rgb2lab(colours[::step]), np.float64)
