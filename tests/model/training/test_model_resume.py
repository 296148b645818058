"""Resuming: a run that was killed ends as the undisturbed one, and never goes on with other data or another plan."""

import math
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from lightning import LightningModule, Trainer
from torch import Tensor

from reepi.core.errors import InputError
from reepi.model.data.datasets import read_datasets
from reepi.model.folder import read_model
from reepi.model.training import run
from reepi.model.training.best import MEASURED, BestModel
from reepi.model.training.plan import TrainingPlan, resume_faults, run_identity
from reepi.model.training.run import train

PLAN = TrainingPlan(minutes=math.inf, batch_size=2, validate_every=2, max_steps=4, threads=1, checkpoint_seconds=1e-6)


class PowerCutError(Exception):
    """The moment at which a run ends."""


def cut_at(step: int) -> Callable[[int, float, dict[str, float]], None]:
    def told(now: int, share: float, figures: dict[str, float]) -> None:
        if now == step:
            raise PowerCutError

    return told


class ScoredSteps:
    """Scores that are known for each step, in place of a validation; a run may be cut off while it draws its curves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, scores: dict[int, float]) -> None:
        self._patch, self._scores = monkeypatch, scores
        self._measure, self._draw = BestModel._measure, BestModel._draw

    def cut_after_model_of(self, cut: int | None) -> None:
        """Cut runs between the model of a step and its checkpoint."""
        steps = []

        def measure(best: BestModel, trainer: Trainer, module: LightningModule) -> None:
            steps.append(trainer.global_step)
            self._measure(best, trainer, module)

        def draw(best: BestModel) -> None:
            if steps[-1] == cut:
                raise PowerCutError
            self._draw(best)

        self._patch.setattr(run, "_validation", lambda *_: lambda network: {"score": self._scores[steps[-1]]})
        self._patch.setattr(BestModel, "_measure", measure)
        self._patch.setattr(BestModel, "_draw", draw)


def last_weights(out: Path) -> dict[str, Tensor]:
    """Return the weights, their running mean and the optimizer's memory of a run's last checkpoint."""
    kept = torch.load(out.with_name(f"{out.name}.training") / "last.ckpt", weights_only=True)
    memory = kept["optimizer_states"][0]["state"]
    return {**kept["state_dict"], **{f"{n} {k}": v for n, each in memory.items() for k, v in each.items()}}


def largest_difference(first: Path, second: Path) -> float:
    one, other = last_weights(first), last_weights(second)
    assert one.keys() == other.keys()
    return max(float((one[name].double() - other[name].double()).abs().max()) for name in one)


def test_cut_off_run_ends_as_the_undisturbed_one(squares: Path, tmp_path: Path) -> None:
    """Cuts, colours, dropout, step size, optimizer and running mean go on as if nothing had been, to the bit."""
    datasets = read_datasets([squares])
    whole = tmp_path / "whole"
    reached = train(datasets, whole, PLAN)
    with pytest.raises(PowerCutError):
        train(datasets, tmp_path / "cut", PLAN, progress=cut_at(2))
    with pytest.raises(PowerCutError):
        train(datasets, tmp_path / "cut", PLAN, resume=True, progress=cut_at(4))
    again = train(datasets, tmp_path / "cut", PLAN, resume=True)
    assert (reached.steps, again.steps, again.ended) == (4, 4, "steps")
    assert largest_difference(whole, tmp_path / "cut") == 0
    assert again.best == reached.best == read_model(whole)[1].measured[MEASURED]
    assert (tmp_path / "cut.training" / "curves.csv").read_text().count("\n") == 1 + 1 + 2


def test_best_model_outlives_the_checkpoint(squares: Path, tmp_path: Path) -> None:
    """A model that was written after the last checkpoint is replaced by a better one only."""
    datasets, out = read_datasets([squares]), tmp_path / "model"
    plan = replace(PLAN, max_steps=2, validate_every=1)
    train(datasets, out, plan)
    card = (out / "card.toml").read_text()
    score = read_model(out)[1].measured[MEASURED]["score"]
    (out / "card.toml").write_text(card.replace(f'"score" = {score!r}', '"score" = 0.999'))
    reached = train(datasets, out, replace(plan, max_steps=3), resume=True)
    assert reached.best["score"] == 0.999
    assert read_model(out)[1].measured[MEASURED]["score"] == 0.999


def test_kill_between_model_and_checkpoint_costs_no_patience(
    squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The validation of the best model comes once more, and is none without improvement."""
    datasets = read_datasets([squares])
    scored = ScoredSteps(monkeypatch, {1: 0.1, 2: 0.2, 3: 0.15, 4: 0.3, 5: 0.3})
    plan = replace(PLAN, validate_every=1, max_steps=5, patience=2)
    scored.cut_after_model_of(None)
    whole = train(datasets, tmp_path / "whole", plan)
    scored.cut_after_model_of(2)
    with pytest.raises(PowerCutError):
        train(datasets, tmp_path / "cut", plan)
    scored.cut_after_model_of(None)
    again = train(datasets, tmp_path / "cut", plan, resume=True)
    assert again.best == whole.best == {"step": 4, "score": 0.3}
    assert (again.steps, again.ended) == (whole.steps, whole.ended) == (5, "steps")


