"""One rendered photograph with everything that is true of it."""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.rays import FaceImage, RayCaster
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.images import Mask, Pixels
from reepi.core.regions import REGIONS
from reepi.core.surface import NO_FACE
from reepi.core.tissue import Tissue
from reepi.core.views import VIEWS, View
from reepi.phantom.appearance import Material, body_material
from reepi.phantom.backgrounds import Foreground, draw_background, draw_drape, draw_glove
from reepi.phantom.capture import Capture, developed, draw_capture, exposed
from reepi.phantom.covers import Clothes, Dressing, Hair, Landmarks, landmarks
from reepi.phantom.framing import Framing, frame, target_faces
from reepi.phantom.lesions import Course, Surface
from reepi.phantom.lighting import Light, Shape, draw_light, shade
from reepi.phantom.looks import Look
from reepi.phantom.noise import Floats
from reepi.phantom.poses import Pose, draw_pose

GLARE = 1.6
"""Sheen, in units of full exposure, beyond which nothing of the tissue is seen: such pixels are ``covered``."""

MINIMUM_SEEN = 0.45
"""Share of the declared surface that must face the camera unhidden before a pose and camera are accepted."""

_TRIES = 8


@dataclass(frozen=True)
class Subject:
    """A patient as rendered on one day.

    Parameters
    ----------
    template : BodyTemplate
        The body.
    course : Course
        Its lesions over days.
    look : Look
        How skin and tissues appear.
    hair : Hair
        Hair on head and face.
    clothes : Clothes or None
        What is worn.
    dressings : tuple of Dressing
        What sticks on the skin.
    day : float
        Days after day zero.
    """

    template: BodyTemplate
    course: Course
    look: Look
    hair: Hair
    clothes: Clothes | None
    dressings: tuple[Dressing, ...]
    day: float


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


def canonical_surface(template: BodyTemplate) -> Surface:
    """Return the canonical centroid, region and share [% BSA] of each face of a body."""
    points = template.canonical[template.faces].mean(axis=1)
    return Surface(points.astype(np.float32), template.regions, template.shares("patient", 40.0))


