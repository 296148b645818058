"""A tissue mask as a DICOM Segmentation, one segment a tissue, on the pixels of its photograph."""

import hashlib
from typing import Final

import highdicom as hd
import numpy as np
from highdicom.color import CIELabColor
from highdicom.content import AlgorithmIdentificationSequence
from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from skimage.color import rgb2lab

from reepi.core.images import Mask
from reepi.core.study import PhotoEntry
from reepi.core.tissue import COLOURS, Tissue
from reepi.dicom.codes import ARTIFICIAL_INTELLIGENCE, TISSUE_CODES, framed_part
from reepi.dicom.datasets import MANUFACTURER, SERIES_NUMBERS, Visit, file_bytes
from reepi.dicom.origins import Run, first_of_several, person_name, readers_of

FORMAT: Final = 2
"""Part of the identifier of an exported mask; raised when the same mask is written otherwise."""


def tissue_segmentation(
    image: Dataset, mask: Mask, entry: PhotoEntry, source: str, visit: Visit, run: Run, number: int
) -> bytes | None:
    """Return a mask as a DICOM Segmentation file, or None where it holds no skin.

    Where the mean of several readers counts, a mask cannot hold it: it shows the first one's tissue where they differ,
    says so, and names that reader as its creator. The visit's report names all.

    Parameters
    ----------
    image : Dataset
        The photograph as exported, with or without its pixels.
    mask : (H, W) uint8
        Tissue of each of its pixels.
    entry : PhotoEntry
        Its line in ``photos.csv``.
    source : str
        Who said so, as in ``photos.csv`` of the results.
    visit : Visit
        The visit it belongs to.
    run : Run
        The run that scored it.
    number : int
        Its place in the visit, from 1.

    Raises
    ------
    ValueError
        The mask's size is not the image's.
    """
    if mask.shape != (image.Rows, image.Columns):
        size = f"{mask.shape[1]} x {mask.shape[0]}"
        raise ValueError(f"the mask is {size}, the photograph {image.Columns} x {image.Rows} pixels")
    tissues = [tissue for tissue in Tissue if tissue and (mask == tissue).any()]
    if not tissues:
        return None
    readers = readers_of(source)
    identity = (FORMAT, image.SOPInstanceUID, hashlib.sha256(mask.tobytes()).hexdigest(), source, run.tissue_model)
    segmentation = Segmentation(
        source_images=[image],
        pixel_array=_numbered(mask, tissues)[None],
        segmentation_type=SegmentationTypeValues.BINARY,
        segment_descriptions=[
            _segment(place, tissue, entry, visit, run, readers) for place, tissue in enumerate(tissues, 1)
        ],
        series_instance_uid=visit.uid("series", "tissues", image.StudyInstanceUID),
        series_number=SERIES_NUMBERS["tissues"],
        sop_instance_uid=visit.uid("tissues", *identity),
        instance_number=number,
        manufacturer=MANUFACTURER,
        manufacturer_model_name="reepi",
        software_versions=run.version,
        device_serial_number=run.tissue_model[:16],
        content_description=mask_description(entry.view_name, source),
        content_creator_name=person_name(first_of_several(source) or readers) if readers else None,
        content_label="TISSUES",
        content_qualification="RESEARCH",
        series_description="Tissues of the skin",
    )
    # Required, and empty where it is not known, of images without a frame of reference (PS3.3, C.7.6.1.1.1).
    segmentation.PatientOrientation = None
    visit.date(segmentation, run.ended_at)
    _name_dimensions(segmentation, visit.uid("dimensions", *identity))
    return file_bytes(segmentation, ExplicitVRLittleEndian)


def mask_description(view_name: str, source: str) -> str:
    """Return what a mask shows, in the 64 characters that a description may have (PS3.5, 6.2, LO)."""
    if first_of_several(source):
        return f"First reader's tissue where readers differ: {view_name}"
    return f"Tissues of {view_name}: {source or 'proposal'}"[:64]


def _numbered(mask: Mask, tissues: list[Tissue]) -> Mask:
    """Return the segment of each pixel: tissues that the mask holds, counted from 1."""
    table = np.zeros(256, np.uint8)
    table[tissues] = np.arange(1, len(tissues) + 1)
    return table[mask]


def _segment(place: int, tissue: Tissue, entry: PhotoEntry, visit: Visit, run: Run, readers: str) -> SegmentDescription:
    """Describe a segment; its tracking identifier is that of the tissue in this view over all visits."""
    code, tracked = TISSUE_CODES[tissue.label], (visit.patient.patient_id, entry.view_name, tissue.label)
    semi, automatic = SegmentAlgorithmTypeValues.SEMIAUTOMATIC, SegmentAlgorithmTypeValues.AUTOMATIC
    return SegmentDescription(
        segment_number=place,
        segment_label=tissue.label,
        segmented_property_category=code.category,
        segmented_property_type=code.kind,
        algorithm_type=semi if readers else automatic,
        algorithm_identification=algorithm(run),
        tracking_uid=hd.UID(visit.uid_over_visits("tracking", *tracked)),
        tracking_id=" ".join(tracked)[:64],
        anatomic_regions=[framed_part(entry.view.part)],
        display_color=_colour(tissue),
    )


def algorithm(run: Run) -> AlgorithmIdentificationSequence:
    """Return what program and weights proposed the tissues."""
    return AlgorithmIdentificationSequence(
        name="reepi tissue model",
        family=ARTIFICIAL_INTELLIGENCE,
        version=f"reepi {run.version}, weights {run.tissue_model[:16]}",
        source=MANUFACTURER,
    )


def _colour(tissue: Tissue) -> CIELabColor:
    lightness, a, b = rgb2lab(np.array(COLOURS[tissue], float)[None, None] / 255)[0, 0]
    return CIELabColor(float(lightness), float(a), float(b))


def _name_dimensions(segmentation: Dataset, uid: str) -> None:
    """Give the organisation of dimensions an identifier that does not change from export to export."""
    for sequence in ("DimensionOrganizationSequence", "DimensionIndexSequence"):
        for item in getattr(segmentation, sequence, ()):
            item.DimensionOrganizationUID = uid
