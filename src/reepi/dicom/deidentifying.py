"""A photograph in DICOM without what tells whose it is: PS3.15, Basic Profile, with modified dates.

Nothing passes that is not named here. Of the attributes that table E.1-1 of PS3.15 (2024b) removes, empties or
replaces, only those are left that an object must have (patient, study, series, identifiers), with new content, and the
dates, moved as the study's own are (Retain Longitudinal Temporal Information Modified Dates Option).
"""

import hashlib
import hmac
import io
import re
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import pydicom
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.errors import BytesLengthException
from pydicom.sr.codedict import codes
from pydicom.uid import UID, JPEGBaseline8Bit, JPEGLSLossless, SecondaryCaptureImageStorage, VLPhotographicImageStorage

from reepi.core.images import Pixels
from reepi.dicom.codes import framed_parts
from reepi.dicom.datasets import code_item, file_bytes
from reepi.dicom.photographs import srgb_profile
from reepi.imaging.colour_profile import cleaned_profile
from reepi.imaging.jpeg_files import cleaned_jpeg

Paint = Callable[[Pixels], Pixels]
"""Paints over what is hidden of a picture (H, W, 3), sRGB."""

CLASSES: Final = {VLPhotographicImageStorage: "XC", SecondaryCaptureImageStorage: "OT"}
"""Kinds of objects that stay what they are, with the modality they get."""

METHOD: Final = "PS3.15 Basic Profile, modified dates"
_PROFILE: Final = (
    codes.DCM.BasicApplicationConfidentialityProfile,
    codes.DCM.RetainLongitudinalTemporalInformationModifiedDatesOption,
)

_NUMBERS: Final = (
    *("Rows", "Columns", "SamplesPerPixel", "PlanarConfiguration", "BitsAllocated", "BitsStored", "HighBit"),
    *("PixelRepresentation", "PixelAspectRatio", "PixelSpacing", "LossyImageCompressionRatio"),
    *(
        f"{colour}PaletteColorLookupTable{what}"
        for colour in ("Red", "Green", "Blue")
        for what in ("Descriptor", "Data")
    ),
)
"""Attributes that can hold nothing but numbers."""

_WORDS: Final = {
    "PhotometricInterpretation": ("MONOCHROME1", "MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR"),
    "ImageType": ("ORIGINAL", "DERIVED", "PRIMARY", "SECONDARY"),
    "ImageLaterality": ("L", "R", "U", "B"),
    "Laterality": ("L", "R"),
    "PixelSpacingCalibrationType": ("GEOMETRY", "FIDUCIAL"),
    "ConversionType": ("DV", "DI", "DF", "WSD", "SD", "SI", "DRW", "SYN"),
    "LossyImageCompression": ("00", "01"),
    "LossyImageCompressionMethod": ("ISO_10918_1", "ISO_14495_1", "ISO_15444_1", "ISO_23008_2"),
}
"""Attributes that hold one of few words; another word may be anything."""

_MOMENTS: Final = (
    *(("StudyDate", "StudyTime"), ("SeriesDate", "SeriesTime"), ("AcquisitionDate", "AcquisitionTime")),
    *(("ContentDate", "ContentTime"), ("InstanceCreationDate", "InstanceCreationTime")),
)
_IDENTIFIERS: Final = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
_EMPTY: Final = (
    "PatientBirthDate",
    "PatientSex",
    "ReferringPhysicianName",
    "AccessionNumber",
    "Manufacturer",
)
"""Attributes that an object must have and that may be empty (type 2)."""

_TIME: Final = re.compile(r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\.\d{1,6})?)?)?")
MOST_INSTANCES: Final = 9999
"""Largest number in a series that is one; a larger one may be that of a person."""


def deidentified(content: bytes, patient: str, shift_days: int, uid_key: bytes, paint: Paint | None = None) -> bytes:
    """Return a photograph's DICOM object without what tells whose it is.

    A baseline JPEG keeps its compressed pixels; all others, and those that are painted over, are kept without further
    loss (JPEG-LS). Objects of one study or series stay together: their identifiers are replaced by ones that follow
    from the old one and the key.

    Parameters
    ----------
    content : bytes
        The object.
    patient : str
        The patient's new name and number.
    shift_days : int
        By how many days dates move [days].
    uid_key : bytes
        Secret that identifiers are drawn with.
    paint : callable, optional
        Paints over what is hidden.

    Raises
    ------
    ValueError
        It is neither a VL Photographic Image nor a Secondary Capture, or it cannot be painted since it is no picture of
        8 bits in colour; or a value in it is damaged.
    """
    try:
        return _without_names(content, patient, shift_days, uid_key, paint)
    except BytesLengthException as error:
        raise ValueError(f"a value of the object is damaged ({error})") from error


def _without_names(content: bytes, patient: str, shift_days: int, uid_key: bytes, paint: Paint | None) -> bytes:
    source = pydicom.dcmread(io.BytesIO(content))
    modality = CLASSES.get(source.get("SOPClassUID"))
    if modality is None:
        raise ValueError("the object is no photograph of a kind that can stay")
    kept = Dataset()
    kept.SpecificCharacterSet = "ISO_IR 192"
    kept.SOPClassUID, kept.Modality = source.SOPClassUID, modality
    for name in _EMPTY:
        setattr(kept, name, "")
    kept.PatientName, kept.PatientID = f"{patient}^", patient
    for name in _IDENTIFIERS:
        setattr(kept, name, _new_uid(uid_key, name, str(source.get(name) or patient)))
    _keep_numbers(source, kept)
    _keep_moments(source, kept, timedelta(days=shift_days))
    _keep_anatomy(source, kept)
    if modality == "XC":
        kept.AcquisitionContextSequence = []
    elif "ConversionType" not in kept:
        kept.ConversionType = "DI"
    syntax = _keep_pixels(source, kept, paint)
    _say_deidentified(kept, painted=paint is not None)
    return file_bytes(kept, syntax)


