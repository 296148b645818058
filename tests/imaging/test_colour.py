"""Colour profiles are applied by what they hold, to every kind of picture, and Adobe RGB where only EXIF tells it."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from reepi.core.images import Pixels
from reepi.imaging.adobe_rgb import ADOBE_RGB
from reepi.imaging.colour_profile import HEADER_BYTES, assembled_profile, cleaned_profile
from reepi.imaging.reading import decode_photograph
from reepi.imaging.srgb_profiles import is_srgb

SKIN = (214, 110, 100)

SRGB = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}
DISPLAY_P3 = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
"""XYZ under D50 of primaries, as the profiles of sRGB and Display P3 give them."""

SRGB_CURVE = b"para\0\0\0\0" + struct.pack(
    ">HH5i",
    3,
    0,
    *(round(v * 65536) for v in (2.4, 1 / 1.055, 0.055 / 1.055)),
    round(65536 / 12.92),
    round(0.04045 * 65536),
)
LINEAR = b"curv\0\0\0\0" + struct.pack(">I", 0)

BY_NAME = ["DCI-P3 D65 Gamut with sRGB Transfer", "Display P3 Gamut with sRGB Transfer", "sRGB", "Display P3"]


def xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def header(space: bytes, version: int) -> bytes:
    content = bytearray(HEADER_BYTES)
    content[8], content[12:24], content[36:40] = version, b"mntr" + space + b"XYZ ", b"acsp"
    content[68:80] = bytes.fromhex("0000f6d6000100000000d32d")
    return bytes(content)


def profile(name: str, primaries: dict[bytes, tuple[float, ...]], curve: bytes = SRGB_CURVE, version: int = 4) -> bytes:
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    numbers = {**{tag: xyz(values) for tag, values in primaries.items()}, **curves, b"wtpt": xyz((0.9642, 1, 0.8249))}
    return assembled_profile(header(b"RGB ", version), name, numbers)


def grey_profile(curve: bytes) -> bytes:
    return assembled_profile(header(b"GRAY", 2), "grey", {b"kTRC": curve, b"wtpt": xyz((0.9642, 1, 0.8249))})


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def patch(colour: tuple[int, ...] = SKIN, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (96, 80), colour)


def read(content: bytes) -> list[int]:
    pixels: Pixels = decode_photograph(content).pixels
    return [int(value) for value in pixels[40, 48]]


def by_littlecms(colour: tuple[int, ...], content: bytes) -> list[int]:
    source = ImageCms.ImageCmsProfile(io.BytesIO(content))
    image = ImageCms.profileToProfile(patch(colour), source, ImageCms.createProfile("sRGB"))
    return [int(value) for value in np.asarray(image)[40, 48]]


@pytest.mark.parametrize("version", [2, 4])
@pytest.mark.parametrize("name", BY_NAME)
def test_the_numbers_of_a_profile_count_and_not_its_name(name: str, version: int) -> None:
    """Telephones name the curve of sRGB in profiles of other primaries."""
    wide = profile(name, DISPLAY_P3, version=version)
    want = by_littlecms(SKIN, wide)
    assert want[0] > SKIN[0] + 10
    assert read(saved(patch(), icc_profile=wide)) == want
    assert read(saved(patch(), icc_profile=cleaned_profile(wide))) == want


def test_srgb_under_another_name_changes_nothing() -> None:
    """Its pixels are handed on bit for bit, also those at the ends of the range."""
    noise = np.random.default_rng(0).integers(0, 256, (80, 96, 3)).astype(np.uint8)
    own = profile("my screen", SRGB)
    assert is_srgb(own)
    content = saved(Image.fromarray(noise), icc_profile=own)
    np.testing.assert_array_equal(decode_photograph(content).pixels, noise)


def test_which_profiles_are_srgbs() -> None:
    """LittleCMS's own is, one without its curve is not, and one that nobody can read counts as such."""
    assert is_srgb(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    assert not is_srgb(profile("sRGB", SRGB, LINEAR))
    assert not is_srgb(profile("sRGB", SRGB, b"curv\0\0\0\0" + struct.pack(">IHxx", 1, round(2.2 * 256))))
    assert not is_srgb(grey_profile(LINEAR))
    assert is_srgb(b"no profile")


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_with_alpha_has_its_profile_too(mode: str, kind: str) -> None:
    """Alpha is dropped without mixing in a background, and then the profile is applied."""
    wide = profile("Display P3", DISPLAY_P3)
    image = patch((*SKIN, 30)[: len(mode)], mode)
    assert read(saved(image, kind, icc_profile=wide)) == by_littlecms(SKIN, wide)


def test_a_palette_has_its_profile_too() -> None:
    """Its colours are looked up first."""
    wide = profile("Display P3", DISPLAY_P3)
    image = Image.new("P", (96, 80), 1)
    image.putpalette([0, 0, 0, *SKIN])
    assert read(saved(image, icc_profile=wide)) == by_littlecms(SKIN, wide)


@pytest.mark.parametrize("mode", ["L", "LA", "I;16"])
def test_grey_has_its_profile_too(mode: str) -> None:
    """Linear light of 55 / 255 is 128 in sRGB (IEC 61966-2-1), by a profile of grey or of colours."""
    stored = {"L": 55, "LA": (55, 30), "I;16": 55 * 257}[mode]
    for linear in (grey_profile(LINEAR), profile("linear", SRGB, LINEAR)):
        image = Image.new(mode, (96, 80), stored)
        np.testing.assert_allclose(read(saved(image, icc_profile=linear)), 128, atol=1)


def test_a_profile_of_another_colour_model_counts_as_none() -> None:
    """A picture in colour cannot be in a profile of grey."""
    assert read(saved(patch(), icc_profile=grey_profile(LINEAR))) == list(SKIN)


def camera(colour_space: int, index: str) -> bytes:
    exif = Image.Exif()
    exif[0x8769] = {0xA001: colour_space, 0xA005: {1: index}}
    return exif.tobytes()


STORED = (190, 110, 100)
"""The skin in Adobe RGB, by the matrices of Lindbloom (brucelindbloom.com) under D65 and the power 2.19921875."""


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_adobe_rgb_that_only_exif_tells(kind: str) -> None:
    """Cameras write no profile, but a colour space of its own and an index of interoperability."""
    options = {"quality": 97, "subsampling": 0} if kind == "JPEG" else {}
    told = saved(patch(STORED), kind, exif=camera(65535, "R03"), **options)
    np.testing.assert_allclose(read(told), SKIN, atol=2)
    for space, index in ((1, "R03"), (65535, "R98"), (1, "R98")):
        plain = saved(patch(STORED), kind, exif=camera(space, index), **options)
        np.testing.assert_allclose(read(plain), STORED, atol=2)


def test_a_profile_has_the_word_over_exif() -> None:
    """A program that converts a picture may leave the camera's EXIF as it was."""
    content = saved(patch(), exif=camera(65535, "R03"), icc_profile=profile("sRGB", SRGB))
    assert read(content) == list(SKIN)


def test_the_profile_of_adobe_rgb_says_what_littlecms_reads() -> None:
    """A program of others reads it, and comes to the same colours; nothing in it has to be cleaned."""
    np.testing.assert_allclose(by_littlecms(STORED, ADOBE_RGB), SKIN, atol=1)
    assert cleaned_profile(ADOBE_RGB) == ADOBE_RGB
