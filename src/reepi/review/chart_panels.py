"""The charts of a body and what each shows of every face, also of faces too small for a pixel."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt

from reepi.body.chart_insets import INSET_TITLES, chart_insets
from reepi.body.charts import CHART_TITLES, STAND_BACK_M, Chart, ChartFrame, chart_frame, drawn_chart
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate
from reepi.core.regions import NO_REGION
from reepi.core.surface import NO_FACE

INSET_SCALE: Final = 2
"""How much larger insets are drawn than charts: fingers and toes are small for a brush."""

PANEL_TITLES: Final = {**CHART_TITLES, **INSET_TITLES}
"""Every drawing of the sheet, in the order in which they are shown."""


@dataclass(frozen=True)
class Panel:
    """One drawing of the sheet.

    Parameters
    ----------
    chart : Chart
        What it shows.
    frame : ChartFrame
        Where it looks.
    small_faces : (N,) int32
        Faces in plain view that no pixel's centre meets, since they are smaller than a pixel.
    small_pixels : (N,) int64
        The pixel nearest to each of them that shows skin, as a place in the flattened chart.
    """

    chart: Chart
    frame: ChartFrame
    small_faces: npt.NDArray[np.int32]
    small_pixels: npt.NDArray[np.int64]


def panels(template: BodyTemplate, pixel_m: float) -> tuple[Panel, ...]:
    """Return the charts and the insets of a body, in the order of `PANEL_TITLES`; `pixel_m` is of the charts [m]."""
    return tuple(_panels(template, pixel_m))


def _panels(template: BodyTemplate, pixel_m: float) -> Iterator[Panel]:
    everything = np.arange(template.n_faces, dtype=np.int32)
    caster = RayCaster(template.vertices, template.faces)
    for name in CHART_TITLES:
        yield _panel(name, chart_frame(name, template, pixel_m), caster, everything, template)
    for name, inset in chart_insets(template, pixel_m / INSET_SCALE).items():
        part = RayCaster(template.vertices, template.faces[inset.faces])
        yield _panel(name, inset.frame, part, inset.faces, template)


def _panel(
    name: str, frame: ChartFrame, caster: RayCaster, drawn: npt.NDArray[np.int32], template: BodyTemplate
) -> Panel:
    """Return the panel of a caster whose faces are the `drawn` ones (N,) of the template."""
    own = drawn_chart(name, frame, caster, template.regions[drawn])
    # `NO_FACE` is -1, and so the last place.
    faces = np.append(drawn, np.int32(NO_FACE))[own.faces]
    chart = Chart(name, faces, own.regions, own.outlines)
    missed = np.setdiff1d(np.flatnonzero(template.skin[drawn]), own.faces)
    centres = template.vertices[template.faces[drawn[missed]]].mean(axis=1)
    plain = caster.first_faces(_stood_back(centres, frame), np.broadcast_to(frame.sight, centres.shape)) == missed
    return Panel(chart, frame, drawn[missed[plain]], _nearest_skin(chart, frame.places(centres[plain])))


def _stood_back(points: npt.NDArray[np.float64], frame: ChartFrame) -> npt.NDArray[np.float64]:
    """Return where the rays start that pass points (N, 3) [m] in the direction of sight."""
    return np.asarray(points - (STAND_BACK_M + points @ frame.sight)[:, None] * frame.sight)


def _nearest_skin(chart: Chart, places: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return the pixel of skin nearest to each place (N, 2), x and y [px], as a place in the flattened chart."""
    beside = chart.regions == NO_REGION
    rows, columns = distance_transform_edt(beside, return_distances=False, return_indices=True)
    at = np.clip(np.rint(places[:, ::-1]).astype(np.int64), 0, np.array(beside.shape) - 1)
    row, column = at[:, 0], at[:, 1]
    return np.asarray(rows[row, column].astype(np.int64) * beside.shape[1] + columns[row, column])
