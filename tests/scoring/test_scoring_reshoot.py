"""What is left to photograph: views that failed, views that are missing, visits without photographs."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from reepi.core.capture import CaptureProtocol
from reepi.core.findings import REMEDIES
from reepi.core.results import PhotoRow, Status
from reepi.core.study import Patient, PhotoEntry, Protocol, Study
from reepi.scoring.reshoot import reshoot_rows

ZERO = date(2024, 3, 5)
PATIENT = Patient("P1", "F", 40, 165, 62, None, ZERO)
STUDY = Study("One", "infusion", (0, 3, 7), Protocol(), (PATIENT,), ())


def photo(day: int, view: str, number: int = 1) -> PhotoEntry:
    taken_at = datetime.combine(ZERO + timedelta(days=day), datetime.min.time())
    return PhotoEntry(f"photos/{day}_{view}_{number}.jpg", "P1", taken_at, view)


def ended(entry: PhotoEntry, status: Status = "scored", reasons: str = "") -> PhotoRow:
    return PhotoRow(entry.file, status, reasons, None, None)


def todo(
    rows: list[PhotoRow], *entries: PhotoEntry, day: int = 3, capture: CaptureProtocol | None = None
) -> list[tuple[str, str, str]]:
    study = replace(STUDY, photos=entries, capture=capture or CaptureProtocol())
    return [(row.view, row.todo, row.code) for row in reshoot_rows(study, rows, ZERO + timedelta(days=day))]


def test_what_was_scored_without_a_word_is_done() -> None:
    front = photo(3, "trunk_anterior")
    assert todo([ended(front)], front) == []


def test_what_was_rejected_is_taken_again_with_its_reason() -> None:
    front = photo(3, "trunk_anterior")
    study = replace(STUDY, photos=(front,))
    rows = [ended(front, "rejected", "not_registered: It lies; somewhere else. Take it again.")]
    (row,) = reshoot_rows(study, rows, ZERO + timedelta(days=3))
    assert (row.todo, row.code, row.remedy) == (
        "take again",
        "not_registered",
        "It lies; somewhere else. Take it again.",
    )
    assert (row.day, row.file) == (3, front.file)


def test_what_another_photograph_does_not_help_is_looked_at() -> None:
    """A reader places it, unless the study asks for another one."""
    front = photo(3, "trunk_anterior")
    rows = [ended(front, "rejected", "place_by_hand: It lies somewhere. Place points on it.")]
    assert todo(rows, front) == [("trunk_anterior", "look at", "place_by_hand")]
    strict = CaptureProtocol(refuse=("place_by_hand",))
    assert todo(rows, front, capture=strict) == [("trunk_anterior", "take again", "place_by_hand")]


def test_one_good_photograph_settles_its_view() -> None:
    bad, good = photo(3, "trunk_anterior"), photo(3, "trunk_anterior", 2)
    assert todo([ended(bad, "rejected", "empty: x"), ended(good)], bad, good) == []


def test_the_protocol_says_what_is_taken_again() -> None:
    """The same finding is told, or asks for another photograph."""
    front = photo(3, "trunk_anterior")
    rows = [ended(front, reasons="blurred; scale_differs")]
    assert todo(rows, front, capture=CaptureProtocol(refuse=())) == [
        ("trunk_anterior", "look at", "blurred"),
        ("trunk_anterior", "look at", "scale_differs"),
    ]
    assert todo(rows, front, capture=CaptureProtocol(refuse=("blurred",))) == [
        ("trunk_anterior", "take again", "blurred")
    ]


def test_findings_come_with_what_to_do() -> None:
    front = photo(3, "trunk_anterior")
    (row,) = reshoot_rows(replace(STUDY, photos=(front,)), [ended(front, reasons="dark")], ZERO + timedelta(days=3))
    assert row.remedy == REMEDIES["dark"]


def test_what_counts_with_a_word_outranks_what_does_not_count() -> None:
    bad, fair = photo(3, "trunk_anterior"), photo(3, "trunk_anterior", 2)
    rows = [ended(bad, "failed", "RuntimeError: x"), ended(fair, reasons="outside_visit")]
    assert todo(rows, bad, fair) == [("trunk_anterior", "look at", "outside_visit")]


def test_a_view_that_was_not_measured_yet_is_waited_for() -> None:
    front = photo(3, "trunk_anterior")
    assert todo([], front) == []


class TestMissing:
    def test_views_of_earlier_visits_are_missed(self) -> None:
        """Those that at least half of them have; a close-up of one day is not asked for again."""
        before = [
            photo(0, "trunk_anterior"),
            photo(1, "trunk_anterior"),
            photo(2, "trunk_anterior"),
            photo(2, "foot_left_plantar"),
        ]
        now = photo(3, "head_anterior")
        rows = [ended(entry) for entry in (*before, now)]
        assert todo(rows, *before, now) == [("trunk_anterior", "take", "missing")]

    def test_the_protocol_outranks_habit(self) -> None:
        before, now = photo(0, "trunk_anterior"), photo(3, "head_anterior")
        capture = CaptureProtocol(views=("head_anterior", "trunk_posterior"))
        rows = [ended(before), ended(now)]
        assert todo(rows, before, now, capture=capture) == [("trunk_posterior", "take", "missing")]

    def test_a_first_visit_without_a_plan_misses_nothing(self) -> None:
        front = photo(0, "trunk_anterior")
        assert todo([ended(front)], front, day=0) == []

    @pytest.mark.parametrize(("day", "wanted"), [(3, [("trunk_anterior", "take", "missing")]), (4, [])])
    def test_a_planned_visit_without_photographs_is_told(self, day: int, wanted: list[tuple[str, str, str]]) -> None:
        before = photo(0, "trunk_anterior")
        assert todo([ended(before)], before, day=day) == wanted

    def test_a_planned_first_visit_is_told_without_views(self) -> None:
        assert todo([], day=0) == [("", "take", "missing")]
