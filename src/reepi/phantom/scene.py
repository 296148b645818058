"""Pose, camera, light and surroundings of a photograph, drawn so that the declared surface is really seen."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.framed import target_faces
from reepi.body.rays import RayCaster
from reepi.body.template import BodyTemplate
from reepi.core.images import Pixels
from reepi.core.surface import NO_FACE
from reepi.core.views import VIEWS, View
from reepi.phantom.backgrounds import Foreground, draw_background, draw_drape, draw_glove
from reepi.phantom.capture import Capture, draw_capture, draw_standard_capture
from reepi.phantom.framing import Framing, frame
from reepi.phantom.lighting import Light, draw_light
from reepi.phantom.noise import Floats
from reepi.phantom.poses import Pose, Posture, draw_pose

MINIMUM_SEEN = 0.45
"""Share of the declared surface that must face the camera unhidden before a pose and camera are accepted."""

_TRIES = 8


@dataclass(frozen=True)
class PosedBody:
    """A body in a pose, ready for ray casting.

    Parameters
    ----------
    vertices : (V, 3) float64
        Posed vertices [m].
    caster : RayCaster
        Casts rays on them.
    """

    vertices: npt.NDArray[np.float64]
    caster: RayCaster


@dataclass(frozen=True)
class Scene:
    """Pose, camera, light and surroundings of one photograph.

    Parameters
    ----------
    view : View
        Declared view.
    pose : Pose
        Rotation vectors of the articulations [rad].
    body : PosedBody
        The body in that pose.
    camera : Camera
        The camera.
    light : Light
        Lamps and flash.
    capture : Capture
        What the camera does to the light.
    foregrounds : tuple of Foreground
        What hangs or reaches before the patient.
    background : (H, W, 3) float32
        What lies behind, linear light.
    """

    view: View
    pose: Pose
    body: PosedBody
    camera: Camera
    light: Light
    capture: Capture
    foregrounds: tuple[Foreground, ...]
    background: Floats


def draw_scene(
    rng: np.random.Generator,
    template: BodyTemplate,
    view_name: str,
    framing: Framing,
    photographs: tuple[Pixels, ...] = (),
    tidy: bool = False,
    posture: Posture | None = None,
) -> Scene:
    """Return a random scene in which the declared surface is really seen.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of chance.
    template : BodyTemplate
        The body.
    view_name : str
        Declared view, one of `reepi.core.views.VIEWS`.
    framing : Framing
        The photographer's choices.
    photographs : tuple of (h, w, 3) uint8
        Photographs that backgrounds may be cut from.
    tidy : bool
        As in a clinic that keeps to a standard: limbs straight, plain bedding, nothing before the patient.
    posture : "calm", "upright" or "any", optional
        How far poses stray; calm where all is tidy and upright elsewhere, if not given.
    """
    view = VIEWS[view_name]
    posture = posture or ("calm" if tidy else "upright")
    pose, body, camera = _draw_seen(rng, template, view, framing, posture)
    size = framing.size
    foregrounds = [draw_drape(rng, size)] if rng.random() < 0.15 and not tidy else []
    foregrounds += [draw_glove(rng, size)] if rng.random() < 0.12 and not tidy else []
    return Scene(
        view,
        pose,
        body,
        camera,
        draw_light(rng, -camera.rotation[2].astype(np.float32), bool(rng.random() < 0.6), tidy),
        (draw_standard_capture if tidy else draw_capture)(rng, max(size) / 448),
        tuple(foregrounds),
        draw_background(rng, size, photographs, tidy),
    )


def _draw_seen(
    rng: np.random.Generator, template: BodyTemplate, view: View, framing: Framing, posture: Posture
) -> tuple[Pose, PosedBody, Camera]:
    """Return the first pose and camera that show enough of the declared surface, or the best of several."""
    tries = []
    for _ in range(_TRIES):
        pose = draw_pose(rng, template, view, posture)
        body = posed_body(template, pose)
        camera = frame(template, body.vertices, view, framing)
        seen = seen_share(template, body, camera, view)
        tries.append((seen, pose, body, camera))
        if seen >= MINIMUM_SEEN:
            break
    return max(tries, key=lambda each: each[0])[1:]


def posed_body(template: BodyTemplate, pose: Pose) -> PosedBody:
    """Return a body in a pose."""
    vertices = template.posed(rotations(template, pose))
    return PosedBody(vertices, RayCaster(vertices, template.faces))


def seen_share(template: BodyTemplate, body: PosedBody, camera: Camera, view: View) -> float:
    """Return how much of the declared surface a camera sees, over what it would see if nothing hid it."""
    target = target_faces(template, view)
    small = camera.scaled((max(camera.size[0] // 8, 8), max(camera.size[1] // 8, 8)))
    faces = body.caster.render(small).faces
    seen = target[faces[faces != NO_FACE]].sum()
    return float(seen / max(_pixels_if_unhidden(body.vertices[template.faces[target]], small), faces.size / 25))


def _pixels_if_unhidden(corners: npt.NDArray[np.float64], camera: Camera) -> float:
    """Return how many pixels triangles (N, 3, 3) would cover, each alone: those that face the camera, in the frame."""
    place = camera.project(corners.reshape(-1, 3)).reshape(-1, 3, 2)
    (ax, ay), (bx, by) = (place[:, 1] - place[:, 0]).T, (place[:, 2] - place[:, 0]).T
    area = (ay * bx - ax * by) / 2
    middle = place.mean(axis=1)
    inside = ((middle >= 0) & (middle < np.array(camera.size[::-1]))).all(axis=1)
    return float(np.nansum(np.where(inside, np.maximum(area, 0), 0)))
