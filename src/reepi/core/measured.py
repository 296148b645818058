"""What a photograph gave: with its pixels while it is measured, without them once it has ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from reepi.core.correspondence import Correspondences
from reepi.core.images import Mask, Photograph
from reepi.core.results import PhotoRow
from reepi.core.study import PhotoEntry
from reepi.core.surface import Registration, SurfaceMap


@dataclass(frozen=True)
class MeasuredPhotograph:
    """What a photograph gave, as far as it came.

    Parameters
    ----------
    row : PhotoRow
        How it ended.
    steps : dict
        Time of each step taken [s]: ``read``, ``standardise``, ``segment``, ``register``, ``project``, ``judge``.
    photograph : Photograph, optional
        The photograph at working size.
    mask : (H, W) uint8, optional
        Most probable tissue of each pixel at working size.
    registration : Registration, optional
        Where its pixels lie on the body.
    regions : (h, w) int8, optional
        Region of the body that each pixel of the registration's picture shows, by its index in
        `reepi.core.regions.REGIONS`, or `NO_REGION`.
    surface : SurfaceMap, optional
        Its tissues on the body's faces; there if and only if it was scored.
    capture : mapping
        How it was taken, as plain values for ``capture/``: its card, its colours, and what was found in it.
    hidden : (H, W) bool, optional
        What of it no picture may show; None where everything may be shown.
    correspondences : Correspondences, optional
        What a network says of its place on the body, to which a reader may add points.
    """

    row: PhotoRow
    steps: dict[str, float] = field(default_factory=dict)
    photograph: Photograph | None = None
    mask: Mask | None = None
    registration: Registration | None = None
    regions: npt.NDArray[np.int8] | None = None
    surface: SurfaceMap | None = None
    capture: Mapping[str, Any] = field(default_factory=dict)
    hidden: npt.NDArray[np.bool_] | None = None
    correspondences: Correspondences | None = None

    def __post_init__(self) -> None:
        if (self.row.status == "scored") != (self.surface is not None):
            raise ValueError(f"{self.row.file} is {self.row.status}: a surface map belongs to scored photographs alone")


@dataclass(frozen=True)
class Mark:
    """What the result of a photograph follows from.

    Parameters
    ----------
    key : str
        Hash of all of it: file, model, program, patient, line and the same view of an earlier day.
    content : str
        Hash of the photograph's file, or the code of why it cannot be read.
    """

    key: str = ""
    content: str = ""


@dataclass(frozen=True)
class EndedPhotograph:
    """How a photograph ended: what of it stays in memory, and travels between processes. Its pixels stay on disk.

    Parameters
    ----------
    entry : PhotoEntry
        Its line in the study.
    row : PhotoRow
        How it ended, once its readers were heard.
    steps : dict
        Time of each step taken [s]: those of `MeasuredPhotograph`, and ``find``, ``recall`` and ``write`` around them.
    mark : Mark
        What its result follows from.
    """

    entry: PhotoEntry
    row: PhotoRow
    steps: Mapping[str, float] = field(default_factory=dict)
    mark: Mark = Mark()
