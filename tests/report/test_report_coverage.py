"""Views to take again: what was not seen enough, by the view that frames it, with what became of that view."""

import pytest

from reepi.core.regions import REGIONS
from reepi.core.results import PhotoRow
from reepi.report.coverage import STEP_COLOURS, step_names, step_of, views_to_take

ALL_SEEN = dict.fromkeys(REGIONS, (0.1, 0.95))


def ended(view: str, status: str = "scored", reasons: str = "") -> tuple[str, PhotoRow]:
    return view, PhotoRow(f"{view}.jpg", status, reasons, None, None)


def test_where_all_was_seen_nothing_is_to_be_taken() -> None:
    """Small unassessed parts of many regions do not add up to a photograph."""
    assert views_to_take(ALL_SEEN, [ended("whole_anterior")]) == ()


def test_regions_of_one_view_are_one_photograph_and_the_largest_comes_first() -> None:
    """Thigh and lower leg are framed by the leg; a little skin of a hand is not worth a photograph."""
    seen = ALL_SEEN | {
        "head_posterior": (2.0, 0.4),
        "thigh_left_anterior": (1.9, 0.6),
        "lower_leg_left_anterior": (1.1, 0.5),
        "hand_left_dorsal": (0.4, 0.7),
    }
    leg, head = views_to_take(seen, [])
    assert (leg.view, leg.missing, leg.why) == ("leg left anterior", pytest.approx(3.0), "not photographed")
    assert leg.regions == (("thigh left anterior", 60), ("lower leg left anterior", 50))
    assert (head.view, head.missing) == ("head posterior", 2.0)


def test_a_view_that_was_rejected_says_why() -> None:
    """And one that was photographed, but did not show enough, says that."""
    seen = ALL_SEEN | {"head_posterior": (3.0, 0.1), "head_anterior": (2.0, 0.5)}
    photos = [ended("head_posterior", "rejected", "blurred: hold still."), ended("head_anterior")]
    back, front = views_to_take(seen, photos)
    assert back.why == "photograph rejected: blurred: hold still."
    assert front.why.startswith("photographed, but")


def test_a_rejected_view_of_the_whole_body_may_do_for_many() -> None:
    """It stands first, with all the skin of its side; skin of the other side is not its business."""
    seen = ALL_SEEN | {
        "trunk_anterior": (9.0, 0.3),
        "thigh_left_anterior": (3.0, 0.3),
        "trunk_posterior": (8.0, 0.4),
    }
    photos = [ended("whole_anterior", "rejected", "not_registered: no body."), ended("whole_posterior")]
    found = {view.view: view.missing for view in views_to_take(seen, photos)}
    assert list(found) == ["whole anterior", "trunk anterior", "trunk posterior", "leg left anterior"]
    assert found["whole anterior"] == pytest.approx(12)


def test_a_rejected_view_that_no_region_waits_for_is_still_named() -> None:
    """Last, without an area."""
    (only,) = views_to_take(ALL_SEEN, [ended("trunk_left", "failed", "out of memory")])
    assert (only.view, only.missing, only.why) == ("trunk left", None, "photograph failed: out of memory")


def test_a_second_photograph_of_a_view_makes_up_for_a_rejected_one() -> None:
    """The view was scored."""
    assert views_to_take(ALL_SEEN, [ended("trunk_left", "rejected", "dark"), ended("trunk_left")]) == ()


def test_steps_have_names_and_colours() -> None:
    """A part at a step belongs to the upper one."""
    assert len(step_names()) == len(STEP_COLOURS) == 5
    assert step_of([0, 0.24, 0.25, 0.5, 0.75, 0.9, 1]).tolist() == [0, 0, 1, 2, 3, 4, 4]
