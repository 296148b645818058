"""The two networks: shapes, what the view does, and where their first weights come from."""

from dataclasses import replace

import pytest
import segmentation_models_pytorch as smp
import torch
from torch import nn

from reepi.core.views import VIEW_NAMES
from reepi.model.architecture import ARCHITECTURES
from reepi.model.network import CorrespondenceNetwork, TissueNetwork
from reepi.model.steady_norm import SteadyGroupNorm, steadied
from reepi.model.training.learner import Learner, rate_factor
from reepi.model.training.pace import Pace
from reepi.model.training.pretrained import PretrainedWeightsError, load_imagenet_encoder


@pytest.mark.parametrize("size", [(64, 96), (32, 32)])
def test_tissue_logits_are_on_the_grid_on_which_borders_are_known(size: tuple[int, int]) -> None:
    """Seven logits for every second pixel of every second row."""
    assert TissueNetwork().eval()(torch.rand(2, 3, *size)).shape == (2, 7, size[0] // 2, size[1] // 2)


def test_layer_for_borders_starts_without_effect_and_then_draws_finer_than_the_pyramid() -> None:
    """A network that gets it later begins where it was; a touch of its weights tells neighbouring pixels apart."""
    plain, sharp = TissueNetwork(replace(ARCHITECTURES["tissue"], border_channels=0)).eval(), TissueNetwork().eval()
    sharp.load_state_dict(plain.state_dict(), strict=False)
    pixels = torch.rand(1, 3, 64, 96)
    with torch.no_grad():
        before = sharp(pixels)
        assert torch.allclose(before, plain(pixels), atol=1e-5)
        torch.nn.init.normal_(sharp.get_parameter("border.correct.weight"))
        after = sharp(pixels)
    assert after.shape == before.shape == (1, 7, 32, 48)
    assert roughness(after) > 2 * roughness(before)


def roughness(maps: torch.Tensor) -> float:
    """Mean size of second differences along rows: zero for what is drawn linearly between coarse pixels."""
    return float(maps.diff(n=2, dim=-1).abs().mean())


def test_view_changes_where_the_body_is() -> None:
    """The same pixels with another declared view give other points; the grid is four times coarser."""
    network = CorrespondenceNetwork().eval()
    pixels = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        (front, seen), (back, again) = (
            network(pixels, torch.tensor([VIEW_NAMES.index(v)])) for v in ("head_left", "head_right")
        )
    assert front.shape == (1, 5, 16, 16)
    # What the photograph looks like does not depend on what was declared.
    assert torch.equal(seen, again)
    assert not torch.allclose(front, back)


def test_naming_by_the_overview_starts_without_effect_and_then_tells_where_things_lie() -> None:
    """A network that gets it later names views as before; then the name depends on the parts together."""
    plain = CorrespondenceNetwork(replace(ARCHITECTURES["correspondence"], overview_name_channels=0)).eval()
    network = CorrespondenceNetwork().eval()
    network.load_state_dict(plain.state_dict(), strict=False)
    pixels, view = torch.rand(1, 3, 64, 96), torch.tensor([0])
    with torch.no_grad():
        before = network(pixels, view)[1]
        assert torch.allclose(before, plain(pixels, view)[1], atol=1e-5)
        torch.nn.init.normal_(network.get_parameter("overview_name.leave.weight"))
        torch.nn.init.normal_(network.get_parameter("overview.leave.weight"))
        after = network(pixels, view)[1]
        torch.nn.init.normal_(network.get_parameter("overview.leave.weight"))
        other = network(pixels, view)[1]
    assert not torch.allclose(after, before)
    assert not torch.allclose(after, other)


def test_imagenet_weights_tell_edges() -> None:
    """Loading changes the encoder, keeps its shapes, and leaves nothing at its random start."""
    encoder = TissueNetwork().encoder
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items() if name.endswith(".weight")}
    load_imagenet_encoder(encoder)
    assert all(not torch.equal(encoder.state_dict()[name], tensor) for name, tensor in before.items())


def test_weights_of_another_encoder_are_refused() -> None:
    """Shapes are checked, not hoped for."""
    encoder = smp.FPN("resnet18", encoder_weights=None).encoder
    with pytest.raises(PretrainedWeightsError, match="do not fit"):
        load_imagenet_encoder(encoder)


def test_early_layers_and_batch_statistics_stay() -> None:
    """Training leaves the first stages and all stored statistics as they were."""
    learner = Learner(TissueNetwork(), Pace(60), lambda *_: iter(()))
    stem = learner.network.encoder.get_submodule("model.conv_stem")
    assert not any(parameter.requires_grad for parameter in stem.parameters())
    norms = [m for m in learner.network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert norms
    assert not any(norm.training for norm in norms)


def test_step_size_rises_then_falls() -> None:
    """A short rise by steps, then a fall by time to a hundredth."""
    assert rate_factor(0.0, 0) < rate_factor(0.0, 30) < rate_factor(0.0, 100) == pytest.approx(1)
    assert rate_factor(0.5, 100) == pytest.approx(0.505)
    assert rate_factor(1.0, 100) == pytest.approx(0.01)


def test_steady_normalisation_is_group_normalisation() -> None:
    """It gives what torch's own gives, for groups of one channel and of several, and leaves the network as it was."""
    torch.manual_seed(0)
    for groups in (8, 2):
        norm = nn.GroupNorm(groups, 8)
        nn.init.normal_(norm.weight)
        nn.init.normal_(norm.bias)
        network = nn.Sequential(norm)
        steady = steadied(network)
        maps = 5 + 3 * torch.randn(2, 8, 12, 7)
        assert isinstance(steady[0], SteadyGroupNorm)
        assert network[0] is norm
        assert torch.allclose(steady(maps), network(maps), atol=1e-5)
