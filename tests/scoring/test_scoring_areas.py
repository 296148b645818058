"""Areas by region and tissue: counted by hand on the flat body, and their sums and bounds whatever was painted."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from flat_body import FACE, FACES, REGION, flat_skin, painted, part_of_region
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.results import AREA_LABELS, PART_LABELS
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.scoring.areas import AREA_REGIONS, AreaTable, Unassessed, area_table
from reepi.scoring.intervals import Estimate
from reepi.scoring.skin import Skin

PARTS = [AREA_LABELS.index(label) for label in PART_LABELS]
FIRST, SECOND = REGIONS[:2]
RULES: tuple[Unassessed, ...] = ("as_region", "as_unaffected")

N_FACES = len(REGIONS) * FACES


@st.composite
def surfaces(draw: st.DrawFn) -> SurfaceMap:
    """Any mixture of tissues, seen in any part; whole regions may be unseen."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    tissue = rng.dirichlet(np.full(len(Tissue), draw(st.sampled_from([0.05, 1.0]))), N_FACES).astype(np.float32)
    seen = rng.random(N_FACES) * (rng.random(N_FACES) < draw(st.floats(0, 1)))
    hidden = draw(hnp.arrays(bool, len(REGIONS)))
    seen = np.where(np.repeat(hidden, FACES), 0, seen).astype(np.float32)
    tissue[seen == 0] = 0
    return SurfaceMap.of_shares(tissue, seen, (rng.random(N_FACES) * draw(st.sampled_from([0, 20]))).astype(np.float32))


def column(label: str) -> int:
    return AREA_LABELS.index(label)


def test_the_table_is_laid_out_as_the_file_is_written() -> None:
    """Tissues, then open, then unassessed; regions, then the whole body."""
    assert (*PART_LABELS[:-1], "open", "unassessed") == AREA_LABELS
    assert (*REGIONS, WHOLE_BODY) == AREA_REGIONS


def test_half_a_region_detached_is_half_its_share(skin: Skin) -> None:
    """Everything was seen, so the filled area is the seen one."""
    table = area_table(painted((Tissue.DETACHED, part_of_region(0, 0.5))), skin)
    assert table.seen_percent("detached", FIRST) == pytest.approx(REGION / 2)
    assert table.seen_percent("intact", FIRST) == pytest.approx(REGION / 2)
    assert table.estimate("open").value == pytest.approx(REGION / 2)
    assert table.seen_percent("unassessed") == 0
    assert table.full == pytest.approx(table.seen)


def test_open_is_detachable_and_detached_and_never_erythema(skin: Skin) -> None:
    """One region of each: two regions are open."""
    surface = painted(
        (Tissue.ERYTHEMA, part_of_region(0)),
        (Tissue.DETACHABLE, part_of_region(1)),
        (Tissue.DETACHED, part_of_region(2)),
        (Tissue.REEPITHELIALISED, part_of_region(3)),
    )
    assert area_table(surface, skin).seen_percent("open") == pytest.approx(2 * REGION)


def test_unassessed_skin_is_taken_as_the_assessed_skin_of_its_region(skin: Skin) -> None:
    """Of the seen half of a region one half is open: the whole region is taken as half open."""
    surface = painted((Tissue.DETACHED, part_of_region(0, 0.25)), unseen=part_of_region(0, 1.0, 0.5))
    table = area_table(surface, skin)
    assert table.seen_percent("open", FIRST) == pytest.approx(REGION / 4)
    assert table.seen_percent("unassessed", FIRST) == pytest.approx(REGION / 2)
    assert table.estimate("open", FIRST).value == pytest.approx(REGION / 2)
    assert table.estimate("unassessed", FIRST) == Estimate(0, 0, 0)


def test_unassessed_skin_may_be_taken_as_intact(skin: Skin) -> None:
    """The same map under the other rule: nothing is added to open skin, but the interval knows it may be open."""
    surface = painted((Tissue.DETACHED, part_of_region(0, 0.25)), unseen=part_of_region(0, 1.0, 0.5))
    table = area_table(surface, skin, "as_unaffected")
    assert table.estimate("open", FIRST).value == pytest.approx(REGION / 4)
    assert table.estimate("intact", FIRST).value == pytest.approx(REGION * 3 / 4)
    assert table.estimate("open", FIRST).high > REGION / 2


@pytest.mark.parametrize("hider", [Tissue.COVERED, Tissue.BACKGROUND])
def test_skin_that_was_hidden_is_unassessed(skin: Skin, hider: Tissue) -> None:
    """A dressing, and template skin where the photograph shows none."""
    table = area_table(painted((hider, part_of_region(0))), skin)
    assert table.seen_percent("unassessed") == pytest.approx(REGION)
    assert table.seen_percent("unassessed", FIRST) == pytest.approx(REGION)


