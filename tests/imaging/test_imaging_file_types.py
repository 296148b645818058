"""The content of a file tells what it is, whatever it is called and however it is damaged."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reepi.imaging.file_types import file_type
from reepi.imaging.tiff_tags import MAX_DIRECTORIES, ends_early, read_directories
from reepi.phantom.raw_files import dng_file

DNG = dng_file(np.full((64, 64, 3), 120, np.uint8))


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"II*\0\x08\0\0\0", "tiff"),
        (b"MM\0*\0\0\0\x08", "tiff"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "heic"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1miafavif", "avif"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "raw"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video"),
        (b"II*\0\x10\0\0\0CR\x02\0", "raw"),
        (b"FUJIFILMCCD-RAW ", "raw"),
        (bytes(128) + b"DICM", "dicom"),
        (b"%PDF-1.7", None),
        (b"", None),
    ],
)
def test_beginnings(beginning: bytes, kind: str | None) -> None:
    """Each type by the bytes that its standard begins with; AVIF says mif1 too, and a raw file is a TIFF."""
    assert file_type(beginning) == kind


def test_a_dng_is_told_from_a_tiff_by_its_sensor() -> None:
    """The same bytes with an RGB picture instead of a sensor's are an ordinary TIFF."""
    assert file_type(DNG) == "raw"
    tiff = DNG.replace(struct.pack("<HHII", 262, 3, 1, 32803), struct.pack("<HHII", 262, 3, 1, 2))
    assert file_type(tiff.replace(struct.pack("<HH", 50706, 1), struct.pack("<HH", 65000, 1))) == "tiff"


def test_a_loop_of_directories_ends() -> None:
    """A directory that names itself as the one that follows is read once."""
    loop = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 262, 3, 1, 2, 0, 8)
    assert len(read_directories(loop)) == 1


def test_a_long_chain_of_directories_is_cut() -> None:
    """No file keeps the reader busy with its table of contents."""
    entry = struct.pack("<HHIHH", 262, 3, 1, 2, 0)
    chain = b"".join(struct.pack("<H", 1) + entry + struct.pack("<I", 8 + 18 * (i + 1)) for i in range(500))
    assert len(read_directories(b"II*\0" + struct.pack("<I", 8) + chain)) == MAX_DIRECTORIES


def test_a_raw_file_that_misses_its_end_is_told() -> None:
    """The place and length of the sensor's data are in the header; whole files do not end early."""
    assert not ends_early(DNG)
    assert ends_early(DNG[:-1])
    assert ends_early(DNG[: len(DNG) // 2])


@given(st.binary(max_size=400))
def test_any_bytes_have_a_type_or_none(content: bytes) -> None:
    """Telling the type never fails, not even on a damaged directory."""
    file_type(b"II*\0" + content)
    file_type(content)
    ends_early(b"MM\0*" + content)
