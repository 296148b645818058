"""What training runs on: graphics cards or the processor, number format, and processes that draw batches."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import torch
from torch import Tensor, nn

from reepi.model.training.plan import TrainingPlan

MOST_WORKERS: Final = 8
"""Processes that draw batches for one graphics card; eight keep up with a fast one."""


@dataclass(frozen=True)
class Hardware:
    """What a training run uses.

    Parameters
    ----------
    accelerator : "cuda" or "cpu"
        Kind of device.
    devices : int
        Graphics cards, or processes on the processor.
    precision : "f32" or "bf16"
        Number format of the network's sums; weights and losses stay in single precision.
    workers : int
        Processes that draw batches for each device; 0 draws them between the steps.
    """

    accelerator: Literal["cuda", "cpu"]
    devices: int
    precision: Literal["f32", "bf16"]
    workers: int

    @property
    def strategy(self) -> str:
        """Lightning's name of how devices work together."""
        return "ddp" if self.devices > 1 else "auto"

    @property
    def trainer_precision(self) -> Literal["bf16-mixed", "32-true"]:
        """Lightning's name of the number format."""
        return "bf16-mixed" if self.precision == "bf16" else "32-true"

    @property
    def is_short_processor(self) -> bool:
        """Whether a processor takes the sums in bfloat16."""
        return self.accelerator == "cpu" and self.precision == "bf16"

    def __str__(self) -> str:
        kind = "processor" if self.accelerator == "cpu" else "graphics card"
        threads = f", {torch.get_num_threads()} threads" if self.accelerator == "cpu" else ""
        return f"{self.devices} x {kind}{threads}, {self.precision}, batches drawn by {self.workers or 'no'} workers"


def choose_hardware(plan: TrainingPlan) -> Hardware:
    """Return what a plan runs on here: every graphics card if there is one, else the processor."""
    accelerator: Literal["cuda", "cpu"] = "cuda" if torch.cuda.is_available() else "cpu"
    devices = plan.devices or (torch.cuda.device_count() if accelerator == "cuda" else 1)
    precision = plan.precision if plan.precision != "auto" else "bf16" if has_short_floats(accelerator) else "f32"
    workers = default_workers(accelerator, devices, os.cpu_count() or 1) if plan.workers is None else plan.workers
    return Hardware(accelerator, devices, precision, workers)


def has_short_floats(accelerator: str) -> bool:
    """Return whether the device multiplies bfloat16 in hardware; elsewhere it would cost time and win nothing."""
    if accelerator == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    # Older versions of torch cannot tell.
    told: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return any(bool(told.get(name)) for name in ("avx512_bf16", "amx_bf16"))


def default_workers(accelerator: str, devices: int, cores: int) -> int:
    """Return how many processes draw batches for each device.

    A graphics card waits for batches unless several processes draw them. On a processor they would take the cores that
    the steps need.
    """
    return max(1, min(MOST_WORKERS, (cores - 1) // devices)) if accelerator == "cuda" else 0


def depthwise_in_single(network: nn.Module) -> None:
    """Let a network's depthwise convolutions keep single precision while all else adds up in bfloat16, in place.

    Processors that multiply matrices in bfloat16 have no fast gradient of a depthwise convolution in it.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.groups > 1:
            module.forward = partial(_in_single, module.forward)  # type: ignore[method-assign]


def _in_single(forward: Callable[[Tensor], Tensor], maps: Tensor) -> Tensor:
    with torch.autocast(maps.device.type, enabled=False):
        return forward(maps.float()).to(maps.dtype)
