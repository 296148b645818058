"""Where two readers of one photograph differ: areas to decide one by one, and the mask of what was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

import cv2
import numpy as np
import numpy.typing as npt

from reepi.core.images import Mask
from reepi.core.reading import agreement
from reepi.core.tissue import UNLABELLED

Choice = Literal["first", "second"]

MOST_AREAS: Final = 99
"""Areas that are decided one by one; smaller ones join the rest, for nobody decides a hundred."""

LEAST_PART: Final = 0.0002
"""Part of a photograph below which an area joins the rest: a square of 50 pixels of 12 megapixels."""

THREADS_PER_SIDE: Final = 5
"""Two readers draw the same border a little apart. Differences narrower than this part of the side of the smallest area
are such borders: they do not tie areas together, and join the rest."""

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Difference:
    """A connected area in which two masks name different tissues, or the rest of small ones.

    Parameters
    ----------
    number : int
        Place in the order in which areas are decided: largest first, the rest last.
    top, left : int
        First row and column [px].
    inside : (h, w) bool
        Which pixels of its bounding box belong to it.
    first, second : int
        Tissue that each reader names at most of its pixels.
    rest : bool
        Whether it gathers what is too small to be decided by itself.
    """

    number: int
    top: int
    left: int
    inside: Flags
    first: int
    second: int
    rest: bool = False

    @property
    def size_px(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.inside))

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of its bounding box."""
        height, width = self.inside.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)


def least_px_of(shape: tuple[int, int]) -> int:
    """Return the size of the smallest area [px] that is decided by itself on a photograph of height and width [px]."""
    return max(1, round(LEAST_PART * shape[0] * shape[1]))


def differences(first: Mask, second: Mask, least_px: int) -> tuple[Difference, ...]:
    """Return the areas in which two readers differ, the largest first and the rest last.

    Where one of them left a pixel unlabelled, the other's tissue stands and they do not differ.

    Parameters
    ----------
    first, second : (H, W) uint8
        Masks of one photograph.
    least_px : int
        Size of the smallest area that is decided by itself [px].

    Raises
    ------
    ValueError
        The masks have different sizes.
    """
    if first.shape != second.shape:
        raise ValueError(f"masks of one photograph must have one size, not {first.shape} and {second.shape}")
    differ = _differ(first, second)
    found: list[Difference] = []
    for top, left, inside in _large(differ, least_px):
        window = slice(top, top + inside.shape[0]), slice(left, left + inside.shape[1])
        differ[window][inside] = False
        found.append(_described(len(found), top, left, inside, first, second))
    rest = _boxed(differ)
    if rest is not None:
        found.append(_described(len(found), *rest, first, second, rest=True))
    return tuple(found)


def decided(first: Mask, second: Mask, areas: Sequence[Difference], choices: Mapping[int, Choice]) -> Mask:
    """Return the mask that an adjudicator made of two, (H, W): what both say, and the chosen reader in each area.

    Parameters
    ----------
    first, second : (H, W) uint8
        Masks of one photograph; left untouched.
    areas : sequence of Difference
        From `differences` of these masks.
    choices : mapping of int to "first" or "second"
        Who is right in the area of each number. Areas that nobody decided stay unlabelled.

    Raises
    ------
    ValueError
        A choice is none, or is of an area that is not there.
    """
    by_number = {area.number: area for area in areas}
    strange = [number for number in choices if number not in by_number]
    if strange or not set(choices.values()) <= set(get_args(Choice)):
        raise ValueError(f"choices must be 'first' or 'second' of areas 0 to {len(areas) - 1}, not {dict(choices)}")
    mask = agreement([first, second]).mask
    for number, choice in choices.items():
        area = by_number[number]
        chosen = (first if choice == "first" else second)[area.window]
        mask[area.window][area.inside] = chosen[area.inside]
    return mask


def _differ(first: Mask, second: Mask) -> Flags:
    return np.asarray((first != second) & (first != UNLABELLED) & (second != UNLABELLED))


def _large(differ: Flags, least_px: int) -> list[tuple[int, int, Flags]]:
    """Return top, left and pixels of the areas that are decided by themselves, the largest first."""
    width = _thread_width(least_px)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(_opened(differ, width), connectivity=4)
    sizes = stats[:, cv2.CC_STAT_AREA]
    # Label 0 is where they do not differ. The order of labels, top left first, decides between equals.
    order = 1 + np.argsort(-sizes[1:count], kind="stable")
    names = np.zeros(count, np.uint8)
    kept = order[sizes[order] >= least_px][:MOST_AREAS]
    names[kept] = np.arange(1, len(kept) + 1)
    named = _with_rims(names[labels], differ, width)
    areas = [_area(named, name, stats[label], width) for name, label in enumerate(kept.tolist(), start=1)]
    return sorted(areas, key=lambda area: -np.count_nonzero(area[2]))


def _area(named: Mask, name: int, stats: npt.NDArray[np.int32], rim: int) -> tuple[int, int, Flags]:
    """Return top, left and pixels of a named area that reaches at most `rim` [px] beyond the box in its statistics."""
    left, top, width, height = (int(value) for value in stats[: cv2.CC_STAT_AREA])
    above, before = max(0, top - rim), max(0, left - rim)
    inside = named[above : top + height + rim, before : left + width + rim] == name
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    tight = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return above + int(rows[0]), before + int(columns[0]), np.asarray(tight)


def _thread_width(least_px: int) -> int:
    """Return the width of a thread [px], odd so that it has a middle; 1 where nothing is narrow."""
    return 2 * (int(np.sqrt(max(least_px, 1)) / THREADS_PER_SIDE) // 2) + 1


def _opened(differ: Flags, width: int) -> Mask:
    """Return differences (H, W) as 0 and 1, without what is narrower than a width [px]."""
    kernel = np.ones((width, width), np.uint8)
    return np.asarray(cv2.morphologyEx(differ.view(np.uint8), cv2.MORPH_OPEN, kernel), np.uint8)


def _with_rims(named: Mask, differ: Flags, width: int) -> Mask:
    """Return named areas (H, W) with the differing pixels at their rims, which opening took off their round corners."""
    wider = np.asarray(cv2.dilate(named, np.ones((width, width), np.uint8)), np.uint8)
    wider *= differ.view(np.uint8)
    return np.asarray(cv2.copyTo(named, named, wider), np.uint8)


def _boxed(inside: Flags) -> tuple[int, int, Flags] | None:
    """Return top, left and pixels of the bounding box of flags (H, W), or None where none is set."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if not len(rows):
        return None
    return int(rows[0]), int(columns[0]), inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()


def _described(
    number: int, top: int, left: int, inside: Flags, first: Mask, second: Mask, rest: bool = False
) -> Difference:
    window = slice(top, top + inside.shape[0]), slice(left, left + inside.shape[1])
    named = [int(np.bincount(mask[window][inside], minlength=1).argmax()) for mask in (first, second)]
    return Difference(number, top, left, inside, named[0], named[1], rest)
