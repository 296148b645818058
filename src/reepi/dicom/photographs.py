"""A photograph as a VL Photographic Image: a JPEG's own pixels where they fit, else decoded and kept without loss."""

import hashlib
import struct
from datetime import datetime
from typing import Final

import numpy as np
from PIL import ImageCms
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, JPEGLSLossless, VLPhotographicImageStorage

from reepi.core.images import Mask, Pixels
from reepi.core.study import PhotoEntry
from reepi.dicom.codes import framed_part, laterality_of
from reepi.dicom.datasets import Visit, code_item, date_created, date_string, file_bytes, time_string
from reepi.dicom.jpeg_streams import JpegStream, wrappable
from reepi.imaging.file_types import file_type
from reepi.imaging.reading import decode_photograph
from reepi.imaging.writing import blackened

FULL_SIZE: Final = 1 << 30
"""A working side [px] that no photograph has: it is decoded at its own size."""

LOSSY_METHODS: Final = {"jpeg": "ISO_10918_1", "heic": "ISO_23008_2"}
"""DICOM's name of how a type of file loses detail (PS3.3, C.7.6.1.1.5.1); AVIF has none."""

FORMAT: Final = 2
"""Part of the identifier of an exported photograph; raised when the same photograph is written otherwise."""


def photograph_image(content: bytes, entry: PhotoEntry, visit: Visit, number: int, hidden: Mask | None = None) -> bytes:
    """Return a photograph's file as a VL Photographic Image.

    Nothing that a camera wrote beside the pixels comes along: neither place nor serial numbers.

    Parameters
    ----------
    content : bytes
        JPEG, PNG, TIFF, HEIC, AVIF or camera raw.
    entry : PhotoEntry
        Its line in ``photos.csv``.
    visit : Visit
        The visit it belongs to.
    number : int
        Its place in the visit, from 1.
    hidden : (H, W) uint8, optional
        What of it no picture may show, at any size; these pixels are black in the image.

    Raises
    ------
    PhotographRejected
        The file cannot be decoded.
    """
    dataset = _described(entry, visit, number)
    covered = b"" if hidden is None else hidden.tobytes()
    hashes = [hashlib.sha256(each).hexdigest() for each in (content, covered)]
    dataset.SOPInstanceUID = visit.uid("photograph", FORMAT, *hashes, repr(entry), number, *visit.correctable)
    stream = wrappable(content) if hidden is None else None
    if stream is not None:
        _wrap(dataset, stream)
        return file_bytes(dataset, JPEGBaseline8Bit)
    pixels = decode_photograph(content, FULL_SIZE).pixels
    _keep_pixels(dataset, pixels if hidden is None else blackened(pixels, hidden))
    method = LOSSY_METHODS.get(file_type(content) or "")
    if method:
        _say_lossy(dataset, method, len(content))
    return file_bytes(dataset, JPEGLSLossless)


def _described(entry: PhotoEntry, visit: Visit, number: int) -> Dataset:
    dataset = Dataset()
    visit.identify(dataset)
    visit.place(dataset, "photographs")
    dataset.SOPClassUID, dataset.Modality = VLPhotographicImageStorage, "XC"
    dataset.Manufacturer, dataset.SeriesDescription = "", "Photographs of the skin"
    dataset.InstanceNumber, dataset.PatientOrientation = number, None
    _date(dataset, entry.taken_at)
    dataset.AcquisitionContextSequence = []
    dataset.AnatomicRegionSequence = [code_item(framed_part(entry.view.part))]
    side = laterality_of(entry.view_name)
    dataset.ImageLaterality = side.meaning[0] if side else "U"
    dataset.ImageComments = f"view {entry.view_name}"
    return dataset


def _date(dataset: Dataset, taken: datetime) -> None:
    date_created(dataset, taken)
    del dataset.InstanceCreationDate, dataset.InstanceCreationTime
    dataset.AcquisitionDate, dataset.AcquisitionTime = date_string(taken), time_string(taken)
    if taken.utcoffset() is not None:
        dataset.TimezoneOffsetFromUTC = taken.strftime("%z")[:5]


def _wrap(dataset: Dataset, stream: JpegStream) -> None:
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    _pixel_module(dataset, stream.size, 3 if stream.colour else 1, stream.photometric)
    _say_lossy(dataset, LOSSY_METHODS["jpeg"], len(stream.content))
    if stream.colour:
        dataset.ICCProfile = stream.icc_profile or srgb_profile()
    dataset.PixelData = encapsulate([stream.content])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True


def _keep_pixels(dataset: Dataset, pixels: Pixels) -> None:
    dataset.ImageType = ["DERIVED", "PRIMARY"]
    dataset.DerivationDescription = "Decoded, turned upright, in sRGB with 8 bits"
    _pixel_module(dataset, (pixels.shape[0], pixels.shape[1]), 3, "RGB")
    dataset.LossyImageCompression = "00"
    dataset.ICCProfile = srgb_profile()
    dataset.compress(JPEGLSLossless, np.ascontiguousarray(pixels), generate_instance_uid=False)


def _pixel_module(dataset: Dataset, size: tuple[int, int], samples: int, photometric: str) -> None:
    dataset.Rows, dataset.Columns = size
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = samples, photometric
    if samples > 1:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0


def _say_lossy(dataset: Dataset, method: str, compressed: int) -> None:
    """Say that the pixels were compressed with loss once, which is never taken back (PS3.3, C.7.6.1.1.5)."""
    dataset.LossyImageCompression, dataset.LossyImageCompressionMethod = "01", method
    samples = dataset.Rows * dataset.Columns * dataset.SamplesPerPixel
    dataset.LossyImageCompressionRatio = f"{samples / compressed:.4g}"


def srgb_profile() -> bytes:
    """Return a colour profile of sRGB, without the moment at which it was made (ICC.1:2022, 7.2: bytes 24 to 35)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    return bytes(profile)
