"""Choice while training: the score, the curves, and the end when nothing improves."""

import csv
import io
import itertools
import math
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch

from reepi.core.errors import InputError
from reepi.core.tissue import Tissue
from reepi.model.data.datasets import read_datasets
from reepi.model.evaluation.evaluating import TissueEvaluation, area_errors
from reepi.model.folder import read_model
from reepi.model.network import Network
from reepi.model.training import best, learner
from reepi.model.training.batches import Batches, load_batches
from reepi.model.training.best import MEASURED
from reepi.model.training.curves import Curves, running_mean
from reepi.model.training.plan import TrainingPlan
from reepi.model.training.run import planned, train
from reepi.model.training.sampling import Batch, TissueDraw
from reepi.model.training.validation import AREA_WEIGHT, DICE_WEIGHT, places_score, tissue_score


def counted(*detached: tuple[int, int, int], decided: int = 1000) -> TissueEvaluation:
    """Return counts (true positive, false positive, false negative) of detached skin, a photograph each."""
    counts = np.zeros((len(detached), len(Tissue), 3), np.int64)
    counts[:, Tissue.DETACHED] = detached
    patients = tuple(map(str, range(len(detached))))
    return TissueEvaluation("d", patients, counts, np.full((len(detached), 7), decided))


def test_score_is_one_for_the_truth_and_zero_for_nothing() -> None:
    """Both area and place right; both wholly wrong."""
    assert tissue_score([counted((100, 0, 0))]) == 1
    assert tissue_score([counted((0, 0, 100))]) == 0
    assert np.isnan(tissue_score([]))


def test_area_weighs_more_than_place() -> None:
    """The right area at another place costs Dice's share; twice the area around the right place costs more."""
    beside, around = tissue_score([counted((0, 100, 100))]), tissue_score([counted((100, 100, 0))])
    assert beside == pytest.approx(1 - DICE_WEIGHT / (AREA_WEIGHT + DICE_WEIGHT))
    assert around == pytest.approx(1 - (AREA_WEIGHT + DICE_WEIGHT / 3) / (AREA_WEIGHT + DICE_WEIGHT))
    assert around < beside


def test_the_places_score_is_what_is_off_in_a_typical_photograph() -> None:
    """Of 1, 1 and 8 cm it is 2 cm; the smallest photograph counts as much as the largest, one without skin for none."""
    medians = [np.full(1000, 0.01), np.full(10, 0.01), np.array([0.001, 0.08, 0.5]), np.zeros(0)]
    assert places_score(medians) == pytest.approx(-2)
    assert np.isnan(places_score([np.zeros(0)]))
    assert np.isfinite(places_score([np.zeros(5)]))


def test_a_person_turned_round_weighs_in_the_places_score() -> None:
    """The median of all pixels would not see it."""
    right, turned = [np.full(100, 0.02)] * 9, np.full(100, 0.3)
    assert places_score([*right, turned]) < 1.25 * places_score([*right, right[0]])


def test_too_much_here_does_not_make_up_for_too_little_there() -> None:
    """Areas are compared by photograph, not in sum."""
    assert tissue_score([counted((50, 50, 0), (50, 0, 50))]) < tissue_score([counted((75, 25, 25), (75, 25, 25))])


def test_data_sets_weigh_alike() -> None:
    """One of small and one of large wounds, each half wrong, have the score of either."""
    small, large = counted((5, 0, 5)), counted((500, 0, 500))
    assert tissue_score([small, large]) == pytest.approx(tissue_score([small])) == pytest.approx(tissue_score([large]))
    assert area_errors(small)[0, Tissue.DETACHED] == 0.5
    assert area_errors(large)[0, Tissue.DETACHED] == 50