def draw_scene(
    rng: np.random.Generator,
    template: BodyTemplate,
    view_name: str,
    framing: Framing,
    photographs: tuple[Pixels, ...] = (),
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
    """
    view = VIEWS[view_name]
    pose, body, camera = _draw_seen(rng, template, view, framing)
    size = framing.size
    foregrounds = [draw_drape(rng, size)] if rng.random() < 0.15 else []
    foregrounds += [draw_glove(rng, size)] if rng.random() < 0.12 else []
    return Scene(
        view,
        pose,
        body,
        camera,
        draw_light(rng, -camera.rotation[2].astype(np.float32), bool(rng.random() < 0.6)),
        draw_capture(rng, max(size) / 448),
        tuple(foregrounds),
        draw_background(rng, size, photographs),
    )


def _draw_seen(
    rng: np.random.Generator, template: BodyTemplate, view: View, framing: Framing
) -> tuple[Pose, PosedBody, Camera]:
    """Return the first pose and camera that show enough of the declared surface, or the best of several."""
    tries = []
    for _ in range(_TRIES):
        pose = draw_pose(rng, template, view)
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
    material, mask, faces = _dressed(subject, seen.faces[body], points)
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


def vertex_normals(vertices: npt.NDArray[np.float64], faces: npt.NDArray[np.int32]) -> Floats:
    """Return the area-weighted unit normal of each vertex, (V, 3)."""
    a, b, c = vertices[faces].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    total = np.zeros_like(vertices)
    for axis in range(3):
        total[:, axis] = np.bincount(faces.ravel(), np.repeat(normal[:, axis], 3), len(vertices))
    return np.asarray(total / (np.linalg.norm(total, axis=1, keepdims=True) + 1e-12), np.float32)


_PALE = np.array([region.endswith(("palmar", "plantar")) for region in REGIONS] + [False])


@lru_cache(maxsize=1)
def reference_landmarks() -> Landmarks:
    """Return the landmarks of the reference body, which canonical coordinates refer to."""
    return landmarks(canonical_surface(reference_template()))


@lru_cache(maxsize=1)
def reference_normals() -> Floats:
    """Return the mean of the vertex normals of each face of the reference body, (F, 3)."""
    template = reference_template()
    return vertex_normals(template.canonical.astype(np.float64), template.faces)[template.faces].mean(axis=1)


def _dressed(
    subject: Subject, face: npt.NDArray[np.int32], points: Floats
) -> tuple[Material, Mask, npt.NDArray[np.int32]]:
    """Return material, tissue and shown face of the body's pixels: skin, then hair, dressings and clothes on it."""
    template = subject.template
    marks = reference_landmarks()
    state = subject.course.state(points, subject.day)
    paleness = _PALE[template.regions[face]].astype(np.float32)
    material = body_material(subject.look, points, state, paleness)
    material = _with_beard(subject.hair, material, points, marks)
    mask, faces = state.tissue.copy(), face.copy()
    for where, cover in ((subject.hair.on_scalp(points, marks), subject.hair), *_dressing_places(subject, points)):
        if where.any():
            material = material.replaced(where, cover.material(points[where]))
            mask[where] = Tissue.COVERED
    if subject.clothes is not None:
        worn = subject.clothes.inside(points, marks)
        material = material.replaced(worn, subject.clothes.material(points[worn]))
        mask[worn], faces[worn] = Tissue.BACKGROUND, NO_FACE
    inner = template.regions[face] < 0
    material = material.replaced(inner, _eyes(points[inner]))
    mask[inner], faces[inner] = Tissue.BACKGROUND, NO_FACE
    return material, mask, faces


def _dressing_places(subject: Subject, points: Floats) -> list[tuple[npt.NDArray[np.bool_], Dressing]]:
    return [(dressing.inside(points), dressing) for dressing in subject.dressings]


def _with_beard(hair: Hair, material: Material, points: Floats, marks: Landmarks) -> Material:
    near = points[:, 2] > marks.head_low[2] - 0.03
    if not near.any():
        return material
    dark = hair.shadow(points[near], marks) * np.clip(0.6 + 0.4 * hair.strand.at(points[near] * 2), 0, 1)
    dark = np.maximum(dark, 0.85 * hair.on_brows(points[near], marks))[:, None]
    albedo = material.albedo.copy()
    albedo[near] = albedo[near] * (1 - dark) + hair.colour * dark
    return replace(material, albedo=albedo.astype(np.float32))


def _eyes(points: Floats) -> Material:
    count = len(points)
    return Material(
        np.broadcast_to(np.array([0.5, 0.42, 0.4], np.float32), (count, 3)),
        np.zeros(count, np.float32),
        np.full(count, 0.4, np.float32),
        np.full(count, 0.1, np.float32),
    )


def _shape(camera: Camera, seen: FaceImage, body: npt.NDArray[np.bool_], normals: Floats, height: Floats) -> Shape:
    """Return the seen points with normals tilted by relief."""
    rays = camera.rays().astype(np.float32)[body]
    distance = seen.distance_m[body]
    points = camera.position.astype(np.float32) + rays * distance[:, None]
    tilted = _tilted(camera, body, points, normals, height)
    return Shape(points, tilted, -rays, distance)


def _tilted(camera: Camera, body: npt.NDArray[np.bool_], points: Floats, normals: Floats, height: Floats) -> Floats:
    """Return normals tilted by relief of (N,) [m], from its slope on the picture's grid.

    Notes
    -----
    Surface gradient bump mapping (Mikkelsen, J Graph GPU Game Tools 2010;15:49-61). Derivatives across outlines, where
    the surface breaks off, are dropped.
    """
    relief = np.zeros(body.shape, np.float32)
    relief[body] = height
    place = np.zeros((*body.shape, 3), np.float32)
    place[body] = points
    along_x, along_y = (np.gradient(place, axis=axis)[body] for axis in (1, 0))
    slope_x, slope_y = (np.gradient(relief, axis=axis)[body] for axis in (1, 0))
    inner = cv2.erode(body.astype(np.uint8), np.ones((3, 3), np.uint8))[body] > 0
    across_x, across_y = np.cross(along_y, normals), np.cross(normals, along_x)
    determinant = np.einsum("ij,ij->i", along_x, across_x)
    smallest = np.float32((0.2 * np.median(np.abs(determinant))) + 1e-12) if len(determinant) else np.float32(1)
    gradient = (slope_x[:, None] * across_x + slope_y[:, None] * across_y) / (
        np.where(determinant < 0, -1, 1) * np.maximum(np.abs(determinant), smallest)
    )[:, None]
    steep = np.linalg.norm(gradient, axis=1, keepdims=True)
    gradient *= np.minimum(1, 1.2 / (steep + 1e-9)) * inner[:, None]
    tilted = normals - gradient
    return np.asarray(tilted / (np.linalg.norm(tilted, axis=1, keepdims=True) + 1e-9), np.float32)


def _lit(shape: Shape, material: Material, scene: Scene) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the light of the body's pixels (N, 3) and which of them are lost in glare (N,)."""

    def shadowed(points: Floats, direction: Floats) -> npt.NDArray[np.bool_]:
        start = (points + 0.006 * shape.normals + 0.004 * direction).astype(np.float64)
        return scene.body.caster.first_faces(start, np.broadcast_to(direction.astype(np.float64), start.shape)) != NO_FACE

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
