"""HEIC through libheif and AVIF through libavif; runs in the process of `reepi.imaging.decoding_child`."""

import dataclasses
import io
from typing import Final

import numpy as np
from PIL import Image

from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, Pixels
from reepi.imaging.assembling import photograph_of, shrunk
from reepi.imaging.colour import srgb_array
from reepi.imaging.damage import DECODING_ERRORS, damaged, several
from reepi.imaging.exif import Exif, exif_of, read_exif
from reepi.imaging.limits import check_size
from reepi.imaging.signalled_colour import signalled_in


def decode_heic(content: bytes, working_side: int) -> Photograph:
    """Return the photograph of a HEIC file's bytes: its primary picture, turned as the file's transformations say.

    A HEIC file carries its turn twice, as a transformation of the picture, which libheif applies, and often in EXIF
    too. ISO/IEC 23008-12 makes the first the only one that counts, so EXIF's is not looked at.
    """
    import pillow_heif

    pillow_heif.options.THUMBNAILS = False
    pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    pillow_heif.options.DECODE_THREADS = 1
    try:
        file = pillow_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=False)
        image = file[file.primary_index]
        check_size(image.size[::-1])
        pixels = np.asarray(image)
    except DECODING_ERRORS as error:
        raise _named(error, "HEIC") from error
    block, profile = image.info.get("exif"), image.info.get("icc_profile")
    exif = dataclasses.replace(exif_of(block) if isinstance(block, bytes) else Exif(), orientation=1)
    return _photograph(pixels, profile, content, exif, working_side)


def decode_avif(content: bytes, working_side: int) -> Photograph:
    """Return the photograph of an AVIF file's bytes; Pillow hands on the file's own turn as EXIF orientation."""
    try:
        image = Image.open(io.BytesIO(content), formats=["AVIF"])
        check_size(image.size[::-1])
        if (count := getattr(image, "n_frames", 1)) > 1:
            raise several(count)
        image.load()
        exif = read_exif(image)
        pixels = np.asarray(image if image.mode in _PLAIN else image.convert("RGB"))
    except DECODING_ERRORS as error:
        raise _named(error, "AVIF") from error
    return _photograph(pixels, image.info.get("icc_profile"), content, exif, working_side)


_PLAIN: Final = ("L", "RGB", "RGBA")


def _photograph(pixels: np.ndarray, profile: object, content: bytes, exif: Exif, working_side: int) -> Photograph:
    stored = pixels.shape[0], pixels.shape[1]
    coloured = pixels if pixels.ndim == 3 else pixels[:, :, None].repeat(3, axis=2)
    small = shrunk(coloured, working_side)[:, :, :3]
    return photograph_of(_srgb(small, profile, content), stored, exif, working_side)


def _srgb(pixels: np.ndarray, profile: object, content: bytes) -> Pixels:
    """Return pixels in sRGB by the file's profile, or by what it states without one."""
    if isinstance(profile, bytes):
        return srgb_array(pixels, profile)
    colour = signalled_in(content)
    return srgb_array(pixels, None) if colour is None else colour.srgb(pixels)


def _named(error: Exception, name: str) -> PhotographRejected:
    rejection = damaged(error)
    return PhotographRejected(rejection.code, rejection.explanation.replace("The file", f"The {name} file", 1))
