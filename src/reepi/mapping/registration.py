"""From a camera and a pose to a registration, and back: the posed template is drawn into the photograph."""

from collections.abc import Mapping
from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from reepi.body.articulation import rotations
from reepi.body.camera import Camera
from reepi.body.face_image import face_image
from reepi.body.template import BodyTemplate
from reepi.core.surface import Registration
from reepi.mapping.correspondences import Source
from reepi.mapping.fit import BodyFit

Floats = npt.NDArray[np.float64]
Pixel = TypeVar("Pixel", np.int32, np.float32)

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
    details = {
        "source": source,
        "n_correspondences": fit.n_correspondences,
        "trusted": round(fit.trusted, 4),
        "offset_mm": round(fit.offset_mm, 3),
        "spread_mm": round(fit.spread_mm, 3),
        "extent_mm": round(fit.extent_mm, 1),
    }
    return registration_from_pose(fit.camera, fit.pose, template, fit.residual_mm, details)


def registration_from_pose(
    camera: Camera,
    pose: Mapping[str, npt.ArrayLike],
    template: BodyTemplate,
    residual_mm: float,
    details: Mapping[str, object] | None = None,
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
    """
    posed = template.posed(rotations(template, pose))
    image = face_image(posed, template.faces, camera.scaled(_render_size(camera.size))).part(template.skin)
    return Registration(
        _enlarged(image.faces, camera.size),
        _enlarged(image.facing, camera.size),
        _enlarged(1000 * image.distance_m, camera.size),
        residual_mm,
        {**_camera_numbers(camera), "pose": _pose_numbers(pose), **(details or {})},
    )


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


def _enlarged(image: npt.NDArray[Pixel], size: tuple[int, int]) -> npt.NDArray[Pixel]:
    """Return an image (h, w) at a size (H, W) [px], every pixel taking the value of the nearest."""
    enlarged: npt.NDArray[Pixel] = cv2.resize(image, size[::-1], interpolation=cv2.INTER_NEAREST_EXACT)  # type: ignore[assignment]
    return enlarged
