"""Training from data folders to a model folder: checked data, a time budget, checkpoints, and a model at any time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import lightning
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader

import reepi
from reepi.core.errors import Fault, InputError
from reepi.model.card import Card, TrainingSource
from reepi.model.datasets import DataSet, distinct
from reepi.model.folder import read_model, write_model
from reepi.model.learner import Learner
from reepi.model.network import ARCHITECTURES, CorrespondenceNetwork, Network, Task, build_network
from reepi.model.pretrained import load_imagenet_encoder
from reepi.model.sampling import (
    CORRESPONDENCE_CANVAS,
    TISSUE_LARGEST_SIDE,
    Batch,
    Batches,
    CorrespondenceDraw,
    TissueDraw,
    view_centres,
)
from reepi.model.splits import SPLIT_RULE
from reepi.model.validation import CorrespondenceValidation, TissueValidation

CHECKPOINT_EVERY: Final = timedelta(minutes=3)
CHECKPOINTS: Final = "last*.ckpt"

Validate = Callable[[Network], dict[str, float]]
"""Measures a network on photographs that are kept out of training."""

Progress = Callable[[int, float, dict[str, float]], None]
"""Called with the step, the share of the time that is spent and the newest figures."""


@dataclass(frozen=True)
class TrainingPlan:
    """What a training run does.

    Parameters
    ----------
    task : "tissue" or "correspondence"
        What is learnt.
    minutes : float
        Time for training, validations included.
    seed : int
        Seed of all chance.
    batch_size : int
        Photographs or cuts in a step.
    validate_every : int
        Steps between validations; each leaves the model folder with the best weights so far.
    max_steps : int
        Steps after which training ends before its time; -1 is no limit.
    threads : int, optional
        Processor threads; None leaves torch's choice.
    command : str
        What the user called, for the card.
    """

    task: Task = "tissue"
    minutes: float = 60.0
    seed: int = 0
    batch_size: int = 8
    validate_every: int = 400
    max_steps: int = -1
    threads: int | None = None
    command: str = ""

    def __post_init__(self) -> None:
        for name in ("minutes", "batch_size", "validate_every"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}")


def train(
    datasets: Sequence[DataSet],
    out: Path,
    plan: TrainingPlan,
    *,
    start: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Train a network and leave a model folder that can be used from the first validation on.

    Parameters
    ----------
    datasets : sequence of DataSet
        Data, read and checked. One that is given twice is drawn from twice as often.
    out : Path
        Model folder to write; checkpoints and curves lie beside it in ``<out>.training``.
    plan : TrainingPlan
        What to do.
    start : Path, optional
        Model folder whose weights to start from; without it the encoder starts from ImageNet.
    resume : bool
        Go on from the last checkpoint.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    Path
        The model folder.

    Raises
    ------
    InputError
        There is nothing to train on, to start from or to resume.
    """
    if plan.threads:
        torch.set_num_threads(plan.threads)
    lightning.seed_everything(plan.seed, verbose=False)
    work = out.with_name(f"{out.name}.training")
    checkpoint = _checkpoint_to_resume(work) if resume else None
    ancestor = None if start is None else _ancestor(plan.task, start)
    network = _new_network(plan.task, datasets) if ancestor is None else ancestor[0]
    learner = Learner(network, plan.minutes * 60)
    card = new_card(out.name, distinct(datasets), plan)
    card = card if ancestor is None else card.after(ancestor[1])
    best = BestModel(out, card, _validation(plan.task, distinct(datasets)), plan.validate_every)
    trainer = _trainer(work, plan, [best, Told(progress)])
    loader = DataLoader(Batches(_draw(datasets, plan), plan.seed, lambda: learner.global_step), batch_size=None)
    trainer.fit(learner, loader, ckpt_path=checkpoint, weights_only=False)
    return out


