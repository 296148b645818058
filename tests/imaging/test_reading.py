"""Files to photographs: upright, sRGB, at working size, whatever the file is."""

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph, Pixels
from reepi.imaging import reading
from reepi.imaging.assembling import shrunk
from reepi.imaging.exif import Exif
from reepi.imaging.limits import FINE_SIDE, LEAST_FINE_SIDE, WORKING_SIDE, needed_side
from reepi.imaging.reading import at_working_size, decode_finely, decode_photograph, read_photograph

RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 180, 40), (30, 40, 200), (128, 128, 128)
ORIENTATION = 0x0112
EXIF_BLOCK = 0x8769

# How the upright picture must be turned to lie in the file as each EXIF orientation says (EXIF 2.32, tag 274).
STORED = {
    1: lambda p: p,
    2: np.fliplr,
    3: lambda p: np.rot90(p, 2),
    4: np.flipud,
    5: lambda p: np.swapaxes(p, 0, 1),
    6: lambda p: np.rot90(p, 1),
    7: lambda p: np.rot90(np.swapaxes(p, 0, 1), 2),
    8: lambda p: np.rot90(p, -1),
}


def corners(photograph: Photograph) -> list[tuple[int, ...]]:
    height, width = photograph.size
    places = [
        (height // 4, width // 4),
        (height // 4, -width // 4),
        (-height // 4, width // 4),
        (-height // 4, -width // 4),
    ]
    return [tuple(int(value) for value in photograph.pixels[place]) for place in places]


def shows_quarters(photograph: Photograph, tolerance: int = 6) -> bool:
    return np.allclose(corners(photograph), [RED, GREEN, BLUE, GREY], atol=tolerance)


def exif_of(**tags: float) -> Image.Exif:
    exif = Image.Exif()
    block = exif.get_ifd(EXIF_BLOCK)
    numbers = {"focal_35mm": 0xA405, "width": 0xA002, "height": 0xA003}
    for name, value in tags.items():
        if name == "orientation":
            exif[ORIENTATION] = value
        else:
            block[numbers[name]] = value
    return exif


def code_of(content: bytes) -> str:
    with pytest.raises(PhotographRejected) as rejection:
        decode_photograph(content)
    assert rejection.value.explanation.endswith(".")
    return rejection.value.code


def outcome(content: bytes) -> str:
    try:
        decode_photograph(content)
    except PhotographRejected as rejection:
        return rejection.code
    return "read"


class TestUpright:
    @pytest.mark.parametrize("orientation", STORED)
    @pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
    def test_orientation_is_applied_once(
        self, quarters: Pixels, save: Callable[..., Path], orientation: int, ending: str
    ) -> None:
        """Every EXIF orientation, in every file type, gives the same upright picture and original size."""
        stored = np.ascontiguousarray(STORED[orientation](quarters))
        path = save(stored, f"photo{ending}", exif=exif_of(orientation=orientation))
        photograph = read_photograph(path)
        assert shows_quarters(photograph)
        assert photograph.size == photograph.original_size == (240, 320)

    @pytest.mark.parametrize("orientation", STORED)
    def test_upright_undoes_the_turn_and_leaves_its_argument(self, quarters: Pixels, orientation: int) -> None:
        """Turning upright is the inverse of how the orientation stores a picture."""
        stored = np.ascontiguousarray(STORED[orientation](quarters))
        before = stored.copy()
        np.testing.assert_array_equal(Exif(orientation).upright(stored), quarters)
        np.testing.assert_array_equal(stored, before)

    @pytest.mark.parametrize("orientation", [0, 9, 65535])
    def test_orientation_that_does_not_exist_counts_as_none(
        self, quarters: Pixels, save: Callable[..., Path], orientation: int
    ) -> None:
        """Some cameras write 0; the picture stays as it is."""
        assert shows_quarters(read_photograph(save(quarters, exif=exif_of(orientation=orientation))))


class TestSize:
    @pytest.mark.parametrize("size", [(3000, 2000), (2000, 3000), (1025, 700), (4096, 4096)])
    def test_long_side_becomes_the_working_side(self, save: Callable[..., Path], size: tuple[int, int]) -> None:
        """Large photographs shrink, keep their sides' ratio and remember their original size."""
        width, height = size
        photograph = read_photograph(save(Image.new("RGB", size, RED)), working_side=512)
        assert max(photograph.size) == 512
        assert photograph.original_size == (height, width)
        assert photograph.size[1] / photograph.size[0] == pytest.approx(width / height, rel=0.005)

    @pytest.mark.parametrize(("ending", "long_side"), [(".jpg", 3840), (".jpg", 4032), (".jpg", 5000), (".png", 2400)])
    def test_the_working_copy_follows_from_the_finer_one(
        self, quarters: Pixels, save: Callable[..., Path], ending: str, long_side: int
    ) -> None:
        """Whether or not a card is sought in the finer copy, the working pixels are the same."""
        large = Image.fromarray(quarters).resize((long_side, long_side * 3 // 4))
        content = save(large, f"photo{ending}", exif=exif_of(focal_35mm=26, orientation=6)).read_bytes()
        fine, photograph = decode_finely(content), decode_photograph(content)
        assert LEAST_FINE_SIDE <= max(fine.size) <= FINE_SIDE
        assert photograph.size == (WORKING_SIDE, WORKING_SIDE * 3 // 4)
        assert photograph.original_size == fine.original_size == (long_side, long_side * 3 // 4)
        np.testing.assert_array_equal(at_working_size(fine).pixels, photograph.pixels)
        assert photograph.focal_px == pytest.approx(1280 * 26 / 43.267, rel=1e-3)

    def test_twelve_megapixels_are_decoded_at_half_their_size(self, save: Callable[..., Path]) -> None:
        """The whole of them takes twice as long, and a card is found as well in 2016 pixels as in 2048."""
        content = save(Image.new("RGB", (4032, 3024), RED), "photo.jpg").read_bytes()
        assert decode_finely(content).size == (1512, 2016)

    def test_small_photographs_stay(self, quarters: Pixels, save: Callable[..., Path]) -> None:
        """Nothing is gained by enlarging."""
        assert read_photograph(save(quarters), working_side=1024).size == (240, 320)

    @pytest.mark.parametrize("ending", [".jpg", ".png"])
    def test_shrinking_keeps_places(self, quarters: Pixels, save: Callable[..., Path], ending: str) -> None:
        """The borders of the quarters stay in the middle, also when a JPEG is decoded at a fraction of its size."""
        large = quarters.repeat(10, axis=0).repeat(10, axis=1)
        photograph = read_photograph(save(large, f"photo{ending}"), working_side=160)
        assert shows_quarters(photograph)
        # Red left of the middle column, green right of it.
        row = photograph.pixels[30].astype(int)
        assert row[78, 0] > row[78, 1]
        assert row[81, 0] < row[81, 1]


class TestColour:
    def test_grey_and_alpha_and_palette(self, save: Callable[..., Path]) -> None:
        """Grey is repeated, alpha is dropped without mixing in a background, a palette is looked up."""
        grey = read_photograph(save(Image.new("L", (80, 80), 77), "grey.png"))
        clear = read_photograph(save(Image.new("RGBA", (80, 80), (*GREEN, 0)), "clear.png"))
        palette = read_photograph(save(Image.new("RGB", (80, 80), BLUE).quantize(4), "palette.png"))
        assert (grey.pixels == 77).all()
        assert (clear.pixels == GREEN).all()
        np.testing.assert_allclose(palette.pixels[40, 40], BLUE, atol=2)

    @pytest.mark.parametrize("ending", [".png", ".tif"])
    def test_sixteen_bits(self, save: Callable[..., Path], ending: str) -> None:
        """The high byte of 16 bits is the 8-bit value: 0x8000 is middle grey."""
        values = np.full((80, 80), 0x8000, np.uint16)
        assert (read_photograph(save(Image.fromarray(values), f"deep{ending}")).pixels == 0x80).all()

    def test_profile_is_applied(self, quarters: Pixels, save: Callable[..., Path]) -> None:
        """A picture in linear light says so in its profile and comes out in sRGB (IEC 61966-2-1 transfer curve)."""
        linear = 0.2140  # linear light of sRGB 0.5
        stored = np.full((80, 80, 3), round(linear * 255), np.uint8)
        path = save(stored, "linear.png", icc_profile=linear_profile())
        np.testing.assert_allclose(read_photograph(path).pixels, 128, atol=3)

    def test_damaged_profile_counts_as_srgb(self, quarters: Pixels, save: Callable[..., Path]) -> None:
        """A profile that cannot be read does not cost the photograph."""
        assert shows_quarters(read_photograph(save(quarters, icc_profile=b"no profile")))

    def test_cmyk(self, save: Callable[..., Path]) -> None:
        """Print colours become sRGB."""
        pixels = read_photograph(save(Image.new("CMYK", (80, 80), (0, 255, 255, 0)))).pixels
        assert pixels[40, 40, 0] > 200 > 60 > pixels[40, 40, 1]


def linear_profile() -> bytes:
    """Return a profile with sRGB primaries and a gamma of 1: the curves of the sRGB profile replaced."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", profile[128:132])[0]
    for entry in range(count):
        tag, offset, _ = struct.unpack(">4sII", profile[132 + 12 * entry : 144 + 12 * entry])
        if tag in (b"rTRC", b"gTRC", b"bTRC"):
            profile[offset : offset + 16] = b"para\0\0\0\0" + struct.pack(">HHi", 0, 0, 1 << 16)
    return bytes(profile).replace("sRGB built-in".encode("utf-16-be"), "linear  light".encode("utf-16-be"))


class TestFocalLength:
    def test_equivalent_focal_length(self, save: Callable[..., Path]) -> None:
        """43.27 mm equivalent is the diagonal itself: 500 px for 300 x 400."""
        path = save(Image.new("RGB", (400, 300), RED), exif=exif_of(focal_35mm=43))
        assert read_photograph(path).focal_px == pytest.approx(500 * 43 / 43.267, rel=1e-3)

    def test_it_scales_with_the_photograph(self, save: Callable[..., Path]) -> None:
        """At half the size the focal length has half the pixels."""
        path = save(Image.new("RGB", (400, 300), RED), exif=exif_of(focal_35mm=50))
        whole, half = read_photograph(path), read_photograph(path, working_side=200)
        assert half.focal_px == pytest.approx(whole.focal_px / 2, rel=1e-6)

    @pytest.mark.parametrize(
        "tags", [{}, {"focal_35mm": 0}, {"focal_35mm": 9999}, {"focal_35mm": 26, "width": 4000, "height": 2000}]
    )
    def test_unknown(self, save: Callable[..., Path], tags: dict[str, int]) -> None:
        """No tag, an impossible value, or a crop (the recorded sides have another ratio) leave it unknown."""
        assert read_photograph(save(Image.new("RGB", (400, 300), RED), exif=exif_of(**tags))).focal_px is None


class TestRejection:
    def test_missing_and_folder(self, tmp_path: Path) -> None:
        """A file that is not there, or is a folder, is missing."""
        for path in (tmp_path / "nothing.jpg", tmp_path):
            with pytest.raises(PhotographRejected) as rejection:
                read_photograph(path)
            assert rejection.value.code == "missing"

    @pytest.mark.parametrize(("listed", "there"), [("a.jpg", "A.JPG"), ("br\u00e2s.jpg", "bra\u0302s.jpg")])
    def test_missing_under_another_spelling(self, tmp_path: Path, listed: str, there: str) -> None:
        """Other capitals, or an accent apart from its letter, as other systems write them: the file there is named."""
        (tmp_path / there).touch()
        if (tmp_path / listed).exists():
            pytest.skip("This file system takes both names for one.")
        with pytest.raises(PhotographRejected, match=f"one spelt '{there}'"):
            read_photograph(tmp_path / listed)

    def test_empty(self, tmp_path: Path) -> None:
        """An empty file is told apart from a damaged one."""
        (tmp_path / "empty.jpg").touch()
        with pytest.raises(PhotographRejected, match="empty"):
            read_photograph(tmp_path / "empty.jpg")

    def test_large_file_is_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The size of a file is checked before its content is taken into memory."""
        path = tmp_path / "huge.jpg"
        with path.open("wb") as file:
            file.truncate(reading.MAX_FILE_BYTES + 1)
        monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("read in spite of its size"))
        with pytest.raises(PhotographRejected, match="too_large"):
            read_photograph(path)

    @pytest.mark.parametrize("side", [13_000, 60_000])
    def test_decompression_bomb(self, side: int) -> None:
        """A small file that would unpack to more pixels than allowed is rejected before it is unpacked."""
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000)))
        assert code_of(content + chunk(b"IEND", b"")) == "too_large"

    def test_too_small(self, save: Callable[..., Path]) -> None:
        """A thumbnail holds nothing to measure."""
        assert code_of(save(Image.new("RGB", (500, 20), RED), "strip.png").read_bytes()) == "too_small"

    @pytest.mark.parametrize(
        "content", [b"not an image", b"%PDF-1.7", b"GIF89a" + bytes(100), b"\0" * 5000, b"\xff\xd8\xff"]
    )
    def test_wrong_content(self, content: bytes) -> None:
        """Content decides, not the name; other image types are not read either."""
        assert code_of(content) == "unreadable"

    def test_heic_is_told(self) -> None:
        """The format of many telephones gets its own remedy."""
        with pytest.raises(PhotographRejected, match="HEIC"):
            decode_photograph(b"\0\0\0\x18ftypheic" + bytes(100))

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
    @pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
    def test_truncated(self, save: Callable[..., Path], share: float, ending: str) -> None:
        """A file that ends early is rejected, not filled with grey."""
        noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
        content = save(noise, f"noise{ending}").read_bytes()
        assert code_of(content[: int(len(content) * share)]) in {"truncated", "unreadable"}

    def test_truncated_jpeg_is_named_so(self, jpeg: bytes) -> None:
        """A copy that stopped half-way is the usual case, and gets its own reason."""
        assert code_of(jpeg[: len(jpeg) * 2 // 3]) == "truncated"

    @pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
    @pytest.mark.parametrize("mode", ["RGB", "L"])
    def test_a_jpeg_without_its_lower_part(self, mode: str, share: float) -> None:
        """Rescued files end where the data do, or have a hole of zeros; the decoder fills the rest with grey."""
        content = encoded(textured(0), mode)
        kept = int(len(content) * share)
        assert code_of(content[:kept] + b"\xff\xd9") == "truncated"
        assert code_of(content[:kept] + bytes(4096) + content[kept + 4096 :]) == "truncated"

    @pytest.mark.parametrize("options", [{}, {"restart_marker_blocks": 5}])
    def test_a_jpeg_with_a_damaged_part(self, options: dict[str, int]) -> None:
        """Bytes that are no picture any more shift all that follows; bytes that are too many harm nothing."""
        content = encoded(textured(0), "RGB", **options)
        middle = len(content) // 2
        noise = np.random.default_rng(5).integers(0, 256, 300, np.uint8).tobytes().replace(b"\xff", b"")
        assert code_of(content[:middle] + noise + content[middle + 700 :]) == "truncated"
        more = decode_photograph(content[:-2] + bytes(20) + content[-2:])
        assert np.array_equal(more.pixels, decode_photograph(content).pixels)

    @pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
    @pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"subsampling": 1}, {"progressive": True}])
    @pytest.mark.parametrize("size", [(417, 301), (4001, 2999)])
    def test_a_jpeg_has_the_pixels_that_pillow_gives_it(
        self, mode: str, options: dict[str, int], size: tuple[int, int]
    ) -> None:
        """Whole, or at the fraction that is nearest above what is needed."""
        content = encoded(textured(0).resize(size), mode, **options)
        plain = Image.open(io.BytesIO(content))
        scale = needed_side(FINE_SIDE) / max(size)
        plain.draft("RGB", (max(1, int(size[0] * scale)), max(1, int(size[1] * scale))))
        expected = shrunk(np.asarray(plain.convert("RGB")), FINE_SIDE)
        assert np.array_equal(decode_finely(content).pixels, expected)

    @pytest.mark.parametrize("options", [{}, {"optimize": True}, {"subsampling": 0}, {"restart_marker_blocks": 5}])
    @pytest.mark.parametrize("border", [20, 60, 300, 400])
    def test_a_grey_border_is_a_part_of_the_picture(self, border: int, options: dict[str, int]) -> None:
        """The same grey that the file itself holds is no damage."""
        for mode in ("RGB", "L"):
            picture = encoded(textured(border), mode, **options)
            assert (decode_photograph(picture).pixels[-8:] == 128).all()

    @settings(max_examples=60)
    @given(data=st.data())
    def test_damage_never_escapes(self, data: st.DataObject) -> None:
        """Whatever bytes change, the answer is a photograph or a rejection, never another error."""
        content = bytearray(SMALL_FILES[data.draw(st.sampled_from(sorted(SMALL_FILES)))])
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        assert outcome(bytes(content)) in {"read", "unreadable", "truncated", "too_large", "too_small"}


def textured(border: int) -> Image.Image:
    """A shaded picture with a little noise, 600 wide and 400 high, over a border of grey."""
    rows, columns = np.mgrid[:400, :600]
    shade = 150 + 60 * np.sin(rows / 50) * np.cos(columns / 40)
    pixels = shade[..., None] + np.random.default_rng(2).integers(-6, 7, (400, 600, 3))
    pixels[400 - border :] = 128
    return Image.fromarray(pixels.astype(np.uint8))


def encoded(image: Image.Image, mode: str, **options: int) -> bytes:
    content = io.BytesIO()
    image.convert(mode).save(content, "JPEG", **options)
    return content.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def small_file(kind: str) -> bytes:
    content = io.BytesIO()
    Image.radial_gradient("L").resize((90, 70)).convert("RGB").save(content, kind, exif=exif_of(orientation=6))
    return content.getvalue()


SMALL_FILES = {kind: small_file(kind) for kind in ("JPEG", "PNG", "TIFF")}
