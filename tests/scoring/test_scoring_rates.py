"""Three numerators and two denominators, worked by hand on the flat body."""

import pytest
from flat_body import FACE, REGION, on_day, painted, part_of_region

from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.scoring.areas import area_table
from reepi.scoring.healing import healing_course
from reepi.scoring.rates import NUMERATORS, Course, Denominator, Numerator, rate
from reepi.scoring.skin import Skin

OPEN, HEALED, COVERED = Tissue.DETACHED, Tissue.REEPITHELIALISED, Tissue.COVERED


def course_of(skin: Skin, *surfaces: SurfaceMap) -> Course:
    visits = [on_day(day, surface) for day, surface in enumerate(surfaces)]
    return Course(tuple(area_table(visit.surface, skin) for visit in visits), healing_course(visits, skin))


def value(course: Course, visit: int, numerator: Numerator, denominator: Denominator = "peak") -> float:
    found = rate(course, visit, numerator, denominator)
    assert found is not None
    return found.value


@pytest.fixture(scope="module")
def moving(skin: Skin) -> Course:
    """Region 4 open; then regions 5 and 6 open and 4 healed; then only half of region 6 open, the rest intact."""
    return course_of(
        skin,
        painted((OPEN, part_of_region(4))),
        painted((HEALED, part_of_region(4)), (OPEN, slice(part_of_region(5).start, part_of_region(6).stop))),
        painted((HEALED, part_of_region(4)), (OPEN, part_of_region(6, 0.5))),
    )


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        ("followed", "peak", [0, 50, 125]),
        ("followed", "ever", [0, 100 / 3, 250 / 3]),
        ("labelled", "peak", [0, 50, 50]),
        ("labelled", "ever", [0, 100 / 3, 100 / 3]),
        ("closed", "peak", [0, 0, 75]),
        ("closed", "ever", [0, 0, 50]),
    ],
)
def test_rates_by_hand(moving: Course, numerator: Numerator, denominator: Denominator, expected: list[float]) -> None:
    """Peak: two regions. Ever: three. Healed at the end: two and a half; labelled: one; closed: one and a half."""
    found = [value(moving, visit, numerator, denominator) for visit in range(3)]
    assert found == pytest.approx([min(percent, 100) for percent in expected])


def test_before_the_peak_nothing_has_closed(skin: Skin) -> None:
    """Skin that is not open yet has not re-epithelialised, though it is less than the maximum."""
    course = course_of(skin, painted((OPEN, part_of_region(4, 0.5))), painted((OPEN, part_of_region(4))))
    assert [value(course, visit, "closed") for visit in (0, 1)] == [0, 0]


def test_a_later_visit_may_change_an_earlier_rate(skin: Skin) -> None:
    """The maximum is known only afterwards."""
    early = [painted((OPEN, part_of_region(4))), painted((HEALED, part_of_region(4)))]
    late = painted((OPEN, slice(part_of_region(5).start, part_of_region(6).stop)))
    assert value(course_of(skin, *early), 1, "followed") == pytest.approx(100)
    assert value(course_of(skin, *early, late), 1, "followed") == pytest.approx(50)


@pytest.mark.parametrize("numerator", NUMERATORS)
@pytest.mark.parametrize("denominator", ["peak", "ever"])
def test_where_no_skin_was_ever_open_there_is_no_rate(
    skin: Skin, numerator: Numerator, denominator: Denominator
) -> None:
    """Nothing over nothing is neither 0 nor 100 %."""
    course = course_of(skin, painted(), painted((HEALED, part_of_region(1))))
    assert rate(course, 1, numerator, denominator) is None


@pytest.mark.parametrize("numerator", NUMERATORS)
def test_a_visit_at_which_nothing_was_assessed_has_no_rate(skin: Skin, numerator: Numerator) -> None:
    """It neither heals nor opens, and the others keep theirs."""
    course = course_of(
        skin,
        painted((OPEN, part_of_region(4))),
        SurfaceMap.unseen(skin.n_faces),
        painted((HEALED, part_of_region(4))),
    )
    assert rate(course, 1, numerator, "peak") is None
    assert value(course, 2, numerator) == pytest.approx(100)


@pytest.mark.parametrize("numerator", NUMERATORS)
def test_a_dressing_on_a_wound_heals_nothing(skin: Skin, numerator: Numerator) -> None:
    """Half a region was open and is covered now; what is seen of the region is intact."""
    course = course_of(skin, painted((OPEN, part_of_region(4, 0.5))), painted((COVERED, part_of_region(4, 0.5))))
    assert value(course, 1, numerator) == pytest.approx(0, abs=1e-6)


