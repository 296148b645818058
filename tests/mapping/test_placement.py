"""Placements: a registration as plain numbers, and back on its body."""

import json
from dataclasses import replace

import numpy as np
import pytest

from reepi.body.camera import Camera
from reepi.body.template import BodyTemplate, reference_template
from reepi.core.surface import NO_FACE, Registration
from reepi.mapping.placement import Placement
from reepi.mapping.registration import registration_from_pose


@pytest.fixture(scope="module")
def body() -> BodyTemplate:
    return reference_template()


@pytest.fixture(scope="module")
def laid(body: BodyTemplate) -> Registration:
    camera = Camera.looking_at(np.array([0.0, 0.0, 0.9]), np.array([0.3, -2.5, 1.1]), focal_px=700.0, size=(96, 64))
    measures = {"waist": 1.25, "thigh": -0.5}
    placed = registration_from_pose(camera, {"spine": [0.1, 0, 0]}, body, 12.3456789, {"source": "network"}, measures)
    return replace(placed, framing_faults=("too_far",), bare_face=0.123456789)


def test_pixels_follow_from_the_numbers_alone(laid: Registration, body: BodyTemplate) -> None:
    """Through text and back every pixel shows the same face, and what was told of the photograph is told again."""
    again = Placement.from_plain(json.loads(json.dumps(Placement.of(laid).plain))).on(body)
    np.testing.assert_array_equal(again.drawn, laid.drawn)
    assert (laid.drawn >= 0).any()
    assert again.camera == laid.camera
    assert (again.size, again.residual_mm) == (laid.size, laid.residual_mm)
    assert (again.framing_faults, again.bare_face) == (laid.framing_faults, laid.bare_face)


def test_what_is_not_sure_stays_so(laid: Registration, body: BodyTemplate) -> None:
    """The cells come back as they were, and no pixel of theirs shows a face, at other sizes too."""
    unsure = np.zeros((9, 6), bool)
    unsure[:4, 2:], unsure[8, 5] = True, True
    for cells in (unsure, ~unsure, np.ones((2, 2), bool), np.zeros((2, 2), bool)):
        part = laid.without(cells)
        placed = Placement.from_plain(json.loads(json.dumps(Placement.of(part).plain)))
        again = placed.on(body)
        np.testing.assert_array_equal(again.unsure, cells)
        np.testing.assert_array_equal(again.drawn, part.drawn)
    twice = Placement.of(laid.without(unsure)).on(body, (192, 128))
    assert (twice.drawn[:85, 43:] == NO_FACE).all()
    assert (twice.drawn[86:, :] != NO_FACE).any()


def test_a_photograph_that_is_read_at_another_size_lies_at_the_same_place(
    laid: Registration, body: BodyTemplate
) -> None:
    """Twice as large, each pixel is four; nearly all of them show skin where the one did."""
    twice = Placement.of(laid).on(body, (2 * laid.size[0], 2 * laid.size[1]))
    assert twice.drawn.shape == (192, 128)
    before = np.kron(laid.drawn >= 0, np.ones((2, 2), bool))
    assert ((twice.drawn >= 0) == before).mean() > 0.98


@pytest.mark.parametrize(
    "change",
    [
        {"camera": {}},
        {"camera": None},
        {"residual_mm": "far"},
        {"residual_mm": None},
        {"bare_face": "bare"},
        {"unsure": {"size": [2, 2]}},
        {"unsure": {"size": [2, 2], "runs": [3]}},
        {"unsure": {"size": [10**6, 10**6], "runs": [10**12]}},
    ],
    ids=str,
)
def test_what_is_no_placement_is_told(laid: Registration, change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"registration|could not convert"):
        Placement.from_plain({**Placement.of(laid).plain, **change})


@pytest.mark.parametrize("plain", [[], None, "text", {}], ids=str)
def test_other_values_are_none(plain: object) -> None:
    with pytest.raises(ValueError, match="this is no registration"):
        Placement.from_plain(plain)  # type: ignore[arg-type]
