"""What was done to the colours of a photograph before the models saw it: step by step, so that it can be undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

StepName = Literal["white_balance", "colour"]
Source = Literal["card", "scene", "none"]


@dataclass(frozen=True)
class ColourStep:
    """One step on linear light.

    Parameters
    ----------
    name : "white_balance" or "colour"
        Gains of the channels, or a root-polynomial correction.
    parameters : tuple of tuple of float
        Gains (1, 3), or matrix (3, N) of the polynomial's terms: N is 3 for a linear one, 6 for one of degree 2.
    residual : float or None
        Mean colour difference of the card's patches from what they should be after this step [CIE delta E 2000]; None
        without a card.
    """

    name: StepName
    parameters: tuple[tuple[float, ...], ...]
    residual: float | None = None


@dataclass(frozen=True)
class Standardisation:
    """How a photograph's colours were standardised. The photograph's file is never changed.

    Parameters
    ----------
    source : "card", "scene" or "none"
        What told the light: a card or chart, the picture itself (rougher), or nothing.
    steps : tuple of ColourStep
        In the order in which they were taken; the first ones alone undo the last.
    residual_before : float or None
        Colour difference of the card's patches before the first step [CIE delta E 2000].
    reason : str
        Why there are no steps, or fewer than there could be; empty otherwise.
    """

    source: Source
    steps: tuple[ColourStep, ...] = ()
    residual_before: float | None = None
    reason: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """The standardisation as plain values."""
        return {
            "source": self.source,
            "reason": self.reason,
            "residual_before": self.residual_before,
            "steps": [
                {"name": step.name, "parameters": [list(row) for row in step.parameters], "residual": step.residual}
                for step in self.steps
            ],
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Standardisation":
        """Return the standardisation of a `record` (`ValueError` if it is none)."""
        try:
            steps = tuple(
                ColourStep(each["name"], tuple(tuple(map(float, row)) for row in each["parameters"]), each["residual"])
                for each in record["steps"]
            )
            return cls(record["source"], steps, record["residual_before"], record["reason"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"this is no standardisation ({error!r})") from error


NOTHING_DONE = Standardisation("none")
"""Of a photograph whose colours are as they were."""