def test_a_dressing_on_half_a_wound_leaves_the_other_half_to_heal(skin: Skin) -> None:
    """Half of the open skin is seen re-epithelialised: no numerator counts more than that."""
    now = painted((HEALED, part_of_region(4)), (COVERED, part_of_region(4, 0.5)))
    course = course_of(skin, painted((OPEN, part_of_region(4))), now)
    for numerator in NUMERATORS:
        assert value(course, 1, numerator) == pytest.approx(50)
        found = rate(course, 1, numerator, "peak")
        assert found is not None
        assert found.high > 90


def test_skin_that_healed_and_is_hidden_now_is_left_out_above_and_below_the_line(skin: Skin) -> None:
    """Two regions open; one heals; then it is hidden while half of the other heals: 50 % of what can be told.

    If the hidden skin has opened again it is 25 %, if not 75 %.
    """
    both = slice(part_of_region(4).start, part_of_region(5).stop)
    course = course_of(
        skin,
        painted((OPEN, both)),
        painted((HEALED, part_of_region(4)), (OPEN, part_of_region(5))),
        painted((COVERED, part_of_region(4)), (OPEN, part_of_region(5, 0.5)), (HEALED, part_of_region(5, 1.0, 0.5))),
        painted((COVERED, both)),
    )
    assert [value(course, visit, "followed") for visit in (1, 2)] == pytest.approx([50, 50])
    assert [value(course, visit, "followed", "ever") for visit in (1, 2)] == pytest.approx([50, 50])
    hidden = rate(course, 2, "followed", "peak")
    assert hidden is not None
    assert (hidden.low, hidden.high) == pytest.approx((25, 75))


def test_where_all_healed_skin_is_hidden_there_is_no_followed_rate(skin: Skin) -> None:
    """Nobody can tell."""
    hidden = painted((COVERED, part_of_region(4)))
    course = course_of(skin, painted((OPEN, part_of_region(4))), painted(), hidden)
    assert value(course, 1, "followed") == pytest.approx(100)
    assert rate(course, 2, "followed", "peak") is None


def test_skin_that_was_never_seen_widens_the_followed_rate(skin: Skin) -> None:
    """It may have healed less: the lower end is below 100 %."""
    gap = part_of_region(9, 0.5)
    row = part_of_region(9)
    course = course_of(skin, painted((OPEN, row), unseen=gap), painted((HEALED, row), unseen=gap))
    found = rate(course, 1, "followed", "peak")
    assert found is not None
    assert (found.value, found.high) == pytest.approx((100, 100))
    assert found.low < 75


def test_constant_gaps_leave_the_followed_rate_as_it_is(skin: Skin) -> None:
    """Skin that is never photographed is missing above and below the line."""
    gap = part_of_region(5)
    both = slice(part_of_region(4).start, part_of_region(5).stop)
    course = course_of(skin, painted((OPEN, both), unseen=gap), painted((HEALED, both), unseen=gap))
    assert value(course, 1, "followed") == pytest.approx(100)


def test_the_peak_is_the_first_of_equal_visits(skin: Skin) -> None:
    """And its area is that of the visit."""
    surface = painted((OPEN, part_of_region(4)))
    course = course_of(skin, painted(), surface, surface)
    assert course.peak_visit == 1
    assert course.max_open is not None
    assert course.max_open.value == pytest.approx(REGION)


def test_rates_of_small_areas_are_exact(skin: Skin) -> None:
    """Four faces open, one of them healed."""
    course = course_of(skin, painted((OPEN, part_of_region(4, 0.2))), painted((OPEN, part_of_region(4, 0.15))))
    assert course.max_open is not None
    assert course.max_open.value == pytest.approx(4 * FACE)
    assert value(course, 1, "followed") == pytest.approx(25)
    assert value(course, 1, "closed") == pytest.approx(25)


def test_without_visits_there_is_no_peak() -> None:
    """Nothing in, nothing out."""
    course = Course((), ())
    assert course.peak_visit is None
    assert course.max_open is None


def test_areas_and_healing_must_be_of_the_same_visits(skin: Skin) -> None:
    """One table for each visit."""
    with pytest.raises(ValueError, match="1 tables of areas for 0 visits"):
        Course((area_table(painted(), skin),), ())
