"""The losses, against values worked out by hand and laws that hold for any numbers."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from reepi.core.tissue import Tissue
from reepi.model.training.losses import allowed_tissues, correspondence_loss, label_set_dice_loss, label_set_nll

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


def test_correspondence_loss_by_hand() -> None:
    """Distance 0.1 m and expected distance 0.1 m: 1 + log 0.1 + 1, and nothing for a certain body."""
    output = torch.zeros(1, 5, 1, 1)
    output[0, 0], output[0, 3], output[0, 4] = 0.1, math.log(0.1), 40.0
    loss = correspondence_loss(output, torch.zeros(1, 3, 1, 1), torch.ones(1, 1, 1))
    assert loss.item() == pytest.approx(2 + math.log(0.1), abs=1e-3)


@settings(max_examples=25)
@given(st.floats(0.01, 1.0), st.floats(0.5, 0.95))
def test_honest_expected_distance_is_best(distance: float, factor: float) -> None:
    """The likelihood is largest where the expected distance is the distance, on either side."""

    def loss(scale: float) -> float:
        output = torch.tensor([distance, 0, 0, math.log(scale), 0.0]).view(1, 5, 1, 1)
        return correspondence_loss(output, torch.zeros(1, 3, 1, 1), torch.ones(1, 1, 1)).item()

    assert loss(distance) < min(loss(distance * factor), loss(distance / factor))


def test_points_off_the_body_teach_nothing() -> None:
    """Where there is no body, the point does not matter."""
    output, none = torch.zeros(1, 5, 1, 1), torch.zeros(1, 1, 1)
    far = torch.full((1, 3, 1, 1), 9.0)
    assert correspondence_loss(output, far, none) == correspondence_loss(output, torch.zeros(1, 3, 1, 1), none)
