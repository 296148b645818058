"""Registrations as text: camera, pose and residual, from which the pixels follow."""

import json

import numpy as np

from reepi.body.template import BodyTemplate
from reepi.core.surface import Registration
from reepi.mapping.registration import camera_and_pose_of, registration_from_pose


def registration_text(file: str, registration: Registration) -> str:
    """Return a registration as JSON, without its pixels."""
    content = {"file": file, "residual_mm": registration.residual_mm, "camera": registration.camera}
    return json.dumps(content, indent=2, sort_keys=True, default=_plain) + "\n"


def read_registration(text: str, template: BodyTemplate) -> Registration:
    """Return the registration of a text that `registration_text` wrote, on the same body.

    Raises
    ------
    ValueError
        The text is no registration.
    """
    content = json.loads(text)
    try:
        camera, pose = camera_and_pose_of(content["camera"])
        return registration_from_pose(camera, pose, template, float(content["residual_mm"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is no registration ({error})") from error


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no plain value")
