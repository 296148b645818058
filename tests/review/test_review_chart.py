"""What is painted on the body chart is the skin that was meant, neither more nor less."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reepi.body.chart_insets import INSET_TITLES
from reepi.body.chart_points import point_at_chart
from reepi.body.charts import CHART_TITLES
from reepi.body.template import reference_template
from reepi.core.regions import REGIONS
from reepi.core.surface import NO_FACE, SurfaceMap
from reepi.core.tissue import COLOURS, UNLABELLED, Tissue
from reepi.report.figures import chart_picture
from reepi.report.textures import TEXTURED
from reepi.review.chart import ChartSheet
from reepi.scoring.face_findings import face_codes

FINE_M, COARSE_M = 0.004, 0.016
"""Pixels of which a face of the trunk covers several, and pixels that cover several faces."""


@pytest.fixture(scope="module")
def sheet() -> ChartSheet:
    return ChartSheet.of(reference_template(), FINE_M)


@pytest.fixture(scope="module")
def coarse() -> ChartSheet:
    return ChartSheet.of(reference_template(), COARSE_M)


def nothing() -> np.ndarray:
    return np.full(reference_template().n_faces, UNLABELLED, np.uint8)


def disk(sheet: ChartSheet, row: float, column: float, radius: float) -> np.ndarray:
    rows, columns = np.indices(sheet.faces.shape)
    return np.asarray((rows - row) ** 2 + (columns - column) ** 2 <= radius**2)


def patches() -> np.ndarray:
    """Return detachable and covered patches of some decimetres all over the body, (F,)."""
    template = reference_template()
    x, y, z = template.vertices[template.faces].mean(axis=1).T
    wave = np.sin(9 * x) + np.cos(7 * z) + np.sin(8 * y)
    tissue = np.where(wave > 0.8, np.uint8(Tissue.COVERED), nothing())
    return np.where(template.skin, np.where(wave < -0.8, np.uint8(Tissue.DETACHABLE), tissue), nothing())


def centre_of(sheet: ChartSheet, name: str, region: str) -> tuple[int, int]:
    """Return the row and column in the middle of what a drawing shows of a region."""
    drawing = next(drawing for drawing in sheet.drawings if drawing.name == name)
    places = np.argwhere(drawing.panel.chart.regions == REGIONS.index(region))
    row, column = places[np.abs(places - places.mean(axis=0)).sum(axis=1).argmin()]
    return int(row) + drawing.top, int(column) + drawing.left


def test_every_drawing_has_its_title_above_it(sheet: ChartSheet) -> None:
    """Front, back, left, right, then the insets; none overlaps another."""
    assert [drawing.name for drawing in sheet.drawings] == [*CHART_TITLES, *INSET_TITLES]
    used = np.zeros(sheet.faces.shape, int)
    for drawing, title in zip(sheet.drawings, sheet.titles, strict=True):
        used[drawing.window] += 1
        rows, columns = drawing.window
        assert 0 < title.row < rows.start
        assert columns.start < title.column < columns.stop
    assert used.max() == 1


def test_nearly_all_skin_can_be_painted(sheet: ChartSheet, coarse: ChartSheet) -> None:
    """Also palms, soles and skin between fingers; at most folds are out of reach."""
    areas = reference_template().areas_cm2
    for one in (sheet, coarse):
        assert areas[one.hidden].sum() < 0.002 * areas.sum()
        everything = np.full(one.faces.shape, Tissue.COVERED, np.uint8)
        assert (one.painted(nothing(), everything)[~one.hidden & reference_template().skin] == Tissue.COVERED).all()


@pytest.mark.parametrize("region", ["hand_left_palmar", "foot_right_plantar"])
def test_palms_and_soles_have_their_own_drawing(sheet: ChartSheet, region: str) -> None:
    """Their insets show the surface that the four charts hide."""
    name = {"hand_left_palmar": "palm_left", "foot_right_plantar": "sole_right"}[region]
    chart = next(drawing.panel.chart for drawing in sheet.drawings if drawing.name == name)
    shown = chart.regions[chart.faces != NO_FACE]
    assert (shown == REGIONS.index(region)).mean() > 0.8


def test_the_patients_left_is_right_on_the_front(sheet: ChartSheet) -> None:
    """And left on the back."""
    assert (
        centre_of(sheet, "anterior", "thigh_left_anterior")[1] > centre_of(sheet, "anterior", "thigh_right_anterior")[1]
    )
    back = [centre_of(sheet, "posterior", f"thigh_{side}_posterior")[1] for side in ("left", "right")]
    assert back[0] < back[1]


def test_a_reading_is_the_same_after_the_sheet_showed_it(sheet: ChartSheet) -> None:
    """Opened and saved again, without a stroke."""
    tissue = patches()
    assert (sheet.painted(tissue, sheet.labels(tissue)) == tissue).all()


def test_a_reading_copied_by_brush_is_the_same(sheet: ChartSheet) -> None:
    """Painted pixel by pixel on an empty sheet: no face with pixels of its own on every drawing differs."""
    tissue = patches()
    copied = sheet.painted(nothing(), sheet.labels(tissue))
    areas = reference_template().areas_cm2
    assert areas[copied != tissue].sum() < 0.005 * areas.sum()
    assert areas[copied == Tissue.COVERED].sum() == pytest.approx(areas[tissue == Tissue.COVERED].sum(), rel=0.01)


def test_what_is_painted_is_shown(sheet: ChartSheet) -> None:
    """Labels of what was painted differ from the paint only on faces that the brush cut."""
    paint = np.zeros(sheet.faces.shape, np.uint8)
    brush = disk(sheet, *centre_of(sheet, "anterior", "trunk_anterior"), 25)
    paint[brush] = Tissue.DETACHABLE
    after = sheet.painted(nothing(), paint)
    front = sheet.faces[brush]
    inside = np.setdiff1d(front, sheet.faces[disk_ring(sheet, brush)])
    assert (after[inside] == Tissue.DETACHABLE).all()
    assert set(np.flatnonzero(after == Tissue.DETACHABLE)) & set(front) >= set(inside)
    shown = sheet.labels(after)
    drawing = sheet.drawings[0]
    differing = (shown != paint)[drawing.window]
    assert differing.sum() < 0.1 * brush.sum()


def disk_ring(sheet: ChartSheet, brush: np.ndarray) -> np.ndarray:
    """Return the first drawing without what was brushed."""
    ring = np.zeros(sheet.faces.shape, bool)
    ring[sheet.drawings[0].window] = True
    return ring & ~brush


@pytest.mark.parametrize(
    ("name", "region"),
    [("anterior", "trunk_anterior"), ("posterior", "trunk_posterior"), ("left", "thigh_left_anterior")],
)
@pytest.mark.parametrize("pixel_m", [FINE_M, COARSE_M])
def test_a_disk_of_paint_is_as_large_as_the_skin_below(name: str, region: str, pixel_m: float) -> None:
    """Each pixel of it covers its square over the cosine of the skin's slope."""
    template = reference_template()
    sheet = ChartSheet.of(template, pixel_m)
    brush = disk(sheet, *centre_of(sheet, name, region), 0.08 / pixel_m)
    brush &= sheet.faces != NO_FACE
    sight = next(drawing.panel.frame.sight for drawing in sheet.drawings if drawing.name == name)
    a, b, c = template.vertices[template.faces[sheet.faces[brush]]].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    slope = np.abs(normal @ sight) / np.linalg.norm(normal, axis=1)
    expected_cm2 = (pixel_m**2 / slope).sum() * 1e4
    after = sheet.painted(nothing(), np.where(brush, np.uint8(Tissue.DETACHABLE), np.uint8(0)))
    painted_cm2 = template.areas_cm2[after == Tissue.DETACHABLE].sum()
    assert painted_cm2 == pytest.approx(expected_cm2, rel=0.03 if pixel_m == FINE_M else 0.08)


