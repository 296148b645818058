"""DICOM photographs: visible light and secondary capture; runs in the process of `reepi.imaging.decoding_child`."""

import io
from typing import Any, Final

import numpy as np

from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, Pixels
from reepi.imaging.assembling import photograph_of
from reepi.imaging.colour import srgb_array
from reepi.imaging.damage import DECODING_ERRORS, damaged, no_extra, several
from reepi.imaging.exif import Exif
from reepi.imaging.limits import check_size

COLOURS: Final = frozenset(
    {"RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT", "PALETTE COLOR", "MONOCHROME1", "MONOCHROME2"}
)
"""Photometric interpretations that are read (PS3.3, C.7.6.3.1.2)."""


def decode_dicom(content: bytes, working_side: int) -> Photograph:
    """Return the photograph of a DICOM object's bytes.

    Orientation is that of the pixels: an archive keeps pictures upright. The focal length is not known.

    Raises
    ------
    PhotographRejected
        The extra ``dicom`` is missing, the object holds no or several pictures, or it is damaged, compressed in a way
        that no installed decoder knows, too large or too small.
    """
    try:
        import pydicom
        from pydicom.errors import BytesLengthException
        from pydicom.pixels.processing import apply_color_lut
    except ImportError:
        raise no_extra("a DICOM object", "dicom") from None
    try:
        # Header first: sizes are judged before any pixel is decoded.
        header = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True)
        size = _checked(header)
        dataset = pydicom.dcmread(io.BytesIO(content))
        try:
            values = dataset.pixel_array
        except (NotImplementedError, RuntimeError) as error:
            remedy = "Have the archive send it uncompressed or as JPEG."
            name = header.file_meta.TransferSyntaxUID.name
            raise PhotographRejected(
                "unreadable", f"Nothing installed reads its compression ({name}). {remedy}"
            ) from error
        if header.PhotometricInterpretation == "PALETTE COLOR":
            values = apply_color_lut(values, dataset)
        pixels = _srgb(np.asarray(values), header)
    except (BytesLengthException, *DECODING_ERRORS) as error:
        raise damaged(error) from error
    return photograph_of(pixels, size, Exif(), working_side)


def _checked(header: Any) -> tuple[int, int]:
    """Return height and width [px] of an object that holds one picture of a kind that is read."""
    if "Rows" not in header or "Columns" not in header:
        raise PhotographRejected("unreadable", "The DICOM object holds no picture. Give the photograph itself.")
    frames = int(header.get("NumberOfFrames") or 1)
    if frames > 1:
        raise several(frames)
    if header.PhotometricInterpretation not in COLOURS:
        kind = header.PhotometricInterpretation
        raise PhotographRejected("unreadable", f"Its colours are {kind}, which is not read. Export it as JPEG.")
    size = int(header.Rows), int(header.Columns)
    check_size(size)
    return size


def _srgb(values: np.ndarray, header: Any) -> Pixels:
    """Return decoded values (H, W) or (H, W, 3) of any depth as sRGB (H, W, 3)."""
    depth = (
        16 if header.PhotometricInterpretation == "PALETTE COLOR" and values.dtype == np.uint16 else header.BitsStored
    )
    top = (1 << int(depth)) - 1
    if header.PhotometricInterpretation == "MONOCHROME1":
        values = top - values
    values = np.clip(values, 0, top)
    if depth > 8:
        stretched = np.asarray(np.round(values * (65535 / top)), np.uint16)
    else:
        stretched = np.asarray(np.round(values * (255 / top)), np.uint8)
    coloured = np.repeat(stretched[..., None], 3, axis=-1) if stretched.ndim == 2 else stretched
    return srgb_array(np.ascontiguousarray(coloured), _profile(header))


def _profile(header: Any) -> bytes | None:
    """Return the colour profile of an object (PS3.3, C.11.15), or of its first optical path."""
    paths = header.get("OpticalPathSequence") or ()
    found = header.get("ICCProfile") or next((path.get("ICCProfile") for path in paths), None)
    return bytes(found) if found else None
