"""The two networks by their sizes: what is known of them without building one, and so without torch."""

from dataclasses import dataclass
from typing import Final, Literal

Task = Literal["tissue", "correspondence"]

N_ANCHORS: Final = 256
"""Anchors on the body that the shipped correspondence network tells apart."""


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
    anchors : int
        Anchors on the body that the correspondence network tells apart.
    overview_channels : int
        Channels of the layers in which all parts of a photograph look at each other.
    overview_name_channels : int
        Channels of the layer that names the view from these; 0 leaves it out.
    """

    encoder: str = "tu-tf_efficientnet_lite0"
    pyramid_channels: int = 64
    head_channels: int = 32
    dropout: float = 0.2
    border_channels: int = 0
    anchors: int = 0
    overview_channels: int = 0
    overview_name_channels: int = 0


ARCHITECTURES: Final[dict[Task, Architecture]] = {
    "tissue": Architecture(border_channels=24),
    # Coordinates need more channels than seven classes, and are disturbed by dropout.
    "correspondence": Architecture(
        head_channels=64, dropout=0.0, anchors=N_ANCHORS, overview_channels=192, overview_name_channels=96
    ),
}
"""What is trained for each task."""

ENCODER_MEAN = ENCODER_STD = 0.5
"""Input scaling that the ImageNet weights of the encoder were trained with."""

STRIDE = 32
"""Input sides must be multiples of the deepest feature's stride [px]."""

GRID = 4
"""Input pixels per pixel of the pyramid, and of the correspondence network's output."""

FINE_GRID = 2
"""Input pixels per pixel of the encoder's finest feature, and of the tissue network's output."""

LOG_DISTANCE_RANGE: Final = (-6.0, 1.0)
"""Limits of the predicted log distance [log m]: 2.5 mm to 2.7 m."""
