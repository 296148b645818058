"""What training runs on, and the number formats there."""

import copy

import torch
from torch import nn

from reepi.model.training.hardware import depthwise_in_single


def test_depthwise_sums_keep_single_precision() -> None:
    """A depthwise convolution rounds its result alone; all others, and copies of the network, go on as they were."""
    torch.manual_seed(0)
    wide, deep = nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 3, groups=8)
    network = nn.Sequential(wide, deep)
    maps = torch.randn(2, 8, 9, 7).to(torch.bfloat16)
    exact = deep(maps.float()).to(torch.bfloat16)
    with torch.autocast("cpu", torch.bfloat16):
        rounded, untouched = deep(maps), wide(maps)
        depthwise_in_single(network)
        assert not torch.equal(rounded, exact)
        assert torch.equal(deep(maps), exact)
        assert torch.equal(wide(maps), untouched)
        other = copy.deepcopy(network)
        nn.init.zeros_(other[1].weight)
        assert torch.equal(deep(maps), exact)
        assert not torch.equal(other[1](maps), exact)
