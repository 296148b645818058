"""Reads a photograph from a file that nobody vouches for: limits first, then decoding, upright and in sRGB."""

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile

from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, Pixels
from reepi.imaging.colour import srgb_pixels
from reepi.imaging.exif import read_exif

WORKING_SIDE: Final = 1024
"""Long side of a photograph at working size [px]."""

MAX_FILE_BYTES: Final = 256 * 1024 * 1024
"""Larger files are no photographs of a patient: a 150-megapixel 8-bit TIFF with some room."""

MAX_PIXELS: Final = 150_000_000
"""More pixels than any camera at a bedside has; what is above could be a decompression bomb."""

MIN_SIDE: Final = 64
"""A shorter side [px] holds too little skin to measure."""

TYPES: Final = ("JPEG", "PNG", "TIFF")
"""Image types that are read, told by content and not by the file's name."""

_DECODING_ERRORS: Final = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, struct.error, zlib.error)
"""What the decoder raises on damaged files."""

_CUT_SHORT: Final = ("truncated", "unexpected end", "premature end", "not enough", "unrecognized data stream")
"""Words of the decoder where a file ends too early."""


def read_photograph(path: Path, working_side: int = WORKING_SIDE) -> Photograph:
    """Read a photograph, upright, 8-bit sRGB, with a long side of at most ``working_side``.

    Parameters
    ----------
    path : Path
        JPEG, PNG or TIFF file, told by content.
    working_side : int
        Long side of the result [px]; smaller photographs stay as they are.

    Returns
    -------
    Photograph
        Pixels (H, W, 3), size of the upright original and focal length at working size, if the file tells it.

    Raises
    ------
    PhotographRejected
        With the code ``missing``, ``empty``, ``unreadable``, ``truncated``, ``too_large`` or ``too_small``.
    """
    return decode_photograph(read_bytes(path), working_side)


def read_bytes(path: Path) -> bytes:
    """Return the content of a photograph's file after its size was checked.

    Raises
    ------
    PhotographRejected
        The file is missing, empty, too large or cannot be opened.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise PhotographRejected(
                "missing", "This is no file. Copy the photograph to its place or correct its line."
            )
        if size == 0:
            raise PhotographRejected("empty", "The file has no content. Copy it again from the camera.")
        if size > MAX_FILE_BYTES:
            raise PhotographRejected("too_large", f"The file has {size:,} bytes. Export it below {MAX_FILE_BYTES:,}.")
        return path.read_bytes()
    except FileNotFoundError:
        raise PhotographRejected(
            "missing", "There is no such file. Copy it to its place or correct its line."
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PhotographRejected("unreadable", f"The file cannot be opened ({reason}). Check its rights.") from error


def decode_photograph(content: bytes, working_side: int = WORKING_SIDE) -> Photograph:
    """Return the photograph that the bytes of a file hold; see `read_photograph`.

    Raises
    ------
    PhotographRejected
        The bytes are no image of a type and size that is read.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of sizes that `_check_size` accepts or rejects by itself.
            warnings.simplefilter("ignore")
            image = Image.open(io.BytesIO(content), formats=TYPES)
            _check_size(image)
            stored = _load(image, working_side)
            exif, pixels = read_exif(image), srgb_pixels(image)
    except Image.DecompressionBombError:
        raise PhotographRejected("too_large", f"Export it with at most {MAX_PIXELS:,} pixels.") from None
    except UnidentifiedImageError:
        raise PhotographRejected("unreadable", f"The file is no {', '.join(TYPES)} image. {_hint(content)}") from None
    except _DECODING_ERRORS as error:
        raise _damaged(error) from error
    pixels = exif.upright(_shrunk(pixels, working_side))
    original = exif.upright_size(stored)
    return Photograph(pixels, original, exif.focal_px(pixels.shape[:2]))


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        explanation = f"{width} x {height} pixels are more than {MAX_PIXELS:,}. Export it smaller."
        raise PhotographRejected("too_large", explanation)
    if min(width, height) < MIN_SIDE:
        explanation = f"{width} x {height} pixels are too few; the shorter side needs {MIN_SIDE}. Give the original."
        raise PhotographRejected("too_small", explanation)


def _load(image: Image.Image, working_side: int) -> tuple[int, int]:
    """Decode, a large JPEG at a fraction of its size; return height and width as stored [px]."""
    width, height = image.size
    if isinstance(image, JpegImageFile):
        scale = working_side / max(width, height)
        image.draft("RGB", (max(1, int(width * scale)), max(1, int(height * scale))))
        image.load()
        return height, width
    image.load()
    # Pillow turns a TIFF upright by itself, so its size counts as it is after loading.
    return image.size[1], image.size[0]


def _shrunk(pixels: Pixels, working_side: int) -> Pixels:
    height, width = pixels.shape[:2]
    scale = working_side / max(height, width)
    if scale >= 1:
        return pixels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _damaged(error: Exception) -> PhotographRejected:
    if any(word in str(error).lower() for word in _CUT_SHORT):
        return PhotographRejected("truncated", "The file ends too early. Copy it again from the camera.")
    return PhotographRejected("unreadable", "The file is damaged. Copy it again from the camera.")


def _hint(content: bytes) -> str:
    if content[4:8] == b"ftyp":
        return "It looks like HEIC or video: export it as JPEG."
    return "Export the photograph as JPEG."
