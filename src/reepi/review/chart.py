"""The body chart that a reader sees and paints on: all drawings of the body side by side on one sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from reepi.body.chart_insets import INSET_TITLES
from reepi.body.chart_painting import chart_indices, palette_pixels
from reepi.body.chart_points import BodyPoint, point_in_frame
from reepi.body.template import BodyTemplate
from reepi.core.images import Pixels
from reepi.core.regions import NO_REGION
from reepi.core.surface import NO_FACE, SurfaceMap
from reepi.core.tissue import UNLABELLED
from reepi.review.chart_cells import NOTHING, PAINTED, ChartCells, Indices, Spoken, Tissues, chart_cells
from reepi.review.chart_panels import PANEL_TITLES, Panel, panels
from reepi.scoring.face_findings import face_codes

BODY_PX = 680
"""Height of a body on the sheet [px]; an infant is drawn as tall as an adult, since its faces are as many."""

HEAD_PX = 28
"""Height of the strip for the title above each drawing [px]."""


@dataclass(frozen=True)
class SheetTitle:
    """Words above a drawing.

    Parameters
    ----------
    text : str
        Such as ``Left side``; sides are the patient's.
    row, column : float
        Centre of the text on the sheet [px].
    """

    text: str
    row: float
    column: float


@dataclass(frozen=True)
class SheetPanel:
    """Where a drawing lies on the sheet.

    Parameters
    ----------
    panel : Panel
        The drawing.
    top, left : int
        First row and column on the sheet [px].
    """

    panel: Panel
    top: int
    left: int

    @property
    def name(self) -> str:
        """Name of its chart."""
        return self.panel.chart.name

    @property
    def size(self) -> tuple[int, int]:
        """Height and width [px]."""
        height, width = self.panel.chart.faces.shape
        return height, width

    @property
    def window(self) -> tuple[slice, slice]:
        """Its rows and columns on the sheet."""
        height, width = self.size
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


@dataclass(frozen=True)
class ChartSheet:
    """Front, back and sides of a body in its neutral pose, with insets for palms and soles, every pixel a known face.

    Parameters
    ----------
    faces : (H, W) int32
        Face of each pixel, or `NO_FACE`.
    outlines : (H, W) bool
        Borders between regions and of the body.
    drawings : tuple of SheetPanel
        What lies where.
    template : BodyTemplate
        The body.
    cells : ChartCells
        Which pixels speak for which faces.
    """

    faces: npt.NDArray[np.int32]
    outlines: npt.NDArray[np.bool_]
    drawings: tuple[SheetPanel, ...]
    template: BodyTemplate
    cells: ChartCells

    @classmethod
    def of(cls, template: BodyTemplate, pixel_m: float | None = None) -> "ChartSheet":
        """Return the sheet of a patient's body.

        Parameters
        ----------
        template : BodyTemplate
            The body.
        pixel_m : float, optional
            Side of a pixel on the body [m]; without it the body is `BODY_PX` tall.
        """
        side = pixel_m or float(np.ptp(template.vertices[:, 2])) / BODY_PX
        drawings = _arranged(panels(template, side))
        faces = _assembled(drawings, [drawing.panel.chart.faces for drawing in drawings], NO_FACE)
        outlines = _assembled(drawings, [drawing.panel.chart.outlines for drawing in drawings], False)
        spoken = [_spoken(drawing, faces.shape[1]) for drawing in drawings]
        return cls(faces, outlines, drawings, template, chart_cells(spoken, template))

    @property
    def titles(self) -> tuple[SheetTitle, ...]:
        """Words above each drawing."""
        return tuple(
            SheetTitle(PANEL_TITLES[d.name], d.top - HEAD_PX / 2, d.left + (d.size[1] - 1) / 2) for d in self.drawings
        )

    @cached_property
    def hidden(self) -> npt.NDArray[np.bool_]:
        """Skin that cannot be painted on the sheet, (F,): it is on no drawing and far from what is."""
        reached = np.zeros(self.template.n_faces, bool)
        reached[self.cells.cell_faces] = reached[self.cells.followers] = True
        return np.asarray(self.template.skin & ~reached)

    def picture(self, surface: SurfaceMap) -> Pixels:
        """Return the sheet painted with a visit's result, (H, W, 3), as the report paints its charts."""
        return palette_pixels(chart_indices(self.faces, self.outlines, face_codes(surface, self.template.regions)))

    def labels(self, tissue: Tissues) -> Tissues:
        """Return what was painted as labels (H, W): `NOTHING` beside the body and where a face is unlabelled.

        Parameters
        ----------
        tissue : (F,) uint8
            ``DETACHABLE``, ``COVERED`` or `UNLABELLED` of each face.

        Raises
        ------
        ValueError
            There is another tissue, or the faces are not those of this body.
        """
        _check(tissue, (self.template.n_faces,), (*PAINTED[1:], UNLABELLED))
        label = np.where((tissue == UNLABELLED) | ~self.template.skin, np.uint8(NOTHING), tissue)
        # `NO_FACE` is -1, and so the last place.
        return np.append(label, np.uint8(NOTHING))[self.faces]

    def painted(self, before: Tissues, labels: Tissues) -> Tissues:
        """Return the tissue of each face (F,) after a reader painted on the sheet; `before` is left untouched.

        A face becomes what most of its pixels on a drawing are. Of a face on two drawings the newly painted one counts.
        Faces smaller than a pixel become what the pixel nearest to them is, and skin in folds what is beside it. Paint
        that is most of no face goes to the face that got most of it, so that no stroke is without effect.

        Parameters
        ----------
        before : (F,) uint8
            Tissue of each face, or `UNLABELLED`.
        labels : (H, W) uint8
            `labels` of it, painted over; `NOTHING` and `UNLABELLED` erase.

        Raises
        ------
        ValueError
            A label is none of those, or the sheet has another size.
        """
        _check(labels, self.faces.shape, (*PAINTED, UNLABELLED))
        now = np.where(labels == UNLABELLED, np.uint8(NOTHING), labels).ravel()
        return self.cells.painted(before, self.labels(before).ravel(), now)

    def face_at(self, row: float, column: float) -> int:
        """Return the face at a place of the sheet, or `NO_FACE` where there is none."""
        at = round(row), round(column)
        if not (0 <= at[0] < self.faces.shape[0] and 0 <= at[1] < self.faces.shape[1]):
            return NO_FACE
        return int(self.faces[at])

    def point_at(self, row: float, column: float) -> BodyPoint | None:
        """Return the point of the skin at a place of the sheet, or None where there is no skin."""
        for drawing in self.drawings:
            y, x = row - drawing.top, column - drawing.left
            if -0.5 <= y < drawing.size[0] - 0.5 and -0.5 <= x < drawing.size[1] - 0.5:
                return point_in_frame(drawing.panel.frame, (x, y), self.face_at(row, column), self.template)
        return None

    def place_of(self, point: BodyPoint) -> tuple[float, float] | None:
        """Return row and column of a point on the drawing that shows most of its face, or None if none does."""
        number = self.cells.drawing_of(point.face)
        if number is None:
            return None
        corners = self.template.vertices[self.template.faces[point.face]]
        x, y = self.drawings[number].panel.frame.places(np.asarray(point.barycentric) @ corners)
        return self.drawings[number].top + float(y), self.drawings[number].left + float(x)


