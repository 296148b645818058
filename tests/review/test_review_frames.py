"""Beside a photograph lie those of the same skin on earlier days, and nothing else."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.study import PhotoEntry
from reepi.review.frames import GAP_PART, MOST_EARLIER, earlier_photographs, frames

SIZES = st.tuples(st.integers(1, 5000), st.integers(1, 5000))


def photo(file: str, taken_at: str, view: str = "trunk_anterior", patient: str = "P1") -> PhotoEntry:
    return PhotoEntry(file, patient, datetime.fromisoformat(taken_at), view)


CURRENT = photo("e.jpg", "2024-03-12T10:00")


def test_the_most_recent_comes_first() -> None:
    """In whatever order the study lists them, and no more than fit."""
    photos = [photo(f"{day}.jpg", f"2024-03-{day:02}T09:00") for day in (3, 9, 1, 5, 7)]
    found = earlier_photographs([*photos, CURRENT], CURRENT)
    assert [one.file for one in found] == ["9.jpg", "7.jpg", "5.jpg"]
    assert len(found) == MOST_EARLIER
    assert earlier_photographs(photos, CURRENT, most=0) == ()


@pytest.mark.parametrize(
    "other",
    [
        photo("x.jpg", "2024-03-05T09:00", view="trunk_posterior"),
        photo("x.jpg", "2024-03-05T09:00", patient="P2"),
        photo("x.jpg", "2024-03-12T08:00"),
        photo("x.jpg", "2024-03-13T08:00"),
        CURRENT,
    ],
    ids=["another view", "another patient", "the same day", "a later day", "itself"],
)
def test_others_are_left_out(other: PhotoEntry) -> None:
    """A later day would tell the reader how it ended."""
    assert earlier_photographs([other, CURRENT], CURRENT) == ()


def test_of_several_on_a_day_the_last_is_shown() -> None:
    """It was taken again for a reason. Times with and without a zone can be compared."""
    first, last = photo("b.jpg", "2024-03-05T09:00+01:00"), photo("a.jpg", "2024-03-05T09:02")
    assert earlier_photographs([last, first, CURRENT], CURRENT) == (last,)


def test_photographs_are_as_tall_as_the_current_one() -> None:
    """Half as tall is shown at double size, with the gap between, and the next one further left."""
    near, far = frames((100, 80), [(50, 60), (200, 100)])
    assert (near.scale, near.left, near.width) == (2, pytest.approx(-122), 120)
    assert (far.scale, far.left, far.width) == (0.5, pytest.approx(-174), 50)


@given(current=SIZES, earlier=st.lists(SIZES, max_size=4))
def test_frames_neither_touch_nor_differ_in_height(current: tuple[int, int], earlier: list[tuple[int, int]]) -> None:
    """Edges as drawn: a layer's pixels reach half a pixel beyond its first and last centre."""
    right = -0.5
    for size, frame in zip(earlier, frames(current, earlier), strict=True):
        top, left = (start - frame.scale / 2 for start in frame.translate)
        assert top == pytest.approx(-0.5, abs=1e-6)
        assert top + frame.scale * size[0] == pytest.approx(current[0] - 0.5)
        assert left + frame.width == pytest.approx(right - GAP_PART * current[0], abs=1e-6)
        assert frame.width == pytest.approx(frame.scale * size[1])
        right = left


def test_a_photograph_without_pixels_has_no_place() -> None:
    """Neither the current one nor an earlier one."""
    with pytest.raises(ValueError, match="height and a width"):
        frames((0, 10), [])
    with pytest.raises(ValueError, match="height and a width"):
        frames((10, 10), [(5, 0)])
