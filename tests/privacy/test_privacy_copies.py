"""Copies of photographs: nothing in them but the picture, and the picture as it was."""

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reepi.core.errors import PhotographRejected
from reepi.core.images import Pixels
from reepi.imaging.colour_profile import cleaned_profile
from reepi.imaging.reading import decode_photograph
from reepi.privacy import hiding
from reepi.privacy.copies import deidentified_copy

SECRET = b"MUELLER"

ALLOWED = {
    *("IFD0:Orientation", "IFD0:ExifOffset", "ExifIFD:FocalLengthIn35mmFormat"),
    *("ExifIFD:ExifImageWidth", "ExifIFD:ExifImageHeight", "File:ExifByteOrder"),
    *("IFD0:ImageWidth", "IFD0:ImageHeight", "IFD0:BitsPerSample", "IFD0:Compression", "IFD0:StripOffsets"),
    *("IFD0:PhotometricInterpretation", "IFD0:SamplesPerPixel", "IFD0:RowsPerStrip", "IFD0:StripByteCounts"),
    *("IFD0:PlanarConfiguration", "IFD0:Predictor", "IFD0:SampleFormat"),
    *("JFIF:JFIFVersion", "JFIF:ResolutionUnit", "JFIF:XResolution", "JFIF:YResolution"),
}
"""All that may be in a file beside its colour profile and what describes its pixels."""

DESCRIBING = ("File:", "PNG:ImageWidth", "PNG:ImageHeight", "PNG:BitDepth", "PNG:ColorType", "PNG:Compression")
DESCRIBING += ("PNG:Filter", "PNG:Interlace", "PNG:ProfileName", "Composite:", "ICC")

TYPES = {"JPEG": "a.jpg", "PNG": "a.png", "TIFF": "a.tif"}


def camera(orientation: int) -> bytes:
    """Return EXIF of a camera that was held somehow, with a lens of 28 mm; another program's than reepi's."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x8769] = {0xA405: 28}
    return exif.tobytes()


@pytest.mark.parametrize("kind", TYPES)
def test_exiftool_finds_nothing_that_identifies(
    kind: str,
    encoded: Callable[..., bytes],
    planted: Callable[[bytes, str], bytes],
    tags: Callable[[bytes], dict[str, Any]],
    wide_profile: bytes,
    tmp_path: Path,
) -> None:
    """Of a file full of names, numbers, places and a thumbnail, only what the measurement reads is left."""
    content = planted(encoded(kind, icc_profile=wide_profile), TYPES[kind])
    before = tags(content)
    assert sum("MUELLER" in str(value) for value in before.values()) >= 8
    copy = deidentified_copy(content, None, tmp_path)
    found = tags(copy.content)
    left = {name for name in found if name not in ALLOWED and not name.startswith(DESCRIBING)}
    assert left == set()
    assert SECRET not in copy.content
    assert not any("MUEL" in str(value) or "2024" in str(value) for value in found.values())
    assert found["ExifIFD:FocalLengthIn35mmFormat"] == before["ExifIFD:FocalLengthIn35mmFormat"]
    assert copy.suffix == Path(TYPES[kind]).suffix
    assert not copy.anew


@pytest.mark.parametrize("kind", TYPES)
def test_the_measurement_reads_what_it_read(
    kind: str, encoded: Callable[..., bytes], wide_profile: bytes, tmp_path: Path
) -> None:
    """Pixels through the profile, size and focal length of the copy are those of the original."""
    content = encoded(kind, icc_profile=wide_profile, exif=camera(6))
    before, after = decode_photograph(content), decode_photograph(deidentified_copy(content, None, tmp_path).content)
    np.testing.assert_array_equal(before.pixels, after.pixels)
    assert before.original_size == after.original_size == (320, 240)
    assert before.focal_px is not None
    assert after.focal_px == pytest.approx(before.focal_px)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_adobe_rgb_that_only_exif_tells_is_kept_as_a_profile(
    kind: str, encoded: Callable[..., bytes], tmp_path: Path
) -> None:
    """What the copy's EXIF no longer says, its profile does."""
    exif = Image.Exif()
    exif[0x8769] = {0xA001: 65535, 0xA005: {1: "R03"}}
    content = encoded(kind, exif=exif.tobytes())
    before, copy = decode_photograph(content), deidentified_copy(content, None, tmp_path)
    assert not copy.anew
    np.testing.assert_array_equal(before.pixels, decode_photograph(copy.content).pixels)
    assert not np.array_equal(before.pixels, decode_photograph(encoded(kind)).pixels)


