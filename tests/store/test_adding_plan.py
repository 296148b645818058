"""What photographs that come in would be in the study: what is sure, what is a guess, and what is kept out."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from reepi.core.study import Patient, PhotoEntry, Protocol, Study
from reepi.core.views import VIEW_NAMES
from reepi.store.adding.plan import Addition, Guess, Source, Stated, plan_additions
from reepi.store.adding.seen_views import with_seen_views
from reepi.store.adding.table import line_of

PATIENTS = (
    Patient("P01", "F", 40, 165, 62, date(2024, 3, 1), date(2024, 3, 5)),
    Patient("P02", "M", 60, 175, 80, date(2024, 4, 1)),
)
STUDY = Study(
    "Two",
    "infusion",
    (0, 3),
    Protocol(),
    PATIENTS,
    (PhotoEntry("photos/a.jpg", "P01", datetime(2024, 3, 5), "trunk_left"),),
)
CAMERA = datetime(2024, 3, 8, 10, 30)


def source(*names: str, content: str = "", **told: object) -> Source:
    path = Path("/card", *names).with_suffix(".jpg")
    return Source(path, names, content or "/".join(names), **told)  # type: ignore[arg-type]


def plan(*sources: Source, stated: Stated | None = None, listed: dict[str, str] | None = None) -> list[Addition]:
    return plan_additions(STUDY, sources, listed or {}, stated, today=date(2024, 6, 1))


def test_names_that_tell_everything_are_sure() -> None:
    (found,) = plan(source("P01", "day3", "arm_left_anterior"))
    assert found.sure
    assert (found.patient_id.value, found.taken_at.value, found.view.value) == (
        "P01",
        datetime(2024, 3, 8),
        "arm_left_anterior",
    )


def test_a_patients_identifier_is_no_side() -> None:
    """The side is asked for, and the day of the name is the photograph's."""
    study = replace(STUDY, patients=tuple(replace(PATIENTS[0], patient_id=name) for name in ("L01", "D02")), photos=())
    sources = [source("L01_2024-03-08_arm_anterior"), source("L01", "leg_medial"), source("D02", "trunk_left")]
    for found in plan_additions(study, sources, {}, today=date(2024, 6, 1)):
        assert found.patient_id.sure
        assert not found.sure
    (right,) = plan_additions(study, [source("L01_2024-03-08_right arm front")], {}, today=date(2024, 6, 1))
    assert (right.view.value, right.sure) == ("arm_right_anterior", True)


def test_a_name_that_a_program_drew_tells_neither_patient_nor_day() -> None:
    """Unless the study calls its patients so."""
    drawn = "3f2504e0-d123-2024-0308-0305e82c3301"
    study = replace(STUDY, patients=tuple(replace(PATIENTS[0], patient_id=name) for name in ("E82", drawn)), photos=())
    sources = [source("E82", "a trunk_left"), source("E82", f"trunk_left {drawn.upper()}")]
    undated, theirs = plan_additions(study, sources, {}, today=date(2024, 6, 1))
    assert (undated.patient_id.value, undated.taken_at.value) == ("E82", None)
    assert theirs.patient_id.value == drawn
    (found,) = plan_additions(replace(study, patients=study.patients[:1]), sources[1:], {}, today=date(2024, 6, 1))
    assert (found.patient_id.value, found.patient_id.sure, found.taken_at.value) == ("E82", True, None)


def test_the_camera_adds_the_time_of_day() -> None:
    (found,) = plan(source("P01", "day3", "trunk_left", taken_at=CAMERA))
    assert (found.taken_at.value, found.sure) == (CAMERA, True)


def test_a_stamp_in_universal_time_is_settled_by_the_camera() -> None:
    """In the evening of the day before, where the patient was; without the camera the day is asked for."""
    evening = datetime(2024, 3, 7, 20, 30)
    known, open_ = plan(
        source("P01", "trunk_left", "PXL_20240308_013000123", taken_at=evening),
        source("P01", "trunk_right", "PXL_20240308_013100123"),
    )
    assert (known.taken_at.value, known.sure, open_.sure) == (evening, True, False)


def test_the_clock_of_a_screen_settles_nothing() -> None:
    at = datetime(2024, 3, 8, 14, 5)
    (found,) = plan(source("P01", "trunk_left", "Screenshot 2024-03-08 at 14.05.00", taken_at=at))
    assert (found.taken_at.value, found.taken_at.sure) == (at, False)
    (settled,) = plan(source("P01", "day3", "trunk_left", "Screenshot 2024-03-08 at 14.05.00", taken_at=at))
    assert settled.sure


