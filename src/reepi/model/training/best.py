"""Keeps the best weights of a training run as a model folder, with its curves, and says when to stop."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import lightning
import torch
from lightning.pytorch.callbacks import Callback

from reepi.core.errors import InputError
from reepi.model.card import Card, read_card
from reepi.model.folder import CURVES, write_model, write_whole
from reepi.model.network import Network
from reepi.model.training.curves import LOSS_STEPS, Curves
from reepi.model.training.learner import Learner
from reepi.model.training.validation import SCORE

Validate = Callable[[Network], dict[str, float]]
"""Measures a network on photographs that are kept out of training."""

Progress = Callable[[int, float, dict[str, float]], None]
"""Called with the step, the share of the run that is done and the newest figures."""

MEASURED: Final = "validation while training"
TABLE: Final = "curves.csv"


class BestModel(Callback):
    """Measures the running mean of the weights now and then, and writes the model folder whenever it is the best.

    Parameters
    ----------
    out, work : Path
        Model folder, and the folder beside it for the table of the curves.
    card : Card
        Its card, without figures.
    validate : callable
        Returns named figures of a network; ``score`` (higher is better) chooses. As long as it is nan, nothing could
        be measured, and the newest weights are kept.
    every : int
        Steps between validations.
    patience : int
        Validations without a better score after which training stops; 0 never.
    """

    def __init__(self, out: Path, work: Path, card: Card, validate: Validate, every: int, patience: int = 0) -> None:
        self._out, self._work, self._card, self._validate = out, work, card, validate
        self._every, self._patience = every, patience
        self._last_step, self._losses = -1, 0
        self._loss: torch.Tensor | float = 0.0
        self._found = written_figures(out)
        self.curves = Curves()
        self.best: dict[str, float] = {}
        self.since_best = 0

    def on_train_batch_start(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, *_: object
    ) -> None:
        """Measure what training starts from, if that is a trained model: what is kept is then never worse.

        By then there is a checkpoint of the start.
        """
        if self._card.started_from and not trainer.global_step:
            self._measure(trainer, pl_module)

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, *_: object
    ) -> None:
        """Take down the loss; measure after so many steps, or when a part of the budget is spent."""
        if not trainer.is_global_zero or not isinstance(pl_module, Learner):
            return
        self._take_down(trainer, pl_module, outputs["loss"].detach())
        pl_module.pace.tick(time.monotonic())
        if pl_module.pace.validation_due(in_turn=trainer.global_step % self._every == 0):
            self._measure(trainer, pl_module)
            pl_module.pace.stop = 0 < self._patience <= self.since_best

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Measure what training ended with."""
        if trainer.global_step != self._last_step:
            self._measure(trainer, pl_module)

    def _take_down(self, trainer: lightning.Trainer, learner: Learner, loss: torch.Tensor) -> None:
        self._loss, self._losses = self._loss + loss, self._losses + 1
        if trainer.global_step % LOSS_STEPS == 0 or not self.curves.steps:
            rate = float(trainer.optimizers[0].param_groups[-1]["lr"])
            row = {"loss": float(self._loss) / self._losses, "step size": rate, "minutes": learner.pace.spent_s / 60}
            self.curves.steps.append({"step": trainer.global_step, **row})
            self._loss, self._losses = 0.0, 0

    def _measure(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        if not trainer.is_global_zero or not isinstance(pl_module, Learner):
            return
        began = time.monotonic()
        self._last_step = trainer.global_step
        figures = self._validate(pl_module.mean)
        if trainer.logger is not None:
            trainer.logger.log_metrics(figures, trainer.global_step)
        self.curves.validations.append({"step": trainer.global_step, **figures})
        self._keep(figures, trainer.global_step, pl_module.mean)
        self._draw()
        pl_module.pace.measured(began, time.monotonic())

    def _keep(self, figures: dict[str, float], step: int, network: Network) -> None:
        if is_better(figures[SCORE], self.best.get(SCORE, math.nan)):
            self.best, self.since_best = {"step": step, **figures}, 0
            write_model(self._out, network, self._card.with_measured(MEASURED, self.best))
        elif step != self.best["step"]:
            # A run that was killed before its checkpoint comes to the step of its best model once more.
            self.since_best += 1

    def _draw(self) -> None:
        write_whole(self._work / TABLE, self.curves.table().encode())
        write_whole(self._out / CURVES, self.curves.picture(self._card.name))

    def state_dict(self) -> dict[str, Any]:
        """Keep the best figures and the curves in checkpoints."""
        sums = {"loss": float(self._loss), "losses": self._losses, "last_step": self._last_step}
        best = {"best": self.best, "since_best": self.since_best, "found": self._found}
        return {**best, "curves": self.curves.state(), **sums}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take them from a checkpoint; a better model written after it stays, one that is gone is written anew.

        A model that lay in the folder when the run began is not the run's, however good, and does not stay.
        """
        self.curves.restore(state_dict["curves"])
        self.best, self.since_best = state_dict["best"], state_dict["since_best"]
        self._loss, self._losses, self._last_step = (state_dict[name] for name in ("loss", "losses", "last_step"))
        # Checkpoints of before this was noted have nothing to tell.
        self._found = state_dict.get("found", {})
        written = written_figures(self._out)
        exceeds = written.get(SCORE, -math.inf) > self.best.get(SCORE, -math.inf)
        if not written or (exceeds and written != self._found):
            self.best, self.since_best = written, 0


def is_better(score: float, best: float) -> bool:
    """Return whether newer weights take the place of the best ones: nan, where nothing is known, beats only nan."""
    return math.isnan(best) or score > best


def written_figures(out: Path) -> dict[str, float]:
    """Return the figures of the best validation in the card of a model folder; none if there is no such card."""
    try:
        table = read_card(out).measured.get(MEASURED, {})
    except InputError:
        return {}
    return {name: float(value) for name, value in table.items()}


class Told(Callback):
    """Tells a callable of every step.

    Parameters
    ----------
    progress : callable, optional
        Whom to tell.
    best : BestModel
        Knows the newest validation.
    """

    def __init__(self, progress: Progress | None, best: BestModel) -> None:
        self._progress, self._best = progress, best

    def on_train_batch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, outputs: Any, *_: object
    ) -> None:
        """Pass on the newest figures."""
        if self._progress is not None and isinstance(pl_module, Learner) and trainer.is_global_zero:
            newest = self._best.curves.validations[-1:] or [{}]
            rest = {name: value for name, value in newest[0].items() if name != "step"}
            self._progress(trainer.global_step, pl_module.progress, {"loss": float(outputs["loss"]), **rest})