def test_what_follows_a_jpeg_is_gone(encoded: Callable[..., bytes], tmp_path: Path) -> None:
    """A film or a second picture behind the end of the first does not travel along."""
    content = encoded("JPEG")
    assert len(deidentified_copy(content + SECRET + content, None, tmp_path).content) <= len(content)


def test_damaged_files_are_refused(encoded: Callable[..., bytes], tmp_path: Path) -> None:
    """What cannot be read is not handed on, in whatever state."""
    with pytest.raises(PhotographRejected):
        deidentified_copy(encoded("PNG")[:900], None, tmp_path)
    with pytest.raises(PhotographRejected):
        deidentified_copy(b"no picture", None, tmp_path)


def test_a_profile_gives_the_same_colours_without_its_names(scene: Pixels, wide_profile: bytes) -> None:
    """Only names, makers and dates go; a profile that is none is dropped."""
    from reepi.imaging.colour import srgb_array

    cleaned = cleaned_profile(wide_profile)
    assert cleaned is not None
    np.testing.assert_array_equal(srgb_array(scene, cleaned), srgb_array(scene, wide_profile))
    assert not np.array_equal(srgb_array(scene, cleaned), scene)
    assert b"MUEL" not in cleaned
    assert b"M\0U\0E\0L" not in cleaned
    assert cleaned[24:36] == bytes(12)
    assert cleaned_profile(b"none") is None


def test_nothing_hides_in_the_header_of_a_profile(wide_profile: bytes) -> None:
    """What the standard reserves at its end can hold 28 letters."""
    planted = wide_profile[:100] + SECRET.ljust(28, b"X") + wide_profile[128:]
    assert cleaned_profile(planted) == cleaned_profile(wide_profile)
    assert SECRET not in (cleaned_profile(planted) or b"")


@pytest.fixture
def hidden() -> np.ndarray:
    """A rectangle of an upright picture of 240 x 320."""
    mask = np.zeros((240, 320), bool)
    mask[70:130, 90:180] = True
    return mask


@pytest.mark.skipif(hiding.find_spec("jpeglib") is None, reason="MASKED JPEG NOT CHECKED: jpeglib is not installed")
@pytest.mark.parametrize("orientation", [1, 6, 7])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_outside_the_blocks_a_masked_jpeg_is_as_it_was(
    orientation: int, subsampling: int, encoded: Callable[..., bytes], tmp_path: Path
) -> None:
    """One colour inside, equal bit for bit beyond the blocks that are touched, and still a JPEG that is as large."""
    content = encoded("JPEG", exif=camera(orientation), subsampling=subsampling)
    before = decode_photograph(content)
    mask = np.zeros(before.size, bool)
    mask[70:130, 90:180] = True
    copy = deidentified_copy(content, mask, tmp_path)
    after = decode_photograph(copy.content)
    changed = np.argwhere((before.pixels != after.pixels).any(axis=2))
    assert np.abs(after.pixels[mask].astype(int) - hiding.FILL).max() <= 6
    assert (changed.min(axis=0) >= (70 - 17, 90 - 17)).all()
    assert (changed.max(axis=0) <= (130 + 17, 180 + 17)).all()
    assert copy.suffix == ".jpg"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", TYPES)
