"""Pictures: every face in its tissue's colour, unassessed skin striped, drawings the same each time."""

import io
from itertools import combinations
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from reepi.body.chart_painting import NOT_SKIN, OUTLINE, PAPER, UNASSESSED_DARK, UNASSESSED_LIGHT
from reepi.body.charts import Chart
from reepi.core.regions import NO_REGION
from reepi.core.surface import NO_FACE, SurfaceMap
from reepi.core.tissue import COLOURS, Tissue
from reepi.imaging.writing import encode_small
from reepi.report.course import CoursePoint, course_drawing
from reepi.report.coverage import STEP_COLOURS
from reepi.report.figures import (
    HIDDEN_STRIPE,
    THUMBNAIL_SIDE,
    TINT_ALPHA,
    VEIL_ALPHA,
    chart_picture,
    coverage_picture,
    photograph_picture,
    thumbnail,
    tissue_picture,
)
from reepi.report.textures import TEXTURED, texture_of
from reepi.scoring.face_findings import face_codes
from reepi.scoring.intervals import Estimate

KINDS = [*Tissue, None]
"""What each face of the surface map shows; the last one nothing, since it was not seen."""


@pytest.fixture
def surface() -> SurfaceMap:
    """One face of each tissue, one unseen, and an eye."""
    tissue = np.vstack([np.eye(len(Tissue)), np.zeros((1, len(Tissue))), np.eye(len(Tissue))[[1]]]).astype(np.float32)
    seen = np.array([1] * len(Tissue) + [0, 1], np.float32)
    return SurfaceMap.of_shares(tissue, seen, np.zeros(len(seen), np.float32))


REGIONS = np.array([0] * (len(Tissue) + 1) + [NO_REGION], np.int8)


def painted(surface: SurfaceMap, faces: np.ndarray, outlines: np.ndarray | None = None) -> np.ndarray:
    lines = np.zeros(faces.shape, bool) if outlines is None else outlines
    chart = Chart("anterior", faces.astype(np.int32), np.zeros(faces.shape, np.int8), lines)
    picture = Image.open(io.BytesIO(chart_picture(chart, face_codes(surface, REGIONS))))
    return np.asarray(picture.convert("RGB"))


@pytest.mark.parametrize("tissue", [tissue for tissue in Tissue if tissue is not Tissue.BACKGROUND])
def test_a_face_has_the_colour_of_its_tissue(surface: SurfaceMap, tissue: Tissue) -> None:
    """The same as in overlays and legend; most of it where the tissue bears a texture."""
    pixels = painted(surface, np.full((40, 40), int(tissue))).reshape(-1, 3)
    plain = (pixels == COLOURS[tissue]).all(axis=1)
    assert plain.mean() > 0.5
    assert {tuple(pixel) for pixel in pixels[~plain].tolist()} <= {TEXTURED.get(tissue)}
    assert plain.all() == (tissue not in TEXTURED)


MACHADO = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    "grey print": [[0.2126, 0.7152, 0.0722]] * 3,
}
"""Machado, Oliveira & Fernandes 2009, severity 1.0, on linear sRGB; the luminance of ITU-R BT.709."""

EASILY_TOLD = 10.0
"""Colour difference (CIE 1976) that is told at a glance; 2.3 is just noticeable."""


@pytest.mark.parametrize("sight", MACHADO)
def test_tissues_are_told_apart_by_whoever_looks(sight: str) -> None:
    """Every two tissues differ in colour, or one of them, or each in its own way, bears a texture."""
    matrix = np.array(MACHADO[sight])
    tissues = [tissue for tissue in Tissue if tissue is not Tissue.BACKGROUND]
    seen = {tissue: cielab(np.clip(matrix @ linear(COLOURS[tissue]), 0, 1)) for tissue in tissues}
    for one, two in combinations(tissues, 2):
        alike = np.linalg.norm(seen[one] - seen[two]) < EASILY_TOLD
        assert not alike or one in TEXTURED or two in TEXTURED, (one, two)


def linear(colour: tuple[int, int, int]) -> np.ndarray:
    """IEC 61966-2-1."""
    value = np.array(colour) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def cielab(rgb: np.ndarray) -> np.ndarray:
    """CIE 1976 L*a*b* of linear sRGB, white D65."""
    matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    ratio = np.array(matrix) @ rgb / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("tissue", TEXTURED)
def test_textures_differ_from_each_other(tissue: Tissue) -> None:
    """No two tissues bear the same marks, and marks leave most of a tissue free."""
    marks = texture_of(tissue, (60, 60))
    assert 0 < marks.mean() < 0.5
    assert all((marks != texture_of(other, (60, 60))).any() for other in TEXTURED if other is not tissue)


def test_tissues_lie_transparent_over_a_photograph() -> None:
    """Intact skin and background stay free, an open area is tinted, its edge opaque; the size is the photograph's."""
    mask = np.full((120, 90), Tissue.INTACT, np.uint8)
    mask[:20] = Tissue.BACKGROUND
    mask[60:100, 30:60] = Tissue.DETACHED
    picture = tissue_picture(mask, (60, 45))
    pixels = np.asarray(Image.open(io.BytesIO(picture.content)).convert("RGBA"))
    assert (picture.width, picture.height) == (45, 60) == Image.open(io.BytesIO(picture.content)).size
    assert not pixels[:30, :, 3].any()
    assert pixels[40, 22].tolist() == [*COLOURS[Tissue.DETACHED], TINT_ALPHA]
    assert pixels[30, 22].tolist() == [*COLOURS[Tissue.DETACHED], 255]


