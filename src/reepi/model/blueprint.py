"""A network that need not be built to be named: what converted networks are looked up by."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reepi.model.architecture import Task

if TYPE_CHECKING:
    from reepi.model.network import Network


@dataclass(frozen=True)
class Blueprint:
    """A network that is built only where it must be, for torch and all that torch loads cost seconds.

    Parameters
    ----------
    task : "tissue" or "correspondence"
        What it predicts.
    key : str
        Changes with its weights and sizes.
    build : callable
        Builds it.
    """

    task: Task
    key: str
    build: "Callable[[], Network]"

    @classmethod
    def of(cls, network: "Network") -> "Blueprint":
        """Return the blueprint of a network that is built already."""
        digest = hashlib.sha256()
        for name, tensor in network.state_dict().items():
            digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
            digest.update(tensor.cpu().contiguous().numpy().tobytes())
        return cls(network.task, digest.hexdigest(), lambda: network)

    @property
    def takes_view(self) -> bool:
        """Whether it wants the declared view beside the photograph."""
        return self.task == "correspondence"
