"""HEIC, AVIF, camera raw and 16-bit files become the same photograph as the JPEG of the same scene."""

import io
import struct
import sys
from collections.abc import Callable

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms
from tiff_files import BLACK_IS_ZERO, WHITE_IS_ZERO, tiff

from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, Pixels
from reepi.imaging import pillow_images
from reepi.imaging.damage import NO_EXTRA
from reepi.imaging.deep_images import decode_deep
from reepi.imaging.raw_images import decode_raw
from reepi.imaging.reading import decode_photograph
from reepi.phantom.raw_files import dng_file

RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 180, 40), (30, 40, 200), (128, 128, 128)

# How the upright picture lies in the file for each EXIF orientation (EXIF 2.32, tag 274).
STORED: dict[int, Callable[[Pixels], Pixels]] = {
    1: lambda p: p,
    2: np.fliplr,
    3: lambda p: np.rot90(p, 2),
    4: np.flipud,
    5: lambda p: np.swapaxes(p, 0, 1),
    6: lambda p: np.rot90(p, 1),
    7: lambda p: np.rot90(np.swapaxes(p, 0, 1), 2),
    8: lambda p: np.rot90(p, -1),
}


def exif_of(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8769)[0xA405] = 43
    return exif


def heic(pixels: Pixels, orientation: int = 1) -> bytes:
    """A HEIC whose own transformation and whose EXIF both say how it is turned, as telephones write it."""
    content = io.BytesIO()
    exif = exif_of(orientation).tobytes()
    pillow_heif.encode("RGB", pixels.shape[1::-1], pixels.tobytes(), content, quality=95, exif=exif)
    return content.getvalue()


def avif(pixels: Pixels, orientation: int = 1) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "AVIF", quality=95, exif=exif_of(orientation))
    return content.getvalue()


def deep_tiff(pixels: Pixels, orientation: int = 1) -> bytes:
    """A TIFF of 16 bits; the orientation takes the place of the planar configuration, whose default is the same."""
    uncompressed = [cv2.IMWRITE_TIFF_COMPRESSION, 1]
    tiff = cv2.imencode(".tiff", deep(pixels)[..., ::-1], uncompressed)[1].tobytes()
    planar = struct.pack("<HHII", 284, 3, 1, 1)
    assert tiff.count(planar) == 1
    return tiff.replace(planar, struct.pack("<HHII", 274, 3, 1, orientation))


def deep(pixels: Pixels) -> np.ndarray:
    return pixels.astype(np.uint16) * 257


MADE = {"heic": heic, "avif": avif, "dng": dng_file, "deep tiff": deep_tiff}


def corners(photograph: Photograph) -> list[tuple[int, ...]]:
    rows, cols = photograph.size[0] // 4, photograph.size[1] // 4
    places = [(rows, cols), (rows, -cols), (-rows, cols), (-rows, -cols)]
    return [tuple(int(value) for value in photograph.pixels[place]) for place in places]


def code_of(content: bytes) -> str:
    with pytest.raises(PhotographRejected) as rejection:
        decode_photograph(content)
    return rejection.value.code


class TestUpright:
    @pytest.mark.parametrize("orientation", STORED)
    @pytest.mark.parametrize("kind", MADE)
    def test_orientation_is_applied_once(self, quarters: Pixels, kind: str, orientation: int) -> None:
        """Whether the file, its EXIF or both tell the turn, the picture comes out upright, with its original size."""
        stored = np.ascontiguousarray(STORED[orientation](quarters))
        photograph = decode_photograph(MADE[kind](stored, orientation))
        np.testing.assert_allclose(corners(photograph), [RED, GREEN, BLUE, GREY], atol=6)
        assert photograph.size == photograph.original_size == (240, 320)

    @pytest.mark.parametrize("kind", MADE)
    def test_large_pictures_shrink_and_remember_their_size(self, quarters: Pixels, kind: str) -> None:
        """The long side becomes the working side; the original size is that of the file."""
        photograph = decode_photograph(MADE[kind](quarters), working_side=80)
        np.testing.assert_allclose(corners(photograph), [RED, GREEN, BLUE, GREY], atol=8)
        assert photograph.size == (60, 80)
        assert photograph.original_size == (240, 320)

    @pytest.mark.parametrize("kind", ["heic", "dng"])
    def test_focal_length(self, quarters: Pixels, kind: str) -> None:
        """43.27 mm equivalent is the diagonal itself: 400 px for 240 x 320."""
        make = {"heic": heic, "dng": lambda pixels: dng_file(pixels, focal_35mm=43)}[kind]
        assert decode_photograph(make(quarters)).focal_px == pytest.approx(400 * 43 / 43.267, rel=1e-3)