def test_most_of_a_face_must_be_painted(sheet: ChartSheet) -> None:
    """Fewer than half of its pixels leave it, more than half change it, and back again."""
    row, column = centre_of(sheet, "anterior", "trunk_anterior")
    face = sheet.face_at(row, column)
    own = np.flatnonzero(sheet.faces.ravel() == face)
    elsewhere = sheet.drawings[-1]
    few, many = (len(own) - 1) // 2, len(own) // 2 + 1
    for count, tissue in ((few, UNLABELLED), (many, Tissue.COVERED)):
        paint = sheet.labels(nothing())
        paint[elsewhere.window][elsewhere.panel.chart.faces != NO_FACE] = Tissue.COVERED
        paint.ravel()[own[:count]] = Tissue.COVERED
        assert sheet.painted(nothing(), paint)[face] == tissue
    before = nothing()
    before[face] = Tissue.COVERED
    erased = sheet.labels(before)
    erased.ravel()[own[:many]] = UNLABELLED
    assert sheet.painted(before, erased)[face] == UNLABELLED


def test_of_a_face_on_two_drawings_the_new_paint_counts(sheet: ChartSheet) -> None:
    """Covered on front and side before, then detachable on the side alone."""
    drawing = {drawing.name: drawing for drawing in sheet.drawings}
    shared = np.intersect1d(drawing["anterior"].panel.chart.faces, drawing["left"].panel.chart.faces)
    shared = shared[(shared != NO_FACE) & reference_template().skin[shared]]
    before = nothing()
    before[shared] = Tissue.COVERED
    paint = sheet.labels(before)
    side = paint[drawing["left"].window]
    side[np.isin(drawing["left"].panel.chart.faces, shared)] = Tissue.DETACHABLE
    assert (sheet.painted(before, paint)[shared] == Tissue.DETACHABLE).all()


