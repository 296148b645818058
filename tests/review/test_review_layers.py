"""Layers on napari's model of a viewer, without Qt: what goes in comes back, and nothing of one photograph is left."""

import subprocess
import sys

import numpy as np
import pytest

from reepi.core.reader_points import ReaderPoint
from reepi.core.regions import NO_REGION
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.imaging.writing import resized_mask

pytest.importorskip("napari")

from napari.components import ViewerModel

from reepi.review.differences import differences
from reepi.review.layers import VEIL, PhotographLayers, region_borders, shown_sizes

Model = tuple[ViewerModel, PhotographLayers, list[str]]


@pytest.fixture
def model() -> Model:
    """A viewer without a window, with its layers and what they told."""
    told: list[str] = []
    viewer = ViewerModel()
    return viewer, PhotographLayers(viewer, lambda: told.append("painted")), told


def photograph(seed: int = 1, size: tuple[int, int] = (40, 60)) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    mask = generator.choice([0, 1, 2, 3, 4, 5, 6, UNLABELLED], size).astype(np.uint8)
    return generator.integers(0, 256, (*size, 3), np.uint8), mask


def test_needs_no_window() -> None:
    """Importing the controller loads neither Qt, napari nor torch: programs can review without any."""
    loaded = (
        "import sys, reepi.review.app; print([n for n in ('qtpy', 'PyQt6', 'napari', 'torch') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", loaded], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"


def test_mask_comes_back_as_it_went_in(model: Model) -> None:
    """Every value survives, and the mask that was handed in is not the one that is painted on."""
    _, layers, _ = model
    pixels, mask = photograph()
    kept = mask.copy()
    layers.show(pixels, mask)
    np.testing.assert_array_equal(layers.mask, kept)
    layers.tissues.paint((20, 30), int(Tissue.COVERED))
    np.testing.assert_array_equal(mask, kept)


def test_strokes_are_told_and_there_thereafter(model: Model) -> None:
    """A stroke is told once; the mask has it when the stroke is over."""
    _, layers, told = model
    layers.show(*photograph())
    layers.tissues.brush_size = 9
    layers.tissues.paint((20, 30), int(Tissue.COVERED))
    assert told == ["painted"]
    assert (layers.mask[18:23, 28:33] == Tissue.COVERED).all()


def test_next_photograph_has_nothing_of_the_one_before(model: Model) -> None:
    """Layers are used again, but napari's undo of the photograph before must not paint on the next."""
    viewer, layers, _ = model
    layers.show(*photograph())
    layers.tissues.paint((20, 30), int(Tissue.COVERED))
    layers.show_earlier([("day 0", photograph(2)[0])])
    first = len(viewer.layers)
    pixels, mask = photograph(3, (50, 30))
    layers.show(pixels, mask)
    np.testing.assert_array_equal(layers.mask, mask)
    layers.tissues.undo()
    np.testing.assert_array_equal(layers.mask, mask)
    assert len(viewer.layers) == first - 1


def test_skin_that_is_not_measured_is_veiled(model: Model) -> None:
    """Background beside it is not, nor anything of the next photograph."""
    _, layers, _ = model
    pixels, mask = photograph()
    layers.show(pixels, mask)
    regions, left_out = np.zeros((20, 30), np.int8), np.zeros((20, 30), bool)
    left_out[:, :10] = True
    layers.show_regions(regions, left_out)
    veiled = layers.regions.data == VEIL
    assert veiled.any()
    np.testing.assert_array_equal(veiled, left_out & (resized_mask(mask, (20, 30)) != Tissue.BACKGROUND))
    layers.show_regions(regions)
    assert not (layers.regions.data == VEIL).any()


def test_a_polygon_that_was_begun_is_not_closed_on_the_next_photograph(model: Model) -> None:
    """Enter closes what napari holds of a polygon, in whatever mode: nothing of it may be left."""
    _, layers, told = model
    layers.show(*photograph())
    layers.tissues.mode = "polygon"
    polygon = layers.tissues._overlays["polygon"]
    polygon.points = [(1, 1), (1, 20), (20, 20), (20, 1)]
    pixels, mask = photograph(3)
    layers.show(pixels, mask)
    polygon.add_polygon_to_labels(layers.tissues)
    np.testing.assert_array_equal(layers.mask, mask)
    assert told == []


