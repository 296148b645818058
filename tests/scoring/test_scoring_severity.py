"""The classes at their boundaries, and the window of eligibility."""

from datetime import date, timedelta

import pytest

from reepi.core.study import Protocol
from reepi.scoring.intervals import Estimate
from reepi.scoring.severity import BoundaryRule, eligibility, severity_class

INDEX = date(2024, 2, 25)


@pytest.mark.parametrize(
    ("percent", "rule", "expected"),
    [
        (0.0, "bastuji-garin", "SJS"),
        (9.999, "bastuji-garin", "SJS"),
        (10.0, "bastuji-garin", "overlap"),
        (30.0, "bastuji-garin", "overlap"),
        (30.001, "bastuji-garin", "TEN"),
        (29.999, "pnds", "overlap"),
        (30.0, "pnds", "TEN"),
        (10.0, "pnds", "overlap"),
        (100.0, "pnds", "TEN"),
    ],
)
def test_classes_follow_the_named_rule_at_the_boundary(percent: float, rule: BoundaryRule, expected: str) -> None:
    """Exactly 30 is overlap by Bastuji-Garin and TEN by the French protocol; nothing is rounded before."""
    assert severity_class(percent, rule) == expected


@pytest.mark.parametrize("percent", [10.0, 30.0])
def test_rounding_of_a_sum_does_not_move_a_patient_over_a_boundary(percent: float) -> None:
    """Ten faces of a tenth each may add up to 9.999999999."""
    assert severity_class(percent - 1e-9) == severity_class(percent) == severity_class(percent + 1e-9)


def areas(*pairs: tuple[int, float]) -> list[tuple[date, Estimate]]:
    return [(INDEX + timedelta(day), Estimate(value, value, value)) for day, value in pairs]


@pytest.mark.parametrize(
    ("visits", "eligible"),
    [
        ([(0, 10.0)], True),
        ([(10, 10.0)], True),
        ([(11, 40.0), (2, 9.9)], False),
        ([(-1, 40.0), (2, 3.0)], False),
        ([(3, 12.0), (8, 2.0)], True),
        ([(11, 40.0)], None),
        ([], None),
    ],
)
def test_ten_percent_at_any_visit_of_the_first_ten_days_is_eligible(
    visits: list[tuple[int, float]], eligible: bool | None
) -> None:
    """Both ends of the window count; without a visit in it nothing can be told."""
    assert eligibility(INDEX, areas(*visits), Protocol()).eligible is eligible


def test_without_index_date_eligibility_cannot_be_told() -> None:
    """And the reason says so."""
    answer = eligibility(None, areas((1, 20.0)), Protocol())
    assert answer.eligible is None
    assert "index date" in answer.reason


def test_the_protocol_decides_limit_and_days() -> None:
    """A stricter protocol turns the answer."""
    strict = Protocol(eligibility_percent=15, eligibility_days=3)
    assert eligibility(INDEX, areas((2, 12.0), (5, 30.0)), strict).eligible is False


def test_the_probability_is_that_of_the_likeliest_visit() -> None:
    """8 (6 to 10) reaches 10 with 5 %."""
    answer = eligibility(INDEX, [(INDEX, Estimate(8, 6, 10)), (INDEX, Estimate(2, 1, 3))], Protocol())
    assert answer.eligible is False
    assert answer.probability == pytest.approx(0.05)
