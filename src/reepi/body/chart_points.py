"""From a place on a body chart to the point of the template that it shows, and back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.body.charts import CHART_PIXEL_M, STAND_BACK_M, ChartFrame, chart_frame
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate
from reepi.core.surface import NO_FACE

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class BodyPoint:
    """A point of the template's surface.

    Parameters
    ----------
    face : int
        Template face; the same anatomical place on every patient's template.
    barycentric : (float, float, float)
        Place within the face, as weights of its corners.
    """

    face: int
    barycentric: tuple[float, float, float]


def point_at_chart(
    name: str, place: tuple[float, float], template: BodyTemplate, pixel_m: float = CHART_PIXEL_M
) -> BodyPoint | None:
    """Return the point of the skin that a chart shows at a place, or None beside the body and where it is not skin.

    Parameters
    ----------
    name : str
        ``anterior``, ``posterior``, ``left`` or ``right``.
    place : (float, float)
        x and y on the chart [px]; (0, 0) is the centre of the top left pixel.
    template : BodyTemplate
        The body that the chart was drawn of.
    pixel_m : float
        Side of a pixel of that chart [m].
    """
    frame = chart_frame(name, template, pixel_m)
    origin = _origin(frame, place)
    face = int(RayCaster(template.vertices, template.faces).first_faces(origin[None], frame.sight[None])[0])
    return point_in_frame(frame, place, face, template)


def point_in_frame(
    frame: ChartFrame, place: tuple[float, float], face: int, template: BodyTemplate
) -> BodyPoint | None:
    """Return the point of a face that a frame shows at a place (x, y) [px], or None where the face is no skin."""
    if face == NO_FACE or not template.skin[face]:
        return None
    origin = _origin(frame, place)
    first, second, third = _weights_on_ray(origin, frame.sight, template.vertices[template.faces[face]])
    return BodyPoint(face, (first, second, third))


def chart_place(
    name: str, face: int, barycentric: Sequence[float], template: BodyTemplate, pixel_m: float = CHART_PIXEL_M
) -> tuple[float, float] | None:
    """Return where (x, y) [px] a chart shows a point of the template, or None where other skin hides it."""
    frame = chart_frame(name, template, pixel_m)
    point = np.asarray(barycentric, np.float64) @ template.vertices[template.faces[face]]
    origin = point - (STAND_BACK_M + point @ frame.sight) * frame.sight
    shown = RayCaster(template.vertices, template.faces).first_faces(origin[None], frame.sight[None])[0]
    if shown != face:
        return None
    x, y = frame.places(point)
    return float(x), float(y)


def _origin(frame: ChartFrame, place: tuple[float, float]) -> Floats:
    along = (frame.left_m + place[0] * frame.pixel_m) * frame.across
    up = (frame.top_m - place[1] * frame.pixel_m) * frame.up
    return np.asarray(along + up - STAND_BACK_M * frame.sight)


def _weights_on_ray(origin: Floats, sight: Floats, corners: Floats) -> tuple[float, float, float]:
    """Return the weights of the corners (3, 3) at the point where a ray meets their triangle."""
    edges = np.stack([corners[1] - corners[0], corners[2] - corners[0], -sight], axis=1)
    second, third, _ = np.linalg.solve(edges, origin - corners[0])
    weights = np.clip([1 - second - third, second, third], 0, 1)
    weights /= weights.sum()
    return float(weights[0]), float(weights[1]), float(weights[2])
