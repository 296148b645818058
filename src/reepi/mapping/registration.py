"""From a camera and a pose to a registration, and back: the posed template is drawn into the photograph."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.face_image import face_image
from reepi.body.template import BodyTemplate
from reepi.core.correspondence import Source
from reepi.core.surface import NO_FACE, Registration
from reepi.mapping.fit import BodyFit

Floats = npt.NDArray[np.float64]

MEASURES = "measures"
"""Name under which a registration keeps by how many spreads the body differs from the template in some measures."""

RENDER_LONG_SIDE_PX = 512
"""Long side at which the template is drawn; larger photographs take the face of the nearest drawn pixel. Measured
areas do not depend on it: they are sampled on the body surface, not on this picture."""


def registration_from_fit(fit: BodyFit, template: BodyTemplate, source: Source) -> Registration:
    """Return the registration of a fit.

    Parameters
    ----------
    fit : BodyFit
        Camera and pose.
    template : BodyTemplate
        The patient's body.
    source : "network", "reader", "earlier_day" or "truth"
        Where the correspondences came from.
    """
    quality = fit.quality
    details = {
        "source": source,
        "n_correspondences": quality.n_correspondences,
        "trusted": round(quality.trusted, 4),
        "offset_mm": round(quality.offset_mm, 3),
        "spread_mm": round(quality.spread_mm, 3),
        "extent_mm": round(quality.extent_mm, 1),
    }
    return registration_from_pose(fit.camera, fit.pose, template, quality.residual_mm, details, fit.measures)


def registration_from_pose(
    camera: Camera,
    pose: Mapping[str, npt.ArrayLike],
    template: BodyTemplate,
    residual_mm: float,
    details: Mapping[str, object] | None = None,
    measures: Mapping[str, float] | None = None,
) -> Registration:
    """Return the registration of a known camera and pose.

    Parameters
    ----------
    camera : Camera
        At working size.
    pose : mapping of str to (3,)
        Rotation vector of each articulation that moves [rad].
    template : BodyTemplate
        The patient's body.
    residual_mm : float
        Estimated error of the mapping on the skin [mm].
    details : mapping, optional
        What else to keep beside camera and pose.
    measures : mapping of str to float, optional
        By how many spreads the body differs from the template in some of its measures.
    """
    posed = template.posed(rotations(template, pose), measures)
    image = face_image(posed, template.faces, camera.scaled(_render_size(camera.size))).part(template.skin)
    return Registration(
        image.faces,
        camera.size,
        residual_mm,
        {**(details or {}), **_camera_numbers(camera), "pose": _pose_numbers(pose), MEASURES: dict(measures or {})},
    )


@dataclass(frozen=True)
class ShownSkin:
    """The faces that a registered photograph shows.

    Parameters
    ----------
    camera : Camera
        The registration's.
    faces : (N,) int64
        Those that at least one drawn pixel shows, in order.
    middles : (N, 3) float64
        Their middles [m].
    n_faces : int
        Number F of template faces.
    """

    camera: Camera
    faces: npt.NDArray[np.int64]
    middles: Floats
    n_faces: int

    @property
    def distance_mm(self) -> Floats:
        """Distance of each face's middle from the camera [mm], (F + 1,); NaN if not shown, and last for `NO_FACE`."""
        distances = np.full(self.n_faces + 1, np.nan)
        distances[self.faces] = 1000 * np.linalg.norm(self.middles - self.camera.position, axis=1)
        return distances


def shown_skin(registration: Registration, template: BodyTemplate) -> ShownSkin:
    """Return the faces that a registered photograph shows, and where they are.

    Raises
    ------
    ValueError
        The registration carries no camera.
    """
    camera, posed = camera_and_body(registration, template)
    shown = np.zeros(template.n_faces + 1, bool)
    shown[registration.drawn] = True
    shown[NO_FACE] = False
    faces = np.flatnonzero(shown)
    return ShownSkin(camera, faces, posed[template.faces[faces]].mean(axis=1), template.n_faces)


def camera_and_body(registration: Registration, template: BodyTemplate) -> tuple[Camera, Floats]:
    """Return the camera and the posed vertices (V, 3) [m] that a registration was made with; see `camera_and_pose`."""
    camera, pose = camera_and_pose(registration)
    return camera, template.posed(rotations(template, pose), measures_of(registration.camera))


def camera_and_pose(registration: Registration) -> tuple[Camera, dict[str, Floats]]:
    """Return the camera and the pose that a registration was made with.

    Raises
    ------
    ValueError
        The registration carries none, or numbers that are none.
    """
    return camera_and_pose_of(registration.camera)


def camera_and_pose_of(numbers: Mapping[str, Any]) -> tuple[Camera, dict[str, Floats]]:
    """Return the camera and the pose of the plain numbers that a registration keeps; see `camera_and_pose`."""
    try:
        pose = {name: np.array(vector, np.float64) for name, vector in numbers["pose"].items()}
        camera = Camera(
            float(numbers["focal_px"]),
            (int(numbers["size"][0]), int(numbers["size"][1])),
            np.array(numbers["rotation"], np.float64),
            np.array(numbers["position_m"], np.float64),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"the registration's camera is not complete ({error}); register the photograph again"
        ) from error
    return camera, pose


def measures_of(numbers: Mapping[str, Any]) -> dict[str, float]:
    """Return by how many spreads the body that a registration keeps differs from the template in some measures.

    In none, as far as registrations of earlier versions are concerned.

    Raises
    ------
    ValueError
        They are no numbers.
    """
    try:
        return {name: float(spreads) for name, spreads in numbers.get(MEASURES, {}).items()}
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"the registration's measures are no numbers ({error}); register again") from error


def _camera_numbers(camera: Camera) -> dict[str, object]:
    return {
        "focal_px": camera.focal_px,
        "size": list(camera.size),
        "rotation": camera.rotation.tolist(),
        "position_m": camera.position.tolist(),
    }


def _pose_numbers(pose: Mapping[str, npt.ArrayLike]) -> dict[str, list[float]]:
    return {name: np.asarray(vector, np.float64).tolist() for name, vector in pose.items()}


def _render_size(size: tuple[int, int]) -> tuple[int, int]:
    shrink = min(1.0, RENDER_LONG_SIDE_PX / max(size))
    return max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))
