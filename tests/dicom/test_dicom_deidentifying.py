"""A DICOM photograph full of what must not leave, and what is left of it."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2024b as published
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from pydicom.datadict import dictionary_keyword, dictionary_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    SecondaryCaptureImageStorage,
    VLPhotographicImageStorage,
    generate_uid,
)

from reepi.dicom.codes import framed_part
from reepi.dicom.deidentifying import deidentified
from reepi.imaging.reading import decode_photograph

NAME, KEY, SHIFT = "MUELLER", b"k" * 32, -400
DAY, MOVED, CLOCK = "20240305", "20230130", "093011"
VALUES: dict[str, Any] = {
    **dict.fromkeys(("PN", "LO", "SH", "LT", "ST", "UT", "UC"), f"{NAME}^Jo"),
    **{
        "CS": NAME,
        "AE": NAME,
        "DA": DAY,
        "TM": CLOCK,
        "DT": f"{DAY}{CLOCK}+0100",
        "AS": "041Y",
        "IS": "40511",
        "DS": "4.05",
    },
    **{"OB": NAME.encode() + b"\0", "UN": NAME.encode() + b"\0", "OW": NAME.encode() + b"\0", "UI": "1.2.840.77777.4"},
    **{"US": 405, "UL": 405, "FD": 4.05, "FL": 4.05},
}
NEEDED = {
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "ReferringPhysicianName", "StudyID"),
    *("AccessionNumber", "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "Manufacturer"),
    *("StudyDate", "StudyTime", "SeriesDate", "SeriesTime", "AcquisitionDate", "AcquisitionTime"),
    *("ContentDate", "ContentTime", "InstanceCreationDate", "InstanceCreationTime", "AcquisitionDateTime"),
}
"""Attributes of the published table that an object must have, and dates, which are moved."""


def scene() -> np.ndarray:
    rows, columns = np.mgrid[:200, :240]
    return np.stack([rows, columns, 200 - rows // 2], axis=-1).astype(np.uint8)


def jpeg() -> bytes:
    content, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = exif[0x9286] = NAME
    Image.fromarray(scene()).save(content, "JPEG", quality=92, exif=exif.tobytes(), comment=NAME.encode())
    return content.getvalue()


def named_profile() -> bytes:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[48:52] = b"MUEL"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "MUEL".encode("utf-16-be"))


def published_tags() -> Iterator[tuple[int, int]]:
    """Every attribute of table E.1-1 that stands for itself, and not for a range."""
    yield from (tag for tag in published.ALL_TAGS if len(tag) == 2)


def filled(sop_class: str = VLPhotographicImageStorage, syntax: str = JPEGBaseline8Bit, **pixels: Any) -> bytes:
    """An object with every attribute that the standard says to remove, on top of a photograph."""
    dataset, inner = Dataset(), Dataset()
    inner.PatientName, inner.TextValue = NAME, NAME
    for group, element in published_tags():
        try:
            keyword, vr = dictionary_keyword((group, element)), dictionary_VR((group, element)).split(" or ")[0]
        except KeyError:
            continue
        vr = "LO" if vr == "UR" else vr
        if vr == "SQ":
            setattr(dataset, keyword, [inner])
        elif vr in VALUES and group > 0x0007:
            dataset.add_new((group, element), vr, VALUES[vr])
    block = dataset.private_block(0x0099, NAME, create=True)
    block.add_new(1, "LO", NAME)
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.840.77777.1", "1.2.840.77777.2"
    dataset.Modality, dataset.ImageType = "XC", ["ORIGINAL", "PRIMARY", NAME]
    dataset.BodyPartExamined, dataset.ImageLaterality, dataset.InstanceNumber = NAME, "L", 3
    dataset.PixelSpacing, dataset.LossyImageCompression, dataset.LossyImageCompressionMethod = [0.5, 0.5], "01", NAME
    region = Dataset()
    region.CodeValue, region.CodingSchemeDesignator, region.CodeMeaning = framed_part("arm").value, "SCT", NAME
    local = Dataset()
    local.CodeValue, local.CodingSchemeDesignator, local.CodeMeaning = "405", "99WARD", NAME
    dataset.AnatomicRegionSequence = [region, local]
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 200, 240, 3
    dataset.PhotometricInterpretation, dataset.PlanarConfiguration = "YBR_FULL_422", 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation, dataset.ICCProfile = 7, 0, named_profile()
    if syntax == JPEGBaseline8Bit:
        dataset.PixelData = encapsulate([jpeg()])
        dataset["PixelData"].VR = "OB"
    else:
        dataset.PhotometricInterpretation, dataset.PixelData = "RGB", scene().tobytes()
    for keyword, value in pixels.items():
        setattr(dataset, keyword, value)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.SourceApplicationEntityTitle = syntax, NAME
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, dataset.SOPInstanceUID
    dataset.file_meta, dataset.preamble = meta, NAME.encode().ljust(128, b"\0")
    content = io.BytesIO()
    dataset.save_as(content, enforce_file_format=True)
    return content.getvalue()


def without_names(content: bytes, **more: Any) -> tuple[bytes, Dataset]:
    done = deidentified(content, "pabc", SHIFT, KEY, **more)
    return done, pydicom.dcmread(io.BytesIO(done))


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, ExplicitVRLittleEndian])
@pytest.mark.parametrize("sop_class", [VLPhotographicImageStorage, SecondaryCaptureImageStorage])
def test_nothing_that_was_planted_is_left(sop_class: str, syntax: str) -> None:
    content = filled(sop_class, syntax)
    done, image = without_names(content)
    assert content.count(NAME.encode()) > 200
    for planted in (NAME, "MUEL", DAY, "40511", "041Y", "1.2.840.77777"):
        assert planted.encode() not in done
        assert planted.encode("utf-16-be") not in done
    assert not [element.tag for element in image.iterall() if element.tag.is_private]
    assert image.preamble == bytes(128)


def test_no_attribute_of_the_published_table_stays_as_it_was() -> None:
    """Against the table of PS3.15 that another program carries."""
    source = pydicom.dcmread(io.BytesIO(filled()))
    _, image = without_names(filled())
    left = {dictionary_keyword(tag) for tag in published_tags() if tag in image}
    allowed = {"DeidentificationMethod", "DeidentificationMethodCodeSequence", "AcquisitionContextSequence"}
    assert left <= NEEDED | allowed
    for keyword in (
        left - allowed - {"StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime", "InstanceCreationTime"}
    ):
        assert image.get(keyword) != source.get(keyword), keyword


def test_it_says_what_was_done() -> None:
    _, image = without_names(filled())
    assert (image.PatientIdentityRemoved, image.LongitudinalTemporalInformationModified) == ("YES", "MODIFIED")
    assert [item.CodeValue for item in image.DeidentificationMethodCodeSequence] == ["113100", "113107"]
    assert str(image.PatientName) == "pabc^"
    assert image.PatientID == "pabc"


def test_dates_move_and_times_stay() -> None:
    _, image = without_names(filled())
    assert (image.StudyDate, image.AcquisitionDate, image.ContentDate) == (MOVED, MOVED, MOVED)
    assert (image.StudyTime, image.AcquisitionDateTime) == (CLOCK, MOVED + CLOCK)


@settings(max_examples=20)
@given(st.text("0123456789MUELR^-+.", max_size=20), st.text("0123456789MUELR^.", max_size=16))
def test_what_is_no_date_is_no_date_afterwards(date: str, time: str) -> None:
    source = pydicom.dcmread(io.BytesIO(filled()))
    source.add(pydicom.DataElement("AcquisitionDateTime", "LO", date))
    source.add(pydicom.DataElement("StudyTime", "LO", time))
    content = io.BytesIO()
    source.save_as(content)
    done, image = without_names(content.getvalue())
    assert NAME[:2].encode() not in done[: done.index(image.ICCProfile)]
    assert str(image.get("AcquisitionDateTime", "")) == "" or image.AcquisitionDateTime[:8].isdigit()


def test_what_belongs_together_stays_together() -> None:
    (_, one), (_, two) = without_names(filled()), without_names(filled())
    assert one.StudyInstanceUID == two.StudyInstanceUID != "1.2.840.77777.1"
    assert one.SeriesInstanceUID == two.SeriesInstanceUID != one.StudyInstanceUID
    assert one.SOPInstanceUID != two.SOPInstanceUID
    assert one.file_meta.MediaStorageSOPInstanceUID == one.SOPInstanceUID
    other = pydicom.dcmread(io.BytesIO(deidentified(filled(), "pabc", SHIFT, b"x" * 32)))
    assert other.StudyInstanceUID != one.StudyInstanceUID


def test_the_picture_stays_as_it_was() -> None:
    content = filled()
    done, image = without_names(content)
    assert image.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    (stream,) = generate_frames(image.PixelData, number_of_frames=1)
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(stream))), np.asarray(Image.open(io.BytesIO(jpeg())))
    )
    np.testing.assert_array_equal(decode_photograph(done).pixels, decode_photograph(content).pixels)
    assert (image.ImageLaterality, list(image.PixelSpacing), image.ImageType) == (
        "L",
        [0.5, 0.5],
        ["ORIGINAL", "PRIMARY"],
    )
    assert (image.LossyImageCompression, "LossyImageCompressionMethod" in image) == ("01", False)


def test_a_part_of_the_body_is_told_in_our_own_words() -> None:
    _, image = without_names(filled())
    assert [(item.CodeValue, item.CodeMeaning) for item in image.AnatomicRegionSequence] == [
        (framed_part("arm").value, framed_part("arm").meaning)
    ]


KINDS: dict[str, dict[str, Any]] = {
    "native": {},
    "grey": {
        "PhotometricInterpretation": "MONOCHROME2",
        "SamplesPerPixel": 1,
        "PlanarConfiguration": None,
        "PixelData": scene()[..., 0].tobytes(),
    },
    "planes": {"PlanarConfiguration": 1, "PixelData": np.moveaxis(scene(), -1, 0).tobytes()},
    "16 bits": {
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelData": (scene().astype("<u2") * 16).tobytes(),
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_every_kind_stay_without_loss(kind: str) -> None:
    content = filled(SecondaryCaptureImageStorage, ExplicitVRLittleEndian, **KINDS[kind])
    done, image = without_names(content)
    assert image.file_meta.TransferSyntaxUID == JPEGLSLossless
    np.testing.assert_array_equal(decode_photograph(done).pixels, decode_photograph(content).pixels)


def test_what_is_hidden_is_painted_over_and_said() -> None:
    content = filled()

    def paint(pixels: np.ndarray) -> np.ndarray:
        painted = pixels.copy()
        painted[:50] = (40, 90, 200)
        return painted

    done, image = without_names(content, paint=paint)
    before, after = decode_photograph(content).pixels, decode_photograph(done).pixels
    assert (after[:50] == (40, 90, 200)).all()
    np.testing.assert_array_equal(after[50:], before[50:])
    assert "113102" in [item.CodeValue for item in image.DeidentificationMethodCodeSequence]
    assert image.ImageType == ["DERIVED", "PRIMARY"]


def test_other_objects_are_refused() -> None:
    with pytest.raises(ValueError, match="no photograph"):
        deidentified(filled(EncapsulatedPDFStorage), "pabc", SHIFT, KEY)
    damaged = filled().replace(
        b"\x08\x00\x20\x00DA\x08\x00" + DAY.encode(), b"\x08\x00\x20\x00US\x07\x00" + DAY.encode()[1:]
    )
    with pytest.raises(ValueError, match="damaged"):
        deidentified(damaged, "pabc", SHIFT, KEY)
    grey = filled(SecondaryCaptureImageStorage, ExplicitVRLittleEndian, **KINDS["grey"])
    with pytest.raises(ValueError, match="painted over"):
        deidentified(grey, "pabc", SHIFT, KEY, lambda pixels: pixels)


@pytest.mark.parametrize("sop_class", [VLPhotographicImageStorage, SecondaryCaptureImageStorage])
def test_the_validator_of_others_finds_nothing(
    sop_class: str, program: Callable[[str], Callable[..., str]], tmp_path: Path
) -> None:
    (tmp_path / "a.dcm").write_bytes(deidentified(filled(sop_class), "pabc", SHIFT, KEY))
    judged = program("dciodvfy")(tmp_path / "a.dcm")
    assert not [line for line in judged.splitlines() if line.startswith(("Error", "Warning"))], judged


@settings(max_examples=20)
@given(st.integers(-3650, 3650))
def test_intervals_are_kept(days: int) -> None:
    one, two = (
        pydicom.dcmread(io.BytesIO(deidentified(filled(StudyDate=day), "p", days, KEY)))
        for day in ("20240228", "20240302")
    )
    read = [pydicom.valuerep.DA(image.StudyDate) for image in (one, two)]
    assert read[1] - read[0] == timedelta(days=3)