def test_run_from_a_model_goes_on_from_its_first_moment(
    squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it starts from is in the folder before the first step, so a kill in that step leaves a way on."""
    datasets, first, out = read_datasets([squares]), tmp_path / "first", tmp_path / "model"
    plan = replace(PLAN, max_steps=1)
    train(datasets, first, plan)
    whole = train(datasets, tmp_path / "whole", plan, start=first)
    with monkeypatch.context() as patch:
        patch.setattr("reepi.model.training.learner.batch_loss", lambda *_: cut_at(0)(0, 0, {}))
        with pytest.raises(PowerCutError):
            train(datasets, out, plan, start=first)
    assert read_model(out)[1].measured[MEASURED]["step"] == 0
    again = train(datasets, out, plan, start=first, resume=True)
    assert again.best == whole.best
    assert largest_difference(tmp_path / "whole", out) == 0


def test_an_older_model_in_the_folder_is_no_best_of_a_run(squares: Path, tmp_path: Path) -> None:
    """A run that starts anew over it, and is cut off before its first validation, ends with a model of its own."""
    datasets, out = read_datasets([squares]), tmp_path / "model"
    train(datasets, out, replace(PLAN, max_steps=1))
    card = (out / "card.toml").read_text()
    score = read_model(out)[1].measured[MEASURED]["score"]
    (out / "card.toml").write_text(card.replace(f'"score" = {score!r}', '"score" = 0.999'))
    older = read_model(out)[1]
    plan = replace(PLAN, validate_every=4, seed=1)
    for step, resume in ((2, False), (3, True)):
        with pytest.raises(PowerCutError):
            train(datasets, out, plan, resume=resume, progress=cut_at(step))
    assert read_model(out)[1] == older, "not validated yet, so nothing was written"
    reached = train(datasets, out, plan, resume=True)
    assert reached.best["step"] == 4
    assert read_model(out)[1].measured[MEASURED] == reached.best != older.measured[MEASURED]
    assert read_model(out)[1].sha256 != older.sha256


def test_other_data_and_other_plans_are_refused(
    squares: Path, make_squares: Callable[..., Path], tmp_path: Path
) -> None:
    """All differences are told at once; a larger limit is none, a smaller one is."""
    datasets = read_datasets([squares])
    before = run_identity(datasets, PLAN, "")
    assert not resume_faults("x", before, run_identity(datasets, replace(PLAN, max_steps=9, threads=2), ""))
    other = read_datasets([squares, make_squares(tmp_path / "more", 8)])
    now = run_identity(other, replace(PLAN, seed=3, max_steps=2, batch_size=4), "abc")
    told = " | ".join(fault.problem for fault in resume_faults("x", before, now))
    for words in (
        "seed was 0 and is 3",
        "steps at most was 4 and is 2",
        "batch size was 2",
        "start from was none",
        "(more)",
    ):
        assert words in told
    assert [fault.problem for fault in resume_faults("x", None, now)] == ["it is a checkpoint of an earlier version"]


def test_changed_split_is_other_data(squares: Path, tmp_path: Path) -> None:
    """A validation photograph that trains from now on would flatter the model."""
    before = run_identity(read_datasets([squares]), PLAN, "")
    table = squares / "samples.csv"
    table.write_text(table.read_text().replace("p002,validation-0,validation", "p002,validation-0,train"))
    (fault,) = resume_faults("x", before, run_identity(read_datasets([squares]), PLAN, ""))
    assert "data set squares" in fault.problem


def test_unfinished_checkpoint_is_never_resumed(squares: Path, tmp_path: Path) -> None:
    """Half a file is told as such; a run that starts anew sets an earlier checkpoint aside."""
    datasets, work = read_datasets([squares]), tmp_path / "model.training"
    work.mkdir()
    (work / "last.ckpt").write_bytes(b"half a file")
    with pytest.raises(InputError, match="a part of one"):
        train(datasets, tmp_path / "model", PLAN, resume=True)
    train(datasets, tmp_path / "model", replace(PLAN, max_steps=1))
    assert (work / "previous.ckpt").read_bytes() == b"half a file"
    assert not list(work.glob("*.part"))


CHILD = """
import math, sys
from pathlib import Path
from reepi.model.data.datasets import read_datasets
from reepi.model.training.plan import TrainingPlan
from reepi.model.training.run import train
data, out, resume = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "resume"
plan = TrainingPlan(
    minutes=math.inf, batch_size=2, validate_every=4, max_steps=16, threads=1, checkpoint_seconds=0.2
)
train(read_datasets([data]), out, plan, resume=resume)
"""


def run_child(data: Path, out: Path, kill_after: float | None = None) -> bool:
    """Train in a process of its own, killed so many seconds after its first checkpoint; tell whether it ended."""
    last = out.with_name(f"{out.name}.training") / "last.ckpt"
    seen = last.stat().st_mtime_ns if last.is_file() else 0
    words = [sys.executable, "-c", CHILD, str(data), str(out), "resume" if seen else "anew"]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as child:
        while kill_after is not None and child.poll() is None:
            if last.is_file() and last.stat().st_mtime_ns != seen:
                time.sleep(kill_after)
                os.kill(child.pid, signal.SIGKILL)
                break
            time.sleep(0.01)
        return child.wait() == 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_runs_end_as_the_undisturbed_one(squares: Path, tmp_path: Path) -> None:
    """SIGKILL at random moments, in steps, validations and writing; every kill leaves a model that can be read."""
    assert run_child(squares, tmp_path / "whole")
    chance, kills = random.Random(0), 0  # noqa: S311 - moments, not secrets
    while kills < 4 and not run_child(squares, tmp_path / "killed", chance.uniform(0, 2)):
        kills += 1
        if (tmp_path / "killed").exists():
            read_model(tmp_path / "killed")
    assert run_child(squares, tmp_path / "killed")
    assert kills
    difference = largest_difference(tmp_path / "whole", tmp_path / "killed")
    assert difference == 0, f"{kills} kills; largest difference of any weight: {difference:g}"
    whole, killed = (read_model(tmp_path / name)[1] for name in ("whole", "killed"))
    assert killed.sha256 == whole.sha256