def shown_with_everything(layers: PhotographLayers) -> list[str]:
    """Show a photograph with every layer that there is; return their names, the lowest first."""
    pixels, mask = photograph()
    layers.show(pixels, mask)
    layers.show_regions(np.full((20, 30), 3, np.int8))
    layers.show_area(differences(mask, np.zeros_like(mask), 4)[0])
    layers.show_points([ReaderPoint(0.5, 0.5, 7, (0, 1, 0))], lambda places: None)
    layers.show_earlier([("day 0", pixels)])
    return ["photograph", "tissues", "regions", "differs", "points", "day 0"]


@pytest.mark.parametrize("gone", ["photograph", "tissues", "regions", "differs", "points", "day 0"])
def test_a_deleted_layer_stops_nothing(model: Model, gone: str) -> None:
    """Whichever napari's bin took: the next photograph is shown with its own mask."""
    viewer, layers, _ = model
    shown_with_everything(layers)
    viewer.layers.remove(gone)
    pixels, mask = photograph(3)
    layers.show(pixels, mask)
    layers.show_points([], lambda places: None)
    layers.show_regions(None)
    assert [layer.name for layer in viewer.layers] == ["photograph", "tissues"]
    np.testing.assert_array_equal(viewer.layers["tissues"].data, mask)


def test_layers_are_put_right_whatever_was_done_to_them(model: Model) -> None:
    """Deleted, buried, shifted, turned and shown in space: the photograph is as before, and foreign layers go."""
    viewer, layers, _ = model
    names = shown_with_everything(layers)
    assert layers.put_right() == ()
    assert [layer.name for layer in viewer.layers] == names
    viewer.layers.remove("tissues")
    viewer.layers.remove("points")
    viewer.layers.move(0, 3)
    viewer.layers["regions"].affine = np.array([[1, 0, 5], [0, 1, 9], [0, 0, 1]])
    viewer.add_labels(np.zeros((40, 60), np.uint8), name="tissues copy")
    viewer.dims.ndisplay = 3
    viewer.canvas.grid.enabled = True
    assert layers.put_right() == ("tissues copy",)
    assert [layer.name for layer in viewer.layers] == names
    assert viewer.layers.selection.active is layers.tissues
    np.testing.assert_array_equal(layers.regions.affine.affine_matrix, np.eye(3))
    assert (viewer.dims.ndisplay, viewer.canvas.grid.enabled) == (2, False)
    viewer.dims.transpose()
    layers.put_right()
    assert viewer.dims.order == (0, 1)


def test_tissues_keep_the_colours_of_the_legend(model: Model) -> None:
    """Shuffled colours, or those of napari's own mode, are put right."""
    _, layers, told = model
    layers.show(*photograph())
    before = layers.tissues.get_color(int(Tissue.DETACHED))
    layers.tissues.new_colormap()
    assert not np.allclose(layers.tissues.get_color(int(Tissue.DETACHED)), before)
    layers.put_right()
    np.testing.assert_allclose(layers.tissues.get_color(int(Tissue.DETACHED)), before)
    assert told == []


def test_tools_are_those_of_the_panel_on_the_next_photograph(model: Model) -> None:
    """All tissues are seen, the brush paints over any, and the bucket fills the connected area."""
    _, layers, _ = model
    layers.show(*photograph())
    layers.tissues.show_selected_label = layers.tissues.preserve_labels = True
    layers.tissues.contiguous = False
    layers.tissues.opacity = 0
    layers.show(*photograph(3))
    assert layers.tissues.opacity > 0
    assert not layers.tissues.show_selected_label
    assert not layers.tissues.preserve_labels
    assert layers.tissues.contiguous


def test_disturbance_is_told() -> None:
    """Whatever `put_right` mends is told of."""
    told: list[str] = []
    viewer = ViewerModel()
    layers = PhotographLayers(viewer, lambda: None, lambda: told.append("disturbed"))
    shown_with_everything(layers)
    shifted = np.array([[1, 0, 5], [0, 1, 9], [0, 0, 1]])
    for disturb in (
        lambda: viewer.layers.remove("regions"),
        lambda: viewer.layers.move(0, 2),
        lambda: setattr(viewer.layers["day 0"], "affine", shifted),
        lambda: viewer.add_points([(1, 1)]),
        lambda: setattr(viewer.dims, "ndisplay", 3),
        viewer.dims.transpose,
        lambda: setattr(viewer.canvas.grid, "enabled", True),
        layers.tissues.new_colormap,
    ):
        told.clear()
        disturb()
        assert told


