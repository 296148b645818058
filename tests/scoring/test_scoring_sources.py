"""Whose word the skin rests on: each face counts for whoever said it, and dressings on the chart for nobody."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reepi.core.surface import Origin, SurfaceMap
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.mapping.fusion import with_chart
from reepi.scoring.sources import rests_on

N = 10
SHARES = np.full(N, 100 / N)


def intact(origins: list[Origin]) -> SurfaceMap:
    """Return ten faces, seen as intact wherever somebody said something."""
    origin = np.array(origins, np.uint8)
    seen = (origin != Origin.UNSEEN).astype(np.float32)
    tissue = seen[:, None] * np.eye(len(Tissue), dtype=np.float32)[[Tissue.INTACT]]
    return SurfaceMap(tissue, seen, np.zeros(N, np.float32), tissue, origin)


def test_each_origin_has_its_faces() -> None:
    """Of ten like faces three are proposals, two readings, one an adjudication, one painted, three unseen."""
    kinds = [Origin.PROPOSAL] * 3 + [Origin.READING] * 2 + [Origin.ADJUDICATION, Origin.CHART] + [Origin.UNSEEN] * 3
    told = rests_on(intact(kinds), SHARES)
    assert told.assessed == pytest.approx(
        {Origin.PROPOSAL: 30, Origin.READING: 20, Origin.ADJUDICATION: 10, Origin.CHART: 10}
    )
    assert told.dressings == 0


def test_a_dressing_painted_on_the_chart_is_not_assessed() -> None:
    """Two faces detachable and one under a dressing by the chart; what lay there is no reading any more."""
    chart = np.full(N, UNLABELLED, np.uint8)
    chart[:2], chart[2] = Tissue.DETACHABLE, Tissue.COVERED
    told = rests_on(with_chart(intact([Origin.READING] * N), chart), SHARES)
    assert told.assessed[Origin.CHART] == pytest.approx(20)
    assert told.assessed[Origin.READING] == pytest.approx(70)
    assert told.dressings == pytest.approx(10)


@given(
    origin=arrays.arrays(np.uint8, N, elements=st.sampled_from([int(each) for each in Origin if each])),
    seen=arrays.arrays(np.float32, N, elements=st.floats(0, 1, width=32)),
    tissue=arrays.arrays(np.int64, N, elements=st.integers(0, len(Tissue) - 1)),
)
def test_parts_add_up_to_the_assessed_skin(origin: np.ndarray, seen: np.ndarray, tissue: np.ndarray) -> None:
    """Nothing is lost or counted twice: faces seen as an assessed tissue, by the part of them that was seen."""
    shares = np.eye(len(Tissue), dtype=np.float32)[tissue]
    told = rests_on(SurfaceMap(shares, seen, np.zeros(N, np.float32), shares, origin), SHARES)
    assessed = ~np.isin(tissue, [Tissue.BACKGROUND, Tissue.COVERED])
    assert sum(told.assessed.values()) == pytest.approx((SHARES * seen * assessed).sum(), abs=1e-4)