def _check(values: Tissues, shape: tuple[int, ...], allowed: Sequence[int]) -> None:
    if values.shape != shape:
        raise ValueError(f"must be of shape {shape} as this body's sheet, not {values.shape}")
    strange = set(np.flatnonzero(np.bincount(values.ravel(), minlength=256)).tolist()) - set(allowed)
    if strange:
        raise ValueError(f"holds {sorted(strange)}; on the body chart only {sorted(allowed)} can be painted")


def _arranged(drawn: Sequence[Panel]) -> tuple[SheetPanel, ...]:
    """Return the charts side by side, and behind them the insets, two in a row."""
    sizes = [panel.chart.faces.shape for panel in drawn]
    wide = max((size[1] for panel, size in zip(drawn, sizes, strict=True) if _inset(panel)), default=0)
    placed: list[SheetPanel] = []
    left, row, end = 0, HEAD_PX, HEAD_PX
    for panel, (height, width) in zip(drawn, sizes, strict=True):
        if not _inset(panel):
            placed.append(SheetPanel(panel, HEAD_PX, left))
            left += width
            continue
        second = sum(_inset(before.panel) for before in placed) % 2 == 1
        row = row if second else end
        placed.append(SheetPanel(panel, row, left + wide * second + (wide - width) // 2))
        end = max(end, row + height + HEAD_PX)
    return tuple(placed)


def _inset(panel: Panel) -> bool:
    return panel.chart.name in INSET_TITLES


def _assembled(
    drawings: Sequence[SheetPanel], parts: Sequence[npt.NDArray[np.generic]], empty: object
) -> npt.NDArray[Any]:
    height = max(drawing.window[0].stop for drawing in drawings)
    width = max(drawing.window[1].stop for drawing in drawings)
    sheet = np.full((height, width), empty, parts[0].dtype)
    for drawing, part in zip(drawings, parts, strict=True):
        sheet[drawing.window] = part
    return sheet


def _spoken(drawing: SheetPanel, sheet_width: int) -> Spoken:
    panel, width = drawing.panel, drawing.size[1]
    own = np.flatnonzero(panel.chart.regions != NO_REGION)

    def on_sheet(places: Indices) -> Indices:
        return (places // width + drawing.top) * sheet_width + places % width + drawing.left

    faces = panel.chart.faces.ravel()[own].astype(np.int64)
    return Spoken(on_sheet(own), faces, on_sheet(panel.small_pixels), panel.small_faces.astype(np.int64))
