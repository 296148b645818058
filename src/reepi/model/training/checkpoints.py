"""Checkpoints of a training run: written whole or not at all, and refused where data or plan have changed."""

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import lightning
import torch
from lightning.pytorch.callbacks import Callback

from reepi.core.errors import Fault, InputError
from reepi.model.training.learner import Learner
from reepi.model.training.plan import resume_faults

CHECKPOINT: Final = "last.ckpt"
PREVIOUS: Final = "previous.ckpt"
"""What a run that starts anew leaves of the one before it in the same place."""

IDENTITY: Final = "run"


class Checkpoints(Callback):
    """Writes a checkpoint at the start, whenever the pace says so, and at the end.

    Parameters
    ----------
    folder : Path
        Where it lies.
    identity : dict
        What a run that goes on from it must have in common; see `reepi.model.training.plan.run_identity`.
    """

    def __init__(self, folder: Path, identity: Mapping[str, str | float]) -> None:
        self._folder, self._identity = folder, dict(identity)

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Write what training starts with, so that it can go on from its first moment."""
        if isinstance(pl_module, Learner) and not trainer.global_step:
            self._write(trainer, pl_module)

    def on_train_batch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, *_: object) -> None:
        """Write one if it is due; all processes come here together."""
        if isinstance(pl_module, Learner) and pl_module.agreed.save_due:
            self._write(trainer, pl_module)

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Write what training ended with, so that a longer budget can go on from there."""
        if isinstance(pl_module, Learner):
            self._write(trainer, pl_module)

    def on_save_checkpoint(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Add what the run has in common with those that may go on from it."""
        checkpoint[IDENTITY] = self._identity

    def _write(self, trainer: lightning.Trainer, learner: Learner) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # Lightning's own way goes through the system's temporary folder, from where a move may be a copy.
        unfinished = self._folder / f".{CHECKPOINT}.part"
        trainer.save_checkpoint(unfinished)
        learner.pace.saved()
        if trainer.is_global_zero:
            with unfinished.open("rb") as file:
                os.fsync(file.fileno())
            unfinished.replace(self._folder / CHECKPOINT)


def checkpoint_to_resume(folder: Path, identity: Mapping[str, str | float]) -> Path:
    """Return the checkpoint that a run may go on from.

    Raises
    ------
    InputError
        There is none, it is broken, or its data or plan are others.
    """
    path = folder / CHECKPOINT
    if not path.is_file():
        raise InputError([Fault(str(folder), "there is no checkpoint to resume", "Start without --resume.")])
    if not zipfile.is_zipfile(path):
        raise InputError([Fault(str(path), "it is no checkpoint, or a part of one", "Start without --resume.")])
    before = torch.load(path, map_location="cpu", weights_only=True).get(IDENTITY)
    faults = resume_faults(str(path), before, identity)
    if faults:
        raise InputError(faults)
    return path


def set_aside(folder: Path) -> None:
    """Keep the checkpoint of an earlier run under another name, so that a later call cannot resume it by mistake."""
    path = folder / CHECKPOINT
    if path.is_file():
        path.replace(folder / PREVIOUS)
