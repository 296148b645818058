"""Which visits raised the maximum, and which rates that moved, by hand on the flat body."""

import pytest
from endpoint_cases import HEALED, INTACT, LATE_PEAK, OPEN, ROW, TWO_MORE, UNSEEN, healed, regions_open
from flat_body import REGION, flat_skin, on_day, painted

from reepi.core.surface import SurfaceMap
from reepi.scoring.areas import area_table
from reepi.scoring.changed_maximum import Raised, moved_rate, raised_maxima, rate_as_known
from reepi.scoring.healing import healing_course
from reepi.scoring.rates import Course, rate


def course_of(*surfaces: SurfaceMap) -> Course:
    skin = flat_skin()
    visits = [on_day(day, surface) for day, surface in enumerate(surfaces)]
    return Course(tuple(area_table(visit.surface, skin) for visit in visits), healing_course(visits, skin))


@pytest.mark.parametrize(
    ("surfaces", "expected"),
    [
        ((regions_open(1), healed(1.0)), []),
        ((regions_open(1), regions_open(1)), []),
        ((regions_open(1), regions_open(2), regions_open(1), regions_open(3)), [(1, 1, 2), (3, 2, 3)]),
        ((INTACT, regions_open(1)), [(1, 0, 1)]),
        ((UNSEEN, regions_open(1), regions_open(2)), [(2, 1, 2)]),
        ((), []),
    ],
)
def test_visits_that_raised_the_maximum(surfaces: tuple[SurfaceMap, ...], expected: list[tuple[int, int, int]]) -> None:
    """Above every assessed visit before; the first has none before it."""
    found = raised_maxima(course_of(*surfaces))
    regions = [(each.visit, each.before / REGION, each.after / REGION) for each in found]
    assert regions == [pytest.approx(each) for each in expected]
    assert all(isinstance(each, Raised) for each in found)


def test_a_rate_as_known_is_the_rate_of_a_study_that_ended_there() -> None:
    """Nothing of later visits is in it."""
    surfaces = [*LATE_PEAK.values()]
    whole = course_of(*surfaces)
    for visit in range(len(surfaces)):
        ended = course_of(*surfaces[: visit + 1])
        for denominator in ("peak", "ever"):
            assert rate_as_known(whole, visit, "followed", denominator) == rate(ended, visit, "followed", denominator)


def test_a_moved_rate_tells_from_what_to_what() -> None:
    """One region healed of one, then of two: 100 % became 50 %."""
    moved = moved_rate(course_of(*LATE_PEAK.values()), 1, "followed", "peak")
    assert moved is not None
    assert (moved.known, moved.now, moved.points) == pytest.approx((100, 50, -50))


def test_new_skin_moves_a_rate_by_the_union_though_the_maximum_stays() -> None:
    """Two regions open; one heals; a third opens: the largest visit stays two regions, the union grows to three."""
    after = painted((HEALED, ROW), (OPEN, TWO_MORE))
    course = course_of(regions_open(2), painted((OPEN, slice(TWO_MORE.start, TWO_MORE.start + 20))), after)
    assert raised_maxima(course) == ()
    assert moved_rate(course, 1, "followed", "peak") is None
    moved = moved_rate(course, 1, "followed", "ever")
    assert moved is not None
    assert (moved.known, moved.now) == pytest.approx((50, 100 / 3))
