"""Photographs become DICOM images with the same pixels and without what the camera wrote beside."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom.uid import JPEGBaseline8Bit, JPEGLSLossless

from reepi.core.study import Patient, PhotoEntry
from reepi.dicom.datasets import Visit, age_string
from reepi.dicom.jpeg_streams import bare_stream, wrappable
from reepi.dicom.photographs import photograph_image
from reepi.imaging.colour_profile import HEADER_BYTES, assembled_profile
from reepi.imaging.reading import decode_photograph

TAKEN = datetime.fromisoformat("2024-03-05T09:30:00+01:00")
PATIENT = Patient("P1", "F", 40, 165, 62)
ENTRY = PhotoEntry("photos/a.jpg", "P1", TAKEN, "arm_left_anterior")
VISIT = Visit("Two patients", PATIENT, TAKEN)
ROTATED = 6


def picture() -> Image.Image:
    """A smooth picture, 96 rows by 128 columns, whose sides all differ."""
    rows, columns = np.mgrid[:96, :128]
    return Image.fromarray(np.stack([rows * 2, columns, 255 - rows], axis=-1).astype(np.uint8))


def encoded(kind: str, **options: object) -> bytes:
    content = io.BytesIO()
    picture().save(content, kind, **options)
    return content.getvalue()


def with_exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0xA431] = orientation, "PlantedMaker", "PlantedSerial"
    exif.get_ifd(0x8825)[1] = "N"
    return encoded("JPEG", exif=exif.tobytes(), comment=b"PlantedComment")


def exported(content: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(photograph_image(content, ENTRY, VISIT, 1)))


def test_upright_jpeg_is_wrapped_as_it_is() -> None:
    content = with_exif(1)
    image = exported(content)
    assert image.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    (stream,) = pydicom.encaps.generate_frames(image.PixelData, number_of_frames=1)
    decoded = np.asarray(Image.open(io.BytesIO(stream)))
    np.testing.assert_array_equal(decoded, np.asarray(Image.open(io.BytesIO(content))))
    assert image.LossyImageCompression == "01"


@pytest.mark.parametrize("orientation", [1, ROTATED])
def test_nothing_that_a_camera_wrote_comes_along(orientation: int) -> None:
    assert b"Planted" not in photograph_image(with_exif(orientation), ENTRY, VISIT, 1)


def test_turned_jpeg_is_kept_upright_and_known_to_have_lost_detail() -> None:
    image = exported(with_exif(ROTATED))
    assert image.file_meta.TransferSyntaxUID == JPEGLSLossless
    assert (image.Rows, image.Columns) == (128, 96)
    turned = np.rot90(np.asarray(Image.open(io.BytesIO(with_exif(1)))), -1)
    np.testing.assert_array_equal(image.pixel_array, turned)
    assert image.LossyImageCompression == "01"


def test_png_is_kept_without_loss() -> None:
    image = exported(encoded("PNG"))
    np.testing.assert_array_equal(image.pixel_array, np.asarray(picture()))
    assert image.LossyImageCompression == "00"


def test_what_must_not_be_shown_is_black() -> None:
    hidden = np.zeros((96, 128), np.uint8)
    hidden[10:20, 10:20] = 1
    image = pydicom.dcmread(io.BytesIO(photograph_image(encoded("JPEG"), ENTRY, VISIT, 1, hidden)))
    assert not image.pixel_array[10:20, 10:20].any()
    assert image.pixel_array[30:, 30:].all(axis=-1).any()


@pytest.mark.parametrize("options", [{"progressive": True}, {"keep_rgb": True}])
def test_jpeg_that_dicom_cannot_hold_is_decoded(options: dict[str, bool]) -> None:
    assert wrappable(encoded("JPEG", **options)) is None


def test_colours_stay_those_of_the_photograph() -> None:
    """Adobe RGB of EXIF becomes a profile; grey with a profile is decoded, since objects have no place for that."""
    exif = Image.Exif()
    exif[0x8769] = {0xA001: 65535, 0xA005: {1: "R03"}}
    grey = io.BytesIO()
    picture().convert("L").save(grey, "JPEG", icc_profile=linear_grey())
    for content, syntax in (
        (encoded("JPEG", exif=exif.tobytes()), JPEGBaseline8Bit),
        (grey.getvalue(), JPEGLSLossless),
    ):
        wrapped = photograph_image(content, ENTRY, VISIT, 1)
        assert pydicom.dcmread(io.BytesIO(wrapped)).file_meta.TransferSyntaxUID == syntax
        before, after = decode_photograph(content).pixels, decode_photograph(wrapped).pixels
        assert np.abs(before.astype(int) - after).max() <= 2
        assert np.abs(before.astype(int) - np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))).max() > 10


def linear_grey() -> bytes:
    header = bytearray(HEADER_BYTES)
    header[8], header[12:24], header[36:40] = 2, b"mntrGRAYXYZ ", b"acsp"
    header[68:80] = bytes.fromhex("0000f6d6000100000000d32d")
    return assembled_profile(bytes(header), "grey", {b"kTRC": b"curv" + bytes(8), b"wtpt": b"XYZ " + bytes(16)})


def test_pictures_behind_the_first_are_left_out() -> None:
    content = encoded("JPEG")
    assert bare_stream(content + b"\x00" * 7 + content) == bare_stream(content)


@given(st.integers(0, 400))
def test_cut_jpeg_is_never_wrapped(length: int) -> None:
    assert wrappable(encoded("JPEG")[: -1 - length]) is None


def test_patient_visit_and_view_are_told() -> None:
    image = exported(encoded("JPEG"))
    assert (image.PatientID, image.PatientSex, image.PatientAge) == ("P1", "F", "040Y")
    assert (image.StudyDate, image.AcquisitionTime, image.TimezoneOffsetFromUTC) == ("20240305", "093000", "+0100")
    assert (image.ImageLaterality, image.AnatomicRegionSequence[0].CodeMeaning) == ("L", "Upper limb")


def test_same_photograph_gives_the_same_bytes() -> None:
    for content in (encoded("JPEG"), encoded("PNG")):
        assert photograph_image(content, ENTRY, VISIT, 1) == photograph_image(content, ENTRY, VISIT, 1)


@pytest.mark.parametrize("corrected", [{"sex": "M"}, {"age_years": 41}, {"height_cm": 170}, {"weight_kg": 60}])
def test_corrected_patient_makes_another_object(corrected: dict[str, Any]) -> None:
    """An archive keeps what it has under an identifier; study and series stay those of the visit."""
    visit = replace(VISIT, patient=replace(PATIENT, **corrected))
    before, content = exported(encoded("PNG")), photograph_image(encoded("PNG"), ENTRY, visit, 1)
    after = pydicom.dcmread(io.BytesIO(content))
    assert after.SOPInstanceUID != before.SOPInstanceUID
    assert (after.StudyInstanceUID, after.SeriesInstanceUID) == (before.StudyInstanceUID, before.SeriesInstanceUID)


def test_infants_are_aged_in_months() -> None:
    assert [age_string(years) for years in (0.5, 1.99, 2, 67.9)] == ["006M", "023M", "002Y", "067Y"]


@pytest.mark.parametrize(("kind", "reader"), [("JPEG", "dcmj2pnm"), ("PNG", "dcml2pnm")])
def test_dcmtk_sees_the_pixels_of_the_file(kind: str, reader: str, tmp_path: Path, program: Callable[..., Any]) -> None:
    content = encoded(kind, **({"subsampling": 0} if kind == "JPEG" else {}))
    source, target = tmp_path / "a.dcm", tmp_path / "a.ppm"
    source.write_bytes(photograph_image(content, ENTRY, VISIT, 1))
    told = program(reader)("--write-raw-pnm" if reader == "dcmj2pnm" else "+op", source, target)
    assert target.exists(), told
    seen, known = (np.asarray(Image.open(each).convert("RGB"), int) for each in (target, io.BytesIO(content)))
    # Two decoders may round a colour differently.
    assert np.abs(seen - known).max() <= 2 * (kind == "JPEG")
