"""The layers of the window on napari's own model of a viewer, which needs no Qt."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer, Points
from napari.utils.colormaps import DirectLabelColormap

from reepi.core.images import Mask, Pixels
from reepi.core.reader_points import ReaderPoint
from reepi.core.regions import NO_REGION
from reepi.core.tissue import Tissue
from reepi.imaging.writing import resized_mask
from reepi.review.differences import Difference
from reepi.review.frames import frames
from reepi.review.patches import difference
from reepi.review.words import tissue_colours

OPACITY: Final = 0.45
"""How far tissues cover the photograph at first, 0 to 1."""

FAINTEST: Final = 0.05
"""How far they do at least, so that nothing is read unseen."""

OUTLINE_PX: Final = 3
"""Width of the tissues' outlines when they alone are shown [px]."""

BRUSH: Final = 1 / 60
"""Width of the brush at first, as a share of the photograph's long side."""

IN_PLACE: Final = np.eye(3)
"""How far a layer is shifted, turned or stretched beside its own scale and place: not at all."""

VEIL: Final = 2
"""Value of skin that is not measured, beside the borders of regions."""

LEVELS: Final = 3
"""Sizes at which a photograph is kept for drawing, each half of the one before."""


def shown_sizes(pixels: Pixels) -> list[Pixels]:
    """Return a photograph (H, W, 3) at its own size and at smaller ones, so that it is drawn as fast as it can be."""
    import cv2

    sizes = [pixels]
    while len(sizes) < LEVELS and min(sizes[-1].shape[:2]) > 512:
        height, width = sizes[-1].shape[:2]
        half = cv2.resize(sizes[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        sizes.append(np.asarray(half, np.uint8))
    return sizes


class PhotographLayers:
    """Photograph, tissues, borders of regions, points and earlier days, as layers of one viewer.

    Parameters
    ----------
    viewer : ViewerModel
        Where they are added.
    painted : callable
        Told of each stroke, polygon or filling, before it is drawn; `mask` has it thereafter.
    disturbed : callable, optional
        Told when napari's own tools added, took away or moved a layer, gave the tissues other colours, or turned the
        view; `put_right` mends it.
    chosen : callable, optional
        Told the value that is painted with when it changes, also by napari's own tools.
    """

    def __init__(
        self,
        viewer: ViewerModel,
        painted: Callable[[], None],
        disturbed: Callable[[], None] = lambda: None,
        chosen: Callable[[int], None] = lambda value: None,
    ) -> None:
        self.viewer = viewer
        self._painted = painted
        self._disturbed = disturbed
        self._chosen = chosen
        self._colours = DirectLabelColormap(color_dict=tissue_colours())
        layers, dims, grid = viewer.layers.events, viewer.dims.events, viewer.canvas.grid.events
        layers.inserted.connect(lambda event: event.value.events.affine.connect(self._tell_disturbed))
        for event in (layers.inserted, layers.removed, layers.reordered, dims.ndisplay, dims.order, grid.enabled):
            event.connect(self._tell_disturbed)
        self._image: Image | None = None
        self._earlier: list[Image] = []
        self.tissues: Labels | None = None
        self.regions: Labels | None = None
        self.points: Points | None = None
        self._area: Labels | None = None

    @property
    def mask(self) -> Mask:
        """The tissues (H, W) as they are drawn now."""
        return np.asarray(self._labels.data, np.uint8)

    @property
    def own(self) -> tuple[Layer, ...]:
        """The layers of the photograph that is shown, the lowest first."""
        layers = (self._image, self.tissues, self.regions, self._area, self.points, *self._earlier)
        return tuple(layer for layer in layers if layer is not None)

    def put_right(self) -> tuple[str, ...]:
        """Undo what napari's own tools did to the layers and the view; return the names of layers taken away again.

        A layer that was deleted comes back, one that was moved lies on the photograph again, and tissues have the
        colours of the legend. A layer that does not belong to the photograph goes: nothing on it would be saved.
        """
        self.viewer.dims.ndisplay = 2
        self.viewer.dims.order = tuple(range(self.viewer.dims.ndim))
        self.viewer.canvas.grid.enabled = False
        foreign = [layer for layer in self.viewer.layers if layer not in self.own]
        self._take_away(*foreign)
        returned = [self._returned(layer, place) for place, layer in enumerate(self.own)]
        for layer in self.own:
            if not np.array_equal(layer.affine.affine_matrix, IN_PLACE):
                layer.affine = IN_PLACE
        if self.tissues is not None and self.tissues.colormap is not self._colours:
            self.tissues.colormap = self._colours
        if foreign or any(returned):
            self.viewer.layers.selection.active = self.tissues
        return tuple(layer.name for layer in foreign)

    def _returned(self, layer: Layer, place: int) -> bool:
        """Put a layer at its place in the list; return whether it was gone."""
        layers = self.viewer.layers
        if layer not in layers:
            layers.insert(place, layer)
            return True
        if layers.index(layer) != place:
            layers.move(layers.index(layer), place)
        return False

    def _take_away(self, *layers: Layer | None) -> None:
        """Remove layers, as far as they are there."""
        for layer in layers:
            if layer is not None and layer in self.viewer.layers:
                self.viewer.layers.remove(layer)

    def _tell_disturbed(self, event: Any) -> None:
        self._disturbed()

    @property
    def _labels(self) -> Labels:
        if self.tissues is None:
            raise RuntimeError("no photograph is shown yet")
        return self.tissues

    def show(self, pixels: Pixels, mask: Mask, levels: Sequence[Pixels] | None = None) -> None:
        """Show a photograph (H, W, 3) and its tissues (H, W), of which a copy is painted on.

        The layers of the photograph before take the new pictures: making layers anew takes napari a second.
        """
        self.show_earlier([])
        self.show_area(None)
        sizes = list(levels or shown_sizes(pixels))
        if self._image is None or self.tissues is None:
            self._image = self.viewer.add_image(sizes, rgb=True, multiscale=True, name="photograph")
            self.tissues = self.viewer.add_labels(mask.copy(), name="tissues", colormap=self._colours, opacity=OPACITY)
            self.tissues.events.paint.connect(lambda event: self._painted())
            self.tissues.events.colormap.connect(self._tell_disturbed)
            self.tissues.events.selected_label.connect(lambda event: self._chosen(int(event.source.selected_label)))
        else:
            # First, as napari goes back to the tool that was left when the tissues were hidden.
            self._image.visible = self.tissues.visible = True
            self._image.data = sizes
            self.tissues.data = mask.copy()
            # napari keeps the strokes of the mask before, and would undo them in this one.
            self.tissues.editable = False
            self.tissues.editable = True
            # One that was begun on the photograph before could be closed on this one.
            self.give_up_polygon()
        self.tissues.show_selected_label = self.tissues.preserve_labels = False
        self.tissues.contiguous = True
        self.tissues.opacity = max(self.tissues.opacity, FAINTEST)
        self.put_right()
        self.tissues.brush_size = max(3, round(max(mask.shape) * BRUSH))
        self.viewer.layers.selection.active = self.tissues

    @property
    def has_open_polygon(self) -> bool:
        """Whether a polygon is drawn that is not closed yet: it looks as if it were painted, and is not."""
        if self.tissues is None:
            return False
        polygon = self.tissues._overlays["polygon"]
        return bool(polygon.enabled and len(polygon.points) > 2)

    def give_up_polygon(self) -> None:
        """Forget a polygon that is not closed."""
        self._labels._overlays["polygon"].points = []

    def change(self, patch_place: tuple[slice, slice], values: Mask) -> None:
        """Draw values (h, w) at a place of the tissues, without a trace in napari's own history.

        Tissues that were hidden are shown: nothing is changed unseen.
        """
        self._labels.data[patch_place] = values
        self._labels.visible = True
        self._labels.refresh()

    def show_mask(self, mask: Mask) -> None:
        """Draw other tissues (H, W) of the same photograph, as far as they differ from those drawn."""
        patch = difference(self.mask, mask)
        if patch is not None:
            self.change(patch.window, patch.after)

    def show_regions(self, regions: npt.NDArray[np.int8] | None, left_out: npt.NDArray[np.bool_] | None = None) -> None:
        """Draw the borders of the body's regions, or none, and a veil over skin that is not measured.

        Parameters
        ----------
        regions : (h, w) int8 or None
            Regions at working size.
        left_out : (h, w) bool, optional
            Where their place is not sure.
        """
        if regions is None:
            self._take_away(self.regions)
            self.regions = None
            return
        scale = [full / small for full, small in zip(self.mask.shape, regions.shape, strict=True)]
        shown = region_borders(regions)
        if left_out is not None:
            skin = resized_mask(self.mask, (regions.shape[0], regions.shape[1])) != Tissue.BACKGROUND
            shown[left_out & skin] = VEIL
        if self.regions is None:
            self.regions = self.viewer.add_labels(shown, name="regions", colormap=_borders(), opacity=0.9)
            self.regions.editable = False
        else:
            self.regions.data = shown
        self.regions.scale = scale
        self.regions.translate = [(each - 1) / 2 for each in scale]
        self.viewer.layers.selection.active = self.tissues

    def show_area(self, area: Difference | None) -> None:
        """Outline an area in which readers differ, or none."""
        self._take_away(self._area)
        self._area = None
        if area is None:
            return
        place = (float(area.top - 1), float(area.left - 1))
        # A rim, so that the outline closes at the edges of the box.
        inside = np.pad(area.inside.astype(np.uint8), 1)
        self._area = self.viewer.add_labels(inside, name="differs", colormap=_borders(), translate=place)
        self._area.contour = OUTLINE_PX
        self._area.editable = False
        self.viewer.layers.selection.active = self.tissues

    def show_points(self, points: Sequence[ReaderPoint], moved: Callable[[npt.NDArray[np.float64]], None]) -> None:
        """Draw the reader's points with their numbers; ``moved`` is told their places (N, 2), row and column."""
        self._take_away(self.points)
        self.points = None
        if not points:
            return
        size = (self.mask.shape[0], self.mask.shape[1])
        places = np.array([point.pixel(size)[::-1] for point in points])
        numbers = [str(number) for number in range(1, len(points) + 1)]
        layer = self.viewer.add_points(
            places,
            name="points",
            size=max(size) / 80,
            face_color="yellow",
            border_color="black",
            text={"string": numbers, "color": "yellow", "anchor": "upper_left"},
        )
        layer.events.data.connect(lambda event: _when_finished(event, moved))
        self.points = layer
        self.viewer.layers.selection.active = self.tissues

    def show_earlier(self, pictures: Sequence[tuple[str, Pixels]]) -> None:
        """Draw photographs of earlier days to the left, each as high as the one that is read."""
        self._take_away(*self._earlier)
        self._earlier = []
        if not pictures:
            return
        size = (self.mask.shape[0], self.mask.shape[1])
        placed = frames(size, [(pixels.shape[0], pixels.shape[1]) for _, pixels in pictures])
        self._earlier = [
            self.viewer.add_image(pixels, rgb=True, name=name, scale=(frame.scale,) * 2, translate=frame.translate)
            for (name, pixels), frame in zip(pictures, placed, strict=True)
        ]
        if self.tissues is not None:
            self.viewer.layers.selection.active = self.tissues

    def look_at_photograph(self, canvas: tuple[int, int]) -> None:
        """Fill a canvas (height, width) [px] with the photograph."""
        height, width = self.mask.shape
        self.viewer.scene.camera.center = (0, (height - 1) / 2, (width - 1) / 2)
        self.viewer.scene.camera.zoom = 0.97 * min(canvas[0] / height, canvas[1] / width)


def region_borders(regions: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """Return the borders of regions (h, w): 1 on a region's last pixel before another region or none, else 0."""
    differs = np.zeros(regions.shape, bool)
    differs[:, :-1] |= regions[:, :-1] != regions[:, 1:]
    differs[:-1] |= regions[:-1] != regions[1:]
    differs[:, 1:] |= (regions[:, :-1] == NO_REGION) & (regions[:, 1:] != NO_REGION)
    differs[1:] |= (regions[:-1] == NO_REGION) & (regions[1:] != NO_REGION)
    return np.asarray(differs & (regions != NO_REGION), np.uint8)


def _borders() -> DirectLabelColormap:
    nothing, dark = (0.0, 0.0, 0.0, 0.0), (0.1, 0.1, 0.1, 0.65)
    return DirectLabelColormap(color_dict={None: (1.0, 1.0, 1.0, 1.0), 0: nothing, VEIL: dark})


def _when_finished(event: Any, moved: Callable[[npt.NDArray[np.float64]], None]) -> None:
    """Tell new places once a point was dropped, added or removed, not while it is dragged."""
    if str(getattr(event, "action", "")).split(".")[-1].lower() in ("added", "changed", "removed"):
        moved(np.asarray(event.source.data, np.float64))
