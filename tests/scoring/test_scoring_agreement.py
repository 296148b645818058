"""Photographs that overlap: where they differ is counted by hand on the flat body."""

from datetime import date

import numpy as np
import pytest
from flat_body import FACES, REGION, painted, part_of_region

from reepi.core.regions import REGIONS, WHOLE_BODY
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.scoring.agreement import Agreement, agreement
from reepi.scoring.areas import area_table
from reepi.scoring.skin import Skin

N_FACES = len(REGIONS) * FACES
AFTER_FIRST = slice(FACES, N_FACES)


def first_region(open_until: float, residual_mm: float = 10.0) -> SurfaceMap:
    """A photograph of the first region alone, open up to a part of its length."""
    return painted((Tissue.DETACHED, part_of_region(0, open_until)), unseen=AFTER_FIRST, residual_mm=residual_mm)


def body(found: Agreement) -> tuple[float, float]:
    return float(found.overlap[-1]), float(found.differing[-1])


def test_photographs_that_differ_on_half_a_region(skin: Skin) -> None:
    """One shows it half open, the other closed; nothing else shows twice."""
    found = agreement({"a": first_region(0.5), "b": first_region(0.0)}, skin)
    assert body(found) == pytest.approx((REGION, REGION / 2))
    assert found.overlap[:2] == pytest.approx([REGION, 0])
    assert found.pairs[1] is None
    # Equal weights: the difference D of the two gives the mean a variance of D² / 4.
    assert found.between[0, -1] == pytest.approx((REGION / 2) ** 2 / 4)
    assert found.between[-1, -1] == pytest.approx(found.between[0, -1])
    assert (found.between[1:-1] == 0).all()


def test_the_pair_that_differs_most_is_named_in_order_of_file(skin: Skin) -> None:
    """Of 0, 30 and 90 % open, the first and the last; they span the difference."""
    found = agreement({"c": first_region(0.0), "a": first_region(0.9), "b": first_region(0.3)}, skin)
    assert body(found) == pytest.approx((REGION, 0.9 * REGION))
    pair = found.pairs[-1]
    assert pair is not None
    assert (pair.first, pair.second, pair.percent_bsa) == ("a", "c", pytest.approx(0.9 * REGION))


def test_a_lesion_that_lies_beside_itself_differs_without_changing_its_area(skin: Skin) -> None:
    """The first and the second half open: all skin differs, and the two areas do not."""
    beside = painted((Tissue.DETACHED, part_of_region(0, 1.0, 0.5)), unseen=AFTER_FIRST, residual_mm=10)
    found = agreement({"a": first_region(0.5), "b": beside}, skin)
    assert body(found) == pytest.approx((REGION, REGION))
    assert found.between[-1, -1] == pytest.approx(0, abs=1e-12)


def test_errors_that_a_photograph_makes_in_many_regions_add_up(skin: Skin) -> None:
    """One photograph reads two regions as open, the other none: twice the difference, four times the variance."""
    both, none = painted((Tissue.DETACHED, slice(0, 2 * FACES)), residual_mm=10), painted(residual_mm=10)
    found = agreement({"a": both, "b": none}, skin)
    assert found.between[-1, -1] == pytest.approx(4 * found.between[0, -1])


def test_a_photograph_that_fusion_does_not_hear_contradicts_nobody(skin: Skin) -> None:
    """Ten times the error is a hundredth of the weight."""
    assert body(agreement({"a": first_region(0.5, 5), "b": first_region(0.0, 50)}, skin)) == (0, 0)


@pytest.mark.parametrize("maps", [{}, {"a": first_region(0.5)}, {"a": first_region(0.5), "b": first_region(0.5)}])
def test_one_photograph_or_the_same_given_twice_checks_nothing(maps: dict[str, SurfaceMap], skin: Skin) -> None:
    """It would agree with itself whatever it shows."""
    found = agreement(maps, skin)
    assert body(found) == (0, 0)
    assert set(found.pairs) == {None}
    assert found.between.shape == (34, 6)


def test_names_and_order_change_no_number(skin: Skin) -> None:
    """To the last bit, so that a resumed run writes the same bytes."""
    maps = [first_region(part, 10 + part) for part in (0.2, 0.5, 0.7)]
    one = agreement(dict(zip("abc", maps, strict=True)), skin)
    two = agreement(dict(zip("zyx", maps[::-1], strict=True)), skin)
    np.testing.assert_array_equal(one.between, two.between)
    np.testing.assert_array_equal(one.differing, two.differing)


def test_disagreement_widens_the_interval_where_it_is_more_than_expected(skin: Skin) -> None:
    """1.645 standard deviations; where the model expects more it says nothing."""
    surface = first_region(0.25, 0.0)
    between = agreement({"a": first_region(0.5, 0.0), "b": first_region(0.0, 0.0)}, skin).between
    alone, joint = area_table(surface, skin), area_table(surface, skin, between=between)
    assert alone.open_spread == 0
    assert joint.open_spread == pytest.approx(1.6449 * REGION / 4, rel=1e-4)
    assert joint.estimate("open").high > alone.estimate("open").high
    blurred = first_region(0.25, 500.0)
    assert area_table(blurred, skin, between=between).open_spread == area_table(blurred, skin).open_spread


def test_what_was_settled_at_the_bedside_leaves_no_doubt(skin: Skin) -> None:
    """The photographs still differ, and are told to; the area that was painted does not follow from them."""
    maps = {"a": first_region(0.5), "b": first_region(0.0)}
    settled = np.zeros(N_FACES, bool)
    settled[part_of_region(0)] = True
    found, open_to_doubt = agreement(maps, skin, settled), agreement(maps, skin, np.zeros(N_FACES, bool))
    assert not found.between.any()
    assert open_to_doubt.between.any()
    assert body(found) == body(open_to_doubt) == body(agreement(maps, skin))


def test_rows_are_of_all_regions_and_the_body(skin: Skin) -> None:
    """A region that no two photographs show has no part to give."""
    rows = agreement({"a": first_region(0.5), "b": first_region(0.0)}, skin).rows("P1", date(2024, 3, 1), 4)
    assert [row.region for row in rows] == [*REGIONS, WHOLE_BODY]
    first, second, whole = rows[0], rows[1], rows[-1]
    assert (first.differing_percent, first.first, first.second) == (pytest.approx(50), "a", "b")
    assert (second.overlap_percent_bsa, second.differing_percent, second.first) == (0, None, "")
    assert whole.differing_percent_bsa == pytest.approx(REGION / 2)
