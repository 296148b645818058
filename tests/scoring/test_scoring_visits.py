"""Days are counted by the calendar, visits are one per day, and their order is by date."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from flat_body import on_day, painted
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.study import PhotoEntry
from reepi.core.surface import SurfaceMap
from reepi.scoring.visits import Visit, day_number, in_order, photos_by_visit, visit_date


@pytest.mark.parametrize(
    ("visit", "day"),
    [("2024-02-26", 0), ("2024-03-01", 4), ("2024-02-25", -1), ("2025-02-26", 366), ("2024-01-31", -26)],
)
def test_days_are_counted_across_months_and_leap_years(visit: str, day: int) -> None:
    """2024 has a 29th of February."""
    assert day_number(date.fromisoformat(visit), date(2024, 2, 26)) == day


def test_without_day_zero_there_is_no_day() -> None:
    """A day that is not known is not guessed."""
    assert day_number(date(2024, 1, 1), None) is None


@given(st.dates(), st.integers(-5000, 5000))
def test_counting_days_undoes_adding_them(zero: date, days: int) -> None:
    """Day n is n days after day zero."""
    try:
        later = zero + timedelta(days)
    except OverflowError:
        return
    assert day_number(later, zero) == days


def test_the_day_is_that_of_the_clock_at_the_bedside() -> None:
    """Half past midnight in Paris is that day, though it is still the day before in Greenwich."""
    paris = timezone(timedelta(hours=2))
    assert visit_date(datetime(2024, 7, 2, 0, 30, tzinfo=paris)) == date(2024, 7, 2)
    assert visit_date(datetime(2024, 7, 1, 22, 30, tzinfo=UTC)) == date(2024, 7, 1)


def photo(file: str, patient_id: str, moment: str) -> PhotoEntry:
    return PhotoEntry(file, patient_id, datetime.fromisoformat(moment), "trunk_anterior")


def test_photographs_of_one_day_are_one_visit_whatever_their_order() -> None:
    """Morning and evening belong together; another patient and another day do not."""
    photos = [
        photo("d.jpg", "P2", "2024-03-01T09:00"),
        photo("b.jpg", "P1", "2024-03-01T23:59"),
        photo("c.jpg", "P1", "2024-03-02T00:00"),
        photo("a.jpg", "P1", "2024-03-01T00:00"),
    ]
    grouped = photos_by_visit(photos)
    files = {key: [entry.file for entry in entries] for key, entries in grouped.items()}
    assert files == {
        ("P1", date(2024, 3, 1)): ["a.jpg", "b.jpg"],
        ("P1", date(2024, 3, 2)): ["c.jpg"],
        ("P2", date(2024, 3, 1)): ["d.jpg"],
    }
    assert list(photos_by_visit(photos[::-1]).items()) == list(grouped.items())


def test_visits_are_put_in_the_order_of_their_dates() -> None:
    """However they were given."""
    visits = [on_day(day, painted()) for day in (7, -1, 3)]
    assert [visit.date for visit in in_order(visits)] == sorted(visit.date for visit in visits)


def test_two_visits_on_one_day_are_refused() -> None:
    """The remedy is to fuse them."""
    with pytest.raises(ValueError, match="fuse them"):
        in_order([on_day(1, painted()), on_day(1, painted())])


def test_visits_on_different_bodies_are_refused() -> None:
    """Faces of one template mean nothing on another."""
    with pytest.raises(ValueError, match="different body templates"):
        in_order([on_day(1, painted()), Visit(date(2025, 1, 1), SurfaceMap.unseen(3))])
