"""One network in training: its loss, its step size over the time that is given, and its running mean of weights."""

import copy
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import lightning
import torch
from torch import Tensor
from torch.optim import AdamW, Optimizer

from reepi.core.errors import Fault, InputError
from reepi.model.network import CorrespondenceNetwork, Network, Places
from reepi.model.training.batches import step_seed
from reepi.model.training.hardware import depthwise_in_single
from reepi.model.training.losses import Truth, correspondence_loss, tissue_loss
from reepi.model.training.pace import Pace
from reepi.model.training.pretrained import freeze_early, hold_batch_statistics
from reepi.model.training.sampling import Batch

Stream = Callable[[int, int], Iterable[Batch]]
"""Returns the batches from a step on, for a process' rank."""

HEAD_RATE: Final = 3e-3
ENCODER_RATE: Final = 1.2e-3
"""Step sizes of the new layers, and of the pretrained encoder, of attention and of the view's name."""

WEIGHT_DECAY: Final = 0.01
WARM_UP_STEPS: Final = 60
MEAN_DECAY: Final = 0.99
"""Decay per step of the running mean of weights, which is what is validated and shipped."""

LARGEST_GRADIENT: Final = 5.0
"""Length that gradients are shortened to."""

MOST_LOST: Final = 10
"""Steps in a row without a finite gradient after which training ends: one is an accident, ten are no chance."""

LAST_RATE: Final = 0.01
"""Share of the first step size that is left at the end."""


class Learner(lightning.LightningModule):
    """Lightning's view of a network in training.

    Parameters
    ----------
    network : Network
        What is trained.
    pace : Pace
        The limits of the run; the step size falls along a cosine over them. ``agreed`` is what all processes know
        of it: whether to save or to stop must not depend on what one of them knows alone.
    stream : callable
        Returns the batches from a step on, for a process' rank.
    seed : int
        Seed of the chance inside the network.
    rate : float
        Factor on the step sizes.
    short_floats : bool
        Whether the network's sums are taken in bfloat16 on a processor.
    """

    def __init__(
        self,
        network: Network,
        pace: Pace,
        stream: Stream,
        seed: int = 0,
        rate: float = 1.0,
        *,
        short_floats: bool = False,
    ) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)
        self.mean = copy.deepcopy(network).eval().requires_grad_(requires_grad=False)
        freeze_early(network.encoder)
        if short_floats:
            depthwise_in_single(self.network)
        self.pace, self._stream, self._seed, self._rate = pace, stream, seed, rate
        self.agreed = pace
        self._lost = 0
        self.train()

    def train(self, mode: bool = True) -> "Learner":
        """Switch to training, with stored batch statistics and the running mean left as they are."""
        super().train(mode)
        hold_batch_statistics(self.network)
        self.mean.eval()
        return self

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0 to 1."""
        return self.pace.progress(self.global_step)

    def train_dataloader(self) -> Iterable[Batch]:
        """Return the batches that follow the steps already done."""
        return self._stream(self.global_step, self.global_rank)

    def training_step(self, batch: Batch, batch_index: int) -> Tensor:
        """Return the loss of a batch."""
        loss = batch_loss(self.network, batch)
        self.log("loss", loss)
        self.log("step size", self.trainer.optimizers[0].param_groups[-1]["lr"])
        return loss

    def on_fit_start(self) -> None:
        """Start the clock."""
        self.pace.tick(time.monotonic())

    def on_train_batch_start(self, batch: Batch, batch_index: int) -> None:
        """Set step size and chance for what lies behind; processes that train together agree on the first one's clock.

        The chance of dropout depends on the step, so that a resumed run goes on as before.
        """
        self.pace.tick(time.monotonic())
        if self.trainer.world_size > 1:
            self.pace = self.trainer.strategy.broadcast(self.pace)
            # What the first process measures during the step, the others learn before the next one.
            self.agreed = copy.copy(self.pace)
        factor = self._rate * rate_factor(self.progress, self.global_step)
        for group, rate in zip(self.trainer.optimizers[0].param_groups, (ENCODER_RATE, HEAD_RATE), strict=True):
            group["lr"] = rate * factor
        torch.manual_seed(step_seed(self._seed, self.global_step, self.global_rank))

    def configure_gradient_clipping(self, optimizer: Optimizer, *_: Any, **__: Any) -> None:
        """Shorten the gradient; where it is not finite, take it away, so that the step leaves the weights alone.

        Raises
        ------
        InputError
            So it was for `MOST_LOST` steps in a row.
        """
        length = torch.nn.utils.clip_grad_norm_(self.network.parameters(), LARGEST_GRADIENT)
        self._lost = 0 if torch.isfinite(length) else self._lost + 1
        if self._lost:
            optimizer.zero_grad()
        if self._lost == MOST_LOST:
            problem = f"the last {MOST_LOST} steps had no finite gradient, so nothing is learnt any more"
            raise InputError([Fault("training", problem, "Take smaller steps with --rate; the best model is kept.")])

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        """Take a step and follow the weights with their running mean, before anything is measured or saved."""
        super().optimizer_step(*args, **kwargs)
        step = self.global_step + 1
        follow(self.mean, self.network, min(MEAN_DECAY, (1 + step) / (10 + step)))

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_index: int) -> None:
        """Stop when the time or the steps are spent; processes that train together go by the clock they agreed on."""
        self.pace.tick(time.monotonic())
        if self.agreed.is_over(self.global_step):
            self.trainer.should_stop = True

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the time that is spent."""
        checkpoint["pace"] = self.pace.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on from the time that is spent."""
        self.pace.restore(checkpoint["pace"])

    def configure_optimizers(self) -> Optimizer:
        """Return AdamW (Loshchilov & Hutter, ICLR 2019), with smaller steps where larger ones would do harm."""
        careful = list(self.network.encoder.parameters())
        if isinstance(self.network, CorrespondenceNetwork):
            names = (self.network.view_name, self.network.overview_name)
            careful += self.network.overview.parameters()
            careful += [parameter for name in names if name is not None for parameter in name.parameters()]
        known = {id(parameter) for parameter in careful}
        head = [p for p in self.network.parameters() if id(p) not in known]
        groups = [
            {"params": [p for p in careful if p.requires_grad], "lr": ENCODER_RATE},
            {"params": head, "lr": HEAD_RATE},
        ]
        return AdamW(groups, weight_decay=WEIGHT_DECAY, fused=True)


def batch_loss(network: Network, batch: Batch) -> Tensor:
    """Return the loss of a network on a batch of its task, in single precision whatever the network's sums are."""
    if isinstance(network, CorrespondenceNetwork):
        places = Places(*(part.float() for part in network.places(batch["pixels"], batch["view"])))
        truth = Truth(batch["points"], batch["anchor"], batch["body"], batch["view"])
        return correspondence_loss(network, places, truth)
    return tissue_loss(network(batch["pixels"]).float(), batch["labels"])


def rate_factor(progress: float, step: int) -> float:
    """Return the share of the first step size: a short linear rise, then half a cosine over the run."""
    cosine = LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + torch.cos(torch.tensor(torch.pi * progress)).item())
    return min(1.0, (step + 1) / WARM_UP_STEPS) * cosine


@torch.no_grad()
def follow(mean: Network, network: Network, decay: float) -> None:
    """Move a running mean towards a network, in place."""
    source = network.state_dict()
    for name, tensor in mean.state_dict().items():
        if tensor.is_floating_point():
            tensor.lerp_(source[name], 1 - decay)
