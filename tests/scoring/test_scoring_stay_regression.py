"""The regression of stays against its matrix formulas in numpy."""

import numpy as np
import pytest
from scipy.stats import t

from reepi.scoring.stay_regression import stay_ratio


def cohorts(trial: int, historical: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    group = np.repeat([1.0, 0.0], [trial, historical])
    covariates = np.column_stack(
        [rng.uniform(10, 80, len(group)), rng.integers(0, 9, len(group)), rng.integers(0, 6, len(group))]
    )
    stays = np.exp(2.5 - 0.2 * group + 0.01 * covariates[:, 0] + rng.normal(0, 0.3, len(group)))
    return stays, group, covariates


def test_the_ratio_is_least_squares_with_hc3() -> None:
    """Equal to 1e-6 to (X'X)^-1 X'y and the sandwich of squared residuals over (1 - leverage)² (MacKinnon & White)."""
    stays, group, covariates = cohorts(13, 40)
    X, y = np.column_stack([np.ones(len(stays)), group, covariates]), np.log(stays)
    bread = np.linalg.inv(X.T @ X)
    beta = bread @ X.T @ y
    leverage = np.einsum("ij,jk,ik->i", X, bread, X)
    meat = X.T @ (((y - X @ beta) / (1 - leverage)) ** 2 * X.T).T
    half = t.ppf(0.975, len(y) - 5) * np.sqrt((bread @ meat @ bread)[1, 1])
    found = stay_ratio(stays, group, covariates)
    expected = np.exp([beta[1], beta[1] - half, beta[1] + half])
    assert (found.value, found.low, found.high) == pytest.approx(tuple(expected), abs=1e-6)


def test_stays_that_are_half_as_long_have_a_ratio_of_one_half() -> None:
    """Without noise the ratio is the factor between the cohorts, whatever the covariates do."""
    _, group, covariates = cohorts(10, 20)
    stays = 20 * 0.5**group * np.exp(0.01 * covariates[:, 0])
    assert stay_ratio(stays, group, covariates).value == pytest.approx(0.5)


@pytest.mark.parametrize(("trial", "historical"), [(4, 40), (10, 9), (0, 30), (0, 0)])
def test_too_few_patients_say_so(trial: int, historical: int) -> None:
    """Five of each cohort and twenty in all are needed."""
    found = stay_ratio(*cohorts(trial, historical))
    assert found.value is None
    assert f"{trial} and {historical} patients" in found.remark


def test_a_covariate_that_tells_the_cohorts_apart_leaves_no_ratio() -> None:
    """If all of the trial have one score and all others another, nobody can say which makes the difference."""
    stays, group, covariates = cohorts(12, 12)
    covariates[:, 2] = group
    assert "told apart" in stay_ratio(stays, group, covariates).remark
