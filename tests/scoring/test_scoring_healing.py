"""The same skin from visit to visit, counted face by face on the flat body."""

import numpy as np
import pytest
from flat_body import FACE, FACES, REGION, flat_skin, on_day, painted, part_of_region
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.scoring.healing import Healing, SkinState, healing_course
from reepi.scoring.skin import Skin
from reepi.scoring.visits import Visit

OPEN, CLOSED, HEALED = Tissue.DETACHED, Tissue.INTACT, Tissue.REEPITHELIALISED


def follow(skin: Skin, *surfaces: SurfaceMap) -> tuple[Healing, ...]:
    return healing_course([on_day(day, surface) for day, surface in enumerate(surfaces)], skin)


def region_is(tissue: Tissue, **options: float) -> SurfaceMap:
    return painted((tissue, part_of_region(5)), **options)  # type: ignore[arg-type]


REGION_UNSEEN = painted(unseen=part_of_region(5))
REGION_COVERED = region_is(Tissue.COVERED)


@pytest.mark.parametrize("closed", [Tissue.INTACT, Tissue.ERYTHEMA, Tissue.REEPITHELIALISED])
def test_skin_once_open_and_closed_now_has_healed(skin: Skin, closed: Tissue) -> None:
    """Whatever closed skin looks like: epithelium is epithelium."""
    first, second = follow(skin, region_is(OPEN), region_is(closed))
    assert (first.healed, first.open_known) == pytest.approx((0, REGION))
    assert (second.healed, second.open_known, second.ever_open) == pytest.approx((REGION, 0, REGION))


@pytest.mark.parametrize("hidden", [REGION_UNSEEN, REGION_COVERED], ids=["unseen", "covered"])
def test_skin_once_open_and_hidden_now_stays_open(skin: Skin, hidden: SurfaceMap) -> None:
    """Unassessed is never healed."""
    _, second = follow(skin, region_is(OPEN), hidden)
    assert second.healed == 0
    assert (second.open_known, second.open_carried) == pytest.approx((REGION, REGION))


def test_skin_that_healed_and_is_hidden_now_is_not_counted_but_not_forgotten(skin: Skin) -> None:
    """It is told apart, and counts again once it is seen."""
    _, _, hidden, seen = follow(skin, region_is(OPEN), region_is(HEALED), REGION_UNSEEN, region_is(HEALED))
    assert (hidden.healed, hidden.healed_unassessed) == pytest.approx((0, REGION))
    assert (seen.healed, seen.healed_unassessed) == pytest.approx((REGION, 0))


def test_labelled_skin_that_nobody_saw_open_has_not_been_followed(skin: Skin) -> None:
    """The numerator `labelled` counts it; this one cannot."""
    (only,) = follow(skin, region_is(HEALED))
    assert only.healed == 0
    assert only.ever_open == 0


def test_half_of_what_was_open_heals(skin: Skin) -> None:
    """Ten of twenty faces."""
    _, second = follow(skin, region_is(OPEN), painted((OPEN, part_of_region(5, 0.5))))
    assert second.healed == pytest.approx(10 * FACE)


def test_new_detachment_is_skin_seen_closed_before(skin: Skin) -> None:
    """Skin that no earlier visit saw may have been open for long; it is told apart."""
    before = painted(unseen=part_of_region(6))
    after = painted((OPEN, slice(part_of_region(5).start, part_of_region(6).stop)))
    first, second = follow(skin, before, after)
    assert first.new_detachment == 0
    assert second.new_detachment == pytest.approx(REGION)
    assert second.first_seen_open == pytest.approx(REGION)
    assert second.ever_open == pytest.approx(2 * REGION)


def test_healed_skin_that_opens_again_is_a_relapse_and_no_new_detachment(skin: Skin) -> None:
    """And it heals once more."""
    course = follow(skin, region_is(OPEN), region_is(HEALED), region_is(OPEN), region_is(CLOSED))
    assert [visit.relapse for visit in course] == pytest.approx([0, 0, REGION, 0])
    assert [visit.new_detachment for visit in course] == [0, 0, 0, 0]
    assert [visit.healed for visit in course] == pytest.approx([0, REGION, 0, REGION])
    assert course[-1].ever_open == pytest.approx(REGION)


def test_the_union_of_two_visits_counts_shared_skin_once(skin: Skin) -> None:
    """15 and 15 faces that share 10 are 20."""
    _, second = follow(skin, painted((OPEN, part_of_region(5, 0.75))), painted((OPEN, part_of_region(5, 1.0, 0.25))))
    assert second.ever_open == pytest.approx(20 * FACE)
    assert second.healed == pytest.approx(5 * FACE)
    assert second.new_detachment == pytest.approx(5 * FACE)


def test_specks_everywhere_add_up_to_nothing(skin: Skin) -> None:
    """2 % of each face open is noise of the reading, not a lesion whose skin can be followed."""
    tissue = np.zeros((skin.n_faces, len(Tissue)), np.float32)
    tissue[:, CLOSED], tissue[:, OPEN] = 0.98, 0.02
    hazy = SurfaceMap.of_shares(tissue, np.ones(skin.n_faces, np.float32), np.zeros(skin.n_faces, np.float32))
    assert follow(skin, hazy, painted())[-1].ever_open == 0


def test_a_sliver_does_not_speak_for_its_face(skin: Skin) -> None:
    """A tenth of a face seen is a face not seen."""
    surface = region_is(CLOSED)
    seen = surface.seen.copy()
    seen[part_of_region(5)] = 0.1
    sliver = SurfaceMap.of_shares(surface.tissue, seen, surface.residual_mm)
    assert follow(skin, region_is(OPEN), sliver)[-1].healed == 0


