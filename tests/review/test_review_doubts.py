"""How much of a photograph its proposal is expected to have wrong: what the list of photographs is ordered by."""

from dataclasses import replace

import numpy as np
import pytest

from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.review.photograph_maps import expected_misread


def halves(share: float) -> SurfaceMap:
    """Four faces, of each of which a border leaves that share to detached skin and the rest to intact skin."""
    tissue = np.zeros((4, len(Tissue)), np.float32)
    tissue[:, Tissue.DETACHED], tissue[:, Tissue.INTACT] = share, 1 - share
    return SurfaceMap.of_shares(tissue, np.ones(4, np.float32), np.ones(4, np.float32))


@pytest.mark.parametrize("share", [0, 0.3, 0.5, 1])
def test_a_sure_border_is_nothing_misread(share: float) -> None:
    """Every point of the faces is sure, whatever share of them it is."""
    assert expected_misread(halves(share)) == pytest.approx(0, abs=1e-4)


def test_doubt_of_every_point_is_misread_as_often() -> None:
    """Where each point of the skin is detached with a probability of 0.7, three of ten are something else."""
    surface = halves(1)
    unsure = replace(surface, belief=halves(0.7).tissue)
    assert expected_misread(unsure) == pytest.approx(30, abs=1e-3)


def test_nothing_seen_is_nothing_misread() -> None:
    """There is no skin to be wrong about."""
    assert expected_misread(SurfaceMap.unseen(4)) == 0
