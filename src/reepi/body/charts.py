"""Canonical charts: the neutral body drawn flat from the front, the back and both sides, for people to look at."""

from concurrent.futures import ThreadPoolExecutor
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

STAND_BACK_M: Final = 3.0
"""From where a chart looks at the body [m]; its rays are parallel, so it only has to be outside."""

CHART_TITLES: Final = {"anterior": "Front", "posterior": "Back", "left": "Left side", "right": "Right side"}
"""The body charts in the order in which they are shown; sides are the patient's."""

DRAWERS: Final = 2
"""Charts that are drawn at a time; casting rays lets other threads run."""

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

    def drawn(name: str) -> Chart:
        return drawn_chart(name, chart_frame(name, template, pixel_m), caster, template.regions)

    with ThreadPoolExecutor(DRAWERS) as drawers:
        return dict(zip(_AXES, drawers.map(drawn, _AXES), strict=True))


@dataclass(frozen=True)
class ChartFrame:
    """Where a chart's pixels lie around the neutral body: a parallel projection along `sight`.

    Parameters
    ----------
    sight, across, up : (3,) float64
        Direction of sight, and directions to the right and to the top of the chart.
    left_m, top_m : float
        Place of the first column's centres along `across`, and of the first row's along `up` [m].
    right_m, bottom_m : float
        Place of the last edges [m].
    pixel_m : float
        Side of a pixel on the body [m].
    """

    sight: npt.NDArray[np.float64]
    across: npt.NDArray[np.float64]
    up: npt.NDArray[np.float64]
    left_m: float
    top_m: float
    right_m: float
    bottom_m: float
    pixel_m: float

    @property
    def origins(self) -> npt.NDArray[np.float64]:
        """Where the ray of each pixel starts, outside the body, (H, W, 3) [m]."""
        x = np.arange(self.left_m, self.right_m, self.pixel_m)
        z = np.arange(self.top_m, self.bottom_m, -self.pixel_m)
        return np.asarray(x[None, :, None] * self.across + z[:, None, None] * self.up - STAND_BACK_M * self.sight)

    def places(self, points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return where points (N, 3) [m] lie on the chart, x and y [px], (N, 2)."""
        x, y = points @ self.across - self.left_m, self.top_m - points @ self.up
        return np.stack([x, y], axis=-1) / self.pixel_m


def framed(
    points: npt.NDArray[np.float64],
    sight: npt.NDArray[np.float64],
    across: npt.NDArray[np.float64],
    pixel_m: float = CHART_PIXEL_M,
) -> ChartFrame:
    """Return the frame that shows points (N, 3) [m] with an empty rim; `sight` and `across` are at right angles."""
    up = np.cross(across, sight)
    x, y = points @ across, points @ up
    low, high = (float(x.min()) - MARGIN_M, float(y.min()) - MARGIN_M), (float(x.max()), float(y.max()))
    return ChartFrame(sight, across, up, low[0], high[1] + MARGIN_M, high[0] + MARGIN_M, low[1], pixel_m)


def chart_frame(name: str, template: BodyTemplate, pixel_m: float = CHART_PIXEL_M) -> ChartFrame:
    """Return the frame of one of the four charts of a body; see `body_charts`."""
    sight, across = (np.array(axis) for axis in _AXES[name])
    return framed(template.vertices, sight, across, pixel_m)


def drawn_chart(name: str, frame: ChartFrame, caster: RayCaster, regions: npt.NDArray[np.int8]) -> Chart:
    """Return what a frame shows of a surface.

    Parameters
    ----------
    name : str
        Name of the chart.
    frame : ChartFrame
        Where it looks.
    caster : RayCaster
        The surface, in its neutral pose.
    regions : (F,) int8
        Region of each of its faces, or `NO_REGION`.
    """
    origins = frame.origins
    flat = origins.reshape(-1, 3)
    faces = caster.first_faces(flat, np.broadcast_to(frame.sight, flat.shape)).reshape(origins.shape[:2])
    shown = np.where(faces == NO_FACE, np.int8(NO_REGION), regions[faces])
    return Chart(name, faces, shown, _outlines(shown, faces != NO_FACE))


def _outlines(regions: npt.NDArray[np.int8], body: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    code = np.where(body, regions.astype(np.int16), np.int16(-2))
    code[body & (regions == NO_REGION)] = -3
    edges = np.zeros(body.shape, bool)
    edges[:, 1:] |= code[:, 1:] != code[:, :-1]
    edges[1:] |= code[1:] != code[:-1]
    inside_face = code == -3
    return np.asarray(edges & ~inside_face)
