"""Intervals for areas: what they hold, and how often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.core.images import TissueMap
from reepi.core.tissue import Tissue
from reepi.model.area_interval import (
    COVERAGE,
    FEWEST,
    LEAST_DOUBT,
    Area,
    KnownArea,
    conformal_quantile,
    coverage,
    fit_factors,
    measured_areas,
    true_areas,
)


def halves(sure: float) -> TissueMap:
    """Left half detached with a probability, else intact; right half the other way round."""
    probabilities = np.zeros((7, 10, 20), np.float32)
    probabilities[Tissue.DETACHED, :, :10] = probabilities[Tissue.INTACT, :, 10:] = sure
    probabilities[Tissue.INTACT, :, :10] = probabilities[Tissue.DETACHED, :, 10:] = 1 - sure
    return TissueMap(probabilities)


def test_area_and_its_doubt_are_shares_of_the_skin() -> None:
    """Half of the skin is detached; of each half a tenth of its skin is doubted or missed."""
    area = measured_areas(halves(0.8))["detached"]
    assert (area.percent, area.doubted, area.missed) == pytest.approx((50, 10, 10), abs=1e-4)
    assert measured_areas(halves(0.8))["open"] == area


def test_no_skin_has_no_area() -> None:
    """A photograph of a wall says nothing about tissue."""
    assert measured_areas(TissueMap.from_mask(np.zeros((4, 4), np.uint8))) == {}


def test_labels_decide_an_area_or_leave_it_out() -> None:
    """A mask of wound and not wound knows what is detached and what is open, and nothing of erythema."""
    wound, other = 1 << Tissue.DETACHED, 1 << Tissue.INTACT | 1 << Tissue.ERYTHEMA
    sets = np.full((10, 10), other, np.uint8)
    sets[:2] = wound
    found = true_areas(sets, 100)
    assert found == {"detachable": 0, "detached": 20, "reepithelialised": 0, "open": 20}
    assert "detached" not in true_areas(np.zeros((2, 2), np.uint8), 4)


@given(st.floats(0, 100), st.floats(0, 30), st.floats(0, 30), st.floats(0, 100))
def test_score_is_the_factor_that_just_holds(percent: float, doubted: float, missed: float, true: float) -> None:
    """The interval of the score's factor reaches the true area, and of a smaller one does not."""
    area = Area(percent, doubted, missed)
    factor = area.score(true)
    low, high = area.interval(factor)
    assert low - 1e-6 <= true <= high + 1e-6
    if factor > 1e-3:
        low, high = area.interval(0.9 * factor)
        assert not (low <= true <= high) or true in (0, 100)


def test_intervals_hold_as_often_as_they_say() -> None:
    """Factors fitted on some photographs hold the truth in nine of ten others, however doubt is scaled."""
    rng = np.random.default_rng(3)

    def photographs(count: int) -> list[KnownArea]:
        doubts = rng.uniform(0.5, 5, count)
        errors = rng.laplace(0, 0.4 * (doubts + LEAST_DOUBT))
        return [KnownArea("detached", Area(40, d, d), 40 + e) for d, e in zip(doubts, errors, strict=True)]

    factors = fit_factors([photographs(400)])
    share, count = coverage(photographs(4000), factors)["detached"]
    assert count == 4000
    assert share == pytest.approx(0.9, abs=0.03)


def test_too_few_photographs_give_no_factor() -> None:
    """And photographs without the tissue do not count."""
    some = [KnownArea("detached", Area(40, 1, 1), 41)] * (FEWEST - 1)
    none = [KnownArea("detached", Area(0, 0, 0), 0)] * 50
    assert fit_factors([[*some, *none]]) == {}
    assert fit_factors([[*some, some[0]]]) == {"detached": pytest.approx(1 / 1.1)}


def test_every_kind_of_photograph_is_held() -> None:
    """The data set that needs the widest interval decides, also where another one has far more photographs."""
    sure = [KnownArea("detached", Area(40, 1, 1), 40 + 0.01 * k) for k in range(200)]
    rough = [KnownArea("detached", Area(40, 1, 1), 40 + 0.5 * k) for k in range(FEWEST)]
    factors = fit_factors([sure, rough])
    assert factors == fit_factors([rough])
    assert coverage(rough, factors)["detached"][0] >= COVERAGE
    assert coverage(rough, fit_factors([[*sure, *rough]]))["detached"][0] < COVERAGE


def test_small_sets_tell_together() -> None:
    """Where no data set has enough photographs, all of them may."""
    half = [KnownArea("detached", Area(40, 1, 1), 41)] * (FEWEST // 2)
    assert fit_factors([half]) == {}
    assert fit_factors([half, half]) == {"detached": pytest.approx(1 / 1.1)}


def test_quantile_leaves_room_for_one_more() -> None:
    """Of nineteen scores the eighteenth, as 0.9 of twenty."""
    assert conformal_quantile(range(1, 20)) == 18
