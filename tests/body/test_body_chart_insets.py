"""Palms and soles are drawn from the side that shows them, each the right way round."""

import numpy as np
import pytest

from reepi.body.chart_insets import INSET_TITLES, Inset, chart_insets
from reepi.body.template import build_template, reference_template
from reepi.core.regions import REGIONS
from reepi.core.study import Patient


@pytest.fixture(scope="module")
def insets() -> dict[str, Inset]:
    return chart_insets(reference_template())


def centre(faces: np.ndarray) -> np.ndarray:
    template = reference_template()
    return np.asarray(template.vertices[template.faces[faces]].mean(axis=(0, 1)))


def faces_of(region: str) -> np.ndarray:
    return np.flatnonzero(reference_template().regions == REGIONS.index(region))


def test_each_has_a_title_and_only_its_own_part(insets: dict[str, Inset]) -> None:
    """A hand without the body behind it."""
    assert list(insets) == list(INSET_TITLES)
    hand = np.concatenate([faces_of("hand_left_palmar"), faces_of("hand_left_dorsal")])
    assert set(insets["palm_left"].faces) == set(hand)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_shown_side_is_nearer(insets: dict[str, Inset], side: str) -> None:
    """Palm before back of the hand, sole before instep."""
    for name, shown, behind in ((f"palm_{side}", "palmar", "dorsal"), (f"sole_{side}", "plantar", "dorsal")):
        part = "hand" if name.startswith("palm") else "foot"
        sight = insets[name].frame.sight
        assert centre(faces_of(f"{part}_{side}_{shown}")) @ sight < centre(faces_of(f"{part}_{side}_{behind}")) @ sight


@pytest.mark.parametrize("name", INSET_TITLES)
def test_frames_are_not_mirrored(insets: dict[str, Inset], name: str) -> None:
    """Right, up and towards the viewer are a right-handed system of unit length."""
    frame = insets[name].frame
    np.testing.assert_allclose(np.cross(frame.across, frame.up), -frame.sight, atol=1e-12)
    assert np.linalg.norm(frame.up) == pytest.approx(1)


def test_fingers_and_toes_are_up(insets: dict[str, Inset]) -> None:
    """The forearm lies below the palm, the heel (behind) below the toes."""
    palm = insets["palm_right"].frame
    assert centre(faces_of("forearm_right_anterior")) @ palm.up < centre(faces_of("hand_right_palmar")) @ palm.up
    assert insets["sole_left"].frame.up @ np.array([0.0, 1.0, 0.0]) == pytest.approx(-1)


def test_an_infants_are_smaller() -> None:
    """By about the factor of height."""
    infant = chart_insets(build_template(Patient("P1", "M", 1, 76, 10)))["sole_left"].frame
    adult = chart_insets(reference_template())["sole_left"].frame
    assert infant.top_m - infant.bottom_m < 0.75 * (adult.top_m - adult.bottom_m)
