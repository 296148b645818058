"""A registration is what the posed body looks like from the camera, and carries both."""

import json
from dataclasses import replace

import numpy as np
import pytest
from doll import Shot

from reepi.core.surface import NO_FACE, Registration
from reepi.mapping import registration as module
from reepi.mapping.registration import camera_and_pose, registration_from_pose


@pytest.fixture
def registered(shot: Shot) -> Registration:
    return registration_from_pose(shot.camera, shot.pose, shot.template, 4.0, {"source": "truth"})


def test_pixels_show_the_faces_that_the_camera_sees(registered: Registration, shot: Shot) -> None:
    """Faces, distance and angle are those of the face image; beside the body there is nothing."""
    np.testing.assert_array_equal(registered.faces, shot.image.faces)
    np.testing.assert_allclose(registered.distance_mm, 1000 * shot.image.distance_m, rtol=1e-6)
    beside = registered.faces == NO_FACE
    assert beside.any()
    assert not registered.facing[beside].any()
    assert not registered.distance_mm[beside].any()


def test_camera_and_pose_survive_json(registered: Registration, shot: Shot) -> None:
    """What a results folder stores is enough to make the registration again, to the last bit."""
    stored = replace(registered, camera=json.loads(json.dumps(registered.camera)))
    camera, pose = camera_and_pose(stored)
    again = registration_from_pose(camera, pose, shot.template, 4.0)
    np.testing.assert_array_equal(again.faces, registered.faces)
    assert stored.camera["source"] == "truth"


def test_skin_only(registered: Registration, shot: Shot) -> None:
    """Eyes and the like are no skin: their pixels show no face."""
    regions = shot.template.regions.copy()
    seen = np.bincount(registered.faces[registered.faces != NO_FACE]).argmax()
    regions[seen] = -1
    again = registration_from_pose(shot.camera, shot.pose, replace(shot.template, regions=regions), 4.0)
    assert (again.faces[registered.faces == seen] == NO_FACE).all()


def test_large_photographs_are_cast_small(
    registered: Registration, shot: Shot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photograph larger than the cast takes each pixel's face from the nearest cast pixel."""
    monkeypatch.setattr(module, "RENDER_LONG_SIDE_PX", 72)
    small = registration_from_pose(shot.camera, shot.pose, shot.template, 4.0)
    assert small.faces.shape == shot.camera.size
    np.testing.assert_array_equal(small.faces[::2], small.faces[1::2])
    assert ((small.faces == NO_FACE) == (registered.faces == NO_FACE)).mean() > 0.97


@pytest.mark.parametrize("missing", ["focal_px", "size", "pose", "rotation"])
def test_a_registration_without_its_camera_cannot_be_used(registered: Registration, missing: str) -> None:
    """The error says what is missing."""
    numbers = {name: value for name, value in registered.camera.items() if name != missing}
    with pytest.raises(ValueError, match=missing):
        camera_and_pose(replace(registered, camera=numbers))
