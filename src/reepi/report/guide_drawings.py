"""The drawings of the ward guide: a photograph to be taken, its framing done wrong, and the round on the body."""

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from reepi.body.charts import Chart, body_charts
from reepi.body.framed import target_faces
from reepi.body.template import BodyTemplate
from reepi.core.surface import NO_FACE
from reepi.report.guide_pictures import Viewfinder
from reepi.report.guide_words import Step
from reepi.report.page import BLACK, PALE, Page

Places = npt.NDArray[np.float64]

_CHART_PIXEL_M: Final = 0.005
"""Side of a chart's pixel on the body [m]; the charts are small."""

_NUMBER_MM: Final = 2.3
"""Radius of a number on the body charts [mm]."""


def draw_viewfinder(axes: Axes, seen: Viewfinder, weight: float = 1.0) -> None:
    """Draw what the photographer sees: body, framed part, frame and card; lines of ``weight`` points."""
    # Plaster grey; the framed part darker, so that it stands out in a grey print too.
    grey = np.where(seen.part, 0.42 + 0.42 * seen.shade, 0.8 + 0.2 * seen.shade)
    grey = cv2.GaussianBlur(np.where(seen.body, grey, 1).astype(np.float32), (0, 0), 0.7)
    axes.imshow(grey, cmap="gray", vmin=0, vmax=1, interpolation="bicubic", aspect="equal")
    for mask, colour, width in ((seen.body, PALE, 0.4), (seen.part, BLACK, 0.7)):
        # Borders of regions run along faces; smoothed, they look like lines of a drawing.
        smooth = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 3.0)
        axes.contour(smooth, levels=[0.5], colors=[colour], linewidths=[width * weight])
    _draw_frame(axes, seen.frame, weight)
    if seen.card is not None:
        _draw_card(axes, seen.card, weight)


def _draw_frame(axes: Axes, frame: tuple[float, float, float, float], weight: float) -> None:
    left, top, width, height = frame
    axes.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=BLACK, linewidth=0.5 * weight))
    reach = 0.12 * width
    for x, inward in ((left, 1), (left + width, -1)):
        for y, down in ((top, 1), (top + height, -1)):
            corner = [x + inward * reach, x, x], [y, y, y + down * reach]
            axes.plot(*corner, color=BLACK, linewidth=1.8 * weight, solid_capstyle="butt", solid_joinstyle="miter")


def _draw_card(axes: Axes, card: tuple[float, float, float, float], weight: float) -> None:
    left, top, width, height = card
    axes.add_patch(
        Rectangle((left, top), width, height, facecolor="white", edgecolor=BLACK, linewidth=0.9 * weight, zorder=4)
    )
    side, rim = 0.24 * min(width, height), 0.08 * min(width, height)
    for x in (left + rim, left + width - rim - side):
        for y in (top + rim, top + height - rim - side):
            axes.add_patch(Rectangle((x, y), side, side, facecolor=BLACK, linewidth=0, zorder=5))


def draw_round(
    page: Page, x: float, y: float, width: float, height: float, template: BodyTemplate, steps: Sequence[Step]
) -> None:
    """Draw the body from the front and below it from the back, with the number of every photograph.

    Parameters
    ----------
    page : Page
        Where to draw.
    x, y, width : float
        Top left corner and width of the drawing [mm].
    height : float
        Height of either body [mm].
    template : BodyTemplate
        The body.
    steps : sequence of Step
        The photographs.
    """
    charts = body_charts(template, _CHART_PIXEL_M)
    for name, title in (("anterior", "Front"), ("posterior", "Back")):
        chart = charts[name]
        scale = height / chart.faces.shape[0]
        left = x + (width - chart.faces.shape[1] * scale) / 2
        _draw_body(page.axes(left, y, chart.faces.shape[1] * scale, height), chart)
        page.text(x, y + 3, title, 8)
        places = {step.number: place * scale for step, place in _places(template, charts, name, steps).items()}
        spread = spread_out(np.array(list(places.values())).reshape(-1, 2), 2 * _NUMBER_MM + 0.3)
        for number, (column, row) in zip(places, spread, strict=True):
            page.numbered(left + column, y + row, number, _NUMBER_MM)
        y += height + 4


def _draw_body(axes: Axes, chart: Chart) -> None:
    body = chart.faces != NO_FACE
    grey = np.where(chart.outlines & body, 0.72, np.where(body, 0.92, 1)).astype(np.float32)
    axes.imshow(cv2.GaussianBlur(grey, (0, 0), 0.6), cmap="gray", vmin=0, vmax=1, interpolation="bicubic")
    axes.contour(cv2.GaussianBlur(body.astype(np.float32), (0, 0), 1.0), levels=[0.5], colors=[BLACK], linewidths=[0.7])


def _places(
    template: BodyTemplate, charts: dict[str, Chart], name: str, steps: Sequence[Step]
) -> dict[Step, npt.NDArray[np.float64]]:
    """Return column and row [px] of the photographs that show more of this chart's side than of the other."""
    found = {}
    for step in steps:
        target = target_faces(template, step.view)
        shown = {
            side: target[charts[side].faces] & (charts[side].faces != NO_FACE) for side in ("anterior", "posterior")
        }
        if max(shown, key=lambda side: int(shown[side].sum())) == name:
            rows, columns = np.nonzero(shown[name])
            found[step] = np.array([np.median(columns), np.median(rows)])
    return found


def spread_out(places: Places, apart: float, rounds: int = 200) -> Places:
    """Return places (N, 2) moved as little as it takes until none is closer than ``apart`` to another."""
    places = places.copy()
    for _ in range(rounds):
        crowded = False
        for i in range(len(places)):
            for j in range(i + 1, len(places)):
                between = places[j] - places[i]
                distance = float(np.hypot(*between))
                if distance >= apart:
                    continue
                crowded = True
                # Two at the same place part along a direction of their own.
                way = between / distance if distance > 1e-6 else np.array([math.cos(i + j), math.sin(i + j)])
                push = way * (apart - distance) / 2 * 1.01
                places[i] -= push
                places[j] += push
        if not crowded:
            break
    return places