def test_without_the_library_a_masked_photograph_becomes_png(
    kind: str, encoded: Callable[..., bytes], hidden: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every pixel that is not hidden stays, and so does the focal length."""
    monkeypatch.setattr(hiding, "find_spec", lambda name: None)
    content = encoded(kind, exif=camera(1))
    before, copy = decode_photograph(content), deidentified_copy(content, hidden, tmp_path)
    after = decode_photograph(copy.content)
    assert (copy.suffix, copy.anew) == (".png", True)
    np.testing.assert_array_equal(before.pixels[~hidden], after.pixels[~hidden])
    assert (after.pixels[hidden] == hiding.FILL).all()
    assert math.isclose(before.focal_px or 0, after.focal_px or 1, rel_tol=1e-6)


ERASED = (slice(40, 100), slice(60, 200))


def with_hole(scene: Pixels, kind: str, orientation: int = 1, mode: str = "RGBA") -> bytes:
    """Return a picture in which a box was erased, with its colours still below."""
    opacity = np.full(scene.shape[:2], 255, np.uint8)
    opacity[ERASED] = 0
    picture = Image.fromarray(np.dstack([scene, opacity]))
    content = io.BytesIO()
    if mode == "P":
        # Two entries of one place: one is seen, the other below the hole.
        picture = Image.fromarray(np.where(opacity == 0, scene[:, :, 0] % 2 + 2, scene[:, :, 0] % 2).astype(np.uint8))
        picture.putpalette([0, 0, 0, 90, 90, 90, 180, 180, 180, 255, 255, 255])
        picture.save(content, kind, transparency=bytes([255, 255, 0, 0]))
    else:
        picture.convert(mode).save(content, kind, exif=camera(orientation))
    return content.getvalue()


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_what_was_erased_is_not_handed_on(kind: str, orientation: int, scene: Pixels, tmp_path: Path) -> None:
    """The colours below are still in the file, and a program that drops transparency shows them again."""
    content = with_hole(scene, kind, orientation)
    before, copy = decode_photograph(content), deidentified_copy(content, None, tmp_path)
    after = decode_photograph(copy.content)
    hole = np.zeros(scene.shape[:2], np.uint8)
    hole[ERASED] = 1
    hole = np.rot90(hole, -1 if orientation == 6 else 0).astype(bool)
    assert (copy.suffix, copy.anew, copy.erased) == (".png", True, True)
    assert Image.open(io.BytesIO(copy.content)).mode == "RGB"
    assert (after.pixels[hole] == hiding.FILL).all()
    np.testing.assert_array_equal(after.pixels[~hole], before.pixels[~hole])


@pytest.mark.parametrize("mode", ["LA", "P"])
def test_what_was_erased_in_grey_or_a_palette(mode: str, scene: Pixels, tmp_path: Path) -> None:
    copy = deidentified_copy(with_hole(scene, "PNG", mode=mode), None, tmp_path)
    assert copy.erased
    assert (decode_photograph(copy.content).pixels[ERASED] == hiding.FILL).all()


def test_the_eyes_are_hidden_beside_what_was_erased(scene: Pixels, hidden: np.ndarray, tmp_path: Path) -> None:
    """Whatever the size at which the eyes were found."""
    copy = deidentified_copy(with_hole(scene, "PNG"), hidden[::2, ::2], tmp_path)
    pixels = decode_photograph(copy.content).pixels
    assert (pixels[ERASED] == hiding.FILL).all()
    assert (pixels[hidden] == hiding.FILL).all()


def test_a_picture_that_is_opaque_stays_as_it_is(scene: Pixels, tmp_path: Path) -> None:
    """A channel that hides nothing is none; what else a TIFF holds beside its colours is not handed on."""
    content = io.BytesIO()
    Image.fromarray(scene).convert("RGBA").save(content, "PNG")
    copy = deidentified_copy(content.getvalue(), None, tmp_path)
    assert (copy.anew, copy.erased) == (False, False)
    content = io.BytesIO()
    Image.fromarray(scene).convert("RGBA").save(content, "TIFF")
    copy = deidentified_copy(content.getvalue(), None, tmp_path)
    assert (copy.anew, copy.erased) == (True, False)
    np.testing.assert_array_equal(decode_photograph(copy.content).pixels, scene)


def test_types_that_cannot_be_cleaned_become_png(scene: Pixels, tmp_path: Path) -> None:
    """HEIC is written anew with the pixels that the measurement reads."""
    import pillow_heif

    content = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(scene)).save(content, quality=90)
    copy = deidentified_copy(content.getvalue(), None, tmp_path)
    assert copy.suffix == ".png"
    np.testing.assert_array_equal(decode_photograph(copy.content).pixels, decode_photograph(content.getvalue()).pixels)
