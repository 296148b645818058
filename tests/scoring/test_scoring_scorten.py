"""SCORTEN and ABCD-10: every boundary, unknown items, and mortality against the published table and formula."""

from dataclasses import replace
from itertools import pairwise
from math import isclose
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import binomtest

from reepi.scoring.abcd10 import WORTH, abcd10_mortality, abcd10_points
from reepi.scoring.scorten import (
    SCORTEN_ITEMS,
    Boundaries,
    Score,
    ScortenValues,
    logistic_mortality,
    points,
    table_mortality,
)

HEALTHY = ScortenValues(age=30, malignancy=False, heart_rate=80, initial_open_bsa=5, urea=5, glucose=5, bicarbonate=25)


class TestItems:
    @pytest.mark.parametrize(
        ("item", "value", "above", "reached"),
        [
            ("age", 39.9, 0, 0),
            ("age", 40, 0, 1),
            ("age", 40.1, 1, 1),
            ("heart_rate", 119, 0, 0),
            ("heart_rate", 120, 0, 1),
            ("heart_rate", 121, 1, 1),
            ("initial_open_bsa", 9.99, 0, 0),
            ("initial_open_bsa", 10, 0, 1),
            # Ten shares of a tenth are no more than one whole, though their sum in floating point is not exactly that.
            ("initial_open_bsa", 100 * sum([0.01] * 10), 0, 1),
            ("initial_open_bsa", 10.01, 1, 1),
            ("urea", 9.99, 0, 0),
            ("urea", 10, 0, 1),
            ("urea", 10.01, 1, 1),
            ("glucose", 13.99, 0, 0),
            ("glucose", 14, 0, 1),
            ("glucose", 14.01, 1, 1),
            ("bicarbonate", 20.01, 0, 0),
            ("bicarbonate", 20, 0, 0),
            ("bicarbonate", 19.99, 1, 1),
            ("malignancy", False, 0, 0),
            ("malignancy", True, 1, 1),
        ],
    )
    def test_boundary(self, item: str, value: Any, above: int, reached: int) -> None:
        """Above: a value at the limit gives none. Reached: it gives one, but of bicarbonate, which is always below."""
        values = replace(HEALTHY, **{item: value})
        for rule, expected in (("above", above), ("reached", reached)):
            boundaries: Boundaries = "above" if rule == "above" else "reached"
            given = points(values, boundaries)
            assert given == {**dict.fromkeys(SCORTEN_ITEMS, 0), item: expected}

    def test_seven_items(self) -> None:
        """There are seven; all met give seven points, none known give none."""
        worst = ScortenValues(80, True, 160, 60, 25, 20, 12)
        assert Score.of(points(worst)) == Score(7, 7, 7)
        assert set(points(ScortenValues()).values()) == {None}
        assert len(SCORTEN_ITEMS) == 7


class TestScore:
    @pytest.mark.parametrize("item", SCORTEN_ITEMS)
    def test_an_unknown_item_makes_a_range(self, item: str) -> None:
        """Unknown is neither no point nor one: the score lies between both and has no value."""
        values = replace(HEALTHY, age=60, **{item: None}) if item != "age" else replace(HEALTHY, urea=20, age=None)
        assert Score.of(points(values)) == Score(1, 2, None)

    def test_a_doubtful_item_widens_a_known_score(self) -> None:
        """A measurement whose interval holds its limit gives its point or not; the value stays."""
        given = points(replace(HEALTHY, initial_open_bsa=11))
        assert Score.of(given, doubtful=["initial_open_bsa"]) == Score(0, 1, 1)

    @given(st.lists(st.sampled_from([0, 1, None]), min_size=7, max_size=7))
    def test_the_value_lies_in_its_range(self, numbers: list[int | None]) -> None:
        """Whatever the unknown items are, the sum lies between low and high, and both are reached."""
        score = Score.of(dict(zip(SCORTEN_ITEMS, numbers, strict=True)))
        sums = {sum(number if number is not None else end for number in numbers) for end in (0, 1)}
        assert {score.low, score.high} == sums
        assert (score.value is None) == (None in numbers)


