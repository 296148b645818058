"""What the photographer should see: a view of the body with its frame, and the card beside the skin."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.body.camera import Camera
from reepi.body.face_image import FaceImage
from reepi.body.framed import view_faces
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate
from reepi.core.surface import NO_FACE
from reepi.core.views import View
from reepi.phantom.framing import Framing, frame

FRAME: Final = (360, 270)
"""Height and width of the frame in a picture [px]: a telephone held upright."""

FOCAL_MM: Final = 50.0
"""Full-frame focal length [mm] that distances are given for: the twofold setting of a telephone's main camera."""

_SMALL: Final = (120, 90)

AROUND: Final = 1.3
"""Sides of the picture over those of the frame: what lies just outside is drawn too."""

CARD_M: Final = (0.105, 0.148)
"""Sides of the A6 card [m] (ISO 216)."""

_RIM: Final = 0.011
"""Room around the card over the frame's width."""

_FILLS: Final = (0.86, 0.8, 0.74, 0.68, 0.62, 0.56, 0.5, 0.44, 0.38)
"""How much of the frame the part fills, tried until the card finds room beside it."""

_BEHIND_M: Final = 0.3
"""How far behind the part [m] the rest of the body is still drawn."""

_LIGHT: Final = np.array([-0.35, -0.6, -0.72])
"""Direction towards the lamp in camera axes: from the upper left, behind the photographer."""


@dataclass(frozen=True)
class Viewfinder:
    """A drawing of what the photographer sees.

    Parameters
    ----------
    shade : (H, W) float32
        Brightness of the body, 0 to 1; 1 where there is none.
    body, part : (H, W) bool
        Where the body is, and the part that the view frames.
    frame : (float, float, float, float)
        Left, top, width and height of the camera's frame [px].
    card : (float, float, float, float), optional
        Left, top, width and height of the card [px].
    distance_m : float
        From the camera to the skin [m].
    """

    shade: npt.NDArray[np.float32]
    body: npt.NDArray[np.bool_]
    part: npt.NDArray[np.bool_]
    frame: tuple[float, float, float, float]
    card: tuple[float, float, float, float] | None
    distance_m: float


def viewfinder(template: BodyTemplate, view: View, card: bool = True) -> Viewfinder:
    """Return the drawing of a view as it should be taken, with room for the card where one is used."""
    fill = _with_room(template, view) if card else _FILLS[0]
    return framed_with(template, view, fill, card=card)


def _with_room(template: BodyTemplate, view: View) -> float:
    """Return how much of the frame the part may fill so that the card finds room, tried on small drawings."""
    tried = (framed_with(template, view, fill, card=True, frame_px=_SMALL) for fill in _FILLS)
    return next((fill for fill, drawn in zip(_FILLS, tried, strict=False) if drawn.card is not None), _FILLS[-1])


def framed_with(
    template: BodyTemplate,
    view: View,
    fill: float,
    azimuth_rad: float = 0.0,
    card: bool = False,
    frame_px: tuple[int, int] = FRAME,
) -> Viewfinder:
    """Return the drawing of a view with a framing of choice: for examples of what not to do, too.

    Parameters
    ----------
    template : BodyTemplate
        The body, in its neutral pose.
    view : View
        What is framed.
    fill : float
        Share of the frame that the part fills; above 1 it is cut off.
    azimuth_rad : float
        How far the camera stands beside the right place [rad].
    card : bool
        Whether a place for the card is looked for.
    frame_px : (int, int)
        Height and width of the frame [px].
    """
    choices = Framing(frame_px, FOCAL_MM, fill, (0.0, 0.0), azimuth_rad, 0.0, 0.0)
    camera = _wider(frame(template, template.vertices, view, choices))
    seen = RayCaster(template.vertices, template.faces).render(camera)
    faces = _near(seen, view_faces(template, view))
    body = faces != NO_FACE
    part = body & view_faces(template, view)[faces]
    distance = float(np.median(seen.distance_m[part])) if part.any() else float("nan")
    outline = _frame_within(frame_px, camera.size)
    place = _card_place(body, part, outline, camera.focal_px / distance) if card else None
    return Viewfinder(_shaded(template, camera, faces), body, part, outline, place, distance)


def _near(seen: FaceImage, framed: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """Return the faces seen, (H, W), without what hangs far behind the part: the bed is there in a ward."""
    part = (seen.faces != NO_FACE) & framed[seen.faces]
    limit = seen.distance_m[part].max(initial=0) + _BEHIND_M
    return np.where(seen.distance_m > limit, NO_FACE, seen.faces).astype(np.int32)


def _wider(camera: Camera) -> Camera:
    height, width = (round(side * AROUND) for side in camera.size)
    return Camera(camera.focal_px, (height, width), camera.rotation, camera.position)


def _frame_within(frame: tuple[int, int], size: tuple[int, int]) -> tuple[float, float, float, float]:
    height, width = frame
    return (size[1] - width) / 2, (size[0] - height) / 2, float(width), float(height)


def _shaded(template: BodyTemplate, camera: Camera, faces: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """Return a body of plaster under a lamp, (H, W), smoothed over its faces."""
    a, b, c = template.vertices[template.faces].transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    lamp = _LIGHT / np.linalg.norm(_LIGHT) @ camera.rotation
    lit = 0.5 + 0.5 * np.clip(normals @ lamp, -1, 1)
    body = faces != NO_FACE
    bright = np.where(body, lit[faces], 0).astype(np.float32)
    weight = cv2.GaussianBlur(body.astype(np.float32), (0, 0), 1.5)
    smooth = cv2.GaussianBlur(bright, (0, 0), 1.5) / np.maximum(weight, 1e-3)
    return np.where(body, np.clip(smooth, 0, 1), 1).astype(np.float32)


def _card_place(
    body: npt.NDArray[np.bool_],
    part: npt.NDArray[np.bool_],
    outline: tuple[float, float, float, float],
    px_per_m: float,
) -> tuple[float, float, float, float] | None:
    """Return where in the frame the card lies closest to the part without covering the body, or None."""
    rows, cols = np.nonzero(part)
    left, top, width, height = (round(value) for value in outline)
    inside = body[top : top + height, left : left + width]
    rim = max(1, round(_RIM * width))
    best: tuple[float, tuple[float, float, float, float]] | None = None
    for sides in (CARD_M, CARD_M[::-1]):
        card_h, card_w = (max(3, round(side * px_per_m)) for side in sides)
        if card_h + 4 * rim > height or card_w + 4 * rim > width:
            continue
        covered = cv2.boxFilter(inside.astype(np.float32), -1, (card_w + 2 * rim, card_h + 2 * rim), normalize=False)
        free = covered < 0.5
        down, across = card_h // 2 + 2 * rim, card_w // 2 + 2 * rim
        free[:down], free[-down:], free[:, :across], free[:, -across:] = False, False, False, False
        y, x = np.nonzero(free)
        if not len(y):
            continue
        off = np.hypot(y + top - rows.mean(), x + left - cols.mean())
        nearest = int(off.argmin())
        place = (x[nearest] + left - card_w / 2, y[nearest] + top - card_h / 2, float(card_w), float(card_h))
        if best is None or off[nearest] < best[0]:
            best = float(off[nearest]), place
    return None if best is None else best[1]
