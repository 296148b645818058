"""Healing curves of the cohort as a drawing: when patients reached half, 90 % and all, death competing."""

from typing import Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from reepi.core.tissue import COLOURS, Tissue
from reepi.report.course import PLANNED_LINE, Plan
from reepi.report.drawing import GRID, INK, STYLE, svg
from reepi.scoring.cohort_curves import CohortCurves, HealingCurves
from reepi.scoring.cohort_times import COMPLETE
from reepi.scoring.endpoint_titles import endpoint_title
from reepi.scoring.time_to_event import Curve

SIZE_INCH: Final = (10.5, 3.35)

GREEN: Final = tuple(channel / 255 for channel in COLOURS[Tissue.REEPITHELIALISED])

QUIET: Final = "#505b68"
"""Colour of small words; 7:1 on white."""

RISK_DAYS: Final = 7
"""Days between the numbers of patients at risk below a curve."""


def healing_drawing(curves: CohortCurves, axis: str, plan: Plan) -> bytes | None:
    """Return the share of patients that has reached each rate, by day, as SVG; None where no patient has a time.

    Each rate has the share with death competing (Aalen and Johansen) with its 95 % interval, the same by Kaplan and
    Meier for comparison, and the share that has died without. Below stand the patients at risk.

    Parameters
    ----------
    curves : CohortCurves
        From `reepi.scoring.cohort_curves.cohort_curves`.
    axis : str
        What a day is, such as ``day after infusion``.
    plan : Plan
        Planned days.
    """
    if not any(each.times for each in curves.healing):
        return None
    last = max(day for each in curves.healing for day in (*each.healed.days, *plan.days))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE_INCH)
        panels = figure.subplots(1, len(curves.healing), sharey=True, squeeze=False)[0]
        figure.subplots_adjust(left=0.065, right=0.99, bottom=0.27, top=0.82, wspace=0.08)
        for axes, each in zip(panels, curves.healing, strict=True):
            _draw(axes, each, last, plan)
            axes.set_xlabel(axis, labelpad=16)
        panels[0].set_ylabel("patients [%]")
        panels[0].annotate(
            "at risk", (0, 0), (-14, -17), textcoords="offset points", ha="right", va="top", fontsize=8, color=QUIET
        )
        lines, labels = panels[0].get_legend_handles_labels()
        figure.legend(lines, labels, frameon=False, loc="upper center", ncols=len(labels), fontsize=9)
        return svg(figure)


def healing_text(curves: CohortCurves) -> str:
    """Return the curves in a sentence, for readers who do not see them."""
    told = []
    for each in curves.healing:
        share = each.healed.percent[-1] if each.healed.percent else 0.0
        reached = "completely" if each.percent == COMPLETE else f"{each.percent} % of the largest area"
        told.append(f"{reached}: {share:.0f} % of {len(each.times)} patients in the end")
    return f"Share of patients that has re-epithelialised, by day. {'; '.join(told)}."


def _draw(axes: Axes, curves: HealingCurves, last: float, plan: Plan) -> None:
    for day in plan.days:
        axes.axvline(day, color=PLANNED_LINE, linewidth=0.7, linestyle=(0, (1, 2)), zorder=0.5)
    if curves.healed.days:
        days = [*curves.healed.days, _end(curves.healed, last)]
        low, high = ([*ends, *ends[-1:]] for ends in (curves.healed.low, curves.healed.high))
        axes.fill_between(days, low, high, step="post", color=GREEN, alpha=0.16, linewidth=0)
    _step(axes, curves.healed, last, "re-epithelialised, death competing (95 % interval)", GREEN, 2.4, "-")
    _step(axes, curves.kaplan_meier, last, "by Kaplan-Meier, for comparison", INK, 1.1, (0, (4, 2)))
    _step(axes, curves.died, last, "died without", "#000000", 1.6, (0, (1, 1.2)))
    axes.set_title(endpoint_title(f"time_to_{curves.percent}"), loc="left", fontsize=10)
    axes.set_xlim(0, last + 0.5)
    axes.set_ylim(0, 103)
    axes.set_xticks(range(0, int(last) + 1, RISK_DAYS))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for day in range(0, int(last) + 1, RISK_DAYS):
        place = {"textcoords": "offset points", "ha": "center", "va": "top", "fontsize": 8, "color": QUIET}
        axes.annotate(str(_at_risk(curves, day)), (day, 0), (0, -17), annotation_clip=False, **place)  # type: ignore[arg-type]


def _step(axes: Axes, curve: Curve, last: float, label: str, colour: object, width: float, dashes: object) -> None:
    if not curve.days:
        return
    axes.step(
        [*curve.days, _end(curve, last)],
        [*curve.percent, curve.percent[-1]],
        where="post",
        label=label,
        color=colour,
        linewidth=width,
        linestyle=dashes,
    )


def _end(curve: Curve, last: float) -> float:
    """Return the day to which a curve is drawn: where nobody was followed any more, unless all outcomes are known."""
    return last if curve.settled else curve.days[-1]


def _at_risk(curves: HealingCurves, day: int) -> int:
    """Return how many patients had had no event before a day and were still followed on it."""
    return sum(each.day >= day for each in curves.times)
