"""Insets beside the four charts: palms and soles, which a body that stands hides from all sides."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.charts import CHART_PIXEL_M, ChartFrame, framed
from reepi.body.template import BodyTemplate
from reepi.core.regions import REGIONS, SIDES

INSET_TITLES: Final = {
    "palm_right": "Right palm",
    "palm_left": "Left palm",
    "sole_right": "Right sole",
    "sole_left": "Left sole",
}
"""The insets in the order in which they are shown; sides are the patient's."""


@dataclass(frozen=True)
class Inset:
    """A part of the body drawn by itself.

    Parameters
    ----------
    frame : ChartFrame
        Where it looks.
    faces : (N,) int32
        The faces that are drawn; all others are as if they were not there.
    """

    frame: ChartFrame
    faces: npt.NDArray[np.int32]


def chart_insets(template: BodyTemplate, pixel_m: float = CHART_PIXEL_M) -> dict[str, Inset]:
    """Return the insets of a body in its neutral pose, by name.

    Parameters
    ----------
    template : BodyTemplate
        The body.
    pixel_m : float
        Side of a pixel on the body [m].
    """
    palms = {f"palm_{side}": _palm(template, side, pixel_m) for side in SIDES}
    insets = {**palms, **{f"sole_{side}": _sole(template, side, pixel_m) for side in SIDES}}
    return {name: insets[name] for name in INSET_TITLES}


def _sole(template: BodyTemplate, side: str, pixel_m: float) -> Inset:
    """Return one foot from below, toes up."""
    faces = _faces_of(template, f"foot_{side}_plantar", f"foot_{side}_dorsal")
    frame = framed(_points(template, faces), np.array([0.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]), pixel_m)
    return Inset(frame, faces)


def _palm(template: BodyTemplate, side: str, pixel_m: float) -> Inset:
    """Return one hand from the side of its palm, fingers up."""
    faces = _faces_of(template, f"hand_{side}_palmar", f"hand_{side}_dorsal")
    palm = template.vertices[template.faces[_faces_of(template, f"hand_{side}_palmar")]]
    sight = -_unit(np.cross(palm[:, 1] - palm[:, 0], palm[:, 2] - palm[:, 0]).sum(axis=0))
    arm = _points(template, _faces_of(template, f"forearm_{side}_anterior")).mean(axis=0)
    fingers = _points(template, faces).mean(axis=0) - arm
    across = _unit(np.cross(sight, fingers))
    return Inset(framed(_points(template, faces), sight, across, pixel_m), faces)


def _faces_of(template: BodyTemplate, *regions: str) -> npt.NDArray[np.int32]:
    wanted = [REGIONS.index(region) for region in regions]
    return np.flatnonzero(np.isin(template.regions, wanted)).astype(np.int32)


def _points(template: BodyTemplate, faces: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    return template.vertices[template.faces[faces]].reshape(-1, 3)


def _unit(vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(vector / np.linalg.norm(vector))
