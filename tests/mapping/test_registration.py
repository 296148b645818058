"""A registration is what the posed body looks like from the camera, and carries both."""

import json
from dataclasses import replace

import numpy as np
import pytest
from doll import MEASURES, Shot, build_doll, take

from reepi.body.articulation import rotations
from reepi.core.surface import NO_FACE, Registration
from reepi.mapping import registration as module
from reepi.mapping.registration import camera_and_body, camera_and_pose, measures_of, registration_from_pose, shown_skin


@pytest.fixture
def registered(shot: Shot) -> Registration:
    return registration_from_pose(shot.camera, shot.pose, shot.template, 4.0, {"source": "truth"})


def test_pixels_show_the_faces_that_the_camera_sees(registered: Registration, shot: Shot) -> None:
    """They are those of the face image, and so are the distances of the skin they show; beside it there is nothing."""
    np.testing.assert_array_equal(registered.faces, shot.image.faces)
    shown, beside = registered.faces != NO_FACE, registered.faces == NO_FACE
    assert shown.any()
    distance_mm = shown_skin(registered, shot.template).distance_mm[registered.faces]
    assert np.isnan(distance_mm[beside]).all()
    # A pixel shows its face anywhere, the distance is that of its middle.
    np.testing.assert_allclose(distance_mm[shown], 1000 * shot.image.distance_m[shown], atol=60)
    assert abs(np.median(distance_mm[shown] - 1000 * shot.image.distance_m[shown])) < 3


def test_camera_and_pose_survive_json(registered: Registration, shot: Shot) -> None:
    """What a results folder stores is enough to make the registration again, to the last bit."""
    stored = replace(registered, camera=json.loads(json.dumps(registered.camera)))
    camera, pose = camera_and_pose(stored)
    again = registration_from_pose(camera, pose, shot.template, 4.0)
    np.testing.assert_array_equal(again.faces, registered.faces)
    assert stored.camera["source"] == "truth"


def test_a_body_that_differs_is_laid_as_it_is(shot: Shot) -> None:
    """Its measures are kept with camera and pose, and make the same body again; without them it is the template's."""
    measured, differs = build_doll(measures=MEASURES), {"stout": 1.5, "tall": -0.5}
    laid = registration_from_pose(shot.camera, shot.pose, measured, 4.0, measures=differs)
    stored = replace(laid, camera=json.loads(json.dumps(laid.camera)))
    assert measures_of(stored.camera) == differs
    _, vertices = camera_and_body(stored, measured)
    np.testing.assert_array_equal(vertices, measured.posed(rotations(measured, shot.pose), differs))
    np.testing.assert_array_equal(laid.faces, take(measured, shot.camera, shot.pose, differs).image.faces)
    earlier = {name: value for name, value in stored.camera.items() if name != "measures"}
    assert measures_of(earlier) == {}
    with pytest.raises(ValueError, match="measures"):
        measures_of({"measures": {"stout": "very"}})
    with pytest.raises(ValueError, match="no measures stout"):
        camera_and_body(stored, shot.template)


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
