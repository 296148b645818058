"""A change of a mask as a value: what stood in a rectangle before and what stands there after."""

import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Mask
from reepi.core.tissue import UNLABELLED, Tissue

Place = tuple[float, float]
"""Row and column of a place in a photograph [px]; a pixel's centre has whole numbers."""

_HEAD: Final = struct.Struct("<4sIIII")
_MARK: Final = b"RPP1"
_PACKING: Final = 1
"""Level of zlib: masks are long runs, so the fastest level packs them nearly as small as the slowest."""


@dataclass(frozen=True, eq=False)
class Patch:
    """A change of a rectangle of a mask.

    Parameters
    ----------
    top, left : int
        Row and column of the rectangle's first pixel.
    before, after : (h, w) uint8
        Tissue of each pixel of the rectangle; kept frozen.
    """

    top: int
    left: int
    before: Mask
    after: Mask

    def __post_init__(self) -> None:
        if self.before.ndim != 2 or self.before.shape != self.after.shape:
            raise ValueError(f"before {self.before.shape} and after {self.after.shape} must be one rectangle")
        if self.top < 0 or self.left < 0:
            raise ValueError(f"a patch begins inside the mask, not at ({self.top}, {self.left})")
        for name in ("before", "after"):
            frozen = np.array(getattr(self, name), np.uint8)
            frozen.setflags(write=False)
            object.__setattr__(self, name, frozen)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Patch):
            return NotImplemented
        return self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[int, int, tuple[int, ...], bytes, bytes]:
        return self.top, self.left, self.before.shape, self.before.tobytes(), self.after.tobytes()

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the rectangle, to index a mask or a layer's array with."""
        height, width = self.before.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    @property
    def inverse(self) -> "Patch":
        """The change that takes this one back."""
        return Patch(self.top, self.left, self.after, self.before)

    def apply(self, mask: Mask) -> None:
        """Change a mask (H, W) in place.

        Raises
        ------
        ValueError
            The mask does not hold there what the change begins with: it belongs to another mask or another moment.
        """
        if not np.array_equal(mask[self.window], self.before):
            raise ValueError("this change begins with another mask than the one it is applied to")
        mask[self.window] = self.after

    def packed(self) -> bytes:
        """Return the change as bytes; see `unpacked`."""
        height, width = self.before.shape
        content = zlib.compress(self.before.tobytes() + self.after.tobytes(), _PACKING)
        return _HEAD.pack(_MARK, self.top, self.left, height, width) + content

    @classmethod
    def unpacked(cls, content: bytes) -> "Patch":
        """Return the change that `packed` turned into bytes.

        Raises
        ------
        ValueError
            The bytes are no change of a mask, or are damaged.
        """
        try:
            mark, top, left, height, width = _HEAD.unpack_from(content)
            pixels = np.frombuffer(zlib.decompress(content[_HEAD.size :]), np.uint8)
            before, after = pixels.reshape(2, height, width)
        except (struct.error, zlib.error, ValueError) as error:
            raise ValueError(f"these bytes are no change of a mask ({error})") from error
        if mark != _MARK:
            raise ValueError("these bytes are no change of a mask (another mark)")
        return cls(top, left, before, after)


@dataclass(frozen=True, eq=False)
class Area:
    """Some pixels of a photograph.

    Parameters
    ----------
    top, left : int
        Row and column of the first pixel of the rectangle around them.
    inside : (h, w) bool
        Which pixels of the rectangle are meant.
    """

    top: int
    left: int
    inside: npt.NDArray[np.bool_]

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the rectangle."""
        height, width = self.inside.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def relabelled(mask: Mask, area: Area, tissue: int, over: Collection[int] | None = None) -> Patch | None:
    """Return the change that gives an area another tissue.

    Parameters
    ----------
    mask : (H, W) uint8
        Tissue of each pixel; stays as it is.
    area : Area
        Which pixels.
    tissue : int
        What they become: a `Tissue`, or `UNLABELLED`.
    over : collection of int, optional
        What may be painted over; everything if not given.

    Returns
    -------
    Patch or None
        The smallest rectangle around what changes; None if nothing does.
    """
    check_value(tissue)
    before = mask[area.window]
    changes = area.inside & (before != tissue)
    if over is not None:
        changes &= one_of(over)[before]
    after = before.copy()
    after[changes] = tissue
    return difference(before, after, area.top, area.left)


def difference(before: Mask, after: Mask, top: int = 0, left: int = 0) -> Patch | None:
    """Return the change between two states of a rectangle of a mask.

    Parameters
    ----------
    before, after : (h, w) uint8
        Tissue of each pixel of the rectangle; the whole mask, if it begins at its first pixel.
    top, left : int, optional
        Row and column of the rectangle's first pixel.

    Returns
    -------
    Patch or None
        The smallest rectangle around what differs; None if nothing does.
    """
    col, row, width, height = cv2.boundingRect((before != after).view(np.uint8))
    if not width:
        return None
    inner = slice(row, row + height), slice(col, col + width)
    return Patch(top + row, left + col, before[inner], after[inner])


def one_of(values: Collection[int]) -> npt.NDArray[np.bool_]:
    """Return a table (256,) that says of each mask value whether it is one of some."""
    table = np.zeros(256, np.bool_)
    table[[check_value(value) for value in values]] = True
    return table


def check_value(tissue: int) -> int:
    """Return a mask value unchanged if it is one.

    Raises
    ------
    ValueError
        It is neither a tissue nor unlabelled.
    """
    if tissue != UNLABELLED and not 0 <= tissue < len(Tissue):
        raise ValueError(f"{tissue} is no mask value; use a Tissue, or UNLABELLED")
    return int(tissue)


def pixel_at(mask: Mask, at: Place) -> tuple[int, int] | None:
    """Return row and column of the pixel that a place lies in, None outside the photograph."""
    row, col = (int(np.floor(value + 0.5)) if np.isfinite(value) else -1 for value in at)
    return (row, col) if 0 <= row < mask.shape[0] and 0 <= col < mask.shape[1] else None
