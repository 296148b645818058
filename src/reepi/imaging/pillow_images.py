"""JPEG, PNG and TIFF through Pillow; a large JPEG is decoded at a fraction of its size."""

import io
from typing import Final

from PIL import Image, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph
from reepi.imaging.assembling import photograph_of
from reepi.imaging.colour import srgb_array, srgb_pixels, stated_profile
from reepi.imaging.damage import DECODING_ERRORS, damaged, no_memory, several
from reepi.imaging.deep_images import decode_deep, is_deep
from reepi.imaging.exif import read_exif
from reepi.imaging.jpeg_pixels import jpeg_pixels
from reepi.imaging.limits import MAX_PIXELS, check_size, needed_side
from reepi.imaging.quiet import without_warnings
from reepi.imaging.tiff_kinds import check_kind, is_deep_tiff, kind_not_read

TYPES: Final = ("JPEG", "PNG", "TIFF")
"""Types that are decoded here; Pillow tells them by content."""

_PAGE_KIND: Final = 0x00FE
_REDUCED_OR_MASK: Final = 0b101
"""A page of a TIFF that is a smaller copy or a mask of another one (TIFF 6.0, NewSubfileType)."""

_PAGES_LOOKED_AT: Final = 16

_START_OF_SCAN: Final = b"\xff\xda"

MAX_SCANNED_PIXELS: Final = 10_000_000_000
"""Scans times pixels of a progressive JPEG; encoders make about ten scans, and ten thousand fit in a small file."""


def decode_with_pillow(content: bytes, working_side: int) -> Photograph:
    """Return the photograph of a JPEG, PNG or TIFF file's bytes; see `reepi.imaging.reading.decode_photograph`."""
    try:
        # Pillow warns of sizes that `check_size` accepts or rejects by itself.
        with without_warnings():
            return _decode(content, working_side)
    except Image.DecompressionBombError:
        raise PhotographRejected("too_large", f"Export it with at most {MAX_PIXELS:,} pixels.") from None
    except UnidentifiedImageError:
        if is_deep_tiff(content):
            raise kind_not_read() from None
        raise PhotographRejected("unreadable", "The file is damaged. Copy it again from the camera.") from None
    except MemoryError as error:
        raise no_memory() from error
    except DECODING_ERRORS as error:
        raise damaged(error) from error


def _decode(content: bytes, working_side: int) -> Photograph:
    image = Image.open(io.BytesIO(content), formats=TYPES)
    check_size(image.size[::-1])
    if isinstance(image, TiffImageFile):
        check_kind(image)
    _check_single(image)
    _check_scans(image, content)
    if isinstance(image, JpegImageFile):
        return _decode_jpeg(image, content, working_side)
    deep = is_deep(image, content)
    image.load()
    exif = read_exif(image)
    profile = stated_profile(image, exif)
    pixels = decode_deep(content, image, profile, working_side) if deep else None
    # Pillow turns a TIFF upright by itself, so its size counts as it is after loading.
    stored = image.size[1], image.size[0]
    return photograph_of(srgb_pixels(image, profile) if pixels is None else pixels, stored, exif, working_side)


def _decode_jpeg(image: JpegImageFile, content: bytes, working_side: int) -> Photograph:
    """Decode, a large one at a fraction of its size."""
    (width, height), exif = image.size, read_exif(image)
    scale = needed_side(working_side) / max(width, height)
    image.draft("RGB", (max(1, int(width * scale)), max(1, int(height * scale))))
    pixels, profile = jpeg_pixels(image, content), stated_profile(image, exif)
    if pixels is None:
        image.load()
    coloured = srgb_pixels(image, profile) if pixels is None else srgb_array(pixels, profile)
    return photograph_of(coloured, (height, width), exif, working_side)


def _check_single(image: Image.Image) -> None:
    """Reject an animation, and a TIFF with further pages of the same kind; a JPEG's first picture is the photograph."""
    count = 1 if isinstance(image, JpegImageFile) else getattr(image, "n_frames", 1)
    if count > 1 and isinstance(image, TiffImageFile):
        pages = range(1, min(count, _PAGES_LOOKED_AT))
        size = image.size
        count = 1 + sum(_is_photograph(image, page, size) for page in pages)
        image.seek(0)
    if count > 1:
        raise several(count)


def _check_scans(image: Image.Image, content: bytes) -> None:
    """Reject a progressive JPEG whose scans would keep the decoder busy for minutes."""
    if not image.info.get("progressive"):
        return
    scans = content.count(_START_OF_SCAN)
    if scans * image.width * image.height > MAX_SCANNED_PIXELS:
        raise PhotographRejected("unreadable", f"The JPEG has {scans} scans. Save it again as an ordinary JPEG.")


def _is_photograph(image: TiffImageFile, page: int, size: tuple[int, int]) -> bool:
    image.seek(page)
    kind = image.tag_v2.get(_PAGE_KIND, 0)
    return image.size >= size and not (isinstance(kind, int) and kind & _REDUCED_OR_MASK)
