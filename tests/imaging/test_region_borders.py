"""Borders of regions on a photograph: lines where regions meet, a name in each, the photograph untouched elsewhere."""

import io

import numpy as np
import pytest
from PIL import Image

from reepi.core.images import Photograph
from reepi.core.regions import NO_REGION, REGIONS
from reepi.imaging.region_borders import draw_region_borders
from reepi.imaging.writing import encode_region_borders


@pytest.fixture
def regions() -> np.ndarray:
    """A trunk beside an upper arm on a photograph of 400 x 300, and a hand of a few pixels."""
    codes = np.full((400, 300), NO_REGION, np.int8)
    codes[100:300, 50:150] = REGIONS.index("trunk_anterior")
    codes[100:300, 150:250] = REGIONS.index("upper_arm_left_anterior")
    codes[350:354, 50:54] = REGIONS.index("hand_left_dorsal")
    return codes


def test_lines_lie_where_regions_meet(regions: np.ndarray) -> None:
    """Borders are drawn light on dark; far from them, and from the names, the photograph is as it was."""
    pixels = np.full((*regions.shape, 3), 120, np.uint8)
    drawn = draw_region_borders(pixels, regions)
    changed = (drawn != pixels).any(axis=-1)
    for row in (110, 290):
        columns = np.flatnonzero(changed[row])
        assert all(min(abs(column - border) for border in (50, 150, 250)) <= 4 for column in columns)
        assert {50, 149, 150, 249} <= set(columns)
    assert not changed[:90].any()
    assert drawn.max() > 200
    assert (pixels == 120).all()


def test_regions_bear_their_names_where_there_is_room(regions: np.ndarray) -> None:
    """Something is written in the middle of both large regions, nothing beside the small one."""
    drawn = draw_region_borders(np.full((*regions.shape, 3), 120, np.uint8), regions)
    changed = (drawn != 120).any(axis=-1)
    assert changed[150:250, 60:140].any()
    assert changed[150:250, 160:240].any()
    assert not changed[340:370, 60:].any()


def test_caption_is_written_at_the_bottom(regions: np.ndarray) -> None:
    """And only there."""
    pixels = np.full((*regions.shape, 3), 120, np.uint8)
    plain, told = (draw_region_borders(pixels, regions, caption) for caption in ("", "estimated error 12 mm"))
    rows = np.flatnonzero((plain != told).any(axis=(1, 2)))
    assert len(rows)
    assert rows.min() > 370


def test_photograph_without_a_body_stays(regions: np.ndarray) -> None:
    """No region, no line."""
    pixels = np.full((*regions.shape, 3), 120, np.uint8)
    assert (draw_region_borders(pixels, np.full_like(regions, NO_REGION)) == pixels).all()


def test_picture_carries_no_metadata(regions: np.ndarray) -> None:
    """It has the working size and says nothing of the camera."""
    photograph = Photograph(np.full((*regions.shape, 3), 120, np.uint8), (800, 600))
    image = Image.open(io.BytesIO(encode_region_borders(photograph, regions)))
    assert (image.format, image.size, len(image.getexif())) == ("JPEG", (300, 400), 0)
