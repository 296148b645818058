"""Where a registered photograph shows the patient's eyes, or whole face: the body template knows where they are."""

from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph
from reepi.core.regions import REGIONS
from reepi.core.surface import Registration
from reepi.core.views import View
from reepi.mapping.registration import camera_and_body

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

Hidden = Literal["eyes", "face"]
"""What is hidden: a band over both eyes with lids and brows, or the face from hairline to chin and ear to ear."""

MAY_SHOW_A_FACE: Final = frozenset({"head", "trunk", "whole", "arm", "hand"})
"""Parts of the body whose views may show a face. In rendered views of arms, above all from behind, the eyes were in the
picture in 21 of 60, in those of hands in 3 of 30; in none of pelvis, buttocks and legs."""

REFUSED: Final = "refused_by_reader"
"""Code of a photograph that a reader rejected, or whose place."""

SHOWS_ANYTHING: Final = frozenset({"wrong_view", REFUSED})
"""Codes of photographs whose declared view does not tell what they show."""

EYE_BAND_LOW_M: Final = (-0.060, -0.20, 1.702)
EYE_BAND_HIGH_M: Final = (0.060, -0.075, 1.748)
"""Corners of the box on the reference body that holds the eyes, their lids and the brows, canonical [m]."""

EYE_M: Final = (0.032, -0.128, 1.722)
EYE_RADIUS_M: Final = 0.021
"""Middle of the left eyeball on the reference body, canonical [m], and how far its lids reach from there [m]."""

TURNED_AWAY: Final = -0.35
"""Cosine between a face's normal and the line of sight below which it is out of sight (110 degrees): a head that is
registered turned a little too far must not leave an eye open. Nothing else counts as hiding an eye, since a hand that
is registered a little wrong would."""

MASK_LONG_SIDE_PX: Final = 512
"""Long side at which the mask is drawn; larger photographs take its nearest pixel."""

MARGIN_MM: Final = 4.0
"""Added around what is hidden [mm], for faces that differ from the template's."""

RESIDUALS: Final = 0.6
"""How many times the registration's estimated error is added on top. See ``benchmarks/privacy.py`` for what this
leaves open."""

MARGIN_SHARE: Final = 0.02
"""Added as a share of the picture's long side: the estimated error is that of the whole picture, and the head, at
the end of a whole body, may lie further off. There the mask costs little skin."""

BESIDE_MM: Final = 40.0
"""Added where some of what is hidden lies beside the picture [mm]: of a head that is cut off hardly anything tells its
place. One of 14 rendered trunks and whole bodies had the rims of both eyes in the picture, 30 mm from where they were
laid (``reepi phantom --seed 7711``)."""


def hidden_pixels(
    photograph: Photograph, view: View, placed: Registration | PhotographRejected, template: BodyTemplate
) -> Bools:
    """Return what of a photograph no picture may show so that the eyes stay hidden, (H, W).

    Nothing is shown of one that has no place on the body and may show a face by its view.
    """
    if isinstance(placed, PhotographRejected):
        return np.full(photograph.size, may_show_a_face(view, placed))
    return eye_pixels(placed, template)


def may_show_a_face(view: View, why: PhotographRejected) -> bool:
    """Return whether a photograph that has no place on the body, and why it has none, may show a face."""
    return view.part in MAY_SHOW_A_FACE or why.code in SHOWS_ANYTHING


def eye_pixels(registration: Registration, template: BodyTemplate, hidden: Hidden = "eyes") -> Bools:
    """Return which pixels of a photograph at working size may show the eyes, or the face, (H, W).

    Eyes are out of sight only where the head looks away. Around them lies a margin for the registration's error, also
    where they lie beside the picture.

    Parameters
    ----------
    registration : Registration
        Of the photograph; its camera and pose are used.
    template : BodyTemplate
        The patient's body.
    hidden : "eyes" or "face"
        What to hide.

    Raises
    ------
    ValueError
        The registration carries no camera.
    """
    camera, posed = camera_and_body(registration, template)
    towards = _towards(posed[template.faces[hidden_faces(template, hidden) & template.skin]], camera).reshape(-1, 3)
    depths_m = camera.in_camera_axes(towards)[:, 2]
    if not len(towards) or depths_m.min() <= 0 or not _looks_at(camera, posed, template):
        return np.zeros(camera.size, bool)
    px_per_mm = camera.focal_px / float(np.median(depths_m)) / 1000
    points = camera.project(towards)
    beside = ((points < 0) | (points > np.array(camera.size[::-1]) - 1)).any()
    margin_mm = MARGIN_MM + RESIDUALS * registration.residual_mm + (BESIDE_MM if beside else 0)
    return _hull(points, margin_mm * px_per_mm + MARGIN_SHARE * max(camera.size), camera.size)


