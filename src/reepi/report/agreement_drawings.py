"""Bland-Altman plots: the difference of two raters over their mean, with bias and limits of agreement."""

from collections.abc import Sequence
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from reepi.core.tissue import COLOURS, Tissue
from reepi.report.agreement_content import NumberLine, outside
from reepi.report.drawing import GRID, INK, STYLE, svg
from reepi.report.words import number
from reepi.scoring.rater_figures import AgreementFigure

ACCENT: Final = "#0f6b5f"
QUIET: Final = "#8a95a1"
BAND: Final = "#8a95a1"

NAMED: Final = 6
"""Visits outside the limits that are named in the large plot; more names would cover one another."""

PANELS: Final = 3
"""Small plots in one row."""

_TINTS: Final = {tissue.label: COLOURS[tissue] for tissue in Tissue if tissue not in (Tissue.BACKGROUND, Tissue.INTACT)}


def difference_drawing(line: NumberLine, first: str, second: str) -> bytes:
    """Return the large Bland-Altman plot of one quantity, with the identity plot beside it, as SVG."""
    with mpl.rc_context(STYLE):
        figure = Drawing(figsize=(10.0, 4.3), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.75, 1), gridspec_kw={"wspace": 0.08})
        _differences(left, line, 5.0)
        _names(left, line)
        unit = line.numbers.quantity.unit
        _words(left, f"mean of both [{unit}]", f"{first} less {second} [{unit}]", line.numbers.quantity.title)
        _identity(right, line)
        _words(right, f"{second} [{unit}]", f"{first} [{unit}]", "One against the other")
        return svg(figure)


def small_drawings(lines: Sequence[NumberLine]) -> bytes:
    """Return small Bland-Altman plots of several quantities as SVG."""
    rows = -(-len(lines) // PANELS)
    with mpl.rc_context(STYLE):
        figure = Drawing(figsize=(10.0, 2.7 * rows), layout="constrained")
        panels = figure.subplots(rows, PANELS, squeeze=False).ravel()
        for axes, line in zip(panels, lines, strict=False):
            _differences(axes, line, 3.5)
            quantity = line.numbers.quantity
            _words(axes, f"mean of both [{quantity.unit}]", f"difference [{quantity.unit}]", quantity.title)
        for axes in panels[len(lines) :]:
            axes.set_axis_off()
        return svg(figure)


def _differences(axes: Axes, line: NumberLine, size: float) -> None:
    values = line.numbers.values
    means, differences = values.mean(axis=1), values[:, 0] - values[:, 1]
    axes.axhline(0, color=QUIET, linewidth=0.8)
    for figure, style in ((line.bias, "-"), (line.lower, "--"), (line.upper, "--")):
        _level(axes, figure, style)
    colour = "#{:02x}{:02x}{:02x}".format(*_TINTS.get(line.numbers.quantity.name, (15, 107, 95)))
    axes.plot(means, differences, linestyle="", marker="o", markersize=size, color=colour, alpha=0.65, mec="none")
    axes.margins(x=0.08, y=0.08)
    axes.set_ylim(*_seen(line, differences))


def _seen(line: NumberLine, differences: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, float]:
    """Return the ends of the axis: every point and limit in it, and of wide intervals as much as leaves points apart.

    With few patients the interval of a limit may be many times as wide as the differences themselves.
    """
    levels = [each.value for each in (line.lower, line.upper) if each is not None and each.value is not None]
    low, high = min([0.0, *levels, *differences.tolist()]), max([0.0, *levels, *differences.tolist()])
    room = max(high - low, 1.0)
    ends = [end for each in (line.lower, line.upper) if each is not None for end in (each.low, each.high) if end]
    lowest, highest = min([low, *ends]), max([high, *ends])
    return max(lowest, low - 0.5 * room) - 0.06 * room, min(highest, high + 0.5 * room) + 0.06 * room


def _level(axes: Axes, figure: AgreementFigure | None, style: str) -> None:
    """Draw bias or a limit with the band of its interval, and write its value at the right."""
    if figure is None or figure.value is None:
        return
    if figure.low is not None and figure.high is not None:
        axes.axhspan(figure.low, figure.high, color=BAND, alpha=0.16, linewidth=0)
    axes.axhline(figure.value, color=ACCENT if style == "-" else INK, linewidth=1.2, linestyle=style)
    text = number(figure.value, 2)
    axes.annotate(
        text,
        (1, figure.value),
        xycoords=("axes fraction", "data"),
        xytext=(3, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
    )


def _names(axes: Axes, line: NumberLine) -> None:
    """Name the visits outside the limits, the farthest first."""
    values = line.numbers.values
    differences = values[:, 0] - values[:, 1]
    bias = line.bias.value if line.bias is not None and line.bias.value is not None else 0.0
    places = sorted(outside(line), key=lambda place: -abs(differences[place] - bias))
    middle = float(np.mean(axes.get_xlim()))
    for place in places[:NAMED]:
        name = f"{line.numbers.patients[place]} {line.numbers.visits[place]}".strip()
        at = float(values[place].mean()), float(differences[place])
        side, up = (1 if at[0] < middle else -1), (1 if at[1] > bias else -1)
        axes.annotate(
            name,
            at,
            xytext=(5 * side, 5 * up),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="bottom" if up > 0 else "top",
            fontsize=8,
            parse_math=False,
        )


def _identity(axes: Axes, line: NumberLine) -> None:
    values = line.numbers.values
    low, high = min(0.0, float(values.min())), max(1.0, float(values.max()))
    room = 0.05 * (high - low)
    axes.plot([low, high], [low, high], color=QUIET, linewidth=1)
    colour = "#{:02x}{:02x}{:02x}".format(*_TINTS.get(line.numbers.quantity.name, (15, 107, 95)))
    axes.plot(values[:, 1], values[:, 0], linestyle="", marker="o", markersize=5, color=colour, alpha=0.65, mec="none")
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(low - room, high + room)
    axes.set_aspect("equal")


def _words(axes: Axes, x: str, y: str, title: str) -> None:
    """Label axes; names of raters are text, never mathematics."""
    axes.set_xlabel(x, parse_math=False)
    axes.set_ylabel(y, parse_math=False)
    axes.set_title(title, fontsize=10, loc="left", fontweight="bold", parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
