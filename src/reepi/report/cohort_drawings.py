"""All patients in one drawing: a lane each along the days, and a small curve each."""

from collections.abc import Sequence
from math import ceil
from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator

from reepi.core.tissue import COLOURS, Tissue
from reepi.report.course import PLANNED_LINE, Plan
from reepi.report.courses import PatientCourse
from reepi.report.drawing import GRID, INK, STYLE, svg

WIDTH_INCH: Final = 10.5

LANE_INCH: Final = 0.36
"""Height of a patient's lane."""

LEAST_ROOM: Final = 0.1
"""Part of the width left of the lanes, where names are short."""

NAME_GAP_INCH: Final = 0.15
"""Around a name, between the edge and its lane."""

RATE_TOP: Final = 105.0
"""Upper end of the rates' axis [%]. They are drawn on the axis of open skin to this scale: a second one takes time."""

RATE_GAP: Final = 0.045
"""Part of the width from the last curve of a row to the end of the name of its axis."""

COLUMNS: Final = 5
"""Small curves in a row."""

RED: Final = tuple(channel / 255 for channel in COLOURS[Tissue.DETACHED])
GREEN: Final = tuple(channel / 255 for channel in COLOURS[Tissue.REEPITHELIALISED])

OPEN_SCALE: Final = LinearSegmentedColormap.from_list("open", ["#f3ded2", "#e08a80", "#be1428", "#5a0613"])
"""From no open skin to the largest of the study; lightness falls all the way, so that grey print keeps the order."""


