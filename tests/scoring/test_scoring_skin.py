"""Neighbours, sums and what no skin can be."""

import numpy as np
import pytest
from flat_body import REGION, SQUARES

from reepi.core.regions import NO_REGION, REGIONS
from reepi.scoring.skin import Skin

TETRAHEDRON = np.array([[0, 0, 0], [1, 1, 0], [1, 0, 1], [0, 1, 1]]) / 1000
TETRAHEDRON_FACES = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])


def tetrahedron(regions: list[int], shares: list[float]) -> Skin:
    return Skin.from_mesh(TETRAHEDRON, TETRAHEDRON_FACES, regions, shares)


def test_each_pair_of_faces_of_a_tetrahedron_shares_one_edge_of_the_same_length() -> None:
    """Four faces, six edges; the edge is the diagonal of a square of 1 mm."""
    skin = tetrahedron([0, 0, 1, 1], [25, 25, 25, 25])
    assert {tuple(sorted(pair)) for pair in skin.pairs.tolist()} == {(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)}
    assert skin.lengths_mm == pytest.approx(np.full(6, 2**0.5))


def test_a_share_is_spread_over_the_area_of_its_face() -> None:
    """An equilateral triangle of edge sqrt(2) has the area sqrt(3) / 2."""
    skin = tetrahedron([0, 0, 1, 1], [25, 25, 25, 25])
    assert skin.percent_per_mm2 == pytest.approx(np.full(4, 25 / (3**0.5 / 2)))


def test_edges_to_faces_that_are_not_skin_are_left_out() -> None:
    """Of the six edges three belong to the eye."""
    skin = tetrahedron([0, 0, 1, NO_REGION], [40, 30, 30, 0])
    assert len(skin.pairs) == 3
    assert not (skin.pairs == 3).any()


def test_the_grid_has_the_edges_of_its_squares(skin: Skin) -> None:
    """Each square has a diagonal; inner sides are shared along and across the rows."""
    rows = len(REGIONS)
    assert len(skin.pairs) == rows * SQUARES + rows * (SQUARES - 1) + (rows - 1) * SQUARES
    assert skin.region_shares == pytest.approx(np.full(rows, REGION))


def test_sums_by_region_take_one_or_several_columns(skin: Skin) -> None:
    """A second column of doubles has double sums."""
    one = skin.by_region(skin.shares)
    two = skin.by_region(np.column_stack([skin.shares, 2 * skin.shares]))
    assert two[:, 1] == pytest.approx(2 * one)


@pytest.mark.parametrize(
    ("regions", "shares", "message"),
    [
        ([0, 0, 1, 1], [25, 25, 25, 24], "sum to 100"),
        ([0, 0, 1, 1], [50, 50, 50, -50], "0 or more"),
        ([0, 0, 1, NO_REGION], [25, 25, 25, 25], "belongs to no region"),
        ([0, 0, 1], [25, 25, 25, 25], "same faces"),
    ],
)
def test_shares_that_no_body_has_are_refused(regions: list[int], shares: list[float], message: str) -> None:
    """The message says what is wrong."""
    with pytest.raises(ValueError, match=message):
        tetrahedron(regions, shares)
