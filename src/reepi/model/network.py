"""The two networks: tissue of every pixel, and the point of the reference body that every pixel shows."""

from dataclasses import dataclass
from typing import Final, Literal

import segmentation_models_pytorch as smp
import torch
from torch import Tensor, nn
from torch.nn import functional

from reepi.core.tissue import Tissue
from reepi.core.views import VIEW_NAMES

Task = Literal["tissue", "correspondence"]


@dataclass(frozen=True)
class Architecture:
    """Size of a network; the same for training and inference.

    Parameters
    ----------
    encoder : str
        Name of the encoder in segmentation-models-pytorch.
    pyramid_channels, head_channels : int
        Channels of the feature pyramid and of its merged map.
    dropout : float
        Share of the merged map's channels that training leaves out.
    border_channels : int
        Channels of the layer that sharpens borders; 0 leaves it out.
    """

    encoder: str = "tu-tf_efficientnet_lite0"
    pyramid_channels: int = 64
    head_channels: int = 32
    dropout: float = 0.2
    border_channels: int = 0


ARCHITECTURES: Final[dict[Task, Architecture]] = {
    "tissue": Architecture(border_channels=24),
    # Coordinates need more channels than seven classes, and are disturbed by dropout.
    "correspondence": Architecture(head_channels=64, dropout=0.0),
}
"""What is trained for each task."""


ENCODER_MEAN = ENCODER_STD = 0.5
"""Input scaling that the ImageNet weights of the encoder were trained with."""

STRIDE = 32
"""Input sides must be multiples of the deepest feature's stride [px]."""

GRID = 4
"""Input pixels per pixel of the pyramid, and of the correspondence network's output."""

LOG_DISTANCE_RANGE: Final = (-6.0, 1.0)
"""Limits of the predicted log distance [log m]: 2.5 mm to 2.7 m."""

FINE_GRID = 2
"""Input pixels per pixel of the encoder's finest feature."""

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
    # Small first outputs: the merged maps of a new pyramid are large, and so would be the first errors.
    nn.init.normal_(_child(model, "segmentation_head.0").get_parameter("weight"), std=0.01)
    return model


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
        both = torch.cat([_finer(merged, GRID // FINE_GRID), finest], dim=1)
        correction: Tensor = self.correct(torch.relu(self.norm(self.mix(both))))
        return correction


class TissueNetwork(nn.Module):
    """Feature pyramid network: photograph (B, 3, H, W) in 0..1 to tissue logits (B, 7, H, W)."""

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
        """Return logits (B, 7, H, W) of pixels (B, 3, H, W) in 0..1; H and W are multiples of `STRIDE`."""
        return self.logits(pixels, coarser=1)

    def logits(self, pixels: Tensor, coarser: int) -> Tensor:
        """Return logits on a grid that is ``coarser`` (1 or 2) times coarser than the pixels.

        Training uses 2: a quarter of the work in the loss, and borders stay as sharp as the pyramid knows them.
        """
        if coarser > FINE_GRID:
            raise ValueError(f"logits are known on a grid {FINE_GRID} times coarser than the pixels, not {coarser}")
        features = list(self.encoder((pixels - ENCODER_MEAN) / ENCODER_STD))
        merged = _child(self.pyramid, "decoder")(features)
        logits: Tensor = _child(self.pyramid, "segmentation_head")(merged)
        if self.border is None:
            return _finer(logits, GRID // coarser)
        logits = _finer(logits, GRID // FINE_GRID) + self.border(merged, features[1])
        return _finer(logits, FINE_GRID // coarser)


class CorrespondenceNetwork(nn.Module):
    """Feature pyramid network with the declared view as gain and bias on its deepest feature.

    The output (B, 5, H/4, W/4) holds canonical x, y, z [m], found relative to what the view shows, the log of the
    expected distance to the true point [log m], and the logit that the pixel shows skin of the body.
    """

    task: Task = "correspondence"
    centres: Tensor

    def __init__(self, architecture: Architecture | None = None) -> None:
        super().__init__()
        self.pyramid = _pyramid(architecture or ARCHITECTURES[self.task], classes=5)
        channels = self.encoder.get_submodule("model.blocks.6.0.bn3").get_parameter("weight").numel()
        self.views = nn.Embedding(len(VIEW_NAMES), 2 * channels)
        nn.init.normal_(self.views.weight, std=0.3)
        # The middle of the reference adult [m] until training data tell what each view shows.
        self.register_buffer("centres", torch.tensor([[0.0, 0.0, 0.95]]).repeat(len(VIEW_NAMES), 1))

    @property
    def encoder(self) -> nn.Module:
        """The part that ImageNet weights fit."""
        return _child(self.pyramid, "encoder")

    def forward(self, pixels: Tensor, view: Tensor) -> Tensor:
        """Return points, log distance and body logit (B, 5, H/4, W/4).

        Parameters
        ----------
        pixels : (B, 3, H, W)
            Photographs in 0..1; H and W are multiples of `STRIDE`.
        view : (B,) int
            Index of the declared view in `reepi.core.views.VIEW_NAMES`.
        """
        features = list(self.encoder((pixels - ENCODER_MEAN) / ENCODER_STD))
        gain, bias = self.views(view)[:, :, None, None].chunk(2, dim=1)
        features[-1] = features[-1] * (1 + gain) + bias
        output = _child(self.pyramid, "segmentation_head")(_child(self.pyramid, "decoder")(features))
        points = output[:, :3] + self.centres[view][:, :, None, None]
        return torch.cat([points, output[:, 3:]], dim=1)


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
