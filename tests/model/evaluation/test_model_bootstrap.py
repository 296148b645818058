"""Intervals over patients: what has no spread has no width, and patients stay whole."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.model.evaluation.bootstrap import RESAMPLES, Bootstrap, summary


def test_patients_that_are_alike_give_no_width() -> None:
    """Whoever is drawn, the figure is the same."""
    drawn = Bootstrap(list("abcdef"))
    assert summary(drawn.ratios(np.full(6, 8), np.full(6, 10))) == pytest.approx((0.8, 0.8, 0.8))
    assert summary(drawn.means(np.full(6, 0.3))) == pytest.approx((0.3, 0.3, 0.3))


def test_photographs_of_one_patient_are_drawn_together() -> None:
    """However different they are, their patients are alike, and so is every sample of these."""
    drawn = Bootstrap([*"abcde", *"abcde"])
    assert summary(drawn.means(np.repeat([0.2, 0.8], 5))) == pytest.approx((0.5, 0.5, 0.5))


def test_few_patients_have_no_interval_though_there_are_many_without_the_tissue() -> None:
    """Of twenty patients four show it, and samples of four are too much alike; with a fifth there is one."""
    drawn, values = Bootstrap([str(n) for n in range(20)]), np.linspace(0, 1, 20)
    shown = np.arange(20) < 4
    assert summary(drawn.ratios(values * shown, shown.astype(float))) == (pytest.approx(values[:4].mean()), None, None)
    assert summary(drawn.means(np.where(shown, values, np.nan)))[1:] == (None, None)
    shown[4] = True
    _, low, high = summary(drawn.ratios(values * shown, shown.astype(float)))
    assert low is not None
    assert high is not None
    assert low < values[:5].mean() < high


def test_interval_of_a_mean_has_the_width_of_theory() -> None:
    """Of 400 draws of standard deviation 1: the mean's 90 % interval is 2 x 1.645 / 20 wide."""
    values = np.random.default_rng(1).normal(0, 1, 400)
    value, low, high = summary(Bootstrap([str(n) for n in range(400)]).means(values))
    assert low is not None
    assert high is not None
    assert low < value < high
    assert high - low == pytest.approx(2 * 1.645 * values.std() / 20, rel=0.12)


def test_ratios_of_sums_are_not_means_of_ratios() -> None:
    """A large photograph counts for more: (1 + 90) / (10 + 100); and so in each sample of five such patients."""
    replicates = Bootstrap(list("abcde")).ratios(np.array([1, 1, 1, 1, 90]), np.array([10, 10, 10, 10, 100]))
    assert replicates.shape == (1 + RESAMPLES,)
    assert replicates[0] == pytest.approx(94 / 140)
    possible = [(5 - n + 90 * n) / (50 - 10 * n + 100 * n) for n in range(6)]
    assert set(np.round(replicates[1:], 6)) <= set(np.round(possible, 6))


def test_nan_is_left_out_and_nothing_gives_nan() -> None:
    """A photograph without the tissue counts neither way."""
    drawn = Bootstrap(list("abc"))
    assert drawn.means(np.array([0.2, np.nan, 0.4]))[0] == pytest.approx(0.3)
    assert np.isnan(drawn.means(np.full(3, np.nan))[0])
    assert drawn.patient_means(np.array([0.2, np.nan, 0.4]))[0] == pytest.approx(0.3)


def test_the_same_seed_draws_the_same_patients() -> None:
    """And another one others."""
    values = np.arange(10.0)
    names = [str(n) for n in range(10)]
    assert (Bootstrap(names, 3).means(values) == Bootstrap(names, 3).means(values)).all()
    assert (Bootstrap(names, 3).means(values) != Bootstrap(names, 4).means(values)).any()


@given(st.lists(st.floats(0, 10), min_size=5, max_size=8), st.floats(-3, 3))
def test_two_models_that_differ_by_a_constant_differ_by_it_in_every_sample(errors: list[float], shift: float) -> None:
    """Side by side they are drawn alike, so what makes a photograph hard for both leaves their difference."""
    both = np.column_stack([errors, np.add(errors, shift)])
    drawn = Bootstrap([str(n) for n in range(len(errors))]).ratios(both, np.ones_like(both))
    assert summary(drawn[:, 1] - drawn[:, 0]) == pytest.approx((shift, shift, shift))
