"""The drawings of an evaluation: figures by tissue and stratum, areas, and how honest a probability is."""

from collections.abc import Sequence
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from reepi.core.tissue import COLOURS, Tissue
from reepi.model.evaluation.evaluating import Figure
from reepi.model.evaluation.records import TissueRecords
from reepi.model.evaluation.subjects import OPEN_SKIN, index_of
from reepi.model.evaluation.tissue_figures import PATIENT_DICE, PHOTOGRAPH_DICE, POOLED_DICE, POOLED_IOU, SURFACE_DICE
from reepi.model.evaluation.worst_cases import predicted_shares, true_shares
from reepi.report.drawing import GRID, INK, STYLE, svg
from reepi.report.evaluation_content import FigureTable

ACCENT: Final = "#0f6b5f"
QUIET: Final = "#8a95a1"

_MARKS: Final = {
    POOLED_DICE: ("o", "full"),
    PHOTOGRAPH_DICE: ("o", "none"),
    PATIENT_DICE: ("s", "none"),
    SURFACE_DICE: ("D", "none"),
}
"""Marker and fill of each measure in the drawing by tissue."""

LEAST_IN_BIN: Final = 1000
"""Pixels below which a bin of predicted probability is not drawn."""

MOST_PANELS: Final = 3
"""Groupings in one row of the drawing by stratum."""


def tissue_drawing(table: FigureTable) -> bytes:
    """Return Dice and surface Dice of every subject of a table by tissue, with their intervals, as SVG."""
    measures = [column.measure for column in table.columns if column.measure in _MARKS]
    rows = [(name, cells) for name, _, cells in table.rows if any(cells)][::-1]
    with mpl.rc_context(STYLE):
        height = 1.1 + 0.46 * len(rows)
        figure = Drawing(figsize=(9.0, height))
        axes = figure.subplots()
        figure.subplots_adjust(left=0.15, right=0.98, bottom=0.5 / height, top=1 - 0.4 / height)
        for place, measure in enumerate(measures):
            column = [c.measure for c in table.columns].index(measure)
            shift = (len(measures) - 1) / 2 - place
            found = [(y + 0.18 * shift, cells[column]) for y, (_, cells) in enumerate(rows)]
            _points(axes, [(y, each) for y, each in found if each], measure, [_colour(name) for name, _ in rows])
        axes.set_yticks(range(len(rows)), [name for name, _ in rows])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        _calm(axes)
        axes.legend(
            handles=[_handle(measure) for measure in measures],
            frameon=False,
            ncols=len(measures),
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            borderaxespad=0.1,
        )
        return svg(figure)


def _points(axes: Axes, found: Sequence[tuple[float, Figure]], measure: str, colours: Sequence[str]) -> None:
    marker, fill = _MARKS[measure]
    for y, each in found:
        colour = colours[round(y)]
        _estimate(axes, each, y, color=colour, marker=marker, mfc=colour if fill == "full" else "white")


def _estimate(axes: Axes, figure: Figure, y: float, **look: str) -> None:
    """Draw a figure with its interval, if it has one; the interval of a bootstrap need not hold the figure."""
    low = figure.value if figure.low is None else min(figure.low, figure.value)
    high = figure.value if figure.high is None else max(figure.high, figure.value)
    ends = [[figure.value - low], [high - figure.value]]
    axes.errorbar([figure.value], [y], xerr=ends, markersize=5.5, elinewidth=1.2, **look)  # type: ignore[arg-type]


def _handle(measure: str) -> mpl.lines.Line2D:
    marker, fill = _MARKS[measure]
    face = INK if fill == "full" else "white"
    return mpl.lines.Line2D([], [], color=INK, marker=marker, mfc=face, linestyle="", label=measure)


def _colour(name: str) -> str:
    """Return the colour of a tissue; groups of tissues, and background, are drawn in ink."""
    drawn = {t.label: COLOURS[t] for t in Tissue if t not in (Tissue.BACKGROUND, Tissue.INTACT)}
    return "#{:02x}{:02x}{:02x}".format(*drawn[name]) if name in drawn else INK