def test_names_and_camera_that_contradict_each_other_are_asked_about() -> None:
    """The name's day is proposed, since camera clocks are set wrongly more often."""
    (found,) = plan(source("P01", "day2", "trunk_left", taken_at=CAMERA))
    assert found.taken_at.value == datetime(2024, 3, 7, 10, 30)
    assert found.complete
    assert not found.sure
    assert "2024-03-07" in found.why
    assert "2024-03-08" in found.why


def test_the_camera_alone_is_believed_unless_it_cannot_be_right() -> None:
    """A clock that was reset, and one that runs ahead, are asked about."""
    early, good, late = plan(
        source("P01", "1", "trunk_left", taken_at=datetime(2000, 1, 1)),
        source("P01", "2", "trunk_left", taken_at=CAMERA),
        source("P01", "3", "trunk_left", taken_at=datetime(2030, 1, 1)),
    )
    assert [each.sure for each in (early, good, late)] == [False, True, False]
    assert "before the disease" in early.why
    assert "future" in late.why


def test_time_of_the_file_is_only_a_guess() -> None:
    (found,) = plan(source("P01", "trunk_left", changed_at=CAMERA))
    assert (found.taken_at.value, found.taken_at.sure) == (CAMERA, False)


def test_a_patient_whom_the_study_does_not_know_keeps_it_out() -> None:
    """A line of the table waits for somebody's word then, since a line for the patient mends it; damage does not."""
    found, damaged = plan(source("P07", "day3", "trunk_left"), source("P08", "day3", "trunk_left", problem="cut off"))
    assert not found.complete
    assert found.problem == "P07 is not in patients.csv. Add a line for the patient there"
    assert (found.unknown_patient, damaged.unknown_patient) == ("P07", "")
    assert (line_of(found).decision, line_of(damaged).decision) == ("", "cannot")


def test_the_only_patient_is_a_guess() -> None:
    alone = replace(STUDY, patients=PATIENTS[:1], photos=())
    (found,) = plan_additions(alone, [source("2024-03-08 trunk left")], {}, today=date(2024, 6, 1))
    assert (found.patient_id.value, found.patient_id.sure) == ("P01", False)


def test_what_is_stated_needs_no_clue() -> None:
    (found,) = plan(source("IMG_1"), stated=Stated("P02", "trunk_left", CAMERA))
    assert found.sure


def test_what_the_archive_tells_is_believed() -> None:
    (found,) = plan(source("trunk_left", patient_id="P01", taken_at=CAMERA))
    assert found.sure


def test_an_archive_that_knows_other_numbers_is_asked_about() -> None:
    """A hospital's number is no patient of the study; whom the name tells is a guess then, as is a contradiction."""
    named, bare, other = plan(
        source("P01", "trunk_left", patient_id="4711", taken_at=CAMERA),
        source("a trunk_left", patient_id="4711", taken_at=CAMERA),
        source("P01", "trunk_right", patient_id="P02", taken_at=CAMERA),
    )
    assert sorted([named.patient_id.sure, bare.patient_id.sure, other.patient_id.sure]) == [False] * 3
    assert {each.patient_id.value for each in (named, bare, other)} == {"P01", None, "P02"}
    assert [bool(each.problem) for each in plan(source("a trunk_left", patient_id="4711"))] == [True]