def lanes_drawing(courses: Sequence[PatientCourse], axis: str, plan: Plan) -> bytes:
    """Return a lane for each patient along the days as SVG: visits by open skin, and what became of the patient.

    Parameters
    ----------
    courses : sequence of PatientCourse
        Those with days, in the order in which they stand from the top.
    axis : str
        What a day is, such as ``day after infusion``.
    plan : Plan
        Planned days.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH_INCH, LANE_INCH * len(courses) + 1.25))
        axes = figure.subplots()
        height = figure.get_size_inches()[1]
        left = _room_for_names(courses)
        figure.subplots_adjust(left=left, right=0.88, bottom=0.55 / height, top=1 - 0.5 / height)
        scale = Normalize(0, max([value for course in courses for value in course.open] + [10.0]))
        for day in plan.days:
            axes.axvline(day, color=PLANNED_LINE, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0.5)
        for lane, course in enumerate(courses):
            _draw_lane(axes, lane, course, scale)
        _draw_key(axes)
        axes.set_ylim(len(courses) - 0.4, -0.6)
        axes.set_yticks(range(len(courses)), [course.name for course in courses])
        axes.set_xlabel(axis)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(left=False)
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        bar = figure.colorbar(mpl.cm.ScalarMappable(scale, OPEN_SCALE), ax=axes, fraction=0.02, pad=0.03)
        bar.set_label("open skin [% BSA]")
        bar.outline.set_visible(False)
        return svg(figure)


def _room_for_names(courses: Sequence[PatientCourse]) -> float:
    """Return the part of the width that the names left of the lanes take, a tenth at least."""
    font = FontProperties()
    points = [text_to_path.get_text_width_height_descent(course.name, font, ismath=False)[0] for course in courses]
    return max(LEAST_ROOM, (max(points) / 72 + NAME_GAP_INCH) / WIDTH_INCH)


def _draw_lane(axes: Axes, lane: int, course: PatientCourse, scale: Normalize) -> None:
    ends = [day for day in (course.admitted, course.died, course.discharged, course.left) if day is not None]
    known = [*course.days, *(day for day in ends if day <= course.days[-1] + _BEYOND)]
    axes.plot([min(known), max(known)], [lane, lane], color="#b6bdc6", linewidth=2, solid_capstyle="butt", zorder=1)
    segments = [[(one, lane), (two, lane)] for one, two in zip(course.days, course.days[1:], strict=False)]
    between = [(one + two) / 2 for one, two in zip(course.open, course.open[1:], strict=False)]
    colours = [OPEN_SCALE(scale(value)) for value in between]
    axes.add_collection(LineCollection(segments, colors=colours, linewidths=9, zorder=2))
    shades = [OPEN_SCALE(scale(value)) for value in course.open]
    axes.scatter(course.days, [lane] * len(course.days), s=46, c=shades, edgecolors=INK, linewidths=0.8, zorder=4)
    if course.largest is not None and isinstance(course.largest.value, float) and course.largest.day is not None:
        label = f"{course.largest.value:.0f} %"
        axes.annotate(label, (course.largest.day, lane), (0, 6), textcoords="offset points", ha="center", size=7.5)
    for day, (marker, colour, size) in _marks(course):
        axes.scatter([day], [lane], s=size, marker=marker, color=colour, zorder=5, linewidths=1.8)


_BEYOND: Final = 30
"""Discharges later than so many days after the last visit are not drawn: they would push the visits together."""

_HEALED: Final = ("*", GREEN, 130.0)
_DIED: Final = ("x", "#000000", 60.0)
_DISCHARGED: Final = (">", "#1d5fd0", 44.0)
_LEFT: Final = ("|", "#000000", 90.0)


def _marks(course: PatientCourse) -> list[tuple[float, tuple[str, object, float]]]:
    marks = [
        (course.healed, _HEALED),
        (course.died, _DIED),
        (None if course.died is not None else course.discharged, _DISCHARGED),
        (course.left, _LEFT),
    ]
    return [(day, mark) for day, mark in marks if day is not None and day <= course.days[-1] + _BEYOND]


def _draw_key(axes: Axes) -> None:
    key = (
        ("o", "#e08a80", 46.0, "visit"),
        (*_HEALED, "90 % re-epithelialised"),
        (*_DIED, "died"),
        (*_DISCHARGED, "discharged"),
        (*_LEFT, "left the study"),
    )
    for marker, colour, size, label in key:
        axes.scatter([], [], s=size, marker=marker, color=colour, label=label)
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(key), fontsize=9)


def curves_drawing(courses: Sequence[PatientCourse], axis: str, plan: Plan) -> bytes:
    """Return a small curve for each patient as SVG: open skin with its interval, and the primary rate.

    Parameters
    ----------
    courses : sequence of PatientCourse
        Those with days.
    axis : str
        What a day is.
    plan : Plan
        Planned days.
    """
    rows = ceil(len(courses) / COLUMNS)
    with mpl.rc_context({**STYLE, "font.size": 8}):
        figure = Figure(figsize=(WIDTH_INCH, 1.55 * rows + 0.55))
        # Axes that share limits take longer than their number says: here each has the same by hand.
        grid = figure.subplots(rows, COLUMNS, squeeze=False)
        height = figure.get_size_inches()[1]
        figure.subplots_adjust(
            left=0.05, right=0.95, bottom=0.45 / height, top=1 - 0.25 / height, wspace=0.12, hspace=0.35
        )
        highest = max([value for course in courses for value in course.high] + [10.0])
        top = min(1.05 * highest, 100.0)
        days = [day for course in courses for day in course.days]
        places = [axes for row in grid for axes in row]
        for axes in places[len(courses) :]:
            axes.set_visible(False)
        for place, (axes, course) in enumerate(zip(places, courses, strict=False)):
            last = place % COLUMNS == COLUMNS - 1 or place == len(courses) - 1
            _draw_small(axes, course, plan, top)
            if last:
                _draw_rate_axis(axes)
            axes.set_xlim(min(days) - 1, max(days) + 1)
            axes.set_ylim(0, top)
            axes.tick_params(labelbottom=place + COLUMNS >= len(courses), labelleft=place % COLUMNS == 0)
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        figure.supxlabel(axis, fontsize=9)
        figure.text(0.005, 0.5, "open skin [% BSA]", rotation=90, va="center", color=RED, fontsize=9)
        end = places[min(len(courses), COLUMNS) - 1].get_position().x1
        figure.text(end + RATE_GAP, 0.5, "rate [%]", rotation=270, va="center", ha="right", color=GREEN, fontsize=9)
        return svg(figure)


def _draw_rate_axis(axes: Axes) -> None:
    right = axes.twinx()
    right.set_ylim(0, RATE_TOP)
    right.tick_params(colors=GREEN, length=2)
    right.spines["top"].set_visible(False)


def _draw_small(axes: Axes, course: PatientCourse, plan: Plan, top: float) -> None:
    for day in plan.days:
        axes.axvline(day, color=PLANNED_LINE, linewidth=0.6, linestyle=(0, (1, 2)), zorder=0.5)
    axes.fill_between(course.days, course.low, course.high, color=RED, alpha=0.18, linewidth=0)
    axes.plot(course.days, course.open, color=RED, marker="o", markersize=3, linewidth=1.5)
    rates = [(day, rate) for day, rate in zip(course.days, course.rates, strict=True) if rate is not None]
    axes.plot(
        [day for day, _ in rates],
        [rate * top / RATE_TOP for _, rate in rates],
        color=GREEN,
        marker="s",
        markersize=2.5,
        linewidth=1.2,
        linestyle=(0, (3, 1.5)),
    )
    if course.died is not None and course.died <= max(course.days) + _BEYOND:
        axes.axvline(course.died, color="#000000", linewidth=1.4)
    axes.set_title(course.name + (" †" if course.died is not None else ""), fontsize=9, pad=3, loc="left")
    axes.spines["top"].set_visible(False)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
