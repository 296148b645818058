"""How far a training run is: by the clock, by its steps, or both, with time kept back for the last validation."""

import math
from dataclasses import dataclass
from typing import Final

VALIDATIONS_IN_BUDGET: Final = 5
"""A budget is cut into at least so many parts with a validation after each, however slow the steps are."""


@dataclass
class Pace:
    """The state of a run against its limits.

    Parameters
    ----------
    budget_s : float
        Time for training, validations included [s]; may be infinite.
    max_steps : int
        Steps at most; -1 is no limit.
    checkpoint_s : float
        Time between checkpoints [s].
    spent_s : float
        Time that is spent [s].
    reserve_s : float
        Time that the last validation will take [s], known from the one before.
    measured_s, saved_s : float
        Time that was spent when a validation last ended and weights were last saved [s].
    save_due : bool
        Whether the end of this step should leave a checkpoint.
    stop : bool
        Whether training should end with this step.
    """

    budget_s: float
    max_steps: int = -1
    checkpoint_s: float = math.inf
    spent_s: float = 0.0
    reserve_s: float = 0.0
    measured_s: float = 0.0
    saved_s: float = 0.0
    save_due: bool = False
    stop: bool = False
    _clock: float | None = None

    def tick(self, now: float) -> None:
        """Add the time since the last tick, given a clock's time [s]; the first tick starts the clock."""
        self.spent_s += 0.0 if self._clock is None else now - self._clock
        self._clock = now
        self.save_due = self.save_due or self.spent_s - self.saved_s >= self.checkpoint_s

    def progress(self, step: int) -> float:
        """Return the share of the run that is done, 0 to 1: of its time or of its steps, whichever is more.

        Without a budget it depends on the steps alone, so a run repeats exactly.
        """
        by_time = self.spent_s / max(self.budget_s - self.reserve_s, 1e-9)
        by_steps = step / self.max_steps if self.max_steps > 0 else 0.0
        return min(1.0, max(by_time, by_steps))

    def is_over(self, step: int) -> bool:
        """Return whether training ends with this step."""
        return self.stop or self.progress(step) >= 1

    def validation_due(self, in_turn: bool = False) -> bool:
        """Return whether a validation follows this step: in its turn, or as its part of the budget is spent.

        None begins that would leave less time for training before the last one than it takes itself.
        """
        has_room = self.budget_s - self.spent_s >= 3 * self.reserve_s
        return has_room and (in_turn or self.spent_s - self.measured_s >= self.budget_s / VALIDATIONS_IN_BUDGET)

    def measured(self, began: float, now: float) -> None:
        """Spend the time of a validation, given a clock's times at its begin and now [s]."""
        self.tick(now)
        self.reserve_s, self.measured_s, self.save_due = now - began, self.spent_s, True

    def saved(self) -> None:
        """Note that a checkpoint has just been written."""
        self.saved_s, self.save_due = self.spent_s, False

    def state(self) -> dict[str, float]:
        """Return what a checkpoint keeps."""
        return {name: getattr(self, name) for name in _KEPT}

    def restore(self, state: dict[str, float]) -> None:
        """Go on from what a checkpoint kept."""
        for name in _KEPT:
            setattr(self, name, float(state[name]))
        self.saved_s = self.spent_s


_KEPT: Final = ("spent_s", "reserve_s", "measured_s")
