"""Points that a reader moves or takes away stay the points they were, and stay on the photograph."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.reader_points import ReaderPoint, moved_points

SIZE = (40, 60)
MIDDLE = (1 / 3, 1 / 3, 1 / 3)
POINTS = [ReaderPoint.at_pixel((10.0 * n, 5.0 * n), SIZE, n, MIDDLE) for n in range(5)]


def rows_and_columns(points: list[ReaderPoint]) -> np.ndarray:
    return np.array([point.pixel(SIZE)[::-1] for point in points]).reshape(-1, 2)


@given(st.sets(st.integers(0, 4)))
def test_removed_points_leave_the_others_as_they_were(removed: set[int]) -> None:
    left = [point for number, point in enumerate(POINTS) if number not in removed]
    assert moved_points(POINTS, rows_and_columns(left), SIZE) == left


def test_a_moved_point_shows_the_same_skin_at_another_place() -> None:
    places = rows_and_columns(POINTS)
    places[2] += (3, -4)
    moved = moved_points(POINTS, places, SIZE)
    assert [point.face for point in moved] == [0, 1, 2, 3, 4]
    assert moved[2].pixel(SIZE) == pytest.approx((16, 13))


def test_a_point_pulled_off_the_photograph_stays_at_its_border() -> None:
    places = rows_and_columns(POINTS)
    places[4] = (-100, 1000)
    assert moved_points(POINTS, places, SIZE)[4].pixel(SIZE) == pytest.approx((59.5, -0.5))
