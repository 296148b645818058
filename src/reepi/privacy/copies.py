"""A photograph's file without what tells whose it is: metadata gone, eyes hidden, all else as it was."""

import io
import math
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from reepi.core.images import Photograph, Pixels
from reepi.imaging.colour import stated_profile
from reepi.imaging.colour_profile import cleaned_profile
from reepi.imaging.damage import DECODING_ERRORS
from reepi.imaging.exif import DIAGONAL_35MM, Exif, read_exif
from reepi.imaging.file_types import file_type
from reepi.imaging.jpeg_files import cleaned_jpeg
from reepi.imaging.limits import MAX_PIXELS
from reepi.imaging.reading import decode_photograph
from reepi.privacy.camera_settings import minimal_exif
from reepi.privacy.erased import erased_pixels
from reepi.privacy.hiding import at_size, hidden_in_jpeg, painted_over
from reepi.privacy.png_files import cleaned_png, new_png
from reepi.privacy.tiff_files import cleaned_tiff

Bools = npt.NDArray[np.bool_]

_CLEANERS: Final = {"jpeg": cleaned_jpeg, "png": cleaned_png, "tiff": cleaned_tiff}
_SUFFIXES: Final = {"jpeg": ".jpg", "png": ".png", "tiff": ".tif"}

RIM_PX: Final = 2
"""How far beyond its blocks a mask colours its surroundings at working size [px]: chrominance is interpolated."""

BLOCK_PX: Final = 32
"""Largest unit of a JPEG picture that is painted as a whole, at the original's size [px]."""


@dataclass(frozen=True)
class Copy:
    """A de-identified photograph.

    Parameters
    ----------
    content : bytes
        Its file.
    suffix : str
        End of its name.
    anew : bool
        Whether it was written anew as PNG, from the pixels that the measurement reads, since its own type could not
        stay.
    erased : bool
        Whether parts of the original were transparent; they are hidden in the copy.
    """

    content: bytes
    suffix: str
    anew: bool
    erased: bool = False


def deidentified_copy(content: bytes, hidden: Bools | None, work: Path) -> Copy:
    """Return a photograph's file with nothing in it but the picture and what the measurement needs of its metadata.

    JPEG, PNG and TIFF keep their compressed picture, bit for bit outside the blocks that are hidden in a JPEG. What
    cannot be kept so is written anew as PNG, as is what has transparent parts: these are hidden. Either way it is read
    back: pixels that are not hidden, size and focal length are those of the original.

    Parameters
    ----------
    content : bytes
        The file: JPEG, PNG, TIFF, HEIC, AVIF or camera raw, or any other that `reepi.imaging.reading` reads.
    hidden : (h, w) bool, optional
        What to hide of the upright picture, at any size.
    work : Path
        Folder for temporary files.

    Raises
    ------
    PhotographRejected
        The file cannot be read.
    """
    photograph = decode_photograph(content)
    if hidden is not None and not hidden.any():
        hidden = None
    erased = erased_pixels(content)
    if erased is not None:
        return replace(_anew(content, _joined(hidden, erased)), erased=True)
    cleaned = _cleaned(content, hidden, photograph, work)
    if cleaned is not None and reads_alike(photograph, cleaned.content, hidden):
        return cleaned
    return _anew(content, hidden)


def _joined(hidden: Bools | None, erased: Bools) -> Bools:
    """Return what is hidden (h, w), at any size, together with what was erased (H, W), at its size."""
    return erased if hidden is None else erased | at_size(hidden, (erased.shape[0], erased.shape[1]))


def reads_alike(original: Photograph, content: bytes, hidden: Bools | None) -> bool:
    """Return whether a copy gives the measurement what the original gave, and nothing of what is hidden."""
    copy = decode_photograph(content)
    if copy.original_size != original.original_size or copy.size != original.size:
        return False
    if not math.isclose(copy.focal_px or 0, original.focal_px or 0, rel_tol=1e-6):
        return False
    if hidden is None:
        return np.array_equal(copy.pixels, original.pixels)
    mask = at_size(hidden, original.size)
    reach = math.ceil(BLOCK_PX * max(original.size) / max(original.original_size)) + RIM_PX
    around = cv2.dilate(mask.astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(bool)
    inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return np.array_equal(copy.pixels[~around], original.pixels[~around]) and _is_even(copy.pixels[inner])


_EVEN: Final = 8
"""How far a hidden pixel may be from the middle one (of 255): colours are rounded."""


def _is_even(pixels: Pixels) -> bool:
    """Return whether pixels (N, 3) have one colour: nothing of what they showed is left."""
    if not len(pixels):
        return True
    return int(np.abs(pixels.astype(int) - np.median(pixels, axis=0)).max()) <= _EVEN


def _cleaned(content: bytes, hidden: Bools | None, photograph: Photograph, work: Path) -> Copy | None:
    """Return the file with its own compressed picture, or None where that cannot be."""
    kind = file_type(content)
    if kind not in _CLEANERS or (hidden is not None and kind != "jpeg"):
        return None
    try:
        exif, profile = _settings(content)
        cleaned = _CLEANERS[kind](content, minimal_exif(exif), profile)
        if hidden is not None:
            whole = at_size(hidden, photograph.original_size)
            masked = hidden_in_jpeg(cleaned, whole, exif.orientation, work)
            # libjpeg writes markers of its own, so the result is cleaned as well.
            cleaned = b"" if masked is None else cleaned_jpeg(masked, minimal_exif(exif), profile)
    except (ValueError, *DECODING_ERRORS):
        return None
    return Copy(cleaned, _SUFFIXES[kind], anew=False) if cleaned else None


def _settings(content: bytes) -> tuple[Exif, bytes | None]:
    """Return the camera settings and the cleaned colour profile of a JPEG, PNG or TIFF file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "TIFF"))
        if image.format == "PNG":
            # Its EXIF may stand after the picture.
            image.load()
        exif = read_exif(image)
        profile = stated_profile(image, exif)
        return exif, None if profile is None else cleaned_profile(profile)


def _anew(content: bytes, hidden: Bools | None) -> Copy:
    """Return the pixels that the measurement reads at full size, 8-bit sRGB and upright, as PNG."""
    photograph = decode_photograph(content, MAX_PIXELS)
    focal = None
    if photograph.focal_px is not None:
        focal = photograph.focal_px * DIAGONAL_35MM / math.hypot(*photograph.size)
    pixels = photograph.pixels
    if hidden is not None:
        pixels = painted_over(pixels, at_size(hidden, photograph.size))
    return Copy(new_png(pixels, minimal_exif(Exif(focal_35mm=focal))), ".png", anew=True)
