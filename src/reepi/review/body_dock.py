"""The body chart of the window: the visit's result on it, detachable skin and dressings to paint, or a body to turn."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, Final

import cv2
import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels
from napari.qt import QtViewer
from napari.utils.colormaps import DirectLabelColormap
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from reepi.body.chart_points import BodyPoint
from reepi.body.template import BodyTemplate
from reepi.core.chart_reading import PAINTABLE, FaceTissues
from reepi.core.images import Pixels
from reepi.core.reader_points import ReaderPoint
from reepi.core.surface import SurfaceMap
from reepi.core.tissue import Tissue
from reepi.review.body_surface import body_surface, face_colours
from reepi.review.chart import ChartSheet
from reepi.review.keys import Keys, bind_alone
from reepi.review.panel import mouse_button
from reepi.review.words import tissue_colours

LEAST_HEIGHT_PX: Final = 260
"""Least height of the dock [px]."""

BRUSH_PX: Final = 24
"""Width of the brush on the chart at first [px]."""

BRUSH_STEP_PX: Final = 2
"""By so much a key widens or narrows it [px]."""

CHART_WORDS: Final = {Tissue.DETACHABLE: "detachable skin", Tissue.COVERED: "dressing"}

TURNED: Final = "body to turn"
"""Name of the layer with the body as a surface."""

TITLE_SCALE: Final = 0.8
"""Size of the titles' letters, as OpenCV counts it."""

INK: Final = (60, 66, 74)
"""Colour of the titles, sRGB."""

POINT_PX: Final = 26
"""Size of a reader's point on the chart, which is drawn at about a third at first [px]."""

ON_TOP: Final = "translucent_no_depth"
"""napari's name of the way to draw a layer over those below it, whatever their depth, of which all have the same."""

MOVE: Final = "pan_zoom"
"""napari's name of the mode in which a click paints nothing."""

ERASE: Final = 0
"""Label of a place where nothing is painted."""


