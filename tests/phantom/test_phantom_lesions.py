"""Lesions live on the skin: same place on all days, growing, healing from the edge, of the wanted extent."""

from dataclasses import replace

import numpy as np
import pytest

from reepi.core.tissue import OPEN, Tissue
from reepi.phantom.lesions import SIZING_DAYS, Course, Spots, Surface, draw_course, open_percent


def _open(course: Course, surface: Surface, day: float) -> np.ndarray:
    return np.isin(course.state(surface.points, day).tissue, OPEN)


def test_state_depends_on_point_and_day_alone(course: Course, skin_surface: Surface) -> None:
    """A photograph and the truth sample one function: order and company of the points do not matter."""
    whole = course.state(skin_surface.points, 6).tissue
    some = np.random.default_rng(0).permutation(len(whole))[:500]
    np.testing.assert_array_equal(course.state(skin_surface.points[some], 6).tissue, whole[some])


def test_nothing_before_the_disease(course: Course, skin_surface: Surface) -> None:
    """Long before day zero all skin is intact."""
    assert set(course.state(skin_surface.points, -20).tissue.tolist()) == {Tissue.INTACT}


def test_open_skin_grows_before_it_heals(course: Course, skin_surface: Surface) -> None:
    """Skin that is open on day 1 lies inside the lesions of day 3."""
    early, later = course.state(skin_surface.points, 1), course.state(skin_surface.points, 3)
    assert (later.depth_m[early.depth_m > 0] > 0).all()


def test_healing_starts_at_the_edge(course: Course, skin_surface: Surface) -> None:
    """Where a front heals without islands or chance, healed skin lies nearer to the edge than open skin."""
    timing = replace(course.timing, heal_days=1e6, halo_m=0.0, peel_start_day=-100, heal_start_day=5)
    flat = replace(course.chance[2], rotation=np.zeros((3, 3), np.float32), offset=np.zeros(3, np.float32))
    state = replace(
        course,
        timing=timing,
        late=Spots(*(np.zeros((0, *s), np.float32) for s in ((3,), (), (), ()))),
        chance=(*course.chance[:2], flat),
    ).state(skin_surface.points, 8)
    healed, still_open = state.tissue == Tissue.REEPITHELIALISED, np.isin(state.tissue, OPEN)
    assert healed.any()
    assert state.depth_m[healed].max() <= state.depth_m[still_open].min() + 1e-6


def test_healed_skin_stays_put(course: Course, skin_surface: Surface) -> None:
    """On day 25 nearly all that ever opened is re-epithelialised, in the same place."""
    ever = np.any([_open(course, skin_surface, day) for day in SIZING_DAYS], axis=0)
    last = course.state(skin_surface.points, 25).tissue
    assert (last[ever] == Tissue.REEPITHELIALISED).mean() > 0.9


@pytest.mark.parametrize("wanted", [5.0, 20.0, 45.0])
def test_largest_extent_is_as_wanted(skin_surface: Surface, wanted: float) -> None:
    """The open skin at its worst is near what was asked for."""
    drawn = draw_course(np.random.default_rng(11), skin_surface, wanted)
    assert max(open_percent(drawn, skin_surface, day) for day in SIZING_DAYS) == pytest.approx(wanted, rel=0.3)


def test_same_seed_same_course(skin_surface: Surface) -> None:
    """Chance comes from the generator alone."""
    one, two = (draw_course(np.random.default_rng(3), skin_surface, 10.0) for _ in range(2))
    np.testing.assert_array_equal(one.state(skin_surface.points, 4).tissue, two.state(skin_surface.points, 4).tissue)