def _new_uid(key: bytes, kind: str, old: str) -> str:
    """Return an identifier that follows from another one, and from which nobody without the key comes back.

    Below the root 2.25 that DICOM gives to UUIDs (PS3.5, B.2).
    """
    digest = hmac.new(key, f"{kind}\0{old}".encode(), hashlib.sha256).digest()
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}"


def _keep_numbers(source: Dataset, kept: Dataset) -> None:
    for name in _NUMBERS:
        if source.get(name) is not None:
            kept[name] = source[name]
    for name, allowed in _WORDS.items():
        words = [str(word) for word in _each(source.get(name)) if str(word) in allowed]
        if words:
            setattr(kept, name, words if len(words) > 1 else words[0])
    number = source.get("InstanceNumber")
    known = number is not None and 0 <= int(number) <= MOST_INSTANCES
    kept.SeriesNumber, kept.InstanceNumber = 1, int(number) if known else None
    kept.PatientOrientation = None


def _each(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _keep_moments(source: Dataset, kept: Dataset, shift: timedelta) -> None:
    for day, time in _MOMENTS:
        moved = _moved(str(source.get(day) or ""), shift)
        if moved:
            clock = str(source.get(time) or "")
            setattr(kept, day, moved)
            setattr(kept, time, clock if _TIME.fullmatch(clock) else "")
    stamp = str(source.get("AcquisitionDateTime") or "")
    moved, clock = _moved(stamp[:8], shift), re.split("[+-]", stamp[8:])[0]
    if moved:
        kept.AcquisitionDateTime = moved + (clock if _TIME.fullmatch(clock) else "")
    for name in ("StudyDate", "StudyTime"):
        if name not in kept:
            setattr(kept, name, "")
    kept.StudyID = kept.StudyDate or "1"


def _moved(date: str, shift: timedelta) -> str:
    """Return a DICOM date moved; nothing where it is none."""
    try:
        return (datetime.strptime(date, "%Y%m%d") + shift).strftime("%Y%m%d")
    except (ValueError, OverflowError):
        return ""


def _keep_anatomy(source: Dataset, kept: Dataset) -> None:
    """Keep what part of the body is shown where it is told in a code of our own table, with that code's meaning."""
    told = {(str(item.get("CodeValue")), str(item.get("CodingSchemeDesignator"))) for item in _region(source)}
    found = [code for code in framed_parts() if (code.value, code.scheme_designator) in told]
    if found:
        kept.AnatomicRegionSequence = [code_item(code) for code in found]


def _region(source: Dataset) -> Iterable[Dataset]:
    return source.get("AnatomicRegionSequence") or ()


def _keep_pixels(source: Dataset, kept: Dataset, paint: Paint | None) -> UID:
    """Keep the pixels and their colour profile; return how they are written."""
    profile = source.get("ICCProfile")
    cleaned = cleaned_profile(bytes(profile)) if profile else None
    if paint is None and source.file_meta.TransferSyntaxUID == JPEGBaseline8Bit:
        (stream,) = generate_frames(source.PixelData, number_of_frames=1)
        kept.PixelData = encapsulate([cleaned_jpeg(stream, b"", None)])
        kept["PixelData"].VR = "OB"
        kept["PixelData"].is_undefined_length = True
        syntax = JPEGBaseline8Bit
    else:
        pixels = np.ascontiguousarray(source.pixel_array)
        if paint is not None:
            if pixels.dtype != np.uint8 or pixels.ndim != 3 or kept.BitsStored != 8:
                raise ValueError("a picture of another kind than 8 bits in colour cannot be painted over")
            pixels = paint(pixels)
        if pixels.ndim == 3:
            kept.PhotometricInterpretation, kept.PlanarConfiguration = "RGB", 0
        kept.compress(JPEGLSLossless, pixels, generate_instance_uid=False)
        syntax = JPEGLSLossless
    if kept.SamplesPerPixel > 1:
        kept.ICCProfile = cleaned or srgb_profile()
    elif cleaned is not None:
        kept.ICCProfile = cleaned
    return syntax


def _say_deidentified(kept: Dataset, *, painted: bool) -> None:
    """Say what was done (PS3.15, E.1.1; PS3.3, C.7.1.1 and C.12.1.1.1)."""
    done = (*_PROFILE, codes.DCM.CleanRecognizableVisualFeaturesOption) if painted else _PROFILE
    kept.PatientIdentityRemoved, kept.DeidentificationMethod = "YES", METHOD
    kept.DeidentificationMethodCodeSequence = [code_item(code) for code in done]
    kept.LongitudinalTemporalInformationModified = "MODIFIED"
    if painted:
        kept.ImageType = ["DERIVED", "PRIMARY"]
        kept.DerivationDescription = "What shows who it is was painted over"
