"""Where the photographer stands: a camera that frames a declared view of a posed body."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from reepi.body.camera import Camera, focal_px_of_full_frame
from reepi.body.framed import OUTWARD, framed_vertices, target_faces
from reepi.body.template import BodyTemplate
from reepi.core.views import View

Floats = npt.NDArray[np.float64]

DISTANCE_M = (0.3, 4.0)
"""Nearest and farthest camera [m]."""


@dataclass(frozen=True)
class Framing:
    """The photographer's choices.

    Parameters
    ----------
    size : (int, int)
        Height and width of the picture [px].
    focal_mm : float
        Focal length on a full frame [mm].
    fill : float
        Extent of the framed part over the picture; above 1 it is cropped.
    shift : (float, float)
        Place of the part's centre off the picture's, in widths and heights.
    azimuth_rad, elevation_rad : float
        How far the camera stands off the surface's normal [rad].
    roll_rad : float
        Roll about the line of sight, off upright or off the limb's axis [rad].
    """

    size: tuple[int, int]
    focal_mm: float
    fill: float
    shift: tuple[float, float]
    azimuth_rad: float
    elevation_rad: float
    roll_rad: float


UPRIGHT: Final = 0.88
"""Share of wide framings that hold the camera upright; the others are turned by a quarter or, rarely, by half."""


def draw_framing(rng: np.random.Generator, long_side: int, wide: bool = True, upright: float = UPRIGHT) -> Framing:
    """Return random choices; ``wide`` randomises as training needs, else as one clinic's habit.

    ``upright`` is the share of wide framings in which the camera is held upright.
    """
    short = int(round(long_side * rng.choice([0.75, 0.75, 0.667, 0.8]) / 16) * 16) if wide else long_side * 3 // 4
    portrait = rng.random() < 0.6 if wide else True
    loose = 1.0 if wide else 0.4
    turned = (1 - upright) / 12
    turns = (upright, 5 * turned, 5 * turned, 2 * turned)
    quarter = float(rng.choice([0, np.pi / 2, -np.pi / 2, np.pi], p=turns)) if wide else 0.0
    return Framing(
        (long_side, short) if portrait else (short, long_side),
        float(rng.choice([rng.uniform(24, 30), rng.uniform(28, 85)], p=(0.4, 0.6))) if wide else rng.uniform(35, 60),
        float(rng.uniform(0.6, 1.25)) if wide else float(rng.uniform(0.82, 0.95)),
        (float(rng.normal(0, 0.06 * loose)), float(rng.normal(0, 0.06 * loose))),
        float(rng.normal(0, 0.28 * loose)),
        float(rng.normal(0, 0.18 * loose)),
        float(rng.normal(0, 0.12 * loose)) + quarter,
    )


def frame(template: BodyTemplate, vertices: Floats, view: View, framing: Framing) -> Camera:
    """Return the camera that takes a view of a posed body.

    Parameters
    ----------
    template : BodyTemplate
        The body.
    vertices : (V, 3) float64
        Its posed vertices [m].
    view : View
        What to show.
    framing : Framing
        The photographer's choices.
    """
    points = vertices[framed_vertices(template, view)]
    rotation = _rotation(template, vertices, view, framing, points)
    return _placed(points, rotation, framing)


def _rotation(template: BodyTemplate, vertices: Floats, view: View, framing: Framing, points: Floats) -> Floats:
    """Return world -> camera for the line of sight and the roll of a view."""
    forward = -_outward(template, vertices, view)
    centred = points - points.mean(axis=0)
    limb = view.part in ("arm", "hand", "leg", "foot")
    axis = np.linalg.svd(centred, full_matrices=False)[2][0] if limb else np.array([0.0, 0.0, 1.0])
    axis = axis if axis[2] >= 0 else -axis
    up = axis - forward * (axis @ forward)
    if np.linalg.norm(up) < 0.2:
        up = np.array([0.0, -1.0, 0.0]) - forward * -forward[1]
    up /= np.linalg.norm(up)
    right = np.cross(forward, up)
    upright = np.stack([right, -up, forward])
    landscape_limb = limb and view.part in ("arm", "leg") and framing.size[1] > framing.size[0]
    roll = framing.roll_rad + (np.pi / 2 if landscape_limb else 0.0)
    return np.asarray(_turn(2, roll) @ _turn(0, framing.elevation_rad) @ _turn(1, framing.azimuth_rad) @ upright)


def _turn(axis: int, angle: float) -> Floats:
    i, j = [k for k in range(3) if k != axis]
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
    return matrix


def _outward(template: BodyTemplate, vertices: Floats, view: View) -> Floats:
    """Return the direction from the declared surface to the camera, (3,)."""
    target = template.faces[target_faces(template, view)]
    a, b, c = vertices[target].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a).sum(axis=0)
    normal /= np.linalg.norm(normal)
    if view.part in ("whole", "trunk", "head", "pelvis", "buttocks"):
        normal = normal * 0.3 + np.array(OUTWARD[view.aspect]) * 0.7
    return np.asarray(normal / np.linalg.norm(normal))


def _placed(points: Floats, rotation: Floats, framing: Framing) -> Camera:
    """Return the camera at the distance where the points fill the picture as wanted."""
    focal = focal_px_of_full_frame(framing.focal_mm, framing.size)
    height, width = framing.size
    local = points @ rotation.T
    low, high = np.percentile(local, (0.3, 99.7), axis=0)
    centre, extent = (low + high) / 2, high - low
    needed = max(extent[0] / width, extent[1] / height) / framing.fill
    distance = float(np.clip(focal * needed, *DISTANCE_M))
    focal = distance / needed
    offset = np.array([framing.shift[0] * width, framing.shift[1] * height, 0.0]) * needed
    position = centre - np.array([0, 0, distance]) - offset
    return Camera(focal, framing.size, rotation, rotation.T @ position)
