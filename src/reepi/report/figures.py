"""Pictures of the report: body charts painted with tissue, and photographs small enough to embed."""

import io
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from reepi.body.charts import Chart
from reepi.core.images import Pixels
from reepi.core.regions import NO_REGION
from reepi.core.surface import NO_FACE, SurfaceMap
from reepi.core.tissue import ASSESSED, COLOURS, Tissue
from reepi.scoring.assessed import assessed_fraction, assessed_parts
from reepi.scoring.healing import MIN_ASSESSED

UNASSESSED_LIGHT: Final = (246, 246, 244)
UNASSESSED_DARK: Final = (200, 203, 206)
"""Stripes of unassessed skin: no tissue has a pattern, so it cannot be taken for one."""

NOT_SKIN: Final = (232, 234, 236)
OUTLINE: Final = (90, 98, 108)
PAPER: Final = (255, 255, 255)
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
    hidden = assessed_fraction(parts) < MIN_ASSESSED
    codes[hidden] = _UNASSESSED_CODE
    codes[hidden & (covered >= MIN_ASSESSED)] = Tissue.COVERED
    codes[regions == NO_REGION] = _NOT_SKIN_CODE
    return codes


def chart_picture(chart: Chart, codes: npt.NDArray[np.uint8]) -> bytes:
    """Return a body chart painted with the codes of `face_codes`, as PNG with a palette."""
    indices = np.where(chart.faces == NO_FACE, np.uint8(Tissue.BACKGROUND), codes[chart.faces])
    rows, columns = np.indices(indices.shape)
    stripe = (rows + columns) % STRIPE_PX < STRIPE_PX // 4
    outline, stripes = _NOT_SKIN_CODE + 1, _NOT_SKIN_CODE + 2
    indices = np.where((indices == _UNASSESSED_CODE) & stripe, stripes, indices)
    indices = np.where(chart.outlines, outline, indices).astype(np.uint8)
    picture = Image.fromarray(indices, "P")
    tissues = [PAPER, *(COLOURS[tissue] for tissue in Tissue if tissue is not Tissue.BACKGROUND)]
    colours = [*tissues, UNASSESSED_LIGHT, NOT_SKIN, OUTLINE, UNASSESSED_DARK]
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