def strata_drawing(tables: Sequence[FigureTable]) -> bytes:
    """Return the first column of tables of strata, one of them filled, with intervals, one panel a grouping, as SVG."""
    rows = -(-len(tables) // MOST_PANELS)
    longest = max(len(table.rows) for table in tables)
    height = rows * (0.95 + 0.26 * longest)
    with mpl.rc_context(STYLE):
        figure = Drawing(figsize=(10.0, height), layout="constrained")
        panels = figure.subplots(rows, MOST_PANELS, squeeze=False).ravel()
        shown = [cells[0] for table in tables for _, _, cells in table.rows if cells[0] is not None]
        low = min(each.value if each.low is None else each.low for each in shown)
        for axes, table in zip(panels, tables, strict=False):
            _draw_strata(axes, table, longest)
            axes.set_xlim(max(0.0, low - 0.03), 1.0)
        for axes in panels[len(tables) :]:
            axes.set_axis_off()
        return svg(figure)


def _draw_strata(axes: Axes, table: FigureTable, longest: int) -> None:
    rows = [(f"{name} ({n})", cells[0]) for name, n, cells in table.rows]
    for y, (_, each) in enumerate(rows):
        if each is not None:
            _estimate(axes, each, y, color=ACCENT, marker="o")
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_ylim(max(len(rows), min(longest, 4)) - 0.4, -0.6)
    axes.set_title(table.title, fontsize=10, loc="left", fontweight="bold")
    _calm(axes)


def area_drawing(records: TissueRecords) -> bytes:
    """Return open skin predicted against true on each photograph, and the reliability of its probability, as SVG."""
    with mpl.rc_context(STYLE):
        figure = Drawing(figsize=(9.0, 4.1), layout="constrained")
        left, right = figure.subplots(1, 2)
        _draw_areas(left, records)
        _draw_reliability(right, records)
        return svg(figure)


def _draw_areas(axes: Axes, records: TissueRecords) -> None:
    place = index_of(OPEN_SKIN)
    true, predicted = true_shares(records)[:, place], predicted_shares(records)[:, place]
    most = max(1.0, 1.05 * float(np.nanmax([true, predicted])))
    axes.plot([0, most], [0, most], color=QUIET, linewidth=1)
    colour = "#{:02x}{:02x}{:02x}".format(*COLOURS[Tissue.DETACHED])
    axes.plot(true, predicted, linestyle="", marker="o", markersize=4, alpha=0.5, color=colour, mec="none")
    axes.set_xlim(-0.02 * most, most)
    axes.set_ylim(-0.02 * most, most)
    axes.set_aspect("equal")
    axes.set_xlabel(f"true open skin [% of {records.area_unit}]")
    axes.set_ylabel(f"predicted open skin [% of {records.area_unit}]")
    axes.set_title("Area of open skin, one point a photograph", fontsize=10, loc="left", fontweight="bold")
    _calm(axes, "both")


def _draw_reliability(axes: Axes, records: TissueRecords) -> None:
    pixels, chances, true = np.sum([each.reliability for each in records.photographs], axis=0).T
    filled = pixels >= LEAST_IN_BIN
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1)
    axes.plot(chances[filled] / pixels[filled], true[filled] / pixels[filled], color=ACCENT, marker="o", markersize=5)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
    axes.set_xlabel("predicted probability of open skin")
    axes.set_ylabel("share of pixels that are open")
    axes.set_title("Reliability of the probability", fontsize=10, loc="left", fontweight="bold")
    _calm(axes, "both")


def _calm(axes: Axes, grid: str = "x") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, color=GRID, linewidth=0.8)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.tick_params(length=0)


def drawn_measure(tables: Sequence[FigureTable]) -> str:
    """Return in words what `strata_drawing` shows."""
    column = tables[0].columns[0]
    measure = POOLED_IOU if column.measure == POOLED_IOU else POOLED_DICE
    return f"{measure[0].upper()}{measure[1:]}: {column.title.removesuffix(', IoU')},"
