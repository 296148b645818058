"""Pictures of the report: body charts painted with tissue, and photographs small enough to embed."""

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from reepi.body.chart_painting import CHART_PALETTE, NOT_SKIN, OUTLINE, PAPER, chart_indices, stripes
from reepi.body.charts import Chart
from reepi.core.images import Pixels
from reepi.core.regions import NO_REGION
from reepi.core.surface import NO_FACE
from reepi.report.coverage import STEP_COLOURS, step_of

HIDDEN_STRIPE: Final = (244, 166, 74)
"""Stripes over what was not assessed on the coverage chart; seen on its lightest and its darkest step."""

THUMBNAIL_SIDE: Final = 560
"""Long side of an embedded photograph [px]."""

THUMBNAIL_QUALITY: Final = 78


def chart_picture(chart: Chart, codes: npt.NDArray[np.uint8]) -> bytes:
    """Return a body chart painted with the codes of `face_codes`, as PNG with a palette."""
    return _with_palette(chart_indices(chart.faces, chart.outlines, codes), CHART_PALETTE)


def coverage_picture(chart: Chart, hidden: npt.NDArray[np.bool_], assessed: npt.ArrayLike) -> bytes:
    """Return a body chart with each region in the colour of its assessed part, as PNG with a palette.

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
    indices = np.where(chart.regions == NO_REGION, steps + 1, step_of(assessed)[chart.regions])
    body = chart.faces != NO_FACE
    striped = body & hidden[chart.faces] & (chart.regions != NO_REGION) & stripes(body.shape)
    indices = np.where(striped, steps + 3, np.where(body, indices, steps))
    indices = np.where(chart.outlines, steps + 2, indices)
    return _with_palette(indices, [*STEP_COLOURS, PAPER, NOT_SKIN, OUTLINE, HIDDEN_STRIPE])


def _with_palette(indices: npt.NDArray[np.integer], colours: Sequence[tuple[int, int, int]]) -> bytes:
    picture = Image.fromarray(indices.astype(np.uint8), "P")
    picture.putpalette([channel for colour in colours for channel in colour])
    return _encoded(picture, "PNG")


def thumbnail(pixels: Pixels) -> bytes:
    """Return an image (H, W, 3) as a small JPEG without metadata."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return _encoded(picture, "JPEG", quality=THUMBNAIL_QUALITY, optimize=True)


def _encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, **options)
    return content.getvalue()
