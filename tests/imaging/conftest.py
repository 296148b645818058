"""Photographs drawn so that turning, scaling and losing them shows."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reepi.core.images import Pixels

RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 180, 40), (30, 40, 200), (128, 128, 128)


@pytest.fixture
def quarters() -> Pixels:
    """An upright picture, 240 high and 320 wide: red, green over blue, grey."""
    pixels = np.zeros((240, 320, 3), np.uint8)
    pixels[:120, :160], pixels[:120, 160:], pixels[120:, :160], pixels[120:, 160:] = RED, GREEN, BLUE, GREY
    return pixels


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Write pixels or an image to a file of the type that its name tells."""

    def _save(picture: Pixels | Image.Image, name: str = "photo.jpg", **options: object) -> Path:
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        path = tmp_path / name
        image.save(path, **({"quality": 95} if path.suffix == ".jpg" else {}), **options)
        return path

    return _save


@pytest.fixture
def jpeg(quarters: Pixels) -> bytes:
    """The quarters as a JPEG file."""
    content = io.BytesIO()
    Image.fromarray(quarters).save(content, "JPEG", quality=95)
    return content.getvalue()