def shifted(skin: Skin, residual_mm: float) -> tuple[Healing, ...]:
    """An open patch that lies one square further at the second visit, and back at the third."""
    there = painted((OPEN, part_of_region(5, 0.5, 0.2)), residual_mm=residual_mm)
    here = painted((OPEN, part_of_region(5, 0.6, 0.3)), residual_mm=residual_mm)
    return follow(skin, there, here, there)


def test_a_patch_that_moved_within_the_error_of_the_mapping_neither_healed_nor_grew(skin: Skin) -> None:
    """One square of 10 mm with a joint residual of 5 sqrt(2) mm, and an open patch of 6 faces throughout."""
    for visit in shifted(skin, residual_mm=5.0):
        assert visit.healed == pytest.approx(0)
        assert visit.new_detachment == pytest.approx(0)
        assert visit.relapse == pytest.approx(0)
        assert visit.ever_open == pytest.approx(6 * FACE)


def test_a_patch_that_moved_under_an_exact_mapping_healed_and_grew(skin: Skin) -> None:
    """The same movement without doubt: two faces closed and two opened, then back."""
    _, second, third = shifted(skin, residual_mm=0.0)
    assert (second.healed, second.new_detachment) == pytest.approx((2 * FACE, 2 * FACE))
    assert (third.healed, third.relapse) == pytest.approx((2 * FACE, 2 * FACE))


def test_healing_that_nothing_balances_is_kept_whatever_the_residual(skin: Skin) -> None:
    """A patch that shrinks on one side only has healed there."""
    large, small = (painted((OPEN, part_of_region(5, part)), residual_mm=50.0) for part in (0.8, 0.5))
    assert follow(skin, large, small)[-1].healed == pytest.approx(6 * FACE)


def test_far_from_an_edge_opening_and_closing_are_both_real(skin: Skin) -> None:
    """At opposite ends of a row of 100 mm, with a joint residual of 1.4 mm."""
    before = painted((OPEN, part_of_region(5, 0.2)), residual_mm=1.0)
    after = painted((OPEN, part_of_region(5, 1.0, 0.8)), residual_mm=1.0)
    _, second = follow(skin, before, after)
    assert (second.healed, second.new_detachment) == pytest.approx((4 * FACE, 4 * FACE))


def test_states_are_kept_as_a_map(skin: Skin) -> None:
    """So that relapse and healing can be drawn."""
    _, second = follow(skin, painted((OPEN, part_of_region(5)), unseen=part_of_region(6)), region_is(HEALED))
    assert set(second.states[part_of_region(5)]) == {SkinState.HEALED}
    assert set(second.states[part_of_region(6)]) == {SkinState.NEVER_OPEN}


def test_no_visits_have_no_course(skin: Skin) -> None:
    """Nothing in, nothing out."""
    assert healing_course([], skin) == ()


def test_the_same_visit_again_changes_nothing(skin: Skin) -> None:
    """Seen twice is seen once."""
    surface = region_is(OPEN, residual_mm=7.0)
    first, second = follow(skin, surface, surface)
    assert (second.open_known, second.ever_open) == (first.open_known, first.ever_open)
    assert (second.healed, second.new_detachment, second.relapse, second.exchanged) == (0, 0, 0, 0)


@st.composite
def histories(draw: st.DrawFn) -> list[Visit]:
    """Visits with random faces open, closed, covered and unseen, exactly mapped or not."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kinds = np.array([Tissue.INTACT, Tissue.DETACHED, Tissue.DETACHABLE, Tissue.REEPITHELIALISED, Tissue.COVERED])
    visits = []
    for day in range(draw(st.integers(1, 5))):
        chosen = kinds[rng.integers(0, len(kinds), 33 * FACES)]
        tissue = np.eye(len(Tissue), dtype=np.float32)[chosen]
        seen = (rng.random(33 * FACES) < 0.8).astype(np.float32)
        residual = draw(st.sampled_from([0.0, 4.0]))
        visits.append(
            on_day(day, SurfaceMap.of_shares(tissue * seen[:, None], seen, (seen * residual).astype(np.float32)))
        )
    return visits


@settings(max_examples=30)
@given(histories())
def test_areas_of_a_course_are_areas_of_skin(visits: list[Visit]) -> None:
    """Nothing is negative, the union only grows, and nobody heals more than was ever open."""
    before = 0.0
    for healing in healing_course(visits, flat_skin()):
        parts = (healing.healed, healing.open_known, healing.open_carried, healing.new_detachment, healing.relapse)
        assert min(parts) >= 0
        assert healing.healed_unassessed >= -1e-9
        assert healing.open_carried <= healing.open_known + 1e-9
        assert before - 1e-9 <= healing.ever_open <= 100 + 1e-9
        assert healing.healed <= healing.ever_open + 1e-9
        before = healing.ever_open


@settings(max_examples=30)
@given(histories())
def test_what_was_ever_open_is_open_or_healed(visits: list[Visit]) -> None:
    """Under an exact mapping every face that was ever open is in one of the two."""
    exact = [
        Visit(v.date, SurfaceMap.of_shares(v.surface.tissue, v.surface.seen, 0 * v.surface.residual_mm)) for v in visits
    ]
    for healing in healing_course(exact, flat_skin()):
        parts = healing.open_known + healing.healed + healing.healed_unassessed
        assert parts == pytest.approx(healing.ever_open, abs=1e-9)
