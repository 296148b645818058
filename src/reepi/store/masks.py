"""Masks of readings: files named by their content, so that one which was changed shows."""

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from reepi.core.errors import Fault, InputError, PhotographRejected
from reepi.core.images import Mask
from reepi.core.reading import NewReading, Reading
from reepi.core.tissue import UNLABELLED, Tissue
from reepi.imaging.limits import MIN_SIDE
from reepi.imaging.reading import decode_photograph
from reepi.imaging.writing import decode_mask, encode_mask
from reepi.store.files import write_bytes
from reepi.store.provenance import bytes_hash
from reepi.store.study import inside

MASKS: Final = "readings/masks"

EXACT_PIXELS: Final = 1 << 24
"""OpenCV counts into 32-bit floats, which hold every whole number only up to here."""


def keep_mask(study: Path, encoded: bytes) -> tuple[str, str]:
    """Write a mask under the name of its content; return file and hash.

    Raises
    ------
    InputError
        The folder of masks leaves the study folder, or a file of that name holds something else.
    """
    digest = bytes_hash(encoded)
    file = f"{MASKS}/{digest}.png"
    path = inside(study, file)
    if path is None:
        raise InputError([Fault(file, "the folder of masks leaves the study folder", "Remove the link.")])
    if not path.exists():
        write_bytes(path, encoded)
    elif path.read_bytes() != encoded:
        raise InputError([Fault(str(path), "the mask of that name was changed", "Restore it from a copy.")])
    return file, digest


def read_mask(study: Path, reading: Reading) -> Mask:
    """Return a reading's mask (H, W) after its hash was checked.

    Raises
    ------
    InputError
        The mask is missing, changed since it was saved, or lies outside the study folder; names it.
    """
    if reading.mask_file is None:
        raise InputError([Fault(reading.photograph, f"{reading.reader}'s reading has no mask", "Read it again.")])
    path = inside(study, reading.mask_file)
    if path is None:
        raise InputError([Fault(reading.mask_file, "it leaves the study folder", "Restore the data base.")])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError([Fault(str(path), "the mask cannot be read", "Restore it from a copy.")]) from error
    if bytes_hash(content) != reading.mask_sha256:
        problem = f"the mask was changed since {reading.reader} saved it"
        raise InputError([Fault(str(path), problem, "Restore it from a copy, or read the photograph again.")])
    try:
        return decode_mask(content)
    except ValueError as error:
        raise InputError([Fault(str(path), str(error), "Read the photograph again.")]) from error


def checked_mask(new: NewReading, content: bytes, mask: Mask | None) -> bytes:
    """Return a mask (H, W) as PNG if it fits its photograph.

    Raises
    ------
    InputError
        It does not.
    """
    problem = "there is no mask" if mask is None else _mask_problem(mask, content)
    if mask is None or problem:
        raise InputError([Fault(new.photograph, problem, "Give the tissue of every pixel of the upright original.")])
    return encode_mask(mask, (mask.shape[0], mask.shape[1]))


def tissue_pixels(mask: Mask) -> dict[int, int]:
    """Return the pixels of a mask (H, W) uint8 by value, of the values that it holds."""
    rows = max(EXACT_PIXELS // max(mask.shape[1], 1), 1)
    counts = np.zeros(UNLABELLED + 1, np.int64)
    for top in range(0, len(mask), rows):
        part = np.ascontiguousarray(mask[top : top + rows])
        counts += cv2.calcHist([part], [0], None, [len(counts)], [0, len(counts)]).ravel().astype(np.int64)
    return {int(value): int(counts[value]) for value in np.flatnonzero(counts)}


def _mask_problem(mask: Mask, content: bytes) -> str:
    if mask.dtype != np.uint8 or mask.ndim != 2:
        return f"the mask is {mask.dtype} of {mask.ndim} dimensions, not uint8 of rows and columns"
    try:
        height, width = decode_photograph(content, MIN_SIDE).original_size
    except PhotographRejected as rejection:
        return str(rejection)
    if mask.shape != (height, width):
        return f"the mask is {mask.shape[1]} x {mask.shape[0]}, the upright photograph {width} x {height}"
    unknown = sorted(set(tissue_pixels(mask)) - {*map(int, Tissue), UNLABELLED})
    return f"the mask holds {', '.join(map(str, unknown))}, which is no tissue" if unknown else ""
