"""Landmarks of a whole person in a photograph, as a pose network sees them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

LANDMARKS: Final = (
    "nose",
    *(f"{name}_{side}" for name in ("eye", "ear", "mouth") for side in ("left", "right")),
    *(
        f"{name}_{side}"
        for name in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "toe")
        for side in ("left", "right")
    ),
)
"""What is found: points of the face, the centres of joints, heels and great toes; sides are the person's."""


@dataclass(frozen=True)
class BodyLandmarks:
    """Where the `LANDMARKS` of a person are.

    Parameters
    ----------
    pixels : (L, 2) float64
        x before y at working size [px]; also outside the picture.
    seen : (L,) float64
        Probability that each is in the picture and not hidden.
    person : float
        Probability that there is a person at all.

    Raises
    ------
    ValueError
        The arrays do not describe all landmarks.
    """

    pixels: npt.NDArray[np.float64]
    seen: npt.NDArray[np.float64]
    person: float

    def __post_init__(self) -> None:
        if self.pixels.shape != (len(LANDMARKS), 2) or self.seen.shape != (len(LANDMARKS),):
            raise ValueError(
                f"pixels {self.pixels.shape} and seen {self.seen.shape} are not {len(LANDMARKS)} landmarks"
            )
