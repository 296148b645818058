"""Chart readings: what may be painted on a body chart, and how it is kept."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reepi.core.chart_reading import NewChartReading, faces_to_runs, runs_to_faces
from reepi.core.registration_decision import NewDecision
from reepi.core.tissue import UNLABELLED, Tissue

PAINTED = arrays(np.uint8, st.integers(1, 40), elements=st.sampled_from([3, 6, UNLABELLED]))
DAY = date(2024, 3, 5)


@given(PAINTED)
def test_faces_survive_as_runs(tissue: np.ndarray) -> None:
    """Every face comes back, and runs say nothing of faces that nobody painted."""
    runs = faces_to_runs(tissue)
    np.testing.assert_array_equal(runs_to_faces(runs, len(tissue)), tissue)
    assert sum(length for _, length, _ in runs) == (tissue != UNLABELLED).sum()
    assert all(isinstance(number, int) for run in runs for number in run)


def test_runs_are_as_few_as_areas() -> None:
    """Two areas side by side are two runs."""
    assert faces_to_runs(np.array([255, 3, 3, 6, 255], np.uint8)) == [[1, 2, 3], [3, 1, 6]]


@pytest.mark.parametrize(
    "runs",
    [[[0, 6, 3]], [[-1, 2, 3]], [[0, 0, 3]], [[0, 3, 3], [2, 1, 6]], [[3, 1, 6], [0, 1, 3]], [[0, 1, 4]], [[0, 1]]],
)
def test_runs_off_the_template_are_refused(runs: list[list[int]]) -> None:
    """Beyond the last face, before the first, empty, overlapping, out of order, of another tissue, or cut short."""
    with pytest.raises(ValueError, match=r"no run|not enough values"):
        runs_to_faces(runs, 5)
    with pytest.raises(ValueError, match="no number of faces"):
        runs_to_faces([], 0)


@pytest.mark.parametrize(
    "tissue",
    [
        np.full(5, Tissue.DETACHED, np.uint8),
        np.full(5, Tissue.DETACHABLE, np.int64),
        np.full((5, 1), Tissue.DETACHABLE, np.uint8),
        np.zeros(0, np.uint8),
    ],
)
def test_only_detachable_and_covered_are_painted(tissue: np.ndarray) -> None:
    """What a photograph shows better is not painted on the chart."""
    with pytest.raises(ValueError, match=r"are painted on it|one uint8 for each face"):
        NewChartReading("P1", DAY, "Ada", tissue)


def test_a_chart_reading_keeps_its_own_faces() -> None:
    """Painting on goes on elsewhere: the reading does not change with the array it was made of."""
    tissue = np.full(5, UNLABELLED, np.uint8)
    new = NewChartReading("P1", DAY, "Ada", tissue)
    tissue[0] = 3
    assert (new.tissue == UNLABELLED).all()
    with pytest.raises(ValueError, match="read-only"):
        new.tissue[0] = 3


def test_impossible_decisions_are_refused() -> None:
    """A refusal has a reason, a verdict is one of two, a residual is a number."""
    for change, message in (
        ({"verdict": "refused"}, "needs a reason"),
        ({"verdict": "maybe"}, "no decision"),
        ({"residual_mm": float("nan")}, "leave it out"),
        ({"reader": ""}, "no reader's name"),
    ):
        said = {"photograph": "a.png", "reader": "Ada", "verdict": "accepted", "registration_sha256": "0", **change}
        with pytest.raises(ValueError, match=message):
            NewDecision(**said)  # type: ignore[arg-type]
