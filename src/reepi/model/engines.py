"""What runs a network: OpenVINO on a processor, plain torch where OpenVINO is missing and on a graphics card."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch

from reepi.core.errors import ReepiError
from reepi.model.network import CorrespondenceNetwork, Network

EngineName = Literal["auto", "openvino", "torch"]

Floats = npt.NDArray[np.float32]

Forward = Callable[[Floats, int], tuple[Floats, ...]]
"""Runs a network on one photograph: pixels (1, 3, H, W) in 0..1 and a view index to its outputs. A tissue network has
one, logits (1, 7, H, W); for those of a correspondence network see `CorrespondenceNetwork.forward`."""


class EngineError(ReepiError, RuntimeError):
    """The engine that was asked for cannot run here."""


def torch_forward(network: Network) -> Forward:
    """Return a runner that uses plain torch, on the graphics card if there is one."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    moved = network.to(device=device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]

    def forward(pixels: Floats, view: int) -> tuple[Floats, ...]:
        with torch.inference_mode():
            inputs = torch.from_numpy(pixels).to(device, memory_format=torch.channels_last)
            declared = torch.tensor([view], device=device)
            outputs = moved(inputs, declared) if _takes_view(network) else (moved(inputs),)
        return tuple(np.asarray(output.float().cpu().numpy()) for output in outputs)

    return forward


def openvino_forward(network: Network) -> Forward:
    """Return a runner that uses OpenVINO on the processor in single precision, compiled once per input size.

    Raises
    ------
    EngineError
        OpenVINO is missing or cannot convert the network.
    """
    try:
        import openvino

        from reepi.model.converted import converted_network
    except ImportError as error:
        raise EngineError("OpenVINO is missing; use the engine torch") from error
    try:
        model = converted_network(network)
    except RuntimeError as error:
        raise EngineError(f"OpenVINO cannot convert this network ({error}); use the engine torch") from error
    core = openvino.Core()
    compiled: dict[tuple[int, ...], Callable[[list[npt.NDArray[np.generic]]], dict[int, Floats]]] = {}

    def compile_for(shape: tuple[int, ...]) -> Callable[[list[npt.NDArray[np.generic]]], dict[int, Floats]]:
        fixed = model.clone()
        fixed.reshape({0: list(shape), 1: [1]} if _takes_view(network) else {0: list(shape)})
        # One result must not depend on how many threads share the sums, nor on a processor's short floats.
        hints = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
        return core.compile_model(fixed, "CPU", hints)  # type: ignore[no-any-return]

    def forward(pixels: Floats, view: int) -> tuple[Floats, ...]:
        if pixels.shape not in compiled:
            compiled[pixels.shape] = compile_for(pixels.shape)
        inputs: list[npt.NDArray[np.generic]] = [pixels]
        if _takes_view(network):
            inputs.append(np.array([view], np.int64))
        found = compiled[pixels.shape](inputs)
        return tuple(np.asarray(found[place], np.float32) for place in range(len(found)))

    return forward


def forward_of(network: Network, engine: EngineName) -> Forward:
    """Return the runner of an engine; ``auto`` is torch on a graphics card, else OpenVINO, else torch.

    Raises
    ------
    EngineError
        The engine that was asked for cannot run here.
    """
    if engine == "torch" or (engine == "auto" and torch.cuda.is_available()):
        return torch_forward(network)
    try:
        return openvino_forward(network)
    except EngineError:
        if engine == "openvino":
            raise
        return torch_forward(network)


def _takes_view(network: Network) -> bool:
    return isinstance(network, CorrespondenceNetwork)
