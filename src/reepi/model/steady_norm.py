"""Group normalisation whose result does not depend on how many threads share its sums."""

from copy import deepcopy

import torch
from torch import Tensor, nn


class SteadyGroupNorm(nn.Module):
    """What `torch.nn.GroupNorm` computes, written as means over rows and columns, channel by channel.

    OpenVINO turns a GroupNorm into one operation that adds up parts of the picture, as many as there are threads, so
    that the last bits of a result would tell on how many it was computed. Each of these means is added in one order.

    Parameters
    ----------
    norm : GroupNorm
        The layer in whose place it stands.
    """

    def __init__(self, norm: nn.GroupNorm) -> None:
        super().__init__()
        self.groups, self.channels, self.eps = norm.num_groups, norm.num_channels, norm.eps
        self.gain = nn.Parameter(norm.weight.detach()[None, :, None, None])
        self.bias = nn.Parameter(norm.bias.detach()[None, :, None, None])

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps (B, C, H, W) with mean 0 and variance 1 over each group of channels, times gain plus bias."""
        apart = maps - self._mean(maps)
        return apart * (torch.rsqrt(self._mean(apart * apart) + self.eps) * self.gain) + self.bias

    def _mean(self, maps: Tensor) -> Tensor:
        """Return the mean over its group of every channel, (B, C, 1, 1)."""
        each = maps.mean((2, 3), keepdim=True)
        size = self.channels // self.groups
        if size == 1:
            return each
        group = each.reshape(-1, self.groups, size, 1).mean(2, keepdim=True)
        return group.expand(-1, -1, size, -1).reshape(-1, self.channels, 1, 1)


def steadied(network: nn.Module) -> nn.Module:
    """Return a copy of a network whose group normalisations are steady."""
    copy = deepcopy(network)
    for parent in list(copy.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.GroupNorm):
                setattr(parent, name, SteadyGroupNorm(child))
    return copy
