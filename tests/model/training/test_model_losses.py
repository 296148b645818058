"""The losses, against values worked out by hand and laws that hold for any numbers."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES
from reepi.model.anchors import N_ANCHORS, N_NEAR, Anchors
from reepi.model.network import CorrespondenceNetwork, Places
from reepi.model.training.losses import (
    VIEW_WEIGHT,
    Truth,
    allowed_tissues,
    correspondence_loss,
    label_set_dice_loss,
    label_set_nll,
)

ALL = (1 << len(Tissue)) - 1


def sets_of(*values: int) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.uint8).view(1, 1, -1)


@pytest.mark.parametrize(("bits", "size"), [(0b1, 1), (0b11, 2), (0b1100110, 4), (ALL, 7)])
def test_even_network_pays_the_log_of_the_share_of_the_set(bits: int, size: int) -> None:
    """With equal logits a set of k tissues has probability k / 7."""
    loss = label_set_nll(torch.zeros(1, 7, 1, 1), sets_of(bits))
    assert loss.item() == pytest.approx(math.log(7 / size), abs=1e-6)


def test_set_of_one_is_cross_entropy() -> None:
    """A certain label costs what cross-entropy says."""
    logits = torch.randn(1, 7, 1, 4, generator=torch.Generator().manual_seed(1))
    expected = functional.cross_entropy(logits, torch.tensor([[[0, 3, 4, 6]]]))
    assert label_set_nll(logits, sets_of(1, 8, 16, 64)).item() == pytest.approx(expected.item(), abs=1e-6)


def test_unlabelled_pixels_teach_nothing() -> None:
    """Neither the loss nor its gradient sees a pixel without label."""
    logits = torch.randn(1, 7, 1, 2, requires_grad=True)
    loss = label_set_nll(logits, sets_of(16, 0)) + label_set_dice_loss(logits, sets_of(16, 0))
    loss.backward()
    assert logits.grad is not None
    assert torch.equal(logits.grad[..., 1], torch.zeros(1, 7, 1))
    assert label_set_nll(logits, sets_of(16, 0)) == label_set_nll(logits[..., :1], sets_of(16))


@settings(max_examples=40)
@given(st.integers(1, ALL), st.integers(1, ALL), st.integers(0, 10_000))
def test_larger_set_never_costs_more(first: int, second: int, seed: int) -> None:
    """What includes more possibilities is more probable."""
    logits = torch.randn(1, 7, 1, 1, generator=torch.Generator().manual_seed(seed))
    assert label_set_nll(logits, sets_of(first | second)) <= label_set_nll(logits, sets_of(first)) + 1e-6


def test_bits_name_the_tissues() -> None:
    """Bit t stands for tissue t."""
    allowed = allowed_tissues(sets_of((1 << Tissue.DETACHED) | (1 << Tissue.INTACT)))[0, :, 0, 0]
    assert [Tissue(t) for t in allowed.nonzero().ravel().tolist()] == [Tissue.INTACT, Tissue.DETACHED]


def test_dice_loss_of_a_perfect_prediction_is_nearly_zero() -> None:
    """Certain and right: overlap is whole."""
    sets = sets_of(*([1] * 50), *([16] * 50))
    logits = torch.where(allowed_tissues(sets), 30.0, -30.0)
    assert label_set_dice_loss(logits, sets).item() == pytest.approx(0, abs=1e-3)


def test_dice_loss_ignores_what_a_coarse_label_leaves_open() -> None:
    """Where the set is {background, covered}, choosing either costs nothing for those two."""
    sets = sets_of(16, (1 << Tissue.BACKGROUND) | (1 << Tissue.COVERED))
    as_background, as_covered = torch.full((1, 7, 1, 2), -30.0), torch.full((1, 7, 1, 2), -30.0)
    for logits, tissue in ((as_background, Tissue.BACKGROUND), (as_covered, Tissue.COVERED)):
        logits[0, Tissue.DETACHED, 0, 0] = logits[0, tissue, 0, 1] = 30.0
    assert label_set_dice_loss(as_background, sets) == label_set_dice_loss(as_covered, sets)


def network_of_two() -> CorrespondenceNetwork:
    """A network whose anchors are two neighbours, a tenth of a metre apart, and copies of one that is far off."""
    network = CorrespondenceNetwork()
    points = np.full((N_ANCHORS, 3), 9.0, np.float32)
    points[0], points[1] = (0, 0, 0), (0.1, 0, 0)
    near = np.tile(np.arange(N_NEAR), (N_ANCHORS, 1))
    network.place_anchors(Anchors(points, near, np.full(N_ANCHORS, 0.01, np.float32), np.zeros(1, np.int64)))
    return network


def places(x: float = 0.0, scale: float = 0.1, sure: float = 40.0) -> Places:
    """One pixel at x [m], certain of the first anchor, of being body and of the first view."""
    anchors, views = torch.full((1, N_ANCHORS, 1, 1), -sure), torch.full((1, len(VIEW_NAMES)), -sure)
    anchors[0, 0], views[0, 0] = sure, sure
    point = torch.tensor([x, 0.0, 0.0]).view(1, 3, 1, 1)
    return Places(point, torch.full((1, 1, 1), math.log(scale)), torch.full((1, 1, 1), sure), anchors, views)


def truth(x: float = 0.0, body: float = 1.0, view: int = 0) -> Truth:
    points = torch.tensor([x, 0.0, 0.0]).view(1, 3, 1, 1)
    anchor = torch.zeros(1, 1, 1, dtype=torch.long)
    return Truth(points, anchor, torch.full((1, 1, 1), body), torch.tensor([view]))


def test_correspondence_loss_by_hand() -> None:
    """Distance 0.1 m and expected distance 0.1 m: 1 + log 0.1 + 1; nothing for a certain anchor, body and view."""
    loss = correspondence_loss(network_of_two(), places(x=0.1), truth())
    assert loss.item() == pytest.approx(2 + math.log(0.1), abs=1e-3)


def test_a_wrong_view_costs_and_a_right_one_does_not() -> None:
    """The view's name is learnt beside the places."""
    network = network_of_two()
    right, wrong = (correspondence_loss(network, places(sure=3.0), truth(view=view)).item() for view in (0, 5))
    assert wrong - right == pytest.approx(VIEW_WEIGHT * 6.0, abs=1e-3)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.05, 1.0), st.floats(0.5, 0.9))
def test_honest_expected_distance_is_best(distance: float, factor: float) -> None:
    """The likelihood is largest where the expected distance is the distance, on either side."""
    network = network_of_two()

    def loss(scale: float) -> float:
        return correspondence_loss(network, places(x=distance, scale=scale), truth()).item()

    assert loss(distance) < min(loss(distance * factor), loss(distance / factor))


def test_points_off_the_body_teach_nothing() -> None:
    """Where there is no body, the point does not matter."""
    network = network_of_two()
    near, far = (correspondence_loss(network, places(), truth(x, body=0.0)).item() for x in (0.0, 5.0))
    assert near == far


def test_the_choice_of_an_anchor_is_learnt_from_what_is_near() -> None:
    """Naming the true anchor costs less than naming one on the other side of the body."""
    network, right = network_of_two(), places(sure=3.0)
    wrong = right._replace(anchors=right.anchors.roll(20, dims=1))
    assert correspondence_loss(network, right, truth()) < correspondence_loss(network, wrong, truth())