class TestSamePicture:
    def test_in_the_study_already(self) -> None:
        (found,) = plan(source("P01", "day3", "trunk_left", content="x"), listed={"x": "photos/a.jpg"})
        assert found.present
        assert "photos/a.jpg" in found.problem

    def test_in_the_study_for_somebody_else_is_a_problem(self) -> None:
        """One picture cannot be of two patients: somebody has mixed them up."""
        (found,) = plan(source("P02", "trunk_left", content="x"), listed={"x": "photos/a.jpg"})
        assert not found.present
        assert "another patient" in found.problem

    def test_in_the_study_for_somebody_whom_it_does_not_know_by_name_is_a_problem(self) -> None:
        (found,) = plan(source("P07", "trunk_left", content="x"), listed={"x": "photos/a.jpg"})
        assert not found.present
        assert "of P01, and its name tells another patient" in found.problem
        assert found.unknown_patient == ""

    def test_what_is_wrong_with_it_otherwise_does_not_matter_once_it_is_in_the_study(self) -> None:
        (found,) = plan(source("P01", "trunk_left", content="x", problem="cut off"), listed={"x": "photos/a.jpg"})
        assert (found.present, found.problem) == (True, "it is in the study as photos/a.jpg")

    def test_damaged_twice_is_told_twice(self) -> None:
        """As what it is: neither is in the study, and both are of the same patient."""
        both = plan(*(source("P01", f"{name} trunk_left", content="x", problem="cut off") for name in "ab"))
        assert [(each.present, each.problem) for each in both] == [(False, "cut off")] * 2

    def test_what_is_left_out_for_a_handier_file_is_left_out_elsewhere_too(self) -> None:
        """A copy in another folder, without the handier one beside it, is that picture all the same."""
        _, copy = plan(
            source("P01", "a trunk_left", content="x", problem="a.jpg beside it is"),
            source("P01", "b trunk_left", content="x"),
        )
        assert copy.present

    def test_of_one_unknown_patient_twice_waits_once(self) -> None:
        first, second = plan(*(source("P07", f"{name} trunk_left", content="x") for name in "ab"))
        assert (first.unknown_patient, second.present) == ("P07", True)
        assert "another patient" not in second.problem

    def test_given_twice_is_added_once(self) -> None:
        first, second = plan(
            source("P01", "day3", "a trunk_left", content="x"), source("P01", "day3", "b trunk_left", content="x")
        )
        assert (first.sure, second.sure, second.present) == (True, False, True)

    def test_files_that_cannot_be_read_are_not_alike(self) -> None:
        broken = [replace(source("P01", name), content_hash="", problem="empty") for name in "ab"]
        assert not any(each.present for each in plan(*broken))


def test_order_is_that_of_people_who_count() -> None:
    names = [each.file.stem for each in plan(source("IMG_10"), source("IMG_9"), source("IMG_100"))]
    assert names == ["IMG_9", "IMG_10", "IMG_100"]


class TestSeenViews:
    @staticmethod
    def seen(**likely: float) -> dict[str, float]:
        rest = (1 - sum(likely.values())) / (len(VIEW_NAMES) - len(likely))
        return {name: likely.get(name, rest) for name in VIEW_NAMES}

    def test_a_view_that_was_seen_is_never_sure(self) -> None:
        (found,) = plan(source("P01", "day3", "IMG_1"))
        (looked,) = with_seen_views([found], {found.file: self.seen(trunk_anterior=0.999)})
        assert (looked.view.value, looked.sure, looked.complete) == ("trunk_anterior", False, True)

    def test_names_limit_what_may_be_seen(self) -> None:
        (found,) = plan(source("P01", "day3", "arm left"))
        (looked,) = with_seen_views([found], {found.file: self.seen(trunk_anterior=0.9, arm_left_posterior=0.05)})
        assert looked.view.value == "arm_left_posterior"

    def test_of_two_that_look_alike_the_surer_has_the_view(self) -> None:
        """A visit mostly has a view once, so the other gets what it looks like next."""
        first, second = plan(source("P01", "day3", "IMG_1"), source("P01", "day3", "IMG_2"))
        views = {
            first.file: self.seen(trunk_anterior=0.55, trunk_posterior=0.4),
            second.file: self.seen(trunk_anterior=0.95),
        }
        looked = with_seen_views([first, second], views)
        assert [each.view.value for each in looked] == ["trunk_posterior", "trunk_anterior"]
        # On another day it is no rival.
        other = replace(second, taken_at=Guess(datetime(2024, 3, 9), True, ""))
        assert with_seen_views([first, other], views)[0].view.value == "trunk_anterior"

    def test_a_view_may_still_be_taken_twice(self) -> None:
        both = plan(source("P01", "day3", "IMG_1"), source("P01", "day3", "IMG_2"))
        views = {each.file: self.seen(trunk_anterior=0.99) for each in both}
        assert [each.view.value for each in with_seen_views(both, views)] == ["trunk_anterior"] * 2

    def test_without_pictures_nothing_changes(self) -> None:
        both = plan(source("P01", "day3", "IMG_1"), source("P01", "day3", "trunk_left"))
        assert with_seen_views(both, {}) == both


def test_nothing_cannot_be_sure() -> None:
    with pytest.raises(ValueError, match="sure"):
        Guess(None, True, "")
