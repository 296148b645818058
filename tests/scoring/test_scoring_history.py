"""What each face went through and what each region exchanged, told from the one pass over the visits."""

from datetime import timedelta

import numpy as np
import pytest
from flat_body import DAY_ZERO, FACE, FACES, REGION, on_day, painted, part_of_region

from reepi.core.history import FaceChange, SkinHistory, SkinState, face_changes
from reepi.core.regions import REGIONS
from reepi.core.results import ChangeRow
from reepi.core.study import Patient, Protocol
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.scoring.endpoints import PatientScore, score_patient
from reepi.scoring.skin import Skin

OPEN, HEALED, COVERED = Tissue.DETACHED, Tissue.REEPITHELIALISED, Tissue.COVERED
ROW, NEXT, THIRD = part_of_region(5), part_of_region(6), part_of_region(7)
NAN = float("nan")

STORY = {
    -1: painted(unseen=ROW),
    0: painted((OPEN, ROW), (OPEN, NEXT)),
    3: painted((COVERED, ROW), (HEALED, NEXT)),
    5: painted((HEALED, ROW), (OPEN, NEXT), (OPEN, THIRD)),
    7: painted((HEALED, ROW), (HEALED, NEXT), (OPEN, THIRD)),
}
"""Region 5: unseen, open, hidden, healed, healed. Region 6: intact, open, healed, open again, healed. Region 7: intact
until it is open from day 5 on."""


def scored(skin: Skin, patient: Patient, visits: dict[int, SurfaceMap]) -> PatientScore:
    return score_patient(patient, [on_day(*each) for each in visits.items()], skin, Protocol())


@pytest.fixture(scope="module")
def history(skin: Skin, patient: Patient) -> SkinHistory:
    found = scored(skin, patient, STORY).history
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("region", "first_open", "healed_from", "healed_to", "reopened"),
    [(5, 0, 0, 5, NAN), (6, 0, 0, 3, 5), (7, 5, NAN, NAN, NAN), (8, NAN, NAN, NAN, NAN)],
)
def test_days_of_a_region(
    history: SkinHistory, region: int, first_open: float, healed_from: float, healed_to: float, reopened: float
) -> None:
    """Healed after it was last seen open and not after it was seen healed; a hidden day tells nothing."""
    found = [history.first_open_day, history.healed_from_day, history.healed_to_day, history.reopened_day]
    expected = [first_open, healed_from, healed_to, reopened]
    for days, day in zip(found, expected, strict=True):
        np.testing.assert_array_equal(days[part_of_region(region)], np.full(FACES, day, np.float32))


def test_visits_of_a_history_have_their_days(history: SkinHistory) -> None:
    """Counted from day zero."""
    assert history.days == (-1, 0, 3, 5, 7)
    assert history.counted_from == DAY_ZERO


def test_without_day_zero_days_count_from_the_first_visit(skin: Skin) -> None:
    """A map needs some day."""
    patient = Patient("P01", "F", 40, 165, 60)
    found = scored(skin, patient, {3: painted((OPEN, ROW)), 8: painted()}).history
    assert found is not None
    assert found.days == (0, 5)
    assert set(found.healed_to_day[ROW]) == {5.0}


def test_changes_can_be_drawn_visit_by_visit(history: SkinHistory) -> None:
    """First seen open, healed, relapse, new detachment, and healed once more."""
    told = [
        {region: FaceChange(int(history.changes_at(visit)[part_of_region(region)][0])).name for region in (5, 6, 7)}
        for visit in range(5)
    ]
    assert told == [
        {5: "NONE", 6: "NONE", 7: "NONE"},
        {5: "FIRST_SEEN_OPEN", 6: "NEW_DETACHMENT", 7: "NONE"},
        {5: "NONE", 6: "HEALED", 7: "NONE"},
        {5: "HEALED", 6: "RELAPSE", 7: "NEW_DETACHMENT"},
        {5: "NONE", 6: "HEALED", 7: "NONE"},
    ]


@pytest.mark.parametrize(
    ("before", "after", "assessed", "change"),
    [
        (SkinState.NEVER_ASSESSED, SkinState.OPEN, True, FaceChange.FIRST_SEEN_OPEN),
        (SkinState.NEVER_ASSESSED, SkinState.NEVER_OPEN, True, FaceChange.NONE),
        (SkinState.NEVER_OPEN, SkinState.OPEN, True, FaceChange.NEW_DETACHMENT),
        (SkinState.OPEN, SkinState.OPEN, True, FaceChange.NONE),
        (SkinState.OPEN, SkinState.HEALED, True, FaceChange.HEALED),
        (SkinState.HEALED, SkinState.OPEN, True, FaceChange.RELAPSE),
        (SkinState.HEALED, SkinState.HEALED, True, FaceChange.NONE),
        (SkinState.OPEN, SkinState.OPEN, False, FaceChange.NONE),
        (SkinState.HEALED, SkinState.HEALED, False, FaceChange.NONE),
    ],
)
def test_what_became_of_a_face(before: SkinState, after: SkinState, assessed: bool, change: FaceChange) -> None:
    """By its state before and after; nothing happens to a face that was not assessed."""
    found = face_changes(np.array([before], np.int8), np.array([after], np.int8), np.array([assessed]))
    assert found.tolist() == [change]


