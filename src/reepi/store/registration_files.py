"""Registrations as text: camera, pose and residual, from which the pixels follow."""

import json
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from reepi.body.template import BodyTemplate
from reepi.core.surface import Registration
from reepi.mapping.placement import Placement


def registration_text(file: str, registration: Registration) -> str:
    """Return a registration as JSON, without its pixels."""
    return plain_text({"file": file, **Placement.of(registration).plain})


def read_registration(text: str, template: BodyTemplate) -> Registration:
    """Return the registration of a text that `registration_text` wrote, on the same body.

    Raises
    ------
    ValueError
        The text is no registration.
    """
    return Placement.from_plain(json.loads(text)).on(template)


def read_unsure(text: str) -> npt.NDArray[np.bool_] | None:
    """Return `Registration.unsure` of such a text, without a body.

    Raises
    ------
    ValueError
        The text is no registration.
    """
    return Placement.from_plain(json.loads(text)).unsure


def plain_text(content: Mapping[str, object]) -> str:
    """Return values as JSON, arrays as lists."""
    return json.dumps(content, indent=2, sort_keys=True, default=_plain) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no plain value")