def hidden_faces(template: BodyTemplate, hidden: Hidden) -> Bools:
    """Return the template's faces that are eyes with lids and brows, or the face, (F,)."""
    centres = template.canonical[template.faces].mean(axis=1)
    band = ((centres > EYE_BAND_LOW_M) & (centres < EYE_BAND_HIGH_M)).all(axis=1)
    if hidden == "eyes":
        return np.asarray(band)
    return np.asarray(band | (template.regions == REGIONS.index("head_anterior")))


def _looks_at(camera: Camera, posed: Floats, template: BodyTemplate) -> bool:
    """Return whether an eye may be in sight: whether it looks away from the camera by less than `TURNED_AWAY`."""
    centres = template.canonical[template.faces].mean(axis=1)
    for side in (-1, 1):
        own = np.linalg.norm(centres - np.array(EYE_M) * (side, 1, 1), axis=1) < EYE_RADIUS_M
        corners = posed[template.faces[own & template.skin]]
        # The lids' folds look everywhere; together they look where the eye does.
        if _cosines(_summed(corners), camera)[0] > TURNED_AWAY:
            return True
    return False


def _summed(corners: Floats) -> Floats:
    """Return one triangle (1, 3, 3) at the middle of several (N, 3, 3), with the sum of their normals."""
    a, b, c = corners.transpose(1, 0, 2)
    normal, middle = np.cross(b - a, c - a).sum(axis=0), corners.mean(axis=(0, 1))
    across = np.cross(normal, (0.0, 0.0, 1.0) if abs(normal[2]) < 0.9 * np.linalg.norm(normal) else (1.0, 0.0, 0.0))
    return np.asarray([[middle, middle + across, middle + np.cross(normal, across)]])


def _towards(corners: Floats, camera: Camera) -> Floats:
    """Return the triangles of those given (N, 3, 3) that are not turned away from a camera."""
    return np.asarray(corners[_cosines(corners, camera) > TURNED_AWAY])


def _cosines(corners: Floats, camera: Camera) -> Floats:
    """Return the cosine between the normal of each triangle (N, 3, 3) and the line of sight to it, (N,)."""
    a, b, c = corners.transpose(1, 0, 2)
    normal, sight = np.cross(b - a, c - a), camera.position - corners.mean(axis=1)
    lengths = np.linalg.norm(normal, axis=1) * np.linalg.norm(sight, axis=1)
    return np.asarray(np.einsum("ij,ij->i", normal, sight) / np.maximum(lengths, 1e-18))


def _hull(points: Floats, margin_px: float, size: tuple[int, int]) -> Bools:
    """Return which pixels of a picture lie within a margin of the hull of points (N, 2), x and y [px], (H, W)."""
    shrink = min(1.0, MASK_LONG_SIDE_PX / max(size))
    small = max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))
    # The picture's edge must not cut the hull; what lies further beside it than the margin reaches no pixel.
    pad = min(int(np.ceil(margin_px * shrink)) + 1, 2 * max(small))
    hull = cv2.convexHull(np.rint(points * shrink + pad).clip(-(2**14), 2**14).astype(np.int32))
    outside = np.ones((small[0] + 2 * pad, small[1] + 2 * pad), np.uint8)
    cv2.fillConvexPoly(outside, hull, 0)
    if outside.all():
        return np.zeros(size, bool)
    grown = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) <= margin_px * shrink
    inner = grown[pad : pad + small[0], pad : pad + small[1]].astype(np.uint8)
    return np.asarray(cv2.resize(inner, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT), bool)
