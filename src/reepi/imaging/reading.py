"""Reads a photograph from a file that nobody vouches for: limits first, then decoding, upright and in sRGB."""

import unicodedata
from pathlib import Path

from reepi.core.errors import PhotographRejected
from reepi.core.images import Photograph
from reepi.imaging.assembling import reduced
from reepi.imaging.decoding_process import decode_apart
from reepi.imaging.file_types import file_type
from reepi.imaging.limits import FINE_SIDE, MAX_FILE_BYTES, WORKING_SIDE
from reepi.imaging.pillow_images import decode_with_pillow


def read_photograph(path: Path, working_side: int = WORKING_SIDE) -> Photograph:
    """Read a photograph, upright, 8-bit sRGB, with a long side of at most ``working_side``.

    Parameters
    ----------
    path : Path
        JPEG, PNG, TIFF, HEIC, AVIF, camera raw or DICOM file, told by content.
    working_side : int
        Long side of the result [px]; smaller photographs stay as they are.

    Returns
    -------
    Photograph
        Pixels (H, W, 3), size of the upright original and focal length at working size, if the file tells it.

    Raises
    ------
    PhotographRejected
        With the code ``missing``, ``empty``, ``unreadable``, ``truncated``, ``too_large``, ``too_small`` or
        ``several_pictures``; ``no_memory`` where this machine is short of it now, ``no_extra`` where it lacks what
        reads the file.
    """
    return decode_photograph(read_bytes(path), working_side)


def read_bytes(path: Path) -> bytes:
    """Return the content of a photograph's file after its size was checked.

    Raises
    ------
    PhotographRejected
        The file is missing, empty, too large or cannot be opened.
    """
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise PhotographRejected(
                "missing", "This is no file. Copy the photograph to its place or correct its line."
            )
        if size == 0:
            raise PhotographRejected("empty", "The file has no content. Copy it again from the camera.")
        if size > MAX_FILE_BYTES:
            raise PhotographRejected("too_large", f"The file has {size:,} bytes. Export it below {MAX_FILE_BYTES:,}.")
        return path.read_bytes()
    except FileNotFoundError:
        alike = _spelt_otherwise(path)
        told = "There is no such file. Copy it to its place or correct its line."
        if alike is not None:
            told = f"There is no such file, but one spelt {alike!r}. Rename it or correct its line."
        raise PhotographRejected("missing", told) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PhotographRejected("unreadable", f"The file cannot be opened ({reason}). Check its rights.") from error


def _spelt_otherwise(path: Path) -> str | None:
    """Return the name beside a missing file that differs in capitals or in how accents are coded alone, or None."""

    def plain(name: str) -> str:
        return unicodedata.normalize("NFC", name).casefold()

    try:
        names = sorted(each.name for each in path.parent.iterdir())
    except OSError:
        return None
    return next((name for name in names if plain(name) == plain(path.name)), None)


def decode_photograph(content: bytes, working_side: int = WORKING_SIDE) -> Photograph:
    """Return the photograph that the bytes of a file hold; see `read_photograph`.

    Raises
    ------
    PhotographRejected
        The bytes are no image of a type and size that is read.
    """
    # By way of the finer copy, so that the pixels are the same whether or not anybody wanted that as well.
    return at_working_size(decode_finely(content)) if working_side == WORKING_SIDE else _decoded(content, working_side)


def decode_finely(content: bytes) -> Photograph:
    """Return the finer copy of a photograph, with a long side of at most `FINE_SIDE`; see `decode_photograph`."""
    return _decoded(content, FINE_SIDE)


def at_working_size(fine: Photograph) -> Photograph:
    """Return a photograph at working size from its finer copy."""
    return reduced(fine, WORKING_SIDE)


def _decoded(content: bytes, working_side: int) -> Photograph:
    kind = file_type(content)
    if kind in ("jpeg", "png", "tiff"):
        return decode_with_pillow(content, working_side)
    if kind in ("heic", "avif", "raw", "dicom"):
        return decode_apart(content, kind, working_side)
    if kind == "video":
        raise PhotographRejected("unreadable", "It looks like a video. Give a photograph instead.")
    raise PhotographRejected("unreadable", "The file is no image that is read. Export the photograph as JPEG.")
