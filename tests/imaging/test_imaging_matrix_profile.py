"""Colours through primaries and curves: the same as LittleCMS at 8 bits, which is a program of others."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from reepi.core.errors import PhotographRejected
from reepi.imaging.matrix_profile import MatrixProfile, read_matrix_profile
from reepi.imaging.signalled_colour import SignalledColour, signalled_in

COLOURS = np.random.default_rng(0).integers(0, 256, (40, 50, 3)).astype(np.uint8)
"""Every kind of colour, those outside sRGB included."""

DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
"""XYZ under D50 of the primaries of Display P3, as its ICC profile gives them."""


def profile(primaries: tuple[tuple[float, ...], ...] | None = None, curve: bytes | None = None) -> bytes:
    """Return the sRGB profile with other primaries or another curve."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for entry in range(struct.unpack(">I", content[128:132])[0]):
        tag, offset, _ = struct.unpack(">4sII", content[132 + 12 * entry : 144 + 12 * entry])
        if primaries is not None and tag in (b"rXYZ", b"gXYZ", b"bXYZ"):
            values = primaries[(b"rXYZ", b"gXYZ", b"bXYZ").index(tag)]
            struct.pack_into(">3i", content, offset + 8, *(round(value * 65536) for value in values))
        if curve is not None and tag in (b"rTRC", b"gTRC", b"bTRC"):
            content[offset : offset + len(curve)] = curve
    return bytes(content)


def by_littlecms(colours: np.ndarray, content: bytes) -> np.ndarray:
    source = ImageCms.ImageCmsProfile(io.BytesIO(content))
    target = ImageCms.createProfile("sRGB")
    return np.asarray(ImageCms.profileToProfile(Image.fromarray(colours), source, target))


CURVES = {
    "sRGB": None,
    "gamma 2.2": b"para\0\0\0\0" + struct.pack(">HHi", 0, 0, round(2.2 * 65536)),
    "gamma as a table's entry": b"curv\0\0\0\0" + struct.pack(">IH", 1, round(1.8 * 256)) + b"\0\0",
    "linear": b"curv\0\0\0\0" + struct.pack(">I", 0),
    "table": b"curv\0\0\0\0" + struct.pack(">I6H", 6, 0, 2000, 9000, 22000, 41000, 65535),
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("primaries", [None, DISPLAY_P3])
def test_it_agrees_with_littlecms(curve: str, primaries: tuple[tuple[float, ...], ...] | None) -> None:
    """Every kind of curve, within the rounding of 8 bits."""
    content = profile(primaries, CURVES[curve])
    read = read_matrix_profile(content)
    assert read is not None
    difference = read.srgb(COLOURS).astype(int) - by_littlecms(COLOURS, content)
    assert np.abs(difference).max() <= 2
    assert np.abs(difference).mean() < 0.3


def test_sixteen_bits_and_eight_agree() -> None:
    """The same colours at either depth, 65535 for 255."""
    read = read_matrix_profile(profile(DISPLAY_P3))
    assert read is not None
    np.testing.assert_array_equal(read.srgb(COLOURS.astype(np.uint16) * 257), read.srgb(COLOURS))


@pytest.mark.parametrize("length", [0, 100, 130, 200, 400])
def test_a_damaged_profile_is_none(length: int) -> None:
    """A profile that is cut is not applied by half."""
    assert read_matrix_profile(profile()[:length]) is None


def test_signalled_display_p3_is_the_profile() -> None:
    """Code point 12 with the sRGB curve means Display P3 (ITU-T H.273)."""
    difference = SignalledColour(12, 13).srgb(COLOURS).astype(int) - by_littlecms(COLOURS, profile(DISPLAY_P3))
    assert np.abs(difference).max() <= 3
    assert np.abs(difference).mean() < 0.4


def test_grey_stays_grey_whatever_the_primaries() -> None:
    """All primaries here share the white D65."""
    grey = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    for primaries in (1, 9, 12):
        difference = SignalledColour(primaries, 13).srgb(grey).astype(int) - grey
        assert np.abs(difference).max() <= 1


def test_what_a_file_states_is_found() -> None:
    """The colour box holds primaries, transfer and matrix; sRGB needs nothing done."""
    box = b"\0\0\0\x13colrnclx"
    assert signalled_in(box + bytes([0, 12, 0, 13, 0, 6, 128])) == SignalledColour(12, 13)
    assert signalled_in(box + bytes([0, 1, 0, 13, 0, 6, 128])) is None
    assert signalled_in(box) is None
    assert signalled_in(b"") is None


@pytest.mark.parametrize("transfer", [16, 18])
def test_high_dynamic_range_is_rejected(transfer: int) -> None:
    """PQ and HLG have no one rendering in sRGB."""
    with pytest.raises(PhotographRejected, match="dynamic range"):
        SignalledColour(9, transfer).srgb(COLOURS)


def test_the_identity_changes_nothing() -> None:
    """The curve and primaries of sRGB give back the colours."""
    stored = np.linspace(0, 1, 4096)
    light = np.where(stored <= 0.04045, stored / 12.92, ((stored + 0.055) / 1.055) ** 2.4)
    same = MatrixProfile(np.eye(3), np.stack([light] * 3)).srgb(COLOURS)
    np.testing.assert_array_equal(same, COLOURS)