def test_curves_come_back_and_are_drawn() -> None:
    """Table and picture hold what was taken down, also after a checkpoint."""
    curves = Curves()
    for step in range(20, 420, 20):
        curves.steps.append({"step": step, "loss": 1 / step, "step size": 1e-3, "minutes": step / 60})
    curves.validations.append(
        {"step": 400, "score": 0.5, "d detached Dice": 0.8, "d detached area error [% of photograph]": 1.5}
    )
    again = Curves()
    again.restore(curves.state())
    rows = list(csv.DictReader(io.StringIO(again.table())))
    assert len(rows) == 21
    assert [row["d detached Dice"] for row in rows if row["score"]] == ["0.8"]
    picture = cv2.imdecode(np.frombuffer(again.picture("model"), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.std() > 5
    assert Curves().picture()


def test_running_mean_is_the_mean_of_those_before() -> None:
    """Fewer at the start; a constant stays."""
    assert running_mean(np.array([1.0, 3.0, 5.0, 7.0]), 2).tolist() == [1, 2, 4, 6]
    assert running_mean(np.full(9, 2.5), 4).tolist() == [2.5] * 9
    assert not len(running_mean(np.zeros(0), 4))


def test_training_ends_when_nothing_improves(squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many validations without a better score; the weights of the best one stay."""
    scores = iter([0.5, 0.7, 0.6, 0.7, 0.9])
    monkeypatch.setattr("reepi.model.training.run._validation", lambda *_: lambda network: {"score": next(scores)})
    plan = TrainingPlan(batch_size=1, validate_every=1, max_steps=9, threads=1, patience=2)
    reached = train(read_datasets([squares]), tmp_path / "model", plan)
    assert reached.ended == "patience"
    assert reached.best == {"step": 2, "score": 0.7}
    assert reached.steps == 4
    assert read_model(tmp_path / "model")[1].measured[MEASURED]["step"] == 2


@pytest.mark.parametrize(("validate_every", "steps"), [(2, 4), (3, 4)])
def test_steps_that_are_done_end_training_whatever_was_last_measured(
    squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, validate_every: int, steps: int
) -> None:
    """A last validation without improvement ends nothing that is not over anyway."""
    scores = iter([0.5, 0.4])
    monkeypatch.setattr("reepi.model.training.run._validation", lambda *_: lambda network: {"score": next(scores)})
    plan = TrainingPlan(batch_size=1, validate_every=validate_every, max_steps=steps, threads=1, patience=1)
    assert train(read_datasets([squares]), tmp_path / "model", plan).ended == "steps"


def test_slow_validations_are_part_of_the_budget(
    squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 60 s two validations take 20 each and training the rest, on a clock that only they and the steps move."""
    now, trained = [0.0], []

    def validation(network: Network) -> dict[str, float]:
        now[0] += 20
        return {"score": 0.5}

    def batch_loss(network: Network, batch: Batch) -> torch.Tensor:
        now[0] += 1
        trained.append(now[0])
        return true_loss(network, batch)

    true_loss = learner.batch_loss
    monkeypatch.setattr("reepi.model.training.run._validation", lambda *_: validation)
    monkeypatch.setattr(learner, "batch_loss", batch_loss)
    for module in (learner, best):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    plan = TrainingPlan(minutes=1, batch_size=1, threads=1)
    reached = train(read_datasets([squares]), tmp_path / "model", plan)
    assert now[0] == 60
    assert reached.minutes == 1
    assert reached.ended == "time"
    assert len(trained) == 20


def test_without_validation_photographs_the_newest_weights_are_kept(squares: Path, tmp_path: Path) -> None:
    """There is nothing to choose by; and without training photographs nothing to learn from."""
    table = squares / "samples.csv"
    table.write_text(table.read_text().replace("validation,", "train,").replace("validation-0", "other"))
    plan = TrainingPlan(batch_size=1, validate_every=1, max_steps=2, threads=1)
    assert train(read_datasets([squares]), tmp_path / "model", plan).best["step"] == 2
    table.write_text("stem,patient_id,split\n" + "".join(f"p00{n},a,test\n" for n in range(4)))
    with pytest.raises(InputError, match="no photograph is in the split train"):
        train(read_datasets([squares]), tmp_path / "none", plan)


def test_measured_weights_outlive_those_that_measure_nothing(
    squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A score of nan is no improvement on a number, but on nothing."""
    scores = iter([math.nan, 0.5, math.nan])
    monkeypatch.setattr("reepi.model.training.run._validation", lambda *_: lambda network: {"score": next(scores)})
    plan = TrainingPlan(batch_size=1, validate_every=1, max_steps=3, threads=1)
    assert train(read_datasets([squares]), tmp_path / "model", plan).best == {"step": 2, "score": 0.5}


@pytest.mark.parametrize(("lost", "ends"), [([2], False), ([1, 2, 3], True)])
def test_step_without_a_finite_gradient_leaves_the_weights_alone(
    squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: list[int], ends: bool
) -> None:
    """One overflow is passed over; where it goes on, training ends, and what is kept are numbers all the same."""
    true_loss, steps = learner.batch_loss, itertools.count(1)

    def batch_loss(network: Network, batch: Batch) -> torch.Tensor:
        return true_loss(network, batch) * (math.nan if next(steps) in lost else 1)

    monkeypatch.setattr(learner, "batch_loss", batch_loss)
    monkeypatch.setattr(learner, "MOST_LOST", 3)
    plan = TrainingPlan(batch_size=1, validate_every=1, max_steps=4, threads=1)
    with pytest.raises(InputError, match="no finite gradient") if ends else nullcontext():
        train(read_datasets([squares]), tmp_path / "model", plan)
    kept = read_model(tmp_path / "model")[0].state_dict().values()
    assert all(torch.isfinite(each).all() for each in kept)


def test_plan_is_told_in_words(squares: Path, make_squares: Callable[..., Path], tmp_path: Path) -> None:
    """Photographs, what masks tell, what it runs on and when it ends."""
    datasets = read_datasets([squares, squares, make_squares(tmp_path / "more", 8)])
    told = planned(datasets, TrainingPlan(minutes=30, patience=4))
    counts = "2 train, 1 validation, 1 test photographs, drawn 2 times as often"
    assert told[0].startswith(f"squares (squares): {counts}; masks tell")
    assert "background; intact; detached; background or covered (CC0-1.0)" in told[0]
    assert told[1].startswith("squares (more): 4 train")
    assert told[-1].startswith("ends after 30 minutes with validations or 4 validations without improvement")


def test_processes_that_train_together_see_other_cuts(squares: Path) -> None:
    """The chance of a step depends on the rank."""
    draw = TissueDraw(read_datasets([squares]), 1, 0)
    first, second = (next(iter(Batches(draw, 0, 0, rank)))["pixels"] for rank in (0, 1))
    assert not torch.equal(first, second)


@pytest.mark.slow
def test_workers_keep_the_order_of_batches(squares: Path) -> None:
    """Two processes draw what none would have drawn, step by step."""
    draw = TissueDraw(read_datasets([squares]), 1, 0)
    alone, together = iter(load_batches(Batches(draw, 5, 3), 0)), iter(load_batches(Batches(draw, 5, 3), 2))
    for _ in range(5):
        assert torch.equal(next(alone)["pixels"], next(together)["pixels"])


@pytest.mark.slow
def test_two_processes_train_one_model(squares: Path, tmp_path: Path) -> None:
    """They agree on weights and end, and the first alone measures, writes and speaks."""
    out = tmp_path / "model"
    words = ["train", squares, "--out", out, "--max-steps", 2, "--batch-size", 1, "--threads", 1, "--devices", 2]
    call = [sys.executable, "-m", "reepi", *map(str, words)]
    environment = {**os.environ, "PL_TORCH_DISTRIBUTED_BACKEND": "gloo"}
    ended = subprocess.run(call, capture_output=True, text=True, timeout=600, check=False, env=environment)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == str(out)
    assert ended.stderr.count("ended after 2 steps") == 1
    assert read_model(out)[1].measured[MEASURED]["step"] == 2
