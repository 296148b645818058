"""Canonical charts: the neutral body drawn flat from the front, the back and both sides, for people to look at."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate
from reepi.core.regions import NO_REGION
from reepi.core.surface import NO_FACE

CHART_PIXEL_M: Final = 0.0025
"""Side of a chart's pixel on the body [m]."""

MARGIN_M: Final = 0.03
"""Empty rim around the body [m]."""

CHART_TITLES: Final = {"anterior": "Front", "posterior": "Back", "left": "Left side", "right": "Right side"}
"""The body charts in the order in which they are shown; sides are the patient's."""

_AXES: Final = {
    # name: direction of sight, direction to the right of the chart
    "anterior": ((0.0, 1.0, 0.0), (1.0, 0.0, 0.0)),
    "posterior": ((0.0, -1.0, 0.0), (-1.0, 0.0, 0.0)),
    "left": ((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "right": ((1.0, 0.0, 0.0), (0.0, -1.0, 0.0)),
}


@dataclass(frozen=True)
class Chart:
    """One flat drawing of the body, every pixel a known face.

    Parameters
    ----------
    name : str
        ``anterior``, ``posterior``, ``left`` or ``right``.
    faces : (H, W) int32
        Face of each pixel, or `NO_FACE`.
    regions : (H, W) int8
        Region of each pixel, or `NO_REGION`.
    outlines : (H, W) bool
        Borders between regions and of the body.
    """

    name: str
    faces: npt.NDArray[np.int32]
    regions: npt.NDArray[np.int8]
    outlines: npt.NDArray[np.bool_]


def body_charts(template: BodyTemplate, pixel_m: float = CHART_PIXEL_M) -> dict[str, Chart]:
    """Return the four charts of a body in its neutral pose, by name.

    Parameters
    ----------
    template : BodyTemplate
        The body.
    pixel_m : float
        Side of a pixel on the body [m].
    """
    caster = RayCaster(template.vertices, template.faces)
    return {name: _chart(name, template, caster, pixel_m) for name in _AXES}


@dataclass(frozen=True)
class ChartFrame:
    """Where a chart's pixels lie around the neutral body: a parallel projection along `sight`.

    Parameters
    ----------
    sight, across : (3,) float64
        Direction of sight, and direction to the right of the chart.
    left_m, top_m, right_m : float
        Place of the first column's centres along `across`, of the first row's above the ground, and of the last edge
        [m].
    pixel_m : float
        Side of a pixel on the body [m].
    """

    sight: npt.NDArray[np.float64]
    across: npt.NDArray[np.float64]
    left_m: float
    top_m: float
    right_m: float
    pixel_m: float


def chart_frame(name: str, template: BodyTemplate, pixel_m: float = CHART_PIXEL_M) -> ChartFrame:
    """Return the frame of one of the four charts of a body; see `body_charts`."""
    sight, across = (np.array(axis) for axis in _AXES[name])
    at = template.vertices @ across
    top = float(template.vertices[:, 2].max()) + MARGIN_M
    return ChartFrame(sight, across, float(at.min()) - MARGIN_M, top, float(at.max()) + MARGIN_M, pixel_m)


def _chart(name: str, template: BodyTemplate, caster: RayCaster, pixel_m: float) -> Chart:
    frame = chart_frame(name, template, pixel_m)
    sight, across = frame.sight, frame.across
    x = np.arange(frame.left_m, frame.right_m, pixel_m)
    z = np.arange(frame.top_m, -MARGIN_M, -pixel_m)
    origins = x[None, :, None] * across + z[:, None, None] * np.array([0.0, 0.0, 1.0]) - 3 * sight
    flat = origins.reshape(-1, 3)
    faces = caster.first_faces(flat, np.broadcast_to(sight, flat.shape)).reshape(len(z), len(x))
    regions = np.where(faces == NO_FACE, np.int8(NO_REGION), template.regions[faces])
    return Chart(name, faces, regions, _outlines(regions, faces != NO_FACE))


def _outlines(regions: npt.NDArray[np.int8], body: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    code = np.where(body, regions.astype(np.int16), np.int16(-2))
    code[body & (regions == NO_REGION)] = -3
    edges = np.zeros(body.shape, bool)
    edges[:, 1:] |= code[:, 1:] != code[:, :-1]
    edges[1:] |= code[1:] != code[:-1]
    inside_face = code == -3
    return np.asarray(edges & ~inside_face)
