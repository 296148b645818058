"""What runs a network: OpenVINO on a processor, plain torch where OpenVINO is missing and on a graphics card.

Reading torch costs more than a photograph, so it is imported only where it runs a network or must build one.
"""

import os
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

from reepi.core.errors import ReepiError
from reepi.model.blueprint import Blueprint
from reepi.model.threads import network_threads

if TYPE_CHECKING:
    from reepi.model.network import Network

EngineName = Literal["auto", "openvino", "torch"]

Floats = npt.NDArray[np.float32]

Forward = Callable[[Floats, int], tuple[Floats, ...]]
"""Runs a network on one photograph: pixels (1, 3, H, W) in 0..1 and a view index to its outputs. A tissue network has
one, logits (1, 7, H/2, W/2); for those of a correspondence network see `CorrespondenceNetwork.forward`."""

GRAPHICS_DRIVERS: Final = (
    Path("/dev/nvidiactl"),
    Path("/dev/kfd"),
    Path("/dev/dxg"),
    Path(os.environ.get("SYSTEMROOT", "/")) / "System32" / "nvcuda.dll",
)
"""Files without which torch finds no graphics card: NVIDIA's and AMD's driver on Linux, a guest's, and Windows's."""


class EngineError(ReepiError, RuntimeError):
    """The engine that was asked for cannot run here."""


def torch_forward(network: "Network") -> Forward:
    """Return a runner that uses plain torch, on the graphics card if there is one."""
    import torch

    if (number := network_threads()) is not None:
        torch.set_num_threads(number)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    moved = network.to(device=device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    takes_view = network.task == "correspondence"

    def forward(pixels: Floats, view: int) -> tuple[Floats, ...]:
        with torch.inference_mode():
            inputs = torch.from_numpy(pixels).to(device, memory_format=torch.channels_last)
            declared = torch.tensor([view], device=device)
            outputs = moved(inputs, declared) if takes_view else (moved(inputs),)
        return tuple(np.asarray(output.float().cpu().numpy()) for output in outputs)

    return forward


FIRST_USE: Final = threading.Lock()
"""Held while a network is read, compiled and run for the first time: two threads that do so at once may each wait for
what the other has, since OpenVINO makes some of what it needs on first use and lets go of Python meanwhile."""

_compiled: Final[WeakValueDictionary[tuple[Any, ...], Any]] = WeakValueDictionary()
"""Compiled networks that runners of this process hold, by network, input size and threads. Compiling takes half a
second, and as much memory as the network."""


def openvino_forward(blueprint: Blueprint) -> Forward:
    """Return a runner that uses OpenVINO on the processor in single precision, compiled once per input size.

    It serves one thread; each thread takes one of its own. What is compiled they share.

    Raises
    ------
    EngineError
        OpenVINO is missing or cannot convert the network.
    """
    try:
        from reepi.model.converted import converted_network, core
    except ImportError as error:
        raise EngineError("OpenVINO is missing; use the engine torch") from error
    try:
        with FIRST_USE:
            model = converted_network(blueprint)
    except RuntimeError as error:
        raise EngineError(f"OpenVINO cannot convert this network ({error}); use the engine torch") from error
    requests: dict[tuple[int, ...], tuple[Any, Any]] = {}

    def begun(shape: tuple[int, ...]) -> tuple[Any, Any]:
        """Return the compiled network, which lives as long as somebody holds it, and what runs it."""
        key = (blueprint.task, blueprint.key, shape, network_threads())
        network = _compiled.get(key)
        if network is None:
            fixed = model.clone()
            fixed.reshape({0: list(shape), 1: [1]} if blueprint.takes_view else {0: list(shape)})
            network = _compiled[key] = core().compile_model(fixed, "CPU", _hints())
        return network, network.create_infer_request()

    def forward(pixels: Floats, view: int) -> tuple[Floats, ...]:
        inputs: list[npt.NDArray[np.generic]] = [pixels]
        if blueprint.takes_view:
            inputs.append(np.array([view], np.int64))
        with nullcontext() if pixels.shape in requests else FIRST_USE:
            if pixels.shape not in requests:
                requests[pixels.shape] = begun(pixels.shape)
            _, request = requests[pixels.shape]
            found = request.infer(inputs, share_inputs=True)
        return tuple(np.asarray(found[place], np.float32) for place in range(len(found)))

    return forward


def _hints() -> dict[str, Any]:
    """Return how OpenVINO shall run a network: one photograph at a time, in single precision, always."""
    # Bound to a core, networks of several processes or threads would all have the first core and wait for each other.
    hints = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False}
    number = network_threads()
    return hints if number is None else {**hints, "INFERENCE_NUM_THREADS": number}


def forward_of(network: "Network | Blueprint", engine: EngineName) -> Forward:
    """Return the runner of an engine; ``auto`` is torch on a graphics card, else OpenVINO, else torch.

    Raises
    ------
    EngineError
        The engine that was asked for cannot run here.
    """
    blueprint = network if isinstance(network, Blueprint) else Blueprint.of(network)
    if engine == "torch" or (engine == "auto" and has_graphics_card()):
        return torch_forward(blueprint.build())
    try:
        return openvino_forward(blueprint)
    except EngineError:
        if engine == "openvino":
            raise
        return torch_forward(blueprint.build())


def has_graphics_card() -> bool:
    """Return whether torch can compute on a graphics card; torch is asked only where a driver for one is there."""
    if not any(path.exists() for path in GRAPHICS_DRIVERS):
        return False
    import torch

    return torch.cuda.is_available()
