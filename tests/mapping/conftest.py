"""A doll, a camera in front of it, and a photograph of it."""

import numpy as np
import pytest
from doll import POSE, Shot, build_doll, take

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate


@pytest.fixture(scope="session")
def doll() -> BodyTemplate:
    return build_doll()


@pytest.fixture(scope="session")
def front() -> Camera:
    """From two and a half metres in front, a little to the left and above."""
    return Camera.looking_at(np.array([0, 0, 0.9]), np.array([0.4, -2.5, 1.2]), 150.0, (144, 108), 0.1)


@pytest.fixture(scope="session")
def shot(doll: BodyTemplate, front: Camera) -> Shot:
    return take(doll, front, POSE)
