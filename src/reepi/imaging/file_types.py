"""Which kind of file the bytes are, told by content and never by the file's name."""

from typing import Final, Literal

from reepi.imaging.tiff_tags import DNG_VERSION, PHOTOMETRIC, read_directories

FileType = Literal["jpeg", "png", "tiff", "heic", "avif", "raw", "dicom", "video"]

_BEGINNINGS: Final[tuple[tuple[bytes, FileType], ...]] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"FUJIFILMCCD-RAW", "raw"),
    (b"IIRO", "raw"),
    (b"IIRS", "raw"),
    (b"MMOR", "raw"),
    (b"IIU\0", "raw"),
    (b"FOVb", "raw"),
    (b"II\x1a\0\0\0HEAPCCDR", "raw"),
)
"""First bytes: Fujifilm RAF, Olympus ORF, Panasonic RW2, Sigma X3F and Canon CRW beside the common types."""

_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""Classic TIFF and BigTIFF, either byte order; most camera raw files begin so too."""

_BRANDS: Final[tuple[tuple[frozenset[bytes], FileType], ...]] = (
    (frozenset({b"crx "}), "raw"),
    (frozenset({b"avif", b"avis"}), "avif"),
    (frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}), "heic"),
)
"""Brands of the ISO base media file format (ISO/IEC 23008-12, annex B; AVIF 1.1; Canon CR3), the surest first."""

_SENSOR_COLOURS: Final = frozenset({32803, 34892})
"""Photometric interpretations of camera raw: colour filter array (TIFF/EP) and linear raw (DNG 1.4)."""


def file_type(content: bytes) -> FileType | None:
    """Return the type of the file that ``content`` is, or None if it is no image that is known."""
    for beginning, kind in _BEGINNINGS:
        if content.startswith(beginning):
            return kind
    if content.startswith(_TIFF):
        return "raw" if _from_sensor(content) else "tiff"
    if content[4:8] == b"ftyp":
        return _branded(content)
    # PS3.10: a preamble of 128 bytes, then the prefix.
    return "dicom" if content[128:132] == b"DICM" else None


def _from_sensor(content: bytes) -> bool:
    if content[8:10] == b"CR":
        return True
    directories = read_directories(content)
    return any(
        DNG_VERSION in directory or _SENSOR_COLOURS.intersection(directory.get(PHOTOMETRIC, ()))
        for directory in directories
    )


def _branded(content: bytes) -> FileType:
    length = min(int.from_bytes(content[:4], "big"), 256)
    # The minor version at byte 12 is no brand.
    brands = {content[at : at + 4] for at in (8, *range(16, length, 4))}
    return next((kind for known, kind in _BRANDS if known & brands), "video")
