"""The course of a patient as a drawing: open and re-epithelialised skin and the rate, by day, with intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from reepi.core.tissue import COLOURS, Tissue
from reepi.report.drawing import GRID, STYLE, svg
from reepi.scoring.intervals import Estimate

SIZE_INCH: Final = (10.5, 3.3)
UNASSESSED_FILL: Final = "#e9ebee"
PLANNED_LINE: Final = "#7b8794"
WINDOW_FILL: Final = "#f3ead9"


@dataclass(frozen=True)
class CoursePoint:
    """One visit of the course.

    Parameters
    ----------
    x : int
        Its day, or its number where there is no day zero.
    open, reepithelialised : Estimate or None
        Skin of the whole body [% BSA]; None where no skin was assessed.
    unassessed : float
        [% BSA].
    rate : Estimate or None
        Primary re-epithelialisation rate [%].
    """

    x: int
    open: Estimate | None
    reepithelialised: Estimate | None
    unassessed: float
    rate: Estimate | None


@dataclass(frozen=True)
class Plan:
    """Planned days, marked behind the course.

    Parameters
    ----------
    days : tuple of int
        The days.
    window : int
        A visit so many days before or after answers a planned day.
    """

    days: tuple[int, ...] = ()
    window: int = 0


def course_drawing(points: Sequence[CoursePoint], axis: str, plan: Plan = Plan()) -> bytes:
    """Return the course of a patient as SVG.

    Parameters
    ----------
    points : sequence of CoursePoint
        Visits in order.
    axis : str
        What x is, such as ``day after infusion``.
    plan : Plan
        Days that were planned; none where x is no day.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE_INCH)
        left, right = figure.subplots(1, 2, width_ratios=(3, 2))
        figure.subplots_adjust(left=0.06, right=0.99, bottom=0.16, top=0.9, wspace=0.18)
        _draw_areas(left, points)
        _draw_rate(right, points)
        for axes in (left, right):
            _draw_plan(axes, plan)
            _calm(axes, points, axis, plan)
        return svg(figure)


def _draw_areas(axes: Axes, points: Sequence[CoursePoint]) -> None:
    unassessed = [point.unassessed for point in points]
    axes.bar([point.x for point in points], unassessed, width=0.8, color=UNASSESSED_FILL, label="unassessed")
    _line(axes, points, lambda point: point.open, Tissue.DETACHED, "open")
    _line(axes, points, lambda point: point.reepithelialised, Tissue.REEPITHELIALISED, "reepithelialised")
    areas = [area.high for point in points for area in (point.open, point.reepithelialised) if area is not None]
    highest = max(areas + unassessed)
    axes.set_ylim(0, min(max(1.1 * highest, 5.0), 100.0))
    axes.set_ylabel("% BSA")
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 1.16), ncols=3)


def _draw_plan(axes: Axes, plan: Plan) -> None:
    for day in plan.days:
        if plan.window:
            axes.axvspan(day - plan.window, day + plan.window, color=WINDOW_FILL, linewidth=0, zorder=0)
        axes.axvline(day, color=PLANNED_LINE, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.5)


def _draw_rate(axes: Axes, points: Sequence[CoursePoint]) -> None:
    _line(axes, points, lambda point: point.rate, Tissue.REEPITHELIALISED, "rate")
    axes.set_ylim(0, 105)
    axes.set_ylabel("Re-epithelialisation rate [%]")


def _line(
    axes: Axes,
    points: Sequence[CoursePoint],
    value_of: Callable[[CoursePoint], Estimate | None],
    tissue: Tissue,
    label: str,
) -> None:
    """Draw a line through the values with their intervals; points without a value are left out."""
    known = [(point.x, value) for point in points if (value := value_of(point)) is not None]
    if not known:
        return
    ends = [[value.down for _, value in known], [value.up for _, value in known]]
    colour = tuple(channel / 255 for channel in COLOURS[tissue])
    x, y = [x for x, _ in known], [value.value for _, value in known]
    axes.errorbar(
        x, y, ends, color=colour, marker="o", markersize=5, linewidth=2, elinewidth=1.2, capsize=3, label=label
    )


def _calm(axes: Axes, points: Sequence[CoursePoint], axis: str, plan: Plan) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_xlabel(axis)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    shown = [*(point.x for point in points), *plan.days]
    axes.set_xlim(min(shown) - 0.8, max(shown) + 0.8)