def test_a_region_that_nobody_saw_takes_the_mix_of_the_body_as_far_as_that_was_assessed(skin: Skin) -> None:
    """Half of the other 32 regions is open; they are 32 / 33 of the body."""
    surface = painted((Tissue.DETACHED, slice(FACES, 17 * FACES)), unseen=part_of_region(0))
    table = area_table(surface, skin)
    assert table.estimate("open", FIRST).value == pytest.approx(REGION * 0.5 * 32 / 33)
    assert table.estimate("unassessed", FIRST).value == pytest.approx(REGION / 33)
    assert table.estimate("open", FIRST).low < 0.02 * REGION
    assert table.estimate("open", FIRST).high > 0.98 * REGION


def test_one_photographed_hand_does_not_make_a_body_open(skin: Skin) -> None:
    """One region seen, all of it open: the other 32 add 1 / 33 of their share each."""
    surface = painted((Tissue.DETACHED, slice(0, N_FACES)), unseen=slice(FACES, N_FACES))
    open_area = area_table(surface, skin).estimate("open")
    assert open_area.value == pytest.approx(REGION + 32 * REGION / 33)
    assert open_area.high > 40


def test_where_nothing_was_seen_everything_is_possible(skin: Skin) -> None:
    """All skin is unassessed, also after filling, and open skin may be anything."""
    table = area_table(SurfaceMap.unseen(skin.n_faces), skin)
    assert table.seen_percent("unassessed") == pytest.approx(100)
    assert table.estimate("unassessed").value == pytest.approx(100)
    assert table.estimate("open") == Estimate(0, 0, 100)
    assert table.assessed_percent == pytest.approx(0)


def test_a_sure_map_that_saw_everything_has_no_doubt(skin: Skin) -> None:
    """Certain tissues, exact mapping, nothing hidden."""
    table = area_table(painted((Tissue.DETACHED, part_of_region(3, 0.7))), skin)
    assert table.low == pytest.approx(table.full)
    assert table.high == pytest.approx(table.full)


def widths(table: AreaTable) -> float:
    return table.estimate("open").high - table.estimate("open").low


def test_doubt_grows_with_the_error_of_the_mapping(skin: Skin) -> None:
    """An edge of 10 mm, two faces' worth of area each 50 mm²: 1.645 sqrt(edge x 10 mm) x residual in area."""
    sharp, blurred = (
        area_table(painted((Tissue.DETACHED, part_of_region(0, 0.5)), residual_mm=mm), skin) for mm in (1, 2)
    )
    # The open half touches the intact half (10 mm) and the next region (50 mm, for the whole body a border of tissue).
    expected = 1.6449 * (60 * 10) ** 0.5 * FACE / 50
    assert sharp.open_spread == pytest.approx(expected, rel=1e-3)
    assert blurred.open_spread == pytest.approx(2 * expected, rel=1e-3)
    assert widths(blurred) > widths(sharp)


def test_doubt_grows_with_what_was_not_seen(skin: Skin) -> None:
    """The same estimate with less skin behind it."""
    half = area_table(painted(unseen=part_of_region(0, 0.5)), skin)
    most = area_table(painted(unseen=part_of_region(0, 0.9)), skin)
    assert half.estimate("open").value == most.estimate("open").value == 0
    assert 0 < widths(half) < widths(most)


def test_skin_that_stands_for_itself_alone_has_no_more_doubt_than_it_was_seen_with(skin: Skin) -> None:
    """Unassessed skin taken as intact: open skin is at least what was seen less its spread, however little was seen."""
    surface = painted((Tissue.DETACHED, slice(0, 3 * FACES)), unseen=slice(9 * FACES, N_FACES), residual_mm=20.0)
    table = area_table(surface, skin, "as_unaffected")
    opened = table.estimate("open")
    assert opened.value == pytest.approx(3 * REGION)
    assert 0 < table.open_spread < opened.value / 2
    assert opened.low == pytest.approx(opened.value - table.open_spread)
    # Skin taken as assessed skin is as doubtful: 33 regions for the nine that were seen.
    filled = area_table(surface, skin, "as_region").estimate("open")
    assert filled.low <= filled.value - 33 / 9 * table.open_spread


def test_doubt_of_the_reading_is_largest_between_two_tissues(skin: Skin) -> None:
    """A probability of 0.5 says less than one of 0.9; the formula gives both."""
    spreads = []
    for probability in (0.5, 0.9):
        belief = np.zeros((N_FACES, len(Tissue)), np.float32)
        belief[:, Tissue.DETACHED], belief[:, Tissue.INTACT] = probability, 1 - probability
        tissue = (belief >= 0.5).astype(np.float32)
        tissue[:, Tissue.INTACT] = 1 - tissue[:, Tissue.DETACHED]
        surface = SurfaceMap(tissue, np.ones(N_FACES, np.float32), np.zeros(N_FACES, np.float32), belief)
        doubtful = 100 * probability * (1 - probability)
        spreads.append(area_table(surface, skin).open_spread)
        assert spreads[-1] == pytest.approx(1.6449 * (0.5 * doubtful + (0.25 * doubtful) ** 2) ** 0.5, rel=1e-3)
    assert spreads[0] > spreads[1]


