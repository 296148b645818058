"""The body as a surface to turn, painted with a visit's result."""

import numpy as np
import numpy.typing as npt

from reepi.body.chart_painting import CHART_PALETTE
from reepi.body.template import BodyTemplate
from reepi.core.surface import SurfaceMap
from reepi.scoring.face_findings import face_codes

Floats = npt.NDArray[np.float32]

MM_PER_M = 1000.0


def body_surface(template: BodyTemplate, surface: SurfaceMap) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
    """Return the body as napari draws surfaces.

    Parameters
    ----------
    template : BodyTemplate
        The body.
    surface : SurfaceMap
        A visit's result on its faces.

    Returns
    -------
    vertices : (3 F, 3) float32
        Corners of each face by itself, so that a face has one colour: depth, height from the top, and place to the
        right as seen from the front [mm]. That is z, y, x as napari counts, so the body stands upright.
    triangles : (F, 3) int64
        Corners of each face.
    colours : (3 F, 4) float32
        Red, green, blue and cover of each corner, 0 to 1.
    """
    corners = template.vertices[template.faces].reshape(-1, 3) * MM_PER_M
    left, back, up = corners.T
    vertices = np.column_stack([back, up.max() - up, left]).astype(np.float32)
    triangles = np.arange(3 * template.n_faces).reshape(-1, 3)
    palette = np.array(CHART_PALETTE, np.float32) / 255
    colours = np.ones((template.n_faces, 4), np.float32)
    colours[:, :3] = palette[face_codes(surface, template.regions)]
    return vertices, triangles, np.repeat(colours, 3, axis=0)