class TestMortality:
    @pytest.mark.parametrize(
        ("scores", "percent", "low", "high", "died", "patients"),
        [
            ((0, 1), 3.2, 0.1, 16.7, 1, 31),
            ((2,), 12.1, 5.4, 22.5, 8, 66),
            ((3,), 35.3, 19.8, 53.5, 12, 34),
            ((4,), 58.3, 36.6, 77.9, 14, 24),
            ((5, 6, 7), 90.0, 55.5, 99.8, 9, 10),
        ],
    )
    def test_table(
        self, scores: tuple[int, ...], percent: float, low: float, high: float, died: int, patients: int
    ) -> None:
        """To the published digit; and the published interval is the exact one of the paper's counts.

        The paper prints 19.8 where 12 of 34 give 19.75.
        """
        exact = binomtest(died, patients).proportion_ci(0.95, "exact")
        for score in scores:
            found = table_mortality(score)
            assert (found.percent, found.low, found.high) == (percent, low, high)
            assert isclose(found.percent, 100 * died / patients, abs_tol=0.05)
            assert isclose(found.low, 100 * exact.low, abs_tol=0.06)
            assert isclose(found.high, 100 * exact.high, abs_tol=0.06)

    @pytest.mark.parametrize(
        ("score", "printed"), [(0, 1.2), (1, 3.9), (2, 12.2), (3, 32.4), (4, 62.2), (5, 85.0), (6, 95.1), (7, 98.5)]
    )
    def test_logistic(self, score: int, printed: float) -> None:
        """The logit is -4.448 + 1.237 x points, as scipy computes it and as published tables print it."""
        found = logistic_mortality(score)
        assert found.percent == pytest.approx(100 * expit(-4.448 + 1.237 * score), abs=1e-9)
        assert round(found.percent, 1) == printed
        assert found.low == found.percent == found.high

    def test_an_odds_ratio_a_point(self) -> None:
        """The slope is the paper's odds ratio of 3.45 a point."""
        odds = [p / (100 - p) for p in (logistic_mortality(score).percent for score in range(8))]
        assert all(isclose(after / before, 3.45, abs_tol=0.01) for before, after in pairwise(odds))


class TestAbcd10:
    @pytest.mark.parametrize(
        ("changed", "dialysis", "expected"),
        [
            ({}, False, 0),
            ({"age": 49.9}, False, 0),
            ({"age": 50}, False, 1),
            ({"bicarbonate": 20}, False, 0),
            ({"bicarbonate": 19.9}, False, 1),
            ({"malignancy": True}, False, 2),
            ({}, True, 3),
            ({"initial_open_bsa": 10}, False, 0),
            ({"initial_open_bsa": 10.1}, False, 1),
            ({"age": 70, "bicarbonate": 10, "malignancy": True, "initial_open_bsa": 50}, True, 8),
        ],
    )
    def test_points(self, changed: dict[str, Any], dialysis: bool, expected: int) -> None:
        """Age from 50 (1), bicarbonate below 20 (1), cancer (2), dialysis (3), more than 10 % BSA (1)."""
        given = abcd10_points(replace(HEALTHY, **changed), dialysis)
        assert Score.of(given, WORTH) == Score(expected, expected, expected)

    def test_unknown_dialysis_is_worth_three(self) -> None:
        """The range of a score covers what an unknown item may be worth."""
        assert Score.of(abcd10_points(HEALTHY, None), WORTH) == Score(0, 3, None)
        assert set(abcd10_points(ScortenValues(), None).values()) == {None}

    @pytest.mark.parametrize(
        ("score", "percent"), [(0, 2.3), (1, 5.4), (2, 12.3), (3, 25.5), (4, 45.7), (5, 67.4), (6, 83.6), (8, 83.6)]
    )
    def test_mortality(self, score: int, percent: float) -> None:
        """As published; six points and more are one class."""
        assert abcd10_mortality(score) == percent
