"""The two networks: tissue of every pixel, and the point of the reference body that every pixel shows."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import segmentation_models_pytorch as smp
import torch
from torch import Tensor, nn
from torch.nn import functional

from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES
from reepi.model.anchors import N_NEAR, Anchors
from reepi.model.architecture import ARCHITECTURES, ENCODER_MEAN, ENCODER_STD, FINE_GRID, GRID, Architecture, Task

OVERVIEW_GRID: Final = (7, 7)
"""Rows and columns of the places of tokens; stretched to the photograph's own."""

OVERVIEW_LAYERS: Final = 3

NAME_CHANNELS: Final = 96
"""Channels between the encoder's features and the view's name."""

NORM_GROUP = 8
"""Channels that are normalised together in the layer that sharpens borders."""


def _pyramid(architecture: Architecture, classes: int) -> nn.Module:
    model: nn.Module = smp.FPN(
        architecture.encoder,
        encoder_weights=None,
        decoder_pyramid_channels=architecture.pyramid_channels,
        decoder_segmentation_channels=architecture.head_channels,
        decoder_dropout=architecture.dropout,
        classes=classes,
        upsampling=1,
    )
    model.get_submodule("decoder").merge = Added()
    # Small first outputs: the merged maps of a new pyramid are large, and so would be the first errors.
    nn.init.normal_(_child(model, "segmentation_head.0").get_parameter("weight"), std=0.01)
    return model


