"""Pictures of the report: body charts painted with tissue, and photographs small enough to embed."""

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from reepi.body.charts import Chart
from reepi.core.images import Pixels
from reepi.core.regions import NO_REGION
from reepi.core.surface import NO_FACE, SurfaceMap
from reepi.core.tissue import ASSESSED, COLOURS, Tissue
from reepi.report.coverage import STEP_COLOURS, step_of
from reepi.scoring.assessed import assessed_fraction, assessed_parts
from reepi.scoring.healing import MIN_ASSESSED

UNASSESSED_LIGHT: Final = (246, 246, 244)
UNASSESSED_DARK: Final = (200, 203, 206)
"""Stripes of unassessed skin: no tissue has a pattern, so it cannot be taken for one."""

NOT_SKIN: Final = (232, 234, 236)
OUTLINE: Final = (90, 98, 108)
PAPER: Final = (255, 255, 255)
HIDDEN_STRIPE: Final = (244, 166, 74)
"""Stripes over what was not assessed on the coverage chart; seen on its lightest and its darkest step."""

STRIPE_PX: Final = 8
"""Distance between stripes [px]."""

THUMBNAIL_SIDE: Final = 560
"""Long side of an embedded photograph [px]."""

THUMBNAIL_QUALITY: Final = 78

_UNASSESSED_CODE: Final = len(Tissue)
_NOT_SKIN_CODE: Final = len(Tissue) + 1


def face_codes(surface: SurfaceMap, regions: npt.NDArray[np.int8]) -> npt.NDArray[np.uint8]:
    """Return what each face is painted as: its most frequent tissue, `COVERED`, unassessed or not skin, (F,).

    Background is kept for the paper. A face of which too little was assessed to be followed is unassessed here too.
    """
    parts = assessed_parts(surface)
    codes: npt.NDArray[np.uint8] = np.asarray(ASSESSED, np.uint8)[parts.argmax(axis=1)]
    covered = surface.seen * surface.tissue[:, Tissue.COVERED]
    hidden = hidden_faces(surface)
    codes[hidden] = _UNASSESSED_CODE
    codes[hidden & (covered >= MIN_ASSESSED)] = Tissue.COVERED
    codes[regions == NO_REGION] = _NOT_SKIN_CODE
    return codes


def chart_picture(chart: Chart, codes: npt.NDArray[np.uint8]) -> bytes:
    """Return a body chart painted with the codes of `face_codes`, as PNG with a palette."""
    indices = np.where(chart.faces == NO_FACE, np.uint8(Tissue.BACKGROUND), codes[chart.faces])
    outline, stripes = _NOT_SKIN_CODE + 1, _NOT_SKIN_CODE + 2
    indices = np.where((indices == _UNASSESSED_CODE) & _stripe(indices.shape), stripes, indices)
    indices = np.where(chart.outlines, outline, indices)
    tissues = [PAPER, *(COLOURS[tissue] for tissue in Tissue if tissue is not Tissue.BACKGROUND)]
    return _with_palette(indices, [*tissues, UNASSESSED_LIGHT, NOT_SKIN, OUTLINE, UNASSESSED_DARK])


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
    striped = body & hidden[chart.faces] & (chart.regions != NO_REGION) & _stripe(body.shape)
    indices = np.where(striped, steps + 3, np.where(body, indices, steps))
    indices = np.where(chart.outlines, steps + 2, indices)
    return _with_palette(indices, [*STEP_COLOURS, PAPER, NOT_SKIN, OUTLINE, HIDDEN_STRIPE])


def hidden_faces(surface: SurfaceMap) -> npt.NDArray[np.bool_]:
    """Return the faces of which too little was assessed to be followed, (F,)."""
    return np.asarray(assessed_fraction(assessed_parts(surface)) < MIN_ASSESSED)


def _stripe(shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    rows, columns = np.indices(shape)
    return np.asarray((rows + columns) % STRIPE_PX < STRIPE_PX // 4)


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