class BodyDock:
    """Shows the body and hands on what is painted and clicked on it.

    Parameters
    ----------
    painted : callable
        Told of each stroke, before it is drawn; `painted` has it thereafter.
    clicked : callable
        Told face and weights of its corners of each place clicked while `placing`.
    ended : callable, optional
        Told when the choice of a brush ended `placing`.
    """

    def __init__(
        self,
        painted: Callable[[], None],
        clicked: Callable[[int, tuple[float, float, float]], None],
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._painted = painted
        self._clicked = clicked
        self._ended = ended
        self.placing = False
        self.viewer = ViewerModel()
        self.viewer.theme = "light"
        # Its wheel chooses other layers, and the brush would paint nothing.
        self.viewer.mouse_wheel_callbacks.clear()
        self._canvas = QtViewer(self.viewer)
        # A file that is dropped would become a layer over the chart.
        self._canvas.setAcceptDrops(False)
        self._sheet_of = lru_cache(maxsize=4)(_sheet)
        self.sheet: ChartSheet | None = None
        self._template: BodyTemplate | None = None
        self._surface: SurfaceMap | None = None
        self._chart: FaceTissues = np.zeros(0, np.uint8)
        self._points: tuple[ReaderPoint, ...] = ()
        self._keys: Keys = {}
        self._picture: Image | None = None
        self.labels: Labels | None = None
        self.widget = self._assembled()
        self.viewer.mouse_drag_callbacks.append(self._mouse)

    @property
    def painted(self) -> FaceTissues:
        """Tissue painted on each face, (F,), as it is drawn now."""
        if self.labels is None or self.sheet is None:
            return self._chart
        return self.sheet.painted(self._chart, np.asarray(self.labels.data))

    @property
    def is_turned(self) -> bool:
        """Whether the body is shown as one to turn."""
        return bool(self.viewer.dims.ndisplay == 3)

    def show_body(self, template: BodyTemplate, chart: FaceTissues) -> None:
        """Show a patient's body with what is painted on it."""
        if template is not self._template:
            self._template, self.sheet = template, self._sheet_of(_Key(template))
            self._surface = SurfaceMap.unseen(template.n_faces)
            self._chart = chart
            self._draw_flat()
        self.show_chart(chart)
        if self.labels is not None:
            # napari keeps the strokes of the visit before, and would undo them in this one.
            self.labels.editable = False
            self.labels.editable = True

    def show_surface(self, surface: SurfaceMap) -> None:
        """Paint the body with a visit's result."""
        self._surface = surface
        if self.is_turned:
            self._draw_turned()
        elif self._picture is not None and self.sheet is not None:
            self._picture.data = self._shown(surface)

    def show_chart(self, chart: FaceTissues) -> None:
        """Show what is painted on the chart, (F,)."""
        self._chart = chart
        if self.labels is not None and self.sheet is not None:
            shown = self.sheet.labels(chart)
            if not np.array_equal(shown, self.labels.data):
                self.labels.data[:] = shown
                self.labels.refresh()

    def show_points(self, points: Sequence[ReaderPoint]) -> None:
        """Mark where the reader's points lie on the chart, with their numbers."""
        self._points = tuple(points)
        if self.is_turned or self.sheet is None or self._template is None:
            return
        if "points" in self.viewer.layers:
            self.viewer.layers.remove("points")
        places = [(n, self._place(point)) for n, point in enumerate(points, start=1)]
        shown = [(n, place) for n, place in places if place is not None]
        if shown:
            numbers = {"string": [str(n) for n, _ in shown], "color": "black", "anchor": "upper_left"}
            self.viewer.add_points(
                np.array([place for _, place in shown]),
                name="points",
                size=POINT_PX,
                face_color="yellow",
                border_color="black",
                text=numbers,
                blending=ON_TOP,
            )
            self.viewer.layers.selection.active = self.labels

    def choose(self, tissue: Tissue | None) -> None:
        """Paint with a tissue on the chart, or erase with None; no points are placed any more."""
        was_placing, self.placing = self.placing, False
        if self.is_turned:
            self.turn()
        if self.labels is not None:
            self.viewer.layers.selection.active = self.labels
            self.labels.selected_label = ERASE if tissue is None else int(tissue)
            self.labels.mode = "paint"
        self._mark()
        if was_placing:
            self._ended()

    def move(self) -> None:
        """Move and zoom the chart instead of painting on it."""
        if self.labels is not None:
            self.labels.mode = MOVE
        self._mark()

    def bind(self, keys: Keys) -> None:
        """Do the same by each key over the chart as over the photograph, and nothing by napari's own keys.

        Its undo knows nothing of the review, and others of its keys delete, turn or hide what is drawn.
        """
        self._keys = {**keys, "[": partial(self._widen, -BRUSH_STEP_PX), "]": partial(self._widen, BRUSH_STEP_PX)}
        bind_alone(self.viewer, self._keys)

    def place(self) -> None:
        """Begin to tell of clicks on the chart, flat and with no brush: a click paints or places, never both."""
        if self.is_turned:
            self.turn()
        self.move()
        self.placing = True

    def turn(self) -> None:
        """Show the body as one to turn, or flat again."""
        if self.is_turned:
            self._draw_flat()
            self.show_chart(self._chart)
            self.show_points(self._points)
        else:
            self._draw_turned()

    def close(self) -> None:
        """Let go of the canvas."""
        self._canvas.close()

    def _widen(self, by: int) -> None:
        if self.labels is not None:
            self.labels.brush_size = max(1, self.labels.brush_size + by)

    def _assembled(self) -> QWidget:
        widget = _Resized(self._filled_again)
        layout = QVBoxLayout(widget)
        row = QHBoxLayout()
        row.addWidget(QLabel("Paint at the bedside:"))
        self._brushes = {
            ERASE if tissue is None else int(tissue): mouse_button(
                "erase" if tissue is None else CHART_WORDS[tissue], partial(self.choose, tissue)
            )
            for tissue in (*PAINTABLE, None)
        }
        self._mover = mouse_button("move", self.move)
        for button in (*self._brushes.values(), self._mover):
            button.setCheckable(True)
            row.addWidget(button)
        row.addWidget(mouse_button("turn the body", self.turn))
        row.addStretch()
        layout.addLayout(row)
        layout.addWidget(self._canvas)
        widget.setMinimumHeight(LEAST_HEIGHT_PX)
        return widget

    def _mark(self) -> None:
        """Mark the button of what a click on the chart does."""
        labels = self.labels
        for label, button in self._brushes.items():
            button.setChecked(labels is not None and labels.mode == "paint" and labels.selected_label == label)
        self._mover.setChecked(labels is not None and labels.mode == MOVE)

    def _draw_flat(self) -> None:
        sheet, surface = self.sheet, self._surface
        if sheet is None or surface is None:
            return
        self._clear()
        self.viewer.dims.ndisplay = 2
        self._picture = self.viewer.add_image(self._shown(surface), rgb=True, name="body")
        colours = DirectLabelColormap(color_dict=tissue_colours())
        self.labels = self.viewer.add_labels(
            sheet.labels(self._chart), name="bedside", colormap=colours, opacity=0.8, blending=ON_TOP
        )
        self.labels.brush_size = BRUSH_PX
        self.labels.events.paint.connect(lambda event: self._painted())
        for event in (self.labels.events.mode, self.labels.events.selected_label):
            event.connect(lambda event: self._mark())
        bind_alone(self.labels, self._keys)
        self._mark()
        self.viewer.layers.selection.active = self.labels
        self._fill(sheet.faces.shape)

    def _draw_turned(self) -> None:
        if self._template is None or self._surface is None:
            return
        if self.is_turned and TURNED in self.viewer.layers:
            self.viewer.layers[TURNED].vertex_colors = face_colours(self._template, self._surface, self._chart)
            return
        self._clear()
        body = body_surface(self._template, self._surface, self._chart)
        layer = self.viewer.add_surface((body.vertices, body.triangles), name=TURNED, shading="smooth")
        layer.vertex_colors = body.colours
        self.viewer.dims.ndisplay = 3
        self.viewer.reset_view()
        self.viewer.scene.camera.zoom *= 1.4

    def _shown(self, surface: SurfaceMap) -> Pixels:
        """Return the sheet with its titles, (H, W, 3)."""
        if self.sheet is None:
            raise RuntimeError("no body is shown yet")
        pixels = self.sheet.picture(surface)
        for title in self.sheet.titles:
            (width, height), _ = cv2.getTextSize(title.text, cv2.FONT_HERSHEY_SIMPLEX, TITLE_SCALE, 1)
            corner = round(title.column - width / 2), round(title.row + height / 2)
            cv2.putText(pixels, title.text, corner, cv2.FONT_HERSHEY_SIMPLEX, TITLE_SCALE, INK, 1, cv2.LINE_AA)
        return pixels

    def _filled_again(self) -> None:
        if self.sheet is not None and not self.is_turned:
            self._fill(self.sheet.faces.shape)

    def _fill(self, size: tuple[int, ...]) -> None:
        """Fill the canvas with a picture of a size (H, W) [px]."""
        canvas = self._canvas.canvas.native
        self.viewer.scene.camera.center = (0, (size[0] - 1) / 2, (size[1] - 1) / 2)
        self.viewer.scene.camera.zoom = max(0.1, 0.98 * min(canvas.height() / size[0], canvas.width() / size[1]))

    def _clear(self) -> None:
        self.viewer.layers.clear()
        self._picture, self.labels = None, None
        self._mark()

    def _mouse(self, viewer: Any, event: Any) -> None:
        if not self.placing or self.sheet is None or self.labels is None or self.labels.mode != MOVE:
            return
        point = self.sheet.point_at(*event.position[-2:])
        if point is not None:
            self._clicked(point.face, point.barycentric)

    def _place(self, point: ReaderPoint) -> tuple[float, float] | None:
        return None if self.sheet is None else self.sheet.place_of(BodyPoint(point.face, point.barycentric))


class _Resized(QWidget):
    """Tells when its size changed."""

    def __init__(self, resized: Callable[[], None]) -> None:
        super().__init__()
        # Only once the widgets inside have their new size.
        self._resized = QTimer(self)
        self._resized.setSingleShot(True)
        self._resized.timeout.connect(resized)

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Hear of a new size."""
        super().resizeEvent(event)
        self._resized.start(50)


class _Key:
    """A template as a key: the same object means the same body."""

    def __init__(self, template: BodyTemplate) -> None:
        self.template = template

    def __hash__(self) -> int:
        return id(self.template)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.template is self.template


def _sheet(key: _Key) -> ChartSheet:
    return ChartSheet.of(key.template)
