"""First findings on a photograph's quality. They are told beside the result; none rejects a photograph."""

from typing import Final

import cv2
import numpy as np

from reepi.core.images import Photograph

BLUR_LIMIT: Final = 12.0
"""Variance of the Laplacian of grey values at working size below which a picture has no fine detail: sharp clinical and
everyday photographs have 30 and more, a blur of 2 px leaves nearly all of them below 12."""

DARK_LIMIT: Final = 40.0
"""Median grey value (of 255) below which colours of skin are no longer told apart."""

BRIGHT_LIMIT: Final = 245
"""Grey value (of 255) from which a pixel counts as burnt out."""

BRIGHT_SHARE: Final = 0.25
"""Share of burnt-out pixels from which a photograph counts as overexposed."""

LOW_RESOLUTION_SIDE: Final = 480
"""Long side of the original [px] below which small erosions are lost."""


def quality_findings(photograph: Photograph) -> tuple[str, ...]:
    """Return what lowers trust in a photograph: ``blurred``, ``dark``, ``overexposed``, ``low_resolution``."""
    grey = cv2.cvtColor(photograph.pixels, cv2.COLOR_RGB2GRAY)
    findings = {
        "blurred": sharpness(grey) < BLUR_LIMIT,
        "dark": float(np.median(grey)) < DARK_LIMIT,
        "overexposed": float((grey >= BRIGHT_LIMIT).mean()) > BRIGHT_SHARE,
        "low_resolution": max(photograph.original_size) < LOW_RESOLUTION_SIDE,
    }
    return tuple(name for name, found in findings.items() if found)


def sharpness(grey: np.ndarray) -> float:
    """Return the variance of the Laplacian of a grey image (H, W) uint8.

    Notes
    -----
    Pech-Pacheco et al., Proc. 15th ICPR 2000;3:314-317, doi:10.1109/ICPR.2000.903548.
    """
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())