class Added(nn.Module):
    """Adds the maps of all levels of a pyramid up, one to the other: stacked first, they are copied several times."""

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Return the sum of maps (B, C, H, W)."""
        total, *others = maps
        for each in others:
            total = total + each
        return total


class BorderLayer(nn.Module):
    """Corrects the pyramid's logits on a grid twice as fine as its own, from the encoder's finest feature.

    Rims of erythema and healing edges are a few pixels wide, thinner than the pyramid's grid can draw them. The
    correction starts at zero, so a network that gets this layer later begins where it was.

    Parameters
    ----------
    merged, finest, channels : int
        Channels of the pyramid's merged map, of the encoder's finest feature, and in between.
    """

    def __init__(self, merged: int, finest: int, channels: int) -> None:
        super().__init__()
        self.mix = nn.Conv2d(merged + finest, channels, 3, padding=1)
        self.norm = nn.GroupNorm(channels // NORM_GROUP, channels)
        self.correct = nn.Conv2d(channels, len(Tissue), 3, padding=1)
        nn.init.zeros_(self.correct.weight)
        nn.init.zeros_(self.correct.get_parameter("bias"))

    def forward(self, merged: Tensor, finest: Tensor) -> Tensor:
        """Return what to add to the logits (B, 7, H/2, W/2), of maps at H/4 and H/2."""
        # One convolution of both side by side, without the copy that lays them there.
        of_merged, of_finest = self.mix.weight[:, : merged.shape[1]], self.mix.weight[:, merged.shape[1] :]
        mixed = functional.conv2d(_finer(merged, GRID // FINE_GRID), of_merged, self.mix.bias, padding=1)
        mixed = mixed + functional.conv2d(finest, of_finest, padding=1)
        correction: Tensor = self.correct(torch.relu(self.norm(mixed)))
        return correction


class TissueNetwork(nn.Module):
    """Feature pyramid network: photograph (B, 3, H, W) in 0..1 to tissue logits (B, 7, H/2, W/2)."""

    task: Task = "tissue"

    def __init__(self, architecture: Architecture | None = None) -> None:
        super().__init__()
        architecture = architecture or ARCHITECTURES[self.task]
        self.pyramid = _pyramid(architecture, len(Tissue))
        finest, channels = int(self.encoder.out_channels[1]), architecture.border_channels  # type: ignore[index]
        self.border = BorderLayer(architecture.head_channels, finest, channels) if channels else None

    @property
    def encoder(self) -> nn.Module:
        """The part that ImageNet weights fit."""
        return _child(self.pyramid, "encoder")

    def forward(self, pixels: Tensor) -> Tensor:
        """Return logits (B, 7, H/2, W/2) of pixels (B, 3, H, W) in 0..1; H and W are multiples of `STRIDE`.

        That grid is as fine as borders are known. Who wants another enlarges from it, once.
        """
        features = list(self.encoder((pixels - ENCODER_MEAN) / ENCODER_STD))
        merged = _child(self.pyramid, "decoder")(features)
        logits = _finer(_child(self.pyramid, "segmentation_head")(merged), GRID // FINE_GRID)
        return logits if self.border is None else logits + self.border(merged, features[1])


class Places(NamedTuple):
    """All that the correspondence network says of photographs.

    Parameters
    ----------
    points : (B, 3, H/4, W/4)
        Canonical point that a pixel shows [m].
    log_distance : (B, H/4, W/4)
        Logarithm of the expected distance to the true point [log m].
    body : (B, H/4, W/4)
        Logit that the pixel shows skin of the body.
    anchors : (B, K, H/4, W/4)
        Logit of each anchor of being the one nearest to what a pixel shows.
    views : (B, V)
        Logit of each view of being the one that the photograph shows, whatever was declared.
    """

    points: Tensor
    log_distance: Tensor
    body: Tensor
    anchors: Tensor
    views: Tensor


class Attention(nn.Module):
    """One layer in which all parts of a photograph look at each other (Vaswani et al., NeurIPS 2017; norms first)."""

    def __init__(self, channels: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm_all, self.norm_each = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.project, self.join = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        self.each = nn.Sequential(nn.Linear(channels, 2 * channels), nn.GELU(), nn.Linear(2 * channels, channels))

    def forward(self, tokens: Tensor) -> Tensor:
        """Return tokens (B, N, C) changed by what they learn of each other."""
        split = (*tokens.shape[:2], self.heads, -1)
        query, key, value = (
            part.reshape(split).transpose(1, 2) for part in self.project(self.norm_all(tokens)).chunk(3, dim=-1)
        )
        heard = functional.scaled_dot_product_attention(query, key, value)
        tokens = tokens + self.join(heard.transpose(1, 2).reshape(tokens.shape))
        changed: Tensor = tokens + self.each(self.norm_each(tokens))
        return changed


class Overview(nn.Module):
    """Lets the parts of a photograph know of each other.

    Whether a hand is seen from its back, or an arm is the left one, is told by the rest of the picture. What is added
    to the feature starts at zero.

    Parameters
    ----------
    features, channels : int
        Channels of the encoder's deepest feature, and of the tokens made from it.
    """

    def __init__(self, features: int, channels: int) -> None:
        super().__init__()
        self.enter, self.leave = nn.Linear(features, channels), nn.Linear(channels, features)
        self.places = nn.Parameter(torch.zeros(1, channels, *OVERVIEW_GRID))
        self.layers = nn.ModuleList(Attention(channels) for _ in range(OVERVIEW_LAYERS))
        nn.init.normal_(self.places, std=0.1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, feature: Tensor) -> Tensor:
        """Return the feature (B, C, h, w) with the overview added."""
        rows, columns = feature.shape[2:]
        places = functional.interpolate(self.places, (rows, columns), mode="bilinear", align_corners=False)
        tokens = self.enter(feature.flatten(2).transpose(1, 2)) + places.flatten(2).transpose(1, 2)
        for layer in self.layers:
            tokens = layer(tokens)
        return feature + torch.as_tensor(self.leave(tokens)).transpose(1, 2).reshape(feature.shape)


class ViewName(nn.Module):
    """Names the view that a photograph shows, from what features say of its nine parts.

    Parameters
    ----------
    features, channels : int
        Channels of all features together, and between them and the view's name.
    """

    def __init__(self, features: int, channels: int = NAME_CHANNELS) -> None:
        super().__init__()
        # Norms first: without them a few large features would silence the others within some steps.
        self.norm, self.enter = nn.LayerNorm(9 * features), nn.Linear(9 * features, channels)
        self.leave = nn.Linear(channels, len(VIEW_NAMES))

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        """Return the logits of the views (B, V)."""
        parts = [functional.adaptive_avg_pool2d(feature, (3, 3)).flatten(1) for feature in features]
        logits: Tensor = self.leave(functional.gelu(self.enter(self.norm(torch.cat(parts, dim=1)))))
        return logits


class CorrespondenceNetwork(nn.Module):
    """Feature pyramid network that tells for each pixel its point on the body, and the nearest of K anchors there.

    An `Overview` joins the encoder's deepest feature to a whole. The declared view comes in as gain and bias on that
    feature and as what it expects of the anchors; the view is named without it, so that it cannot be copied: from the
    encoder's two deepest features, and, where the architecture says so, from the overview besides.
    """

    task: Task = "correspondence"
    centres: Tensor
    anchors: Tensor
    near: Tensor
    reach: Tensor

    def __init__(self, architecture: Architecture | None = None) -> None:
        super().__init__()
        architecture = architecture or ARCHITECTURES[self.task]
        self.pyramid = _pyramid(architecture, classes=5)
        deep, deepest = (int(channels) for channels in self.encoder.out_channels[-2:])  # type: ignore[index]
        self.overview = Overview(deepest, architecture.overview_channels)
        self.view_name = ViewName(deep + deepest)
        named = architecture.overview_name_channels
        self.overview_name = ViewName(deepest, named) if named else None
        self.views = nn.Embedding(len(VIEW_NAMES), 2 * deepest)
        self.name = nn.Conv2d(architecture.head_channels, architecture.anchors, 1)
        self.expected = nn.Embedding(len(VIEW_NAMES), architecture.anchors)
        nn.init.normal_(self.views.weight, std=0.3)
        nn.init.zeros_(self.expected.weight)
        if self.overview_name is not None:
            # A network that gets this layer later names views as before.
            nn.init.zeros_(self.overview_name.leave.weight)
            nn.init.zeros_(self.overview_name.leave.get_parameter("bias"))
        # The middle of the reference adult [m] until training data tell what each view shows.
        self.register_buffer("centres", torch.tensor([[0.0, 0.0, 0.95]]).repeat(len(VIEW_NAMES), 1))
        # Where the anchors lie is known before training, and travels with the weights.
        self.register_buffer("anchors", torch.zeros(architecture.anchors, 3))
        self.register_buffer("near", torch.zeros(architecture.anchors, N_NEAR, dtype=torch.long))
        self.register_buffer("reach", torch.ones(architecture.anchors))

    @property
    def encoder(self) -> nn.Module:
        """The part that ImageNet weights fit."""
        return _child(self.pyramid, "encoder")

    def place_anchors(self, anchors: Anchors) -> None:
        """Take over where the anchors lie."""
        self.anchors.copy_(torch.from_numpy(anchors.points))
        self.near.copy_(torch.from_numpy(anchors.near))
        self.reach.copy_(torch.from_numpy(anchors.reach_m))

    def places(self, pixels: Tensor, view: Tensor) -> Places:
        """Return all that the network says of pixels (B, 3, H, W) in 0..1 of declared views (B,)."""
        features = list(self.encoder((pixels - ENCODER_MEAN) / ENCODER_STD))
        views = self.view_name(features[-2:])
        seen = self.overview(features[-1])
        if self.overview_name is not None:
            views = views + self.overview_name([seen])
        gain, bias = self.views(view)[:, :, None, None].chunk(2, dim=1)
        features[-1] = seen * (1 + gain) + bias
        merged = _child(self.pyramid, "decoder")(features)
        output = _child(self.pyramid, "segmentation_head")(merged)
        points = output[:, :3] + self.centres[view][:, :, None, None]
        anchors = self.name(merged) + self.expected(view)[:, :, None, None]
        return Places(points, output[:, 3], output[:, 4], anchors, views)

    def forward(self, pixels: Tensor, view: Tensor) -> tuple[Tensor, Tensor]:
        """Return where each pixel lies on the body, and what view the photograph shows.

        Parameters
        ----------
        pixels : (B, 3, H, W)
            Photographs in 0..1; H and W are multiples of `STRIDE`.
        view : (B,) int
            Index of the declared view in `reepi.core.views.VIEW_NAMES`.

        Returns
        -------
        dense : (B, 5, H/4, W/4)
            Canonical x, y, z [m], the log of the expected distance to the true point [log m], and the logit that the
            pixel shows skin of the body.
        views : (B, V)
            Logit of each view.
        """
        places = self.places(pixels, view)
        return torch.cat([places.points, places.log_distance[:, None], places.body[:, None]], dim=1), places.views


Network = TissueNetwork | CorrespondenceNetwork


def build_network(task: Task, architecture: Architecture | None = None) -> Network:
    """Return an untrained network of a task."""
    return TissueNetwork(architecture) if task == "tissue" else CorrespondenceNetwork(architecture)


def _finer(maps: Tensor, factor: int) -> Tensor:
    if factor == 1:
        return maps
    return functional.interpolate(maps, scale_factor=factor, mode="bilinear", align_corners=False)


def _child(module: nn.Module, name: str) -> nn.Module:
    return module.get_submodule(name)