def test_no_stroke_is_without_effect(sheet: ChartSheet) -> None:
    """A single pixel paints, or erases, the one face that it is on."""
    everything = np.where(reference_template().skin, np.uint8(Tissue.COVERED), nothing())
    places = np.argwhere(sheet.labels(everything))
    for row, column in places[:: len(places) // 40]:
        for before, label in ((nothing(), Tissue.DETACHABLE), (everything, 0)):
            paint = sheet.labels(before)
            paint[row, column] = label
            changed = np.flatnonzero(sheet.painted(before, paint) != before)
            assert sheet.face_at(row, column) in changed


@settings(max_examples=20)
@given(
    row=st.integers(0, 450),
    column=st.integers(0, 900),
    radius=st.integers(0, 30),
    tissue=st.sampled_from([0, 3, 6, 255]),
)
def test_paint_changes_nothing_elsewhere(row: int, column: int, radius: int, tissue: int, sheet: ChartSheet) -> None:
    """Only faces under the brush, and those in folds beside them; what was handed in is left as it was."""
    before = patches()
    labels = sheet.labels(before)
    paint = np.where(disk(sheet, row, column, radius), np.uint8(tissue), labels)
    handed = before.copy(), paint.copy()
    after = sheet.painted(before, paint)
    assert (before == handed[0]).all()
    assert (paint == handed[1]).all()
    wanted = UNLABELLED if tissue in (0, UNLABELLED) else tissue
    assert (after[after != before] == wanted).all()
    assert (distances_mm(sheet, row, column, np.flatnonzero(after != before)) < mm_of(sheet, radius) + REACH_MM).all()


REACH_MM = 25.0
"""Half of a large face, and how far skin in folds follows [mm]."""


def mm_of(sheet: ChartSheet, radius: int) -> float:
    """Return a radius on the charts [mm]; insets are larger, so there it is less."""
    return radius * sheet.drawings[0].panel.frame.pixel_m * 1000


def distances_mm(sheet: ChartSheet, row: int, column: int, faces: np.ndarray) -> np.ndarray:
    """Return how far from a place of the sheet faces (N,) lie, on the drawing where that is least, (N,) [mm]."""
    template = reference_template()
    centres = template.vertices[template.faces[faces]].mean(axis=1)
    found = []
    for drawing in sheet.drawings:
        x, y = drawing.panel.frame.places(centres).T
        pixels = np.hypot(y + drawing.top - row, x + drawing.left - column)
        found.append(pixels * drawing.panel.frame.pixel_m * 1000)
    return np.asarray(found).min(axis=0)


def test_eyes_and_paper_take_no_paint(sheet: ChartSheet) -> None:
    """Nor do they show any."""
    template = reference_template()
    everything = np.full(sheet.faces.shape, Tissue.DETACHABLE, np.uint8)
    after = sheet.painted(nothing(), everything)
    assert (after[~template.skin] == UNLABELLED).all()
    labels = sheet.labels(np.full(template.n_faces, Tissue.DETACHABLE, np.uint8))
    assert not labels[sheet.faces == NO_FACE].any()


def test_only_bedside_signs_and_dressings_can_be_painted(sheet: ChartSheet) -> None:
    """Detached skin is seen on photographs; a sheet or reading of another body is refused."""
    with pytest.raises(ValueError, match="only"):
        sheet.painted(nothing(), np.full(sheet.faces.shape, Tissue.DETACHED, np.uint8))
    with pytest.raises(ValueError, match="only"):
        sheet.labels(np.full(reference_template().n_faces, Tissue.INTACT, np.uint8))
    with pytest.raises(ValueError, match="shape"):
        sheet.painted(nothing(), np.zeros((4, 4), np.uint8))
    with pytest.raises(ValueError, match="shape"):
        sheet.labels(np.full(3, UNLABELLED, np.uint8))


def test_the_sheet_looks_as_the_report(sheet: ChartSheet) -> None:
    """The front of it is the report's chart, pixel by pixel but for stripes' beginnings and marks made for print."""
    import io

    template = reference_template()
    tissue = np.zeros((template.n_faces, len(Tissue)), np.float32)
    tissue[np.arange(template.n_faces), np.arange(template.n_faces) % 5 + 1] = 1
    surface = SurfaceMap.of_shares(
        tissue, np.ones(template.n_faces, np.float32), np.zeros(template.n_faces, np.float32)
    )
    drawing = sheet.drawings[0]
    png = chart_picture(drawing.panel.chart, face_codes(surface, template.regions))
    expected = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    marked = np.any([(expected == colour).all(axis=-1) for colour in TEXTURED.values()], axis=0)
    assert 0 < marked.mean() < 0.1
    np.testing.assert_array_equal(sheet.picture(surface)[drawing.window][~marked], expected[~marked])
    assert (sheet.picture(surface) == COLOURS[Tissue.DETACHABLE]).all(axis=-1).any()


@pytest.mark.parametrize(
    ("name", "region"), [("right", "upper_arm_right_posterior"), ("sole_left", "foot_left_plantar")]
)
def test_a_place_gives_a_point_and_the_point_a_place(sheet: ChartSheet, name: str, region: str) -> None:
    """Within the pixel, or on another drawing that shows the same face larger."""
    row, column = centre_of(sheet, name, region)
    point = sheet.point_at(row, column)
    assert point is not None
    assert point.face == sheet.face_at(row, column)
    back = sheet.place_of(point)
    assert back is not None
    assert sheet.face_at(*back) == point.face


def test_points_agree_with_the_charts(sheet: ChartSheet) -> None:
    """The same point as on the single chart."""
    row, column = centre_of(sheet, "posterior", "trunk_posterior")
    drawing = sheet.drawings[1]
    expected = point_at_chart("posterior", (column - drawing.left, row - drawing.top), reference_template(), FINE_M)
    point = sheet.point_at(row, column)
    assert point is not None
    assert expected is not None
    assert point.face == expected.face
    assert point.barycentric == pytest.approx(expected.barycentric)


@pytest.mark.parametrize("place", [(-3, 5), (5, -3), (100_000, 5), (0, 0)])
def test_beside_the_body_there_is_nothing(sheet: ChartSheet, place: tuple[int, int]) -> None:
    """No face and no point."""
    assert sheet.face_at(*place) == NO_FACE
    assert sheet.point_at(*place) is None
