"""The predicted error of a registration grows with everything that speaks against it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.mapping.doubt import COEFFICIENTS, Evidence, predicted_error_mm

GOOD = Evidence(8.0, 3.0, 600.0, 15.0, 0.95, 0.98, 0.95, 0.99)


def test_the_logarithms_are_what_the_coefficients_weigh() -> None:
    """No piece of evidence is left out, and none is weighed that does not exist."""
    assert GOOD.logarithms.keys() == COEFFICIENTS.keys()


def test_an_error_is_a_product_of_powers() -> None:
    """With half the offset squared and nothing else, 10 mm make 50 mm."""
    weights = dict.fromkeys(COEFFICIENTS, 0.0) | {"constant": -0.6931471805599453, "offset": 2.0}
    assert predicted_error_mm(replace(GOOD, offset_mm=10.0), weights) == pytest.approx(50.0)


@given(st.floats(1.0, 200.0), st.floats(1.01, 5.0))
def test_larger_offsets_predict_larger_errors(offset_mm: float, factor: float) -> None:
    """Whatever else is known."""
    less, more = (predicted_error_mm(replace(GOOD, offset_mm=value)) for value in (offset_mm, factor * offset_mm))
    assert less < more


@pytest.mark.parametrize(
    "perfect", [{"trusted": 1.0}, {"explained": 1.0}, {"on_edge": 1.0}, {"view": 1.0}, {"spread_mm": 0.0}]
)
def test_perfect_evidence_gives_a_finite_error(perfect: dict[str, float]) -> None:
    """A share of 1 has no logarithm of what is left; it counts as 95 %."""
    assert 0 < predicted_error_mm(replace(GOOD, **perfect)) < 1000