class TestRaw:
    @pytest.mark.parametrize("brightest", [150, 225, 240, 255])
    def test_skin_looks_the_same_whatever_shines_beside_it(self, brightest: int) -> None:
        """White is the sensor's, so that a lamp that nearly reaches it does not lighten the skin."""
        scene = np.full((400, 600, 3), 60, np.uint8)
        scene[100:300, 150:450], scene[:60, :200] = (190, 140, 120), brightest
        np.testing.assert_allclose(decode_photograph(dng_file(scene)).pixels[200, 300], (190, 140, 120), atol=1)


class TestDepth:
    @pytest.mark.parametrize("ending", [".png", ".tiff"])
    def test_sixteen_bits_are_rounded_after_the_profile(self, ending: str) -> None:
        """Dark steps that 8 linear bits cannot tell apart are apart in sRGB: a ramp of 1 to 40 in 65535 of light."""
        light = np.repeat(np.arange(80, dtype=np.uint16)[None, :] * 3, 80, axis=0)
        content = cv2.imencode(ending, np.repeat(light[..., None], 3, axis=2))[1].tobytes()
        image = Image.open(io.BytesIO(content))
        image.load()
        pixels = decode_deep(content, image, linear_profile(), 512)
        assert pixels is not None
        # Below 0.0031308 of light the sRGB curve is a straight line (IEC 61966-2-1).
        np.testing.assert_allclose(pixels[0, :, 0], np.arange(80) * 3 / 65535 * 12.92 * 255, atol=0.51)
        assert len(np.unique(pixels)) > 8

    @pytest.mark.parametrize("orientation", STORED)
    def test_sixteen_bits_of_a_turned_tiff_are_had(self, quarters: Pixels, orientation: int) -> None:
        """Both decoders turn it alike, so that one can vouch for the other."""
        content = deep_tiff(np.ascontiguousarray(STORED[orientation](quarters)), orientation)
        image = Image.open(io.BytesIO(content))
        image.load()
        np.testing.assert_array_equal(decode_deep(content, image, None, 512), quarters)

    def test_sixteen_bits_count_where_two_decoders_agree(self, quarters: Pixels) -> None:
        """A picture that Pillow sees otherwise is none; its 8 bits are taken."""
        content = deep_tiff(quarters)
        assert decode_deep(content, Image.fromarray(quarters), None, 512) is not None
        assert decode_deep(content, Image.fromarray(quarters[::-1]), None, 512) is None
        assert decode_deep(content, Image.fromarray(quarters[:-1]), None, 512) is None

    def test_ten_bit_heic(self, quarters: Pixels) -> None:
        """More than 8 bits come out as the same 8."""
        content = io.BytesIO()
        pillow_heif.encode("RGB;16", quarters.shape[1::-1], deep(quarters).tobytes(), content, quality=95)
        np.testing.assert_allclose(corners(decode_photograph(content.getvalue())), [RED, GREEN, BLUE, GREY], atol=6)

    def test_grey_heic(self) -> None:
        """A picture of one channel becomes three alike."""
        content = io.BytesIO()
        pillow_heif.encode("L", (96, 80), np.full((80, 96), 77, np.uint8).tobytes(), content, quality=95)
        np.testing.assert_allclose(decode_photograph(content.getvalue()).pixels, 77, atol=2)


