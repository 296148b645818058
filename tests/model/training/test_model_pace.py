"""The pace of a training run: time, steps, the validation that comes last, and what a device is given to do."""

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from reepi.model.training import hardware
from reepi.model.training.hardware import choose_hardware, default_workers
from reepi.model.training.learner import LAST_RATE, WARM_UP_STEPS, rate_factor
from reepi.model.training.pace import VALIDATIONS_IN_BUDGET, Pace
from reepi.model.training.plan import TrainingPlan


def test_validation_is_part_of_the_budget() -> None:
    """Of 100 s with a validation of 10 s before and after, training takes 80."""
    pace = Pace(100)
    pace.tick(1000.0)
    pace.measured(1000.0, 1010.0)
    pace.tick(1089.0)
    assert not pace.is_over(5)
    pace.tick(1090.0)
    assert pace.is_over(5)
    assert pace.spent_s == 90


@settings(max_examples=50)
@given(st.floats(100, 1000), st.floats(0.005, 0.25), st.floats(0.001, 0.02), st.sampled_from([1, 7, 400]))
def test_budget_holds_the_last_validation_and_training_before_it(
    budget: float, validation: float, step: float, every: int
) -> None:
    """A run ends a step after its budget at the latest, and trains for as long as its last validation takes."""
    pace, now, trained = Pace(budget), 0.0, 0.0
    validation, step = validation * budget, step * budget
    pace.tick(now)
    for number in itertools.count(1):
        now, trained = now + step, trained + step
        pace.tick(now)
        if pace.validation_due(in_turn=number % every == 0):
            pace.measured(now, now + validation)
            now, trained = now + validation, 0.0
        if pace.is_over(number):
            break
    assert trained >= validation - step
    assert now + validation <= budget + step + 1e-6


def test_validations_in_turn_are_not_tied_to_the_clock() -> None:
    """Without a budget they come in their turn, however long they take."""
    pace = Pace(math.inf, 8)
    pace.tick(0.0)
    pace.measured(0.0, 1e6)
    assert pace.validation_due(in_turn=True)
    assert not pace.validation_due()


def test_without_a_budget_progress_follows_the_steps_alone() -> None:
    """So a run repeats exactly, however slow the machine was."""
    slow, fast = Pace(math.inf, 8), Pace(math.inf, 8)
    for pace, seconds in ((slow, 1e6), (fast, 1.0)):
        pace.tick(0.0)
        pace.tick(seconds)
    assert [slow.progress(step) for step in (0, 2, 8)] == [fast.progress(step) for step in (0, 2, 8)] == [0, 0.25, 1]
    assert not slow.validation_due()


@given(st.floats(1, 1e4), st.floats(0, 1e4), st.integers(0, 100))
def test_progress_is_the_larger_of_both_shares(budget: float, spent: float, step: int) -> None:
    """Whichever limit comes first ends the run."""
    progress = Pace(budget, 50, spent_s=spent).progress(step)
    assert progress == pytest.approx(min(1, max(spent / budget, step / 50)))


def test_slow_steps_are_measured_by_the_clock() -> None:
    """However few steps a budget holds, its parts each end with a validation."""
    pace = Pace(100)
    pace.tick(0.0)
    pace.tick(100 / VALIDATIONS_IN_BUDGET)
    assert pace.validation_due()
    pace.measured(20.0, 21.0)
    assert not pace.validation_due()


def test_checkpoints_are_due_by_time_and_after_validations() -> None:
    """And due no more once they are written."""
    pace = Pace(1000, checkpoint_s=60)
    pace.tick(0.0)
    pace.tick(59.0)
    assert not pace.save_due
    pace.tick(60.0)
    assert pace.save_due
    pace.saved()
    assert not pace.save_due
    pace.measured(60.0, 61.0)
    assert pace.save_due


def test_pace_goes_on_from_a_checkpoint() -> None:
    """The time between a kill and the resumption is not spent."""
    first, second = Pace(100), Pace(200)
    first.tick(5.0)
    first.tick(45.0)
    second.restore(first.state())
    second.tick(9000.0)
    assert second.progress(0) == pytest.approx(0.2)


def test_step_size_rises_then_falls_to_its_last_share() -> None:
    """From the first step on, half of it in the middle, and a hundredth at the end."""
    assert rate_factor(0, 0) == pytest.approx(1 / WARM_UP_STEPS)
    assert rate_factor(0, 999) == pytest.approx(1)
    assert rate_factor(0.5, 999) == pytest.approx((1 + LAST_RATE) / 2)
    assert rate_factor(1, 999) == pytest.approx(LAST_RATE)


@pytest.mark.parametrize(("minutes", "steps"), [(0, 5), (-1, 5), (math.inf, -1)])
def test_plan_without_an_end_is_refused(minutes: float, steps: int) -> None:
    """Neither no time nor all the time in the world."""
    with pytest.raises(ValueError, match="minutes"):
        TrainingPlan(minutes=minutes, max_steps=steps)


@pytest.mark.parametrize(("short", "expected"), [(True, "bf16"), (False, "f32")])
def test_number_format_is_what_the_device_has(monkeypatch: pytest.MonkeyPatch, short: bool, expected: str) -> None:
    """Unless the user asks for another."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": short}, raising=False)
    chosen = choose_hardware(TrainingPlan())
    assert (chosen.accelerator, chosen.devices, chosen.precision, chosen.workers) == ("cpu", 1, expected, 0)
    assert choose_hardware(TrainingPlan(precision="f32")).precision == "f32"


def test_all_graphics_cards_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """One process each; several need to be told how to work together."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(hardware, "has_short_floats", lambda accelerator: True)
    both, one = choose_hardware(TrainingPlan()), choose_hardware(TrainingPlan(devices=1))
    assert (both.devices, both.strategy, both.trainer_precision) == (2, "ddp", "bf16-mixed")
    assert (one.devices, one.strategy) == (1, "auto")


@pytest.mark.parametrize(("cores", "devices", "workers"), [(16, 1, 8), (16, 4, 3), (2, 1, 1), (1, 8, 1)])
def test_cores_are_shared_between_cards(cores: int, devices: int, workers: int) -> None:
    """Each card has at least one worker; a processor has none."""
    assert default_workers("cuda", devices, cores) == workers
    assert default_workers("cpu", devices, cores) == 0