def test_tissues_that_were_hidden_are_shown_on_the_next_photograph(model: Model) -> None:
    """A proposal is not accepted unseen because the one before was hidden."""
    _, layers, _ = model
    layers.show(*photograph())
    layers.tissues.mode = "paint"
    layers.tissues.visible = False
    layers.show(*photograph(3))
    assert layers.tissues.visible
    assert layers.tissues.mode == "pan_zoom"


def test_other_mask_is_drawn_where_it_differs(model: Model) -> None:
    """After an undo in the controller the layer shows what the controller has."""
    _, layers, told = model
    pixels, mask = photograph()
    layers.show(pixels, mask)
    other = mask.copy()
    other[5:9, 7:30] = Tissue.ERYTHEMA
    layers.tissues.visible = False
    layers.show_mask(other)
    assert layers.tissues.visible
    np.testing.assert_array_equal(layers.mask, other)
    assert told == []


def test_earlier_days_stand_to_the_left_as_tall(model: Model) -> None:
    """Photographs of earlier days lie beside the one that is read, never on it, and have its height."""
    viewer, layers, _ = model
    layers.show(*photograph())
    layers.show_earlier([("day 5", photograph(2, (80, 60))[0]), ("day 0", photograph(3, (20, 40))[0])])
    for name in ("day 5", "day 0"):
        low, high = viewer.layers[name].extent.world[:, -2:]
        assert high[1] < 0
        assert (low[0], high[0]) == pytest.approx((-0.5 + 0.5, 39.5 - 0.5), abs=1.0)
    layers.show_earlier([])
    assert "day 5" not in viewer.layers


def test_borders_of_regions_lie_on_the_photograph(model: Model) -> None:
    """Borders at working size cover the photograph at its own: two regions side by side have one line between."""
    viewer, layers, _ = model
    layers.show(*photograph(size=(40, 60)))
    regions = np.full((20, 30), NO_REGION, np.int8)
    regions[5:15, 5:15], regions[5:15, 15:25] = 3, 4
    layers.show_regions(regions)
    world = viewer.layers["regions"].extent.world[:, -2:]
    photo = viewer.layers["tissues"].extent.world[:, -2:]
    np.testing.assert_allclose(world, photo, atol=1.01)
    borders = region_borders(regions)
    assert borders[10, 14] == 1
    assert borders[10, 15] == 0
    assert borders[10, 10] == 0
    assert (borders[regions == NO_REGION] == 0).all()
    layers.show_regions(None)
    assert layers.regions is None


def test_points_are_drawn_where_they_were_placed_and_told_when_moved(model: Model) -> None:
    """A dragged point is told with its new place, and one that is taken away with those that are left."""
    _, layers, _ = model
    layers.show(*photograph())
    points = [ReaderPoint.at_pixel((10.0, 20.0), (40, 60), 5, (1, 0, 0)), ReaderPoint(0.5, 0.5, 7, (0, 1, 0))]
    told: list[np.ndarray] = []
    layers.show_points(points, told.append)
    np.testing.assert_allclose(layers.points.data[0], (20, 10))
    layers.points.selected_data = {0}
    layers.points.remove_selected()
    assert len(told[-1]) == 1
    layers.show_points([], told.append)
    assert layers.points is None


def test_area_in_dispute_is_outlined_in_its_place(model: Model) -> None:
    """The outline lies where the readers differ."""
    viewer, layers, _ = model
    pixels, _ = photograph()
    first = np.ones((40, 60), np.uint8)
    second = first.copy()
    second[10:20, 30:50] = Tissue.DETACHED
    layers.show(pixels, first)
    (area,) = differences(first, second, 4)
    layers.show_area(area)
    low, high = viewer.layers["differs"].extent.world[:, -2:]
    np.testing.assert_allclose((low, high), ((9, 29), (20, 50)), atol=0.6)
    layers.show_area(None)
    assert "differs" not in viewer.layers


def test_large_photographs_are_drawn_small_first() -> None:
    """Each size is half of the one before; a small photograph has one size."""
    sizes = shown_sizes(np.zeros((1200, 1600, 3), np.uint8))
    assert [each.shape[:2] for each in sizes] == [(1200, 1600), (600, 800), (300, 400)]
    assert len(shown_sizes(np.zeros((300, 400, 3), np.uint8))) == 1