def linear_profile() -> bytes:
    """Return a profile of sRGB primaries and no curve."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for entry in range(struct.unpack(">I", profile[128:132])[0]):
        tag, offset, _ = struct.unpack(">4sII", profile[132 + 12 * entry : 144 + 12 * entry])
        if tag in (b"rTRC", b"gTRC", b"bTRC"):
            profile[offset : offset + 16] = b"para\0\0\0\0" + struct.pack(">HHi", 0, 0, 1 << 16)
    return bytes(profile).replace("sRGB built-in".encode("utf-16-be"), "linear  light".encode("utf-16-be"))


class TestSeveralPictures:
    def test_animations_are_not_guessed_at(self, quarters: Pixels) -> None:
        """Which frame shows the patient, nobody knows."""
        image = Image.fromarray(quarters)
        for kind in ("PNG", "AVIF"):
            content = io.BytesIO()
            image.save(content, kind, save_all=True, append_images=[image.rotate(180)])
            assert code_of(content.getvalue()) == "several_pictures"

    def test_pages_of_a_tiff(self, quarters: Pixels) -> None:
        """Two pages of one size are two photographs; a smaller copy behind the photograph is its preview."""
        image = Image.fromarray(quarters)
        for other, code in ((image.rotate(180), "several_pictures"), (image.resize((160, 120)), None)):
            content = io.BytesIO()
            image.save(content, "TIFF", save_all=True, append_images=[other])
            if code is not None:
                assert code_of(content.getvalue()) == code
            else:
                assert corners(decode_photograph(content.getvalue())) == [RED, GREEN, BLUE, GREY]


def grey(pixels: Pixels) -> np.ndarray:
    return deep(pixels)[..., :1]


UNREAD_TIFFS: dict[str, Callable[[Pixels], bytes]] = {
    "16 bits by plane": lambda pixels: tiff(deep(pixels), by_plane=True),
    "five channels of 16 bits": lambda pixels: tiff(np.dstack([deep(pixels), deep(pixels)[..., :2]])),
    "32 bits": lambda pixels: tiff(deep(pixels).astype(np.uint32)),
    "floats": lambda pixels: tiff((pixels / 255).astype(np.float32)),
    "half floats": lambda pixels: tiff((pixels / 255).astype(np.float16)),
    "grey of 16 bits from white": lambda pixels: tiff(grey(pixels), WHITE_IS_ZERO),
    "grey of 16 bits with a sign": lambda pixels: tiff(grey(pixels // 2).astype(np.int16), BLACK_IS_ZERO),
    "grey of 32 bits": lambda pixels: tiff(grey(pixels).astype(np.uint32), BLACK_IS_ZERO),
    "grey of floats": lambda pixels: tiff((grey(pixels) / 65535).astype(np.float32), BLACK_IS_ZERO),
    "grey of 16 bits with alpha": lambda pixels: tiff(deep(pixels)[..., :2], BLACK_IS_ZERO),
}
"""Whole files of which Pillow or OpenCV makes nothing or another picture."""


class TestKindsOfTiff:
    @pytest.mark.parametrize("kind", UNREAD_TIFFS)
    def test_what_is_not_read_is_told_and_never_called_damaged(self, quarters: Pixels, kind: str) -> None:
        """Copying an intact file again would not help; exporting it otherwise does."""
        with pytest.raises(PhotographRejected, match=r"kind of TIFF .* Export it as JPEG"):
            decode_photograph(UNREAD_TIFFS[kind](quarters))

    def test_others_are_read(self, quarters: Pixels) -> None:
        """16 bits by pixel, 8 bits in either order, and grey of either."""
        for content in (tiff(deep(quarters)), tiff(quarters), tiff(quarters, by_plane=True)):
            assert corners(decode_photograph(content)) == [RED, GREEN, BLUE, GREY]
        for values in (quarters[..., :1], grey(quarters)):
            assert [each[0] for each in corners(decode_photograph(tiff(values, BLACK_IS_ZERO)))] == [200, 30, 30, 128]
        white = decode_photograph(tiff(255 - quarters[..., :1], WHITE_IS_ZERO))
        assert [each[0] for each in corners(white)] == [200, 30, 30, 128]

    def test_a_damaged_one_is_still_called_so(self, quarters: Pixels) -> None:
        """Without its tags nobody knows what it was."""
        content = tiff(deep(quarters))
        with pytest.raises(PhotographRejected, match=r"damaged|ends too early"):
            decode_photograph(content[: len(content) * 2 // 3])


class TestRejection:
    @pytest.mark.parametrize("kind", ["heic", "avif", "dng"])
    def test_truncated(self, quarters: Pixels, kind: str) -> None:
        """A copy that stopped half-way is rejected, not filled."""
        noisy = quarters // 2 + np.random.default_rng(0).integers(0, 120, quarters.shape).astype(np.uint8)
        content = MADE[kind](noisy)
        assert code_of(content[: int(len(content) * 0.9)]) in {"truncated", "unreadable"}

    def test_too_small(self) -> None:
        """The limits hold for every type."""
        strip = np.full((32, 200, 3), 90, np.uint8)
        for make in (heic, dng_file):
            assert code_of(make(strip)) == "too_small"

    def test_too_large_by_its_header(self, quarters: Pixels) -> None:
        """A raw file whose header claims more pixels than any camera has is not decoded."""
        content = dng_file(quarters).replace(
            struct.pack("<HHII", 256, 4, 1, 320), struct.pack("<HHII", 256, 4, 1, 65000)
        )
        content = content.replace(struct.pack("<HHII", 257, 4, 1, 240), struct.pack("<HHII", 257, 4, 1, 65000))
        assert code_of(content) in {"too_large", "unreadable"}

    def test_video_and_dicom_without_its_extra_are_named(self) -> None:
        """What is not read is told by name, with what to do."""
        with pytest.raises(PhotographRejected, match="video"):
            decode_photograph(b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(100))

    def test_raw_without_its_extra(self, quarters: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
        """The reason names the extra to install, and has a code that says nothing of the photograph."""
        monkeypatch.setitem(sys.modules, "rawpy", None)
        with pytest.raises(PhotographRejected, match=r"reepi\[raw\]") as rejected:
            decode_raw(dng_file(quarters), 512)
        assert rejected.value.code == NO_EXTRA

    def test_a_jpeg_of_endless_scans(self, quarters: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
        """A progressive JPEG may have as many scans as its pixels allow, and an ordinary one is not counted."""
        files = {}
        for progressive in (False, True):
            content = io.BytesIO()
            Image.fromarray(quarters).save(content, "JPEG", progressive=progressive)
            files[progressive] = content.getvalue()
        decode_photograph(files[True])
        monkeypatch.setattr(pillow_images, "MAX_SCANNED_PIXELS", 240 * 320 * 2)
        decode_photograph(files[False])
        assert code_of(files[True]) == "unreadable"
