"""Pictures of the report: body charts painted with tissue, and photographs small enough to embed."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from reepi.body.chart_painting import (
    CHART_PALETTE,
    NOT_SKIN,
    OUTLINE,
    PAPER,
    UNASSESSED_DARK,
    UNASSESSED_LIGHT,
    chart_indices,
    stripes,
)
from reepi.body.charts import Chart
from reepi.core.images import Mask, Pixels
from reepi.core.regions import NO_REGION
from reepi.core.surface import NO_FACE
from reepi.core.tissue import COLOURS, Tissue
from reepi.imaging.writing import resized_mask
from reepi.report.coverage import STEP_COLOURS, step_of
from reepi.report.following import Swatch, unassessed_code
from reepi.report.textures import TEXTURED, marks_of, texture_of

HIDDEN_STRIPE: Final = (244, 166, 74)
"""Stripes over what was not assessed on the coverage chart; seen on its lightest and its darkest step."""

THUMBNAIL_SIDE: Final = 560
"""Long side of an embedded photograph [px]."""

THUMBNAIL_QUALITY: Final = 78

CHART_EFFORT: Final = 0
"""Effort of WebP for a chart: at 4, the same pixels take ten times as long for a quarter fewer bytes."""

TINT_ALPHA: Final = 90
"""Opacity of a tissue laid over a photograph, 0 to 255; its outline and its texture are opaque."""

VEIL_ALPHA: Final = 170
"""Opacity of what veils skin that is not measured."""

_TOLD: Final = tuple(tissue for tissue in Tissue if tissue not in (Tissue.BACKGROUND, Tissue.INTACT))


@dataclass(frozen=True)
class Picture:
    """An encoded picture.

    Parameters
    ----------
    kind : str
        Media type, such as ``image/webp``.
    content : bytes
        The file.
    width, height : int
        Its size [px].
    """

    kind: str
    content: bytes
    width: int
    height: int

    @property
    def name(self) -> str:
        """A name that pictures of equal content share."""
        return sha256(self.content).hexdigest()[:20]


def chart_picture(chart: Chart, codes: npt.NDArray[np.uint8]) -> bytes:
    """Return a body chart painted with the codes of `face_codes`, as WebP without loss.

    Tissues that would look alike to the colour-blind, or in grey print, bear the texture of `TEXTURED`.
    """
    indices = chart_indices(chart.faces, chart.outlines, codes)
    colours = list(CHART_PALETTE)
    for tissue, colour in TEXTURED.items():
        indices[(indices == tissue) & texture_of(tissue, indices.shape)] = len(colours)
        colours.append(colour)
    return _with_palette(indices, colours)


def map_picture(chart: Chart, codes: npt.NDArray[np.uint8], swatches: Sequence[Swatch]) -> bytes:
    """Return a body chart painted with the codes of a map, as WebP without loss.

    Parameters
    ----------
    chart : Chart
        The drawing.
    codes : (F,) uint8
        Place of each face's look among the swatches; behind them unassessed skin, and what is no skin.
    swatches : sequence of Swatch
        The looks.
    """
    colours = [*(swatch.colour for swatch in swatches), UNASSESSED_LIGHT, NOT_SKIN, PAPER, OUTLINE, UNASSESSED_DARK]
    unassessed = unassessed_code(swatches)
    # `NO_FACE` is -1, and so the last place.
    indices = np.append(codes, np.uint8(unassessed + 2))[chart.faces]
    indices[(indices == unassessed) & stripes(indices.shape)] = unassessed + 4
    for place, swatch in enumerate(swatches):
        indices[(indices == place) & marks_of(swatch.texture, indices.shape)] = len(colours)
        colours.append(swatch.marks)
    indices[chart.outlines] = unassessed + 3
    return _with_palette(indices, colours)


def coverage_picture(chart: Chart, hidden: npt.NDArray[np.bool_], assessed: npt.ArrayLike) -> bytes:
    """Return a body chart with each region in the colour of its assessed part, as WebP without loss.

    Parameters
    ----------
    chart : Chart
        The drawing.
    hidden : (F,) bool
        From `hidden_faces`; these are striped.
    assessed : (33,) float
        Assessed part of each region, 0 to 1.
    """
    steps = len(STEP_COLOURS)
    # `NO_FACE` and `NO_REGION` are -1, and so the last places.
    indices = np.append(step_of(assessed), steps + 1).astype(np.uint8)[chart.regions]
    striped = np.append(hidden, False)[chart.faces] & (chart.regions != NO_REGION) & stripes(chart.faces.shape)
    indices[striped] = steps + 3
    indices[chart.faces == NO_FACE] = steps
    indices[chart.outlines] = steps + 2
    return _with_palette(indices, [*STEP_COLOURS, PAPER, NOT_SKIN, OUTLINE, HIDDEN_STRIPE])


def _with_palette(indices: npt.NDArray[np.integer], colours: Sequence[tuple[int, int, int]]) -> bytes:
    picture = _paletted(indices, colours).convert("RGB")
    return _encoded(picture, "WEBP", lossless=True, method=CHART_EFFORT, quality=0)


def _paletted(indices: npt.NDArray[np.integer], colours: Sequence[tuple[int, int, int]]) -> Image.Image:
    picture = Image.fromarray(indices.astype(np.uint8), "P")
    picture.putpalette([channel for colour in colours for channel in colour])
    return picture


def thumbnail(pixels: Pixels) -> bytes:
    """Return an image (H, W, 3) as a small JPEG without metadata."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return _encoded(picture, "JPEG", quality=THUMBNAIL_QUALITY, optimize=True)


def photograph_picture(small: bytes) -> Picture:
    """Return a photograph at the size of the report, from the bytes that `encode_small` made.

    Raises
    ------
    OSError
        They are no picture.
    """
    with Image.open(io.BytesIO(small), formats=("WEBP",)) as picture:
        return Picture("image/webp", small, picture.width, picture.height)


def tissue_picture(mask: Mask, size: tuple[int, int], left_out: npt.NDArray[np.bool_] | None = None) -> Picture:
    """Return a mask as a transparent picture to lay over its photograph: every tissue but intact tinted and outlined.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel.
    size : (int, int)
        Height and width of the photograph as it is shown [px].
    left_out : (g, k) bool, optional
        Cells of a grid over it that were not measured; their skin is veiled, whatever its tissue.
    """
    small = resized_mask(mask, size)
    indices = np.zeros(size, np.uint8)
    colours, opacity = [PAPER], [0]
    for tissue in _TOLD:
        area = small == tissue
        if area.any():
            indices[area] = len(colours)
            indices[_edge(area) | (area & texture_of(tissue, size))] = len(colours) + 1
        colours += [COLOURS[tissue]] * 2
        opacity += [TINT_ALPHA, 255]
    if left_out is not None:
        skin = small != Tissue.BACKGROUND
        indices[skin & (resized_mask(left_out.astype(np.uint8), size) > 0)] = len(colours)
    colours, opacity = [*colours, UNASSESSED_DARK], [*opacity, VEIL_ALPHA]
    picture = _paletted(indices, colours)
    content = _encoded(picture, "PNG", transparency=bytes(opacity), bits=4)
    return Picture("image/png", content, size[1], size[0])


def _edge(area: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return the pixels of an area (H, W) that touch something else."""
    inner = cv2.erode(area.astype(np.uint8), np.ones((3, 3), np.uint8), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(area & (inner == 0))


def _encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()
