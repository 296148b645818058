"""Training from data folders to a model folder: checked data, a time budget, checkpoints, and a model at any time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_only
from lightning_utilities.core.imports import module_available

import reepi
from reepi.core.errors import Fault, InputError
from reepi.core.tissue import Tissue
from reepi.model.anchors import surface_anchors
from reepi.model.architecture import ARCHITECTURES, Task
from reepi.model.canvas import CORRESPONDENCE_CANVAS, TISSUE_LARGEST_SIDE
from reepi.model.card import CARD, Card, TrainingSource, read_card
from reepi.model.data.datasets import DataSet, distinct
from reepi.model.data.splits import SPLIT_RULE
from reepi.model.folder import read_weights
from reepi.model.network import CorrespondenceNetwork, Network, build_network
from reepi.model.training.batches import Batches, Draw, load_batches
from reepi.model.training.best import BestModel, Progress, Told, Validate
from reepi.model.training.checkpoints import CHECKPOINT, Checkpoints, checkpoint_to_resume, set_aside
from reepi.model.training.hardware import Hardware, choose_hardware
from reepi.model.training.learner import Learner
from reepi.model.training.pace import Pace
from reepi.model.training.plan import TrainingPlan, run_identity
from reepi.model.training.pretrained import load_imagenet_encoder
from reepi.model.training.sampling import CorrespondenceDraw, TissueDraw, expected_of_views
from reepi.model.training.validation import CorrespondenceValidation, TissueValidation

__all__ = ["Reached", "TrainingPlan", "check_new", "is_first_process", "new_card", "planned", "train"]

Ended = Literal["time", "steps", "patience"]


@dataclass(frozen=True)
class Reached:
    """What a training run ended with.

    Parameters
    ----------
    folder : Path
        The model folder.
    steps : int
        Steps taken, those before a resumption included.
    minutes : float
        Time spent, likewise [minutes].
    ended : "time", "steps" or "patience"
        What ended it.
    best : dict
        ``step`` and figures of the validation whose weights are in the model folder.
    """

    folder: Path
    steps: int
    minutes: float
    ended: Ended
    best: dict[str, float] = field(default_factory=dict)


def train(
    datasets: Sequence[DataSet],
    out: Path,
    plan: TrainingPlan,
    *,
    start: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Reached:
    """Train a network and leave a model folder that can be used from the first validation on.

    Parameters
    ----------
    datasets : sequence of DataSet
        Data, read and checked. One that is given twice is drawn from twice as often.
    out : Path
        Model folder to write, with the curves as a picture; checkpoint, curves as CSV and TensorBoard's logs lie
        beside it in ``<out>.training``.
    plan : TrainingPlan
        What to do.
    start : Path, optional
        Model folder whose weights to start from; without it the encoder starts from ImageNet.
    resume : bool
        Go on from the last checkpoint; data and plan must be those of before, the limits may be larger.
    progress : callable, optional
        Told of every step.

    Returns
    -------
    Reached
        What training ended with.

    Raises
    ------
    InputError
        There is nothing to train on, to start from or to resume, data or plan are not those of the checkpoint, or the
        model folder can be none.
    """
    _check_folder(out)
    _check_photographs(datasets)
    if plan.threads:
        torch.set_num_threads(plan.threads)
    lightning.seed_everything(plan.seed, verbose=False)
    work, hardware = work_folder(out), choose_hardware(plan)
    ancestor = None if start is None else _ancestor(plan.task, start, datasets)
    identity = run_identity(datasets, plan, "" if ancestor is None else ancestor[1].sha256)
    checkpoint = checkpoint_to_resume(work, identity) if resume else None
    if checkpoint is None and is_first_process():
        set_aside(work)
    learner = _learner(datasets, plan, None if ancestor is None else ancestor[0], hardware)
    card = new_card(out.name, distinct(datasets), plan)
    card = card if ancestor is None else card.after(ancestor[1])
    best = BestModel(out, work, card, _validation(plan.task, distinct(datasets)), plan.validate_every, plan.patience)
    callbacks = [best, Told(progress, best), Checkpoints(work, identity)]
    trainer = _trainer(work, plan, hardware, callbacks)
    try:
        trainer.fit(learner, ckpt_path=checkpoint, weights_only=True)
    except SystemExit as error:
        # The framework makes of Ctrl-C the end of a program that failed.
        if isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from error
        raise
    return Reached(out, trainer.global_step, learner.pace.spent_s / 60, _ended(learner, plan), best.best)


def work_folder(out: Path) -> Path:
    """Return the folder beside a model folder in which its training goes on."""
    return out.with_name(f"{out.name}.training")


def check_new(out: Path) -> None:
    """Refuse a model folder that a training from the start would destroy.

    Raises
    ------
    InputError
        It is a file or where the user is, holds a model, or a training of it was begun and can go on.
    """
    _check_folder(out)
    for path, what in ((out / CARD, "a model"), (work_folder(out) / CHECKPOINT, "a training that was begun")):
        if path.exists():
            remedy = "Give --resume to go on, or name another folder with --out."
            raise InputError([Fault(str(out), f"{what} is there already", remedy)])


def _check_folder(out: Path) -> None:
    """Refuse what cannot change as a whole for a model: a file, and the folder that the user is in."""
    if out.exists() and not out.is_dir():
        raise InputError([Fault(str(out), "it is a file", "Name a folder with --out.")])
    if Path.cwd().is_relative_to(out.resolve()):
        raise InputError([Fault(str(out), "it is the folder that you are in", "Name another one with --out.")])


def is_first_process() -> bool:
    """Return whether this is the process that validates, writes and speaks, of those that train together."""
    return int(getattr(rank_zero_only, "rank", 0) or 0) == 0


def planned(datasets: Sequence[DataSet], plan: TrainingPlan) -> tuple[str, ...]:
    """Return in words what a run is going to do: device, workers, photographs, label sets and limits."""
    limits = [f"{plan.minutes:g} minutes with validations"] if plan.minutes < float("inf") else []
    limits += [f"{plan.max_steps} steps"] if plan.max_steps >= 0 else []
    limits += [f"{plan.patience} validations without improvement"] if plan.patience else []
    return (
        *(_described(d, sum(other.folder == d.folder for other in datasets)) for d in distinct(datasets)),
        f"runs on {choose_hardware(plan)}; {plan.batch_size} photographs a step",
        f"ends after {' or '.join(limits)}; validation every {plan.validate_every} steps",
    )


def _described(dataset: DataSet, times: int) -> str:
    parts = ", ".join(f"{len(dataset.of_split(split))} {split}" for split in ("train", "validation", "test"))
    often = f", drawn {times} times as often" if times > 1 else ""
    bits = dict.fromkeys(int(value) for value in dataset.labels.bits if value)
    sets = "; ".join(" or ".join(t.label for t in Tissue if value >> t & 1) for value in bits)
    return f"{dataset.name}: {parts} photographs{often}; masks tell {sets} ({dataset.licence})"


def _check_photographs(datasets: Sequence[DataSet]) -> None:
    if not any(dataset.of_split("train") for dataset in datasets):
        names = ", ".join(str(dataset.folder) for dataset in datasets)
        raise InputError([Fault(names, "no photograph is in the split train", "Correct the column split.")])


def _learner(datasets: Sequence[DataSet], plan: TrainingPlan, network: Network | None, hardware: Hardware) -> Learner:
    draw = _draw(datasets, plan)
    pace = Pace(plan.minutes * 60, plan.max_steps, plan.checkpoint_seconds)

    def stream(first_step: int, rank: int) -> torch.utils.data.DataLoader[dict[str, torch.Tensor]]:
        return load_batches(Batches(draw, plan.seed, first_step, rank), hardware.workers)

    network = network or _new_network(plan.task, datasets)
    return Learner(network, pace, stream, plan.seed, plan.rate, short_floats=hardware.is_short_processor)


def _ended(learner: Learner, plan: TrainingPlan) -> Ended:
    if 0 <= plan.max_steps <= learner.trainer.global_step:
        return "steps"
    return "patience" if learner.pace.stop else "time"


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


def _trainer(work: Path, plan: TrainingPlan, hardware: Hardware, callbacks: list[Callback]) -> lightning.Trainer:
    return lightning.Trainer(
        accelerator=hardware.accelerator,
        devices=hardware.devices,
        strategy=hardware.strategy,
        precision=hardware.trainer_precision,
        max_epochs=-1,
        max_steps=plan.max_steps,
        log_every_n_steps=20,
        callbacks=callbacks,
        logger=TensorBoardLogger(work, name="tensorboard") if module_available("tensorboard") else False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def _new_network(task: Task, datasets: Sequence[DataSet]) -> Network:
    network = build_network(task)
    load_imagenet_encoder(network.encoder)
    if isinstance(network, CorrespondenceNetwork):
        network.place_anchors(surface_anchors())
        expected = expected_of_views(datasets, network.centres.numpy())
        network.centres.copy_(torch.from_numpy(expected.centres))
        network.expected.weight.data.copy_(torch.from_numpy(expected.anchors))
    return network


def _ancestor(task: Task, folder: Path, datasets: Sequence[DataSet]) -> tuple[Network, Card]:
    """Return today's network with the weights of a model folder; layers that the folder has not start anew.

    Raises
    ------
    InputError
        The folder holds no model of the task, or one whose layers have other sizes.
    """
    card = read_card(folder)
    if card.task != task:
        raise InputError([Fault(str(folder), f"it is a {card.task} model", f"Start from a {task} model.")])
    network, older = _new_network(task, datasets), read_weights(folder, card)
    own = network.state_dict()
    shared = {name: tensor for name, tensor in older.items() if name in own}
    if strange := [name for name, tensor in shared.items() if own[name].shape != tensor.shape]:
        problem = f"its architecture is another ({strange[0]})"
        raise InputError([Fault(str(folder), problem, "Start from a model of this version, or without --from.")])
    network.load_state_dict(shared, strict=False)
    return network, card


def _draw(datasets: Sequence[DataSet], plan: TrainingPlan) -> Draw:
    kind = CorrespondenceDraw if plan.task == "correspondence" else TissueDraw
    return kind(datasets, plan.batch_size, plan.seed)


def _validation(task: Task, datasets: Sequence[DataSet]) -> Validate:
    return CorrespondenceValidation(datasets) if task == "correspondence" else TissueValidation(datasets)
