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
    """

    encoder: str = "tu-tf_efficientnet_lite0"
    pyramid_channels: int = 64
    head_channels: int = 32
    dropout: float = 0.2


ARCHITECTURES: Final[dict[Task, Architecture]] = {
    "tissue": Architecture(),
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


class TissueNetwork(nn.Module):
    """Feature pyramid network: photograph (B, 3, H, W) in 0..1 to tissue logits (B, 7, H, W)."""

    task: Task = "tissue"

    def __init__(self, architecture: Architecture | None = None) -> None:
        super().__init__()
        self.pyramid = _pyramid(architecture or ARCHITECTURES[self.task], len(Tissue))

    @property
    def encoder(self) -> nn.Module:
        """The part that ImageNet weights fit."""
        return _child(self.pyramid, "encoder")

    def forward(self, pixels: Tensor) -> Tensor:
        """Return logits (B, 7, H, W) of pixels (B, 3, H, W) in 0..1; H and W are multiples of `STRIDE`."""
        return self.logits(pixels, coarser=1)

    def logits(self, pixels: Tensor, coarser: int) -> Tensor:
        """Return logits on a grid that is ``coarser`` (1, 2 or 4) times coarser than the pixels.

        Training uses 2: a quarter of the work in the loss, and borders stay as sharp as the pyramid knows them.
        """
        logits: Tensor = self.pyramid((pixels - ENCODER_MEAN) / ENCODER_STD)
        factor = GRID // coarser
        if factor == 1:
            return logits
        return functional.interpolate(logits, scale_factor=factor, mode="bilinear", align_corners=False)


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


def _child(module: nn.Module, name: str) -> nn.Module:
    return module.get_submodule(name)