class BestModel(Callback):
    """Measures the running mean of the weights now and then, and writes the model folder whenever it is the best.

    Parameters
    ----------
    out : Path
        Model folder.
    card : Card
        Its card, without figures.
    validate : callable
        Returns named figures of a network; ``score`` (higher is better) chooses.
    every : int
        Steps between validations.
    """

    def __init__(self, out: Path, card: Card, validate: Validate, every: int) -> None:
        self._out, self._card, self._validate, self._every = out, card, validate, every
        self._best, self._last_step = float("-inf"), -1

    def on_train_batch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, *_: object) -> None:
        """Measure at every so many steps."""
        if trainer.global_step % self._every == 0:
            self._measure(trainer, pl_module)

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Measure what training ended with."""
        if trainer.global_step != self._last_step:
            self._measure(trainer, pl_module)

    def _measure(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        if not isinstance(pl_module, Learner):
            return
        self._last_step = trainer.global_step
        figures = self._validate(pl_module.mean)
        trainer.callback_metrics.update({name: torch.tensor(value) for name, value in figures.items()})
        if trainer.logger is not None:
            trainer.logger.log_metrics(figures, trainer.global_step)
            trainer.logger.save()
        if figures["score"] > self._best:
            self._best = figures["score"]
            table = {"step": trainer.global_step, **figures}
            write_model(self._out, pl_module.mean, self._card.with_measured("validation while training", table))

    def state_dict(self) -> dict[str, float]:
        """Keep the best score in checkpoints."""
        return {"best": self._best}

    def load_state_dict(self, state_dict: dict[str, float]) -> None:
        """Take the best score from a checkpoint."""
        self._best = state_dict["best"]


class Told(Callback):
    """Tells a callable of every step."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress

    def on_train_batch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, *_: object) -> None:
        """Pass on the newest figures."""
        if self._progress is not None and isinstance(pl_module, Learner):
            figures = {name: float(value) for name, value in trainer.callback_metrics.items()}
            self._progress(trainer.global_step, pl_module.progress, figures)


def new_card(name: str, datasets: Sequence[DataSet], plan: TrainingPlan) -> Card:
    """Return the card of a model before anything was measured."""
    sources = tuple(TrainingSource(d.name, d.source, d.licence, len(d.of_split("train"))) for d in datasets)
    long_side, short_side = CORRESPONDENCE_CANVAS if plan.task == "correspondence" else (TISSUE_LARGEST_SIDE, 0)
    return Card(
        name=name,
        task=plan.task,
        architecture=ARCHITECTURES[plan.task],
        long_side=long_side,
        short_side=short_side,
        sources=sources,
        split_rule=SPLIT_RULE,
        reepi_version=reepi.__version__,
        command=plan.command,
    )


def _trainer(work: Path, plan: TrainingPlan, callbacks: list[Callback]) -> lightning.Trainer:
    saver = ModelCheckpoint(work, "step-{step}", save_last=True, train_time_interval=CHECKPOINT_EVERY)
    return lightning.Trainer(
        accelerator="auto",
        devices=1,
        max_epochs=-1,
        max_steps=plan.max_steps,
        gradient_clip_val=5.0,
        log_every_n_steps=20,
        callbacks=[*callbacks, saver],
        logger=CSVLogger(work, name="curves"),
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def _new_network(task: Task, datasets: Sequence[DataSet]) -> Network:
    network = build_network(task)
    load_imagenet_encoder(network.encoder)
    if isinstance(network, CorrespondenceNetwork):
        network.centres.copy_(torch.from_numpy(view_centres(datasets, network.centres.numpy())))
    return network


def _ancestor(task: Task, folder: Path) -> tuple[Network, Card]:
    network, card = read_model(folder)
    if card.task != task:
        raise InputError([Fault(str(folder), f"it is a {card.task} model", f"Start from a {task} model.")])
    return network, card


def _draw(datasets: Sequence[DataSet], plan: TrainingPlan) -> Callable[..., Batch]:
    kind = CorrespondenceDraw if plan.task == "correspondence" else TissueDraw
    return kind(datasets, plan.batch_size, plan.seed)


def _validation(task: Task, datasets: Sequence[DataSet]) -> Validate:
    return CorrespondenceValidation(datasets) if task == "correspondence" else TissueValidation(datasets)


def _checkpoint_to_resume(work: Path) -> Path:
    # Lightning numbers the file where an earlier run left one, so the newest counts.
    found = sorted(work.glob(CHECKPOINTS), key=lambda path: path.stat().st_mtime)
    if not found:
        raise InputError([Fault(str(work), "there is no checkpoint to resume", "Start without --resume.")])
    return found[-1]
