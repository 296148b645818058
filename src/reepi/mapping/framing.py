"""How a registered photograph is framed: whether the declared surface is in it, how large, and whose face it shows."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.camera import Camera
from reepi.body.framed import framed_vertices, target_faces
from reepi.body.template import BodyTemplate, kept_with_body
from reepi.core.images import Mask
from reepi.core.surface import NO_FACE, Registration
from reepi.core.tissue import Tissue
from reepi.core.views import View
from reepi.mapping.registration import camera_and_body, shown_skin

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

EXTENT_PERCENTILES: Final = (0.3, 99.7)
"""Percentiles between which a part's extent in the picture is measured, so that a finger tip does not decide."""

FACE_LOW_M: Final = (-0.06, -1.0, 1.64)
FACE_HIGH_M: Final = (0.06, -0.10, 1.755)
"""Box, on the reference body [m], of what tells who somebody is: from the mouth to the brows, the front of the head."""

FEWEST_FACE_PIXELS: Final = 300
"""Fewer pixels of a face, at working size, tell nobody apart: it is less than 18 px across (Bachmann, Eur J Cogn
Psychol 1991;3:87-103), or only its rim is in the picture."""

NO_BARE_SKIN: Final = (Tissue.BACKGROUND, Tissue.COVERED)
"""Tissues of a pixel that shows no bare skin."""


@dataclass(frozen=True)
class Framed:
    """How a view is framed in a photograph.

    Parameters
    ----------
    inside : float
        Share of the declared surface, as turned to the camera, that lies within the picture, 0 to 1.
    fill : float
        Extent of the framed part over the picture's, the larger of both directions; above 1 it does not fit.
    aside : float
        Share of the picture by which it would have to be aimed elsewhere: how far the part reaches beyond one side
        where the other has room, 0 or more.
    """

    inside: float
    fill: float
    aside: float


def framed(registration: Registration, view: View, template: BodyTemplate) -> Framed | None:
    """Return how a registered photograph frames its view; None where the camera stands within the body.

    Parameters
    ----------
    registration : Registration
        With camera and pose.
    view : View
        The declared view.
    template : BodyTemplate
        The patient's body.
    """
    camera, vertices = camera_and_body(registration, template)
    places = camera.project(vertices)
    part = places[framed_vertices(template, view)]
    if np.isnan(part).any():
        return None
    low, high = np.percentile(part, EXTENT_PERCENTILES, axis=0)
    size = np.array(camera.size[::-1])
    inside = _inside(places[template.faces[target_faces(template, view)]], camera)
    return Framed(inside, float(((high - low) / size).max()), _aside(low / size, high / size))


def mm_per_px(
    registration: Registration,
    template: BodyTemplate,
    near: tuple[float, float] | None = None,
    share: float = 1.0,
) -> float | None:
    """Return the millimetres that a pixel shows across the line of sight, the median over the skin; None without skin.

    Parameters
    ----------
    registration : Registration
        With its camera.
    template : BodyTemplate
        The patient's body.
    near : (float, float), optional
        Place in the photograph, x and y [px], near which the scale is asked for.
    share : float
        Share of the skin, the nearest to that place, that is looked at, above 0 to 1.
    """
    places = np.argwhere(registration.drawn != NO_FACE)
    if not len(places):
        return None
    shown = shown_skin(registration, template)
    distance = shown.distance_mm[registration.drawn[*places.T]]
    if near is not None:
        rows, columns = ((places + 0.5) * np.divide(registration.size, registration.drawn.shape) - 0.5).T
        away = np.hypot(columns - near[0], rows - near[1])
        distance = distance[away <= np.quantile(away, share)]
    return float(np.median(distance)) / shown.camera.focal_px


@kept_with_body
def face_faces(template: BodyTemplate) -> Flags:
    """Return the template faces of the patient's face, from the mouth to the brows, (F,), read-only."""
    middle = np.asarray(template.canonical, np.float64)[template.faces].mean(axis=1)
    within = (middle > np.array(FACE_LOW_M)) & (middle < np.array(FACE_HIGH_M))
    found = np.asarray(within.all(axis=1) & template.skin)
    found.flags.writeable = False
    return found


def bare_face(registration: Registration, mask: Mask, template: BodyTemplate) -> float | None:
    """Return the share of the patient's face, where the photograph shows its place, that is bare skin, 0 to 1.

    Parameters
    ----------
    registration : Registration
        Of the photograph.
    mask : (H, W) uint8
        Its tissues.
    template : BodyTemplate
        The patient's body.

    Returns
    -------
    float or None
        None where the face is not in the picture, turned away, or too small to tell who it is.
    """
    of_face = np.append(face_faces(template), False)
    if not of_face[registration.drawn].any():
        return None
    face = of_face[registration.faces]
    if face.sum() < FEWEST_FACE_PIXELS:
        return None
    return float((~np.isin(mask[face], NO_BARE_SKIN)).mean())


def _aside(low: Floats, high: Floats) -> float:
    """Return how far a part from low to high [pictures] reaches beyond a side of 0 to 1 that has room opposite."""
    beyond_low, beyond_high = np.minimum(-low, 1 - high), np.minimum(high - 1, low)
    return float(max(beyond_low.max(), beyond_high.max(), 0.0))


def _inside(corners: Floats, camera: Camera) -> float:
    """Return the share of triangles in the picture (N, 3, 2) [px] that lies in it, of those turned to the camera."""
    (ax, ay), (bx, by) = (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
    area = np.nan_to_num((ay * bx - ax * by) / 2).clip(min=0)
    middle = corners.mean(axis=1)
    within = ((middle > -0.5) & (middle < np.array(camera.size[::-1]) - 0.5)).all(axis=1)
    return float(area[within].sum() / area.sum()) if area.any() else 0.0
