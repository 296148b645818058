"""A cloth laid over the face, as wards do before they photograph."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate
from reepi.phantom.backgrounds import Foreground, cloth
from reepi.phantom.scene import Scene
from reepi.phantom.subject import reference_landmarks

LEAST_PX = 60
"""A face of fewer pixels needs no cloth."""


def with_face_cloth(rng: np.random.Generator, scene: Scene, template: BodyTemplate) -> Scene:
    """Return the scene with a cloth over the face; the scene itself where it shows no face."""
    faces = scene.body.caster.render(scene.camera).faces
    shown = np.append(_face(template), False)[faces]
    if shown.sum() < LEAST_PX:
        return scene
    reach = 2 * int(rng.uniform(0.1, 0.4) * np.sqrt(shown.sum())) + 1
    hull = cv2.convexHull(np.argwhere(shown)[:, ::-1].astype(np.int32))
    laid = cv2.fillConvexPoly(np.zeros(shown.shape, np.uint8), hull, 1)
    laid = cv2.dilate(laid, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    alpha = np.asarray(cv2.GaussianBlur(laid.astype(np.float32), (0, 0), 0.8), np.float32)
    light = cloth(rng, scene.camera.size, plain=bool(rng.random() < 0.7))
    return replace(scene, foregrounds=(*scene.foregrounds, Foreground(alpha, light)))


def _face(template: BodyTemplate) -> npt.NDArray[np.bool_]:
    """Return which template faces a cloth over the face hides, (F,): from chin to brow."""
    marks = reference_landmarks()
    middle = template.canonical[template.faces].mean(axis=1)
    place = (middle - marks.head_low) / (marks.head_high - marks.head_low)
    return np.asarray(
        (place[:, 1] < 0.42) & (place[:, 2] > 0.12) & (place[:, 2] < 0.72) & (abs(place[:, 0] - 0.5) < 0.6)
    )