def test_a_border_through_faces_is_no_doubt_of_the_reading(skin: Skin) -> None:
    """Faces of which two fifths are surely detached, as a reader draws them, leave no doubt; unsure ones do."""
    tissue = np.zeros((N_FACES, len(Tissue)), np.float32)
    tissue[:, Tissue.DETACHED], tissue[:, Tissue.INTACT] = 0.4, 0.6
    whole, nothing = np.ones(N_FACES, np.float32), np.zeros(N_FACES, np.float32)
    sure = SurfaceMap.of_shares(tissue, whole, nothing)
    assert area_table(sure, skin).open_spread == pytest.approx(0, abs=0.01)
    unsure = replace(sure, variance=sure.variance / 2)
    doubtful = 100 * 0.4 * 0.6 / 2
    expected = 1.6449 * (0.5 * doubtful + (0.25 * doubtful) ** 2) ** 0.5
    assert area_table(unsure, skin).open_spread == pytest.approx(expected, rel=1e-3)


@settings(max_examples=40)
@given(surfaces(), st.sampled_from(RULES))
def test_parts_add_up_and_intervals_hold_their_estimates(surface: SurfaceMap, rule: Unassessed) -> None:
    """Parts to regions, regions to the body, the body to 100; seen and filled alike; all within the region."""
    skin = flat_skin()
    table = area_table(surface, skin, rule)
    shares = np.append(skin.region_shares, 100.0)
    for areas in (table.seen, table.full):
        assert areas[:, PARTS].sum(axis=1) == pytest.approx(shares, abs=1e-6)
        assert areas[:-1].sum(axis=0) == pytest.approx(areas[-1], abs=1e-6)
        opened = areas[:, column("detachable")] + areas[:, column("detached")]
        assert areas[:, column("open")] == pytest.approx(opened, abs=1e-9)
        assert areas.min() >= 0
    assert (table.low <= table.full).all()
    assert (table.full <= table.high).all()
    assert table.low.min() >= 0
    assert (table.high <= shares[:, None] + 1e-9).all()


@settings(max_examples=20)
@given(surfaces())
def test_the_order_of_faces_changes_nothing(surface: SurfaceMap) -> None:
    """Areas belong to skin, not to the order in which it is listed."""
    skin = flat_skin()
    order = np.random.default_rng(0).permutation(skin.n_faces)
    back = np.argsort(order)
    shuffled_skin = Skin(
        skin.shares[order],
        skin.regions[order],
        skin.centres_mm[order],
        back[skin.pairs],
        skin.lengths_mm,
        skin.percent_per_mm2[order],
        skin.vertices_mm,
        skin.faces[order],
    )
    shuffled = SurfaceMap.of_shares(surface.tissue[order], surface.seen[order], surface.residual_mm[order])
    one, two = area_table(surface, skin), area_table(shuffled, shuffled_skin)
    assert two.full == pytest.approx(one.full, abs=1e-9)
    assert two.high == pytest.approx(one.high, abs=1e-9)


def test_inputs_are_left_as_they_were(skin: Skin) -> None:
    """Scoring reads; it changes nothing."""
    surface = painted((Tissue.DETACHED, part_of_region(0)), unseen=part_of_region(1))
    before = surface.tissue.copy(), surface.seen.copy()
    area_table(surface, skin)
    assert (surface.tissue == before[0]).all()
    assert (surface.seen == before[1]).all()


def test_a_map_of_another_body_is_refused(skin: Skin) -> None:
    """Faces of one template mean nothing on another."""
    with pytest.raises(ValueError, match=r"3 faces, the skin 660"):
        area_table(SurfaceMap.unseen(3), skin)


def test_every_region_and_tissue_has_one_row(skin: Skin) -> None:
    """34 x 7 rows, each with the numbers of the table."""
    table = area_table(painted((Tissue.DETACHED, part_of_region(0, 0.5))), skin)
    rows = table.rows("P01", date(2024, 3, 1), 4)
    assert len({(row.region, row.tissue) for row in rows}) == len(rows) == 34 * 7
    first = next(row for row in rows if (row.region, row.tissue) == (FIRST, "open"))
    assert first.percent_bsa == pytest.approx(REGION / 2)
    assert (first.patient_id, first.date, first.day) == ("P01", date(2024, 3, 1), 4)
