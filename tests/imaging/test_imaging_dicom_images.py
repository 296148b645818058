"""DICOM photographs are read as the pictures they hold, whatever their colours and depth; others are told apart."""

import numpy as np
import pytest

from dicom_objects import dicom_object
from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph
from reepi.imaging.dicom_images import decode_dicom
from reepi.imaging.reading import decode_photograph

pydicom = pytest.importorskip("pydicom", reason="the extra dicom is not installed")

PICTURE = np.random.default_rng(1).integers(0, 256, (80, 100, 3)).astype(np.uint8)
COLUMNS = b"\x28\x00\x11\x00US\x02\x00\x64\x00"
"""The element with the number of columns, in explicit little endian."""

ODD_LENGTH = dicom_object(PICTURE).replace(COLUMNS, COLUMNS[:6] + b"\x01\x00\x64")
"""The number of columns takes one byte, which no number of its kind does."""


def read(content: bytes, side: int = 1024) -> Photograph:
    return decode_dicom(content, side)


def test_colours_come_as_they_are() -> None:
    photograph = read(dicom_object(PICTURE))
    assert (photograph.pixels == PICTURE).all()
    assert (photograph.original_size, photograph.focal_px) == ((80, 100), None)


def test_planes_after_one_another_are_the_same_picture() -> None:
    planes = np.ascontiguousarray(PICTURE.transpose(2, 0, 1))
    content = dicom_object(PICTURE, PixelData=planes.tobytes(), PlanarConfiguration=1)
    assert (read(content).pixels == PICTURE).all()


@pytest.mark.parametrize(("bits", "dtype"), [(8, np.uint8), (12, np.uint16), (16, np.uint16)])
def test_grey_of_any_depth_and_polarity(bits: int, dtype: type) -> None:
    """Twelve bits are stretched to white, and where 0 means white the picture is turned over."""
    top = (1 << bits) - 1
    ramp = np.linspace(0, top, 100).round().astype(dtype)[None].repeat(80, 0)
    bright = read(dicom_object(ramp, "MONOCHROME2", bits)).pixels
    dark = read(dicom_object(ramp, "MONOCHROME1", bits)).pixels
    assert np.abs(bright[0, :, 0] - np.linspace(0, 255, 100)).max() <= 1
    assert (np.abs(bright.astype(int) + dark - 255) <= 1).all()


def test_it_shrinks_to_the_working_size() -> None:
    assert read(dicom_object(PICTURE), 50).size == (40, 50)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (dicom_object(np.concatenate([PICTURE, PICTURE]), NumberOfFrames=2, Rows=80), "several_pictures"),
        (dicom_object(PICTURE, Rows=40_000, Columns=40_000), "too_large"),
        (dicom_object(PICTURE[:20, :20]), "too_small"),
        (dicom_object(PICTURE)[:-5000], "unreadable"),
        (dicom_object(PICTURE, PhotometricInterpretation="HSV"), "unreadable"),
        (dicom_object(PICTURE)[:300], "unreadable"),
        (ODD_LENGTH, "unreadable"),
    ],
    ids=["frames", "bomb", "stamp", "cut", "colours", "stub", "odd length"],
)
def test_what_is_no_photograph_is_told(content: bytes, code: str) -> None:
    with pytest.raises(PhotographRejected) as rejection:
        read(content)
    assert rejection.value.code == code


def test_it_is_decoded_apart_by_content() -> None:
    """In the child process, as other types whose decoders are large; the file's name does not matter."""
    assert (decode_photograph(dicom_object(PICTURE)).pixels == PICTURE).all()
