"""What a training run went through: loss, step size and every validation, kept in checkpoints, as table and picture."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from reepi.model.training.validation import AREA_ERROR, DICE, SCORE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOSS_STEPS: Final = 20
"""Steps whose mean loss is one point of the curve."""

LOSS_WINDOW: Final = 15
"""Points of the curve in its running mean."""

PICTURE_INCHES: Final = (13.0, 8.0)
PICTURE_DPI: Final = 90


@dataclass
class Curves:
    """The course of a training run.

    Parameters
    ----------
    steps : list of dict
        One entry per `LOSS_STEPS` steps: ``step``, ``loss`` (their mean), ``step size``, ``minutes`` spent.
    validations : list of dict
        One entry per validation: ``step`` and every figure.
    """

    steps: list[dict[str, float]] = field(default_factory=list)
    validations: list[dict[str, float]] = field(default_factory=list)

    def state(self) -> dict[str, Any]:
        """Return plain values for a checkpoint."""
        return {"steps": list(self.steps), "validations": list(self.validations)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take the values from a checkpoint."""
        self.steps, self.validations = list(state["steps"]), list(state["validations"])

    def table(self) -> str:
        """Return everything as CSV, one point of time a line."""
        rows = sorted([*self.steps, *self.validations], key=lambda row: row["step"])
        names = list(dict.fromkeys(name for row in [*self.steps[:1], *self.validations[:1], *rows] for name in row))
        text = io.StringIO()
        writer = csv.DictWriter(text, names or ["step"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def picture(self, title: str = "") -> bytes:
        """Return a PNG: the loss with its running mean, Dice and area error by data set and tissue, and the step size.

        A correspondence run shows its distances in place of Dice and area error.
        """
        # Not pyplot, which keeps figures and a window system in the process.
        from matplotlib.figure import Figure

        figure = Figure(figsize=PICTURE_INCHES, dpi=PICTURE_DPI, layout="constrained")
        (losses, dices), (rates, areas) = figure.subplots(2, 2)
        figure.suptitle(title)
        self._draw_losses(losses)
        self._draw_step(rates, "step size", "step size of the new layers")
        tissue = any(name.endswith(DICE) for row in self.validations for name in row)
        self._draw_validations(dices, DICE if tissue else "cm", "validation Dice" if tissue else "distance [cm]")
        self._draw_validations(areas, AREA_ERROR if tissue else SCORE, AREA_ERROR if tissue else SCORE)
        if self.validations:
            # Beside the axes, which it would cover: both have the same lines.
            figure.legend(*dices.get_legend_handles_labels(), loc="outside right center", fontsize="small")
        content = io.BytesIO()
        figure.savefig(content, format="png")
        return content.getvalue()

    def _draw_losses(self, axes: "Axes") -> None:
        self._draw_step(axes, "loss", f"loss, mean of {LOSS_STEPS} steps", alpha=0.35)
        values = np.array([row["loss"] for row in self.steps])
        axes.plot([row["step"] for row in self.steps], running_mean(values, LOSS_WINDOW), label="running mean")
        axes.legend(fontsize="small")

    def _draw_step(self, axes: "Axes", name: str, title: str, alpha: float = 1.0) -> None:
        marker = "." if len(self.steps) < 2 else ""
        steps, values = [row["step"] for row in self.steps], [row[name] for row in self.steps]
        axes.plot(steps, values, marker=marker, alpha=alpha, label=name)
        axes.set_title(title)
        axes.set_xlabel("step")
        axes.set_ylim(bottom=0)

    def _draw_validations(self, axes: "Axes", ending: str, title: str) -> None:
        steps = [row["step"] for row in self.validations]
        names = dict.fromkeys(name for row in self.validations for name in row if name.endswith(ending))
        for number, name in enumerate(names):
            values = [row.get(name, float("nan")) for row in self.validations]
            style = ("-", "--", ":")[number // 10 % 3]
            axes.plot(steps, values, marker=".", linestyle=style, label=name.removesuffix(ending).strip(" _") or name)
        axes.set_title(title)
        axes.set_xlabel("step")


def running_mean(values: npt.NDArray[np.float64], window: int) -> npt.NDArray[np.float64]:
    """Return the mean of each value with those up to ``window - 1`` places before it."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))
