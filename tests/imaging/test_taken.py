"""When a photograph was taken, from files that cameras write and from damaged ones."""

import io
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reepi.imaging.taken import changed_at, taken_at

TAKEN = datetime(2024, 3, 9, 14, 15, 3)


def photograph(kind: str, tags: dict[int, str], block: dict[int, str]) -> bytes:
    exif = Image.Exif()
    exif.update(tags)
    exif.get_ifd(0x8769).update(block)
    if kind == "TIFF":
        # What Pillow writes into a TIFF lacks the camera's block; the block of a JPEG is built like a TIFF.
        return exif.tobytes().removeprefix(b"Exif\0\0")
    content = io.BytesIO()
    Image.new("RGB", (80, 80)).save(content, kind, exif=exif)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_the_shutter_counts_before_later_changes(kind: str) -> None:
    content = photograph(kind, {0x0132: "2025:01:01 00:00:00"}, {0x9003: "2024:03:09 14:15:03"})
    assert taken_at(content) == TAKEN
    assert changed_at(content) == datetime(2025, 1, 1)


def test_heic_tells_it_too() -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2024:03:09 14:15:03"
    content = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (80, 80))).save(content, exif=exif.tobytes())
    assert taken_at(content.getvalue()) == TAKEN


def test_date_of_change_is_not_that_of_the_shutter() -> None:
    """A program that edits a picture writes when it was saved."""
    content = photograph("JPEG", {0x0132: "2024:03:09 14:15:03"}, {})
    assert (taken_at(content), changed_at(content)) == (None, TAKEN)


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday", ""])
def test_clocks_that_were_never_set_tell_nothing(text: str) -> None:
    assert taken_at(photograph("JPEG", {}, {0x9003: text})) is None


def test_files_without_metadata_tell_nothing() -> None:
    assert taken_at(photograph("JPEG", {}, {})) is None
    assert taken_at(b"") is None


def directory(tags: dict[int, object], endian: str) -> bytes:
    exif = Image.Exif()
    exif.endian = endian
    exif.update(tags)
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize(("head", "endian"), [(b"IIRO", "<"), (b"IIRS", "<"), (b"IIU\0", "<"), (b"MMOR", ">")])
def test_raw_files_with_heads_of_their_own(head: bytes, endian: str) -> None:
    """Olympus and Panasonic write a TIFF under another name."""
    content = directory({0x8769: {0x9003: "2024:03:09 14:15:03"}}, endian)
    assert taken_at(head + content[4:]) == TAKEN


def test_canon_keeps_the_camera_s_tags_in_a_box() -> None:
    """A CR3 has two TIFFs for what other files have in one; exiftool reads the same from this."""
    top, camera = directory({0x010F: "Canon"}, "<"), directory({0x9003: "2024:03:09 14:15:03"}, "<")
    holder = box(b"uuid", bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + box(b"CMT1", top) + box(b"CMT2", camera))
    assert taken_at(box(b"ftyp", b"crx \0\0\0\1crx isom") + box(b"moov", holder)) == TAKEN
    assert taken_at(box(b"ftyp", b"crx \0\0\0\1crx isom")) is None


def box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


@given(st.binary(max_size=60), st.integers(0, 400))
def test_damaged_metadata_never_raise(noise: bytes, at: int) -> None:
    content = photograph("JPEG", {0x0132: "2024:03:09 14:15:03"}, {0x9003: "2024:03:09 14:15:03"})
    taken_at(content[:at] + noise + content[at + len(noise) :])
    changed_at(b"Exif\0\0II*\0" + noise)
    taken_at(b"\x89PNG\r\n\x1a\n" + noise)
