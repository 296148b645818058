"""Which kinds of TIFF are read: of more than 8 bits only whole numbers of 16, pixel by pixel, with black as zero."""

from typing import Final

from PIL.TiffImagePlugin import TiffImageFile

from reepi.core.errors import PhotographRejected
from reepi.imaging.tiff_tags import BITS, PHOTOMETRIC, read_directories

_PLANAR: Final = 0x011C
_SAMPLE_FORMAT: Final = 0x0153

_WHITE_IS_ZERO: Final = 0
_PLANE_BY_PLANE: Final = 2
_WHOLE_NUMBERS: Final = 1
_BYTE: Final = 8
_TWO_BYTES: Final = 16


def check_kind(image: TiffImageFile) -> None:
    """Reject an opened TIFF of which Pillow would make another picture.

    Raises
    ------
    PhotographRejected
        With the code ``unreadable``.
    """
    tags = image.tag_v2
    bits = _numbers(tags.get(BITS, 1))
    if max(bits) <= _BYTE:
        return
    by_plane = len(bits) > 1 and tags.get(_PLANAR) == _PLANE_BY_PLANE
    whole = set(_numbers(tags.get(_SAMPLE_FORMAT, _WHOLE_NUMBERS))) == {_WHOLE_NUMBERS}
    if by_plane or not whole or set(bits) != {_TWO_BYTES} or tags.get(PHOTOMETRIC) == _WHITE_IS_ZERO:
        raise kind_not_read()


def is_deep_tiff(content: bytes) -> bool:
    """Return whether a file's tags are those of a classic TIFF of more than 8 bits."""
    return any(max(directory.get(BITS, ()), default=1) > _BYTE for directory in read_directories(content))


def kind_not_read() -> PhotographRejected:
    """Return the rejection of a TIFF that is whole, and of a kind that is not read."""
    return PhotographRejected("unreadable", "This kind of TIFF is not read. Export it as JPEG or as 8-bit TIFF.")


def _numbers(value: int | tuple[int, ...]) -> tuple[int, ...]:
    return value if isinstance(value, tuple) else (value,)
