"""The body as a surface to turn around: every face in the colour that the chart gives it."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from reepi.body.chart_painting import CHART_PALETTE
from reepi.body.template import BodyTemplate
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import UNLABELLED
from reepi.scoring.face_findings import face_codes

Floats = npt.NDArray[np.float32]


class BodySurface(NamedTuple):
    """A surface for napari; triangle i is face i of the template, and no two share a vertex.

    Parameters
    ----------
    vertices : (3 F, 3) float32
        In the order of napari's axes, depth, down, across [cm]: the body stands upright and faces the viewer.
    triangles : (F, 3) int32
        Places in `vertices`, counter-clockwise from outside.
    colours : (3 F, 4) float32
        Red, green, blue and opacity of each vertex, 0 to 1; the same for the three of a face.
    """

    vertices: Floats
    triangles: npt.NDArray[np.int32]
    colours: Floats


def body_surface(
    template: BodyTemplate, surface: SurfaceMap, painted: npt.NDArray[np.uint8] | None = None
) -> BodySurface:
    """Return a patient's body in the colours of a visit's result.

    Parameters
    ----------
    template : BodyTemplate
        The body.
    surface : SurfaceMap
        Result of the visit.
    painted : (F,) uint8, optional
        What a reader painted on the chart, shown over the result; `UNLABELLED` shows the result.
    """
    x, y, z = template.vertices[template.faces].reshape(-1, 3).T
    # napari's depth axis points at the viewer, and the body's y to its back.
    vertices = 100 * np.stack([-y, z.max() - z, x], axis=-1)
    triangles = np.arange(3 * template.n_faces, dtype=np.int32).reshape(-1, 3)
    return BodySurface(vertices.astype(np.float32), triangles, face_colours(template, surface, painted))


def face_colours(template: BodyTemplate, surface: SurfaceMap, painted: npt.NDArray[np.uint8] | None = None) -> Floats:
    """Return the colours alone, (3 F, 4): what changes while a reader paints; see `body_surface`."""
    codes = face_codes(surface, template.regions)
    if painted is not None:
        codes = np.where((painted != UNLABELLED) & template.skin, painted, codes)
    palette = np.column_stack([np.array(CHART_PALETTE) / 255, np.ones(len(CHART_PALETTE))]).astype(np.float32)
    return np.asarray(np.repeat(palette[codes], 3, axis=0))
