"""One rendered photograph with everything that is true of it."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from reepi.body.camera import Camera
from reepi.body.face_image import FaceImage
from reepi.body.template import BodyTemplate
from reepi.core.images import Mask, Pixels
from reepi.core.surface import NO_FACE
from reepi.core.tissue import Tissue
from reepi.phantom.appearance import Material
from reepi.phantom.capture import developed, exposed
from reepi.phantom.lighting import Shape, shade
from reepi.phantom.noise import Floats
from reepi.phantom.poses import Pose
from reepi.phantom.relief import tilted, vertex_normals
from reepi.phantom.scene import Scene
from reepi.phantom.subject import Subject, dressed

GLARE = 1.6
"""Sheen, in units of full exposure, beyond which nothing of the tissue is seen: such pixels are ``covered``."""


@dataclass(frozen=True)
class RenderedPhotograph:
    """A photograph and its truth.

    Parameters
    ----------
    pixels : (H, W, 3) uint8
        sRGB.
    mask : (H, W) uint8
        Tissue of each pixel.
    faces : (H, W) int32
        Template face whose skin each pixel shows (bare, hairy or dressed), `NO_FACE` elsewhere: background, eyes,
        clothes, drapes and gloves.
    camera : Camera
        The camera.
    pose : Pose
        Rotation vectors of the articulations [rad].
    """

    pixels: Pixels
    mask: Mask
    faces: npt.NDArray[np.int32]
    camera: Camera
    pose: Pose


def render_photograph(subject: Subject, scene: Scene, rng: np.random.Generator) -> RenderedPhotograph:
    """Return the photograph of a subject in a scene, with tissue mask, face map, camera and pose.

    Parameters
    ----------
    subject : Subject
        The patient on a day.
    scene : Scene
        Pose, camera, light and surroundings.
    rng : numpy.random.Generator
        Source of the sensor's noise.
    """
    template = subject.template
    seen = scene.body.caster.render(scene.camera)
    body = seen.faces != NO_FACE
    points, normals = _interpolated(template, scene.body.vertices, seen, body)
    material, mask, faces = dressed(subject, seen.faces[body], points)
    shape = _shape(scene.camera, seen, body, normals, material.height_m)
    light, glare = _lit(shape, material, scene)
    mask[glare & (mask != Tissue.BACKGROUND)] = Tissue.COVERED
    return _composed(scene, body, light, mask, faces, rng)


def _interpolated(
    template: BodyTemplate, vertices: npt.NDArray[np.float64], seen: FaceImage, body: npt.NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return canonical points and smooth unit normals of the body's pixels, (N, 3) each."""
    corners = template.faces[seen.faces[body]]
    weights = seen.barycentric[body]
    normals = vertex_normals(vertices, template.faces)
    points = np.einsum("ijk,ij->ik", template.canonical[corners], weights)
    normal = np.einsum("ijk,ij->ik", normals[corners], weights)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    return points.astype(np.float32), normal.astype(np.float32)


def _shape(camera: Camera, seen: FaceImage, body: npt.NDArray[np.bool_], normals: Floats, height: Floats) -> Shape:
    """Return the seen points with normals tilted by relief."""
    rays = camera.rays().astype(np.float32)[body]
    distance = seen.distance_m[body]
    points = camera.position.astype(np.float32) + rays * distance[:, None]
    rough = tilted(body, points, normals, height)
    return Shape(points, rough, -rays, distance)


def _lit(shape: Shape, material: Material, scene: Scene) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the light of the body's pixels (N, 3) and which of them are lost in glare (N,)."""

    def shadowed(points: Floats, direction: Floats) -> npt.NDArray[np.bool_]:
        start = (points + 0.006 * shape.normals + 0.004 * direction).astype(np.float64)
        towards = np.broadcast_to(direction.astype(np.float64), start.shape)
        return np.asarray(scene.body.caster.first_faces(start, towards) != NO_FACE)

    scattered, sheen = shade(shape, material, scene.light, shadowed)
    middle = float(np.median(scattered)) if len(scattered) else 1.0
    return scattered + sheen, sheen[:, 1] * scene.capture.brightness / max(middle, 1e-4) > GLARE


def _composed(
    scene: Scene,
    body: npt.NDArray[np.bool_],
    light: Floats,
    tissue: Mask,
    face: npt.NDArray[np.int32],
    rng: np.random.Generator,
) -> RenderedPhotograph:
    """Return the photograph put together from background, body and what hangs before it."""
    level = float(np.median(light)) if len(light) else 0.3
    picture = scene.background * np.float32(max(level, 0.02) / 0.25) * _contact_shade(body)[..., None]
    mask = np.full(body.shape, Tissue.BACKGROUND, np.uint8)
    faces = np.full(body.shape, NO_FACE, np.int32)
    picture[body], mask[body], faces[body] = light, tissue, face
    subject = body.copy()
    for foreground in scene.foregrounds:
        hidden = foreground.alpha > 0.5
        bright = foreground.light * np.float32(max(level, 0.02) / 0.25)
        picture = picture * (1 - foreground.alpha[..., None]) + bright * foreground.alpha[..., None]
        mask[hidden], faces[hidden], subject[hidden] = Tissue.BACKGROUND, NO_FACE, False
    pixels = developed(exposed(picture, subject, scene.capture), scene.capture, rng)
    return RenderedPhotograph(pixels, mask, faces, scene.camera, scene.pose)


def _contact_shade(body: npt.NDArray[np.bool_]) -> Floats:
    """Return how the body darkens the bedding beside it, (H, W)."""
    near = cv2.GaussianBlur(body.astype(np.float32), (0, 0), max(body.shape) / 30)
    return np.asarray(1 - 0.45 * near, np.float32)
