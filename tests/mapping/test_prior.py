"""What is known of joints must pull them the way back into their ranges."""

import numpy as np
import pytest

from reepi.body.ranges import hinge
from reepi.mapping.prior import Prior, body_prior

NAMES = ("spine", "elbow_left", "knee_right")
HINGES = {"elbow_left": hinge(np.array([1.0, 2.0, 2.0]), (-0.4, 2.4)), "knee_right": hinge(np.eye(3)[0], (-0.15, 2.3))}


@pytest.fixture
def prior() -> Prior:
    return body_prior(NAMES, HINGES, (100, 80), None)


@pytest.mark.parametrize("spread", [0.1, 1.5])
def test_pull_and_information_are_the_slopes_of_the_cost(prior: Prior, spread: float) -> None:
    """Within the ranges and beyond: half the gradient, reversed, and half the curvature."""
    pose = np.random.default_rng(1).normal(0, spread, (3, 3))
    measures = np.array([0.7, -1.5])
    information, pull = prior.normal_equations(4.0, pose, measures)
    for i in range(12):
        step = np.eye(12)[i] * 1e-4
        ahead, here, behind = (
            prior.cost(4.0 + s * step[0], pose + s * step[1:10].reshape(3, 3), measures + s * step[10:])
            for s in (1, 0, -1)
        )
        assert pull[i] == pytest.approx(-(ahead - behind) / 4e-4, rel=1e-4, abs=1e-5)
        assert information[i, i] == pytest.approx((ahead - 2 * here + behind) / 2e-8, rel=1e-3)
    np.testing.assert_allclose(information, information.T, atol=1e-9)


def test_a_knee_costs_more_forwards_than_backwards(prior: Prior) -> None:
    """And a hinge turned aside costs more than the same turn about its own axis."""
    back, front, aside = (
        np.array([np.zeros(3), np.zeros(3), turn]) for turn in np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0]]) * 0.8
    )
    costs = [prior.cost(prior.log_focal, pose, np.zeros(0)) for pose in (back, front, aside)]
    assert costs[0] < 1
    assert min(costs[1:]) > 50