def by_region(score: PatientScore, day: int) -> dict[str, ChangeRow]:
    return {row.region: row for row in score.changes if row.day == day}


def test_changes_by_region_are_areas(skin: Skin, patient: Patient) -> None:
    """A region that opens anew, one that heals and one that opens again, on one day."""
    rows = by_region(scored(skin, patient, STORY), 5)
    five, six, seven = (rows[REGIONS[number]] for number in (5, 6, 7))
    assert (five.new_detachment, five.healed, five.relapse) == pytest.approx((0, REGION, 0))
    assert (six.new_detachment, six.healed, six.relapse) == pytest.approx((0, 0, REGION))
    assert (seven.new_detachment, seven.healed, seven.relapse) == pytest.approx((REGION, 0, 0))


def test_the_first_sight_of_open_skin_is_no_new_detachment(skin: Skin, patient: Patient) -> None:
    """It may have opened at any time before."""
    rows = by_region(scored(skin, patient, STORY), 0)
    assert rows[REGIONS[5]].first_seen_open == pytest.approx(REGION)
    assert rows[REGIONS[5]].new_detachment == 0
    assert rows[REGIONS[6]].new_detachment == pytest.approx(REGION)


def test_the_body_is_the_sum_of_its_regions_and_the_endpoints_of_the_day(skin: Skin, patient: Patient) -> None:
    """33 regions and the whole body at every visit, also the first."""
    score = scored(skin, patient, STORY)
    assert len(score.changes) == 5 * 34
    for day in STORY:
        rows = by_region(score, day)
        body = rows.pop("whole_body")
        for name in ("new_detachment", "first_seen_open", "healed", "relapse", "exchanged"):
            assert getattr(body, name) == pytest.approx(sum(getattr(row, name) or 0.0 for row in rows.values()))
        for endpoint, value in (("new_detachment_bsa", body.new_detachment), ("relapse_bsa", body.relapse)):
            told = [row.value for row in score.endpoints if (row.endpoint, row.day) == (endpoint, day)]
            assert told == ([] if day == -1 else [pytest.approx(value)])


def test_a_region_that_was_not_assessed_has_no_changes(skin: Skin, patient: Patient) -> None:
    """Nobody saw whether its skin opened or healed: nothing stands there, and no zero."""
    score = scored(skin, patient, {**STORY, 9: SurfaceMap.unseen(skin.n_faces)})
    names = ("new_detachment", "first_seen_open", "healed", "relapse", "exchanged")
    hidden = by_region(score, 3)
    assert {getattr(hidden[REGIONS[5]], name) for name in names} == {None}
    assert hidden["whole_body"].healed == pytest.approx(REGION)
    assert {getattr(row, name) for row in by_region(score, 9).values() for name in names} == {None}


def test_what_only_moved_is_told_apart(skin: Skin, patient: Patient) -> None:
    """A patch found one square further, within the error of the mapping: exchanged, and marked on the map."""
    there = painted((OPEN, part_of_region(5, 0.5, 0.2)), residual_mm=5.0)
    here = painted((OPEN, part_of_region(5, 0.6, 0.3)), residual_mm=5.0)
    score = scored(skin, patient, {0: there, 1: here})
    row = by_region(score, 1)[REGIONS[5]]
    assert (row.new_detachment, row.healed, row.exchanged) == pytest.approx((0, 0, 2 * FACE))
    assert score.history is not None
    moved = score.history.at_edge[1]
    assert moved.sum() == 4
    assert (score.history.changes_at(1)[moved] != FaceChange.NONE).all()


def test_changes_rest_on_all_visits_so_far(skin: Skin, patient: Patient) -> None:
    """Who said what was open before matters as much as who says what is closed now."""
    assert {row.source for row in scored(skin, patient, STORY).changes} == {"proposal", ""}


def test_a_patient_without_visits_has_no_history(skin: Skin, patient: Patient) -> None:
    """And no changes."""
    score = scored(skin, patient, {})
    assert (score.history, score.changes, score.first_open) == (None, (), None)


def test_the_first_open_area_is_that_of_the_first_visit_that_showed_skin(skin: Skin, patient: Patient) -> None:
    """SCORTEN takes it."""
    score = scored(skin, patient, {0: SurfaceMap.unseen(skin.n_faces), 2: painted((OPEN, ROW))})
    assert score.first_open is not None
    day, area = score.first_open
    assert (day, area.value) == (DAY_ZERO + timedelta(2), pytest.approx(REGION))


def test_histories_are_equal_if_all_of_them_is(history: SkinHistory, skin: Skin, patient: Patient) -> None:
    """Arrays and dates."""
    assert scored(skin, patient, STORY).history == history
    assert scored(skin, patient, {0: painted()}).history != history
    assert history != "a history"


def test_arrays_must_be_of_the_same_visits() -> None:
    """One row for each."""
    none = np.zeros((2, 3), np.int8)
    with pytest.raises(ValueError, match="1 visits"):
        SkinHistory(DAY_ZERO, (DAY_ZERO,), none, none.astype(bool), none.astype(bool))
