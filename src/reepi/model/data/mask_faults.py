"""Finds photographs and masks that cannot be trained on, before training starts."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from reepi.core.errors import Fault
from reepi.core.images import Mask
from reepi.model.data.label_sets import LabelSets

ORIENTATION: Final = 0x0112
"""EXIF tag of how the camera was held; 5 to 8 swap height and width (CIPA DC-008)."""

PNG_HEADER: Final = 26
"""Bytes of a PNG file up to bit depth and colour type (ISO/IEC 15948, 11.2.1)."""

PALETTE: Final = 3
"""Colour type of a PNG file whose pixels are places in a palette."""


JPEG_START: Final = b"\xff\xd8"
JPEG_END: Final = b"\xff\xd9"
"""First and last marker of a JPEG file (ITU T.81, B.1.1.3)."""

JPEG_TAIL: Final = 65536
"""Bytes at the end of a file that the last marker is sought in; some cameras put more behind it."""


@dataclass(frozen=True)
class Checked:
    """What is wrong with a photograph and its mask.

    Parameters
    ----------
    faults : tuple of Fault
        What keeps it from training.
    doubts : tuple of Fault
        What looks wrong, but can be trained on.
    small_hash : bytes
        Hash of the photograph at an eighth of its size: that of every photograph with the same pixels.
    """

    faults: tuple[Fault, ...] = ()
    doubts: tuple[Fault, ...] = ()
    small_hash: bytes = b""


def check_pair(image: Path, mask_file: Path, labels: LabelSets) -> Checked:
    """Return what is wrong with a photograph and its mask; a mask that is not there is told elsewhere.

    The photograph: empty, unreadable or of one colour. The mask: unreadable, colour or palette, another depth or size,
    a value not declared; and, as a doubt, no label at all.
    """
    small_hash, photograph_faults = _seen_small(image)
    if not mask_file.is_file():
        return Checked(tuple(photograph_faults))
    mask, faults = _readable_mask(mask_file, labels)
    faults += photograph_faults
    if mask is None:
        return Checked(tuple(faults))
    faults += _size_faults(image, str(mask_file), mask.shape) + _value_faults(str(mask_file), mask, labels)
    bare = not faults and not labels.encode(mask).any()
    doubt = Fault(str(mask_file), "it labels no pixel, so nothing is learnt from it", "Draw it, or remove the pair.")
    return Checked(tuple(faults), (doubt,) if bare else (), small_hash)


def _readable_mask(mask_file: Path, labels: LabelSets) -> tuple[Mask | None, list[Fault]]:
    where, mask = str(mask_file), cv2.imread(str(mask_file), cv2.IMREAD_UNCHANGED)
    if mask is None:
        problem = "it cannot be read" if mask_file.stat().st_size else "the file is empty"
        return None, [Fault(where, problem, "Export it again as 8-bit PNG.")]
    with mask_file.open("rb") as file:
        *_, depth, colour = file.read(PNG_HEADER)
    if colour == PALETTE:
        remedy = "Save the places in the palette as grey values, one channel of 8 bits."
        return None, [Fault(where, "it is a palette PNG, which is read as colours", remedy)]
    if mask.ndim != 2 or mask.dtype != np.uint8:
        return None, [_channel_fault(where, np.asarray(mask))]
    if depth < 8 and not labels.bits[255]:
        problem = f"it has {depth} bits a pixel, whose values are read stretched to 0 to 255"
        return None, [Fault(where, problem, "Export it with 8 bits a pixel.")]
    return np.asarray(mask, np.uint8), []


def _channel_fault(where: str, mask: np.ndarray) -> Fault:
    channels = 1 if mask.ndim == 2 else mask.shape[2]
    grey = channels >= 3 and mask.dtype == np.uint8 and (mask[..., :3] == mask[..., :1]).all()
    remedy = (
        "Its colours are grey: keep one of the channels as single-channel 8-bit PNG."
        if grey
        else "Export the value of each pixel's class, not its colour, as single-channel 8-bit PNG."
    )
    return Fault(where, f"it has {channels} channels of {mask.dtype}", remedy)


def _seen_small(photograph: Path) -> tuple[bytes, list[Fault]]:
    """Return the hash of a photograph at an eighth of its size, and what is wrong with it."""
    if not photograph.stat().st_size:
        return b"", [Fault(str(photograph), "the file is empty", "Copy it again.")]
    if _breaks_off(photograph):
        return b"", [Fault(str(photograph), "it breaks off before its end", "Copy it again.")]
    # An eighth of the size is decoded in a fraction of the time, and still meets every part of the file.
    small = cv2.imread(str(photograph), cv2.IMREAD_REDUCED_COLOR_8)
    if small is None:
        return b"", [Fault(str(photograph), "it cannot be read", "Export it again as JPEG.")]
    if small.shape[:2] > (1, 1) and (small == small[:1, :1]).all():
        problem = "it is empty: every pixel has the same colour"
        return b"", [Fault(str(photograph), problem, "Export it again, or remove it.")]
    return hashlib.sha256(small.tobytes()).digest(), []


def _breaks_off(photograph: Path) -> bool:
    """Return whether a JPEG lacks its end marker, as half a copy does; it would be read with a grey rest."""
    with photograph.open("rb") as file:
        is_jpeg = file.read(2) == JPEG_START
        file.seek(-min(JPEG_TAIL, photograph.stat().st_size), 2)
        return is_jpeg and JPEG_END not in file.read()


def _size_faults(photograph: Path, where: str, size: tuple[int, ...]) -> list[Fault]:
    try:
        with Image.open(photograph) as image:
            width, height = image.size
            turned = image.getexif().get(ORIENTATION, 1) >= 5
    except (UnidentifiedImageError, OSError):
        return []
    height, width = (width, height) if turned else (height, width)
    if (height, width) == size:
        return []
    problem = f"it is {size[1]} x {size[0]}, its upright photograph {width} x {height}"
    return [Fault(where, problem, "Draw the mask on the upright photograph, in its full size.")]


def _value_faults(where: str, mask: Mask, labels: LabelSets) -> list[Fault]:
    unknown = np.flatnonzero((np.bincount(mask.ravel(), minlength=256) > 0) & ~labels.known)
    if not len(unknown):
        return []
    values = ", ".join(map(str, unknown))
    return [Fault(where, f"it holds values that are not declared: {values}", "Declare them in dataset.toml.")]