def test_what_was_left_out_of_the_measurement_is_veiled() -> None:
    """Whatever its tissue, from a grid of any size; the rest is as it was."""
    mask = np.full((120, 90), Tissue.DETACHED, np.uint8)
    cells = np.array([[True, False], [False, False]])
    whole, part = (
        np.asarray(Image.open(io.BytesIO(tissue_picture(mask, (60, 45), which).content)).convert("RGBA"))
        for which in (None, cells)
    )
    assert (part[:30, :22] == (*UNASSESSED_DARK, VEIL_ALPHA)).all()
    np.testing.assert_array_equal(part[30:], whole[30:])
    np.testing.assert_array_equal(part[:, 23:], whole[:, 23:])


def test_photographs_of_the_report_are_small() -> None:
    """A long side of 320 pixels, about ten kilobytes, no metadata."""
    rough = np.random.default_rng(1).integers(90, 160, (60, 45, 3), np.uint8)
    pixels = np.asarray(Image.fromarray(rough).resize((900, 1200)))
    picture = photograph_picture(encode_small(pixels))
    assert (picture.width, picture.height) == (240, 320)
    assert len(picture.content) < 15_000
    assert not Image.open(io.BytesIO(picture.content)).getexif()


@pytest.mark.parametrize("face", [int(Tissue.BACKGROUND), len(Tissue)], ids=["shows no skin", "unseen"])
def test_unassessed_skin_is_striped(surface: SurfaceMap, face: int) -> None:
    """Two greys that no tissue has."""
    colours = {tuple(pixel) for pixel in painted(surface, np.full((16, 16), face)).reshape(-1, 3).tolist()}
    assert colours == {UNASSESSED_LIGHT, UNASSESSED_DARK}


def test_eyes_outlines_and_paper_have_their_own_colours(surface: SurfaceMap) -> None:
    """An eye, nothing, and a line over an open face."""
    faces = np.array([[len(Tissue) + 1, NO_FACE, int(Tissue.DETACHED)]])
    outlines = np.array([[False, False, True]])
    assert painted(surface, faces, outlines).tolist() == [[list(NOT_SKIN), list(PAPER), list(OUTLINE)]]


def test_the_most_frequent_assessed_tissue_paints_a_face() -> None:
    """40 % open, 35 % intact, 25 % covered; and a face that is covered for the most part."""
    tissue = np.zeros((2, len(Tissue)), np.float32)
    tissue[0, [Tissue.DETACHED, Tissue.INTACT, Tissue.COVERED]] = 0.4, 0.35, 0.25
    tissue[1, [Tissue.DETACHED, Tissue.COVERED]] = 0.2, 0.8
    surface = SurfaceMap.of_shares(tissue, np.ones(2, np.float32), np.zeros(2, np.float32))
    assert face_codes(surface, np.zeros(2, np.int8)).tolist() == [Tissue.DETACHED, Tissue.COVERED]


def test_a_region_has_the_colour_of_its_assessed_part() -> None:
    """Half of the first region was assessed and all of the second; an unassessed face of it is striped, an eye grey."""
    faces = np.tile(np.array([0, 1, 2, 3, NO_FACE], np.int32), (16, 1))
    regions = np.tile(np.array([0, 1, 1, NO_REGION, NO_REGION], np.int8), (16, 1))
    chart = Chart("anterior", faces, regions, np.zeros(faces.shape, bool))
    content = coverage_picture(chart, np.array([False, False, True, True]), [0.5, 1.0])
    columns = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).transpose(1, 0, 2)
    found = [{tuple(pixel) for pixel in column.tolist()} for column in columns]
    assert found == [{STEP_COLOURS[2]}, {STEP_COLOURS[4]}, {STEP_COLOURS[4], HIDDEN_STRIPE}, {NOT_SKIN}, {PAPER}]


def test_photographs_are_made_small_and_keep_their_shape() -> None:
    """A long side of 560 pixels, some ten kilobytes."""
    gradient = np.linspace(0, 255, 2000, dtype=np.uint8)[None, :, None] * np.ones((1000, 1, 3), np.uint8)
    content = thumbnail(gradient)
    assert Image.open(io.BytesIO(content)).size == (THUMBNAIL_SIDE, THUMBNAIL_SIDE // 2)
    assert len(content) < 40_000


def point(x: int, rate: Estimate | None) -> CoursePoint:
    return CoursePoint(x, Estimate(20, 15, 25), Estimate(3, 1, 5), 12.0, rate)


def test_a_course_is_a_drawing_whose_text_is_text() -> None:
    """Readable by machines, with the same bytes each time."""
    points = [point(0, None), point(7, Estimate(60, 50, 70))]
    drawing = course_drawing(points, "day after infusion")
    assert drawing == course_drawing(points, "day after infusion")
    words = {"".join(element.itertext()).strip() for element in ElementTree.fromstring(drawing).iter()}  # noqa: S314
    assert {"% BSA", "open", "reepithelialised", "unassessed", "day after infusion"} <= words


@pytest.mark.parametrize("rates", [[None], [None, None], [Estimate(100, 90, 100)]])
def test_a_course_of_one_visit_or_without_rates_can_be_drawn(rates: list[Estimate | None]) -> None:
    """Empty axes rather than an error."""
    points = [point(day, rate) for day, rate in enumerate(rates)]
    assert course_drawing(points, "visit").startswith(b"<?xml")
