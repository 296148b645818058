"""Drawings of all patients together."""

import xml.etree.ElementTree as ElementTree

import pytest

from reepi.report.cohort_drawings import curves_drawing, lanes_drawing
from reepi.report.course import Plan
from reepi.report.courses import PatientCourse

PLAN = Plan((0, 7), 1)
AXIS = "day after infusion"
SVG = "{http://www.w3.org/2000/svg}"
LETTER = 0.5
"""Width of a letter of a usual font, by its height."""


def course(name: str) -> PatientCourse:
    return PatientCourse(name, "a", (0, 7), (10.0, 1.0), (9.0, 0.0), (11.0, 2.0), (0.0, 90.0))


def words(drawing: bytes) -> list[tuple[str, float]]:
    """Return the words of an SVG with the x at which they are set."""
    texts = ElementTree.fromstring(drawing).iter(f"{SVG}text")  # noqa: S314 - drawn here
    return [("".join(each.itertext()), float(each.get("x", "nan"))) for each in texts]


@pytest.mark.parametrize("name", ["P01", "FR-HMN-CRETEIL-0012", "FR-" * 14])
def test_the_longest_name_has_room_left_of_its_lane(name: str) -> None:
    """It ends where the lane begins, and begins on the page."""
    places = dict(words(lanes_drawing([course("P2"), course(name)], AXIS, PLAN)))
    assert places[name] > LETTER * 10 * len(name)
    assert places[name] == places["P2"]


def test_short_names_leave_the_lanes_as_wide_as_before() -> None:
    """A tenth of the drawing is enough for them."""
    one, two = (dict(words(lanes_drawing([course(name)], AXIS, PLAN))) for name in ("P1", "P-00001"))
    assert one["P1"] == two["P-00001"]


def test_small_curves_name_their_axes_at_the_edges_only() -> None:
    """Seven patients in rows of five: rates at the end of each row, areas at its beginning, days below each column."""
    told = [text for text, _ in words(curves_drawing([course(f"P{number}") for number in range(7)], AXIS, PLAN))]
    assert [told.count(text) for text in ("2.5", "100", "3", "P0", "P6")] == [2, 2, 5, 1, 1]


def test_the_same_courses_give_the_same_bytes() -> None:
    """Byte for byte."""
    courses = [course("P1"), course("P2")]
    for draw in (lanes_drawing, curves_drawing):
        assert draw(courses, AXIS, PLAN) == draw(courses, AXIS, PLAN)
