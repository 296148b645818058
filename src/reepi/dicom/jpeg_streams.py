"""A JPEG file as the pixel data of a DICOM image: the same compressed pixels without what a camera wrote beside."""

import io
import struct
from dataclasses import dataclass
from typing import Final

from PIL import Image

from reepi.imaging.colour import stated_profile
from reepi.imaging.colour_profile import cleaned_profile
from reepi.imaging.exif import read_exif
from reepi.imaging.file_types import file_type
from reepi.imaging.jpeg_files import cleaned_jpeg, is_baseline
from reepi.imaging.srgb_profiles import is_srgb

_UPRIGHT: Final = (None, 1)
_ORIENTATION: Final = 0x0112


@dataclass(frozen=True)
class JpegStream:
    """A baseline JPEG that may be wrapped as it is.

    Parameters
    ----------
    content : bytes
        The stream from start to end of image, without metadata.
    size : (int, int)
        Height and width [px].
    colour : bool
        Three components in YCbCr; else one, grey.
    icc_profile : bytes or None
        Its colour profile, without what it says of camera and program.
    """

    content: bytes
    size: tuple[int, int]
    colour: bool
    icc_profile: bytes | None

    @property
    def photometric(self) -> str:
        """DICOM's name of its colour space."""
        return "YBR_FULL_422" if self.colour else "MONOCHROME2"


def wrappable(content: bytes) -> JpegStream | None:
    """Return the compressed pixels of a JPEG file, or None where they cannot be a DICOM image as they are.

    That takes an upright photograph (DICOM pixels are not turned by the reader), baseline coding with 8 bits (transfer
    syntax 1.2.840.10008.1.2.4.50) and grey or YCbCr.
    """
    if file_type(content) != "jpeg":
        return None
    try:
        with Image.open(io.BytesIO(content)) as image:
            # MPO is a JPEG with further pictures behind it, which are left out.
            fits = image.format in ("JPEG", "MPO") and image.getexif().get(_ORIENTATION) in _UPRIGHT
            profile = stated_profile(image, read_exif(image))
            fits = fits and (_is_plain_grey(image, profile) or _is_ycbcr(image))
            stream = bare_stream(content) if fits else None
            if stream is None:
                return None
            return JpegStream(
                stream, image.size[::-1], image.mode == "RGB", cleaned_profile(profile) if profile else None
            )
    except (OSError, ValueError, SyntaxError, struct.error):
        return None


def _is_plain_grey(image: Image.Image, profile: bytes | None) -> bool:
    """Return whether a JPEG is grey and needs no profile, for which an object in grey has no place."""
    return image.mode == "L" and (profile is None or is_srgb(profile))


def _is_ycbcr(image: Image.Image) -> bool:
    return image.mode == "RGB" and image.info.get("adobe_transform", 1) == 1


def bare_stream(content: bytes) -> bytes | None:
    """Return a baseline JPEG from start to end of image without metadata, or None where it is not one.

    Raises
    ------
    ValueError
        The file ends before the image does.
    """
    return cleaned_jpeg(content, b"", None) if is_baseline(content) else None
