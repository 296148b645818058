"""Whether two files hold the same picture, also after it was reduced or written again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Pixels

PRINT_SIDE: Final = 64
"""Side of the square to which a picture is reduced before it is compared [px]."""

FORM_PX: Final = 4.0
"""Width [px of the square] of what is taken for form and light, and left out: two photographs of one view share these,
while only copies share their details."""

LEAST_LIKENESS: Final = 0.85
"""Likeness from which two pictures are the same. Copies written anew, reduced to a half, or made brighter have 0.93 and
more; different photographs of the same patient, or of the same kind of ulcer, 0.75 and less."""


@dataclass(frozen=True)
class Fingerprint:
    """What tells a picture from others.

    Parameters
    ----------
    sha256 : str
        Hash of the file's content.
    details : (PRINT_SIDE², ) float32
        Details of the picture, of unit length; all 0 where it has none.
    """

    sha256: str
    details: npt.NDArray[np.float32]


def fingerprint(content: bytes, pixels: Pixels) -> Fingerprint:
    """Return the fingerprint of a file's content and the pixels (H, W, 3) that it holds."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (PRINT_SIDE, PRINT_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    details = (small - cv2.GaussianBlur(small, (0, 0), FORM_PX)).ravel()
    details -= details.mean()
    length = float(np.linalg.norm(details))
    # Less than half a grey value per pixel is the noise of a wall.
    unit = details / length if length > PRINT_SIDE / 2 else np.zeros_like(details)
    return Fingerprint(hashlib.sha256(content).hexdigest(), unit.astype(np.float32))


def repeated(prints: Mapping[str, Fingerprint]) -> dict[str, tuple[str, float]]:
    """Return the files that repeat an earlier one, each with that one and how alike they are, 0 to 1.

    Parameters
    ----------
    prints : mapping of str to Fingerprint
        Of each file, in order.
    """
    names = list(prints)
    if not names:
        return {}
    details = np.stack([each.details for each in prints.values()])
    first: dict[str, str] = {}
    found: dict[str, tuple[str, float]] = {}
    for place, name in enumerate(names):
        same = first.setdefault(prints[name].sha256, name)
        if same != name:
            found[name] = same, 1.0
        elif place and (alike := details[:place] @ details[place]).max() >= LEAST_LIKENESS:
            found[name] = names[int(alike.argmax())], float(alike.max())
    return found
